"""SPEC section 9, [rehearsal]: who is listed is written to, all else goes to the outbox, and nobody counts as told."""

import json
from collections import Counter
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from tests.support import engines
from tests.support.gateways import PASSWORD, serving, sveve_usual
from tests.support.one_clinic import Clinic, in_a_thread, mail_server
from tests.support.smtp_server import Script

NOON, DUE, LATER = (f"2026-06-03T12:{minutes}:00+02:00" for minutes in ("00", "06", "30"))
KARI, OLA = "kari@post.example", "ola@post.example"
LISTED = 'only = ["910 00 003", "KARI@post.example", "@nidelv.example"]\n'
REHEARSAL = f"[rehearsal]\n{LISTED}"


@contextmanager
def services(folder: Path, script: Script | None = None):
    """A mail server and a gateway, and the settings that name them."""
    (folder / "password").write_text(PASSWORD)
    with mail_server(script or Script()) as (mail, config), in_a_thread(serving(sveve_usual)) as gateway:
        sms = f'[sms]\ntransport = "sveve"\nurl = "{gateway.url}"\nusername = "nidelv"\npassword_file = "password"\n'
        yield mail, gateway, config + sms


def settings(clinic: Clinic, text: str) -> None:
    (clinic.folder / "notify.toml").write_text(text, encoding="utf-8")


def book_all(clinic: Clinic, at: str = NOON, number: int = 1, starts: str = "2026-06-18T10:00") -> None:
    clinic.book(*(f"A{number}{patient};{patient};KONS;{starts};booked;;Rom 2" for patient in PATIENTS), at=at)


PATIENTS = ("P1", "P2", "P3", "P4", "P5", "P6")
SKIPPED = ("skipped", "rehearsal")


def outcomes(clinic: Clinic) -> dict[tuple[str, str], tuple[str, str | None]]:
    rows = clinic.json("history", "--limit", "0", at=LATER)
    return {(row["patient"], row["channel"]): (row["status"], row["reason"]) for row in rows}


def written_to(mail: Any) -> list[str]:
    return sorted(message_from_bytes(message)["To"] for message in mail.messages)


def lines(clinic: Clinic, name: str) -> list[str]:
    path = clinic.folder / "outbox" / f"{name}.jsonl"
    return [json.loads(line)["to"] for line in path.read_text().splitlines()] if path.exists() else []


def test_only_those_who_are_listed_are_written_to(tmp_path: Path) -> None:
    with services(tmp_path) as (mail, gateway, config):
        clinic = Clinic.begun_in(tmp_path, config + REHEARSAL)
        book_all(clinic)
        counts = clinic.json("run", at=DUE)
    assert (counts["due"], counts["sent"], counts["skipped"], counts["rehearsal"]) == (6, 2, 4, True)
    assert written_to(mail) == [KARI]
    assert [seen.json["to"] for seen in gateway.seen] == ["4791000003"]
    assert outcomes(clinic) == {
        ("P1", "email"): ("sent", None),
        ("P2", "email"): SKIPPED,
        ("P3", "sms"): ("sent", None),
        ("P4", "email"): SKIPPED,
        ("P4", "sms"): SKIPPED,
        ("P5", "email"): SKIPPED,
        ("P5", "push"): SKIPPED,
        ("P6", "sms"): SKIPPED,
    }
    mails = [message_from_bytes(path.read_bytes())["To"] for path in (tmp_path / "outbox/email/new").iterdir()]
    assert sorted(mails) == ["liv@post.example", OLA, "per@post.example"]
    assert sorted(lines(clinic, "sms")) == ["+4791000004", "+4791000006"]
    assert lines(clinic, "push") == ["token-liv"]


def test_a_service_that_is_down_holds_up_nothing_that_is_rehearsed(tmp_path: Path) -> None:
    down = '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
    clinic = Clinic.begun_in(tmp_path, down + REHEARSAL)
    book_all(clinic)
    assert clinic.json("run", at=DUE)["retrying"] == 1
    assert outcomes(clinic)["P1", "email"] == ("queued", None)
    assert {outcomes(clinic)[patient, "email"] for patient in ("P2", "P4", "P5")} == {SKIPPED}


def test_going_live_sends_nothing_that_was_rehearsed_and_takes_nobody_for_told(tmp_path: Path) -> None:
    """What follows goes out as if nothing had gone before: Ola's reminder is not covered by his confirmation."""
    booked, covered_at = "2026-06-16T10:10:00+02:00", "2026-06-16T11:00:00+02:00"
    with services(tmp_path) as (mail, _, config):
        clinic = Clinic.begun_in(tmp_path, config + REHEARSAL)
        book_all(clinic)
        clinic.json("run", at=DUE)
        settings(clinic, config)
        assert clinic.json("run", at=LATER)["due"] == 0
        assert written_to(mail) == [KARI]
        clinic.book("A1P2;P2;KONS;2026-06-19T10:00;booked;;Rom 2", at=booked)
        counts = clinic.json("run", at=covered_at)
    assert counts["sent"] >= 1
    assert "rehearsal" not in counts
    assert OLA in written_to(mail), "he was never told of the first time, and is of the change"


@pytest.mark.parametrize(("config", "covered"), [("", 1), (REHEARSAL, 0)], ids=["told", "rehearsed"])
def test_what_was_rehearsed_covers_nothing(tmp_path: Path, config: str, covered: int) -> None:
    """R19: moved and moved back, what the patient was told still holds; who was told nothing is told now."""
    clinic = Clinic.begun_in(tmp_path, config)
    clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
    clinic.json("run", at=DUE)
    settings(clinic, "")
    clinic.book("A1;P2;KONS;2026-06-18T11:00;booked;;Rom 2", at="2026-06-03T12:10:00+02:00")
    clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;;Rom 2", at="2026-06-03T12:11:00+02:00")
    clinic.json("run", at=LATER)
    reasons = Counter(row["reason"] for row in clinic.json("history", at=LATER))
    assert reasons["covered"] == covered


def test_a_retry_after_going_live_sends_what_was_rehearsed(tmp_path: Path) -> None:
    with services(tmp_path) as (mail, _, config):
        clinic = Clinic.begun_in(tmp_path, config + REHEARSAL)
        clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
        clinic.json("run", at=DUE)
        settings(clinic, config)
        assert clinic.call("retry", "1", at=LATER).exit == 0
        assert clinic.json("run", at=LATER)["sent"] == 1
        assert written_to(mail) == [OLA]


def test_one_clinic_goes_live_before_the_others(tmp_path: Path) -> None:
    with services(tmp_path) as (mail, _, config):
        clinic = Clinic.begun_in(tmp_path, f"{config}{REHEARSAL}[clinic.nidelv.rehearsal]\nonly = []\n")
        clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
        assert clinic.json("run", at=DUE)["sent"] == 1
        assert written_to(mail) == [OLA]


def test_it_falls_back_to_no_other_way(tmp_path: Path) -> None:
    """Kari's mobile is listed and her e-mail address is not: what is rehearsed has not failed."""
    only = '[rehearsal]\nonly = ["+47 91000001"]\n'
    with services(tmp_path) as (mail, gateway, config):
        clinic = Clinic.begun_in(tmp_path, config + only)
        clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
        clinic.json("run", at=DUE)
        clinic.json("run", at=LATER)
        assert (mail.messages, gateway.seen) == ([], [])
    assert outcomes(clinic) == {("P1", "email"): SKIPPED}


def test_a_changed_preference_makes_nothing_of_what_was_rehearsed_anew(tmp_path: Path) -> None:
    with services(tmp_path) as (_, _, config):
        broken = config.replace('transport = "sveve"', 'transport = "command"\ncommand = ["false"]')
        clinic = Clinic.begun_in(tmp_path, f'{broken}[rehearsal]\nonly = ["91000004"]\n')
        clinic.book("A1;P4;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
        clinic.json("run", at=DUE)
        assert outcomes(clinic)["P4", "email"] == SKIPPED
        clinic.call("patient", "set", "nidelv", "P4", "--method", "email", at=DUE)
        clinic.json("run", at=LATER)
        assert outcomes(clinic)["P4", "email"] == SKIPPED
    assert len(list((tmp_path / "outbox/email/new").iterdir())) == 1


def test_a_killed_run_leaves_what_it_rehearsed_to_the_next(tmp_path: Path) -> None:
    """As a kill leaves it: nothing of it can have left, so that it is not uncertain, whatever on_uncertain says."""
    with services(tmp_path) as (_, gateway, config):
        clinic = Clinic.begun_in(tmp_path, config + REHEARSAL)
        clinic.book("A1;P6;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
        clinic.json("run", at=DUE)
        with engines.connected(tmp_path) as connection:
            connection.execute("UPDATE delivery SET status = 'sending', reason = NULL")
        assert clinic.json("run", at=LATER)["uncertain"] == 0
        assert gateway.seen == []
    assert outcomes(clinic) == {("P6", "sms"): SKIPPED}


def test_history_why_and_show_say_so(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, REHEARSAL)
    clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
    clinic.json("run", at=DUE)
    [told] = [notice for notice in clinic.json("why", "appointment", "A1", at=LATER)["notices"] if notice["notice"]]
    assert (told["verdict"], told["reason"]) == ("skipped", "rehearsal")
    assert "in a rehearsal" in told["explanation"]
    statuses = [change["status"] for change in clinic.json("show", "1", at=LATER)["changes"]]
    assert statuses == ["queued", "sending", "skipped"]
    assert clinic.json("history", "--reason", "rehearsal", at=LATER)[0]["patient"] == "P2"
    assert clinic.json("calls", at=LATER) == []


def test_status_run_and_doctor_say_that_it_is_on(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, f"{REHEARSAL}[clinic.nidelv.rehearsal]\nonly = []\n")
    clinic.json("run", at=DUE)
    status = clinic.call("status", at=DUE)
    assert "A rehearsal is on for all but nidelv: only who is on the list of [rehearsal] (3 entries)" in " ".join(
        status.out.split()
    )
    value = clinic.json("status", at=DUE)
    assert (value["rehearsal"], {trouble["code"] for trouble in value["troubles"]}) == (True, {"no_appointments"})
    [check] = [check for check in clinic.json("doctor", at=DUE)["checks"] if check["name"] == "rehearsal"]
    assert check["state"] == "look"
    settings(clinic, "")
    assert "ehearsal" not in clinic.call("status", at=DUE).out
    assert "rehearsal" not in clinic.json("status", at=DUE)


def test_cron_is_told_nothing_of_it(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, REHEARSAL)
    book_all(clinic)
    answer = clinic.call("run", at=DUE)
    assert (answer.exit, answer.out, answer.err) == (0, "", "")


def test_an_outbox_that_takes_nothing_has_it_tried_again(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path, REHEARSAL)
    clinic.book("A1;P6;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
    outbox = tmp_path / "outbox"
    outbox.write_text("a file in its place")
    assert clinic.json("run", at=DUE)["retrying"] == 1
    outbox.unlink()
    assert clinic.json("run", at=LATER)["skipped"] == 1
