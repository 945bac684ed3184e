"""When a module or a type was on: the history of one switch, and what it says of a moment.

Knows nothing of appointments or of who turned the switch. Source: SPEC section 4, "Active at".
"""

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Switch:
    """The turns of one switch, as (instant, is_on) in the order of their instants; off before the first.

    `name`: of the module or type that it switches; "" of an appointment that names no type.
    """

    turns: tuple[tuple[int, bool], ...] = ()
    name: str = ""

    def is_on_at(self, instant: int) -> bool:
        """A turn takes effect from its own second; of two in one second the later counts."""
        index = bisect_right(self.turns, instant, key=lambda turn: turn[0])
        return index > 0 and self.turns[index - 1][1]

    def since(self, instant: int) -> int | None:
        """When it was turned to how it stands at that moment; None where it had never been turned."""
        index = bisect_right(self.turns, instant, key=lambda turn: turn[0])
        return self.turns[index - 1][0] if index > 0 else None


NEVER_TURNED = Switch()
