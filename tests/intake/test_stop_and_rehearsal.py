"""The safety stop on a wrong file tells what it would do, and a dry run shows the first of each thing.

Goes by the command line. Source: SPEC section 3, `--dry-run` and `limits.max_upset`.
"""

from pathlib import Path

import pytest

from tests.support.complete_files import Clinics, ids, row, rows


@pytest.fixture
def clinics(tmp_path: Path) -> Clinics:
    return Clinics(tmp_path)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        pytest.param(
            [*rows(*range(15), status="cancelled"), *rows(*range(15, 25), day=2)],
            "would cancel 15 and move 10 of the 100 future appointments of nidelv, so nothing of it was imported",
            id="both",
        ),
        pytest.param(
            rows(*range(20), day=2), "would move 20 of the 100 future appointments of nidelv, so", id="moved alone"
        ),
        pytest.param(
            rows(*range(20), status="proposed"),
            "would cancel 20 of the 100 future appointments of nidelv, so",
            id="open again",
        ),
        pytest.param(
            [*rows(*range(20), day=2), *rows(*range(30), day=2, clinic="york")],
            "would move 20 of the 100 future appointments of nidelv (and of 1 more clinic), so",
            id="two clinics",
        ),
    ],
)
def test_the_stop_tells_what_the_file_would_do_and_what_to_type(clinics: Clinics, told: list[str], words: str) -> None:
    clinics.has(*rows(*range(100)), *rows(*range(100), clinic="york"))
    path = clinics.write(told)
    answer = clinics.call(path)
    assert answer.exit == 4
    assert f"{path}: {words}" in answer.err
    assert "import it with --force; look at it first with --dry-run" in answer.err
    assert clinics.booked() == ids(*range(100))
    report = clinics.report("--dry-run", path)
    assert report["error"].startswith(words)
    assert sum(map(len, report["first"].values())) >= 5


@pytest.mark.parametrize(
    ("future", "upset", "exit_code"),
    [
        pytest.param(100, 19, 0, id="19 of 100"),
        pytest.param(100, 20, 4, id="20 of 100"),
        pytest.param(200, 20, 0, id="20 of 200"),
        pytest.param(200, 21, 4, id="21 of 200"),
        pytest.param(20, 19, 0, id="19 of 20"),
        pytest.param(20, 20, 4, id="20 of 20"),
    ],
)
def test_a_tenth_and_at_least_twenty(clinics: Clinics, future: int, upset: int, exit_code: int) -> None:
    clinics.has(*rows(*range(future)))
    half = upset // 2
    told = [*rows(*range(half), status="cancelled"), *rows(*range(half, upset), day=2), *rows(*range(900, 1000))]
    assert clinics.call(clinics.write(told)).exit == exit_code


def first(report, what: str) -> list[tuple]:
    return [(one["clinic"], one["appointment"], one["was"], one["becomes"]) for one in report["first"][what]]


def test_a_dry_run_tells_the_first_of_each(clinics: Clinics) -> None:
    clinics.has(*rows(*range(8)), row(50, "cancelled"), row(3, clinic="york"))
    header = "clinic_id;appointment_id;patient_id;starts_at;status;booked_at;location"
    told = [
        row(20),
        row(0, day=2),
        row(3, clinic="york", day=2),
        row(1, "cancelled"),
        f"{row(2)};Rom 2",
        row(50),
        row(4),
    ]
    path = clinics.write([line if line.endswith("Rom 2") else f"{line};" for line in told], header=header)
    report = clinics.report("--dry-run", path)
    assert first(report, "booking") == [
        ("nidelv", "A20", None, "2026-07-01T08:20:00Z"),
        ("nidelv", "A50", None, "2026-07-01T08:50:00Z"),
    ]
    assert first(report, "move") == [
        ("nidelv", "A0", "2026-07-01T08:00:00Z", "2026-07-02T08:00:00Z"),
        ("york", "A3", "2026-07-01T14:03:00Z", "2026-07-02T14:03:00Z"),
    ]
    assert first(report, "cancellation") == [("nidelv", "A1", "2026-07-01T08:01:00Z", None)]
    assert first(report, "relocation") == [("nidelv", "A2", "2026-07-01T08:02:00Z", "2026-07-01T08:02:00Z")]
    out = clinics.call("--dry-run", path).out
    shown = [line.split(maxsplit=4) for line in out.splitlines() if line.startswith(("book", "move", "reloc", "canc"))]
    assert [line[:4] for line in shown] == [
        ["book", "A20", "P1", "nidelv"],
        ["book", "A50", "P1", "nidelv"],
        ["move", "A0", "P1", "nidelv"],
        ["move", "A3", "P1", "york"],
        ["relocate", "A2", "P1", "nidelv"],
        ["cancel", "A1", "P1", "nidelv"],
    ]
    assert shown[3][4].strip() == "01.07. 10:03 → 02.07. 10:03"
    assert "Rom 2" not in out


@pytest.mark.parametrize("number", [4, 5, 6])
def test_no_more_than_five_of_each(clinics: Clinics, number: int) -> None:
    clinics.has(*rows(*range(18)))
    told = [
        *rows(*range(100, 100 + number)),
        *rows(*range(number), status="cancelled"),
        *rows(*range(10, 10 + number), day=2),
    ]
    report = clinics.report("--dry-run", clinics.write(told))
    shown = {what: len(found) for what, found in report["first"].items()}
    assert shown == {"booking": min(5, number), "move": min(5, number), "relocation": 0, "cancellation": min(5, number)}


def test_what_a_later_row_takes_back_is_not_among_them(clinics: Clinics) -> None:
    clinics.has(*rows(1, 2))
    told = [row(1, day=2), row(3), row(1, day=1), row(3, "cancelled"), row(2, day=2), row(2, day=3)]
    report = clinics.report("--dry-run", clinics.write(told))
    assert (first(report, "booking"), first(report, "cancellation")) == (
        [("nidelv", "A3", None, "2026-07-01T08:03:00Z")],  # of equal stamps the booked row stands
        [],
    )
    assert first(report, "move") == [("nidelv", "A2", "2026-07-01T08:02:00Z", "2026-07-03T08:02:00Z")]


def test_json_has_them_without_a_dry_run_too_and_a_screen_has_not(clinics: Clinics) -> None:
    path = clinics.write(rows(1))
    rehearsed = clinics.report("--dry-run", path)
    assert "all.csv would" in clinics.call("--dry-run", path).out
    assert clinics.report(path) == rehearsed
    assert len(rehearsed["first"]["booking"]) == 1
    assert "all.csv would" not in clinics.call(clinics.write(rows(2))).out


def test_a_dry_run_of_other_kinds_has_none(clinics: Clinics) -> None:
    path = clinics.write(["nidelv;P1;yes"], "p.csv", "clinic_id;patient_id;consent")
    assert "first" not in clinics.report("--dry-run", path)
    assert "p.csv would" not in clinics.call("--dry-run", path).out
