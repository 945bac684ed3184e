"""Postfix's smtp-sink: takes whatever comes, as fast as it comes, and keeps each message in a file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.real.servers import free_ports, program, running, scratch

BACKLOG = "256"


@dataclass(frozen=True)
class SmtpSink:
    """`letters`: the folder of what it took; each file has the envelope's fields before the message's own."""

    port: int
    letters: Path

    def taken(self) -> list[EmailMessage]:
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in self.letters.iterdir()]


@contextmanager
def smtp_sink() -> Iterator[SmtpSink]:
    """It will not run as root, so that the folder is everybody's."""
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    (port,) = free_ports(1)
    with scratch("sink") as folder:
        letters = folder / "letters"
        letters.mkdir()
        letters.chmod(0o777)
        command = [program("smtp-sink"), *user, "-d", f"{letters}/letter.", f"127.0.0.1:{port}", BACKLOG]
        with running(command, folder / "sink.out", port):
            yield SmtpSink(port, letters)
