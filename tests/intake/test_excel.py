"""SPEC section 3: workbooks, as Excel and LibreOffice write them, become the rows that a CSV of theirs would give."""

import io
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from notifycli.intake.formats.blocks import Block, Unreadable
from notifycli.intake.formats.excel import Workbook

HEADER = ["Timenr", "Dato", "Klokkeslett"]
IS_AN_ERROR = "is an error of the workbook, such as #N/A, and counts as empty"


def local(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001 - workbooks know no zones


def is_header(cells: Sequence[str]) -> bool:
    return "Timenr" in cells


def xlsx(*rows: Sequence[Any], at: tuple[int, int] = (1, 1), change: Callable[[Any], None] | None = None) -> bytes:
    """A workbook whose first cell stands at row and column `at`."""
    book = openpyxl.Workbook()
    book.active.title = "Timer"
    for row, cells in enumerate(rows, at[0]):
        for column, cell in enumerate(cells, at[1]):
            book.active.cell(row, column, cell)
    if change:
        change(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xls(*rows: Sequence[Any], at: tuple[int, int] = (1, 1)) -> bytes:
    formats = {datetime: "dd.mm.yyyy hh:mm", date: "dd.mm.yyyy", time: "hh:mm"}
    book = xlwt.Workbook()
    sheet = book.add_sheet("Timer")
    for row, cells in enumerate(rows, at[0] - 1):
        for column, cell in enumerate(cells, at[1] - 1):
            sheet.write(row, column, cell, xlwt.easyxf(num_format_str=formats.get(type(cell), "General")))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def ods(*rows: Sequence[Any], at: tuple[int, int] = (1, 1)) -> bytes:
    book, table = OpenDocumentSpreadsheet(), Table(name="Timer")
    for row in [*[[]] * (at[0] - 1), *rows]:
        line = TableRow()
        for cell in [*[""] * (at[1] - 1), *row] or [""]:
            line.addElement(ods_cell(cell))
        table.addElement(line)
    book.spreadsheet.addElement(table)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def ods_cell(value: Any) -> Any:
    if value == "":
        return TableCell()
    kinds = {
        bool: lambda: {"valuetype": "boolean", "booleanvalue": str(value).lower()},
        int: lambda: {"valuetype": "float", "value": value},
        float: lambda: {"valuetype": "float", "value": value},
        datetime: lambda: {"valuetype": "date", "datevalue": value.isoformat()},
        date: lambda: {"valuetype": "date", "datevalue": value.isoformat()},
        time: lambda: {"valuetype": "time", "timevalue": value.strftime("PT%HH%MM%SS")},
    }
    cell = TableCell(**kinds.get(type(value), lambda: {"valuetype": "string"})())
    cell.addElement(P(text=str(value)))
    return cell


def opened(content: bytes, sheet: str | None = None) -> Workbook:
    return Workbook(io.BytesIO(content), sheet, is_header)


def blocks(content: bytes, sheet: str | None = None) -> list[Block]:
    return list(opened(content, sheet).blocks())


def rows(content: bytes) -> list[list[str]]:
    return [row for block in blocks(content) for row in block.rows]


def warnings(content: bytes) -> list[tuple[int, str, str]]:
    return [warning for block in blocks(content) for warning in block.warnings]


WRITERS = [pytest.param(xlsx, id="xlsx"), pytest.param(xls, id="xls"), pytest.param(ods, id="ods")]


@pytest.mark.parametrize("at", [(1, 1), (4, 1), (1, 3), (5, 2)])
@pytest.mark.parametrize("write", WRITERS)
def test_a_table_is_found_wherever_it_stands(write, at):
    content = write(HEADER, ["A1", date(2026, 11, 30), time(9, 0)], ["A2", date(2026, 11, 30), time(9, 30)], at=at)
    (block,) = blocks(content)
    assert [name for name in block.header if name] == HEADER
    assert [[cell for cell in row if cell] for row in block.rows] == [
        ["A1", "2026-11-30", "09:00:00"],
        ["A2", "2026-11-30", "09:30:00"],
    ]
    assert list(block.lines) == [at[0] + 1, at[0] + 2]
    assert opened(content).notes() == []


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param("08015764937", "08015764937", id="an id as text keeps its zero"),
        pytest.param("  x ", "  x ", id="text as it is"),
        pytest.param(91234567, "91234567", id="a phone number"),
        pytest.param(91234567.0, "91234567", id="a number with a point"),
        pytest.param(4.791234567e10, "47912345670", id="no exponent"),
        pytest.param(1.1, "1.1", id="a fraction"),
        pytest.param(0.0000001, "0.0000001", id="a small fraction"),
        pytest.param(-0.0, "0", id="no negative nought"),
        pytest.param(True, "yes", id="true"),
        pytest.param(False, "no", id="false"),
        pytest.param(local(2026, 11, 30, 9, 5), "2026-11-30T09:05:00", id="date and clock"),
        pytest.param(local(2026, 11, 30, 0, 0), "2026-11-30", id="midnight alone in its column"),
        pytest.param(date(2026, 11, 30), "2026-11-30", id="date"),
        pytest.param(time(9, 5, 7), "09:05:07", id="clock"),
    ],
)
@pytest.mark.parametrize("write", WRITERS)
def test_a_cell_becomes_text(write, cell, text):
    assert rows(write(["Timenr", "x"], ["A1", cell])) == [["A1", text]]


@pytest.mark.parametrize(
    ("cell", "shown_as", "text"),
    [
        pytest.param(timedelta(hours=9, minutes=30), None, "09:30:00", id="a duration that is a clock"),
        pytest.param(timedelta(hours=30), None, "30:00:00", id="a duration that is none"),
        pytest.param(46356.3749999, "yyyy-mm-dd hh:mm", "2026-11-30T09:00:00", id="a moment before"),
        pytest.param(46356.3750001, "yyyy-mm-dd hh:mm", "2026-11-30T09:00:00", id="a moment after"),
        pytest.param(46355.999999999, "yyyy-mm-dd hh:mm", "2026-11-30", id="a moment before midnight"),
        pytest.param(0.9999999, "hh:mm", "23:59:59", id="no clock after the last"),
        pytest.param(0.375, "hh:mm", "09:00:00", id="part of a day"),
        pytest.param("=A1", None, "", id="a formula that nobody has calculated"),
    ],
)
def test_what_excel_counts_in_days_is_read_to_the_nearest_second(cell, shown_as, text):
    def change(book: Any) -> None:
        book.active["B2"].number_format = shown_as or book.active["B2"].number_format

    assert rows(xlsx(["Timenr", "x"], ["A1", cell], change=change)) == [["A1", text]]


@pytest.mark.parametrize("write", WRITERS)
def test_midnight_is_told_where_another_date_of_its_column_has_a_clock(write):
    nine, midnight = local(2026, 11, 30, 9, 0), local(2026, 12, 1, 0, 0)
    content = write(["Timenr", "Tid", "Dato"], ["A1", nine, midnight], ["A2", midnight, date(2026, 12, 2)])
    assert rows(content) == [
        ["A1", "2026-11-30T09:00:00", "2026-12-01"],
        ["A2", "2026-12-01T00:00:00", "2026-12-02"],
    ]


@pytest.mark.parametrize("number", [1e15, 1234567890123456789])
def test_a_number_that_excel_has_shortened_is_a_warning(number):
    content = xlsx(["Timenr", "Pasientnr"], ["A0", 10**15 - 1], ["A1", number])
    lost = "is a number of more than 15 digits, of which Excel does not keep all; format the column as text"
    assert warnings(content) == [(1, "Pasientnr", lost)]
    assert rows(content)[1][1].startswith(str(int(number))[:15])


def test_an_error_is_an_empty_cell_and_a_warning():
    def change(book: Any) -> None:
        for place in ("B3", "C3", "C5"):
            book.active[place].data_type = "e"

    table = [["Timenr", "Mobil", "Dato"], ["#N/A", "#REF!", ""], ["A2", 1, 2], ["", "#DIV/0!", ""]]
    content = xlsx(*table, at=(2, 2), change=change)
    (block,) = blocks(content)
    assert list(block.rows) == [["", "", ""], ["A2", "1", "2"], ["", "", ""]]
    assert sorted(block.warnings) == [
        (place, column, IS_AN_ERROR) for place, column in ((0, "Mobil"), (0, "Timenr"), (2, "Mobil"))
    ]


@pytest.mark.parametrize("write", [WRITERS[0], WRITERS[2]])
def test_an_error_as_text_is_one_too(write):
    content = write(["Timenr", "Mobil"], ["A1", "#I/T"])
    assert (rows(content), warnings(content)) == ([["A1", ""]], [(0, "Mobil", IS_AN_ERROR)])


@pytest.mark.parametrize("write", WRITERS)
def test_titles_above_the_header_are_skipped_with_a_note(write):
    content = write(["Timeliste uke 49", "", ""], ["", "", ""], ["Skrevet ut", date(2026, 11, 1), ""], HEADER, ["A1"])
    (block,) = blocks(content)
    assert (block.header, list(block.lines)) == (tuple(HEADER), [5])
    assert opened(content).notes() == ["2 rows above the header were skipped"]


def test_merged_titles_are_rows_like_others():
    def change(book: Any) -> None:
        book.active.merge_cells("A1:C1")

    content = xlsx(["Timeliste"], HEADER, ["A1", "x", "y"], change=change)
    assert rows(content) == [["A1", "x", "y"]]
    assert opened(content).notes() == ["1 row above the header was skipped"]


def test_without_a_known_header_the_row_with_most_texts_is_taken_for_it():
    content = xlsx(["Liste"], ["Navn", "Adresse", 3], ["Kari", 7, 8], ["Ola", "Vei", "By"])
    assert [block.header for block in blocks(content)] == [("Ola", "Vei", "By")]
    assert [block.header for block in blocks(xlsx(["a", "b"], ["c", "d"]))] == [("a", "b")]


def test_the_header_is_looked_for_in_thirty_rows():
    titles = [["x"]] * 29
    assert [block.header for block in blocks(xlsx(*titles, HEADER))] == [tuple(HEADER)]
    assert [block.header for block in blocks(xlsx(*titles, ["y"], HEADER))] == [("x",)]


def test_names_lose_their_line_breaks_and_what_has_no_name_is_dropped_at_the_end():
    content = xlsx(["Timenr ", "", "Dato\nog  tid", "", ""], ["A1", "note", "x", "far", "off"], ["", "", "", "z"])
    (block,) = blocks(content)
    assert (block.header, list(block.rows)) == (("Timenr", "", "Dato og tid"), [["A1", "note", "x"]])


def test_empty_rows_and_repeated_headers_are_left_out():
    content = xlsx(HEADER, ["A1", "x", "y"], ["", " ", ""], HEADER, ["", "", ""], ["A2", "x", "y"])
    (block,) = blocks(content)
    assert ([row[0] for row in block.rows], list(block.lines)) == (["A1", "A2"], [2, 6])


def test_blocks_are_of_the_size_asked_for():
    book = opened(xlsx(HEADER, *([f"A{number}", "x", "y"] for number in range(25))))
    assert [len(block.rows) for block in book.blocks(10)] == [10, 10, 5]
    assert [len(block.rows) for block in book.blocks(25)] == [25]
    assert [row[0] for block in book.blocks(7) for row in block.rows] == [f"A{number}" for number in range(25)]


def test_a_header_alone_makes_a_block_without_rows():
    assert [(block.header, list(block.rows)) for block in blocks(xlsx(HEADER))] == [(tuple(HEADER), [])]


def several_sheets(book: Any) -> None:
    """Tom (empty), Skjult (hidden), Timer, Eldre, 1"""
    book.active.title = "Eldre"
    for place, name in enumerate(("Tom", "Skjult", "Timer")):
        book.create_sheet(name, place)
    book.create_sheet("1")
    for name in ("Skjult", "Timer", "Eldre", "1"):
        book[name]["A1"], book[name]["A2"] = "Timenr", name
    book["Skjult"].sheet_state = "hidden"
    book.active = 2


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param(None, "Timer", id="the first that has rows and is not hidden"),
        pytest.param("Eldre", "Eldre", id="by name"),
        pytest.param("eldre", "Eldre", id="by name but for case"),
        pytest.param("4", "Eldre", id="by number"),
        pytest.param("1", "1", id="a name before a number"),
        pytest.param("Skjult", "Skjult", id="a hidden one that is asked for"),
    ],
)
def test_the_sheet_that_is_asked_for_is_read(asked, found):
    book = opened(xlsx(change=several_sheets), asked)
    assert book.sheet == found
    assert [row for block in book.blocks() for row in block.rows] == [[found]]
    others = [name for name in ("Tom", "Skjult", "Timer", "Eldre", "1") if name != found]
    assert book.notes() == [f"4 other sheets were not read ({', '.join(others)}); choose one with --sheet"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        pytest.param("Neste", 'it has no sheet "Neste"; it has: Tom, Skjult, Timer, Eldre, 1', id="unknown name"),
        pytest.param("0", "it has no sheet", id="number nought"),
        pytest.param("6", "it has no sheet", id="a number too high"),
        pytest.param("9" * 5_000, "it has no sheet", id="a number without end"),
        pytest.param("Tom", 'its sheet "Tom" is empty', id="empty"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_told(asked, says):
    with pytest.raises(Unreadable, match=re.escape(says)):
        opened(xlsx(change=several_sheets), asked)


def test_many_other_sheets_are_not_all_told():
    def change(book: Any) -> None:
        for number in range(2, 10):
            book.create_sheet(f"Ark{number}")

    (note,) = opened(xlsx(HEADER, change=change)).notes()
    assert note == "8 other sheets were not read (Ark2, Ark3, Ark4, Ark5, Ark6, …); choose one with --sheet"


def test_calamine_is_not_loaded_before_there_is_a_workbook():
    code = "import sys, notifycli.intake.formats.excel; sys.exit('python_calamine' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="￾￿"), max_size=8)
CELLS = (
    TEXTS.filter(lambda text: not text.startswith(("=", "#")))
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**60), 2**60)
    | st.booleans()
    | st.datetimes(local(1901, 1, 1), local(9999, 12, 1))
    | st.times()
    | st.none()
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6))
def test_every_row_comes_back_with_its_number(table):
    content = xlsx(HEADER, *([f"id{number}", *cells] for number, cells in enumerate(table)))
    found = [(line, row[0]) for block in blocks(content) for line, row in zip(block.lines, block.rows, strict=True)]
    assert found == [(number + 2, f"id{number}") for number in range(len(table))]
    assert all(len(row) == 3 for row in rows(content))
