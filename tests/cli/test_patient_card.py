"""SPEC section 8, `patient show` and `upcoming --patient`: one screen that answers a patient's call."""

from pathlib import Path

import pytest

from notifycli.store import suppression_list
from tests.support import engines
from tests.support.case_runner import seconds
from tests.support.one_clinic import NOON, Clinic

LATER = "2026-06-03T12:10:00+02:00"
WHEN_IMPORTED = "2026-01-05T07:00:00Z"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """P4 goes by e-mail and SMS: one appointment told of, one just booked, one cancelled."""
    clinic = Clinic.begun_in(tmp_path)
    clinic.book(
        "A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2",
        "A2;P1;KONS;2026-06-18T11:00;booked;2026-06-03T12:00;",
    )
    clinic.call("run", at="2026-06-03T12:05:00+02:00")
    clinic.book(
        "A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2",
        "A3;P4;KONS;2026-06-10T10:00;booked;2026-06-03T12:08;Rom 1",
        at="2026-06-03T12:09:00+02:00",
    )
    return clinic


def test_what_was_imported_comes_from_its_import(clinic: Clinic) -> None:
    card = clinic.json("patient", "show", "nidelv", "P4", at=LATER)
    assert card["origins"] == dict.fromkeys(("email", "mobile", "consent", "method"), "import")
    assert (card["imported_at"], card["import"], card["suppressed"]) == (WHEN_IMPORTED, 3, [])


@pytest.mark.parametrize(
    ("patient", "given", "origins"),
    [
        pytest.param("P4", ["--email", "per@other.example"], {"email": "staff"}, id="another address"),
        pytest.param("P4", ["--mobile", ""], {"mobile": "staff"}, id="no number any more"),
        pytest.param("P4", ["--consent", "no", "--method", "sms"], {"consent": "staff", "method": "staff"}, id="a no"),
        pytest.param("P4", ["--email", "per@post.example"], {"email": "import"}, id="what was imported"),
        pytest.param("P7", [], {"email": None, "mobile": None, "method": None}, id="nothing known"),
        pytest.param("P7", ["--mobile", "91000077"], {"mobile": "staff", "email": None}, id="a first number"),
    ],
)
def test_who_gave_it_is_told(clinic: Clinic, patient: str, given: list[str], origins: dict[str, str | None]) -> None:
    if given:
        assert clinic.call("patient", "set", "nidelv", patient, *given).exit == 0
    shown = clinic.json("patient", "show", "nidelv", patient)["origins"]
    assert {place: shown[place] for place in origins} == origins


def test_an_address_that_is_gone_is_told_with_its_reason(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    with engines.connected(clinic.folder) as connection:
        suppression_list.remember(
            *(connection, "nidelv", "P4", "email", "per@post.example", "unknown_mailbox", seconds(NOON))
        )
    [gone] = clinic.json("patient", "show", "nidelv", "P4")["suppressed"]
    assert gone == {
        **{"channel": "email", "address": "per@post.example", "reason": "unknown_mailbox"},
        **{"at": "2026-06-03T10:00:00Z"},
    }
    assert "no more since Wed 03.06.2026 12:00: unknown mailbox" in clinic.call("patient", "show", "nidelv", "P4").out
    clinic.call("patient", "set", "nidelv", "P4", "--email", "per@other.example")
    assert clinic.json("patient", "show", "nidelv", "P4")["suppressed"] == []


def test_appointments_and_notices_stand_there(clinic: Clinic) -> None:
    card = clinic.json("patient", "show", "nidelv", "P4", at=LATER)
    assert [(one["appointment"], one["starts_at"], one["location"]) for one in card["appointments"]] == [
        ("A3", "2026-06-10T08:00:00Z", "Rom 1"),
        ("A1", "2026-06-18T08:00:00Z", "Rom 2"),
    ]
    assert [(one["subject_id"], one["event"]) for one in card["next_notices"]] == [
        ("A3", "confirmation"),
        ("A3", "reminder"),
        ("A1", "reminder"),
    ]
    told = {(one["subject_id"], one["event"], one["channel"], one["status"]) for one in card["last_notices"]}
    assert told == {("A1", "confirmation", "email", "sent"), ("A1", "confirmation", "sms", "sent")}
    assert not any("text" in one for one in card["last_notices"])


def test_a_cancelled_appointment_stands_there_while_a_notice_tells_of_it(clinic: Clinic) -> None:
    clinic.book("A1;P4;KONS;2026-06-18T10:00;cancelled;2026-06-03T12:00;Rom 2", at=LATER)
    card = clinic.json("patient", "show", "nidelv", "P4", at=LATER)
    statuses = {one["appointment"]: one["status"] for one in card["appointments"]}
    assert statuses == {"A3": "booked", "A1": "cancelled"}
    assert ("A1", "cancellation") in [(one["subject_id"], one["event"]) for one in card["next_notices"]]


@pytest.mark.slow
def test_it_fits_on_a_screen(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for number in range(4, 12):
        clinic.book(f"A{number};P4;KONS;2026-06-{number + 10}T10:00;booked;2026-06-03T12:08;Rom {number}", at=LATER)
    clinic.call("run", at="2026-06-03T12:20:00+02:00")
    clinic.call("patient", "set", "nidelv", "P4", "--email", "per@another-post.example")
    shown = clinic.call("patient", "show", "nidelv", "P4", at="2026-06-03T12:30:00+02:00").out.splitlines()
    assert len(shown) <= 24
    assert max(map(len, shown)) <= 80
    assert any("set by staff" in line for line in shown)
    assert shown[-1] == "more: notify history --clinic nidelv --patient P4"


def test_an_unknown_patient_is_told_of(clinic: Clinic) -> None:
    answer = clinic.call("patient", "show", "nidelv", "P99")
    assert (answer.exit, answer.out) == (2, "")


# upcoming


@pytest.mark.parametrize("patient", ["P1", "P4", "P7"])
def test_what_comes_for_one_is_what_comes_for_all_but_theirs(clinic: Clinic, patient: str) -> None:
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2", at=LATER)  # from P4 to P1
    until = ["--until", "2026-06-30"]
    everyones = clinic.json("upcoming", *until, at=LATER)
    assert {one["patient"] for one in everyones} == {"P1", "P4"}
    theirs = [one for one in everyones if one["patient"] == patient]
    assert clinic.json("upcoming", *until, "--patient", patient, at=LATER) == theirs
    assert clinic.json("upcoming", *until, "--patient", patient, "--clinic", "nidelv", at=LATER) == theirs
    assert clinic.json("upcoming", *until, "--patient", patient, "--limit", "1", at=LATER) == theirs[:1]
    assert clinic.json("upcoming", *until, "--clinic", "nidelv", at=LATER) == everyones


def test_what_waits_to_be_tried_again_comes_for_its_patient(tmp_path: Path) -> None:
    dead = '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
    clinic = Clinic.begun_in(tmp_path, dead)
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
    clinic.call("run", at="2026-06-03T12:05:00+02:00")
    [coming] = clinic.json("upcoming", "--patient", "P1", at=LATER)
    assert (coming["event"], coming["channels"]) == ("confirmation", ["email"])
    assert clinic.json("upcoming", "--patient", "P4", at=LATER) == []


def test_upcoming_names_what_is_unknown(clinic: Clinic) -> None:
    assert clinic.call("upcoming", "--patient", "P99").exit == 2
    assert clinic.call("upcoming", "--clinic", "nidlev").exit == 2
    assert clinic.call("upcoming", "--patient", "P7").exit == 0


def test_a_limit_says_how_many_there_are(clinic: Clinic) -> None:
    assert (
        "The next 1 of 3; all with --limit 0."
        in clinic.call("upcoming", "--until", "+4w", "--limit", "1", "--patient", "P4", at=LATER).out
    )
