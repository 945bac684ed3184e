"""What came of a file's rows so far: numbers, and the first of each thing that happened to appointments.

Holds of people nothing but ids. Knows no rows and no database.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

MOST_FIRST = 5
What = Literal["booking", "move", "relocation", "cancellation"]
WHATS: tuple[What, ...] = ("booking", "move", "relocation", "cancellation")


class Affected(NamedTuple):
    """An appointment, by when it was to start and when it is to start now; None where it is not booked.

    UTC epoch seconds; `zone` is the clinic's.
    """

    appointment: str
    patient: str
    clinic: str
    zone: str
    was: int | None
    becomes: int | None


@dataclass
class Tally:
    """Counters are by clinic. `cancelled` and `postponed` count future appointments, `missing` those among the
    cancelled that the file did not name."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    stale: int = 0
    events: Counter[str] = field(default_factory=Counter)
    cancelled: Counter[str] = field(default_factory=Counter)
    postponed: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)  # future appointments more than before
    booked: Counter[str] = field(default_factory=Counter)  # seen for the first time, and booked
    new_of: Counter[str] = field(default_factory=Counter)  # appointments that were not stored
    moved: int = 0
    first: dict[What, dict[tuple[str, str], Affected]] = field(default_factory=lambda: {what: {} for what in WHATS})

    def has_room(self, what: What) -> bool:
        return len(self.first[what]) < MOST_FIRST

    def note_first(self, what: What, affected: Affected) -> None:
        if self.has_room(what):
            self.first[what][affected.clinic, affected.appointment] = affected

    def forget_first(self, what: What, clinic: str, appointment: str) -> None:
        """A later row of the file says otherwise."""
        self.first[what].pop((clinic, appointment), None)
