"""What rich does not do by itself: show what a terminal would obey, write long tables quickly, and end quietly in a
closed pipe.

Imported only where something is shown (see render). Knows nothing of what is shown.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from rich.text import Text

from notifycli.cli.listing import Line, Listing
from notifycli.cli.visible import visible_lines

COLOURS = {"standard": ColorSystem.STANDARD, "256": ColorSystem.EIGHT_BIT, "truecolor": ColorSystem.TRUECOLOR}
FILLED_UP = re.compile(" +(?=\n)")  # rich fills lines up to where they were wrapped
NARROWEST = 12  # columns; a terminal with fewer, or one that says 0, breaks the lines itself


class Screen(Console):
    """A console whose reader may go away: that ends the command as for any other output (see main)."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        if self.width < NARROWEST:
            self.width = NARROWEST

    def print(self, *objects: Any, **how: Any) -> None:
        if len(objects) == 1 and isinstance(objects[0], Listing):
            # Block by block, the first at once; rich would lay out the whole before it writes any of it.
            colours = None if self.no_color else COLOURS.get(self.color_system or "")
            for lines in objects[0].blocks(self.width):
                self.file.write("".join(f"{_painted(line, colours)}\n" for line in lines))
                self.file.flush()
        elif self.is_terminal:
            super().print(*(_shown(value, visible_lines) for value in objects), **how)
        else:
            with self.capture() as printed:
                super().print(*(_shown(value, visible_lines) for value in objects), **how)
            self.file.write(FILLED_UP.sub("", printed.get()))
            self.file.flush()

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _painted(line: Line, colours: ColorSystem | None) -> str:
    if colours is None:
        return "".join(text for text, _ in line)
    return "".join(text.join(_around(style, colours)) if style else text for text, style in line)


@lru_cache(100)
def _around(style: str, colours: ColorSystem) -> tuple[str, str]:
    """What a terminal is told before and after a text of that style."""
    before, _, after = Style.parse(style).render("|", color_system=colours).partition("|")
    return before, after


def _shown(value: Any, as_shown: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return as_shown(value)
    if isinstance(value, Text) and not value.plain.isprintable():
        value = value.copy()
        value.plain = as_shown(value.plain)
    return value
