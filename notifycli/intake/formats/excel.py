"""Reads a sheet of a workbook (.xlsx, .xls, .ods) as blocks of rows, its cells as the text that a CSV would hold.

The caller says which row is the header. Must not know what the cells mean. calamine reads the file, and is
imported only where there is one. Source: SPEC section 3.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from notifycli.intake.formats.blocks import EMPTY, Block, Unreadable, refuse_too_many_columns, skipped_in_words
from notifycli.intake.formats.ndjson_rows import plain_number
from notifycli.intake.formats.workbook_parts import (
    LOCKED,
    errors_of,
    is_workbook,
    refuse_what_would_fail,
    trouble_told,
)

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

__all__ = ["Workbook", "is_workbook"]

LOOKED_AT = 30  # rows among which the header is
MOST_DIGITS_KEPT = 15
NAMES_TOLD = 5
IS_AN_ERROR = "is an error of the workbook, such as #N/A, and counts as empty"
LOST_DIGITS = "is a number of more than 15 digits, of which Excel does not keep all; format the column as text"
# How .ods writes errors, and whatever was pasted as text; in English and Norwegian.
ERRORS = {
    *("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"),
    *("#I/T", "#VERDI!", "#NAVN?", "#REFERANSE!", "#TALL!"),
}


class Workbook:
    """One sheet of an open workbook, which the caller closes. Numbers of rows are those that Excel shows.

    `sheet` is a name or a number (1 is the first), None for the first that has rows and is not hidden. `is_header` says
    of stripped cells whether they are a header. Raises Unreadable for what cannot be read and for an unknown sheet.
    """

    unit = "row"

    def __init__(self, file: IO[bytes], sheet: str | None, is_header: Callable[[Sequence[str]], bool]) -> None:
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        self._file = file
        self._book = _opened(file)
        with trouble_told():
            sheets = [known for known in self._book.sheets_metadata if known.typ == SheetTypeEnum.WorkSheet]
            is_visible = {known.name: known.visible == SheetVisibleEnum.Visible for known in sheets}
        names = list(is_visible)
        wanted = [_named(sheet, names)] if sheet else sorted(names, key=lambda name: not is_visible[name])
        for name in wanted:  # the first that has rows
            errors = errors_of(file, name)
            with trouble_told():
                self.sheet, self._sheet = name, self._book.get_sheet_by_name(name)
            if self._sheet.start is not None:
                break
        else:
            raise Unreadable(EMPTY if not sheet else f'its sheet "{sheet}" is empty; choose another with --sheet')
        self._errors: dict[int, list[int]] = {}  # columns from the first that holds something, by number of row
        for row, column in sorted(errors):
            self._errors.setdefault(row + 1, []).append(column - self._sheet.start[1])
        self._others = [name for name in names if name != self.sheet]
        self._find_header(is_header)
        self._has_clock = self._columns_with_a_clock()

    def notes(self) -> list[str]:
        """What was passed over; sentences without a full stop."""
        notes = skipped_in_words(self._skipped)
        if self._others:
            names = ", ".join([*self._others[:NAMES_TOLD], *(["…"] if len(self._others) > NAMES_TOLD else [])])
            sheets = "1 other sheet was" if len(self._others) == 1 else f"{len(self._others)} other sheets were"
            notes.append(f"{sheets} not read ({names}); choose one with --sheet")
        return notes

    def blocks(self, size: int = 1_000) -> Iterator[Block]:
        """The rows below the header, at most `size` a block; a header alone makes a block without rows."""
        rows = self._rows_below()
        rows_of_block = list(islice(rows, size))
        while True:
            warnings = [(place, *warning) for place, (_, _, odd) in enumerate(rows_of_block) for warning in odd]
            cells, numbers = [row[1] for row in rows_of_block], [row[0] for row in rows_of_block]
            yield Block(self._header, cells, numbers, warnings=warnings)
            rows_of_block = list(islice(rows, size))
            if not rows_of_block:
                return

    def _find_header(self, is_header: Callable[[Sequence[str]], bool]) -> None:
        first: list[tuple[int, list[Any]]] = []
        for row, cells in self._raw_rows():
            if any(cell != "" for cell in cells):
                first.append((row, cells))
            if len(first) == LOOKED_AT:
                break
        if not first:
            raise Unreadable(EMPTY)
        names = [[" ".join(_text(cell, False).split()) for cell in cells] for _, cells in first]
        place = next((place for place, cells in enumerate(names) if is_header(cells)), None)
        if place is None:  # the row with the most texts
            counts = [sum(isinstance(cell, str) and bool(cell.strip()) for cell in cells) for _, cells in first]
            place = counts.index(max(counts))
        self._header_row, self._skipped = first[place][0], place
        width = max((column for column, name in enumerate(names[place], 1) if name), default=0)
        self._header = tuple(names[place][:width])
        refuse_too_many_columns(width, self._header_row)

    def _columns_with_a_clock(self) -> set[int]:
        """Those of which some date has a time of day: there, midnight is one too."""
        width, midnight = len(self._header), time()
        with_a_clock: set[int] = set()
        for _, cells in self._rows_of_values():
            for column, cell in enumerate(cells[:width]):
                if type(cell) is datetime and column not in with_a_clock and _to_the_second(cell).time() != midnight:
                    with_a_clock.add(column)
        return with_a_clock

    def _rows_below(self) -> Iterator[tuple[int, list[str], list[tuple[str, str]]]]:
        width, has_clock = len(self._header), self._has_clock
        for row, raw in self._rows_of_values():
            cells = [_text(cell, column in has_clock) for column, cell in enumerate(raw[:width])]
            warnings: list[tuple[int, str]] = []
            for column, cell in enumerate(raw[:width]):
                if type(cell) is str:
                    warnings += [(column, IS_AN_ERROR)] if cell in ERRORS else []
                elif type(cell) in (float, int) and abs(cell) >= 10**MOST_DIGITS_KEPT:
                    warnings.append((column, LOST_DIGITS))
            warnings += [(column, IS_AN_ERROR) for column in self._errors.get(row, ()) if 0 <= column < width]
            if warnings or any(cell.strip() for cell in cells):
                yield row, cells, [(self._header[column], warning) for column, warning in warnings]

    def _rows_of_values(self) -> Iterator[tuple[int, list[Any]]]:
        """Below the header, without its repetitions."""
        width = len(self._header)
        header: list[Any] = []
        for row, cells in self._raw_rows():
            if row == self._header_row:
                header = cells[:width]
            elif row > self._header_row and cells[:width] != header:
                yield row, cells

    def _raw_rows(self) -> Iterator[tuple[int, list[Any]]]:
        """Every row from the first of the sheet on, its cells from the first column that holds something."""
        with trouble_told():
            rows = enumerate(self._sheet.iter_rows(), 1)
        while True:
            with trouble_told():
                row = next(rows, None)
            if row is None:
                return
            yield row


def _opened(file: IO[bytes]) -> "CalamineWorkbook":
    from python_calamine import PasswordError, load_workbook

    with trouble_told():
        refuse_what_would_fail(file)
        file.seek(0)
        try:
            return load_workbook(file)
        except PasswordError as error:
            raise Unreadable(LOCKED) from error


def _named(wanted: str, names: Sequence[str]) -> str:
    """The sheet of that name, else of that name but for case, else of that number."""
    if wanted in names:
        return wanted
    for name in names:
        if name.casefold() == wanted.strip().casefold():
            return name
    if wanted.isascii() and wanted.isdecimal() and 0 < int(wanted[:9]) <= len(names):
        return names[int(wanted[:9]) - 1]
    raise Unreadable(f'it has no sheet "{wanted}"; it has: {", ".join(names)}')


def _text(cell: Any, has_clock: bool) -> str:
    """`has_clock`: the dates of its column have times of day."""
    kind = type(cell)
    if kind is str:
        return "" if cell in ERRORS else str(cell).replace("\0", "")
    if kind is bool:
        return "yes" if cell else "no"
    if kind is float:
        return str(int(cell)) if cell.is_integer() and abs(cell) < 10**MOST_DIGITS_KEPT else plain_number(repr(cell))
    if kind is datetime:
        moment = _to_the_second(cell)
        return moment.isoformat() if has_clock or moment.time() != time() else moment.date().isoformat()
    if kind is date:
        return f"{cell.isoformat()}T00:00:00" if has_clock else str(cell.isoformat())
    if kind is time:
        return _clock(
            timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second, microseconds=cell.microsecond)
        )
    return _clock(cell) if kind is timedelta else str(cell)


def _to_the_second(moment: datetime) -> datetime:
    """The nearest: Excel counts in days, and so cannot write most times exactly."""
    try:
        return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    except OverflowError:
        return moment.replace(microsecond=0)


def _clock(since_midnight: timedelta) -> str:
    """HH:MM:SS; what is no time of day, as the hours that it lasts."""
    seconds = round(since_midnight.total_seconds())
    if timedelta() <= since_midnight < timedelta(days=1):
        seconds = min(seconds, 86_399)
    minutes, second = divmod(abs(seconds), 60)
    return f"{'-' if seconds < 0 else ''}{minutes // 60:02}:{minutes % 60:02}:{second:02}"
