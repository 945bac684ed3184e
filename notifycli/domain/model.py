"""What is known of a subject, and what was decided about its notices, as values.

Holds facts only, decides nothing. Instants are UTC epoch seconds. Source: SPEC sections 2 to 4.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from notifycli.domain.switches import NEVER_TURNED, Switch
from notifycli.domain.words import (
    AppointmentEventKind,
    AppointmentState,
    Channel,
    Event,
    Method,
    NeverReason,
    SkipReason,
    VerdictOutcome,
)

STATE_OF_STATUS: dict[str, AppointmentState] = {
    "booked": "booked",
    "proposed": "open",
    "pending": "open",
    "waitlist": "open",
    "cancelled": "cancelled",
    "entered-in-error": "cancelled",
    "fulfilled": "ended",
    "noshow": "ended",
    "arrived": "ended",
    "checked-in": "ended",
}


CANCELLED: frozenset[str] = frozenset(status for status, state in STATE_OF_STATUS.items() if state == "cancelled")
OPEN: frozenset[str] = frozenset(status for status, state in STATE_OF_STATUS.items() if state == "open")
ANSWERS = ("edialog", "econsultation", "prescription", "invoice")  # kinds of dialog that are a reply (SPEC section 3)


class Place(NamedTuple):
    """When and where: what a notice of an appointment tells."""

    starts_at: int
    location: str


@dataclass(frozen=True, slots=True)
class AppointmentEvent:
    """Something that an import made happen to an appointment; `moved` is True where starts_at changed.

    `place`: as it stood afterwards, of a cancellation what was cancelled; None of what first gave it. `known_at`: when
    its import told of it. `before`: as it stood until then, where it stood. A takeover begins another patient's tenure
    (SPEC section 3).
    """

    kind: AppointmentEventKind
    at: int
    moved: bool = False
    place: Place | None = None
    known_at: int = 0
    before: Place | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """One clinic's view of a patient; `known_since` is when the clinic first told of them.

    `gone`: channels whose address is known to be no more. `has_landline`: their number gets no SMS.
    """

    known_since: int
    consent: bool
    preferred: Method | None
    possible: frozenset[Channel]
    gone: frozenset[Channel] = frozenset()
    has_landline: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """The switches that count for one subject.

    `types` are the types that an appointment had, as (since, switch) in order; the first counts from its beginning.
    Empty for an appointment without a type, None for dialogs and receipts, which have no type.
    """

    module: Switch
    types: tuple[tuple[int, Switch], ...] | None = None

    def why_off_at(self, instant: int) -> Literal["module_off", "type_off"] | None:
        """None when active at that moment; `module_off` if both are off (SPEC, R15)."""
        if not self.module.is_on_at(instant):
            return "module_off"
        if self.types is not None and not self.type_at(instant).is_on_at(instant):
            return "type_off"
        return None

    def is_active_at(self, instant: int) -> bool:
        return self.why_off_at(instant) is None

    def turning_points_after(self, instant: int) -> list[int]:
        """The moments after `instant` at which it may have become active or ceased to be."""
        turns = [at for at, _ in self.module.turns]
        for since, switch in self.types or ():
            turns += [since, *(at for at, _ in switch.turns)]
        return sorted({at for at in turns if at > instant})

    def type_at(self, instant: int) -> Switch:
        """The switch of the type that the appointment had then."""
        if not self.types:
            return NEVER_TURNED
        later = [switch for since, switch in self.types[1:] if since <= instant]
        return later[-1] if later else self.types[0][1]


class Key(NamedTuple):
    """What makes a notice one notice of its subject: the event's running number, or the starts_at of a reminder.

    `tenure` counts the takeovers before it: whose notice it is.
    """

    event: Event
    number: int
    tenure: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What a delivery that went out told of an appointment, and when. `is_certain`: not where nobody knows of it."""

    at: int
    place: Place
    key: Key
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose the appointment was in one tenure; `booked_starts`: of all their booked appointments at the clinic."""

    patient: Patient | None
    booked_starts: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that a rule makes due.

    `happened_at`: the moment that its switches go by; `known_at`: when its event became known.
    """

    key: Key
    due_at: int
    happened_at: int
    too_late_at: int
    known_at: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """A notice that exists, with what it was decided by."""

    key: Key
    due_at: int
    happened_at: int


@dataclass(frozen=True, slots=True)
class Appointment:
    """All that is known of one appointment. `told` holds what went out about it, in order; `written` the notices that
    exist, but for those that are to be looked at again (`reopened`: R18).

    `first_state` is how it was when it was first seen. `no_notices` is what its export says that it wants none of.
    `former`: whose it was before, by tenure. `held_by`: the stopped import that would cancel or move it.
    """

    state: AppointmentState
    starts_at: int
    location: str
    events: tuple[AppointmentEvent, ...]
    activity: Activity
    zone: ZoneInfo
    first_state: AppointmentState = "booked"
    third_party_sends: bool = False
    no_notices: Literal["", "reminder", "all"] = ""
    told: tuple[Told, ...] = ()
    written: frozenset[Key] = frozenset()
    reopened: tuple[Written, ...] = ()
    booked_starts: frozenset[int] = frozenset()
    former: tuple[Holder, ...] = ()
    held_by: int | None = None
    source: str = ""
    status: str = ""

    @property
    def place(self) -> Place:
        return Place(self.starts_at, self.location)

    @property
    def tenure(self) -> int:
        return len(self.former)

    @property
    def events_of_tenure(self) -> tuple[AppointmentEvent, ...]:
        """Since the last takeover."""
        begins = max((place for place, event in enumerate(self.events) if event.kind == "takeover"), default=-1)
        return self.events[begins + 1 :]


@dataclass(frozen=True, slots=True)
class Post:
    """A dialog, a reply or a receipt: `at` is its sent_at or paid_at, None for a bill card that is not paid."""

    event: Literal["dialog", "reply", "receipt"]
    at: int | None
    activity: Activity
    max_age: int
    written: frozenset[Key] = frozenset()
    reopened: tuple[Written, ...] = ()
    known_at: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done about one notice, and the word that says why.

    `send` and `skip`: due, to be written now. `planned`: due later; `reason` says what would skip it as things stand.
    `waits`: due, but for `reason` (unknown_patient, a switch, held) it waits; look again at `look_again_at`.
    `written`: it exists already. `never`: no rule made it due. `happened_at`: the moment that its switches go by.
    """

    key: Key
    outcome: VerdictOutcome
    due_at: int | None = None
    reason: SkipReason | NeverReason | None = None
    channels: tuple[Channel, ...] = ()
    happened_at: int | None = None
    look_again_at: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict on every notice that a subject could make, by due time, and the next moment to look (None: never)."""

    verdicts: tuple[Verdict, ...]
    next_check_at: int | None
