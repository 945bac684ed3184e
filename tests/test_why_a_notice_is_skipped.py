"""SPEC section 4, R10 to R19, their order, and what must hold whatever the facts are."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.domain.model import Appointment, Happening, Key, Said
from notifycli.domain.rules import Due, decide_appointment, look_before_attempt
from notifycli.domain.switches import NEVER_TURNED, Switch
from tests.facts import LONG_AGO, OSLO, a_patient, active, an_appointment, booked_at, oslo, turned

BOOKED = booked_at("2026-06-03 12:00")
NOON_OFF = turned(("2026-01-01 00:00", True), ("2026-06-03 12:03", False))


def look(event, now, patient=None, **facts):
    decision = decide_appointment(an_appointment(**facts), patient or a_patient(), oslo(now))
    return sorted((one for one in decision.verdicts if one.key.event == event), key=lambda one: one.key.number)


@pytest.mark.parametrize(
    ("reason", "facts", "patient"),
    [
        pytest.param("third_party", {"third_party_sends": True, "state": "cancelled"}, {}, id="R10 before R11"),
        pytest.param("cancelled", {"state": "cancelled"}, {}, id="R11"),
        pytest.param("cancelled", {"state": "open"}, {}, id="R11, open again"),
        pytest.param("ended", {"state": "ended", "starts_at": oslo("2026-06-03 12:04")}, {}, id="R13 before R14"),
        pytest.param("too_late", {"starts_at": oslo("2026-06-03 12:05"), "activity": active(NOON_OFF)}, {}, id="R14"),
        pytest.param("module_off", {"activity": active(NOON_OFF, NOON_OFF)}, {"consent": False}, id="R15 before R17"),
        pytest.param("type_off", {"activity": active(kind=NOON_OFF)}, {}, id="R15, the type"),
        pytest.param("no_consent", {}, {"consent": False, "possible": frozenset()}, id="R17 before R18"),
        pytest.param("no_contact", {}, {"possible": frozenset({"push"})}, id="R18, push never goes alone"),
    ],
)
def test_the_first_reason_that_holds_is_given(reason, facts, patient):
    [confirmation] = look("confirmation", "2026-06-03 12:05", a_patient(**patient), **facts)
    assert (confirmation.outcome, confirmation.reason) == ("skip", reason)


def test_a_newer_active_booking_overtakes_an_older_one():
    again = (BOOKED, Happening("cancellation", oslo("2026-06-03 12:01")), booked_at("2026-06-03 12:02"))
    older, newer = look("confirmation", "2026-06-03 12:10", happenings=again)
    assert (older.reason, newer.outcome) == ("superseded", "send")
    [cancellation] = look("cancellation", "2026-06-03 12:10", happenings=again)
    assert cancellation.reason == "superseded"


def test_a_newer_event_that_was_not_active_overtakes_nothing():
    again = (BOOKED, Happening("cancellation", oslo("2026-06-03 12:03")), booked_at("2026-06-03 12:04"))
    on_again = turned(("2026-01-01 00:00", True), ("2026-06-03 12:04", False), ("2026-06-03 12:05", True))
    older, newer = look("confirmation", "2026-06-03 12:10", happenings=again, activity=active(on_again))
    assert (older.outcome, newer.outcome) == ("send", "never")


@pytest.mark.parametrize(
    ("now", "outcome"),
    [("2026-06-12 09:59:59", "send"), ("2026-06-12 10:00:00", "skip")],
)
def test_a_cancellation_is_too_late_a_day_after_the_start(now, outcome):
    happenings = (BOOKED, Happening("cancellation", oslo("2026-06-11 09:00")))
    [cancellation] = look("cancellation", now, state="cancelled", happenings=happenings)
    assert cancellation.outcome == outcome


def test_an_unknown_patient_is_waited_for_until_it_is_too_late():
    appointment = an_appointment(activity=active(), happenings=(booked_at("2026-06-10 12:00"),))
    waiting = decide_appointment(appointment, None, oslo("2026-06-10 12:05"))
    assert [one.outcome for one in waiting.verdicts if one.key.event == "confirmation"] == ["waits"]
    assert waiting.attention_at == appointment.starts_at
    late = decide_appointment(appointment, None, appointment.starts_at)
    assert [one.reason for one in late.verdicts if one.key.event == "confirmation"] == ["unknown_patient"]


@pytest.mark.parametrize(
    ("known_since", "reason"),
    [("2026-06-11 09:59:59", "too_late"), ("2026-06-11 10:00:00", "unknown_patient")],
)
def test_a_patient_who_came_too_late_was_unknown(known_since, reason):
    patient = a_patient(known_since=oslo(known_since))
    [confirmation] = look("confirmation", "2026-06-11 12:00", patient)
    assert confirmation.reason == reason


@pytest.mark.parametrize(
    ("said_at", "outcome"),
    [("2026-06-03 12:19:59", "send"), ("2026-06-03 12:20:00", "skip")],
)
def test_a_change_is_covered_by_what_went_out_since_the_change(said_at, outcome):
    happenings = (BOOKED, Happening("change", oslo("2026-06-03 12:20"), True))
    said = (Said(oslo(said_at), oslo("2026-06-11 10:00"), ""),)
    [change] = look("change", "2026-06-03 12:25", happenings=happenings, said=said)
    assert (change.outcome, change.reason) == (outcome, "covered" if outcome == "skip" else None)
    [elsewhere] = look("change", "2026-06-03 12:25", happenings=happenings, said=said, location="Rom 2")
    assert elsewhere.outcome == "send"


@pytest.mark.parametrize(
    ("said_at", "outcome"),
    [("2026-06-09 09:59:59", "send"), ("2026-06-09 10:00:00", "skip")],
)
def test_a_reminder_is_covered_by_what_went_out_in_the_last_48_hours(said_at, outcome):
    [reminder] = look("reminder", "2026-06-09 11:00", said=(Said(oslo(said_at), oslo("2026-06-11 10:00"), ""),))
    assert reminder.outcome == outcome


def test_a_written_reminder_of_a_time_that_changed_is_superseded():
    old = oslo("2026-06-10 10:00")
    due = Due(Key("reminder", old), old - 48 * 3600, old - 48 * 3600, old)
    assert look_before_attempt(due, an_appointment(), a_patient(), oslo("2026-06-09 11:00")).reason == "superseded"


MINUTES = st.integers(0, 200).map(lambda number: number * 3600)
switches = st.one_of(
    st.just(Switch(((LONG_AGO, True),))),
    st.just(NEVER_TURNED),
    st.lists(st.tuples(MINUTES, st.booleans()), max_size=4).map(lambda turns: Switch(tuple(sorted(turns)))),
)
happenings = st.lists(
    st.builds(Happening, st.sampled_from(["booking", "migration", "change", "cancellation"]), MINUTES, st.booleans()),
    max_size=5,
).map(lambda some: tuple(sorted(some, key=lambda one: one.at)))
appointments = st.builds(
    Appointment,
    state=st.sampled_from(["booked", "open", "cancelled", "ended"]),
    starts_at=MINUTES,
    location=st.sampled_from(["", "Rom 2"]),
    happenings=happenings,
    activity=st.builds(active, switches, switches),
    zone=st.just(OSLO),
    third_party_sends=st.booleans(),
    said=st.lists(st.builds(Said, MINUTES, MINUTES, st.just("")), max_size=2).map(tuple),
)
patients = st.none() | st.builds(
    a_patient,
    known_since=MINUTES,
    consent=st.booleans(),
    preferred=st.sampled_from([None, "email", "sms", "both"]),
    possible=st.frozensets(st.sampled_from(["email", "sms", "push"])),
)


@given(appointments, patients, MINUTES)
def test_whatever_the_facts_each_notice_has_one_verdict_and_a_reason(appointment, patient, now):
    decision = decide_appointment(appointment, patient, now)
    keys = [one.key for one in decision.verdicts if one.outcome != "never"]
    assert len(keys) == len(set(keys))
    for one in decision.verdicts:
        assert (one.outcome == "send") == bool(one.channels and one.due_at is not None and one.due_at <= now)
        assert one.reason if one.outcome in ("skip", "never", "waits") else True
        assert one.outcome != "send" or appointment.state == "booked" or one.key.event == "cancellation"


@given(appointments, patients, MINUTES)
def test_looking_again_after_writing_writes_nothing_more(appointment, patient, now):
    first = decide_appointment(appointment, patient, now)
    written = frozenset(one.key for one in first.verdicts if one.outcome in ("send", "skip"))
    again = decide_appointment(dataclasses.replace(appointment, written=written), patient, now)
    assert not [one for one in again.verdicts if one.outcome in ("send", "skip")]
    assert again.attention_at is None or again.attention_at > now


@given(appointments, patients, MINUTES, MINUTES)
def test_nothing_becomes_due_before_the_moment_to_look_again(appointment, patient, now, later):
    turns = appointment.activity.turning_points_after(now)
    first = decide_appointment(appointment, patient, now)
    written = frozenset(one.key for one in first.verdicts if one.outcome in ("send", "skip"))
    handled = dataclasses.replace(appointment, written=written)
    attention_at = decide_appointment(handled, patient, now).attention_at
    until = min([later, *([attention_at] if attention_at is not None else []), *turns])
    if until <= now or until == attention_at or until in turns:
        return
    at_that_time = decide_appointment(handled, patient, until)
    assert not [one for one in at_that_time.verdicts if one.outcome in ("send", "skip")]
