"""The tables of a database, as they stand in its file, and rows into them as they are: no trigger of ours follows.

Knows none by name but those of the word index, whose triggers keep it in step.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from notifycli.store.connection import StoredTable

if TYPE_CHECKING:
    from notifycli.store.sqlite.connection import SqliteConnection

OTHERS = ("sqlite\\_%", "\\_sqlite\\_%", "patient\\_search\\_fts%")  # SQLite's, sqlite-utils', the word index'
OURS = "SELECT name FROM sqlite_master WHERE type = 'table'" + "".join(
    f" AND name NOT LIKE '{other}' ESCAPE '\\'" for other in OTHERS
)
TRIGGERS = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? AND tbl_name <> 'patient_search'"
)


def tables(connection: "SqliteConnection") -> list[StoredTable]:
    """By name."""
    tables = []
    for (name,) in connection.execute(f"{OURS} ORDER BY name").fetchall():
        columns = connection.execute(f"SELECT name, pk FROM pragma_table_info('{name}')").fetchall()
        key = [column for _, column in sorted((place, column) for column, place in columns if place)]
        tables.append(StoredTable(name, tuple(sorted(column for column, _ in columns)), tuple(key)))
    return tables


def load(connection: "SqliteConnection", table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    marks = ", ".join("?" * len(columns))
    with _without_triggers(connection, table):
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


def clear(connection: "SqliteConnection", table: str) -> None:
    with _without_triggers(connection, table):
        connection.execute(f"DELETE FROM {table}")


@contextmanager
def _without_triggers(connection: "SqliteConnection", table: str) -> Iterator[None]:
    """Within a transaction, in which they stand again before it ends."""
    triggers = connection.execute(TRIGGERS, (table,)).fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    yield
    for _, sql in triggers:
        connection.execute(sql)
