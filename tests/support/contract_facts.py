"""The facts of the contract's model: words, switches, patients, appointments, and the rows of a history.

Takes nothing from the program. Instants are UTC epoch seconds.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

MINUTE, HOUR, DAY = 60, 3600, 86400
STATES = {
    "booked": "booked",
    "cancelled": "cancelled",
    "entered-in-error": "cancelled",
    "fulfilled": "ended",
    "noshow": "ended",
    "proposed": "open",
    "waitlist": "open",
}
TIMES = ("booked_at", "changed_at", "cancelled_at")
EVENTS = {"booking": "confirmation", "change": "change", "cancellation": "cancellation"}
ORDER = ("cancellation", "confirmation", "change", "reminder", "dialog", "reply", "receipt")
MODULES = {"appointment": "timebook", "dialog": "post", "receipt": "economy"}
WAITS, WAITS_FOR_A_SWITCH = "waits", "waits for a switch"


class Switch:
    """Off until it is first turned; takes effect from that second."""

    def __init__(self) -> None:
        self.turns: list[tuple[int, bool]] = []
        self.imported: bool | None = None

    def bring(self, is_on: bool, at: int) -> None:
        """A cell overwrites only where it differs from what was last imported."""
        if is_on != self.imported:
            self.turns.append((at, is_on))
        self.imported = is_on

    def is_on(self, at: int) -> bool:
        return next((is_on for since, is_on in reversed(self.turns) if since <= at), False)


class Patient:
    PLACES_OF_STAFF = ("email", "mobile", "consent", "preferred_method")

    def __init__(self, known_since: int) -> None:
        self.known_since = known_since
        self.now: dict[str, Any] = {
            "email": "",
            "mobile": "",
            "consent": "no",
            "preferred_method": "",
            "push_token": "",
        }
        self.imported: dict[str, Any] = {}

    def bring(self, cells: dict[str, str]) -> None:
        for column, cell in cells.items():
            if column not in self.PLACES_OF_STAFF or cell != self.imported.get(column, ""):
                self.now[column] = cell
            self.imported[column] = cell

    def ways(self) -> set[str]:
        """Addresses that a notice can go to, by whatever method."""
        email, mobile = self.now["email"], self.now["mobile"]
        return {way for way in (email, mobile if mobile.startswith(("9", "4")) else "") if way}

    def addresses(self) -> dict[str, str]:
        """By the channels of section 5 that a notice takes now; none where neither e-mail nor SMS is possible."""
        email, mobile, method = self.now["email"], self.now["mobile"], self.now["preferred_method"]
        gets_sms = mobile.startswith(("9", "4"))
        possible = ({"email": email} if email else {}) | ({"sms": f"+47{mobile}"} if gets_sms else {})
        first = "sms" if method == "sms" else "email"
        chosen = {first: possible[first]} if method != "both" and first in possible else possible
        push = {"push": self.now["push_token"]} if possible and not method and self.now["push_token"] else {}
        return chosen | push


class Happened(NamedTuple):
    """`known_at`: when an import told of it; `moved`: whether starts_at changed; `gives`: what a cancellation ended."""

    kind: str
    at: int
    moved: bool
    known_at: int
    gives: tuple[int, str]


@dataclass
class Appointment:
    patient: str
    status: str = ""
    starts_at: int = 0
    location: str = ""
    ends_with: str = "nothing"  # the state before it ended
    source: str = ""
    fresh_at: int = 0
    seen_open_at: int = 0
    times: dict[str, int | None] = field(default_factory=dict)
    types: list[tuple[int, str]] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    told: list[tuple[int, tuple[int, str], str, int]] = field(default_factory=list)  # at, what, event, number

    @property
    def state(self) -> str:
        return STATES.get(self.status, "nothing")

    @property
    def last_type(self) -> str | None:
        return self.types[-1][1] if self.types else None

    def type_at(self, at: int) -> str:
        later = [one for since, one in self.types[1:] if since <= at]
        return [*(one for _, one in self.types[:1]), *later][-1] if self.types else ""


class Due(NamedTuple):
    """A notice that a rule makes due; `since`: the moment that R19 counts from."""

    clinic: str
    subject: str
    id: str
    event: str
    number: int
    at: int
    since: int


class Row(NamedTuple):
    """What `history` says of one delivery, or of a notice that was skipped."""

    clinic: str
    subject: str
    id: str
    patient: str
    event: str
    due_at: int
    status: str
    reason: str | None
    channel: str | None
    address: str | None
    sent_at: int | None
