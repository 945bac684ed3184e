"""What SQLite says in words of its own, each behind a name that tells what it is for; another engine has others here.

The rest of store/ speaks SQL that engines share.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from notifycli.store.sqlite.connection import Connection

# Between two tables: the rows of the first are gone through, each with what an index of the second has for it.
THEN_LOOKED_UP_IN = "CROSS JOIN"
# INSERT or UPDATE: without a copy of each page to undo the statement alone, which a statement with triggers needs at
# twice the price of the change. Only where whoever writes undoes all of the transaction after an error.
OR_FAIL = "OR FAIL"
# Of the history, s: what the chain, whose last link is of row :last, does not have yet. One program writes at a time,
# so that the rows' numbers rise with the transactions.
NOT_SEALED = "s.id > :last"


def as_list(values: Iterable[Any]) -> str:
    """A list as it is bound to the one parameter of `each`, `each_pair` and `among`."""
    return json.dumps(list(values))


def each(parameter: str) -> str:
    """A table of the values of a list: j.value."""
    return f"json_each({parameter}) j"


def each_pair(parameter: str, first: str, second: str) -> str:
    """A table of a list of pairs, by the names of its columns: j.first, j.second."""
    return f"(SELECT value ->> 0 AS {first}, value ->> 1 AS {second} FROM json_each({parameter})) j"


def among(parameter: str) -> str:
    """Behind IN or NOT IN."""
    return f"(SELECT value FROM json_each({parameter}))"


def by_index(name: str) -> str:
    """Behind a table: no other index will do."""
    return f"INDEXED BY {name}"


def without_index(cell: str) -> str:
    """A cell by which no index is to be looked up, so that the rows come in the order in which they are wanted."""
    return f"+{cell}"


def greatest(*cells: str) -> str:
    """None of which is NULL."""
    return f"max({', '.join(cells)})"


def least(*cells: str) -> str:
    return f"min({', '.join(cells)})"


def is_same(cell: str, other: str) -> str:
    """NULL is the same as NULL."""
    return f"{cell} IS {other}"


def joined(cell: str) -> str:
    """Of a group, by commas."""
    return f"group_concat({cell})"


def scratch(table: str) -> str:
    """A table of this connection alone, by its name in SQL."""
    return f"temp.{table}"


def make_scratch(connection: Connection, table: str, columns: Sequence[str], key: Sequence[str]) -> None:
    """Where there is none of that name yet."""
    connection.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {table} ({', '.join(columns)}, PRIMARY KEY ({', '.join(key)})) WITHOUT ROWID"
    )


def drop_scratch(connection: Connection, table: str) -> None:
    connection.execute(f"DROP TABLE IF EXISTS {scratch(table)}")
