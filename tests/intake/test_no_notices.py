"""An export can say of an appointment that it wants no notices, or no reminder: R10, `third_party`.

Helsenorge's tags say so in FHIR, the column no_notices in a table. Source: docs/fhir-hl7.md.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.one_clinic import Clinic

WEDNESDAY_NOON = "2026-06-03T12:00:00+02:00"
TAGS = "http://helsenorge.no/fhir/"


def appointment(*tags: str, status: str = "booked", **more: Any) -> dict[str, Any]:
    """In nine days, booked five minutes ago."""
    return {
        "resourceType": "Appointment",
        "id": "T1",
        "status": status,
        "appointmentType": {"coding": [{"code": "KONS"}]},
        "created": "2026-06-03T11:55:00+02:00",
        "start": "2026-06-12T10:00:00+02:00",
        "participant": [{"actor": {"reference": "Patient/P1"}}],
        "meta": {"tag": [{"system": f"{TAGS}{tag}", "code": "1"} for tag in tags]},
        **more,
    }


def bring(clinic: Clinic, resource: dict[str, Any], at: str = WEDNESDAY_NOON) -> None:
    path = clinic.folder / "appointment.json"
    path.write_text(json.dumps(resource))
    assert clinic.call("import", "--clinic", "nidelv", str(path), at=at).exit == 0


def verdicts(clinic: Clinic, at: str) -> dict[str, tuple[str, str | None]]:
    notices = clinic.json("why", "appointment", "T1", "--clinic", "nidelv", at=at)["notices"]
    return {one["event"]: (one["verdict"], one["reason"]) for one in notices}


@pytest.mark.parametrize(
    ("tags", "confirmation", "reminder"),
    [
        pytest.param([], ("sent", None), ("sent", None), id="no tag"),
        pytest.param(["paminnelse"], ("sent", None), ("skipped", "third_party"), id="no reminder"),
        pytest.param(["varsling"], ("skipped", "third_party"), ("skipped", "third_party"), id="no notices"),
        pytest.param(["varsling", "paminnelse"], ("skipped", "third_party"), ("skipped", "third_party"), id="both"),
    ],
)
def test_helsenorges_tags(tmp_path: Path, tags: list[str], confirmation: Any, reminder: Any) -> None:
    clinic = Clinic.begun_in(tmp_path)
    bring(clinic, appointment(*tags))
    clinic.call("run", at="2026-06-03T12:01:00+02:00")
    clinic.call("run", at="2026-06-10T10:00:00+02:00")
    found = verdicts(clinic, "2026-06-10T10:01:00+02:00")
    assert (found["confirmation"], found["reminder"]) == (confirmation, reminder)


def test_a_tag_that_comes_later_keeps_the_reminder_and_one_that_goes_lets_it_out(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    bring(clinic, appointment())
    clinic.call("run", at="2026-06-03T12:01:00+02:00")
    bring(clinic, appointment("paminnelse"), at="2026-06-04T12:00:00+02:00")
    assert verdicts(clinic, "2026-06-04T12:00:00+02:00")["reminder"] == ("planned", "third_party")
    bring(clinic, appointment(), at="2026-06-05T12:00:00+02:00")
    clinic.call("run", at="2026-06-10T10:00:00+02:00")
    assert verdicts(clinic, "2026-06-10T10:01:00+02:00")["reminder"] == ("sent", None)


def test_a_table_says_it_in_the_column_no_notices(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path = clinic.folder / "appointments.csv"
    header = "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at;Ingen varsel"
    row = "nidelv;T1;P1;KONS;2026-06-12T10:00;booked;2026-06-03T11:55"
    path.write_text(f"{header}\n{row};påminnelse\n")
    clinic.call("import", str(path))
    clinic.call("run", at="2026-06-10T10:00:00+02:00")
    assert verdicts(clinic, "2026-06-10T10:01:00+02:00")["reminder"] == ("skipped", "third_party")
    path.write_text(f"{header}\n{row};kanskje\n")
    answer = clinic.call("import", str(path))
    assert "Ingen varsel" in answer.err


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_cancellation_that_gives_no_time_cancels_what_is_stored(tmp_path: Path, status: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    bring(clinic, appointment())
    clinic.call("run", at="2026-06-03T12:01:00+02:00")
    bare = {"resourceType": "Appointment", "id": "T1", "status": status, "participant": []}
    bring(clinic, bare, at="2026-06-04T12:00:00+02:00")
    clinic.call("run", at="2026-06-04T12:06:00+02:00")
    found = verdicts(clinic, "2026-06-10T10:01:00+02:00")
    assert found["cancellation"] == ("sent", None)
    assert found["reminder"][0] != "sent"


def test_a_cancellation_of_what_nobody_knows_is_rejected_if_it_gives_no_time(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path = clinic.folder / "appointment.json"
    bare = {"resourceType": "Appointment", "id": "T9", "status": "cancelled", "participant": []}
    path.write_text(json.dumps(bare))
    answer = clinic.call("import", "--clinic", "nidelv", str(path))
    assert (answer.exit, "starts_at" in answer.err or "patient_id" in answer.err) == (1, True)
