"""The tables of a database on a server, and rows into them as they are: no trigger follows. Knows none by name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from notifycli.store.connection import StoredTable

if TYPE_CHECKING:
    from notifycli.store.postgres.connection import PostgresConnection

COLUMNS = (
    "SELECT c.relname, a.attname, array_position(i.indkey::int2[], a.attnum) FROM pg_class c"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary"
    " WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname COLLATE \"C\""
)


def tables(connection: "PostgresConnection") -> list[StoredTable]:
    """By name. That of the schema's version has no key, and is the engine's own."""
    columns: dict[str, list[tuple[str, int | None]]] = {}
    for table, column, place in connection.execute(COLUMNS):
        columns.setdefault(table, []).append((column, place))
    return [
        StoredTable(
            name,
            tuple(sorted(column for column, _ in of_table)),
            tuple(column for _, column in sorted((place, column) for column, place in of_table if place is not None)),
        )
        for name, of_table in columns.items()
    ]


def load(connection: "PostgresConnection", table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Within a transaction, in which the triggers stand again before it ends."""
    connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    connection.copy(table, columns, rows)
    connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def clear(connection: "PostgresConnection", table: str) -> None:
    """Within a transaction, in which the triggers stand again before it ends."""
    connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    connection.execute(f"DELETE FROM {table}")
    connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def continue_numbers(connection: "PostgresConnection", table: str) -> None:
    """Behind the numbers that rows came with."""
    sql = "SELECT attidentity <> '' FROM pg_attribute WHERE attrelid = ?::regclass AND attname = 'id'"
    row = connection.execute(sql, (table,)).fetchone()
    if row is not None and row[0]:
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        connection.execute(f"SELECT setval({sequence}, coalesce((SELECT max(id) FROM {table}), 0) + 1, false)")
