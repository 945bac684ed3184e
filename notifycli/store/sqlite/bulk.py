"""Rows by the thousand into a table of SQLite's, as fast as Python can bind them. Knows no table by name."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from notifycli.store.sqlite.connection import SqliteConnection

AT_ONCE = (500, 50, 1)  # rows in one statement: each statement costs a trip of its own


def insert_new(
    connection: "SqliteConnection", table: str, fields: Sequence[str], columns: Sequence[Sequence[Any]]
) -> int:
    """See store.connection.Connection."""
    if not columns:
        return 0
    inserted = 0
    bound, marks = _without_none(columns)
    rows = list(zip(*bound, strict=True))
    for size in AT_ONCE:
        in_groups = len(rows) - len(rows) % size
        groups = (chain.from_iterable(rows[first : first + size]) for first in range(0, in_groups, size))
        values = ", ".join([marks] * size)
        sql = f"INSERT INTO {table} ({', '.join(fields)}) VALUES {values} ON CONFLICT DO NOTHING"
        inserted += max(connection.executemany(sql, map(tuple, groups)).rowcount, 0)
        rows = rows[in_groups:]
    return inserted


def _without_none(columns: Iterable[Sequence[Any]]) -> tuple[list[Sequence[Any]], str]:
    """The columns that have to be bound, and the marks of one row; no column holds both None and "".

    Python's sqlite3 binds a text in a third of the time that it takes to find no adapter for None.
    """
    bound: list[Sequence[Any]] = []
    marks = []
    for column in columns:
        if None not in column:
            marks.append("?")
            bound.append(column)
        elif column.count(None) == len(column):
            marks.append("NULL")
        else:
            marks.append("NULLIF(?, '')")
            bound.append(["" if value is None else value for value in column])
    return bound, f"({', '.join(marks)})"
