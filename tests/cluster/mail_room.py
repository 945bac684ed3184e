"""A mail server in a process of its own, so that it can stand on another host: python -m tests.cluster.mail_room.

Writes a line for each message that it took whole, before it answers: when, and its Message-ID. From SIGUSR1 on it
holds its answers back, until SIGUSR2. Knows no test.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from subprocess import Popen
from typing import ClassVar

from tests.real.servers import ended, until
from tests.support.places import TESTS
from tests.support.smtp_server import Script, ScriptedServer, Talk

LISTENS = "listens"


class Desk(Talk):
    """A message is written down and let go, so that memory does not grow with them."""

    held: ClassVar[set["Desk"]] = set()
    is_holding = False
    pace = 0.0
    book: Path

    def take_message(self, message: bytes) -> None:
        with self.book.open("a") as book:
            book.write(f"{time.time()} {message_from_bytes(message)['Message-ID']}\n")
        self.in_message = self.in_transaction = False
        self.server.received.clear()
        if Desk.is_holding:
            Desk.held.add(self)
            return
        asyncio.get_running_loop().call_later(self.pace, self.say, "DOT")

    @classmethod
    def hold(cls) -> None:
        cls.is_holding = True

    @classmethod
    def let_go(cls) -> None:
        cls.is_holding = False
        while cls.held:
            cls.held.pop().say("DOT")


@dataclass(frozen=True)
class MailRoom:
    """`port`: on the loopback of its host."""

    port: int
    book: Path
    process: "Popen[bytes]"

    def taken(self) -> list[tuple[float, str]]:
        """When, by the clock of this machine, and the Message-ID."""
        lines = self.book.read_text().splitlines(keepends=True) if self.book.exists() else []
        return [(float(at), number) for at, number in (line.split() for line in lines if line.endswith("\n"))]

    def hold(self) -> None:
        self.process.send_signal(signal.SIGUSR1)

    def let_go(self) -> None:
        self.process.send_signal(signal.SIGUSR2)


@contextmanager
def mail_room(folder: Path, port: int, pace: float = 0.0, prefix: tuple[str, ...] = ()) -> Iterator[MailRoom]:
    """`pace`: seconds that it takes for each message; `prefix`: of the command, which leads to its host."""
    book, log = folder / f"mail-{port}", folder / f"mail-{port}.log"
    command = [*prefix, sys.executable, "-m", __name__, str(port), str(book), str(pace)]
    with log.open("wb") as output:
        process = Popen(command, cwd=TESTS.parent, stdout=output, stderr=output)
    try:
        until(lambda: process.poll() is not None or LISTENS in log.read_text(), "a mail room", log)
        assert process.poll() is None, log.read_text()
        yield MailRoom(port, book, process)
    finally:
        ended(process)


async def serve(port: int) -> None:
    server = ScriptedServer(Script())
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, Desk.hold)
    loop.add_signal_handler(signal.SIGUSR2, Desk.let_go)
    listening = await loop.create_server(lambda: Desk(server), "127.0.0.1", port)
    print(LISTENS, flush=True)
    await listening.serve_forever()


if __name__ == "__main__":
    Desk.book, Desk.pace = Path(sys.argv[2]), float(sys.argv[3])
    asyncio.run(serve(int(sys.argv[1])))
