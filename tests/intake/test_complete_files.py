"""--complete and --cancel-missing: a file that holds all future appointments of its clinics, and what it lacks.

Goes by the command line, and looks at what is booked afterwards. Source: docs/files.md, "Files that hold everything".
"""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.complete_files import ALL_BUT_THREE, BEFORE, GONE, LATER, MANY, Clinics, ids, missing, row, rows
from tests.support.one_clinic import NOON


@pytest.fixture
def clinics(tmp_path: Path) -> Clinics:
    return Clinics(tmp_path)


@pytest.fixture
def full(clinics: Clinics) -> Clinics:
    clinics.has(*rows(*MANY))
    return clinics


# Named, and nothing done


def test_what_is_missing_is_named_the_next_to_come_first(clinics: Clinics) -> None:
    clinics.has(row(1), row(2, day=9), row(3, day=8), row(4, day=8, hour=9))
    path = clinics.write(rows(1))
    report = clinics.report("--complete", path)
    assert report["missing"] == [
        {"appointment": "A4", "patient": "P1", "clinic": "nidelv", "starts_at": "2026-07-08T07:04:00Z"},
        {"appointment": "A3", "patient": "P1", "clinic": "nidelv", "starts_at": "2026-07-08T08:03:00Z"},
        {"appointment": "A2", "patient": "P1", "clinic": "nidelv", "starts_at": "2026-07-09T08:02:00Z"},
    ]
    assert (report["missing_cancelled"], report["events"]["cancellation"]) == (0, 0)
    assert clinics.booked() == ids(1, 2, 3, 4)


@pytest.mark.slow
def test_a_screen_shows_ten_in_the_clinics_time_and_json_all(clinics: Clinics) -> None:
    clinics.has(*rows(*MANY), *rows(1, 2, clinic="york", day=2))
    path = clinics.write([*rows(*MANY[:15]), row(1, clinic="york", day=2)])
    answer = clinics.call("--complete", path)
    assert "16 future appointments are missing; nothing was done with them" in answer.out
    shown = [line.split() for line in answer.out.splitlines() if " 01.07. " in line or " 02.07. " in line]
    assert [line[0] for line in shown] == [f"A{number}" for number in MANY[15:25]]
    assert answer.exit == 0
    assert len(missing(clinics.report("--complete", path))) == 16
    answer = clinics.call("--complete", clinics.write([*rows(*MANY), row(1, clinic="york", day=2)]))
    assert "1 future appointment is missing" in answer.out
    assert "02.07. 10:02" in answer.out


@pytest.mark.parametrize("width", [80, 160])
def test_it_fits_the_screen(full: Clinics, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    answer = full.call("--cancel-missing", "--dry-run", full.write(rows(*ALL_BUT_THREE, 31)))
    assert max(map(len, answer.out.splitlines())) <= width


def test_without_the_option_nothing_is_said_of_it(full: Clinics) -> None:
    report = full.report(full.write(rows(1)))
    assert "missing" not in report
    assert "missing" not in full.call(full.write(rows(1))).out


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([row(2, "cancelled")], id="cancelled already"),
        pytest.param([row(2, "fulfilled")], id="ended"),
        pytest.param([row(2, "proposed")], id="not booked yet"),
        pytest.param(["nidelv;A2;P1;2026-06-03T11:59;booked;2026-05-04T12:00"], id="past"),
        pytest.param(["nidelv;A2;P1;2026-06-03T12:00;booked;2026-05-04T12:00"], id="beginning now"),
        pytest.param([row(2, clinic="york")], id="of a clinic without a row"),
    ],
)
def test_what_cannot_be_missing(clinics: Clinics, others: list[str]) -> None:
    clinics.has(row(1), *others)
    assert missing(clinics.report("--complete", clinics.write([row(1)]))) == []
    assert "no future appointment of its clinics is missing" in clinics.call("--complete", clinics.write([row(1)])).out


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(row(2), id="unchanged"),
        pytest.param(row(2, day=3), id="moved"),
        pytest.param(row(2, "fulfilled"), id="ended"),
        pytest.param(row(2).replace("2026-05-04", "2026-05-01"), id="stale"),
        pytest.param(row(2, "avtalgt"), id="rejected for its status"),
        pytest.param(row(2, day=32), id="rejected for its time"),
        pytest.param(row(2).replace("P1", "P2"), id="rejected for its patient"),
    ],
)
def test_whatever_the_file_says_of_it_it_is_named(clinics: Clinics, told: str) -> None:
    clinics.has(*rows(1, 2, 3))
    assert missing(clinics.report("--complete", clinics.write([row(1), told]))) == ["A3"]


# Cancelled where that is asked for


def test_what_is_missing_is_cancelled_and_its_patients_hear_of_it(full: Clinics) -> None:
    path = full.write(rows(*ALL_BUT_THREE))
    full.clinic.call("type", "enable", "nidelv", "KONS")
    report = full.report("--cancel-missing", path)
    assert (set(missing(report)), report["missing_cancelled"]) == (GONE, 3)
    assert {name: report[name] for name in ("rows", "new", "changed", "unchanged", "stale", "rejected")} == {
        **{"rows": 27, "new": 0, "changed": 0, "unchanged": 27, "stale": 0, "rejected": 0}
    }
    assert report["events"]["cancellation"] == 3
    assert full.booked() == ids(*ALL_BUT_THREE)
    why = full.clinic.json("why", "appointment", "A30", at=LATER)
    assert "cancellation" in [one["event"] for one in why["notices"]]
    assert "3 future appointments are missing" not in full.call("--cancel-missing", path, at=LATER).out


def test_the_cancellation_is_due_and_goes_out(tmp_path: Path) -> None:
    clinics = Clinics(tmp_path, "[limits]\nmax_upset = 0\n")
    header = "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at"
    lines = [f"nidelv;A{number};P1;KONS;2026-07-0{number}T10:00;booked;2026-05-04T12:00" for number in (1, 2)]
    clinics.call(clinics.write(lines, header=header), at=BEFORE)
    clinics.call("--cancel-missing", clinics.write(lines[:1], header=header))
    clinics.clinic.call("run", at=LATER)
    sent = [one for one in clinics.clinic.json("history", at=LATER) if one["event"] == "cancellation"]
    assert [(one["subject_id"], one["status"], one["due_at"]) for one in sent] == [
        ("A2", "sent", "2026-06-03T10:05:00Z")
    ]


def test_imports_show_how_many_were_cancelled(full: Clinics) -> None:
    full.call("--cancel-missing", full.write(rows(*ALL_BUT_THREE)))
    number = str(full.clinic.json("imports", "--limit", "1")[0]["import"])
    shown = full.clinic.json("imports", "show", number)
    assert (shown["missing"], shown["missing_cancelled"], shown["changed_since"]) == (3, 3, 0)
    assert {(one["event"], one["subject_id"]) for one in shown["changes"]} == {("cancellation", one) for one in GONE}
    out = full.clinic.call("imports", "show", number).out
    assert "3 future appointments, cancelled by this import" in out
    assert "--cancel-missing" in out


def test_imports_show_what_was_only_named(full: Clinics) -> None:
    full.call("--complete", full.write(rows(*ALL_BUT_THREE)))
    number = str(full.clinic.json("imports", "--limit", "1")[0]["import"])
    assert "3 future appointments; nothing was done with them" in full.clinic.call("imports", "show", number).out


def test_a_dry_run_says_so_and_does_nothing(full: Clinics) -> None:
    path = full.write([*rows(*ALL_BUT_THREE), row(31)])
    answer = full.call("--cancel-missing", "--dry-run", path)
    assert "would book 1, cancel 3;" in answer.err
    assert "3 future appointments are missing and would be cancelled" in answer.out
    assert full.booked() == ids(*MANY)
    report = full.report("--cancel-missing", path)
    assert (report["events"]["cancellation"], full.booked()) == (3, ids(*ALL_BUT_THREE, 31))


def test_what_was_cancelled_as_missing_is_booked_again_by_a_file_that_names_it(full: Clinics) -> None:
    full.call("--cancel-missing", full.write(rows(*ALL_BUT_THREE)))
    report = full.report(full.write(rows(*MANY)), at=LATER)
    assert (report["events"]["booking"], report["stale"], full.booked()) == (3, 0, ids(*MANY))


@pytest.mark.parametrize("force", [(), ("--force",)], ids=["", "forced"])
def test_a_file_without_rows_cancels_nothing(clinics: Clinics, force: tuple[str, ...]) -> None:
    clinics.has(*rows(1, 2))
    path = clinics.write([], header="appointment_id;patient_id;starts_at;status")
    exit_code, [report] = clinics.json("--cancel-missing", *force, "--clinic", "nidelv", path)
    assert (exit_code, "missing" in report, clinics.booked()) == (1, False, ids(1, 2))
    assert "has no rows" in clinics.call("--cancel-missing", *force, "--clinic", "nidelv", path).err


def test_the_clinic_of_the_option_counts_only_where_the_file_names_none(clinics: Clinics) -> None:
    clinics.has(row(1), row(1, clinic="york"))
    path = clinics.write([row(1, clinic="york")])
    assert missing(clinics.report("--complete", "--clinic", "nidelv", path)) == []


# Not too many


@pytest.mark.slow
@pytest.mark.parametrize("future", range(1, 31))
def test_a_tenth_of_a_clinic_is_cancelled_and_no_more(tmp_path: Path, future: int) -> None:
    clinics = Clinics(tmp_path)
    clinics.has(*rows(*range(future)), *rows(*range(100), clinic="york"))
    allowed = future // 10
    too_few = clinics.write([*rows(*range(future - allowed - 1)), row(99, "cancelled")])
    exit_code, [report] = clinics.json("--cancel-missing", too_few)
    assert (exit_code, len(missing(report)), report["missing_cancelled"]) == (4, allowed + 1, 0)
    assert clinics.booked() == ids(*range(future))
    exit_code, [report] = clinics.json("--cancel-missing", clinics.write(rows(*range(future - allowed), 98)))
    assert (exit_code, len(missing(report)), report["missing_cancelled"]) == (0, allowed, allowed)
    assert clinics.booked() == ids(*range(future - allowed), 98)


@pytest.mark.parametrize(
    ("share", "options", "exit_code"),
    [
        pytest.param("0.29", [], 0, id="29 of 100 at 29 %"),
        pytest.param("0.28", [], 4, id="29 of 100 at 28 %"),
        pytest.param("0.28", ["--force"], 0, id="with --force"),
        pytest.param("0", [], 0, id="any"),
        pytest.param("1", [], 0, id="all"),
    ],
)
def test_the_share_is_the_configured_one(tmp_path: Path, share: str, options: list[str], exit_code: int) -> None:
    clinics = Clinics(tmp_path, f"[limits]\nmax_upset = {share}\n")
    clinics.has(*rows(*range(100)))
    assert clinics.json("--cancel-missing", *options, clinics.write(rows(*range(71))))[0] == exit_code


def test_a_clinic_too_many_holds_the_whole_file(clinics: Clinics) -> None:
    """Nothing of it is imported, neither of the clinic that would pass nor its rejects."""
    clinics.has(*rows(*MANY), *rows(1, 2, clinic="york"))
    path = clinics.write([*rows(*ALL_BUT_THREE, 40), row(1, clinic="york"), row(50, "avtalgt")])
    answer = clinics.call("--cancel-missing", path)
    assert answer.exit == 4
    assert "would cancel 1 (all of them missing in it) of the 2 future appointments of york" in answer.err
    assert "--force" in answer.err
    assert "--dry-run" in answer.err
    assert (clinics.booked(), clinics.booked("york")) == (ids(*MANY), ids(1, 2))
    assert not (clinics.folder / "all.csv.rejects.csv").exists()


def test_each_clinic_has_its_own_share(clinics: Clinics) -> None:
    clinics.has(*rows(*MANY), *rows(*MANY[:20], clinic="york"))
    path = clinics.write([*rows(*ALL_BUT_THREE), *rows(*MANY[2:20], clinic="york")])
    assert clinics.json("--cancel-missing", path)[0] == 0
    assert (clinics.booked(), clinics.booked("york")) == (ids(*ALL_BUT_THREE), ids(*MANY[2:20]))


def test_what_is_missing_counts_with_what_is_cancelled_and_moved(clinics: Clinics) -> None:
    """10 cancelled, 5 moved, 5 missing: each may pass by itself, all together not."""
    clinics.has(*rows(*range(100)))
    told = [*rows(*range(10), status="cancelled"), *rows(*range(10, 15), day=2), *rows(*range(15, 95))]
    answer = clinics.call("--cancel-missing", clinics.write(told))
    assert answer.exit == 4
    assert "cancel 15 (5 of them missing in it) and move 5 of the 100 future appointments of nidelv" in answer.err
    assert clinics.json("--complete", clinics.write(told))[0] == 0


# Wrong usage


@pytest.mark.parametrize("option", ["--complete", "--cancel-missing"])
def test_other_kinds_cannot_be_complete(clinics: Clinics, option: str) -> None:
    path = clinics.write(["nidelv;P1;yes"], header="clinic_id;patient_id;consent")
    assert clinics.call(option, "--kind", "patients", path).exit == 2
    assert clinics.call(option, "--kind", "appointments", clinics.write(rows(1))).exit == 0


def test_a_call_without_appointments_says_so(clinics: Clinics) -> None:
    path = clinics.write(["nidelv;P1;yes"], header="clinic_id;patient_id;consent")
    answer = clinics.call("--complete", path)
    assert answer.exit == 0
    assert "none of these files holds appointments" in answer.err


# What always holds

APPOINTMENTS = st.dictionaries(
    st.tuples(st.sampled_from(["nidelv", "york"]), st.integers(1, 9)),
    st.tuples(st.sampled_from(["booked", "booked", "cancelled", "fulfilled"]), st.integers(1, 3)),
    max_size=12,
)


@pytest.mark.slow
@given(before=APPOINTMENTS, file=APPOINTMENTS)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_a_complete_file_leaves_its_own_appointments_and_then_nothing_more(before, file) -> None:
    def lines(of):
        return [row(number, status, clinic, day) for (clinic, number), (status, day) in of.items()]

    with tempfile.TemporaryDirectory() as folder:
        clinics = Clinics(Path(folder))
        clinics.call("--force", clinics.write(lines(before)), at=BEFORE)
        path = clinics.write(lines(file))
        first = clinics.report("--cancel-missing", "--force", path, at=NOON)
        for clinic in {clinic for clinic, _ in file}:
            booked = {
                f"A{number}" for (one, number), (status, _) in file.items() if (one, status) == (clinic, "booked")
            }
            assert clinics.booked(clinic) == booked
        for clinic in {"nidelv", "york"} - {clinic for clinic, _ in file}:
            assert clinics.booked(clinic) == {
                f"A{number}" for (one, number), (status, _) in before.items() if (one, status) == (clinic, "booked")
            }
        counts = ("new", "changed", "unchanged", "stale", "rejected")
        assert first["error"] or first["rows"] == sum(first[name] for name in counts) == len(file)
        second = clinics.report("--cancel-missing", path, at=LATER)
        assert second.get("missing", []) == []
        assert second["events"]["cancellation"] == 0
