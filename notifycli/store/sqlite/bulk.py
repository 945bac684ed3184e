"""Rows by the thousand into a table of SQLite's, as fast as Python can bind them. Knows no table by name."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from notifycli.store.sqlite.connection import SqliteConnection

AT_ONCE = (250, 25, 1)  # rows in one statement: each statement costs a trip of its own


def insert_new(
    connection: "SqliteConnection", table: str, fields: Sequence[str], columns: Sequence[Sequence[Any]]
) -> int:
    """See store.connection.Connection."""
    if not columns:
        return 0
    inserted = 0
    marks, once, by_row = _parameters(dict(zip(fields, columns, strict=True)))
    width = len(by_row)
    cells: list[Any] = [None] * (width * len(by_row[0]))  # row after row
    for place, column in enumerate(by_row):
        cells[place::width] = column
    for size in AT_ONCE:
        step = size * width
        in_groups = len(cells) - len(cells) % step
        groups = ((*once, *cells[first : first + step]) for first in range(0, in_groups, step))
        values = ", ".join([f"({', '.join(marks.values())})"] * size)
        sql = f"INSERT INTO {table} ({', '.join(marks)}) VALUES {values} ON CONFLICT DO NOTHING"
        inserted += max(connection.executemany(sql, groups).rowcount, 0)
        cells = cells[in_groups:]
    return inserted


def _parameters(columns: Mapping[str, Sequence[Any]]) -> tuple[dict[str, str], list[Any], list[Sequence[Any]]]:
    """The marks of one row by column, what is bound once for all rows, and the columns that are bound row by row.

    What is bound once comes first, so that its marks have numbers; rows differ by their keys, so some column is left.
    No column holds both None and "": Python's sqlite3 binds a text in a third of the time that it takes to find no
    adapter for None.
    """
    marks_of_once: dict[str, str] = {}
    marks_by_row: dict[str, str] = {}
    once: list[Any] = []
    by_row: list[Sequence[Any]] = []
    for name, column in columns.items():
        first, size = column[0], len(column)
        if size > 1 and first == column[-1] and column.count(first) == size:
            if first is not None:
                once.append(first)
            marks_of_once[name] = "NULL" if first is None else f"?{len(once)}"
        elif None in column:
            marks_by_row[name] = "NULLIF(?, '')"
            by_row.append(["" if value is None else value for value in column])
        else:
            marks_by_row[name] = "?"
            by_row.append(column)
    return marks_of_once | marks_by_row, once, by_row
