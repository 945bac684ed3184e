"""A checked copy of the database while all goes on, and the way back from one; each leaves its row of who did what.

How a file is copied is its engine's own (store/sqlite/copying.py); from a server its rows are read (store/moving.py),
so that a backup is always a file that sqlite3 opens. Decides nothing of when. Source: SPEC section 8.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from notifycli.domain.sentences import Sentence
from notifycli.store import audit, claims, deliveries, leases, moving
from notifycli.store.engine import Connection, StoreError, open_store, writing
from notifycli.store.lock import waited_for_lock
from notifycli.store.sqlite import copying
from notifycli.store.sqlite.connection import SqliteConnection
from notifycli.store.sqlite.opening import open_file

LONGEST_WAIT = 30.0  # seconds for a run that is under way
BEING_SENT = "it was being sent when the backup was made"
OnCopied = Callable[[int, int], None]


@dataclass(frozen=True)
class Backup:
    """A file that can be restored. `last_at`: the last that it knows of, UTC epoch seconds; None where it is empty."""

    path: Path
    last_at: int | None
    notices: int


@dataclass(frozen=True)
class Restored:
    """`kept`: the file that holds what was replaced, None where there was none. `uncertain`: so many deliveries."""

    kept: Path | None
    uncertain: int


def back_up(connection: Connection, target: Path, now: int, by: str, on_copied: OnCopied) -> None:
    """Raises StoreError, and leaves no file, where it cannot be made or `target` is there already."""
    with writing(connection):
        pass  # what somebody wrote by hand is sealed here, as it would be in the copy
    _copy_to_new_file(connection, target, on_copied)
    with writing(connection):
        audit.note(connection, now, by, audit.Action("backup", "run", "", f"to {target}"))


def _copy_to_new_file(connection: Connection, target: Path, on_copied: OnCopied) -> None:
    """Of a database on a server too the copy is a file of SQLite's: to be looked into, and restored, anywhere."""
    if isinstance(connection, SqliteConnection):
        copying.copy_to_new_file(connection, target, on_copied)
        return
    with copying.new_file(target) as unfinished:
        unfinished.unlink()
        with closing(open_file(unfinished)) as copy:
            moving.move(connection, copy, lambda rows: on_copied(rows, 0))
            copying.empty_log(copy)


def backup_at(path: Path) -> Backup:
    """Raises StoreError where it is damaged or no database of ours."""
    with closing(copying.open_sound(path)) as connection:
        notices = connection.execute("SELECT count(*) FROM notice").fetchone()[0]
        return Backup(path, _last_known_at(connection), notices)


def restore(address: Path | str, backup: Backup, folder: Path, now: int, by: str, on_copied: OnCopied) -> Restored:
    """Puts it in the place of the database at `address`, with no run under way; what this held is kept in a file.

    `folder`: where that is, for a database on a server; else it lies beside. What was being sent is uncertain then, and
    held whatever the settings say: it may have gone out long since. Raises StoreError, with nothing changed.
    """
    place = Path(os.path.realpath(address)) if isinstance(address, Path) else folder / "notify.db"
    if place.exists() and place.samefile(backup.path):
        raise StoreError(Sentence("{path}: is the database itself.", path=backup.path), Sentence("Name a backup."))
    aside = _free_name(place, now)
    with ExitStack() as stack:
        if isinstance(address, Path):
            stack.enter_context(waited_for_lock(place, LONGEST_WAIT))
        prepared = stack.enter_context(copying.scratch_beside(place))
        with closing(copying.open_sound(backup.path)) as source:
            prepared.unlink()
            copying.copy_to_new_file(source, prepared, on_copied)
        is_kept = isinstance(address, str) or place.exists()
        with closing(open_file(prepared)) as connection:
            uncertain = _settle(connection, backup, aside if is_kept else None, now, by)
            copying.empty_log(connection)
        if isinstance(address, Path):
            return Restored(copying.take_over(prepared, place, aside), uncertain)
        _take_over_server(prepared, address, aside, on_copied)
        return Restored(aside, uncertain)


def _take_over_server(prepared: Path, address: str, aside: Path, on_copied: OnCopied) -> None:
    """In one transaction, in which nobody else writes."""
    with closing(open_file(prepared)) as source, closing(open_store(address)) as target:
        with closing(open_store(address)) as guard, writing(guard):
            _copy_to_new_file(target, aside, on_copied)
        try:
            with writing(target, durable=True):
                moving.replace_all(source, target, lambda rows: on_copied(rows, 0))
        except BaseException:
            aside.unlink()
            raise


def _settle(connection: Connection, backup: Backup, aside: Path | None, now: int, by: str) -> int:
    uncertain = 0
    with writing(connection, durable=True):
        leases.end_all(connection)
        for delivery, _ in deliveries.left_by_dead_runs(connection):
            if delivery.before.detour == "rehearsal":
                claims.mark_to_retry(connection, delivery.id, now, BEING_SENT, now)
                continue
            claims.mark_uncertain(connection, delivery.id, now, BEING_SENT, None)
            uncertain += 1
        kept = f"; what it replaced: {aside.name}" if aside else ""
        audit.note(connection, now, by, audit.Action("restore", "run", "", f"from {backup.path}{kept}"))
    return uncertain


def _last_known_at(connection: Connection) -> int | None:
    sql = (
        "SELECT max(at) FROM (SELECT max(at) AS at FROM import UNION ALL SELECT max(ended_at) FROM run"
        " UNION ALL SELECT max(at) FROM action UNION ALL SELECT (SELECT at FROM status_log ORDER BY id DESC LIMIT 1)"
        " UNION ALL SELECT CAST(value AS INTEGER) FROM state WHERE name = 'last_run_at')"
    )
    at: int | None = connection.execute(sql).fetchone()[0]
    return at


def _free_name(database: Path, now: int) -> Path:
    """notify.db.replaced-1780653600, or with a number behind it."""
    first = database.with_name(f"{database.name}.replaced-{now}")
    names = [first, *(first.with_name(f"{first.name}-{number}") for number in range(2, 1000))]
    return next(name for name in names if not os.path.lexists(name))
