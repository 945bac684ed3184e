"""What the cells of a column of times mean: UTC epoch seconds, or what stands in for a time that cannot be used.

Knows one column of one zone at a time; must not know rows or what is stored. Source: SPEC section 3, "Times".
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from notifycli.intake.cells import times
from notifycli.intake.cells.date_forms import ColumnTells, untold
from notifycli.intake.cells.values import (
    Doubtful,
    Illegible,
    Meanings,
    NotYet,
    OccursTwice,
    Reject,
    written_time,
)

FAR_AWAY = 2**62
SAMPLE = 100  # cells that tell whether those of a column repeat themselves


class Instants(Meanings):
    """Times of the zone of `hours`: UTC epoch seconds, None where the cell is blank and may be.

    `required`: the row is useless without. `latest`: for what lies later, or cannot be read, a StandIn of this instant
    stands; None where any time may be, and what cannot be read is none. `tells`: what the whole column tells.
    """

    def __init__(
        self,
        hours: times.Hours,
        *,
        required: bool,
        latest: int | None,
        tells: Callable[[], ColumnTells] = untold,
    ) -> None:
        super().__init__(self._instant)
        self._zone = hours.zone
        self._required = required
        self._latest = latest
        self._tells = tells
        self._hours = hours

    def of(self, cells: Sequence[str]) -> list[Any]:
        """A quick way for a column of plain times that hardly repeat, another for any other column."""
        sample = list(filter(None, cells[:SAMPLE]))
        if len(set(sample)) * 2 < len(sample):
            return super().of(cells)
        hours, rests = self._hours, times.BEHIND_THE_HOUR
        try:
            if self._required:
                instants: list[Any] = [hours[cell[:13]] + rests[cell[13:]] for cell in cells]  # type: ignore[operator]
            else:
                instants = [hours[cell[:13]] + rests[cell[13:]] if cell else None for cell in cells]  # type: ignore[operator]
        except (KeyError, TypeError):
            return super().of(cells)
        is_too_late = self._latest is not None and max(filter(None, instants), default=0) > self._latest
        return super().of(cells) if is_too_late else instants

    def _read(self, new: Iterable[str]) -> None:
        """Plain times at once, the others one by one."""
        hours, rests, known = self._hours, times.BEHIND_THE_HOUR, self._known
        latest = FAR_AWAY if self._latest is None else self._latest
        slow = []
        for cell in new:
            beginning, rest = hours[cell[:13]], rests.get(cell[13:])
            if beginning is None or rest is None or beginning + rest > latest:
                slow.append(cell)
            else:
                known[cell] = beginning + rest
        super()._read(slow)

    def _instant(self, cell: str) -> Any:
        written = written_time(cell)
        if not written:
            return Reject("is missing") if self._required else None
        try:
            at, occurs_twice = times.instant(written, self._zone, self._tells)
        except times.NotATime as error:
            if self._required:
                return Reject(str(error))
            if self._latest is None:
                return Doubtful(None, f"{error} and counts as none")
            return Doubtful(Illegible(self._latest), f"{error}; the time of the import was taken")
        if self._latest is not None and at > self._latest:
            return Doubtful(NotYet(self._latest), "lies in the future; the time of the import was taken")
        if not occurs_twice:
            return at
        first = OccursTwice(at)
        first.second = int(datetime.fromtimestamp(at, self._zone).replace(fold=1).timestamp())
        return Doubtful(first, "occurs twice that night; the first was taken")
