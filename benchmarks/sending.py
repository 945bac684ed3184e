"""E-mail that is due, by `notify run`, beside smtp-source, a bare aiosmtplib script and django-post_office.

python -m benchmarks.sending [COUNT]    by default 2000 messages; all go to the same sink on this machine
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

from benchmarks import exports
from benchmarks.importing import NOTIFY, notify_import
from benchmarks.sink import Sink, open_sink
from benchmarks.timing import Timing, median_of, timed
from notifycli.channels.base import Outgoing
from notifycli.channels.mail import message_bytes
from notifycli.wording import Particulars, Wording

CONNECTIONS = 10
ROUNDS = 3
DUE = "2026-06-03T12:00:00+02:00"
POST_OFFICE = ["django", "django-post_office"]
CONFIG = """[email]
transport = "smtp"
host = "127.0.0.1"
port = {port}
tls = "none"
connections = {connections}
from = "Nidelv legesenter <post@nidelv.example>"
[limits]
max_due = 0
"""
GOALS = "goals: notify run at least 4 times post_office and 0.8 of bare aiosmtplib; under 150 MiB"
Way = Callable[[Path, Sink, int], Timing]


class Skipped(Exception):
    """A peer cannot be had here; the text says why."""


def main(count: int) -> None:
    print(f"{'messages':>9}  {'what':<28} {'seconds':>8} {'messages/s':>11} {'MiB':>5} {'notify run/this':>16}")
    with tempfile.TemporaryDirectory() as name, open_sink() as sink:
        measure(Path(name), sink, count)
    print(f"sink: {sink.name}; median of {ROUNDS} rounds in turn")
    print(GOALS)


def measure(folder: Path, sink: Sink, count: int) -> None:
    """In turn, so that what else the machine does meets all alike."""
    prepare(folder, sink, count)
    ways: dict[str, Way] = {
        "notify run": notify_run,
        "bare aiosmtplib": bare_aiosmtplib,
        "django-post_office": post_office,
        "smtp-source -s 20": smtp_source,
    }
    found: dict[str, list[Timing]] = {what: [] for what in ways}
    reasons: dict[str, str] = {}
    for _ in range(ROUNDS):
        for what, way in ways.items():
            try:
                if what not in reasons:
                    found[what].append(way(folder, sink, count))
            except Skipped as reason:
                reasons[what] = str(reason)
    ours = median_of(found["notify run"]).seconds
    for what, timings in found.items():
        print(row(count, what, median_of(timings), ours) if timings else f"{count:>9,}  {what:<28} {reasons[what]}")


def row(count: int, what: str, timing: Timing, ours: float) -> str:
    speed = f"{timing.seconds:8.2f} {count / timing.seconds:11,.0f} {timing.peak:5.0f}"
    return f"{count:>9,}  {what:<28} {speed} {timing.seconds / ours:16.2f}"


def prepare(folder: Path, sink: Sink, count: int) -> None:
    """A database in which COUNT dialogs are due, `due.db`, and one message of its kind, `ready.eml`."""
    (folder / "notify.toml").write_text(CONFIG.format(port=sink.port, connections=CONNECTIONS))
    notify_import(folder, exports.write_clinic(folder), exports.SWITCHED_ON)
    files = [write_patients(folder / "patients.csv", count), write_dialogs(folder / "dialogs.csv", count)]
    notify_import(folder, files, DUE)
    with closing(connect(folder / "notify.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (folder / "notify.db").rename(folder / "due.db")
    (folder / "ready.eml").write_bytes(ready_message())


def write_patients(path: Path, count: int) -> Path:
    """All of them to be reached by e-mail."""
    rows = (f"nidelv;P{number:06};kari{number}@post{number % 50}.example;yes;email\n" for number in range(count))
    path.write_text("clinic_id;patient_id;email;consent;preferred_method\n" + "".join(rows))
    return path


def write_dialogs(path: Path, count: int) -> Path:
    rows = (f"nidelv;D{number:06};P{number:06};dialog;{DUE}\n" for number in range(count))
    path.write_text("clinic_id;dialog_id;patient_id;kind;sent_at\n" + "".join(rows))
    return path


def ready_message() -> bytes:
    """As `notify run` sends it, so that all push the same bytes."""
    from zoneinfo import ZoneInfo

    clinic = Particulars("Nidelv legesenter", "https://nidelv.example/portal", None, ZoneInfo("Europe/Oslo"))
    words = Wording().message("dialog", "email", "nb", clinic)
    return message_bytes(
        Outgoing(
            delivery=1,
            channel="email",
            address="kari0@post0.example",
            sender="Nidelv legesenter <post@nidelv.example>",
            subject=words.subject,
            text=words.text,
            html=words.html,
            language="nb",
            message_id="<1.0123456789abcdef@nidelv.example>",
            collapse_key="1",
            sent_on=1_780_000_000,
        )
    )


def notify_run(folder: Path, sink: Sink, count: int) -> Timing:
    for name in ("notify.db", "notify.db-wal", "notify.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copyfile(folder / "due.db", folder / "notify.db")
    timing = timed([NOTIFY, "--db", "notify.db", "--now", DUE, "run"], cwd=str(folder))
    with closing(connect(folder / "notify.db")) as connection:
        (sent,) = connection.execute("SELECT count(*) FROM delivery WHERE status = 'sent'").fetchone()
    if sent != count:
        raise RuntimeError(f"notify run sent {sent} of {count} messages")
    return timing


def bare_aiosmtplib(folder: Path, sink: Sink, count: int) -> Timing:
    script = str(Path(__file__).with_name("bare_smtp.py"))
    return timed([sys.executable, script, str(sink.port), str(count), str(CONNECTIONS), "ready.eml"], cwd=str(folder))


def post_office(folder: Path, sink: Sink, count: int) -> Timing:
    python = python_with_post_office(folder)
    script = str(Path(__file__).with_name("django_peer.py"))
    arguments = [str(sink.port), str(count), "ready.eml"]
    (folder / "post_office.db").unlink(missing_ok=True)
    timed([python, script, "queue", *arguments], cwd=str(folder))
    return timed([python, script, "send", *arguments], cwd=str(folder))


def python_with_post_office(folder: Path) -> str:
    """Of a virtual environment that is made when it is first asked for. Raises Skipped."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *POST_OFFICE]
        done = subprocess.run(install, capture_output=True, text=True)
        if done.returncode:
            raise Skipped(f"skipped: pip cannot install {' and '.join(POST_OFFICE)} here")
    return str(python)


def smtp_source(folder: Path, sink: Sink, count: int) -> Timing:
    """A connection for each message, which is how it is by default; it is written in C."""
    program = shutil.which("smtp-source") or shutil.which("smtp-source", path="/usr/sbin")
    if program is None:
        raise Skipped("skipped: postfix's smtp-source is not installed")
    who = ["-f", "post@nidelv.example", "-t", "kari@post.example"]
    target = f"127.0.0.1:{sink.port}"
    return timed([program, "-s", "20", "-m", str(count), "-l", "2000", *who, target], cwd=str(folder))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
