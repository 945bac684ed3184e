"""Text without quotes is cut by another way than text with them: nothing but the time tells which."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.intake.formats.blocks import ByColumn, Unreadable, columns_of, hashes_of
from notifycli.intake.formats.csv_rows import Layout, csv_blocks
from tests.support.one_clinic import Clinic

SALT = b"0123456789abcdef"
CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
PLAIN_CELL = st.text(st.sampled_from("aø ,\t'\x1f\x85\u2028"), max_size=3)
ROWS = st.lists(st.lists(PLAIN_CELL, min_size=1, max_size=4), max_size=5)
TEXT = st.text(st.sampled_from("a;\n\r\x1f "), max_size=20)


def told(text: str) -> Iterator[tuple[list[str], int, int]]:
    for block in csv_blocks(["x;y;z\n", text], Layout(";")):
        yield from zip(map(list, block.rows), block.lines, hashes_of(block.rows, SALT), strict=True)


def written(rows: list[list[str]], quoting: int, line_end: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";", lineterminator=line_end, quoting=quoting).writerows(rows)
    return text.getvalue()


@given(rows=ROWS, line_end=st.sampled_from(["\n", "\r\n", "\r"]), has_last_end=st.booleans())
def test_with_and_without_quotes_the_rows_are_the_same(
    rows: list[list[str]], line_end: str, has_last_end: bool
) -> None:
    texts = (written(rows, quoting, line_end) for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    plain, quoted = (text if has_last_end else text.removesuffix(line_end) for text in texts)
    if any(rows):
        assert list(told(plain)) == list(told(quoted))


@given(text=TEXT)
def test_any_text_without_quotes_is_cut_as_csv_reads_it(text: str) -> None:
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True) if any(row)]
    assert [row for row, _, _ in told(text)] == rows


def test_a_fault_behind_plain_text_is_told_with_its_line() -> None:
    pieces = ["id;navn\n", "P1;Kari\n" * 50_000, 'P2;"Ola" Nes\n']
    with pytest.raises(Unreadable, match="line 50002"):
        list(csv_blocks(pieces, Layout(";")))


@given(columns=st.integers(1, 5).flatmap(lambda size: st.lists(st.lists(CELL, min_size=size, max_size=size))))
def test_rows_by_column_are_the_same_rows(columns: list[list[str]]) -> None:
    columns = columns or [[""]]
    by_column = ByColumn(columns)
    rows = [list(row) for row in zip(*columns, strict=True)]
    assert list(by_column) == rows == [by_column[place] for place in range(len(by_column))]
    assert list(by_column[1:]) == rows[1:]
    assert [list(column) for column in columns_of(rows)] == [list(column) for column in columns_of(by_column)]
    assert hashes_of(rows, SALT) == hashes_of(by_column, SALT)


@pytest.mark.slow
def test_a_large_import_has_its_rows_rejects_and_repeats(tmp_path):
    clinic = Clinic.begun_in(tmp_path)
    rows = [f"nidelv;P{number:06};Kari;Lunde;kari{number}@post.example;yes" for number in range(1, 180_001)]
    rows[99_999] = "nidelv;;Ola;Lunde;ola@post.example;yes"
    path = tmp_path / "patients.csv"
    path.write_text("clinic_id;patient_id;given_name;family_name;email;consent\n" + "\n".join(rows) + "\n")
    first, again = (clinic.json("import", str(path))["files"][0] for _ in range(2))
    assert (first["rows"], first["new"], first["rejected"]) == (180_000, 179_999, 1)
    assert [one["line"] for one in first["problems"]] == [100_001]
    assert (again["unchanged"], again["rejected"]) == (179_999, 1)
