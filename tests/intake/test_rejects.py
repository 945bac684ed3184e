"""SPEC section 3: rejected rows are written to FILE.rejects.csv, "which can be mended and imported"."""

import resource
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifycli.intake.importing.rejects import RejectsFile
from notifycli.intake.mapping.columns import recognise
from tests.support.sources import open_source

HEADER = ("clinic_id", "patient_id", "consent", "Mobil")
REJECTED = ["reject_reason", "reject_column", "reject_line", "reject_import"]


def table_in(path: Path) -> list[list[str]]:
    with open_source(path) as source:
        blocks = list(source.blocks())
    assert (source.encoding, source.separator) == ("utf-8", ";")
    return [list(blocks[0].header), *(row for block in blocks for row in block.rows)]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_rejected_row_stands_beside_its_file_with_line_column_and_reason(tmp_path):
    rejects = RejectsFile(tmp_path / "patients.csv", HEADER)
    rejects.add(212, "consent", '"kanskje" is neither yes nor no', ["nidelv", "P1", "kanskje", "+47 910 00 001"], 38)
    rejects.close()
    assert (rejects.path, rejects.count) == (tmp_path / "patients.csv.rejects.csv", 1)
    assert rejects.path.read_bytes().decode("utf-8") == (
        "\ufeffreject_reason;reject_column;reject_line;reject_import;clinic_id;patient_id;consent;Mobil\r\n"
        '"""kanskje"" is neither yes nor no";consent;212;38;nidelv;P1;kanskje;+47 910 00 001\r\n'
    )


def test_a_file_of_rejects_is_one_of_the_same_kind_and_its_columns_are_known(tmp_path):
    rejects = RejectsFile(tmp_path / "patients.csv", HEADER)
    rejects.add(2, "consent", "is missing", ["nidelv", "P1", "", ""])
    rejects.close()
    found = recognise(table_in(rejects.path)[0], None, False, {})
    assert (found.kind, found.ignored) == ("patients", ())
    assert found.places == {
        "reject_import": (3,),
        "clinic_id": (4,),
        "patient_id": (5,),
        "consent": (6,),
        "mobile": (7,),
    }


def test_what_is_rejected_again_has_the_columns_of_rejects_once(tmp_path):
    again = RejectsFile(
        tmp_path / "patients.csv.rejects.csv", ["reject_reason", "Reject Column", "reject_line", *HEADER]
    )
    again.add(2, "consent", "is missing", ["is wrong", "consent", "212", "nidelv", "P1", "", ""])
    again.close()
    assert table_in(again.path) == [[*REJECTED, *HEADER], ["is missing", "consent", "2", "", "nidelv", "P1", "", ""]]


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["=1+1", "+4791000001", "-5", "@SUM(A1)"], id="what Excel takes for a formula"),
        pytest.param(["08015764937", "1e3", "TRUE", "2026-06-11"], id="what Excel takes for a number or a date"),
        pytest.param(["a;b", 'say "hi"', "two\r\nlines", "\n"], id="separators, quotes and line breaks"),
        pytest.param([" a ", "\t", "å\u00a0", "😀"], id="spaces and letters"),
        pytest.param(["only", "two"], id="fewer cells than the header has"),
        pytest.param(["1", "2", "3", "4", "5", ""], id="more cells than the header has"),
    ],
)
def test_cells_come_back_as_they_were(tmp_path, cells):
    rejects = RejectsFile(tmp_path / "patients.csv", HEADER)
    rejects.add(7, "", "has the wrong number of cells", cells)
    rejects.close()
    assert table_in(rejects.path)[1] == ["has the wrong number of cells", "", "7", "", *cells]


def test_without_a_row_there_is_no_file_and_an_older_one_is_left_alone(tmp_path):
    (tmp_path / "patients.csv.rejects.csv").write_text("being mended")
    rejects = RejectsFile(tmp_path / "patients.csv", HEADER)
    rejects.close()
    assert rejects.count == 0
    assert rejects.path.read_text() == "being mended"


def test_it_is_in_its_place_only_when_it_is_closed_and_its_owners_alone(tmp_path):
    old = tmp_path / "patients.csv.rejects.csv"
    old.write_text("of the import before")
    old.chmod(0o644)
    rejects = RejectsFile(tmp_path / "patients.csv", HEADER)
    rejects.add(2, "consent", "is missing", ["nidelv", "P1", "", ""])
    assert old.read_text() == "of the import before"
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir() if path != old} == {0o600}
    rejects.close()
    rejects.close()
    assert names_in(tmp_path) == ["patients.csv.rejects.csv"]
    assert stat.S_IMODE(old.stat().st_mode) == 0o600


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_is_discarded_leaves_nothing(tmp_path, is_closed):
    rejects = RejectsFile(tmp_path / "patients.csv", HEADER)
    rejects.add(2, "consent", "is missing", ["nidelv", "P1", "", ""])
    if is_closed:
        rejects.close()
    rejects.discard()
    rejects.discard()
    assert names_in(tmp_path) == []


def test_rows_with_another_header_go_to_a_file_of_their_own(tmp_path):
    files = [RejectsFile(tmp_path / "dialogs.ndjson", header, number) for number, header in enumerate(["a", "b"], 1)]
    for rejects in files:
        rejects.add(1, "", "is wrong", ["x"])
        rejects.close()
    assert names_in(tmp_path) == ["dialogs.ndjson.rejects-2.csv", "dialogs.ndjson.rejects.csv"]
    assert table_in(files[1].path) == [[*REJECTED, "b"], ["is wrong", "", "1", "", "x"]]


def test_what_cannot_be_written_is_an_error_of_the_system(tmp_path):
    rejects = RejectsFile(tmp_path / "none" / "patients.csv", HEADER)
    with pytest.raises(FileNotFoundError):
        rejects.add(2, "consent", "is missing", ["nidelv", "P1", "", ""])
    rejects.discard()


def test_a_place_that_is_taken_is_an_error_of_the_system_and_leaves_nothing(tmp_path):
    (tmp_path / "patients.csv.rejects.csv").mkdir()
    rejects = RejectsFile(tmp_path / "patients.csv", HEADER)
    rejects.add(2, "consent", "is missing", ["nidelv", "P1", "", ""])
    with pytest.raises(IsADirectoryError):
        rejects.close()
    assert names_in(tmp_path) == ["patients.csv.rejects.csv"]


def test_a_full_disk_is_an_error_of_the_system_and_leaves_nothing(tmp_path):
    rejects = RejectsFile(tmp_path / "patients.csv", HEADER)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            rejects.add(2, "consent", "is missing", ["nidelv", "P1", "x" * 20_000, ""])
        rejects.discard()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert names_in(tmp_path) == []


LETTERS = st.sampled_from(';"\r\n=+-@ ,\tø') | st.characters(exclude_categories=["Cs"], exclude_characters="\0")
CELL = st.text(LETTERS, max_size=6)


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(1), CELL, CELL.filter(bool), st.lists(CELL, max_size=6)), min_size=1, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_rejects_come_back(tmp_path, rows):
    rejects = RejectsFile(tmp_path / "file.csv", HEADER)
    for row in rows:
        rejects.add(*row)
    rejects.close()
    expected = [[reason, column, str(line), "", *cells] for line, column, reason, cells in rows]
    assert table_in(rejects.path) == [[*REJECTED, *HEADER], *expected]
