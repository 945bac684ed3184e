"""`notify imports`: what was imported, by whom, and what each import changed, however many came after it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support import engines
from tests.support.one_clinic import NOON, Clinic

FIELDS = [
    *("import", "at", "path", "kind", "clinic", "rows", "new", "changed", "rejected", "held", "settled", "error"),
]
LATER, LAST = "2026-06-03T13:00:00+02:00", "2026-06-03T14:00:00+02:00"
BASE = 3  # imports before those of a test


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic.begun_in(tmp_path)


def bring(clinic: Clinic, text: str, *options: str, name: str = "rows.csv", at: str = NOON) -> int:
    """The number of the import."""
    (clinic.folder / name).write_text(text, encoding="utf-8")
    clinic.call("import", *options, str(clinic.folder / name), at=at)
    return int(clinic.json("imports", "--limit", "1")[0]["import"])


def changes(clinic: Clinic, number: int) -> list[tuple[Any, ...]]:
    shown = clinic.json("imports", "show", str(number))["changes"]
    return [(one["event"], one["subject"], one["subject_id"], one["clinic"], one["patient"]) for one in shown]


def test_they_are_listed_newest_first(clinic: Clinic) -> None:
    clinic.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T11:00;")
    found = clinic.json("imports")
    assert [one["kind"] for one in found] == ["appointments", "patients", "types", "clinics"]
    assert all(list(one) == FIELDS for one in found)
    assert found[0] == {
        **{"import": 4, "at": "2026-06-03T10:00:00Z", "path": str(clinic.folder / "appointments.csv")},
        **{"kind": "appointments", "clinic": "nidelv", "rows": 1, "new": 1, "changed": 0, "rejected": 0},
        **{"held": None, "settled": True, "error": None},
    }
    shown = clinic.json("imports", "show", "4")
    assert list(shown)[: len(FIELDS)] == FIELDS
    assert (shown["file"], shown["outcome"], shown["events"]) == ("appointments.csv", "imported", {"booking": 1})
    assert len(shown["sha256"]) == 64
    assert shown["imported_by"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "numbers"),
    [
        pytest.param([], list(range(23, 3, -1)), id="20 unless told otherwise"),
        pytest.param(["--limit", "2"], [23, 22], id="two"),
        pytest.param(["--limit", "0"], list(range(23, 0, -1)), id="all"),
    ],
)
def test_so_many_as_asked_for(clinic: Clinic, limit: list[str], numbers: list[int]) -> None:
    for _ in range(20):
        bring(clinic, "nobody;knows\n1;2\n")
    assert [one["import"] for one in clinic.json("imports", *limit)] == numbers


def test_nothing_was_imported_yet(tmp_path: Path) -> None:
    (tmp_path / "notify.toml").touch()
    assert Clinic(tmp_path).json("imports") == []
    assert "Nothing was imported" in Clinic(tmp_path).call("imports").out


def test_what_was_not_imported_says_why(clinic: Clinic) -> None:
    number = bring(clinic, "nobody;knows\n1;2\n")
    [one] = clinic.json("imports", "--limit", "1")
    assert (one["kind"], one["clinic"], one["rows"], one["settled"]) == (None, None, 0, False)
    assert one["error"].startswith("no known header; name the columns")
    assert "not imported: no known header" in clinic.call("imports").out
    assert "name the columns in the first line" in clinic.call("imports", "show", str(number)).out


def test_a_file_that_was_stopped_says_how_many_and_keeps_its_options(clinic: Clinic) -> None:
    clinic.book(*(f"A{number};P4;KONS;2026-06-18T10:00;booked;2026-06-03T11:00;" for number in range(40)))
    header = "clinic_id;appointment_id;patient_id;starts_at;status"
    rows = [f"nidelv;A{number};P4;2026-06-18T10:00;cancelled" for number in range(40)]
    number = bring(clinic, "\n".join([header, *rows]), "--clinic", "nidelv", at=LATER)
    shown = clinic.json("imports", "show", str(number))
    assert shown["error"].startswith("would cancel 40 of the 40 future appointments of nidelv")
    assert (shown["options"], shown["changes"], shown["rejects_files"]) == ({"clinic": "nidelv"}, [], [])
    [listed] = clinic.json("imports", "--limit", "1")
    assert (listed["error"], listed["clinic"], listed["settled"]) == (shown["error"], "nidelv", False)
    assert listed["held"] == {"cancel": 40, "move": 0, "book": 0, "of": 40}


def test_who_booked_moved_and_cancelled_survives_later_imports(clinic: Clinic) -> None:
    clinic.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T11:00;", "A2;P4;KONS;2026-06-19T10:00;booked;;")
    clinic.book("A1;P4;KONS;2026-06-18T11:00;booked;;Rom 1", at=LATER)
    clinic.book("A1;P4;KONS;2026-06-18T11:00;cancelled;;", "A3;P5;KONS;2026-06-19T10:00;booked;;", at=LAST)
    mine = ("appointment", "A1", "nidelv", "P4")
    assert changes(clinic, BASE + 1) == [("booking", *mine), ("booking", "appointment", "A2", "nidelv", "P4")]
    assert changes(clinic, BASE + 2) == [("change", *mine)]
    assert changes(clinic, BASE + 3) == [("cancellation", *mine), ("booking", "appointment", "A3", "nidelv", "P5")]
    since = [clinic.json("imports", "show", str(number))["changed_since"] for number in (BASE + 1, BASE + 2, BASE + 3)]
    assert since == [1, 1, 0]


def test_why_says_by_which_import_it_became_known(clinic: Clinic) -> None:
    clinic.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T11:00;")
    clinic.book("A1;P4;KONS;2026-06-18T10:00;cancelled;;", at=LATER)
    out = clinic.call("why", "appointment", "A1", at=LATER).out
    assert f"booking, Wed 03.06.2026 11:00: Thu 18.06.2026 10:00 (import {BASE + 1})" in out
    assert f"cancellation, Wed 03.06.2026 13:00 (import {BASE + 2})" in out


def test_the_events_are_as_many_as_were_told(clinic: Clinic) -> None:
    """A key that comes twice in a file, a change of place, a booking again, a migration."""
    clinic.book(
        "A1;P4;KONS;2026-06-18T10:00;booked;;",
        "A1;P4;KONS;2026-06-18T12:00;booked;;",
        "A2;P4;;2026-06-19T10:00;cancelled;;",
    )
    clinic.book("A1;P4;KONS;2026-06-18T12:00;booked;;Rom 7", "A2;P4;;2026-06-19T10:00;booked;;", at=LATER)
    clinic.book("A1;P4;KONS;2026-06-18T12:00;cancelled;;Rom 7", "A1;P4;KONS;2026-06-18T13:00;booked;;Rom 7", at=LAST)
    for one in clinic.json("imports"):
        shown = clinic.json("imports", "show", str(one["import"]))
        assert Counter(change["event"] for change in shown["changes"]) == shown["events"]
    moved = [
        one["moved"] for one in clinic.json("imports", "show", str(BASE + 2))["changes"] if one["event"] == "change"
    ]
    assert moved == [False]
    assert "change of place" in clinic.call("imports", "show", str(BASE + 2)).out


def test_a_migration_is_shown_although_it_is_no_event(clinic: Clinic) -> None:
    text = "clinic_id;appointment_id;patient_id;starts_at;status\nnidelv;A1;P4;2026-06-18T10:00;booked\n"
    number = bring(clinic, text, "--migrated")
    assert changes(clinic, number) == [("migration", "appointment", "A1", "nidelv", "P4")]
    shown = clinic.call("imports", "show", str(number)).out
    assert "--migrated" in shown
    assert clinic.json("imports", "show", str(number))["events"] == {}


def test_dialogs_and_receipts_stay_those_of_the_import_that_told_of_them_first(clinic: Clinic) -> None:
    dialogs = "clinic_id;dialog_id;patient_id;kind\nnidelv;D1;{};dialog\nnidelv;D2;P4;invoice\n"
    first = bring(clinic, dialogs.format("P4"))
    second = bring(clinic, dialogs.format("P5"), at=LATER)
    receipts = "clinic_id;receipt_id;patient_id;status\nnidelv;R1;P4;{}\n"
    unpaid, paid, again = (bring(clinic, receipts.format(word), at=LATER) for word in ("unpaid", "paid", "unpaid"))
    assert changes(clinic, first) == [
        ("dialog", "dialog", "D1", "nidelv", "P5"),
        ("reply", "dialog", "D2", "nidelv", "P4"),
    ]
    assert changes(clinic, paid) == [("receipt", "receipt", "R1", "nidelv", "P4")]
    assert [changes(clinic, number) for number in (second, unpaid, again)] == [[], [], []]


def test_of_other_kinds_the_rows_that_it_changed_last_and_the_switches(clinic: Clinic) -> None:
    header = "clinic_id;patient_id;consent;email\n"
    first = bring(clinic, f"{header}nidelv;N1;yes;a@post.example\nnidelv;N2;yes;b@post.example\n")
    bring(clinic, f"{header}nidelv;N1;yes;a@post.example\nnidelv;N2;no;b@post.example\n", at=LATER)
    shown = clinic.json("imports", "show", str(first))
    assert shown["last_changed_rows"] == [{"clinic": "nidelv", "id": "N1"}]
    assert (shown["changes"], shown["changed_since"]) == ([], 1)
    assert "1 of its rows was changed by later imports" in clinic.call("imports", "show", str(first)).out
    types = bring(clinic, "clinic_id;type_id;notifications\nnidelv;NEW;yes\n")
    switched = [{"clinic": "nidelv", "scope": "type", "name": "NEW", "is_on": True}]
    assert clinic.json("imports", "show", str(types))["switches"] == switched
    assert "switched on: type NEW at nidelv" in clinic.call("imports", "show", str(types)).out


def test_the_screen_has_the_first_20_and_json_has_all(clinic: Clinic) -> None:
    clinic.book(*(f"A{number:02};P4;KONS;2026-06-18T10:00;booked;;" for number in range(21)))
    shown = clinic.call("imports", "show", str(BASE + 1)).out
    assert ("A19" in shown, "A20" in shown, "all with --json" in shown) == (True, False, True)
    assert len(changes(clinic, BASE + 1)) == 21


def test_problems_stand_there_in_groups_as_they_were_told(clinic: Clinic) -> None:
    header = "clinic_id;Pasientnr;Samtykke;Mobil;Skostørrelse\n"
    rows = "".join(f"nidelv;N{number};ja;12;44\n" for number in range(14))
    number = bring(clinic, f"{header}{rows}nidelv;N99;kanskje;;44\n")
    shown = clinic.json("imports", "show", str(number))
    assert shown["problems"] == [
        {
            "what": "rejected",
            "column": "Samtykke",
            "text": "is neither yes nor no",
            "count": 1,
            "first": 16,
            "unit": "line",
        },
        {
            **{"what": "warning", "column": "Mobil", "text": "is not a phone number and counts as none"},
            **{"count": 14, "first": 2, "unit": "line"},
        },
    ]
    assert (shown["ignored_columns"], shown["rejects_files"]) == (["Skostørrelse"], ["rows.csv.rejects.csv"])
    words = " ".join(clinic.call("imports", "show", str(number)).out.split())
    assert "line 2, Mobil: is not a phone number and counts as none (14 rows alike)" in words


def test_nothing_of_people_but_ids_is_remembered(clinic: Clinic) -> None:
    header = "clinic_id;patient_id;given_name;family_name;consent;email;mobile\n"
    number = bring(clinic, f"{header}nidelv;N1;Gudrun;Fjeldstad;ja;gudrun@fjeldstad;4711-0815\nnidelv;;Odd;Myr;ja;;\n")
    with engines.connected(clinic.folder) as connection:
        row = repr(connection.execute("SELECT * FROM import WHERE id = ?", (number,)).fetchone())
    told = (
        row + clinic.call("imports", "show", str(number)).out + json.dumps(clinic.json("imports", "show", str(number)))
    )
    assert "N1" in told
    assert not [word for word in ("Gudrun", "Fjeldstad", "fjeldstad", "4711", "Odd", "Myr") if word in told]


@pytest.mark.parametrize("given", ["4711", "0", "x", "9" * 30])
def test_a_number_that_no_import_has(clinic: Clinic, given: str) -> None:
    answer = clinic.call("imports", "show", given)
    assert (answer.exit, answer.out) == (2, "")
    assert answer.err.startswith("notify: ")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("columns", [80, 120])
def test_the_list_fits_the_screen(clinic: Clinic, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(clinic, "nobody;knows\n1;2\n", name="timeliste-2026-06-03.csv")
    bring(clinic, "clinic_id;patient_id;consent\nnidelv;N1;x\nnidelv;N2;ja\n", name="pasienter-2026-06-03.csv")
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = clinic.call("imports").out.splitlines()
    assert max(map(len, lines)) <= columns
    assert any("pasienter-2026-06-03.csv" in line and "1" in line for line in lines)


def test_brackets_in_a_files_name_are_no_colours(clinic: Clinic) -> None:
    number = bring(clinic, "clinic_id;patient_id;consent\nnidelv;[b]N1[/x];ja\n", name="[red]a[.csv")
    assert "[red]a[.csv" in clinic.call("imports").out
    shown = clinic.call("imports", "show", str(number)).out
    assert "[red]a[.csv" in shown
    assert "[b]N1[/x]" in shown
