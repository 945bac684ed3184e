"""The newest stamp of each clinic's rows in a table: none of its rows is less fresh (SPEC section 3).

Knows no database.
"""

from collections.abc import Mapping, Sequence
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
                self.note(clinic_ids, [at if type(at) in STAMPS else 0 for at in columns[column]])

    def note(self, clinic_ids: Sequence[str], stamps: Sequence[int]) -> None:
        """Of each row its clinic and its stamp, 0 for none."""
        newest = self.by_clinic
        if clinic_ids and clinic_ids.count(clinic_ids[0]) == len(clinic_ids):  # one maximum, where rows are millions
            clinic_ids, stamps = clinic_ids[:1], (max(stamps),)
        for clinic, at in zip(clinic_ids, stamps, strict=True):
            if at > newest.get(clinic, 0):
                newest[clinic] = at
