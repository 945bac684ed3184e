"""SPEC section 8, notify patient export and forget: all of one patient is shown, and nothing of them is left anywhere.

Ola (P2) has an appointment with a room of its own, messages that went out and one that waits, a dialog, a receipt, a
message of others, a rejected row and a place on the suppression list.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.case_runner import Answer, Program
from tests.support.one_clinic import Clinic

ROWS = (
    "clinic_id;patient_id;given_name;family_name;email;mobile;consent;preferred_method",
    "nidelv;X77;Ragnfrid;Utmyrsletta;ragnfrid@utmyr.example;+4790077077;yes;both",
)
APPOINTMENTS = "appointment_id;patient_id;type_id;starts_at;status;booked_at;location"
THEIRS = (
    "XA1;X77;KONS;2026-06-18T10:00;booked;2026-06-03T11:50;Rom Utsikten",
    "XA2;X77;KONS;2026-06-25T10:00;booked;2026-06-03T11:50;Rom Utsikten",
    "XA3;X77;KONS;2026-06-31T10:00;booked;2026-06-03T11:50;Rom Utsikten",
)
OTHERS = ("B1;P1;KONS;2026-06-18T11:00;booked;2026-06-03T11:50;Rom 1", "XB1;P1;KONS;2026-06-33T11:00;booked;;Rom 1")
MARKERS = (b"Ragnfrid", b"ragnfrid", b"Utmyrsletta", b"utmyrsletta", b"90077077", b"utmyr.example", b"X77", b"Utsikten")
THEIR_FIRST = (
    "SELECT min(d.id) FROM delivery d JOIN notice n ON n.id = d.notice_id"
    " WHERE d.status = 'sent' AND n.patient_id = 'X77'"
)
AT = "2026-06-05T12:00:00+02:00"
LATER = "2026-06-30T12:00:00+02:00"


def take(clinic: Clinic, name: str, *lines: str, at: str = AT) -> Answer:
    path = clinic.folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return clinic.call("import", "--clinic", "nidelv", str(path), at=at)


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    clinic = Clinic.begun_in(tmp_path)
    at = "2026-06-03T12:00:00+02:00"
    take(clinic, "patients.csv", *ROWS, at=at)
    assert take(clinic, "booked.csv", APPOINTMENTS, *THEIRS, *OTHERS, at=at).exit == 1, "two rows are rejected"
    take(clinic, "dialogs.csv", "dialog_id;patient_id;kind;sent_at", "XD1;X77;dialog;2026-06-03T11:59", at=at)
    take(clinic, "receipts.csv", "receipt_id;patient_id;status;paid_at", "XR1;X77;paid;2026-06-03T11:58", at=at)
    others = "external_id;patient_id;sender;event;channel;sent_at;status"
    take(clinic, "external.csv", others, "XE1;X77;helsenorge;reminder;sms;2026-06-03T08:00;sent", at=at)
    clinic.call("run", at="2026-06-03T12:01:00+02:00")
    clinic.call("patient", "find", "ragnfrid", at=AT)
    with closing(sqlite3.connect(tmp_path / "notify.db")) as connection:
        connection.execute(
            "INSERT INTO suppressed_address"
            " VALUES ('nidelv', 'X77', 'email', 'gamle@utmyr.example', 'unknown_mailbox', 1)"
        )
        connection.execute(
            "INSERT INTO unmatched_receipt (received_at, channel, state, detail, is_gone)"
            " VALUES (1, 'email', 'failed', 'unknown user <ragnfrid@utmyr.example>', 1)"
        )
        connection.commit()
    clinic.call("run", at="2026-06-03T12:05:00+02:00")
    take(clinic, "moved.csv", APPOINTMENTS, THEIRS[0].replace("18T10", "19T10"), at=AT)
    return clinic


def test_what_is_there_before(clinic: Clinic) -> None:
    """So that what is gone afterwards was there."""
    content = b"".join(path.read_bytes() for path in clinic.folder.rglob("*") if path.is_file())
    for marker in MARKERS:
        assert marker in content


def forgotten(clinic: Clinic, at: str = AT) -> dict[str, Any]:
    answer = clinic.call("patient", "forget", "nidelv", "X77", "--yes", "--json", at=at)
    assert answer.exit == 1, answer
    told: dict[str, Any] = json.loads(answer.out)
    return told


def test_no_marker_of_the_patient_is_in_any_file(clinic: Clinic) -> None:
    told = forgotten(clinic)
    exports = {str(clinic.folder / name) for name in told["may_know"]}
    assert {Path(path).name for path in exports} == {
        *("patients.csv", "booked.csv", "dialogs.csv", "receipts.csv", "external.csv", "moved.csv"),
    }
    assert told["wiped"]
    assert told["removed"] == {
        **{"notice": 4, "appointment": 2, "dialog": 1, "receipt": 1, "external": 1},
        **{"suppressed_address": 1, "patient": 1},
    }
    for path in clinic.folder.rglob("*"):
        if path.is_file() and str(path) not in exports:
            content = path.read_bytes()
            assert [marker for marker in MARKERS if marker in content] == [], path


def test_what_is_rejected_of_others_stays(clinic: Clinic) -> None:
    forgotten(clinic)
    rejects = (clinic.folder / "booked.csv.rejects.csv").read_text(encoding="utf-8-sig")
    assert "XB1" in rejects
    assert "XA3" not in rejects


def test_the_history_stays_and_nothing_differs(clinic: Clinic) -> None:
    before = clinic.json("history", "--limit", "0", at=AT)
    head = clinic.json("verify", at=AT)["head"]
    (clinic.folder / "kept.head").write_text(head)
    told = forgotten(clinic)
    after = clinic.json("history", "--limit", "0", at=AT)
    assert len(after) == len([row for row in before if row["sender"] == "notify"])
    theirs = [row for row in after if row["patient"] == told["forgotten_as"]]
    assert {(row["address"], row["text"]) for row in theirs} == {(None, None)}
    assert {row["status"] for row in theirs} == {"sent"}
    verified = clinic.call("verify", "--json", "--head", str(clinic.folder / "kept.head"), at=AT)
    assert (verified.exit, json.loads(verified.out)["findings"]) == (0, [])
    outbox = clinic.call("verify", "--outbox", str(clinic.folder / "outbox"), at=AT)
    assert outbox.exit == 0, outbox


@pytest.mark.slow
def test_every_command_goes_on(clinic: Clinic) -> None:
    forgotten(clinic)
    notice = min(row["notice"] for row in clinic.json("history", at=AT) if row["patient"] == "forgotten-1")
    for arguments in (
        *(["calls"], ["check"], ["upcoming"], ["status"], ["history"], ["imports"], ["audit"], ["show", str(notice)]),
        *(["show", str(notice), "--json"], ["retry", str(notice)], ["why", "appointment", "B1"], ["run"], ["verify"]),
    ):
        answer = clinic.call(*arguments, at=LATER)
        assert answer.exit in (0, 1), (arguments, answer)
    assert clinic.json("verify", at=LATER)["findings"] == []
    sent = [row for row in clinic.json("history", "--limit", "0", at=LATER) if row["patient"] == "forgotten-1"]
    assert all(row["sent_at"] < "2026-06-05" for row in sent), "nothing more went to them"


def test_what_waits_is_skipped(clinic: Clinic) -> None:
    with closing(sqlite3.connect(clinic.folder / "notify.db")) as connection:
        [delivery] = connection.execute(THEIR_FIRST).fetchone()
        connection.execute(
            "UPDATE delivery SET status = 'queued', status_at = status_at + 1, next_attempt_at = status_at + 9"
            " WHERE id = ?",
            (delivery,),
        )
        connection.commit()
    forgotten(clinic)
    [row] = [row for row in clinic.json("history", at=AT) if row["delivery"] == delivery]
    assert (row["status"], row["reason"]) == ("skipped", "forgotten")


def test_later_rows_are_left_out_with_a_warning(clinic: Clinic) -> None:
    forgotten(clinic)
    path = clinic.folder / "again.csv"
    path.write_text("\n".join([ROWS[0], ROWS[1], ROWS[1].replace("X77", "X78")]) + "\n")
    answer = clinic.call("import", str(path), "--json", at=LATER)
    [file] = json.loads(answer.out)["files"]
    assert (file["new"], file["stale"], file["rejected"]) == (1, 1, 0)
    assert file["warnings"] == 1
    booked = take(clinic, "booked.csv", APPOINTMENTS, THEIRS[1], at=LATER)
    assert "forgotten" in booked.out + booked.err
    with closing(sqlite3.connect(clinic.folder / "notify.db")) as connection:
        for table in ("patient", "appointment", "dialog", "receipt", "external", "patient_to_index"):
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()
            assert not [row for row in rows if "X77" in map(str, row)], table


def test_the_audit_keeps_who_forgot_without_whom(clinic: Clinic) -> None:
    clinic.call("patient", "set", "nidelv", "X77", "--method", "sms", at=AT)
    forgotten(clinic)
    rows = clinic.json("audit", at=AT)
    assert (rows[0]["did"], rows[0]["patient"]) == ("patient forget", "forgotten-1")
    assert [row["did"] for row in rows if row["patient"] == "forgotten-1"] == ["patient forget", "patient set"]
    assert not [row for row in rows if row["patient"] == "X77"]


@pytest.mark.slow  # waits as long as for a lock
def test_another_program_that_reads_holds_up_nothing_but_the_wiping(clinic: Clinic) -> None:
    """What it reads by may hold the patient still; once it has ended, the same call wipes it."""
    with closing(sqlite3.connect(clinic.folder / "notify.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM patient").fetchone()
        answer = clinic.call("patient", "forget", "nidelv", "X77", "--yes", at=AT)
        assert answer.exit == 1
        assert "call it again" in answer.err
    answer = clinic.call("patient", "forget", "nidelv", "X77", "--yes", at=AT)
    assert (answer.exit, "was forgotten before" in answer.err) == (0, True)
    for path in clinic.folder.glob("notify.db*"):
        assert [marker for marker in MARKERS if marker in path.read_bytes()] == []


def test_it_asks_and_without_a_terminal_does_nothing(clinic: Clinic) -> None:
    answer = clinic.call("patient", "forget", "nidelv", "X77", at=AT)
    assert answer.exit == 2
    assert "--yes" in answer.err
    assert clinic.json("patient", "show", "nidelv", "X77", at=AT)["patient"] == "X77"


@pytest.mark.parametrize("command", ["export", "forget"])
def test_an_unknown_patient(clinic: Clinic, command: str) -> None:
    assert clinic.call("patient", command, "nidelv", "nobody", at=AT).exit == 2
    assert clinic.call("patient", command, "nowhere", "X77", at=AT).exit == 2


def test_an_appointment_that_is_anothers_now_goes_on(clinic: Clinic) -> None:
    """What P1 was told of it stays theirs; of whom it was before nothing is left."""
    other = THEIRS[1].replace("X77", "P1").replace("booked;2026-06-03T11:50", "booked;2026-06-05T11:50")
    take(clinic, "given.csv", APPOINTMENTS, other, at=AT)
    clinic.call("run", at="2026-06-05T12:06:00+02:00")
    forgotten(clinic, at="2026-06-05T12:07:00+02:00")
    clinic.call("run", at="2026-06-05T12:30:00+02:00")
    told = clinic.json("why", "appointment", "XA2", at="2026-06-05T12:30:00+02:00")
    assert "X77" not in json.dumps(told)
    assert told["patient"] == "P1"
    assert clinic.json("verify", at=LATER)["findings"] == []


@pytest.mark.slow
def test_an_appointment_that_was_anothers_before_is_nobodys(clinic: Clinic) -> None:
    """What P1 was told of it stays theirs, and nobody is reminded."""
    taken_over = OTHERS[0].replace("P1", "X77").replace("booked;2026-06-03T11:50", "booked;2026-06-05T11:50")
    take(clinic, "given.csv", APPOINTMENTS, taken_over, at=AT)
    forgotten(clinic, at="2026-06-05T12:01:00+02:00")
    for at in ("2026-06-05T12:06:00+02:00", "2026-06-16T12:00:00+02:00", LATER):
        clinic.call("run", at=at)
        assert clinic.json("verify", at=at)["findings"] == []
    told = clinic.json("why", "appointment", "B1", at=LATER)
    assert [notice["verdict"] for notice in told["notices"] if notice["event"] == "confirmation"] == ["sent", "skipped"]
    assert told["patient"] == "forgotten-1"
    calls = clinic.call("calls", at="2026-06-16T12:00:00+02:00")
    assert calls.exit == 0


def test_all_that_is_stored_is_shown(clinic: Clinic) -> None:
    whole = clinic.json("patient", "export", "nidelv", "X77", at=AT)
    told = whole["stored"]
    assert (whole["clinic"], whole["patient"], told["patient"][0]["given_name"]) == ("nidelv", "X77", "Ragnfrid")
    assert [row["appointment_id"] for row in told["appointment"]] == ["XA1", "XA2"]
    assert {row["channel"] for row in told["delivery"]} == {"email", "sms"}
    assert told["appointment"][0]["starts_at"] == "2026-06-19T08:00:00Z"
    assert all(told[table] for table in ("dialog", "receipt", "external", "notice", "status_log", "suppressed_address"))
    assert clinic.json("audit", at=AT)[0]["did"] == "patient export"
    text = json.dumps(told)
    assert "Ola" not in text, "nothing of others"


@pytest.mark.slow
def test_a_run_that_is_under_way_is_waited_for(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    from notifycli.store.lock import run_lock

    monkeypatch.setattr("notifycli.store.lock.WAIT_FOR_A_RUN", 0.1)
    with run_lock(clinic.folder / "notify.db") as is_ours:
        assert is_ours
        answer = clinic.call("patient", "forget", "nidelv", "X77", "--yes", at=AT)
    assert answer.exit == 3
    assert Program(clinic.folder).call(AT, ["patient", "show", "nidelv", "X77"]).exit == 0
