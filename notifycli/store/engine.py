"""Opens the database: its file, its schema, its transactions, and what its troubles mean to the one who typed.

Knows no table by name. An idle run passes here every minute, so sqlite-utils is imported only to migrate.
"""

import contextlib
import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

from notifycli.store.schema import APPLICATION_ID, VERSION
from notifycli.store.trouble import SHORT_WAIT, WAIT_FOR_A_LOCK, Connection, StoreError

__all__ = ["Connection", "StoreError", "explained", "open_store", "reading", "short_waits", "will_pass", "writing"]

PAGE = 16_384  # bytes; larger than SQLite's own, for imports by the million
PAGES_IN_MEMORY = -16_000  # KiB


def open_store(path: Path) -> Connection:
    """A connection to the database at `path`, made (mode 0600) or brought forward where needed. Raises StoreError."""
    _check_place(path)
    try:
        _make_private_file(Path(os.path.realpath(path)))
        connection = sqlite3.connect(path, timeout=WAIT_FOR_A_LOCK, isolation_level=None, cached_statements=256)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(explained(error, path)) from error
    try:
        _set_up(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise StoreError(explained(error, path)) from error
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def writing(connection: Connection, *, durable: bool = False) -> Iterator[None]:
    """One write transaction; `durable` has it on the disk before it returns, against a power cut too."""
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        roll_back(connection)
        raise
    connection.execute("COMMIT")


@contextlib.contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """A part of a transaction that is undone by itself where it fails."""
    connection.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
        raise
    connection.execute("RELEASE part")


@contextlib.contextmanager
def reading(connection: Connection) -> Iterator[None]:
    """One view of the database, unchanged by others while it lasts; what is written within is undone."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        roll_back(connection)


def will_pass(error: sqlite3.Error) -> bool:
    """Whether it is another program that writes just now."""
    return "locked" in str(error) or "busy" in str(error)


@contextlib.contextmanager
def short_waits(connection: Connection, seconds: float = 1.0) -> Iterator[None]:
    """Has statements within wait no longer than this for a lock, for those who know better how to wait."""
    connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(WAIT_FOR_A_LOCK * 1000)}")


def roll_back(connection: Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def explained(error: Exception, path: Path) -> str:
    """What a trouble of the database means, where it is, and what to do, in one line."""
    text = str(error)
    if "unable to open" in text:
        return f"{path}: cannot be opened. May this user read and write the file and its folder?"
    if "readonly" in text or "read-only" in text:
        return f"{path}: may only be read. Give this user the right to write to the file and its folder."
    if "not a database" in text:
        return f"{path}: is not a database of notify. Name another file with --db."
    if "locked" in text or "busy" in text:
        return (
            f"{path}: another program has held it locked for {WAIT_FOR_A_LOCK:.0f} seconds. Try again when it is done."
        )
    if "full" in text or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return f"{path}: the disk is full. Free some space and call it again; what was done before is kept."
    if "disk I/O" in text:
        return f"{path}: the disk is full or fails. Free some space and call it again; what was done before is kept."
    if "malformed" in text:
        return f"{path}: is damaged. Put back a copy, or save what can be read with: sqlite3 {path.name} .recover"
    if isinstance(error, OSError):
        return f"{path}: cannot be opened ({error.strerror}). May this user read and write the file and its folder?"
    return f"{path}: {text}"


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise StoreError(f"{path}: is a folder. Name the database file in it with --db.")
    if path.exists() and not path.is_file():
        raise StoreError(f"{path}: is a pipe or a device, not a file. Name the database file with --db.")
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise StoreError(f"{path}: there is no folder {folder}. Make it, or name another file with --db.")


def _make_private_file(path: Path) -> None:
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _set_up(connection: Connection, path: Path) -> None:
    if _is_of_another_program(connection):
        raise StoreError(_of_another_program(path))
    version = _value(connection, "PRAGMA user_version")
    if version > VERSION:
        raise StoreError(
            f"{path}: was made by a newer notify (schema {version}; this program knows {VERSION}). Update notify."
        )
    if version < VERSION:
        _bring_forward(connection, path)
    connection.execute(f"PRAGMA cache_size = {PAGES_IN_MEMORY}")


def _is_of_another_program(connection: Connection) -> bool:
    """A database without our mark is ours to fill only while it is empty; one that is just being made has it soon."""
    if _value(connection, "PRAGMA application_id") == APPLICATION_ID:
        return False
    if _value(connection, "PRAGMA user_version"):
        return True
    others = "SELECT count(*) FROM sqlite_master WHERE tbl_name <> '_sqlite_migrations'"
    is_begun = _value(connection, "SELECT count(*) FROM sqlite_master WHERE name = '_sqlite_migrations'")
    of_others = "SELECT count(*) FROM _sqlite_migrations WHERE migration_set <> 'notifycli'"
    return bool(_value(connection, others) or (is_begun and _value(connection, of_others)))


def _bring_forward(connection: Connection, path: Path) -> None:
    """Under the lock of the runs: nobody sends by an old schema meanwhile, and of two that begin one makes it."""
    from notifycli.store.lock import waited_for_lock
    from notifycli.store.migrations import migrate

    with waited_for_lock(path, WAIT_FOR_A_LOCK):
        connection.execute(f"PRAGMA page_size = {PAGE}")
        _wait_for_others(lambda: connection.execute("PRAGMA journal_mode = WAL"))
        if _value(connection, "PRAGMA user_version") < VERSION:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrate(connection)


def _wait_for_others(attempt: Callable[[], object]) -> None:
    """SQLite itself does not wait when it changes the journal's mode."""
    for _ in range(int(WAIT_FOR_A_LOCK / SHORT_WAIT)):
        try:
            attempt()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            Event().wait(SHORT_WAIT)
    attempt()


def _of_another_program(path: Path) -> str:
    return f"{path}: is a database of another program. Name another file with --db."


def _value(connection: Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])
