"""Hosts that run the same crontab: each a folder with its notify.toml. And what came of the messages of all of them.

Knows the command line and the readable views; nothing behind them.
"""

import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.mail_room import MailRoom
from tests.support.case_runner import Answer
from tests.support.processes import NOTIFY, answer_of, environment

IS_LONG = os.environ.get("NOTIFY_LONG_TESTS") == "1"
MESSAGES = 20_000 if IS_LONG else 2_000
A_FEW, LONGEST_BEGINNING = 50, 180.0  # messages of a host with which its run is in its midst; and seconds until then
NOW, LATER, MUCH_LATER = (f"2026-06-03T12:{minute}:00+02:00" for minute in ("00", "01", "20"))
CONNECTIONS = 8
CLINIC = "clinic_id;name;portal_url;sender_email;post\nnidelv;Nidelv;https://nidelv.example;post@nidelv.example;yes\n"
CONFIG = """\
database = "{database}"
{keys}
[limits]
max_due = 0
max_upset = 0
[email]
transport = "smtp"
host = "127.0.0.1"
port = {port}
tls = "none"
connections = {connections}
"""
NUMBER = re.compile(r"<(\d+)\.")


@dataclass(frozen=True)
class Host:
    """`prefix` leads to it. `variables`: of its environment."""

    folder: Path
    mail: MailRoom
    prefix: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begun_in(
        cls, folder: Path, database: str, mail: MailRoom, prefix: tuple[str, ...] = (), keys: str = ""
    ) -> "Host":
        """`keys`: more of notify.toml, above its tables."""
        folder.mkdir()
        config = CONFIG.format(database=database, keys=keys, port=mail.port, connections=CONNECTIONS)
        (folder / "notify.toml").write_text(config)
        return cls(folder, mail, prefix)

    def call(self, *arguments: str, at: str = NOW) -> Answer:
        return answer_of(self._command(arguments, at), self.folder)

    def start(self, *arguments: str, at: str = NOW) -> "subprocess.Popen[str]":
        where = {"cwd": self.folder, "env": environment() | self.variables}
        command = self._command(arguments, at)
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **where)

    def _command(self, arguments: Iterable[str], at: str) -> list[str]:
        return [*self.prefix, *NOTIFY, "--now", at, *arguments]

    def import_messages(self, number: int = MESSAGES) -> None:
        """Dialogs that are due at NOW, each by e-mail to its own patient."""
        ids = range(number)
        tables = {
            "clinics": CLINIC,
            "patients": "clinic_id;patient_id;email;consent;preferred_method\n"
            + "".join(f"nidelv;P{n};p{n}@post.example;yes;email\n" for n in ids),
            "dialogs": "clinic_id;dialog_id;patient_id;kind;sent_at\n"
            + "".join(f"nidelv;D{n};P{n};dialog;2026-06-03T{8 + n // 10_000:02}:{n // 200 % 50:02}\n" for n in ids),
        }
        for kind, text in tables.items():
            (self.folder / f"{kind}.csv").write_text(text)
        answer = self.call("import", "clinics.csv", at="2026-06-01T08:00:00+02:00")
        assert answer.exit == 0, answer
        answer = self.call("import", "patients.csv", "dialogs.csv")
        assert answer.exit == 0, answer


@contextmanager
def running(hosts: Sequence[Host], *options: str) -> Iterator[list["subprocess.Popen[str]"]]:
    """A run of each; what is not over in the end is killed."""
    runs = [host.start(*options, "run") for host in hosts]
    try:
        yield runs
    finally:
        for run in runs:
            run.kill()
            run.communicate()


def wait_for_their_midst(hosts: Sequence[Host]) -> None:
    """Until each has sent some; before, a run decides on all that is due."""
    latest = time.monotonic() + LONGEST_BEGINNING
    while not all(len(host.mail.taken()) > A_FEW for host in hosts):
        assert time.monotonic() < latest, [len(host.mail.taken()) for host in hosts]
        time.sleep(0.05)


@dataclass(frozen=True)
class CameOfThem:
    """By delivery: how often a mail room took it whole, the status that it has, and whether it ever was uncertain."""

    taken: Counter[int]
    statuses: dict[int, str]
    ever_uncertain: set[int]

    @property
    def lost(self) -> set[int]:
        return {number for number, status in self.statuses.items() if status == "sent" and not self.taken[number]}

    @property
    def doubled_silently(self) -> set[int]:
        return {number for number, times in self.taken.items() if times > 1} - self.ever_uncertain

    def must_be_all_right(self, number: int = MESSAGES) -> None:
        assert (self.lost, self.doubled_silently) == (set(), set())
        assert Counter(self.statuses.values()) == {"sent": number}


def came_of(hosts: Sequence[Host], address: str, prefix: tuple[str, ...] = ()) -> CameOfThem:
    """`prefix` leads to where the database at `address` can be reached."""
    mails = {host.mail.book: host.mail for host in hosts}
    letters = [number_of(message_id) for mail in mails.values() for _, message_id in mail.taken()]
    statuses = asked(address, "SELECT delivery, status FROM history", prefix)
    uncertain = asked(address, "SELECT delivery FROM status_changes WHERE status = 'uncertain'", prefix)
    return CameOfThem(
        Counter(letters), {int(number): status for number, status in statuses}, {int(number) for (number,) in uncertain}
    )


def number_of(message_id: str) -> int:
    """Of the delivery."""
    written = NUMBER.match(message_id)
    assert written is not None
    return int(written[1])


def asked(address: str, sql: str, prefix: tuple[str, ...] = ()) -> list[list[str]]:
    """Rows, as psql prints them."""
    command = [*prefix, "psql", "-X", "-A", "-t", "-F", ";", "-c", sql, address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return [line.split(";") for line in done.stdout.splitlines()]
