"""Literal text with its styles, as light as a table of 200,000 rows needs it: rich's Text costs twenty times as much.

Imports nothing of rich before it is printed. Knows nothing of what is shown.
"""

from typing import TYPE_CHECKING

from notifycli.cli.visible import visible

if TYPE_CHECKING:
    from rich.text import Text

Part = tuple[str, str]  # text, and the name of its style, or "" for none


class Styled:
    """Text in parts, each with a style; shown as it stands, whatever brackets are in it, and on one line."""

    __slots__ = ("parts",)

    def __init__(self, *parts: Part) -> None:
        self.parts = tuple((visible(text), style) for text, style in parts)

    @property
    def plain(self) -> str:
        return self.parts[0][0] if len(self.parts) == 1 else "".join(text for text, _ in self.parts)

    def __add__(self, more: "Styled") -> "Styled":
        return Styled(*self.parts, *more.parts)

    def in_bold(self) -> "Styled":
        return Styled(*((text, f"bold {style}".rstrip()) for text, style in self.parts))

    def __rich__(self) -> "Text":
        from rich.text import Text

        return Text.assemble(*self.parts)
