"""What an imported appointment row makes happen, against what is stored: the table of SPEC section 3.

Knows nothing of files or of tables; the values are clean when they come here. Instants are UTC epoch seconds.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from notifycli.domain.model import AppointmentEvent, Place
from notifycli.domain.words import AppointmentEventKind, AppointmentState


@dataclass(frozen=True, slots=True)
class Details:
    """What of an appointment's row decides whether something happened; the times are None where the row gives none."""

    state: AppointmentState
    starts_at: int
    location: str
    booked_at: int | None = None
    changed_at: int | None = None
    cancelled_at: int | None = None

    @property
    def place(self) -> Place:
        return Place(self.starts_at, self.location)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an appointment is stored. `last_at`: when something last happened to it; `seen_open_at`: the last import that
    saw it open; `before_end`: what it was when it ended, None where it was never seen otherwise."""

    details: Details
    last_at: int | None = None
    seen_open_at: int | None = None
    before_end: AppointmentState | None = None

    @property
    def was(self) -> AppointmentState | None:
        """As it stands; of an ended one, as it stood before."""
        return self.before_end if self.details.state == "ended" else self.details.state


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells whether two patient ids are one person; `written_to`: every address that notices went to."""

    given_name: str
    contacts: Collection[str]
    written_to: Collection[str] = ()


def is_merge(old: Identity | None, new: Identity | None) -> bool:
    """Whether another patient on a stored appointment is the same person under another id (SPEC section 3).

    None: the clinic knows of no such patient.
    """
    if old is None:
        return True
    if new is None or not _plain(new.contacts) & _plain([*old.contacts, *old.written_to]):
        return False
    names = [" ".join(name.casefold().replace("-", " ").split()) for name in (old.given_name, new.given_name)]
    return names[0] == names[1] or not all(names)


def _plain(addresses: Iterable[str]) -> set[str]:
    """Capital letters make no other mailbox."""
    return {address.casefold() for address in addresses}


def event_of_row(stored: Standing | None, row: Details, migrated: bool, imported_at: int) -> AppointmentEvent | None:
    """The event that the row makes, or None.

    A time that is missing, stored already, later than the import, or not later than the last that happened is the time
    of the import.
    """
    if stored is None:
        return event_of_first_row(row.state, row.booked_at, migrated, imported_at)
    kind = _kind(stored, row, migrated, imported_at)
    if kind is None:
        return None
    given = _given_time(kind, stored, row)
    is_usable = given is not None and given <= imported_at and (stored.last_at is None or given > stored.last_at)
    moved = kind == "change" and stored.details.starts_at != row.starts_at
    return AppointmentEvent(kind, given if is_usable and given is not None else imported_at, moved, row.place)


def events_of_takeover(stored: Standing, row: Details, migrated: bool, imported_at: int) -> AppointmentEvent | None:
    """What the row makes happen where it gives a stored appointment to another patient: a booking is at changed_at."""
    changed_at = row.changed_at
    is_old = changed_at is None or changed_at == stored.details.changed_at or changed_at <= (stored.last_at or 0)
    return event_of_first_row(row.state, None if is_old else changed_at, migrated, imported_at)


def event_of_first_row(
    state: AppointmentState, booked_at: int | None, migrated: bool, imported_at: int
) -> AppointmentEvent | None:
    """The event that the first row of an appointment makes, or None."""
    if state != "booked":
        return None
    if migrated:
        return AppointmentEvent("migration", imported_at)
    return AppointmentEvent("booking", booked_at if booked_at is not None and booked_at <= imported_at else imported_at)


def _kind(stored: Standing, row: Details, migrated: bool, imported_at: int) -> AppointmentEventKind | None:
    if row.state == "cancelled":
        return "cancellation" if stored.was == "booked" else None
    if row.state == "open":
        return "cancellation" if stored.details.state == "booked" else None
    if row.state != "booked":
        return None
    if stored.was == "booked":
        if stored.details.place == row.place:
            return None
        is_new_booking = stored.details.state == "ended" and (row.booked_at or 0) > stored.details.starts_at
        return "booking" if is_new_booking else "change"
    if stored.was == "cancelled":
        return "booking"
    if stored.details.state == "ended":
        return "booking" if imported_at < row.starts_at else None
    return "migration" if migrated else "booking"


def _given_time(kind: AppointmentEventKind, stored: Standing, row: Details) -> int | None:
    """None where the row gives none, or only one that was stored already."""
    known = stored.details
    if kind == "migration":
        return None
    if kind == "cancellation":
        is_own = row.cancelled_at is not None
        return _new(row.cancelled_at, known.cancelled_at) if is_own else _new(row.changed_at, known.changed_at)
    if stored.details.state == "open":
        times = (_new(row.changed_at, known.changed_at), _new(row.booked_at, known.booked_at))
        return next((at for at in times if at is not None and at >= (stored.seen_open_at or 0)), None)
    if kind == "booking" and stored.was == "booked":
        return _new(row.booked_at, known.booked_at)
    return _new(row.changed_at, known.changed_at)


def _new(given: int | None, stored: int | None) -> int | None:
    return None if given == stored else given
