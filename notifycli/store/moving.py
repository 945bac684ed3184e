"""Moves all that a database holds into another one, which may be of the other engine: table by table, checked.

Each batch is committed with the place that it came to, so that a move that broke off goes on. Knows the tables by what
the engine lists of them, so a new one is moved as well. Source: SPEC section 8, `notify db move`.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

from notifycli.domain.sentences import N_, Sentence
from notifycli.store.connection import StoredTable
from notifycli.store.engine import Connection, reading, writing
from notifycli.store.journal import database_id, set_state, state
from notifycli.store.moved import GONE_TO, PROGRESS, CannotMove

AT_ONCE = 5_000  # rows
OF_A_MOVE = (PROGRESS, GONE_TO)
REFERRING = ("delivery",)  # to rows of others, which are to be there before
MODULUS = 2**64


@dataclass
class Moved:
    """Of one table: how many rows were read, and a sum over them that does not depend on their order."""

    rows: int = 0
    sum: int = 0

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        self.rows += len(rows)
        self.sum = (self.sum + sum(map(_number_of, rows))) % MODULUS


def _number_of(row: Sequence[Any]) -> int:
    return int.from_bytes(blake2b(repr(tuple(row)).encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def move(
    source: Connection, target: Connection, on_rows: Callable[[int], None] = lambda rows: None
) -> dict[str, Moved]:
    """By table, what came over; the caller sees to it that nobody else writes to either. Raises CannotMove.

    `on_rows`: is told after each batch how many rows it was.
    """
    tables = _in_order(source, target)
    progress = _begun(source, target, tables)
    with reading(source):
        for table in tables:
            _move_table(source, target, table, progress, on_rows)
    for table in tables:
        _check(target, table, progress[table.name]["moved"])
    with writing(target):
        target.execute("DELETE FROM state WHERE name = ?", (PROGRESS,))
    return {name: Moved(**of_table["moved"]) for name, of_table in progress.items()}


def replace_all(source: Connection, target: Connection, on_rows: Callable[[int], None]) -> None:
    """All that `target` holds gives way to what `source` holds, within the caller's transaction. Raises CannotMove."""
    tables = _in_order(source, target)
    for table in reversed(tables):
        target.clear(table.name)
    with reading(source):
        for table in tables:
            moved = Moved()
            for rows in _batches(source, table, None):
                moved.add(rows)
                target.load(table.name, table.columns, rows)
                on_rows(len(rows))
            target.continue_numbers(table.name)
            _check(target, table, asdict(moved))


def _in_order(source: Connection, target: Connection) -> list[StoredTable]:
    tables = sorted(source.tables(), key=lambda table: (table.name in REFERRING, table.name))
    if {table.name for table in tables} != {table.name for table in target.tables()}:
        raise CannotMove(
            Sentence(N_("The two databases do not have the same tables.")),
            Sentence(N_("Use one version of notify for both, and try again.")),
        )
    return tables


def _begun(source: Connection, target: Connection, tables: Sequence[StoredTable]) -> dict[str, Any]:
    """How far an earlier move of the same database came; the target must be empty where there was none."""
    before = state(target, PROGRESS, None)
    if before is not None and before["from"] != database_id(source):
        raise CannotMove(
            Sentence(N_("Another database is half moved there.")), Sentence(N_("Move that one again, or name another."))
        )
    if before is not None:
        return dict(before["tables"])
    filled = [table.name for table in tables if table.name != "state" and _has_rows(target, table)]
    if filled:
        told = Sentence(N_("The database to move to is not empty: {tables} have rows."), tables=", ".join(filled))
        raise CannotMove(told, Sentence(N_("Name an empty one.")))
    progress = {table.name: {"after": None, "is_done": False, "moved": asdict(Moved())} for table in tables}
    with writing(target):
        target.execute("DELETE FROM state")
        _note(target, database_id(source), progress)
    return progress


def _has_rows(connection: Connection, table: StoredTable) -> bool:
    return connection.execute(f"SELECT 1 FROM {table.name} LIMIT 1").fetchone() is not None


def _move_table(
    source: Connection, target: Connection, table: StoredTable, progress: dict[str, Any], on_rows: Callable[[int], None]
) -> None:
    of_table = progress[table.name]
    if of_table["is_done"]:
        return
    moved = Moved(**of_table["moved"])
    keys = [table.columns.index(column) for column in table.key]
    for rows in _batches(source, table, of_table["after"]):
        moved.add(rows)
        of_table |= {"after": [rows[-1][key] for key in keys], "moved": asdict(moved)}
        with writing(target):
            target.load(table.name, table.columns, rows)
            _note(target, database_id(source), progress)
        on_rows(len(rows))
    with writing(target):
        of_table["is_done"] = True
        target.continue_numbers(table.name)
        _note(target, database_id(source), progress)


def _batches(connection: Connection, table: StoredTable, after: Sequence[Any] | None) -> Iterator[list[Any]]:
    """In the order of the key; of the state all but the progress of a move."""
    columns, key = ", ".join(table.columns), ", ".join(table.key)
    while True:
        where = "" if after is None else f" WHERE ({key}) > ({', '.join('?' * len(after))})"
        sql = f"SELECT {columns} FROM {table.name}{where} ORDER BY {key} LIMIT {AT_ONCE}"
        read = connection.execute(sql, tuple(after or ())).fetchall()
        if not read:
            return
        after = [read[-1][table.columns.index(column)] for column in table.key]
        rows = [row for row in read if table.name != "state" or row[0] not in OF_A_MOVE]
        if rows:
            yield rows


def _check(target: Connection, table: StoredTable, expected: dict[str, int]) -> None:
    there = Moved()
    for rows in _batches(target, table, None):
        there.add(rows)
    if asdict(there) != expected:
        told = Sentence(
            N_(
                "{table}: {there} rows arrived and {expected} were read, or they differ; the old database is as it was."
            ),
            table=table.name,
            there=there.rows,
            expected=expected["rows"],
        )
        raise CannotMove(told, Sentence(N_("Nothing may write to either meanwhile. Begin again with an empty one.")))


def _note(target: Connection, source_id: str, progress: dict[str, Any]) -> None:
    set_state(target, PROGRESS, {"from": source_id, "tables": json.loads(json.dumps(progress))})
