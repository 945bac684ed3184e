"""Keeps which file last gave each cell of a clinic, type or patient, so that an older file brings nothing back.

As JSON it is short, since millions of patients have it: {letters of the columns: time of the file in epoch seconds}.
Must not know files or the database. Source: SPEC section 3.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from notifycli.intake.kinds.circumstances import Circumstances, Record
from notifycli.intake.kinds.columns import Column


class CellTimes:
    """Those of the columns of one kind."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._letter_of = {column.name: column.letter for column in columns if column.letter}
        self._column_of = {letter: name for name, letter in self._letter_of.items()}
        self._given_at = lru_cache(1_000)(self._written)
        self._read = lru_cache(1_000)(self._times_of)

    def of_new_rows(self, columns: Mapping[str, Sequence[Any]], size: int, about: Circumstances) -> list[str]:
        """Of rows whose cells all come from one file; `columns` holds the cells of `size` rows."""
        names = tuple(columns)
        if "fresh_at" not in columns and "reject_import" not in columns:
            return [self._given_at(names, about.time_of_cells({}))] * size
        at_of_rows = columns.get("fresh_at") or [None] * size
        origins = columns.get("reject_import") or [""] * size
        return [
            self._given_at(names, about.time_of_cells({"fresh_at": at, "reject_import": origin}))
            for at, origin in zip(at_of_rows, origins, strict=True)
        ]

    def after(self, cell_times: str, record: Record, about: Circumstances) -> str:
        """Once a row of a file has given its cells."""
        at = about.time_of_cells(record)
        times = {**self._read(cell_times), **{column: at for column in record if column in self._letter_of}}
        letters: defaultdict[int, list[str]] = defaultdict(list)
        for column, given in times.items():
            letters[given].append(self._letter_of[column])
        return json.dumps({"".join(sorted(of_time)): given for given, of_time in letters.items()})

    def not_replaced_since(self, record: Record, cell_times: str, at: int) -> Record:
        """The record without the cells of which a newer file has told; `at`: the time of its own file."""
        times = self._read(cell_times)
        return {column: value for column, value in record.items() if times.get(column, at) <= at}

    def _written(self, columns: Collection[str], at: int) -> str:
        letters = "".join(sorted(self._letter_of[column] for column in columns if column in self._letter_of))
        return json.dumps({letters: at}) if letters else "{}"

    def _times_of(self, cell_times: str) -> dict[str, int]:
        return {self._column_of[letter]: at for letters, at in json.loads(cell_times).items() for letter in letters}
