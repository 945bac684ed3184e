"""HL7 v2: what the filler's status (SCH-25) and the trigger event say of an appointment, and what a patient is told.

Source: SPEC section 3; HL7 v2.5.1, chapter 10, and table 0278, in the words of real systems.
"""

from pathlib import Path
from typing import Any

import pytest

from notifycli.domain.status_words import STATUS_WORDS
from tests.intake.test_hl7 import PID, SENT, appointment
from tests.support import engines
from tests.support.one_clinic import Clinic

TIMES = ("booked_at", "changed_at", "cancelled_at")
CHANGED, CANCELLED = {"changed_at"}, {"changed_at", "cancelled_at"}


def schedule(filler_status: str) -> str:
    return "SCH|B1|A1||||||KONTROLL" + "|" * 17 + filler_status


@pytest.mark.parametrize(
    ("trigger", "filler_status", "status", "times"),
    [
        pytest.param("S15", "NOSHOW", "noshow", CHANGED, id="a no-show sent as a cancellation"),
        pytest.param("S15", "No Show", "noshow", CHANGED, id="in two words"),
        pytest.param("S16", "4^No-Show^L", "noshow", CHANGED, id="by its text"),
        pytest.param("S17", "no_show", "noshow", CHANGED, id="sent as a deletion"),
        pytest.param("S15", "DNA^Did Not Attend", "noshow", CHANGED, id="as the NHS says it"),
        pytest.param("S15", "Ikke møtt", "noshow", CHANGED, id="in Norwegian"),
        pytest.param("S15", "X^^99LOCAL^NOSHOW^No show^HL70278", "noshow", CHANGED, id="by another code"),
        pytest.param("S26", "Cancelled", "cancelled", CANCELLED, id="a cancellation sent as a no-show"),
        pytest.param("S26", "CANCELED", "cancelled", CANCELLED, id="in American English"),
        pytest.param("S26", "3^Canceled", "cancelled", CANCELLED, id="a number and its text"),
        pytest.param("S26", "Dc", "cancelled", CANCELLED, id="discontinued"),
        pytest.param("S26", "DISCONTINUED", "cancelled", CANCELLED, id="discontinued in full"),
        pytest.param("S26", "Deleted", "entered-in-error", CANCELLED, id="deleted"),
        pytest.param("S15", "DELETED", "entered-in-error", CANCELLED, id="a deletion sent as a cancellation"),
        pytest.param("S17", "Cancelled", "cancelled", CANCELLED, id="a cancellation sent as a deletion"),
        pytest.param("S14", "Cancelled by hospital", "cancelled", CANCELLED, id="cancelled by the hospital"),
        pytest.param("S12", "CANCELLED", "cancelled", {"booked_at", "cancelled_at"}, id="cancelled when first told"),
        pytest.param("S12", "NOSHOW", "noshow", {"booked_at"}, id="a no-show when first told"),
        pytest.param("S15", "COMPLETE", "fulfilled", CHANGED, id="complete"),
        pytest.param("S16", "Completed", "fulfilled", CHANGED, id="completed"),
        pytest.param("S26", "CHECKED OUT", "fulfilled", CHANGED, id="checked out"),
        pytest.param("S26", "ARRIVED", "arrived", CHANGED, id="arrived after all"),
        pytest.param("S15", "CHECKEDIN", "checked-in", CHANGED, id="checked in"),
        pytest.param("S16", "Started", "arrived", CHANGED, id="started"),
        pytest.param("S14", "Fullført", "fulfilled", CHANGED, id="done, in Norwegian"),
        pytest.param("S14", "Avbestilt", "cancelled", CANCELLED, id="cancelled, in Norwegian"),
        pytest.param("", "Scheduled", "booked", CHANGED, id="scheduled, no trigger"),
        pytest.param("", "NOSHOW", "noshow", CHANGED, id="a no-show, no trigger"),
    ],
)
def test_the_fillers_status_tells_the_status_whatever_the_trigger(trigger, filler_status, status, times):
    row = appointment(PID, schedule(filler_status), trigger=trigger)
    assert row["status"] == status
    assert {column for column in TIMES if row.get(column) == SENT} == times
    assert {column for column in TIMES if column in row} == times


BY_TRIGGER = [
    *(pytest.param(trigger, "booked", id=trigger) for trigger in ("S12", "S13", "S14")),
    *(pytest.param(trigger, "cancelled", id=trigger) for trigger in ("S15", "S16")),
    pytest.param("S17", "entered-in-error", id="S17"),
    pytest.param("S26", "noshow", id="S26"),
    pytest.param("", "", id="none"),
]
OF_NO_KNOWN_MEANING = ["", '""', "^", "Quux", "1", "BLOCKED", "Not cancelled", "Show", "Rescheduled", "x^^L^f^^L", "-"]


@pytest.mark.parametrize("filler_status", OF_NO_KNOWN_MEANING, ids=repr)
@pytest.mark.parametrize(("trigger", "status"), BY_TRIGGER)
def test_the_trigger_decides_where_the_fillers_status_does_not(trigger, status, filler_status):
    assert appointment(PID, schedule(filler_status), trigger=trigger)["status"] == status


@pytest.mark.parametrize(
    "filler_status", ["Booked", "SCHEDULED", "Confirmed", "Overbook", "Pending", "Waitlist", "proposed"]
)
@pytest.mark.parametrize(("trigger", "status"), [one for one in BY_TRIGGER if one.id in ("S15", "S16", "S17", "S26")])
def test_what_has_ended_is_not_to_come_again_by_a_status_that_nobody_changed(trigger, status, filler_status):
    assert appointment(PID, schedule(filler_status), trigger=trigger)["status"] == status


@pytest.mark.parametrize(
    ("filler_status", "by"),
    [
        pytest.param("Cancelled by patient", "patient", id="English"),
        pytest.param("C^Avbestilt av pasienten", "patient", id="Norwegian text"),
        pytest.param("Avbestilt", "patient", id="Norwegian word"),
        pytest.param("Cancelled", None, id="it is not said"),
        pytest.param("Cancelled by hospital", None, id="the hospital"),
        pytest.param("No show by patient", None, id="not cancelled"),
    ],
)
def test_the_fillers_status_may_say_who_cancelled(filler_status, by):
    assert appointment(PID, schedule(filler_status), trigger="S14").get("cancelled_by") == by


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic.begun_in(tmp_path)


def put(clinic: Clinic, trigger: str, sent: str, filler_status: str, starts: str) -> str:
    """A message of appointment H1; `starts` is empty in one that says no more than what became of it."""
    timing = f"15|minutes|^^^{starts}" if starts else "||"
    text = (
        f"MSH|^~\\&|ATHENANET|nidelv|||{sent}+0200||SIU^{trigger}|{trigger}{sent}|P|2.3.1\r"
        f"SCH|33910|H1|||||x|KONS^KONS|{timing}{'|' * 14}{filler_status}\rPID||1|P1||ODEGARD^KARI\r"
    )
    path = clinic.folder / f"{trigger}-{sent}.hl7"
    path.write_text(text, encoding="utf-8")
    return str(path)


def happened(clinic: Clinic, path: str, at: str) -> dict[str, int]:
    reports: list[dict[str, Any]] = clinic.json("import", path, at=at)["files"]
    [report] = [one for one in reports if one["kind"] == "appointments"]
    assert report["rejected"] == 0
    return {name: number for name, number in report["events"].items() if number}


def status_of_h1(clinic: Clinic) -> str:
    with engines.connected(clinic.folder) as connection:
        return str(connection.execute("SELECT status FROM appointment WHERE appointment_id = 'H1'").fetchone()[0])


START, HALF_AN_HOUR_IN, DAYS_AHEAD = "20260604130000", "20260604133000", "20260603120000"


@pytest.mark.parametrize(
    ("trigger", "sent", "filler_status", "starts", "status", "events"),
    [
        pytest.param("S15", HALF_AN_HOUR_IN, "NOSHOW", START, "noshow", {}, id="a no-show sent as a cancellation"),
        pytest.param("S15", HALF_AN_HOUR_IN, "NOSHOW", "", "noshow", {}, id="and bare"),
        pytest.param("S26", HALF_AN_HOUR_IN, "", "", "noshow", {}, id="a bare no-show"),
        pytest.param("S14", HALF_AN_HOUR_IN, "Started", "", "arrived", {}, id="a bare arrival"),
        pytest.param("S26", DAYS_AHEAD, "Cancelled", START, "cancelled", {"cancellation": 1}, id="S26, days ahead"),
        pytest.param("S26", DAYS_AHEAD, "Cancelled", "", "cancelled", {"cancellation": 1}, id="S26, days ahead, bare"),
        pytest.param(
            "S15", DAYS_AHEAD, "SCHEDULED", START, "cancelled", {"cancellation": 1}, id="a status left as it was"
        ),
        pytest.param("S15", DAYS_AHEAD, "Quux", START, "cancelled", {"cancellation": 1}, id="an unknown word"),
        pytest.param("S14", DAYS_AHEAD, "Quux", START, "booked", {}, id="an unknown word of a change"),
        pytest.param("S17", DAYS_AHEAD, "", START, "entered-in-error", {"cancellation": 1}, id="a deletion"),
    ],
)
def test_a_patient_is_told_of_a_cancellation_only_where_there_was_one(
    clinic: Clinic, trigger: str, sent: str, filler_status: str, starts: str, status: str, events: dict[str, int]
) -> None:
    assert happened(clinic, put(clinic, "S12", "20260601120000", "SCHEDULED", START), "2026-06-01T12:01+02:00") == {
        "booking": 1
    }
    assert happened(clinic, put(clinic, trigger, sent, filler_status, starts), "2026-06-04T13:31+02:00") == events
    assert status_of_h1(clinic) == status


@pytest.mark.parametrize("word", STATUS_WORDS)
def test_the_words_of_the_contract_mean_the_same_here(word):
    assert appointment(f"SCH||A1{'|' * 9}^^^20261130090000{'|' * 14}{word}", PID)["status"] == STATUS_WORDS[word][0]
