"""When a module or a type was on: the history of one switch, and what it says of a moment.

Knows nothing of appointments or of who turned the switch. Source: SPEC section 4, "Active at".
"""

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switch:
    """The turns of one switch, as (instant, is_on) in the order of their instants; off before the first."""

    turns: tuple[tuple[int, bool], ...] = ()

    def is_on_at(self, instant: int) -> bool:
        """A turn takes effect from its own second; of two in one second the later counts."""
        index = bisect_right(self.turns, instant, key=lambda turn: turn[0])
        return index > 0 and self.turns[index - 1][1]


NEVER_TURNED = Switch()
