"""Cuts text with separators into blocks of rows.

Text without quotes is cut into columns at once, any other goes to csv.reader in whole chunks; on which line a row
begins is worked out afterwards, from its cells. Must not know bytes, encodings or what columns mean. Source: SPEC
section 3.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, compress, islice
from typing import NamedTuple

from notifycli.intake.formats.blocks import (
    BETWEEN,
    EMPTY,
    LONGEST_ROW,
    MOST_COLUMNS,
    Block,
    ByColumn,
    Unreadable,
    lines_of,
    refuse_too_many_columns,
)

SEPARATORS = (";", ",", "\t", "|")  # of equally good ones the first wins
LOOKED_AT = 30  # rows by which a separator is judged, and among which the header is
FEWEST_OF_A_TABLE = 3  # filled cells that make a row below a title look like the header
EXCELS_LINE = re.compile(r'"?sep=([^"\r\n])"?(?:\r\n|\r|\n|$)', re.IGNORECASE)
ENDED_IN_QUOTES = "unexpected end of data"  # csv.Error has no other sign of it
ROOMY = 4 * LONGEST_ROW  # more than a chunk and the row before it can hold


class Layout(NamedTuple):
    """`above`: filled rows before the header, such as a title."""

    separator: str
    above: int = 0


class Parsed(NamedTuple):
    """Whole rows with the lines on which they begin, the line after them, and the row that the text cuts short."""

    rows: Sequence[list[str]]
    lines: Sequence[int]
    next_line: int
    rest: str


def layout_of(beginning: str, is_header: Callable[[Sequence[str]], bool]) -> Layout:
    """The separator that Excel's first line names, else the one that splits the header, and the rows alike, best.

    The header is the first row that `is_header` knows, be it under another separator than the first row's; else the
    first row, or the table's first below a title.
    """
    named = EXCELS_LINE.match(beginning)
    if named:
        beginning = beginning[named.end() :]
    rows_by = {separator: _first_rows(beginning, separator) for separator in ([named[1]] if named else SEPARATORS)}

    def fit(separator: str) -> tuple[bool, int, int]:
        """Half the rows as wide as the header is enough, then width: a comma in every address is no separator."""
        rows = rows_by[separator]
        if not rows:
            return False, next(lines_of(beginning), "").count(separator) + 1, 0
        width = len(rows[0])
        alike = sum(len(row) == width for row in rows[1:])
        return width > 1 and alike * 2 >= len(rows) - 1, width, alike

    separators = sorted(rows_by, key=fit, reverse=True)
    is_below_a_title = any(_filled(row) == 1 for row in rows_by[separators[0]][:1])
    knows_headers = [is_header]
    if is_below_a_title:
        knows_headers.append(lambda cells: _filled(cells) >= FEWEST_OF_A_TABLE)
    for is_wanted in knows_headers:
        for separator in separators:
            for above, row in enumerate(rows_by[separator]):
                if is_wanted([cell.strip() for cell in row]):
                    return Layout(separator, above)
    return Layout(separators[0])


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def csv_blocks(pieces: Iterable[str], layout: Layout) -> Iterator[Block]:
    """A block for each piece of text, which ends where a line ends; a header alone makes one without rows.

    Raises Unreadable for a text without a header, for quotes that do not balance and for a row of too many columns.
    """
    header: tuple[str, ...] | None = None
    above, line, rest = layout.above, 1, ""
    for number, piece in enumerate(pieces):
        text = rest + piece
        if number == 0 and (excels := EXCELS_LINE.match(text)):
            text, line = text[excels.end() :], 2
        rows, lines, line, rest = _plain_rows(text, layout.separator, line) or _parse(text, layout.separator, line)
        if not isinstance(rows, ByColumn) and not all(map(any, rows)):
            has_cells = list(map(any, rows))
            rows, lines = list(compress(rows, has_cells)), list(compress(lines, has_cells))
        if header is None and above >= len(rows):
            above -= len(rows)
        elif header is None:
            header = tuple(name.strip() for name in rows[above])
            yield Block(header, rows[above + 1 :], lines[above + 1 :])
        elif rows:
            yield Block(header, rows, lines)
    if rest:
        raise Unreadable(f"line {line}: a quote is opened in this row and never closed; close it, or export anew")
    if header is None:
        raise Unreadable(EMPTY)


def _first_rows(beginning: str, separator: str) -> list[list[str]]:
    """Those before the first that cannot be read so, at most LOOKED_AT; none where the header cannot."""
    rows: list[list[str]] = []
    with _cells_of_any_size():
        try:
            for row in csv.reader(lines_of(beginning), delimiter=separator, strict=True):
                if any(row):
                    rows.append(row)
                if len(rows) > LOOKED_AT:
                    break
        except csv.Error:
            return rows
    return rows


def _plain_rows(text: str, separator: str, line: int) -> Parsed | None:
    """Of a text without quotes, whose rows have all as many cells and none is blank; None of any other.

    Takes a third of the time of csv.reader, and says the same.
    """
    text = (text.replace("\r\n", "\n") if "\r" in text else text).removesuffix("\n")
    if '"' in text or "\r" in text or BETWEEN in text:
        return None
    with_ends = text.replace("\n", f"{separator}\n")
    height, width = len(with_ends) - len(text) + 1, text.partition("\n")[0].count(separator) + 1
    cells = with_ends.split(separator)
    columns = ["".join(cells[::width]).split("\n"), *(cells[place::width] for place in range(1, width))]
    are_as_wide = len(cells) == height * width and len(columns[0]) == height
    if not are_as_wide or width > MOST_COLUMNS or not any(map(all, columns)):
        return None
    rows = ByColumn(columns, text.replace(separator, BETWEEN))
    return Parsed(rows, range(line, line + height), line + height, "")


def _parse(text: str, separator: str, line: int) -> Parsed:
    """Reads `text`, which begins on `line`, to its end or to the row that it cuts short."""
    reader = csv.reader(lines_of(text), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    fault = ""
    with _cells_of_any_size():
        try:
            rows.extend(reader)  # keeps the rows before the fault
        except csv.Error as error:
            fault = str(error)
    if max(map(len, rows), default=0) > MOST_COLUMNS:
        for row, begins_on in zip(rows, accumulate(map(_height, rows), initial=line), strict=False):
            refuse_too_many_columns(len(row), begins_on)
    if not fault and reader.line_num == len(rows):
        return Parsed(rows, range(line, line + len(rows)), line + len(rows), "")
    lines = list(accumulate(map(_height, rows), initial=line))
    next_line = lines.pop()
    if fault and fault != ENDED_IN_QUOTES:
        noticed_on = line + reader.line_num - 1
        where = f"line {next_line}" + (f" (noticed on line {noticed_on})" if noticed_on != next_line else "")
        raise Unreadable(f"{where}: a quote is closed and text goes on after it; write a quote inside a cell twice")
    rest = "".join(islice(lines_of(text), next_line - line, None))
    if len(rest) > LONGEST_ROW:
        raise Unreadable(f"line {next_line}: a quote is opened in this row and not closed within 1 MiB; close it")
    return Parsed(rows, lines, next_line, rest)


def _height(row: list[str]) -> int:
    """How many lines a row takes up, by the line breaks in its cells."""
    cells = "\0".join(row)  # something between, or the CR that ends a cell and the LF that begins the next were one
    return 1 + cells.count("\n") + cells.count("\r") - cells.count("\r\n")


@contextmanager
def _cells_of_any_size() -> Iterator[None]:
    """The limit of csv is one for the whole process, so it is put back; nothing is yielded to others meanwhile."""
    before = csv.field_size_limit(ROOMY)
    try:
        yield
    finally:
        csv.field_size_limit(before)
