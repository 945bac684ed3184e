"""What `show`, `history` and `why` of a patient say to people, and what they say to what was typed wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import engines
from tests.support.one_clinic import Clinic
from tests.support.told_in_words import BOOKED, DEAD, DUE, LATER, booked, brought, seen


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_history_keeps_its_fields_for_machines(tmp_path: Path) -> None:
    clinic = booked(tmp_path, config=DEAD)
    clinic.call("run", at=DUE)
    [row] = clinic.json("history", at=LATER)
    assert (row["status"], row["reason"]) == ("queued", None)
    assert not {"detail", "next_attempt_at"} & row.keys()


def test_show_has_subject_sender_and_segments(tmp_path: Path) -> None:
    clinic = booked(tmp_path, "P4")
    clinic.call("run", at=DUE)
    email, sms = clinic.json("show", "1", at=LATER)["deliveries"]
    assert (email["sent_from"], email["subject_line"], email["segments"]) == (
        *("Nidelv legesenter <post@nidelv.example>", "Bekreftelse på time hos Nidelv legesenter", None),
    )
    assert (sms["sent_from"], sms["subject_line"], sms["segments"]) == ("Nidelv", None, 1)
    assert "from Nidelv legesenter <post@nidelv.example>" in seen(clinic, "show", "1")


def test_show_says_whether_it_was_sent_was_tried_or_would_be(tmp_path: Path) -> None:
    clinic = booked(tmp_path, "P4", DEAD)
    clinic.call("run", at=DUE)
    shown = seen(clinic, "show", "1")
    assert "as it was tried" in shown
    assert "as it was sent" in shown
    clinic.call("patient", "set", "nidelv", "P8", "--consent", "yes", at=LATER)
    clinic.book("A2;P8;KONS;2026-06-18T11:00;booked;2026-06-03T12:00;", at=LATER)
    clinic.call("patient", "set", "nidelv", "P8", "--consent", "no", at=LATER)
    clinic.call("run", at=LATER)
    clinic.call("patient", "set", "nidelv", "P8", "--consent", "yes", at=LATER)
    clinic.call("retry", "2", at=LATER)
    queued = clinic.json("show", "2", at=LATER)["deliveries"][0]
    assert (queued["status"], queued["as_it"]) == ("queued", "would be sent")
    assert "18. juni" in queued["text"]
    assert "as it would be sent" in seen(clinic, "show", "2")


def test_all_of_a_patient_newest_first(tmp_path: Path) -> None:
    clinic = booked(tmp_path)
    brought(clinic, "clinic_id;dialog_id;patient_id;kind;sent_at\nnidelv;D1;P1;dialog;2026-06-02T12:00\n")
    brought(clinic, "clinic_id;receipt_id;patient_id;status;paid_at\nnidelv;R1;P1;paid;2026-06-01T12:00\n")
    brought(
        clinic,
        "clinic_id;external_id;patient_id;sender;event;channel;sent_at;status\n"
        "nidelv;E1;P1;digicare;reminder;sms;2026-06-02T09:00;delivered\n",
    )
    everything = clinic.json("why", "patient", "nidelv", "P1", at=LATER)
    assert [(one["subject"], one["subject_id"]) for one in everything] == [
        ("appointment", "A1"),
        ("dialog", "D1"),
        ("external", "E1"),
        ("receipt", "R1"),
    ]
    assert everything[0] == clinic.json("why", "appointment", "A1", at=LATER)
    assert everything[2]["details"] == {
        **{"sender": "digicare", "event": "reminder", "channel": "sms"},
        **{"sent_at": "2026-06-02T07:00:00Z", "status": "delivered"},
    }
    shown = seen(clinic, "why", "patient", "nidelv", "P1")
    assert "external E1 at nidelv, patient P1 Tue 02.06.2026 09:00, reminder, sms, delivered, sent by digicare" in shown
    assert clinic.json("why", "patient", "P1", "--clinic", "nidelv", at=LATER) == everything
    assert clinic.json("why", "patient", "nidelv", "P2", at=LATER) == []


def test_of_what_was_given_away_a_patient_has_their_own_notices(tmp_path: Path) -> None:
    clinic = booked(tmp_path)
    clinic.call("run", at=DUE)
    clinic.book(BOOKED.format(patient="P2"), at="2026-06-03T12:10:00+02:00")
    [appointment] = clinic.json("why", "patient", "nidelv", "P1", at=LATER)
    assert (appointment["patient"], [one["patient"] for one in appointment["notices"]]) == ("P2", ["P1"])


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        pytest.param(("patient", "nidelv", "P99"), "there is no patient P99 at nidelv. Was it imported?", id="patient"),
        pytest.param(("patient", "nidelw", "P1"), "there is no clinic nidelw. Did you mean nidelv?", id="clinic"),
        pytest.param(("patient", "a", "b", "c"), "type: notify why patient CLINIC PATIENT", id="too much"),
        pytest.param(("appointment", "a1"), "there is no appointment a1. Did you mean A1?", id="small letters"),
        pytest.param(("appointment", "A1", "A2"), "type: notify why appointment ID [--clinic ID]", id="two"),
    ],
)
def test_what_was_typed_wrong(tmp_path: Path, arguments: tuple[str, ...], error: str) -> None:
    answer = booked(tmp_path).call("why", *arguments)
    assert (answer.exit, answer.out, answer.err) == (2, "", f"notify: {error}\n")


def test_no_word_of_a_library_is_left_in_what_was_typed_wrong(tmp_path: Path) -> None:
    answer = booked(tmp_path).call("show", "A1")
    assert (answer.exit, answer.out) == (2, "")
    assert answer.err == "notify: 'NOTICE' has to be a whole number. See: notify show --help\n"


def test_an_appointment_that_two_clinics_have_asks_for_its_clinic(tmp_path: Path) -> None:
    clinic = booked(tmp_path)
    brought(clinic, "clinic_id;name\nvik;Vik legekontor\n")
    brought(
        clinic,
        "clinic_id;appointment_id;patient_id;type_id;starts_at;status\nvik;A1;P1;KONS;2026-06-18T10:00;booked\n",
    )
    answer = clinic.call("why", "appointment", "A1")
    assert (answer.exit, answer.out, answer.err) == (
        *(2, "", "notify: 2 clinics have appointment A1: nidelv, vik. Say which with --clinic ID\n"),
    )


def test_an_unknown_status_is_told_with_each_known_one_once(tmp_path: Path) -> None:
    clinic = booked(tmp_path)
    brought(
        clinic,
        "clinic_id;external_id;patient_id;sender;event;channel;sent_at;status\n"
        "nidelv;E1;P1;digicare;reminder;sms;2026-06-02T09:00;delivered\n"
        "nidelv;E2;P1;digicare;reminder;sms;2026-06-02T09:00;read\n",
    )
    answer = clinic.call("history", "--status", "opened")
    statuses = "queued, sending, sent, delivered, failed, uncertain, skipped, read"
    assert (answer.exit, answer.err) == (2, f"notify: --status: 'opened' is none of {statuses}\n")


def test_history_by_sender(tmp_path: Path) -> None:
    clinic = booked(tmp_path)
    clinic.call("run", at=DUE)
    brought(
        clinic,
        "clinic_id;external_id;patient_id;sender;event;channel;sent_at;status\n"
        "nidelv;E1;P1;digicare;reminder;sms;2026-06-02T09:00;delivered\n",
    )
    assert [row["subject_id"] for row in clinic.json("history", "--sender", "digicare")] == ["E1"]
    assert [row["subject_id"] for row in clinic.json("history", "--sender", "notify")] == ["A1"]
    assert clinic.json("history", "--sender", "helsenorge") == []
    answer = clinic.call("history", "--sender", "journal")
    assert (answer.exit, answer.err) == (
        *(2, "notify: --sender: 'journal' is none of notify, digicare, helsenorge, convene\n"),
    )


def test_a_reason_may_be_typed_as_it_is_shown(tmp_path: Path) -> None:
    clinic = booked(tmp_path, "P8")
    clinic.call("run", at=DUE)
    assert clinic.json("history", "--reason", "no consent") == clinic.json("history", "--reason", "no_consent") != []


def test_an_event_of_why_has_who_and_by_which_import(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    brought(
        clinic,
        "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at;booked_by\n"
        "nidelv;A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;patient\n",
    )
    shown = seen(clinic, "why", "appointment", "A1")
    assert "booking by the patient, Wed 03.06.2026 12:00: Thu 18.06.2026 10:00 (import 4)" in shown


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("show", "1"), id="show"),
        pytest.param(("why", "appointment", "A1"), id="why"),
        pytest.param(("patient", "show", "nidelv", "P1"), id="patient"),
        pytest.param(("history", "--patient", "P1"), id="history"),
    ],
)
def test_who_only_asks_does_not_wait_for_what_sends(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    clinic = booked(tmp_path)
    clinic.call("run", at=DUE)
    program = "import sys; from notifycli.cli.main import main; main(sys.argv[1:]); print({'asyncio'} & {*sys.modules})"
    command = [sys.executable, "-c", program, "--db", str(engines.address_in(tmp_path)), "--now", LATER, *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "A1" in told
    assert told.endswith("set()\n")
