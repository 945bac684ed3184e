"""Finds out from a whole column of times what a single cell cannot tell: whether 28/11/2026 has its day first, and
whether 46185.4 is a date.

Reads all rows of a file, and only once a cell has been met that needs it. Must not know formats. Source: SPEC section
3, "Times".
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from notifycli.intake.cells.date_forms import (
    ColumnTells,
    could_be_month_first,
    has_enough_digits,
    is_exact,
    serial_in,
)
from notifycli.intake.cells.values import written_time


class FormsOfTimes:
    """`cells`: goes through the columns of times of the whole file in parts, each with the contract's column."""

    def __init__(self, cells: Callable[[], Iterable[tuple[str, Sequence[str]]]] = lambda: ()) -> None:
        self._cells = cells
        self._known: dict[str, ColumnTells] | None = None

    def of(self, column: str) -> ColumnTells:
        if self._known is None:
            self._known = _known(self._cells())
        return self._known.get(column, ColumnTells())


def _known(parts: Iterable[tuple[str, Sequence[str]]]) -> dict[str, ColumnTells]:
    columns: defaultdict[str, _Column] = defaultdict(_Column)
    for column, cells in parts:
        columns[column].look_at(set(cells))
    return {name: ColumnTells(column.is_clear, column.are_serials()) for name, column in columns.items()}


@dataclass
class _Column:
    """`has_clock`: some of its numbers tell a time of day; `is_sharp`: some of them to the minute."""

    is_clear: bool = True
    is_of_serials: bool = True
    has_clock: bool = False
    is_sharp: bool = False
    are_all_exact: bool = True

    def look_at(self, cells: Collection[str]) -> None:
        for cell in cells:
            written = written_time(cell)
            if not written:
                continue
            self.is_clear = self.is_clear and not could_be_month_first(written)
            serial = serial_in(written) if self.is_of_serials else None
            if serial is None:
                self.is_of_serials = False
                continue
            self.has_clock = self.has_clock or serial.has_clock
            self.is_sharp = self.is_sharp or any(map(has_enough_digits, serial.shares))
            self.are_all_exact = self.are_all_exact and all(map(is_exact, serial.shares))

    def are_serials(self) -> bool:
        """What writes one of them to the minute has rounded none."""
        return self.is_of_serials and self.has_clock and (self.is_sharp or self.are_all_exact)
