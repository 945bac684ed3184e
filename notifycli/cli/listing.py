"""How a table is laid on a screen: whole cells first, lines no wider than the screen, and as quick for 200,000 rows.

A row has one line where its columns fit beside each other. Where they do not, as with long ids, its columns stand on
two lines or more, whole, the later ones set in; the headings stand likewise, but for a few such rows. The widths are
those of the headings and the first rows, since nobody waits for the last row of a long list to see the first. Knows
nothing of what is shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice, pairwise
from textwrap import TextWrapper

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from notifycli.cli.render import AS_IT_STANDS
from notifycli.cli.styled import Part, Styled

BETWEEN_COLUMNS = 2
SET_IN = 4  # columns, of a row's second line and those after it
NARROWEST = 24  # columns of text that is wrapped beside others, but for a narrow screen
SHARE_OF_SCREEN = 5  # the part of a narrow screen that such text gets at least: a fifth
RIGHT, MAY_WRAP = ">", "~"
MOST = 2 / 3  # of the first rows, for which the others need not be laid on more lines, too
FIRST_ROWS = 500  # by which the widths are chosen; so many are written at once
Cell = Styled | Text | str  # a plain string may bear rich's marks of style
Line = list[Part]


@dataclass(frozen=True)
class Heading:
    """A name that ends with ">" is set to the right; the text of one with "~" is wrapped at words, of no other."""

    name: str
    is_right: bool
    may_wrap: bool


@dataclass(frozen=True)
class Field:
    """Where a column stands on a line of a row: from where, and how wide."""

    column: int
    left: int
    width: int


Layout = tuple[tuple[Field, ...], ...]  # the lines of a row


class Listing:
    """A table; its rows come by add_row, then one by one out of `rows` while it is written."""

    def __init__(self, names: Sequence[str], rows: Iterable[Sequence[Cell]] = ()) -> None:
        self.show_header = True
        self._columns = [
            Heading(name.rstrip(RIGHT + MAY_WRAP), name.endswith(RIGHT), name.endswith(MAY_WRAP)) for name in names
        ]
        self._added: list[Sequence[Cell]] = []
        self._rows = rows

    def add_row(self, *cells: Cell) -> None:
        self._added.append(cells)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for lines in self.blocks(options.max_width):
            for line in lines:
                yield from (Segment(text, Style.parse(style)) for text, style in line)
                yield Segment.line()

    def blocks(self, screen_width: int) -> Iterator[list[Line]]:
        """Its lines, those of some hundred rows at a time."""
        rows = (tuple(map(_styled, cells)) for cells in chain(self._added, self._rows))
        block = list(islice(rows, FIRST_ROWS))
        names = tuple(Styled((column.name, "bold")) for column in self._columns)
        widths, least = self._widths_of_most([names] if self.show_header else [], block, screen_width)
        lines = []
        if self.show_header:
            fields = layout(tuple(self._columns), tuple(widths), tuple(least), screen_width)
            rule = "─" * max(line[-1].left + line[-1].width for line in fields)
            lines = [*self._lines(names, widths, least, screen_width), [(rule, "")]]
        while block or lines:
            for cells in block:
                lines += self._lines(cells, widths, least, screen_width)
            yield lines
            lines, block = [], list(islice(rows, FIRST_ROWS))

    def _widths_of_most(
        self, headings: Sequence[Sequence[Styled]], rows: Sequence[Sequence[Styled]], screen_width: int
    ) -> tuple[list[int], list[int]]:
        """Of all rows, unless it is a few alone that do not fit beside each other: then of the others."""
        columns = tuple(self._columns)
        of_all = self._widths([*headings, *rows])
        if len(layout(columns, tuple(of_all[0]), tuple(of_all[1]), screen_width)) == 1:
            return of_all
        widths, least = self._widths(headings)
        for number, cells in enumerate(sorted(rows, key=lambda cells: sum(_width(cell.plain) for cell in cells))):
            wider, longest = ([*map(max, *both)] for both in zip((widths, least), self._widths([cells]), strict=True))
            if len(layout(columns, tuple(wider), tuple(longest), screen_width)) > 1:
                return (widths, least) if number > MOST * len(rows) else of_all
            widths, least = wider, longest
        return of_all

    def _widths(self, rows: Sequence[Sequence[Styled]]) -> tuple[list[int], list[int]]:
        """Of each column the width of its widest cell, and how narrow it may get: as its widest word."""
        columns = [[row[place].plain for row in rows] for place in range(len(self._columns))]
        widths = [max(map(_width, cells), default=0) for cells in columns]
        least = [
            max((_width(word) for cell in cells for word in cell.split()), default=0) if column.may_wrap else width
            for column, cells, width in zip(self._columns, columns, widths, strict=True)
        ]
        return widths, least

    def _lines(
        self, cells: Sequence[Styled], widths: Sequence[int], least: Sequence[int], screen_width: int
    ) -> Iterator[Line]:
        """Of one row. One that is wider than the first rows were has a layout of its own, to stay whole, too."""
        own = [_width(cell.plain) for cell in cells]
        for place, column in enumerate(self._columns):
            if own[place] <= widths[place]:
                continue
            whole = max(map(_width, cells[place].plain.split()), default=0) if column.may_wrap else own[place]
            if whole > widths[place]:
                widths = [*widths[:place], whole, *widths[place + 1 :]]
                least = [*least[:place], whole, *least[place + 1 :]]
        for fields in layout(tuple(self._columns), tuple(widths), tuple(least), screen_width):
            if not any(own[field.column] for field in fields):
                continue
            if all(own[field.column] <= field.width for field in fields):
                yield self._line([(field, cells[field.column].parts, own[field.column]) for field in fields])
                continue
            folded = [
                [_cut(cell.parts, start, end) for start, end in _breaks(cell.plain, width)]
                for cell, width in ((cells[field.column], field.width) for field in fields)
            ]
            for number in range(max(map(len, folded))):
                yield self._line(
                    [
                        (field, lines[number], sum(_width(text) for text, _ in lines[number]))
                        for field, lines in zip(fields, folded, strict=True)
                        if number < len(lines)
                    ]
                )

    def _line(self, cells: Sequence[tuple[Field, Sequence[Part], int]]) -> Line:
        line, at = [], 0
        for field, parts, width in cells:
            if not width:
                continue  # no spaces at the end of a line
            left = field.left + field.width - width if self._columns[field.column].is_right else field.left
            if left > at:
                line.append((" " * (left - at), ""))
            line += parts
            at = left + width
        return line


@lru_cache(1_000)
def layout(columns: tuple[Heading, ...], widths: Sequence[int], least: Sequence[int], screen_width: int) -> Layout:
    """One line, if each column has its width there, and one that may be wrapped a width that reads well; else more.

    On several lines a column stands on the first that has room for it, of one that may be wrapped for half of it.
    Only what is wider than the screen is folded.
    """

    def needed_with(readable: int) -> list[int]:
        return [min(width, max(readable, word)) for width, word in zip(widths, least, strict=True)]

    needed = needed_with(min(NARROWEST, screen_width // SHARE_OF_SCREEN))
    if sum(needed) + BETWEEN_COLUMNS * (len(columns) - 1) <= screen_width:
        return (_placed(range(len(columns)), widths, needed, 0, screen_width),)
    needed = needed_with((screen_width - SET_IN) // 2)
    lines: list[list[int]] = [[]]
    for column in range(len(columns)):
        for number, line in enumerate(lines):
            left = (SET_IN if number else 0) + sum(needed[other] + BETWEEN_COLUMNS for other in line)
            if not line or left + needed[column] <= screen_width:
                line.append(column)
                break
        else:
            lines.append([column])
    return tuple(
        _placed(line, widths, needed, SET_IN if number else 0, screen_width) for number, line in enumerate(lines)
    )


def _placed(
    line: Sequence[int],
    widths: Sequence[int],
    needed: Sequence[int],
    left: int,
    screen_width: int,
) -> tuple[Field, ...]:
    """Beside each other. What is too much is taken from the widest of those that may be wrapped."""
    taken = {column: min(widths[column], screen_width - left) for column in line}
    excess = left + sum(taken.values()) + BETWEEN_COLUMNS * (len(line) - 1) - screen_width
    while excess > 0 and (yielding := [column for column in line if taken[column] > needed[column]]):
        taken[max(yielding, key=taken.__getitem__)] -= 1
        excess -= 1
    fields = []
    for column in line:
        fields.append(Field(column, left, taken[column]))
        left += taken[column] + BETWEEN_COLUMNS
    return tuple(fields)


def _width(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


@lru_cache(1_000)
def _breaks(text: str, width: int) -> list[tuple[int, int]]:
    """From where to where each line goes."""
    wrapper = TextWrapper(width, **AS_IT_STANDS)
    breaks, end = [], 0
    for line in wrapper.wrap(text) or [""]:
        start = text.index(line, end)
        for piece in chop_cells(line, width) or [""]:
            breaks.append((start, start + len(piece)))
            start += len(piece)
        end = start
    return breaks


def _cut(parts: Sequence[Part], start: int, end: int) -> list[Part]:
    cut, at = [], 0
    for text, style in parts:
        if piece := text[max(0, start - at) : max(0, end - at)]:
            cut.append((piece, style))
        at += len(text)
    return cut


def _styled(cell: Cell) -> Styled:
    if isinstance(cell, Styled):
        return cell
    if isinstance(cell, str):
        if "[" not in cell:
            return Styled((cell, ""))
        cell = Text.from_markup(cell)
    # Cut where a style begins or ends; the style of each span holds for the part under it.
    edges = sorted({0, len(cell), *(edge for span in cell.spans for edge in (span.start, span.end))})
    parts = []
    for start, end in pairwise(edges):
        styles = [str(cell.style), *(str(span.style) for span in cell.spans if span.start <= start < span.end)]
        parts.append((cell.plain[start:end], " ".join(filter(None, styles))))
    return Styled(*parts)
