"""The values that a batch of rows passes through on its way in: its cells, the part to be looked at, a row before and
after. Must not know the database.
"""

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple

from notifycli.store.importing import Key


@dataclass
class Batch:
    """Rows of one header: cells by the contract's column, the number by which each row is known again, and its place
    in the file."""

    raw: dict[str, Sequence[str]]
    hashes: list[int]
    lines: Sequence[int]

    def only(self, kept: Sequence[bool]) -> "Batch":
        raw: dict[str, Sequence[str]] = {
            column: list(compress(of_column, kept)) for column, of_column in self.raw.items()
        }
        return Batch(raw, list(compress(self.hashes, kept)), list(compress(self.lines, kept)))


class LooksStale(NamedTuple):
    """A row of an appointment that is less fresh than what is stored, unless the newest stamp of its file tells
    otherwise; `record` is clean."""

    line: int
    clinic_id: str
    appointment_id: str
    record: Mapping[str, Any]
    row_hash: int | None

    @property
    def key(self) -> Key:
        return self.clinic_id, self.appointment_id


@dataclass
class BatchPart:
    """The rows of a batch that have to be looked at: their indexes in it, and what they are."""

    rows: Sequence[int]
    keys: list[Key]
    clinic_ids: list[str]
    batch: Batch
    is_new: bool


@dataclass(frozen=True)
class Step:
    """A row before this import and as it stands now.

    `is_of_this_import`: a row of this file has counted for it; `replaces_written_row`: one of an earlier batch.
    `row_at`: how fresh the row of the file was.
    """

    before: Any
    after: Any
    is_of_this_import: bool
    replaces_written_row: bool = False
    row_at: int = 0

    @property
    def gives_a_new_way(self) -> bool:
        """Of a patient who was known: an e-mail address or mobile number that they had not."""
        before, after = self.before, self.after
        has_new_email = after.email is not None and after.email != before.email
        return has_new_email or bool(after.mobile_gets_sms and after.mobile != before.mobile)

    @property
    def is_found_by_other_words(self) -> bool:
        """Of a patient: see domain.search_words."""
        before, after = self.before, self.after
        return before is None or (before.given_name, before.family_name, before.email, before.mobile) != (
            *(after.given_name, after.family_name, after.email, after.mobile),
        )


class Unchanged:
    """Where a file says what is stored already, for rows of it that say otherwise: by key, in 16 bytes a row."""

    def __init__(self) -> None:
        self._keys = array("q")
        self._lines = array("Q")

    def note(self, keys: Iterable[Key], lines: Iterable[int]) -> None:
        self._keys.extend(map(hash, keys))
        self._lines.extend(lines)

    def lines_of(self, keys: Collection[Key]) -> dict[Key, int]:
        """The last line about each of the keys that has any."""
        wanted = {hash(key): key for key in keys}
        return {wanted[known]: line for known, line in zip(self._keys, self._lines, strict=True) if known in wanted}
