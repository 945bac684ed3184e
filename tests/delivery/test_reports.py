"""SPEC section 7: what services say later of a delivery; late, twice and out of order, never backwards."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.channels.base import Report
from notifycli.config import Settings
from notifycli.delivery.policy import policy_of
from notifycli.delivery.receipts import take, take_unmatched
from notifycli.domain.reports import effect_of
from notifycli.store import journal
from notifycli.store.engine import Connection
from tests.support import engines
from tests.support.one_clinic import Clinic

DUE = "2026-06-03T12:06:00+02:00"
LATER = "2026-06-03T12:20:00+02:00"
AT = 1_780_000_000
STATUSES = ("queued", "sending", "sent", "delivered", "failed", "uncertain", "skipped")


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """With the confirmation of A1 to P1, sent as an e-mail into the outbox."""
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;;Rom 2")
    assert clinic.json("run", at=DUE)["sent"] == 1
    return clinic


@pytest.fixture
def store(clinic: Clinic) -> Iterator[Connection]:
    with engines.connected(clinic.folder) as connection:
        yield connection


def say(store: Connection, *reports: Report) -> dict[str, int]:
    return dict(take(store, policy_of(Settings()), reports, AT))


def about(store: Connection, state: Any, delivery: int = 1, **values: Any) -> Report:
    report = Report("email", state, f"{delivery}.{journal.database_id(store)}", None)
    return replace(report, **values)


def statuses(clinic: Clinic) -> list[tuple[str, str, str | None]]:
    rows = clinic.json("history")
    return sorted((row["channel"], row["status"], row["reason"]) for row in rows)


@pytest.mark.parametrize(
    ("status", "attempts", "said", "of_this_attempt", "effect"),
    [
        pytest.param("sent", 1, "delivered", True, "delivered", id="it arrived"),
        pytest.param("sent", 1, "failed", True, "failed", id="it bounced"),
        pytest.param("sent", 1, "sent", True, "none", id="the gateway has it, as it said"),
        pytest.param("sent", 2, "failed", False, "none", id="an earlier attempt failed"),
        pytest.param("sent", 2, "delivered", False, "delivered", id="an earlier attempt arrived"),
        pytest.param("uncertain", 1, "sent", True, "sent", id="the gateway has it after all"),
        pytest.param("uncertain", 1, "delivered", True, "delivered", id="it arrived after all"),
        pytest.param("uncertain", 1, "failed", True, "failed", id="it failed after all"),
        pytest.param("queued", 1, "sent", True, "sent", id="found before it went out again"),
        pytest.param("queued", 0, "delivered", True, "none", id="of a time before staff had it looked at again"),
        pytest.param("sending", 1, "delivered", True, "early", id="before its answer is written"),
        pytest.param("delivered", 1, "failed", True, "none", id="backwards"),
        pytest.param("failed", 1, "delivered", True, "none", id="after it fell back"),
        pytest.param("skipped", 1, "delivered", True, "none", id="skipped"),
    ],
)
def test_what_a_report_does(status, attempts, said, of_this_attempt, effect):
    assert effect_of(said, status, attempts, is_of_this_attempt=of_this_attempt) == effect


@given(st.sampled_from(("sent", "delivered", "failed")), st.sampled_from(STATUSES), st.integers(0, 30), st.booleans())
def test_no_report_moves_a_status_backwards(said, status, attempts, of_this_attempt):
    effect = effect_of(said, status, attempts, is_of_this_attempt=of_this_attempt)
    onwards = {"sent": {"delivered", "failed"}, "uncertain": {"sent", "delivered", "failed"}}
    onwards["queued"] = onwards["uncertain"]
    assert effect in {"none", "early"} | onwards.get(status, set())
    assert (effect == "early") == (status == "sending")


def test_an_arrival_stands_in_the_history(clinic, store):
    assert say(store, about(store, "delivered", detail="250 2.1.5 delivered")) == {"delivered": 1}
    assert statuses(clinic) == [("email", "delivered", None)]
    changes = clinic.json("show", "1")["changes"]
    assert [one["status"] for one in changes] == ["queued", "sending", "sent", "delivered"]
    assert changes[-1]["detail"] == "250 2.1.5 delivered"


def test_a_bounce_fails_falls_back_and_is_remembered(clinic, store):
    bounce = about(store, "failed", reason="unknown_mailbox", detail="550 5.1.1 unknown", is_gone=True)
    assert say(store, bounce) == {"failed": 1}
    assert say(store, bounce) == {"none": 1}
    assert clinic.json("run", at=LATER)["sent"] == 1
    assert statuses(clinic) == [("email", "failed", "unknown_mailbox"), ("sms", "sent", None)]
    [checked] = clinic.json("check", "--patient", "P1")
    assert (checked["possible"], checked["channels"], checked["reasons"]) == (True, ["sms"], ["email_gone"])


def test_what_is_gone_is_possible_again_when_staff_set_it_or_it_changes(clinic, store):
    say(store, about(store, "failed", reason="unknown_mailbox", is_gone=True))
    old = clinic.json("patient", "show", "nidelv", "P1")["email"]
    clinic.call("patient", "set", "nidelv", "P1", "--email", "kari.ny@post.example")
    assert clinic.json("check", "--patient", "P1")[0]["reasons"] == []
    clinic.call("patient", "set", "nidelv", "P1", "--email", old)
    assert clinic.json("check", "--patient", "P1")[0]["reasons"] == []
    say(store, about(store, "delivered"))


def test_the_next_notice_does_not_go_to_an_address_that_is_gone(clinic, store):
    say(store, about(store, "failed", reason="unknown_mailbox", is_gone=True))
    clinic.json("run", at=LATER)
    clinic.book("A2;P1;KONS;2026-06-19T10:00;booked;;Rom 2", at=LATER)
    assert clinic.json("run", at="2026-06-03T12:26:00+02:00")["sent"] == 1
    newest = clinic.json("history", "--appointment", "A2")
    assert [(row["channel"], row["status"]) for row in newest] == [("sms", "sent")]


def test_a_failure_that_may_pass_leaves_the_address_as_it_is(clinic, store):
    say(store, about(store, "failed", reason="expired"))
    [checked] = clinic.json("check", "--patient", "P1")
    assert (checked["channels"], checked["reasons"]) == (["email"], [])


@pytest.mark.parametrize("order", sorted(set(itertools.permutations(("sent", "delivered", "delivered", "sent")))))
def test_late_twice_and_out_of_order(clinic, store, order: Sequence[str]):
    for state in order:
        say(store, about(store, state))
    assert statuses(clinic) == [("email", "delivered", None)]


def test_what_comes_too_early_waits_for_its_delivery(clinic, store):
    store.execute("UPDATE delivery SET status = 'sending' WHERE id = 1")
    assert say(store, about(store, "delivered")) == {"early": 1}
    assert say(store, Report("email", "delivered", None, "Q77")) == {"early": 1}
    assert statuses(clinic) == [("email", "sending", None)]
    store.execute("UPDATE delivery SET status = 'sent' WHERE id = 1")
    assert take_unmatched(store, policy_of(Settings()), AT) == {"delivered": 1}
    assert statuses(clinic) == [("email", "delivered", None)]
    assert store.execute("SELECT reference FROM unmatched_receipt").fetchall() == [("Q77",)]
    take_unmatched(store, policy_of(Settings()), AT + 8 * 24 * 3600)
    assert store.execute("SELECT count(*) FROM unmatched_receipt").fetchone() == (0,)


def test_a_gateways_own_id_is_enough(clinic, store):
    store.execute("UPDATE delivery SET reference = 'Q1' WHERE id = 1")
    assert say(store, Report("email", "delivered", None, "Q1")) == {"delivered": 1}


@pytest.mark.parametrize("ours", ["1.another", "99", "abc", "1.", "²."])
def test_reports_of_others_change_nothing(clinic, store, ours):
    assert say(store, Report("email", "failed", ours, None)) == {"unknown": 1}
    assert say(store, replace(about(store, "failed"), channel="sms")) == {"unknown": 1}
    assert say(store, about(store, "failed", delivery=99)) == {"unknown": 1}
    assert say(store, Report("email", "failed", None, None)) == {"unknown": 1}
    assert statuses(clinic) == [("email", "sent", None)]


def test_a_failure_of_an_earlier_attempt_is_not_the_later_ones(clinic, store):
    store.execute("UPDATE delivery SET reference = 'second', attempts = 2 WHERE id = 1")
    assert say(store, about(store, "failed", reference="first")) == {"none": 1}
    assert say(store, about(store, "failed", reference="second")) == {"failed": 1}


def test_an_old_bounce_says_nothing_of_what_went_out_since(clinic, store):
    old = about(store, "failed", reason="unknown_mailbox", is_gone=True, at=store_time(DUE) + 60)
    assert say(store, old) == {"failed": 1}
    clinic.call("run", at=LATER)
    store.execute("UPDATE delivery SET status = 'failed', reason = 'refused' WHERE channel = 'sms'")
    clinic.call("patient", "set", "nidelv", "P1", "--email", "kari.ny@post.example", at=LATER)
    clinic.call("retry", "1", at="2026-06-03T12:30:00+02:00")
    assert clinic.json("run", at="2026-06-03T12:30:00+02:00")["sent"] == 1
    assert say(store, old) == {"none": 1}
    assert ("email", "sent", None) in statuses(clinic)
    assert clinic.json("check", "--patient", "P1")[0]["reasons"] == []


def test_an_arrival_at_an_old_address_says_nothing_of_the_new_one(clinic, store):
    clinic.call("patient", "set", "nidelv", "P1", "--email", "kari.ny@post.example")
    clinic.book("A2;P1;KONS;2026-06-19T10:00;booked;;Rom 2", at=LATER)
    clinic.json("run", at="2026-06-03T12:26:00+02:00")
    say(store, about(store, "failed", delivery=2, reason="unknown_mailbox", is_gone=True))
    say(store, about(store, "delivered", delivery=1))
    assert clinic.json("check", "--patient", "P1")[0]["reasons"] == ["email_gone"]


@pytest.mark.parametrize("command", ["receipts", "run"])
def test_what_came_too_early_is_brought_in_by_the_next_call(clinic, store, command):
    store.execute("UPDATE delivery SET status = 'sending' WHERE id = 1")
    assert say(store, about(store, "failed", reason="refused")) == {"early": 1}
    store.execute("UPDATE delivery SET status = 'sent' WHERE id = 1")
    clinic.book("A3;P2;KONS;2026-06-19T10:00;booked;;Rom 2", at=DUE)
    clinic.call(command, at=LATER)
    assert ("email", "failed", "refused") in statuses(clinic)


def test_the_same_early_report_is_kept_once(clinic, store):
    for _ in range(3):
        assert say(store, Report("email", "delivered", None, "Q77")) == {"early": 1}
    assert store.execute("SELECT count(*) FROM unmatched_receipt").fetchone() == (1,)


def store_time(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
