"""Opens the database: its file, its schema, its transactions, and what its troubles mean to the one who typed.

Knows no table by name. An idle run passes here every minute, so sqlite-utils is imported only to migrate.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from notifycli.store.schema import APPLICATION_ID, VERSION

Connection = sqlite3.Connection

WAIT_FOR_A_LOCK = 30.0  # seconds; an import of a million rows holds it for some ten
PAGES_IN_MEMORY = -32_000  # KiB


class StoreError(Exception):
    """The database cannot be worked with; the text says why and what to do next."""


def open_store(path: Path) -> Connection:
    """A connection to the database at `path`, made (mode 0600) or brought forward where needed. Raises StoreError."""
    _check_place(path)
    try:
        _make_private_file(path)
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
def reading(connection: Connection) -> Iterator[None]:
    """One view of the database, unchanged by others while it lasts; what is written within is undone."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        roll_back(connection)


def roll_back(connection: Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def explained(error: Exception, path: Path) -> str:
    """What a trouble of the database means, where it is, and what to do, in one line."""
    text = str(error)
    if isinstance(error, PermissionError) or "unable to open" in text:
        return f"{path}: cannot be opened. May this user read and write the file and its folder?"
    if "readonly" in text or "read-only" in text:
        return f"{path}: may only be read. Give this user the right to write to the file and its folder."
    if "not a database" in text:
        return f"{path}: is not a database of notify. Name another file with --db."
    if "locked" in text or "busy" in text:
        return (
            f"{path}: another program has held it locked for {WAIT_FOR_A_LOCK:.0f} seconds. Try again when it is done."
        )
    if "full" in text or getattr(error, "errno", None) == 28:
        return f"{path}: the disk is full. Free some space and call it again; what was done before is kept."
    if "malformed" in text:
        return f"{path}: is damaged. Put back a copy, or save what can be read with: sqlite3 {path.name} .recover"
    return f"{path}: {text}"


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise StoreError(f"{path}: is a folder. Name the database file in it with --db.")
    if not path.parent.is_dir():
        raise StoreError(f"{path}: there is no folder {path.parent}. Make it, or name another file with --db.")


def _make_private_file(path: Path) -> None:
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _set_up(connection: Connection, path: Path) -> None:
    version = _value(connection, "PRAGMA user_version")
    if version > VERSION:
        raise StoreError(
            f"{path}: was made by a newer notify (schema {version}; this program knows {VERSION}). Update notify."
        )
    if version < VERSION:
        _bring_forward(connection, path)
    elif _value(connection, "PRAGMA application_id") != APPLICATION_ID:
        raise StoreError(_of_another_program(path))
    connection.execute(f"PRAGMA cache_size = {PAGES_IN_MEMORY}")


def _bring_forward(connection: Connection, path: Path) -> None:
    tables = _value(connection, "SELECT count(*) FROM sqlite_master")
    if tables and _value(connection, "PRAGMA application_id") != APPLICATION_ID:
        raise StoreError(_of_another_program(path))
    from notifycli.store.migrations import migrate

    connection.execute("PRAGMA journal_mode = WAL")
    with writing(connection, durable=True):
        migrate(connection)


def _of_another_program(path: Path) -> str:
    return f"{path}: is a database of another program. Name another file with --db."


def _value(connection: Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])
