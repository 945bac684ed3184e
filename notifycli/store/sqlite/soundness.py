"""Whether SQLite and the file are as they should be: what `notify doctor` asks of the engine. Changes nothing."""

import sqlite3

from notifycli.store.errors import StoreError
from notifycli.store.sqlite.connection import Connection

OLDEST = (3, 35, 0)
STEPS_BETWEEN_LOOKS = 100_000  # of SQLite's machine: some milliseconds


def name_and_version() -> str:
    return f"SQLite {sqlite3.sqlite_version}"


def oldest_that_will_do() -> str | None:
    """Where this one is too old; else None."""
    return None if sqlite3.sqlite_version_info >= OLDEST else ".".join(map(str, OLDEST))


def journal_mode(connection: Connection) -> str:
    return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def quick_check(connection: Connection) -> list[str]:
    """What SQLite finds wrong in the file, as it says it; nothing where it is sound. Reads the whole file."""
    # Without a look now and then no Ctrl-C would reach us before it is done.
    connection.set_progress_handler(lambda: 0, STEPS_BETWEEN_LOOKS)
    try:
        damage = [str(row[0]) for row in connection.execute("PRAGMA quick_check(10)")]
    except StoreError as error:
        if "interrupted" in str(error.__cause__):
            raise KeyboardInterrupt from error
        raise
    finally:
        connection.set_progress_handler(None, 0)
    return [] if damage == ["ok"] else damage
