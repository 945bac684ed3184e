"""The newest stamp of each clinic's rows in a table: none of its rows is less fresh (SPEC section 3).

Knows no database.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from notifycli.intake.cells.values import OccursTwice
from notifycli.intake.kinds.circumstances import TIMES_OF_FRESHNESS

STAMPS = (int, OccursTwice)  # and not what stands in for a time that cannot be used


class NewestStamps:
    """`by_clinic`: UTC epoch seconds. A time that lies after the import, or cannot be read, is no stamp."""

    def __init__(self) -> None:
        self.by_clinic: dict[str, int] = {}

    def note_columns(self, columns: Mapping[str, Sequence[Any]], clinic_ids: Sequence[str]) -> None:
        for column in TIMES_OF_FRESHNESS:
            if column in columns:
                times = zip(clinic_ids, columns[column], strict=True)
                self.note((clinic, at) for clinic, at in times if type(at) in STAMPS)

    def note(self, stamps: Iterable[tuple[str, int]]) -> None:
        newest = self.by_clinic
        for clinic, at in stamps:
            if at > newest.get(clinic, 0):
                newest[clinic] = at
