"""SPEC section 8, `notify show`: one notice as it was decided, sent, answered; every change of status in its order."""

from pathlib import Path

import pytest

from tests.support.one_clinic import Clinic, mail_server
from tests.support.smtp_server import Script

DUE = "2026-06-03T12:05:00+02:00"
FIELDS = [
    *("notice", "clinic", "patient", "event", "subject", "subject_id", "verdict", "reason", "explanation"),
    *("due_at", "happened_at", "written_at", "active_user", "facts", "deliveries", "changes", "actions"),
]


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    found = Clinic.begun_in(tmp_path)
    found.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2", "A2;P8;KONS;2026-06-18T11:00;booked;;")
    found.call("run", at=DUE)
    return found


def number_of(clinic: Clinic, appointment: str) -> str:
    return str(clinic.json("history", "--appointment", appointment, at=DUE)[0]["notice"])


def test_what_went_out_stands_there_as_it_was_sent(clinic: Clinic) -> None:
    shown = clinic.json("show", number_of(clinic, "A1"), at=DUE)
    assert sorted(shown) == sorted(FIELDS)
    assert (shown["verdict"], shown["due_at"], shown["happened_at"]) == (
        *("sent", "2026-06-03T10:05:00Z", "2026-06-03T10:00:00Z"),
    )
    assert shown["explanation"] == (
        "R1: due 5 minutes after the booking, today 12:00; timebook and KONS on since Mon 05.01. 08:00."
    )
    sent = {one["channel"]: one for one in shown["deliveries"]}
    history = {row["channel"]: row for row in clinic.json("history", "--appointment", "A1", at=DUE)}
    assert {name: one["text"] for name, one in sent.items()} == {name: row["text"] for name, row in history.items()}
    assert "18. juni" in sent["sms"]["text"]
    assert sent["email"]["reference"] == f"delivery-{sent['email']['delivery']}"


def test_every_change_of_status_is_there_in_its_order(clinic: Clinic) -> None:
    shown = clinic.json("show", number_of(clinic, "A1"), at=DUE)
    for delivery in shown["deliveries"]:
        own = [one["status"] for one in shown["changes"] if one["delivery"] == delivery["delivery"]]
        assert own == ["queued", "sending", "sent"]


def test_what_was_skipped_says_why(clinic: Clinic) -> None:
    shown = clinic.json("show", number_of(clinic, "A2"), at=DUE)
    assert (shown["verdict"], shown["reason"], shown["deliveries"]) == ("skipped", "no_consent", [])
    assert [(one["status"], one["reason"]) for one in shown["changes"]] == [("skipped", "no_consent")]


def test_people_see_times_in_the_clinics_zone_and_the_message(clinic: Clinic) -> None:
    out = clinic.call("show", number_of(clinic, "A1"), at=DUE).out
    assert "confirmation of appointment A1 at nidelv, patient P4" in out
    assert "Wed 03.06.2026 12:05" in out
    assert "Sted: Rom 2" in out
    assert "written to" in out


def test_a_retry_shows_the_answer_and_the_next_attempt(tmp_path: Path) -> None:
    with mail_server(Script({"RCPT": ["451 4.7.1 come back later"]})) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
        clinic.call("run", at=DUE)
        number = number_of(clinic, "A1")
        (delivery,) = clinic.json("show", number, at=DUE)["deliveries"]
        assert (delivery["status"], delivery["attempts"]) == ("queued", 1)
        assert delivery["next_attempt_at"] == "2026-06-03T10:06:00Z"
        assert delivery["detail"] == "451 4.7.1 come back later"
        assert "451 4.7.1 come back later" in clinic.call("show", number, at=DUE).out


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("4711", id="no such notice"),
        pytest.param("0", id="zero"),
        pytest.param("A1", id="no number"),
        pytest.param("9" * 30, id="too large for the database"),
    ],
)
def test_a_number_that_no_notice_has(clinic: Clinic, given: str) -> None:
    answer = clinic.call("show", given)
    assert (answer.exit, answer.out) == (2, "")
    assert answer.err.startswith("notify: ")
    assert answer.err.count("\n") == 1


def test_brackets_in_an_id_are_no_colours(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("[red]A[/];P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;[/b] Rom [i]")
    clinic.call("run", at=DUE)
    number = str(clinic.json("history", at=DUE)[0]["notice"])
    for command in (["show", number], ["history"], ["why", "appointment", "[red]A[/]"]):
        answer = clinic.call(*command, at=DUE)
        assert answer.exit == 0, str(answer)
        assert "[red]A[/]" in answer.out
    assert "[/b] Rom [i]" in clinic.call("show", number, at=DUE).out
