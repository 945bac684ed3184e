"""What an imported appointment row makes happen, against what is stored: the table of SPEC section 3.

Knows nothing of files or of tables; the values are clean when they come here. Instants are UTC epoch seconds.
"""

from dataclasses import dataclass

from notifycli.domain.model import Happening, HappeningKind, State


@dataclass(frozen=True, slots=True)
class Details:
    """What of an appointment decides whether something happened; the times are None where the row gives none."""

    state: State
    starts_at: int
    location: str
    booked_at: int | None = None
    changed_at: int | None = None
    cancelled_at: int | None = None


def fresher_than(stored: int, row: Details, imported_at: int) -> bool:
    """Whether a stored appointment's freshness is later than the row's, which then is stale (SPEC section 3)."""
    return stored > freshness(row, imported_at)


def freshness(row: Details, imported_at: int) -> int:
    """The latest time that the row gives; a row that gives none is as fresh as its import."""
    return freshness_of(row.booked_at, row.changed_at, row.cancelled_at, imported_at)


def freshness_of(booked_at: int | None, changed_at: int | None, cancelled_at: int | None, imported_at: int) -> int:
    """`freshness` of a row by its times."""
    if booked_at is not None and changed_at is None and cancelled_at is None:
        return booked_at
    return max((at for at in (booked_at, changed_at, cancelled_at) if at is not None), default=imported_at)


def what_happens(
    stored: Details | None, last_at: int | None, row: Details, migrated: bool, imported_at: int
) -> Happening | None:
    """The happening that the row makes, or None. `last_at`: when something last happened to the appointment.

    A time that is missing, later than the import, or not later than `last_at` is the time of the import.
    """
    if stored is None:
        return what_happens_at_first(row.state, row.booked_at, migrated, imported_at)
    kind = _kind(stored, row, migrated)
    if kind is None:
        return None
    given = _given_time(kind, stored, row)
    is_usable = given is not None and given <= imported_at and (last_at is None or given > last_at)
    moved = kind == "change" and stored.starts_at != row.starts_at
    return Happening(kind, given if is_usable and given is not None else imported_at, moved)


def what_happens_at_first(state: State, booked_at: int | None, migrated: bool, imported_at: int) -> Happening | None:
    """The happening that the first row of an appointment makes, or None."""
    if state != "booked":
        return None
    if migrated:
        return Happening("migration", imported_at)
    return Happening("booking", booked_at if booked_at is not None and booked_at <= imported_at else imported_at)


def _kind(stored: Details, row: Details, migrated: bool) -> HappeningKind | None:
    if row.state == "booked":
        return _kind_of_booked_row(stored, row, migrated)
    if stored.state == "booked" and row.state in ("cancelled", "open"):
        return "cancellation"
    return None


def _kind_of_booked_row(stored: Details, row: Details, migrated: bool) -> HappeningKind | None:
    if stored.state == "booked":
        is_same = (stored.starts_at, stored.location) == (row.starts_at, row.location)
        return None if is_same else "change"
    if stored.state == "cancelled":
        return "booking"
    if stored.state == "open" and not migrated:
        return "booking"
    return None


def _given_time(kind: HappeningKind, stored: Details, row: Details) -> int | None:
    if kind == "cancellation":
        return row.cancelled_at if row.cancelled_at is not None else row.changed_at
    if kind == "change" or stored.state == "cancelled":
        return row.changed_at
    return row.booked_at
