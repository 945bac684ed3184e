"""What a second reader of SPEC section 3 played on the program: each told a patient, or staff, what was not so."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support import engines
from tests.support.one_clinic import Clinic

WEDNESDAY = "2026-06-03T12:00:00+02:00"
LATER = "2026-06-03T13:00:00+02:00"
HEADER = "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at"


def cells(clinic: Clinic, sql: str) -> list[tuple[Any, ...]]:
    return engines.rows(clinic.folder, sql)


def imported(clinic: Clinic, name: str, text: str, *options: str, at: str = WEDNESDAY) -> list[Any]:
    path = clinic.folder / name
    path.write_text(text, encoding="utf-8")
    return list(clinic.json("import", *options, str(path), at=at)["files"])


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic.begun_in(tmp_path)


def test_a_rejected_row_lets_go_of_nothing_that_is_held(clinic: Clinic) -> None:
    rows = [f"nidelv;A{number};P1;KONS;2026-06-{11 + number % 5}T1{number % 9}:00" for number in range(30)]
    lines = "\n".join(f"{row};booked;2026-06-01T12:00" for row in rows)
    imported(clinic, "a.csv", f"{HEADER}\n{lines}\n")
    for status, held in (("avlyst", 30), ("avlyst av klinikken", 30), ("avtalt", 0)):
        lines = "\n".join(f"{row};{status};2026-06-01T12:00" for row in rows)
        imported(clinic, f"{status}.csv", f"{HEADER}\n{lines}\n", at=LATER)
        assert cells(clinic, "SELECT count(*) FROM held") == [(held,)]


def message(trigger: str, status: str, minute: int) -> str:
    return (
        f"MSH|^~\\&|SYS|nidelv|||202606031{minute:03}||SIU^{trigger}|M{minute}|P|2.5\r"
        f"SCH|A1|A1|||||x|KONS|30|minutes|^^^202606111000||||||||||||||{status}\rPID|1||P1\r"
    )


@pytest.mark.parametrize(
    ("trigger", "word", "status"),
    [
        pytest.param("S15", "NS", "noshow", id="a no-show by the clinic's own word"),
        pytest.param("S14", "Patient cancelled", "cancelled", id="a cancellation by the clinic's own words"),
        pytest.param("S14", "X^patient CANCELLED", "cancelled", id="in the text beside a code, in other letters"),
    ],
)
def test_a_clinics_own_word_tells_the_status_in_hl7_too(tmp_path: Path, trigger: str, word: str, status: str) -> None:
    own = '[clinic.nidelv]\nstatuses = { "NS" = "noshow", "Patient cancelled" = "cancelled" }\n'
    clinic = Clinic.begun_in(tmp_path, own)
    imported(clinic, "a.hl7", message("S12", "Booked", 100))
    reports = imported(clinic, "b.hl7", message(trigger, word, 130))
    assert cells(clinic, "SELECT status FROM appointment") == [(status,)]
    assert [problem for report in reports for problem in report["problems"]] == []


def test_a_status_that_nobody_knows_is_told(clinic: Clinic) -> None:
    reports = imported(clinic, "a.hl7", message("S12", "LWBS", 100))
    told = [problem["text"] for report in reports for problem in report["problems"]]
    assert any("SCH-25" in text and "[clinic.ID.statuses]" in text for text in told)


def test_what_fhir_says_of_the_creation_is_no_stamp(clinic: Clinic) -> None:
    visit = {
        **{"resourceType": "Appointment", "id": "A1", "created": "2026-06-01T08:00:00Z", "status": "booked"},
        **{"start": "2026-06-11T10:00:00+02:00", "end": "2026-06-11T10:30:00+02:00"},
        "participant": [{"actor": {"reference": "Patient/P1"}, "status": "accepted"}],
        "meta": {"lastUpdated": "2026-06-03T09:30:00Z"},
    }
    imported(clinic, "a.json", json.dumps(visit), "--clinic", "nidelv")
    cancelled = {**visit, "status": "cancelled"}
    del cancelled["meta"]
    imported(clinic, "b.json", json.dumps(cancelled), "--clinic", "nidelv", at=LATER)
    assert cells(clinic, "SELECT status FROM appointment") == [("cancelled",)]


@pytest.mark.parametrize(
    ("text", "table", "kept"),
    [
        pytest.param(
            "clinic_id;patient_id;given_name;consent;push_allowed\nnidelv;N1;Siv;ja;kanskje\n",
            "SELECT consent, push_allowed FROM patient WHERE patient_id = 'N1'",
            (1, 0),
            id="push_allowed",
        ),
        pytest.param(
            "clinic_id;type_id;notifications;active\nnidelv;NY;ja;kanskje\n",
            "SELECT imported_notifications, active FROM type WHERE type_id = 'NY'",
            (1, 1),
            id="active",
        ),
        pytest.param(
            "clinic_id;name;timebook;post\nny;Ny klinikk;ja;kanskje\n",
            "SELECT imported_timebook, imported_post FROM clinic WHERE clinic_id = 'ny'",
            (1, None),
            id="a module",
        ),
        pytest.param(
            "clinic_id;name;timezone\nny;Ny klinikk;CET+9\n",
            "SELECT timezone, name FROM clinic WHERE clinic_id = 'ny'",
            ("Europe/Oslo", "Ny klinikk"),
            id="time zone",
        ),
        pytest.param(
            "clinic_id;name;country\nny;Ny klinikk;Norge\n",
            "SELECT country, name FROM clinic WHERE clinic_id = 'ny'",
            ("NO", "Ny klinikk"),
            id="country",
        ),
    ],
)
def test_a_side_cell_that_cannot_be_read_costs_no_row(
    clinic: Clinic, text: str, table: str, kept: tuple[Any, ...]
) -> None:
    [report] = imported(clinic, "a.csv", text)
    assert (report["rejected"], report["warnings"]) == (0, 1)
    assert cells(clinic, table) == [kept]


@pytest.mark.parametrize("options", [(), ("--assume-consent",)], ids=["", "consent assumed"])
def test_a_day_and_a_clock_are_no_patients(clinic: Clinic, options: tuple[str, ...]) -> None:
    text = "Klinikk;Pasientnr;Mobil;Dato;Klokkeslett\nnidelv;N9;91000009;10.06.2026;09:30\n"
    [report] = imported(clinic, "a.csv", text, *options)
    assert report["error"] is not None
    assert "assume-consent" not in report["error"]
    assert cells(clinic, "SELECT count(*) FROM patient WHERE patient_id = 'N9'") == [(0,)]


def test_a_file_of_which_all_was_rejected_is_no_import_of_appointments(clinic: Clinic) -> None:
    imported(clinic, "a.csv", f"{HEADER}\nnidelv;A1;P1;KONS;2026-06-30T10:00;booked;2026-06-01T12:00\n")
    friday = "2026-06-05T12:00:00+02:00"
    imported(clinic, "b.csv", f"{HEADER}\nnidelv;A2;P1;KONS;snart;booked;2026-06-01T12:00\n", at=friday)
    os.utime(clinic.folder / "b.csv", (0, 0))
    codes = {trouble["code"] for trouble in clinic.json("status", at=friday)["troubles"]}
    assert "no_appointments" in codes
