"""`notify why --json` (SPEC section 8): the subject as stored, its events, each notice and whose it is."""

import json
from pathlib import Path

import pytest

from tests.support.one_clinic import Clinic

AT = "2026-06-03T12:30:00+02:00"  # a Wednesday


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic.begun_in(tmp_path)


def test_an_appointment_is_told_with_what_happened_to_it(clinic: Clinic) -> None:
    clinic.book("A1;P1;KONS;2026-06-11T10:00;booked;2026-06-03T11:00;Rom 1", at="2026-06-03T11:01:00+02:00")
    clinic.call("run", at="2026-06-03T11:06:00+02:00")
    clinic.book("A1;P1;KONS;2026-06-12T10:00;booked;2026-06-03T11:00;Rom 2", at="2026-06-03T12:00:00+02:00")
    told = clinic.json("why", "appointment", "A1", at=AT)
    assert {name: told[name] for name in ("clinic", "patient", "active_user", "subject", "subject_id")} == {
        **{"clinic": "nidelv", "patient": "P1", "active_user": False},
        **{"subject": "appointment", "subject_id": "A1"},
    }
    assert (told["details"]["starts_at"], told["details"]["location"], told["details"]["type_id"]) == (
        *("2026-06-12T08:00:00Z", "Rom 2"),
        "KONS",
    )
    thursday = {"starts_at": "2026-06-11T08:00:00Z", "location": "Rom 1", "patient": "P1"}
    friday = {"starts_at": "2026-06-12T08:00:00Z", "location": "Rom 2", "patient": "P1"}
    booking, change = told["events"]
    assert (booking["event"], booking["at"], booking["from"], booking["to"]) == (
        *("booking", "2026-06-03T09:00:00Z", None),
        thursday,
    )
    assert (change["event"], change["at"], change["from"], change["to"]) == (
        *("change", "2026-06-03T10:00:00Z", thursday),
        friday,
    )
    assert booking["origin"].startswith("import ")
    notices = {(one["event"], one["patient"], one["verdict"], one["due_at"]) for one in told["notices"]}
    assert {
        ("confirmation", "P1", "sent", "2026-06-03T09:05:00Z"),
        ("change", "P1", "planned", "2026-06-03T10:05:00Z"),
        ("reminder", "P1", "planned", "2026-06-10T08:00:00Z"),
    } <= notices


@pytest.mark.parametrize(
    ("kind", "header", "row", "details"),
    [
        pytest.param(
            "dialog",
            "clinic_id;dialog_id;patient_id;kind;sent_at",
            "nidelv;X1;P1;edialog;2026-06-03T12:00",
            {"kind": "edialog", "sent_at": "2026-06-03T10:00:00Z"},
            id="dialog",
        ),
        pytest.param(
            "receipt",
            "clinic_id;receipt_id;patient_id;status;paid_at",
            "nidelv;X1;P1;paid;2026-06-03T12:00",
            {"status": "paid", "paid_at": "2026-06-03T10:00:00Z"},
            id="receipt",
        ),
    ],
)
def test_dialogs_and_receipts_have_their_columns_and_no_events(
    clinic: Clinic, kind: str, header: str, row: str, details: dict[str, str]
) -> None:
    path = clinic.folder / "rows.csv"
    path.write_text(f"{header}\n{row}\n")
    clinic.call("import", str(path), at=AT)
    told = clinic.json("why", kind, "X1", at=AT)
    assert (told["details"], told["events"]) == (details, [])


def test_a_notice_that_waits_tells_its_next_attempt(tmp_path: Path) -> None:
    dead = '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
    clinic = Clinic.begun_in(tmp_path, dead)
    clinic.book("A1;P1;KONS;2026-06-11T10:00;booked;2026-06-03T12:00;", at="2026-06-03T12:01:00+02:00")
    clinic.call("run", at="2026-06-03T12:06:00+02:00")
    told = json.loads(clinic.call("why", "appointment", "A1", "--json", at="2026-06-03T12:06:10+02:00").out)
    [confirmation] = [one for one in told["notices"] if one["event"] == "confirmation"]
    assert (confirmation["verdict"], confirmation["next_attempt_at"]) == ("planned", "2026-06-03T10:07:00Z")
