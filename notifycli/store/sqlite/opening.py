"""Opens a database file: where it lies, whose it is, and which schema it has.

An idle run passes here every minute, so sqlite-utils is imported only to migrate.
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Event

from notifycli.domain.sentences import Sentence
from notifycli.store.errors import StoreBusy, StoreError
from notifycli.store.sqlite.connection import WAIT_FOR_A_LOCK, SqliteConnection, store_error

APPLICATION_ID = 0x4E6F7479  # "Noty": tells our databases from those of other programs
VERSION = 2  # of the schema: as many as there are migrations
PAGE = 16_384  # bytes; larger than SQLite's own, for imports by the million
PAGES_IN_MEMORY = -16_000  # KiB
SHORT_WAIT = 0.05  # seconds


def open_file(path: Path) -> SqliteConnection:
    """A connection to the database at `path`, made (mode 0600) or brought forward where needed. Raises StoreError."""
    _check_place(path)
    try:
        _make_private_file(Path(os.path.realpath(path)))
        connection = sqlite3.connect(
            path, timeout=WAIT_FOR_A_LOCK, isolation_level=None, cached_statements=256, factory=SqliteConnection
        )
    except (OSError, sqlite3.Error) as error:
        raise store_error(error, path) from error
    connection.path = path
    try:
        _set_up(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def open_file_to_read(path: Path, patience: float) -> SqliteConnection:
    """A connection that makes and mends nothing, and waits for a lock so many seconds at most. Raises StoreError."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    try:
        return sqlite3.connect(address, uri=True, timeout=patience, factory=SqliteConnection)
    except sqlite3.Error as error:
        raise store_error(error, path) from error


def _check_place(path: Path) -> None:
    if path.is_dir():
        raise StoreError(
            Sentence("{path}: is a folder.", path=path), Sentence("Name the database file in it with --db.")
        )
    if path.exists() and not path.is_file():
        raise StoreError(
            Sentence("{path}: is a pipe or a device, not a file.", path=path),
            Sentence("Name the database file with --db."),
        )
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise StoreError(
            Sentence("{path}: there is no folder {folder}.", path=path, folder=folder),
            Sentence("Make it, or name another file with --db."),
        )


def _make_private_file(path: Path) -> None:
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _set_up(connection: SqliteConnection) -> None:
    path = connection.path
    if _is_of_another_program(connection):
        raise StoreError(
            Sentence("{path}: is a database of another program.", path=path), Sentence("Name another file with --db.")
        )
    version = _value(connection, "PRAGMA user_version")
    if version > VERSION:
        raise StoreError(
            Sentence(
                "{path}: was made by a newer notify (schema {version}; this program knows {known}).",
                path=path,
                version=version,
                known=VERSION,
            ),
            Sentence("Update notify."),
        )
    if version < VERSION:
        _bring_forward(connection)
    connection.execute(f"PRAGMA cache_size = {PAGES_IN_MEMORY}")


def is_ours(connection: SqliteConnection) -> bool:
    """Whether it bears our mark."""
    return _value(connection, "PRAGMA application_id") == APPLICATION_ID


def _is_of_another_program(connection: SqliteConnection) -> bool:
    """A database without our mark is ours to fill only while it is empty; one that is just being made has it soon."""
    if is_ours(connection):
        return False
    if _value(connection, "PRAGMA user_version"):
        return True
    others = "SELECT count(*) FROM sqlite_master WHERE tbl_name <> '_sqlite_migrations'"
    is_begun = _value(connection, "SELECT count(*) FROM sqlite_master WHERE name = '_sqlite_migrations'")
    of_others = "SELECT count(*) FROM _sqlite_migrations WHERE migration_set <> 'notifycli'"
    return bool(_value(connection, others) or (is_begun and _value(connection, of_others)))


def _bring_forward(connection: SqliteConnection) -> None:
    """Under the lock of the runs: nobody sends by an old schema meanwhile, and of two that begin one makes it."""
    from notifycli.store.lock import waited_for_lock
    from notifycli.store.sqlite.migrations import migrate

    with waited_for_lock(connection.path, WAIT_FOR_A_LOCK):
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
        except StoreBusy:
            Event().wait(SHORT_WAIT)
    attempt()


def _value(connection: SqliteConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])
