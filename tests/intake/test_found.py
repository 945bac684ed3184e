"""Small files in the layouts of real systems on which the program once failed, where they lie beside the repository."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support import engines
from tests.support.case_runner import Program
from tests.support.places import SHARED

FOUND = SHARED / "found"
SATURDAY = "2026-11-28T12:00:00+01:00"  # the 28th of November
pytestmark = pytest.mark.skipif(not FOUND.is_dir(), reason="the shared inputs are not here")


def imported(program: Program, name: str, *files: str, at: str = SATURDAY) -> list[Any]:
    paths = [str(FOUND / name / file) for file in files]
    answer = program.call(at, ["import", "--json", "--assume-consent", "--clinic", "k", *paths])
    return json.loads(answer.out)["files"] if answer.out.strip() else [answer.err]


def cells(program: Program, sql: str) -> list[tuple[Any, ...]]:
    return engines.rows(program.folder, sql)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "notify.toml").write_text("")
    (tmp_path / "clinic.csv").write_text("clinic_id;name;timebook\nk;Klinikk;ja\n")
    program = Program(tmp_path)
    assert program.call(SATURDAY, ["import", str(tmp_path / "clinic.csv")]).exit == 0
    return program


def test_appointments_are_not_taken_for_patients(program: Program) -> None:
    [report] = imported(program, "csv-appointments-as-patients", "appointments.csv")
    assert "appointment_id" in report["error"]
    assert "status" in report["error"]
    assert "assume-consent" not in report["error"]
    assert cells(program, "SELECT count(*) FROM patient") == [(0,)]


def test_an_id_that_excel_keeps_as_text_is_the_same_id(program: Program) -> None:
    imported(program, "csv-formula-ids", "patients.csv", "appointments.csv")
    assert cells(program, "SELECT patient_id, mobile FROM patient") == [("0123", "+4791234567")]
    assert cells(program, "SELECT patient_id FROM appointment") == [("0123",)]


def test_a_no_show_is_no_cancellation(program: Program) -> None:
    name, later = "hl7-noshow-as-cancellation", "2026-11-28T13:31:00+01:00"
    imported(program, name, "clinics.csv", "types.csv", "s12.hl7", at="2026-11-20T09:01:00+01:00")
    reports = imported(program, name, "s15.hl7", at=later)
    assert sum(report["events"]["cancellation"] for report in reports) == 0
    assert cells(program, "SELECT status FROM appointment") == [("noshow",)]


@pytest.mark.parametrize(
    ("file", "starts_at"),
    [
        pytest.param("s12.hl7", "2026-12-10T09:45:00+01:00", id="AIP-6 holds the time of sending"),
        pytest.param("epic.hl7", "2026-12-10T11:15:00+01:00", id="AIG-6 holds another time"),
    ],
)
def test_the_start_is_the_appointments_not_a_resources(program: Program, file: str, starts_at: str) -> None:
    imported(program, "hl7-start-of-a-resource", "clinics.csv", "types.csv", file)
    assert cells(program, "SELECT starts_at FROM appointment") == [
        (int(datetime.fromisoformat(starts_at).timestamp()),)
    ]
