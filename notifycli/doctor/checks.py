"""What notify doctor looks at outside of the database: the machine, the settings, the files. Changes nothing.

A trouble becomes a Check, never an exception, so that one does not hide the others. Source: SPEC section 8.
"""

import os
import platform
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from notifycli import __version__, config
from notifycli.config import Settings, nearest
from notifycli.domain.sms_senders import wrong_with_sms_sender
from notifycli.store.sqlite import soundness

OTHERS_MAY_READ, OTHERS_MAY_WRITE = 0o077, 0o022
LITTLE_SPACE, NO_SPACE = 1 << 30, 50 << 20
LARGE_WAL = 256 << 20
UNITS = ((24 * 3600, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True)
class Check:
    """`ok`; `look`: it works and yet wants a look; `broken`: it does not work. The text ends with what to type next."""

    name: str
    state: Literal["ok", "look", "broken"]
    text: str


def of_machine() -> Iterator[Check]:
    text = f"notifycli {__version__}, Python {platform.python_version()}, {soundness.name_and_version()}"
    oldest = soundness.oldest_that_will_do()
    if oldest is not None:
        yield Check("program", "broken", f"{text}; SQLite has to be {oldest} or newer: take a newer Python")
    else:
        yield Check("program", "ok", text)
    try:
        in_july = datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Oslo")).utcoffset()
    except (ZoneInfoNotFoundError, OSError, ValueError):
        in_july = None
    if in_july == timedelta(hours=2):
        yield Check("time zones", "ok", "the data of time zones are there")
    else:
        yield Check("time zones", "broken", "Europe/Oslo is not known here; type: pip install tzdata")


def of_settings(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    from notifycli.wording import Wording, WordingError

    used = f"{settings.path.absolute()} is used" if settings.path else "no notify.toml, so the defaults hold"
    yield Check("settings", "ok", used)
    if settings.path is not None and settings.path.stat().st_mode & OTHERS_MAY_WRITE:
        text = f"other users may write {settings.path}, and so let notify start a program of theirs"
        yield Check("settings", "look", f"{text}; type: chmod go-w {settings.path}")
    senders = {settings.sms.sender: "[sms]"}  # a clinic without its own has everybody's
    for clinic_id, clinic in settings.clinic.items():
        senders.setdefault(clinic.sms.sender, f"[clinic.{clinic_id}.sms]")
    for sender, table in senders.items():
        if (wrong := wrong_with_sms_sender(sender)) is not None:
            yield Check("settings", "look", f"{table} from {wrong}; mend it in notify.toml")
    for warning in config.warnings_of(settings, environ):
        yield Check("settings", "look", warning)
    for clinic_id, clinic in settings.clinic.items():
        if clinic.wording is None:
            continue
        try:
            Wording(clinic.wording)
            yield Check(f"wording of {clinic_id}", "ok", f"{clinic.wording} can be used")
        except WordingError as error:
            yield Check(f"wording of {clinic_id}", "broken", str(error))


def of_sections(settings: Settings, clinics: Iterable[str]) -> Iterator[Check]:
    """Sections of clinics that nobody has imported: mostly a slip of the pen, which nothing else would tell."""
    known = set(clinics)
    for clinic_id in settings.clinic.keys() - known:
        near = nearest(clinic_id, known)
        meant = f"did you mean [clinic.{near}]?" if near else "import it, or take the section out"
        yield Check("settings", "look", f"[clinic.{clinic_id}] is for a clinic that was never imported; {meant}")


def of_database_file(path: Path) -> Iterator[Check]:
    """The file and what lies around it; the database itself is not opened."""
    yield _file_itself(path)
    folder = path.absolute().parent
    if not os.path.isdir(folder):  # Path.is_dir raises for a folder that is closed to us
        return
    yield _space(folder)
    log = Path(f"{path}-wal")
    try:
        size = log.stat().st_size
    except OSError:
        size = 0
    if size > LARGE_WAL:
        text = f"has grown to {in_bytes(size)}: some program reads the database without end; close it, or restart it"
        yield Check("write-ahead log", "look", f"{log} {text}")
    else:
        yield Check("write-ahead log", "ok", in_bytes(size))
    yield _lock(path)


def _file_itself(path: Path) -> Check:
    try:
        file = path.stat()
    except FileNotFoundError:
        return Check("database file", "look", f"there is none yet at {path}; type: notify init")
    except OSError as error:
        return Check("database file", "broken", f"{path}: {error.strerror}; give it to the user that runs notify")
    for part in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if os.path.exists(part) and part.stat().st_mode & OTHERS_MAY_READ:
            text = f"other users may read {part}, with patients in it; type: chmod 600 {part}"
            return Check("database file", "look", text)
    return Check("database file", "ok", f"{path.absolute()}, {in_bytes(file.st_size)}")


def _space(folder: Path) -> Check:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("disk space", "broken", f"{folder}: {error.strerror}")
    text = f"{in_bytes(free)} are free at {folder}"
    if free < NO_SPACE:
        return Check("disk space", "broken", f"{text}; make room")
    return Check("disk space", "look", f"{text}; make room") if free < LITTLE_SPACE else Check("disk space", "ok", text)


def of_outbox(outbox: Path, beside: Path | str) -> Iterator[Check]:
    """Whatever goes there now: what lies in it are messages. Its space, where it is not on the database's disk.

    `beside`: the database, a file or an address.
    """
    if not os.path.isdir(outbox):
        return
    if outbox.stat().st_mode & OTHERS_MAY_READ:
        text = f"other users may read the messages in {outbox}; type: chmod 700 {outbox}"
        yield Check("outbox", "look", text)
    outbox = outbox.absolute()
    folder = None if isinstance(beside, str) else beside.absolute().parent
    if folder is None or not os.path.isdir(folder) or outbox.stat().st_dev != folder.stat().st_dev:
        yield _space(outbox)


def _lock(path: Path) -> Check:
    from notifycli.store.lock import run_lock

    lock = f"{path}.lock"
    if not os.path.exists(lock):  # and looking must not make it: it would be ours instead of cron's
        return Check("lock", "ok", "no run has come by yet")
    try:
        with run_lock(path) as is_free:
            text = "no run is under way" if is_free else "a run is under way"
    except OSError as error:
        return Check("lock", "broken", f"{lock}: {error.strerror}; give it to the user that runs notify: chown")
    return Check("lock", "ok", text)


def in_bytes(number: float) -> str:
    """12.3 MB"""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    return f"{number:,.0f} {unit}" if unit == "bytes" else f"{number:,.1f} {unit}"


def in_time(seconds: float) -> str:
    """40 seconds, 3 minutes, 5 hours, 12 days"""
    length, unit = next((known for known in UNITS if seconds >= 2 * known[0]), UNITS[-1])
    number = max(1, round(seconds / length))
    return f"{number:,} {unit}{'' if number == 1 else 's'}"
