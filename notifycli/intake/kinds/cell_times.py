"""Which file last gave each cell of a clinic, type or patient: an older file brings nothing back (SPEC section 3).

As JSON it is short, since millions of patients have it: {letters of the columns: time of the file in epoch seconds}.
Knows no files and no database.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from notifycli.intake.kinds.registry import KINDS

LETTER_OF = {column.name: column.letter for kind in KINDS.values() for column in kind.columns if column.letter}
COLUMN_OF = {letter: column for column, letter in LETTER_OF.items()}


@lru_cache(1_000)
def given_at(columns: Collection[str], at: int) -> str:
    """Of a row whose cells all come from one file; `columns` is hashable."""
    letters = "".join(sorted(LETTER_OF[column] for column in columns if column in LETTER_OF))
    return json.dumps({letters: at}) if letters else "{}"


def cells_not_replaced_since(record: Mapping[str, Any], cell_times: str, at: int) -> dict[str, Any]:
    """The record without the cells of which a newer file has told; `at`: the time of its own file."""
    times = _times_of(cell_times)
    return {column: value for column, value in record.items() if times.get(column, at) <= at}


def merged(cell_times: str, columns: Collection[str], at: int) -> str:
    """After a file of that time has given these columns."""
    times = {**_times_of(cell_times), **{column: at for column in columns if column in LETTER_OF}}
    letters: defaultdict[int, list[str]] = defaultdict(list)
    for column, given in times.items():
        letters[given].append(LETTER_OF[column])
    return json.dumps({"".join(sorted(of_time)): given for given, of_time in letters.items()})


@lru_cache(1_000)
def _times_of(cell_times: str) -> dict[str, int]:
    return {COLUMN_OF[letter]: at for letters, at in json.loads(cell_times).items() for letter in letters}
