"""What holds for all rows of one import, and how fresh they are by it.

Must not know the database: what it has to ask there is handed in. Source: SPEC section 3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notifycli.domain.freshness import freshness_of_row
from notifycli.intake.cells.values import Illegible, NotYet, OccursTwice, StandIn

TIMES_OF_FRESHNESS = ("booked_at", "changed_at", "cancelled_at")
NO_STAMP = frozenset((NotYet, Illegible))
Record = Mapping[str, Any]  # a row of a file by the contract's columns, holding only those that the file has


@dataclass(frozen=True)
class Origin:
    """The import that rows come from: their own, or of mended rejects the one that rejected them, and its time."""

    import_id: int
    file_at: int
    at: int

    def freshness_of(self, stamp: int | None) -> int:
        """By the row's stamp, unless it lay ahead when the row came; else as fresh as its file (SPEC section 3)."""
        return freshness_of_row(stamp if stamp is not None and stamp <= self.at else None, self.file_at)


@dataclass(frozen=True)
class Circumstances:
    """What holds for all rows of one import. `first_active_at(clinic_id, type_id)`: see rules.first_look_at.

    `assumes_consent(clinic_id)`: of patients of whom no file has said whether they consent; None: of nobody.
    `file_at`: the file's time, never later than `now`. `stamp_columns`: those that tell how fresh a row of appointments
    is. `origin_of(import)`: of rejects, None where no such import is known. `is_merge(clinic, old, new)`: of patients.
    `reopen_for(patients)`: those who have contact details now that they had not (R18).
    """

    now: int
    import_id: int
    migrated: bool
    first_active_at: Callable[[str, str], int | None]
    assumes_consent: Callable[[str], bool] | None = None
    file_at: int = 0
    stamp_columns: tuple[str, ...] = TIMES_OF_FRESHNESS
    origin_of: Callable[[str], Origin | None] = lambda number: None
    is_merge: Callable[[str, str, str], bool] = lambda clinic, old, new: False
    reopen_for: Callable[[Sequence[tuple[str, ...]]], None] = lambda patients: None

    def origin(self, record: Record) -> Origin:
        return self.origin_of(record.get("reject_import") or "") or Origin(self.import_id, self.file_at, self.now)

    def time_of_cells(self, record: Record) -> int:
        """How fresh the cells of a clinic, type or patient are: as their message or resource, else as their file."""
        at = record.get("fresh_at")
        return at if type(at) is int and at <= self.now else self.origin(record).file_at

    def stamp_of(self, record: Record) -> int | None:
        """The latest time of a row of an appointment by which its freshness goes; None where it has none."""
        return latest_of([record.get(column) for column in self.stamp_columns])

    def latest_stamp_of(self, record: Record) -> int | None:
        """As it is held against what is stored: of a time that occurs twice, the second."""
        times = [record.get(column) for column in self.stamp_columns]
        return latest_of([at.second if isinstance(at, OccursTwice) else at for at in times])


def latest_of(times: Sequence[Any]) -> int | None:
    """The latest of the times of a row; None where there is none, or one that cannot be read or lies ahead."""
    given = [at for at in times if at is not None]
    return max(given) if given and NO_STAMP.isdisjoint(map(type, given)) else None


def latest_of_columns(columns: Sequence[Sequence[Any]], size: int) -> Sequence[int | None]:
    """The same of each row, where each column holds one of its times."""
    if not all(NO_STAMP.isdisjoint(map(type, column)) for column in columns):
        return list(map(latest_of, zip(*columns, strict=True)))
    latest: Sequence[int | None] = [None] * size
    for column in columns:
        if column.count(None) == size:
            continue
        latest = [
            at if known is None or (at is not None and at > known) else known
            for known, at in zip(latest, column, strict=True)
        ]
    return latest


def stored_time(at: Any) -> Any:
    """A time that cannot be used is none: the same file says the same again until it has come or was mended."""
    return None if isinstance(at, StandIn) else at


def given_or_now(at: int | None, about: Circumstances) -> int:
    return about.now if at is None else int(at)
