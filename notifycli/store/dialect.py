"""What engines say each in words of their own stands in shared SQL as a mark, [[name arguments]].

Each function here makes the mark of one such thing and tells what it is for; `store/sqlite/dialect.py` and
`store/postgres/dialect.py` write it out in their engine's words. The rest of shared SQL is what both understand.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

MARK = re.compile(r"\[\[(\w+) ?([^\]]*)\]\]")

# Between two tables: the rows of the first are gone through, each with what an index of the second has for it.
THEN_LOOKED_UP_IN = "[[then_looked_up_in]]"
# INSERT or UPDATE: without a copy of each page to undo the statement alone, which a statement with triggers needs at
# twice the price of the change. Only where whoever writes undoes all of the transaction after an error.
OR_FAIL = "[[or_fail]]"
# Of the history, s: what this transaction wrote and the chain does not have yet (store/sealing.py).
UNSEALED = "[[unsealed]]"


def written_out(sql: str, words: Mapping[str, Callable[..., str]]) -> str:
    """Shared SQL in the words of an engine, which are given by the names of the marks."""
    return MARK.sub(lambda mark: words[mark[1]](*mark[2].split()), sql)


def as_list(values: Iterable[Any]) -> str:
    """A list as it is bound to the one parameter of `each`, `each_number`, `each_pair` and `among`."""
    return json.dumps(list(values))


def each(parameter: str) -> str:
    """A table of the texts of a list: j.value."""
    return f"[[each {parameter}]]"


def each_number(parameter: str) -> str:
    """A table of the numbers of a list: j.value."""
    return f"[[each_number {parameter}]]"


def each_pair(parameter: str, first: str, second: str) -> str:
    """A table of a list of pairs of texts, by the names of its columns: j.first, j.second."""
    return f"[[each_pair {parameter} {first} {second}]]"


def among(parameter: str) -> str:
    """Behind IN or NOT IN: the texts of a list."""
    return f"[[among {parameter}]]"


def among_numbers(parameter: str) -> str:
    """Behind IN or NOT IN: the numbers of a list."""
    return f"[[among_numbers {parameter}]]"


def nobody_else_writes_of(clinic: str) -> str:
    """A condition: the clinic in this cell is ours to write of until the transaction ends (store.engine.of_clinic)."""
    return f"[[nobody_else_writes_of {clinic}]]"


def by_index(name: str) -> str:
    """Behind a table: no other index will do."""
    return f"[[by_index {name}]]"


def without_index(cell: str) -> str:
    """A cell by which no index is to be looked up, so that the rows come in the order in which they are wanted."""
    return f"[[without_index {cell}]]"


def greatest(*cells: str) -> str:
    """None of which is NULL."""
    return f"[[greatest]]({', '.join(cells)})"


def least(*cells: str) -> str:
    """None of which is NULL."""
    return f"[[least]]({', '.join(cells)})"


def is_same(cell: str, other: str) -> str:
    """NULL is the same as NULL."""
    return f"{cell} [[is_same_as]] {other}"


def joined(cell: str) -> str:
    """Of a group, by commas."""
    return f"[[joined {cell}]]"


SERVER_NOW_MS = "[[server_now_ms]]"  # in milliseconds
SERVER_NOW = "[[server_now]]"  # UTC epoch seconds by the clock of the database, which all who share it have in common


def locked(*tables: str) -> str:
    """At the end of a question: nobody else changes these rows until the transaction ends; what others have is left."""
    return f"[[locked {' '.join(tables)}]]"


def scratch(table: str) -> str:
    """A table of this connection alone, by its name in SQL."""
    return f"[[scratch {table}]]"
