"""What rich does not do by itself: wrap the columns that may be wrapped and no other, show what a terminal would obey,
and end quietly in a closed pipe.

Imported only where a table is shown (see render). Knows nothing of what is shown.
"""

from collections.abc import Callable
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

from notifycli.cli.visible import visible, visible_lines

BETWEEN_COLUMNS = 2
RIGHT, MAY_WRAP = ">", "~"


class Screen(Console):
    """A console whose reader may go away: that ends the command as for any other output (see main)."""

    def print(self, *objects: Any, **how: Any) -> None:
        super().print(*(_shown(shown_object, visible_lines) for shown_object in objects), **how)

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


class FittingTable(Table):
    """Only columns marked with "~" are wrapped, at words, as long as the others fit; where they do not, all fold."""

    def __init__(self, names: tuple[str, ...], title: str | None) -> None:
        super().__init__(
            box=box.SIMPLE_HEAD,
            title=title,
            title_justify="left",
            padding=(0, BETWEEN_COLUMNS - 1, 0, 0),
            pad_edge=False,
            show_edge=False,
        )
        self._flexible = [name.endswith(MAY_WRAP) for name in names]
        for name in names:
            self.add_column(
                name.rstrip(RIGHT + MAY_WRAP), justify="right" if name.endswith(RIGHT) else "left", overflow="fold"
            )

    def add_row(self, *cells: RenderableType | None, **how: Any) -> None:
        """A cell has one line, whatever is in it."""
        super().add_row(*(_shown(cell, visible) for cell in cells), **how)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        stays_on_a_line = self._fits(console, options)
        for column, is_flexible in zip(self.columns, self._flexible, strict=True):
            column.no_wrap = stays_on_a_line and not is_flexible
        yield from super().__rich_console__(console, options)

    def _fits(self, console: Console, options: ConsoleOptions) -> bool:
        needed = BETWEEN_COLUMNS * (len(self.columns) - 1)
        for column, is_flexible in zip(self.columns, self._flexible, strict=True):
            widths = _widths(column, console, options)
            needed += max(width.minimum if is_flexible else width.maximum for width in widths)
        return needed <= options.max_width


def _widths(column: Column, console: Console, options: ConsoleOptions) -> list[Measurement]:
    return [Measurement.get(console, options, cell) for cell in (column.header, *column.cells)]


def _shown(value: Any, as_shown: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return as_shown(value)
    if isinstance(value, Text) and not value.plain.isprintable():
        value = value.copy()
        value.plain = as_shown(value.plain)
    return value
