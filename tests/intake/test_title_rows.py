"""SPEC section 3: a header below title rows, in CSV as in Excel."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.one_clinic import Clinic

HEADER = "Timenr;Pasientnr;Status;Dato;Klokkeslett;Bestilt"
ROWS = "A1;P1;Avtalt;12.06.2026;09:30;01.06.2026 08:00\nA2;P1;Avtalt;13.06.2026;10:30;01.06.2026 08:00\n"


def imported(folder: Path, text: str, *options: str, encoding: str = "utf-8") -> tuple[dict[str, Any], str]:
    clinic = Clinic.begun_in(folder)
    path = folder / "timer.csv"
    path.write_bytes(text.encode(encoding))
    [report] = clinic.json("import", "--clinic", "nidelv", *options, str(path))["files"]
    answer = clinic.call("import", "--clinic", "nidelv", *options, str(path))
    return report, answer.out + answer.err


@pytest.mark.parametrize(
    ("above", "skipped"),
    [
        pytest.param("", "", id="none"),
        pytest.param("Timebok for Nidelv legesenter\n", "1 row above the header was skipped", id="a title"),
        pytest.param("Timebok\n\n\n", "1 row above the header was skipped", id="and blank lines"),
        pytest.param("Timebok;;;;;\n;;;;;\n", "1 row above the header was skipped", id="filled up with separators"),
        pytest.param(
            "Rapport: Timebok\nUtskrift 03.06.2026 07:00\nBruker: admin, kontor\n\n",
            "3 rows above the header were skipped",
            id="three, one with a comma",
        ),
        pytest.param("Fra;01.06.2026\nTil;30.06.2026\n", "2 rows above the header were skipped", id="a period"),
        pytest.param('"Timebok\nNidelv"\n', "1 row above the header was skipped", id="a title of two lines"),
        pytest.param("sep=;\nTimebok\n", "1 row above the header was skipped", id="behind Excel's own line"),
        pytest.param("Status;Navn, avdeling\n", "1 row above the header was skipped", id="a known name among others"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
def test_a_header_below_titles_is_found(tmp_path: Path, above: str, skipped: str, encoding: str) -> None:
    report, told = imported(tmp_path, f"{above}{HEADER}\n{ROWS}", encoding=encoding)
    assert (report["rows"], report["new"], report["rejected"], report["error"]) == (2, 2, 0, None)
    assert (skipped or "skipped") in told or not skipped


@pytest.mark.parametrize("separator", [",", "\t", "|"])
def test_a_title_decides_no_separator(tmp_path: Path, separator: str) -> None:
    text = f"Timebok; uttrekk\n{HEADER}\n{ROWS}".replace(";", separator, 100).replace(f"Timebok{separator}", "Timebok;")
    report, _ = imported(tmp_path, text)
    assert (report["new"], report["error"]) == (2, None)


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    _, told = imported(tmp_path, f"Timebok\n\n{HEADER}\n{ROWS}A3;P1;Avtalt;i morgen;;\n")
    assert "line 6" in told


def test_a_header_that_lacks_a_column_is_told_of_below_a_title_too(tmp_path: Path) -> None:
    report, _ = imported(tmp_path, "Timebok\nTimenr;Pasientnr;Dato;Klokkeslett\nA1;P1;12.06.2026;09:30\n")
    assert "nearest to appointments, but lacks status" in report["error"]


def test_without_a_title_the_first_row_stays_the_header(tmp_path: Path) -> None:
    report, _ = imported(tmp_path, "Timenr;Pasientnr\nA1;P1;Avtalt;x\n")
    assert "nearest to appointments, but lacks starts_at and status" in report["error"]


@pytest.mark.slow
def test_a_large_file_is_read_below_its_title(tmp_path: Path) -> None:
    many = "".join(f"B{number};P1;Avtalt;12.06.2026;09:30;01.06.2026 08:00\n" for number in range(9_000))
    report, _ = imported(tmp_path, f"Timebok, uttrekk\n{HEADER}\n{many}")
    assert (report["new"], report["error"]) == (9_000, None)
