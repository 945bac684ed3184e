"""How the problems of an import are told: in groups on a screen, every one in JSON, and however many in little memory.

Source: SPEC section 3, "A row that cannot be used", and section 8, `import`.
"""

import json
import resource
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.cli.problems import problems_in_words
from notifycli.cli.render import print_json_stream
from notifycli.intake.importing.report import MOST_GROUPS, MOST_REMEMBERED, Problem, Problems
from notifycli.intake.importing.summary import groups_of
from tests.support import engines
from tests.support.one_clinic import Clinic

HEADER = "clinic_id;Pasientnr;Samtykke;Mobil\n"


def problems_of(*given: Problem) -> Problems:
    found = Problems()
    for problem in given:
        found.add(problem)
    return found


@pytest.mark.parametrize(
    ("problems", "line"),
    [
        pytest.param(
            [Problem(212, "Mobil", "is not a phone number"), Problem(300, "Mobil", "is not a phone number")],
            "f.csv, line 212, Mobil: is not a phone number (2 rows alike)",
            id="several of a column",
        ),
        pytest.param(
            [Problem(212, "Mobil", "is not a phone number")],
            "f.csv, line 212, Mobil: is not a phone number",
            id="one",
        ),
        pytest.param(
            [
                Problem(2, "Dato", '"31.11.2026 09:00" is not a date'),
                Problem(3, "Dato", '"30.02.2026 09:00" is not a date'),
            ],
            'f.csv, line 2, Dato: "31.11.2026 09:00" is not a date (2 rows alike)',
            id="several cells",
        ),
        pytest.param(
            [Problem(2, "Dato", '"31.11.2026 09:00" is not a date')],
            'f.csv, line 2, Dato: "31.11.2026 09:00" is not a date',
            id="one cell",
        ),
        pytest.param([Problem(9, "", "has 3 cells")], "f.csv, line 9: has 3 cells", id="a whole row"),
        pytest.param(
            [Problem(9, "", "has 3 cells"), Problem(10, "", "has 3 cells")],
            "f.csv, line 9: has 3 cells (2 rows alike)",
            id="several whole rows",
        ),
        pytest.param([Problem(None, "", "2 patients")], "f.csv: 2 patients", id="the file"),
        pytest.param(
            [Problem(212, "Mobil", "is odd", "row")], "f.csv, row 212, column Mobil: is odd", id="a cell of a workbook"
        ),
        pytest.param(
            [Problem(12, "telecom", "is odd", "entry"), Problem(13, "telecom", "is odd", "entry")],
            "f.csv, entry 12, telecom: is odd (2 rows alike)",
            id="entries",
        ),
    ],
)
def test_problems_that_are_alike_are_one_line(problems: list[Problem], line: str) -> None:
    kept = problems_of(*problems)
    groups = [
        one | {"cell": group.first.cell}
        for one, group in zip(groups_of("warning", kept), kept.groups.values(), strict=True)
    ]
    assert [text.plain for text in problems_in_words("f.csv", groups)] == [line]


def test_rejected_rows_are_said_to_be_so_and_column_and_place_stand_out() -> None:
    kept = problems_of(*(Problem(line, "Status", "is missing") for line in (7, 8)))
    [text] = problems_in_words("f.csv", groups_of("rejected", kept))
    assert text.plain == "f.csv, line 7, Status: is missing (2 rows alike, rejected)"
    marked = {text.plain[span.start : span.end].strip(): span.style for span in text.spans}
    assert marked == {"rejected": "bold red", "Status": "bold", "line 7": "cyan"}


def test_rejects_and_warnings_are_told_together_in_the_order_of_lines(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path = tmp_path / "patients.csv"
    path.write_text(HEADER + "nidelv;N1;ja;12\nnidelv;N2;kanskje;\nnidelv;;ja;\nnidelv;N4;ja;13\n", encoding="utf-8")
    answer = clinic.call("import", "--dry-run", str(path))
    told = [line.removeprefix("patients.csv, line ") for line in answer.err.splitlines() if ", line " in line]
    assert [line.split(":")[0] for line in told] == ["2, Mobil", "3, Samtykke", "4, Pasientnr"]
    [report] = clinic.json("import", "--dry-run", str(path))["files"]
    assert [problem["line"] for problem in report["problems"]] == [2, 3, 4, 5]


def test_beyond_those_in_memory_every_problem_is_counted_and_kept() -> None:
    number = MOST_REMEMBERED + 50
    kept = problems_of(*(Problem(line, f"c{line % 3}", 'is "ø"\n', "row") for line in range(number)))
    assert (kept.count, kept.ungrouped) == (number, 0)
    assert [group.count for group in kept.groups.values()] == [3350, 3350, 3350]
    assert [one.line for one in kept] == list(range(number))
    assert list(kept)[-1] == Problem(number - 1, f"c{(number - 1) % 3}", 'is "ø"\n', "row")


def test_of_too_many_kinds_the_rest_is_counted() -> None:
    kept = problems_of(*(Problem(1, f"c{number}", "is odd") for number in [*range(MOST_GROUPS + 7), 0]))
    assert (len(kept.groups), kept.ungrouped, kept.count) == (MOST_GROUPS, 7, MOST_GROUPS + 8)
    assert kept.groups["c0", "is odd"].count == 2


@pytest.mark.slow
def test_memory_does_not_grow_with_the_problems() -> None:
    def peak(number: int) -> int:
        tracemalloc.start()
        try:
            kept = Problems()
            for line in range(number):
                kept.add(Problem(line, "Mobil", "is not a phone number"))
            assert sum(1 for _ in kept) == number
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(MOST_REMEMBERED), peak(4 * MOST_REMEMBERED)
    assert many < few + 500_000


def test_a_full_disk_costs_the_single_problems_but_not_their_number() -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        kept = problems_of(*(Problem(line, "Mobil", "is odd") for line in range(MOST_REMEMBERED + 5_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert kept.count == kept.groups["Mobil", "is odd"].count == MOST_REMEMBERED + 5_000
    assert sum(1 for _ in kept) >= MOST_REMEMBERED


@pytest.mark.slow
def test_json_has_every_one_and_the_screen_one_line(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    number = MOST_REMEMBERED + 100
    path = tmp_path / "patients.csv"
    path.write_text(HEADER + "".join(f"nidelv;N{one};ja;12\n" for one in range(number)), encoding="utf-8")
    rows = f"patients.csv, line 2, Mobil: is not a phone number and counts as none ({number:,} rows alike)"
    assert rows in clinic.call("import", "--dry-run", str(path)).err
    [report] = clinic.json("import", str(path))["files"]
    assert report["warnings"] == len(report["problems"]) == number
    assert [report["problems"][0], report["problems"][-1]] == [
        {"what": "warning", "line": line, "column": "Mobil", "text": "is not a phone number and counts as none"}
        for line in (2, number + 1)
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_what_comes_one_by_one_is_written_as_if_it_were_there_at_once(value: object) -> None:
    assert written(as_iterators(value)) == json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def as_iterators(value: object) -> object:
    if isinstance(value, list):
        return (as_iterators(one) for one in value)
    return {key: as_iterators(one) for key, one in value.items()} if isinstance(value, dict) else value


def written(value: object) -> str:
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        print_json_stream(value)
    return out.getvalue()


AWKWARD = [
    pytest.param("0815", "Rom 1; 2. etasje", "Rom 1; 2. etasje", id="a leading zero and a separator"),
    pytest.param("A,1", 'Bygg ""B"" ""', 'Bygg "B" "', id="quotes"),
    pytest.param("=1+1", "Inngang A\nved heisen", "Inngang A ved heisen", id="a line break, and an id like a formula"),
    pytest.param("+47", "=HYPERLINK(1)", "=HYPERLINK(1)", id="a place like a formula"),
    pytest.param("1e3", "\ttab|pipe", "tab|pipe", id="an id like a number, other separators"),
]


@pytest.mark.parametrize(("number", "cell", "stored"), AWKWARD)
def test_the_rejects_file_imports_after_mending(tmp_path: Path, number: str, cell: str, stored: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path, rejects = tmp_path / "timer.csv", tmp_path / "timer.csv.rejects.csv"
    header = "Klinikk;Timenr;Pasientnr;Dato;Klokkeslett;Status;Sted"
    path.write_text(f'{header}\nnidelv;"{number}";P4;18.06.2026;10:00;avtalgt;"{cell}"\n', encoding="utf-8")
    assert clinic.json("import", str(path))["files"][0]["rejected"] == 1
    text = rejects.read_bytes().decode("utf-8-sig")
    assert text.startswith("reject_reason;reject_column;reject_line;reject_import;Klinikk;Timenr")
    rejects.write_bytes(text.replace("avtalgt", "avtalt").encode("utf-8-sig"))
    [report] = clinic.json("import", str(rejects))["files"]
    assert (report["new"], report["rejected"], report["ignored_columns"]) == (1, 0, [])
    assert stored_place(clinic, number) == stored


def stored_place(clinic: Clinic, number: str) -> str:

    with engines.connected(clinic.folder) as connection:
        sql = "SELECT location FROM appointment WHERE appointment_id = ?"
        return str(connection.execute(sql, (number,)).fetchone()[0])


@pytest.fixture(autouse=True)
def _nothing_stays_in_the_folder_of_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []
