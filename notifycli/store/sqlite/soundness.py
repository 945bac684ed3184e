"""Whether SQLite and the file are as they should be: what `notify doctor` asks of the engine. Changes nothing."""

import sqlite3
from collections.abc import Iterator
from typing import TYPE_CHECKING

from notifycli.store.connection import Finding
from notifycli.store.errors import StoreError

if TYPE_CHECKING:
    from notifycli.store.sqlite.connection import SqliteConnection

OLDEST = (3, 35, 0)
STEPS_BETWEEN_LOOKS = 100_000  # of SQLite's machine: some milliseconds


def name_and_version() -> str:
    return f"SQLite {sqlite3.sqlite_version}"


def oldest_that_will_do() -> str | None:
    """Where this one is too old; else None."""
    return None if sqlite3.sqlite_version_info >= OLDEST else ".".join(map(str, OLDEST))


def findings(connection: "SqliteConnection", version: int) -> Iterator[Finding]:
    """`version`: of the schema."""
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    path = connection.path
    if mode == "wal":
        yield Finding("database", "ok", f"{path} opens; its schema has version {version}")
        return
    wrong = f"its journal is {mode}, not WAL, so readers and writers wait for each other"
    yield Finding("database", "look", f"{wrong}; is {path} on a network disk?")


def findings_of_all(connection: "SqliteConnection") -> Iterator[Finding]:
    """Reads the whole file."""
    damage = quick_check(connection)
    path = connection.path
    if damage:
        text = f"{path} is damaged ({damage[0]}); put back a copy, or type: sqlite3 {path.name} .recover"
        yield Finding("soundness", "broken", text)
    else:
        yield Finding("soundness", "ok", "quick_check finds nothing wrong in it")


def quick_check(connection: "SqliteConnection") -> list[str]:
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
