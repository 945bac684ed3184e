"""What a run does when a channel fails: it tries again, gives up, falls back, and says so once (SPEC section 7).

And when far too much is due: the safety stop. Played through the command line, with the clock moved on.
"""

import json
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta

import pytest

from tests.support.case_runner import Answer
from tests.support.one_clinic import Clinic, mail_server
from tests.support.smtp_server import Script

DUE = datetime.fromisoformat("2026-06-03T12:05:00+02:00")
EVERY_HOUR = [48 + 60 * hours for hours in range(1, 24)]
FIRST_RETRIES = [0, 1, 3, 8, 18, 48]  # minutes after it was due: 1, 2, 5, 10, 30 later each
PERSONAL = ("@post.example", "+4791", "9100000", "kari", "ødegård")


def at(minutes: int = 0, seconds: int = 0) -> str:
    return (DUE + timedelta(minutes=minutes, seconds=seconds)).isoformat()


def booked(starts_at: str = "2026-06-30T10:00", patient: str = "P1", appointment: str = "A1", status="booked") -> str:
    """A row whose confirmation is due at DUE."""
    return f"{appointment};{patient};KONS;{starts_at};{status};2026-06-03T12:00;"


@contextmanager
def nobody_listens() -> Iterator[str]:
    """The [email] of a mail server that refuses connections: its port is taken, so that nobody else gets it."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        yield f'[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'


@pytest.fixture
def clinic(tmp_path) -> Iterator[Clinic]:
    """Its mail server is dead."""
    with nobody_listens() as section:
        yield Clinic.begun_in(tmp_path, section)


def run(clinic: Clinic, minutes: int = 0, seconds: int = 0, *options: str) -> Answer:
    """As cron calls it: standard output stays empty, and nobody is named anywhere."""
    answer = clinic.call("run", *options, at=at(minutes, seconds))
    assert answer.out == ""
    assert not [word for word in PERSONAL if word in answer.err.lower()]
    return answer


def lines(answer: Answer) -> int:
    return answer.err.count("\n")


def deliveries(clinic: Clinic, *filters: str) -> dict[str, tuple]:
    """Status, reason and attempts by channel."""
    rows = clinic.json("history", *filters)
    return {row["channel"]: (row["status"], row["reason"], row["attempts"]) for row in rows}


def email(clinic: Clinic) -> tuple:
    return deliveries(clinic)["email"]


# Tried again, given up, fallen back


@pytest.mark.slow
@pytest.mark.parametrize(
    ("starts_at", "attempts"),
    [
        pytest.param("2026-06-30T10:00", FIRST_RETRIES + EVERY_HOUR, id="for 24 hours"),
        pytest.param("2026-06-03T17:00", [*FIRST_RETRIES, 108], id="until 3 hours before it is too late"),
        pytest.param("2026-06-03T13:00", [0, 1, 3, 8], id="at least three times"),
        pytest.param("2026-06-03T12:14", [0, 1, 3, 8], id="at least three times, just before it is too late"),
    ],
)
def test_tried_again_later_and_later_and_given_up(clinic, starts_at, attempts):
    clinic.book(booked(starts_at))
    for number, minute in enumerate(attempts):
        if number:
            run(clinic, minute, -1)
            assert deliveries(clinic) == {"email": ("queued", None, number)}
        assert run(clinic, minute).exit == 1
    assert deliveries(clinic) == {"email": ("failed", "gave_up", len(attempts)), "sms": ("sent", None, 1)}
    assert run(clinic, attempts[-1] + 60).exit == 0
    assert email(clinic) == ("failed", "gave_up", len(attempts))


def test_a_late_run_counts_the_wait_from_its_own_attempt(clinic):
    clinic.book(booked())
    for minute, attempts in ((0, 1), (100, 2), (101, 2), (102, 3), (106, 3), (107, 4)):
        run(clinic, minute)
        assert email(clinic) == ("queued", None, attempts)


def test_what_becomes_too_late_while_it_waits_is_skipped(clinic):
    clinic.book(booked("2026-06-03T12:10"))
    for minute in (0, 1, 3, 8):
        run(clinic, minute)
    assert deliveries(clinic) == {"email": ("skipped", "too_late", 3)}


@pytest.mark.parametrize(
    ("patient", "channels"),
    [
        pytest.param("P2", {"email": "failed", "sms": "sent"}, id="preferred e-mail"),
        pytest.param("P4", {"email": "failed", "sms": "sent"}, id="both: not a second SMS"),
        pytest.param("P5", {"email": "failed", "sms": "sent", "push": "sent"}, id="push accompanied"),
    ],
)
def test_falls_back_to_sms_once(clinic, patient, channels):
    clinic.book(booked("2026-06-03T13:00", patient))
    for minute in (0, 1, 3, 8, 9):
        run(clinic, minute)
    assert {channel: status for channel, (status, _, _) in deliveries(clinic).items()} == channels
    assert len((clinic.folder / "outbox" / "sms.jsonl").read_text().splitlines()) == 1


@pytest.mark.slow
def test_a_dead_server_is_given_up_for_all_that_wait_for_it(clinic):
    clinic.book(*(booked("2026-06-03T12:15", f"P{1 + number % 2}", f"A{number}") for number in range(120)))
    for minute in range(10):
        run(clinic, minute)
    rows = clinic.json("history", "--limit", "0")
    assert Counter((row["channel"], row["status"], row["reason"]) for row in rows) == {
        ("email", "failed", "gave_up"): 120,
        ("sms", "sent", None): 120,
    }


def test_an_sms_that_is_given_up_falls_back_to_email(tmp_path):
    clinic = Clinic.begun_in(tmp_path)
    (tmp_path / "outbox" / "sms.jsonl").mkdir(parents=True)
    clinic.book(booked("2026-06-03T13:00", "P3"))
    exits = [run(clinic, minute).exit for minute in (0, 1, 3, 8, 9)]
    assert deliveries(clinic) == {"sms": ("failed", "gave_up", 4), "email": ("sent", None, 1)}
    assert exits == [1, 1, 1, 1, 0]


def test_a_patient_whom_nothing_else_reaches_is_given_up(clinic):
    clinic.call("patient", "set", "nidelv", "P1", "--mobile", "")
    clinic.book(booked("2026-06-03T13:00"))
    for minute in (0, 1, 3, 8):
        run(clinic, minute)
    assert deliveries(clinic) == {"email": ("failed", "gave_up", 4)}
    assert clinic.json("why", "appointment", "A1", at=at(9))["notices"][0]["verdict"] == "failed"


def test_a_mailbox_that_nobody_has_falls_back_in_the_same_run(tmp_path):
    unknown = "550 5.1.1 <kari@post.example>: Recipient address rejected: User unknown"
    with mail_server(Script({"RCPT": [unknown]})) as (_, section):
        clinic = Clinic.begun_in(tmp_path, section)
        clinic.book(booked())
        told = clinic.call("run", "--json", at=at())
    counts = {"due": 1, "sent": 1, "skipped": 0, "failed": 1, "retrying": 0, "uncertain": 0}
    assert (told.exit, json.loads(told.out)) == (1, counts)
    assert lines(told) == 1
    assert not [word for word in PERSONAL if word in told.err.lower()]
    assert deliveries(clinic) == {"email": ("failed", "unknown_mailbox", 1), "sms": ("sent", None, 1)}
    assert run(clinic, 1) == Answer(0, "", "")


# The rules are asked before each retry


def cancel(clinic):
    clinic.book(booked(status="cancelled"), at=at(0, 30))


def end(clinic):
    clinic.book(booked(status="fulfilled"), at=at(0, 30))


def calls(*arguments: str):
    return lambda clinic: clinic.call(*arguments, at=at(0, 30))


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        pytest.param(cancel, "cancelled", id="cancelled"),
        pytest.param(end, "ended", id="ended"),
        pytest.param(calls("patient", "set", "nidelv", "P1", "--consent", "no"), "no_consent", id="no consent"),
        pytest.param(calls("module", "disable", "nidelv", "timebook"), "module_off", id="module off"),
        pytest.param(calls("type", "disable", "nidelv", "KONS"), "type_off", id="type off"),
        pytest.param(calls("patient", "set", "nidelv", "P1", "--email", "", "--mobile", ""), "no_contact",
                     id="no contact"),
    ],
)  # fmt: skip
def test_a_rule_that_says_no_before_a_retry_skips_it(clinic, meanwhile, reason):
    clinic.book(booked())
    assert run(clinic).exit == 1
    meanwhile(clinic)
    assert run(clinic, 1).exit == 0
    assert deliveries(clinic, "--event", "confirmation") == {"email": ("skipped", reason, 1)}
    run(clinic, 60)
    assert deliveries(clinic, "--event", "confirmation") == {"email": ("skipped", reason, 1)}


def test_an_address_that_was_removed_before_a_retry_falls_back(clinic):
    clinic.book(booked())
    run(clinic)
    clinic.call("patient", "set", "nidelv", "P1", "--email", "", at=at(0, 30))
    run(clinic, 1)
    assert deliveries(clinic)["sms"] == ("sent", None, 1)
    assert email(clinic)[0] in ("failed", "skipped")


# What cron mails


def test_a_trouble_is_told_when_it_begins_and_when_it_ends(tmp_path):
    clinic = Clinic.begun_in(tmp_path)
    assert run(clinic, -5) == Answer(0, "", "")
    with nobody_listens() as section:
        (tmp_path / "notify.toml").write_text(section)
        clinic.book(booked())
        begins = run(clinic)
        assert (begins.exit, lines(begins), "email" in begins.err) == (1, 1, True)
        assert [lines(run(clinic, minute)) for minute in (1, 2, 3)] == [0, 0, 0]
        clinic.book(booked(appointment="A2", patient="P2"), at=at(3, 10))
        assert [lines(run(clinic, minute)) for minute in (4, 8, 9)] == [0, 0, 0]
    (tmp_path / "notify.toml").write_text("")
    ends = [run(clinic, minute) for minute in (60, 61)]
    assert [(one.exit, lines(one)) for one in ends] == [(0, 1), (0, 0)]
    assert "email" in ends[0].err
    with nobody_listens() as section:
        (tmp_path / "notify.toml").write_text(section)
        clinic.book(booked(appointment="A3").replace("12:00", "13:10"), at=at(65))
        assert [lines(run(clinic, minute)) for minute in (70, 71)] == [1, 0]


def test_giving_up_is_told_once(clinic):
    clinic.book(booked("2026-06-03T13:00"))
    told = [run(clinic, minute) for minute in (0, 1, 3, 8, 9, 10)]
    assert [bool(one.err) for one in told] == [True, False, False, True, False, False]
    assert "failed" in told[3].err


def test_a_skipped_notice_is_no_trouble(tmp_path):
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(booked(patient="P8"))
    assert run(clinic) == Answer(0, "", "")
    assert [row["reason"] for row in clinic.json("history")] == ["no_consent"]


# The safety stop


@pytest.fixture
def stopped(tmp_path) -> Clinic:
    """Three are due where two may be."""
    clinic = Clinic.begun_in(tmp_path, "[limits]\nmax_due = 2\n")
    clinic.book(*(booked(appointment=f"A{number}") for number in range(3)))
    return clinic


def test_the_safety_stop_says_so_once_and_waits_for_its_release(stopped):
    first, second = run(stopped), run(stopped, 1)
    assert [(one.exit, lines(one)) for one in (first, second)] == [(4, 1), (4, 0)]
    assert "notify run --release" in first.err
    assert "2" in first.err
    assert stopped.json("history") == []
    assert not (stopped.folder / "outbox").exists()

    released = run(stopped, 2, 0, "--release")
    assert (released.exit, lines(released)) == (0, 1)
    assert [row["status"] for row in stopped.json("history")] == ["sent"] * 3
    assert run(stopped, 3) == Answer(0, "", "")


def test_a_release_lets_one_backlog_go_and_not_the_next(stopped):
    run(stopped, 0, 0, "--release")
    stopped.book(*(booked(appointment=f"B{number}").replace("12:00", "12:20") for number in range(3)), at=at(16))
    assert [(one.exit, lines(one)) for one in (run(stopped, 20), run(stopped, 21))] == [(4, 1), (4, 0)]


def test_a_stopped_run_sends_no_retry_either(tmp_path):
    with nobody_listens() as section:
        clinic = Clinic.begun_in(tmp_path, f"[limits]\nmax_due = 2\n{section}")
        clinic.book(booked())
        run(clinic)
    (tmp_path / "notify.toml").write_text("[limits]\nmax_due = 2\n")
    rows = (booked(appointment=f"B{number}").replace("12:00", "12:01") for number in range(3))
    clinic.book(*rows, at=at(0, 30))
    assert run(clinic, 1).exit == 4
    assert deliveries(clinic) == {"email": ("queued", None, 1)}
    assert run(clinic, 2, 0, "--release").exit == 0
    assert [row["status"] for row in clinic.json("history")] == ["sent"] * 4


def test_a_stop_that_ends_by_itself_is_told(stopped):
    run(stopped)
    stopped.call("patient", "set", "nidelv", "P1", "--consent", "no", at=at(0, 30))
    ended = [run(stopped, minute) for minute in (1, 2)]
    assert [(one.exit, lines(one)) for one in ended] == [(0, 1), (0, 0)]


def test_as_many_as_may_be_are_sent(tmp_path):
    clinic = Clinic.begun_in(tmp_path, "[limits]\nmax_due = 3\n")
    clinic.book(*(booked(appointment=f"A{number}") for number in range(3)))
    assert run(clinic) == Answer(0, "", "")
    assert [row["status"] for row in clinic.json("history")] == ["sent"] * 3


def test_what_a_stop_holds_can_be_looked_at(stopped):
    run(stopped)
    answer = stopped.call("run", "--dry-run", "--json", at=at(1))
    told = json.loads(answer.out)
    assert (answer.exit, told["due"], len(told["notices"])) == (0, 3, 3)
    as_json = stopped.call("run", "--json", at=at(1))
    assert (as_json.exit, json.loads(as_json.out)["sent"]) == (4, 0)
    assert stopped.json("history") == []
