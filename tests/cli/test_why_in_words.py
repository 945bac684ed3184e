"""What `why` says to people: the one rule that decided, its facts, what to do next."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support import engines
from tests.support.one_clinic import Clinic, mail_server
from tests.support.smtp_server import Script
from tests.support.told_in_words import BOOKED, DEAD, DUE, LATER, WEEKS_LATER, booked, brought, explained, seen


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_a_retry_says_what_the_server_said_how_often_and_when_again(tmp_path: Path) -> None:
    with mail_server(Script({"RCPT": ["451 4.3.2 system not accepting messages"] * 9})) as (_, config):
        clinic = booked(tmp_path, config=config)
        for minute in ("05", "06", "08"):
            clinic.call("run", at=f"2026-06-03T12:{minute}:00+02:00")
    at = "2026-06-03T12:09:00+02:00"
    words = "refused for now (busy), 3 attempts, again at 12:13"
    assert explained(clinic, at=at) == f"E-mail: {words}."
    assert "refused for 1 now (busy), 3 attempts, again at 12:13" in seen(clinic, "history", at=at)  # 1: the notice
    assert words in seen(clinic, "show", "1", at=at)
    out = clinic.call("upcoming", at=at).out
    assert "refused for now" in out
    assert "again at 12:13" in re.sub(r"\s+", " ", out)


def test_a_retry_whose_time_has_come_is_made_with_the_next_run(tmp_path: Path) -> None:
    clinic = booked(tmp_path, config=DEAD)
    clinic.call("run", at=DUE)
    assert explained(clinic).startswith(
        "E-mail: not reached (the server does not answer), 1 attempt, again with the next run."
    )


@pytest.mark.parametrize("type_id", ["none", "gone", "{notice}", "`x`"])
def test_a_type_may_be_named_like_a_word_of_the_program(tmp_path: Path, type_id: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(f"A1;P1;{type_id};2026-06-18T10:00;booked;2026-06-03T12:00;")
    assert f"of the type {type_id.strip('`')} were never" in explained(clinic)


def test_a_fallback_names_the_fault_what_to_do_and_what_went_out(tmp_path: Path) -> None:
    with mail_server(Script({"RCPT": ["550 5.1.1 no such user"]})) as (_, config):
        clinic = booked(tmp_path, config=config)
        clinic.call("run", at=DUE)
    assert explained(clinic).endswith(
        "E-mail failed: the mailbox does not exist. Ask the patient for the right address, and type: "
        "notify patient set nidelv P1 --email ADDRESS. The SMS went out at 12:05."
    )


@pytest.mark.parametrize(
    ("patient", "words"),
    [
        pytest.param(
            "P8",
            "R17: the patient's consent was no when this was looked at, today 12:05. Ask the patient; then type: "
            "notify patient set nidelv P8 --consent yes, and notify retry 1.",
            id="no consent",
        ),
        pytest.param(
            "P7",
            "R18: neither e-mail (none is known) nor SMS (none is known) was possible when this was looked at, today "
            "12:05. Phone the patient; then type: notify patient set nidelv P7 --email ADDRESS (or --mobile NUMBER), "
            "and what is not too late goes out by itself.",
            id="no contact",
        ),
    ],
)
def test_a_skip_names_its_rule_and_facts(tmp_path: Path, patient: str, words: str) -> None:
    clinic = booked(tmp_path, patient)
    clinic.call("run", at=DUE)
    assert explained(clinic) == words


def test_what_would_be_skipped_reads_will_not_be_sent(tmp_path: Path) -> None:
    clinic = booked(tmp_path, "P8")
    assert "will not be sent: no consent" in seen(clinic, "why", "appointment", "A1")
    assert "will not be sent: no consent" in seen(clinic, "upcoming")
    assert explained(clinic, "reminder") == (
        "R4: due 48 hours before the appointment; timebook and KONS on since Mon 05.01. 08:00; booked today 12:00. "
        "As things stand it will not be sent: R17, the patient's consent is no. Ask the patient; then type: "
        "notify patient set nidelv P8 --consent yes."
    )


def test_a_switch_says_when_it_was_turned(tmp_path: Path) -> None:
    clinic = booked(tmp_path)
    clinic.call("module", "disable", "nidelv", "timebook", at="2026-06-03T12:03:00+02:00")
    clinic.call("run", at=DUE)
    assert explained(clinic) == (
        "R15: the module timebook was switched off, today 12:03. If that was a mistake: "
        "notify module enable nidelv timebook."
    )
    assert explained(clinic, "reminder") == (
        "The module timebook is off since today 12:03; it counts how it stands 48 hours before the appointment, "
        "Tue 16.06. 10:00. Switch it on for what comes: notify module enable nidelv timebook."
    )


@pytest.mark.parametrize(
    ("type_id", "words"),
    [
        pytest.param("OFF", "Notices of the type OFF were never switched on until that moment, today 12:00.", id="off"),
        pytest.param("NEW", "Notices of the type NEW were never switched on until that moment, today 12:00.", id="new"),
        pytest.param("", "The appointment named no type at that moment, today 12:00, and none counts as off.", id="no"),
    ],
)
def test_a_type_that_was_off(tmp_path: Path, type_id: str, words: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(f"A1;P1;{type_id};2026-06-18T10:00;booked;2026-06-03T12:00;")
    assert explained(clinic).startswith(words)


def test_what_was_overtaken_names_what_overtook_it(tmp_path: Path) -> None:
    clinic = booked(tmp_path)
    clinic.call("run", at=DUE)
    for day, minute in ((19, 10), (20, 12)):
        clinic.book(BOOKED.format(patient="P1").replace("06-18", f"06-{day}"), at=f"2026-06-03T12:{minute}:00+02:00")
    clinic.call("run", at=LATER)
    assert explained(clinic, "change") == (
        "R12: a newer change, today 12:12, overtook it before it went out, and has a notice of its own."
    )


def test_what_was_told_already_names_by_what(tmp_path: Path) -> None:
    clinic = booked(tmp_path)
    clinic.call("run", at=DUE)
    clinic.book(BOOKED.format(patient="P1").replace("06-18", "06-19"), at="2026-06-03T12:10:00+02:00")
    clinic.book(BOOKED.format(patient="P1"), at="2026-06-03T12:12:00+02:00")
    clinic.call("run", at=LATER)
    told = clinic.json("why", "appointment", "A1", at=LATER)["notices"]
    [words] = [one["explanation"] for one in told if one["reason"] == "covered"]
    assert words == "R19: the patient was told the same time and place by the confirmation, today 12:05."


def test_what_is_given_away_says_when(tmp_path: Path) -> None:
    clinic = booked(tmp_path)
    clinic.book(BOOKED.format(patient="P2"), at="2026-06-03T12:03:00+02:00")
    clinic.call("run", at=LATER)
    assert explained(clinic) == (
        "R12: the appointment was given to another patient, today 12:03, before this went out."
    )


@pytest.mark.parametrize(
    ("rows", "subject", "event", "words"),
    [
        pytest.param(
            "clinic_id;dialog_id;patient_id;kind;sent_at\nnidelv;D1;P1;dialog;2026-05-20T12:00\n",
            "dialog D1",
            "dialog",
            "R14: it became known, today 12:05, when it was too late already: from Wed 27.05. 12:00 on. ",
            id="a forgotten dialog",
        ),
        pytest.param(
            "clinic_id;dialog_id;patient_id;kind;sent_at\nnidelv;D1;P99;edialog;2026-06-03T12:00\n",
            "dialog D1",
            "reply",
            "R6: due at once, today 12:00; post on since Mon 05.01. 08:00. It waits: R16, no export has told of the "
            "patient P99 yet; it will be too late for it, Wed 10.06. 12:00. ",
            id="an unknown patient",
        ),
        pytest.param(
            "clinic_id;receipt_id;patient_id;status;paid_at\nnidelv;R1;P1;unpaid;\n",
            "receipt R1",
            "receipt",
            "R7: the bill card is not paid.",
            id="unpaid",
        ),
        pytest.param(
            "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at;source\n"
            "nidelv;A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;digicare\n",
            "appointment A1",
            "confirmation",
            "R10: the appointment comes from digicare, which sends its own notices. ",
            id="third party",
        ),
        pytest.param(
            "clinic_id;appointment_id;patient_id;type_id;starts_at;status\nnidelv;A1;P1;KONS;2026-06-18T10:00;pending\n",
            "appointment A1",
            "confirmation",
            "The appointment is pending, not booked.",
            id="not booked",
        ),
        pytest.param(
            "clinic_id;appointment_id;patient_id;type_id;starts_at;status\nnidelv;A1;P1;KONS;2026-06-01T10:00;noshow\n",
            "appointment A1",
            "confirmation",
            "The appointment was over already when an import first told of it.",
            id="seen late",
        ),
    ],
)
def test_the_facts_of_other_reasons(tmp_path: Path, rows: str, subject: str, event: str, words: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    brought(clinic, rows)
    clinic.call("run", at=DUE)
    assert explained(clinic, event, subject=subject).startswith(words)


def test_a_method_that_is_changed_says_what_goes_out_instead(tmp_path: Path) -> None:
    clinic = booked(tmp_path, config=DEAD)
    clinic.call("run", at=DUE)
    clinic.call("patient", "set", "nidelv", "P1", "--method", "sms", at=DUE)
    assert explained(clinic, at=DUE) == (
        "The e-mail will not be sent: the patient's preference and contact details give SMS now. "
        "The next run sends the SMS."
    )
    clinic.call("run", at="2026-06-03T12:06:00+02:00")
    assert explained(clinic).endswith(
        "E-mail not sent: the patient's preference and contact details gave SMS when this was looked at, today 12:06. "
        "The SMS went out at 12:06."
    )


def test_what_is_uncertain_says_how_to_settle_it(tmp_path: Path) -> None:
    killed = '[sms]\ntransport = "command"\ncommand = ["/bin/sh", "-c", "kill -9 $$"]\n'
    clinic = booked(tmp_path, "P3", killed)
    clinic.call("run", at=DUE)
    assert explained(clinic) == (
        "SMS: it may have arrived or not (the answer does not tell). Ask the patient or the gateway; then type: "
        "notify resolve 1 --sent, or --resend."
    )


def test_what_a_stopped_file_holds_waits_for_its_import(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    rows = [f"A{number};P1;KONS;2026-06-18T10:{number:02d};booked;2026-06-03T12:00;" for number in range(1, 31)]
    clinic.book(*rows)
    path = clinic.folder / "moved.csv"
    text = (clinic.folder / "appointments.csv").read_text().replace("06-18", "06-19")
    path.write_text(text)
    assert clinic.call("import", str(path), at="2026-06-03T12:02:00+02:00").exit == 4
    number = clinic.json("imports")[0]["import"]
    assert f"It waits: import {number} was stopped, and would cancel or move this appointment. " in explained(clinic)
    assert "waits: held" in seen(clinic, "upcoming")


@pytest.mark.parametrize("patient", ["P1", "P8"])
def test_the_facts_stay_as_they_were_when_it_was_decided(tmp_path: Path, patient: str) -> None:
    clinic = booked(tmp_path, patient)
    clinic.call("run", at=DUE)
    then = clinic.json("show", "1", at=LATER)
    for change in (
        *(("patient", "set", "nidelv", patient, "--consent", "yes" if patient == "P8" else "no"),),
        *(("patient", "set", "nidelv", patient, "--method", "sms"), ("type", "disable", "nidelv", "KONS")),
    ):
        clinic.call(*change, at=LATER)
    now = clinic.json("show", "1", at=LATER)
    assert (now["facts"], now["explanation"]) == (then["facts"], then["explanation"])
    facts: dict[str, Any] = now["facts"]
    assert (facts["consent"], facts["method"], facts["possible"]) == (patient == "P1", None, ["email", "sms"])
    assert (facts["looked_at"], facts["type"], facts["type_on_since"]) == (
        *("2026-06-03T10:05:00Z", "KONS", "2026-01-05T07:00:00Z"),
    )
    assert "preference none chosen" in seen(clinic, "show", "1", at=WEEKS_LATER)


def test_a_retry_by_staff_keeps_the_facts_of_the_new_look(tmp_path: Path) -> None:
    clinic = booked(tmp_path, "P8")
    clinic.call("run", at=DUE)
    clinic.call("patient", "set", "nidelv", "P8", "--consent", "yes", at=LATER)
    clinic.call("retry", "1", at=LATER)
    facts = clinic.json("show", "1", at=LATER)["facts"]
    assert (facts["consent"], facts["looked_at"]) == (True, "2026-06-03T10:30:00Z")


def test_what_contact_details_opened_again_keeps_the_facts_of_the_new_look(tmp_path: Path) -> None:
    clinic = booked(tmp_path, "P7")
    clinic.call("run", at=DUE)
    assert clinic.json("show", "1", at=DUE)["facts"]["possible"] == []
    clinic.call("patient", "set", "nidelv", "P7", "--email", "gro@post.example", at=LATER)
    clinic.call("run", at=LATER)
    facts = clinic.json("show", "1", at=LATER)["facts"]
    assert (facts["possible"], facts["looked_at"]) == (["email"], "2026-06-03T10:30:00Z")


def test_a_rule_that_stops_an_attempt_keeps_its_facts(tmp_path: Path) -> None:
    clinic = booked(tmp_path, config=DEAD)
    clinic.call("run", at=DUE)
    clinic.call("patient", "set", "nidelv", "P1", "--consent", "no", at=DUE)
    clinic.call("run", at="2026-06-03T12:06:00+02:00")
    shown = clinic.json("show", "1", at=WEEKS_LATER)
    assert (shown["verdict"], shown["reason"], shown["facts"]["consent"]) == ("skipped", "no_consent", False)
    assert shown["explanation"].startswith(
        "R17: the patient's consent was no when this was looked at, Wed 03.06. 12:06."
    )


def test_what_was_given_away_and_is_over_was_never_booked_for_whom_it_is_now(tmp_path: Path) -> None:
    clinic = booked(tmp_path)
    clinic.call("run", at=DUE)
    clinic.book(BOOKED.format(patient="P2").replace("booked", "fulfilled"), at=LATER)
    told = [one for one in clinic.json("why", "appointment", "A1", at=LATER)["notices"] if one["patient"] == "P2"]
    assert {one["explanation"] for one in told} == {
        "The appointment is fulfilled, and was never booked for this patient."
    }


def test_a_skip_that_nothing_would_cause_now_says_how_to_send_it(tmp_path: Path) -> None:
    clinic = booked(tmp_path, "P8")
    clinic.call("run", at=DUE)
    clinic.call("patient", "set", "nidelv", "P8", "--consent", "yes", at=LATER)
    assert explained(clinic) == (
        "R17: the patient's consent was no when this was looked at, today 12:05. "
        "Nothing would stop it now; to send it, type: notify retry 1."
    )


def test_a_notice_that_contact_details_open_again_needs_no_retry(tmp_path: Path) -> None:
    clinic = booked(tmp_path, "P7")
    clinic.call("run", at=DUE)
    clinic.call("patient", "set", "nidelv", "P7", "--mobile", "91000007", at=LATER)
    assert explained(clinic) == (
        "R18: neither e-mail (none is known) nor SMS (none is known) was possible when this was looked at, "
        "today 12:05. The next run sends it."
    )
    clinic.call("patient", "set", "nidelv", "P7", "--consent", "no", at=LATER)
    assert "The next run sends it." not in explained(clinic)


def test_a_notice_that_failed_and_a_new_address_opens_again_asks_for_no_address(tmp_path: Path) -> None:
    with mail_server(Script({"RCPT": ["550 5.1.1 no such user"]})) as (_, config):
        clinic = booked(tmp_path, "P2", config=config)
        clinic.call("patient", "set", "nidelv", "P2", "--mobile", "", at=DUE)
        clinic.call("run", at=DUE)
        assert "--email ADDRESS" in explained(clinic)
        clinic.call("patient", "set", "nidelv", "P2", "--email", "new@post.example", at=LATER)
        told = explained(clinic)
    assert told.endswith("The next run sends it.")
    assert "--email ADDRESS" not in told


def test_of_two_channels_each_says_what_becomes_of_it(tmp_path: Path) -> None:
    clinic = booked(tmp_path, "P4", DEAD)
    clinic.call("run", at=DUE)
    assert explained(clinic, at=DUE).endswith(
        "E-mail: not reached (the server does not answer), 1 attempt, again at 12:06. See: notify doctor. "
        "The SMS went out at 12:05."
    )
    clinic.book(BOOKED.format(patient="P4").replace("booked", "cancelled"), at="2026-06-03T12:05:30+02:00")
    assert explained(clinic, at="2026-06-03T12:05:40+02:00").endswith(
        "The e-mail will not be sent: the appointment was cancelled, today 12:05. The SMS went out at 12:05."
    )


def test_a_notice_of_an_older_program_is_told_in_general(tmp_path: Path) -> None:
    clinic = booked(tmp_path, "P8")
    clinic.call("run", at=DUE)
    with engines.connected(tmp_path) as connection:
        connection.execute("UPDATE notice SET facts = NULL")
    assert explained(clinic).startswith("R17: the patient has not given consent, or withdrew it. ")
    assert clinic.json("show", "1", at=LATER)["facts"] == {}
