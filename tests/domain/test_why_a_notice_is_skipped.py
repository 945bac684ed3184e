"""SPEC section 4, R10 to R19, their order, and what must hold whatever the facts are."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.domain.model import Appointment, AppointmentEvent, Due, Holder, Key, Place, Told
from notifycli.domain.rules import decide_appointment, details_given, look_before_attempt
from notifycli.domain.switches import NEVER_TURNED, Switch
from tests.support.facts import LONG_AGO, OSLO, a_patient, active, an_appointment, booked_at, oslo, turned

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
    again = (BOOKED, AppointmentEvent("cancellation", oslo("2026-06-03 12:01")), booked_at("2026-06-03 12:02"))
    older, newer = look("confirmation", "2026-06-03 12:10", events=again)
    assert (older.reason, newer.outcome) == ("superseded", "send")
    [cancellation] = look("cancellation", "2026-06-03 12:10", events=again)
    assert cancellation.reason == "superseded"


def test_a_newer_event_that_was_not_active_overtakes_nothing():
    again = (BOOKED, AppointmentEvent("cancellation", oslo("2026-06-03 12:03")), booked_at("2026-06-03 12:04"))
    on_again = turned(("2026-01-01 00:00", True), ("2026-06-03 12:04", False), ("2026-06-03 12:05", True))
    older, newer = look("confirmation", "2026-06-03 12:10", events=again, activity=active(on_again))
    assert (older.outcome, newer.outcome) == ("send", "never")


@pytest.mark.parametrize(
    ("now", "outcome"),
    [("2026-06-12 09:59:59", "send"), ("2026-06-12 10:00:00", "skip")],
)
def test_a_cancellation_is_too_late_a_day_after_the_start(now, outcome):
    events = (BOOKED, AppointmentEvent("cancellation", oslo("2026-06-11 09:00")))
    [cancellation] = look("cancellation", now, state="cancelled", events=events)
    assert cancellation.outcome == outcome


def test_an_unknown_patient_is_waited_for_until_it_is_too_late():
    appointment = an_appointment(activity=active(), events=(booked_at("2026-06-10 12:00"),))
    waiting = decide_appointment(appointment, None, oslo("2026-06-10 12:05"))
    assert [one.outcome for one in waiting.verdicts if one.key.event == "confirmation"] == ["waits"]
    assert waiting.next_check_at == appointment.starts_at
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


STARTS, ELSEWHEN = oslo("2026-06-11 10:00"), oslo("2026-06-18 10:00")


def told(event="confirmation", at="2026-06-03 12:05", starts_at=STARTS, location="", number=1, **facts) -> Told:
    return Told(oslo(at), Place(starts_at, location), Key(event, number), **facts)


@pytest.mark.parametrize(
    ("tellings", "reason"),
    [
        pytest.param((), None, id="told nothing"),
        pytest.param((told(),), "covered", id="moved and moved back: told so by the confirmation"),
        pytest.param((told("reminder", number=STARTS),), "covered", id="told so by the reminder"),
        pytest.param((told(starts_at=ELSEWHEN),), None, id="told another time"),
        pytest.param((told(location="Rom 2"),), None, id="told another place"),
        pytest.param(
            (told(), told("change", "2026-06-03 12:10", ELSEWHEN, number=9)), None, id="told another time since"
        ),
        pytest.param((told(), told("cancellation", "2026-06-03 12:10")), None, id="told since that it is cancelled"),
        pytest.param((told(is_certain=False),), None, id="where the last is uncertain, nothing is covered"),
        pytest.param((told("change"),), None, id="by itself, on its other channel"),
    ],
)
def test_a_change_is_covered_by_the_last_that_the_patient_was_told(tellings, reason):
    events = (BOOKED, AppointmentEvent("change", oslo("2026-06-03 12:20"), True))
    [change] = look("change", "2026-06-03 12:25", events=events, told=tellings)
    assert change.reason == reason


@pytest.mark.parametrize(
    ("tellings", "reason"),
    [
        pytest.param((told(at="2026-06-09 09:59:59"),), None, id="a second before the 48 hours"),
        pytest.param((told(at="2026-06-09 10:00:00"),), "covered", id="48 hours before, that second included"),
        pytest.param((told("change", "2026-06-09 10:30"),), "covered", id="by a change"),
        pytest.param((told("change", "2026-06-09 10:30", ELSEWHEN),), None, id="told another time"),
        pytest.param(
            (told(at="2026-06-09 10:10"), told("cancellation", "2026-06-09 10:20")), None, id="cancelled since"
        ),
        pytest.param((told(at="2026-06-09 10:10", is_certain=False),), None, id="uncertain"),
    ],
)
def test_a_reminder_is_covered_by_what_was_told_in_the_last_48_hours(tellings, reason):
    [reminder] = look("reminder", "2026-06-09 11:00", told=tellings)
    assert reminder.reason == reason


CANCELLED_THEN = AppointmentEvent("cancellation", oslo("2026-06-03 12:25"), place=Place(ELSEWHEN, ""))


@pytest.mark.parametrize(
    ("tellings", "starts_at"),
    [
        pytest.param((told(),), STARTS, id="what the patient was last told"),
        pytest.param((), ELSEWHEN, id="its own, told nothing"),
        pytest.param((told(is_certain=False),), ELSEWHEN, id="its own, where the last is uncertain"),
        pytest.param((told(), told("cancellation", "2026-06-03 12:20", number=7)), ELSEWHEN, id="cancelled since"),
    ],
)
def test_a_cancellation_gives_what_the_patient_was_last_told(tellings, starts_at):
    appointment = an_appointment(state="cancelled", starts_at=ELSEWHEN, events=(BOOKED, CANCELLED_THEN), told=tellings)
    assert details_given(appointment, Key("cancellation", 1)).starts_at == starts_at


@pytest.mark.parametrize(
    ("booked_starts", "reason"),
    [
        pytest.param({STARTS}, "superseded", id="booked again, or moved under a new id"),
        pytest.param({ELSEWHEN}, None, id="another one at another time"),
        pytest.param(set(), None, id="no other"),
    ],
)
def test_a_cancellation_is_superseded_where_the_patient_has_an_appointment_at_that_time(booked_starts, reason):
    facts = {"state": "cancelled", "told": (told(),), "booked_starts": frozenset(booked_starts)}
    [cancellation] = look("cancellation", "2026-06-03 12:30", events=(BOOKED, CANCELLED_THEN), **facts)
    assert cancellation.reason == reason


@pytest.mark.parametrize(
    ("cancelled_at", "now", "reason"),
    [
        pytest.param("2026-06-11 09:59:59", "2026-06-12 09:59:59", None, id="a second before the start, a day later"),
        pytest.param("2026-06-11 09:59:59", "2026-06-12 10:00:00", "too_late", id="24 hours after the start"),
        pytest.param("2026-06-11 10:00:00", "2026-06-11 10:05:00", "too_late", id="made when the start had come"),
    ],
)
def test_when_a_cancellation_is_too_late(cancelled_at, now, reason):
    events = (BOOKED, AppointmentEvent("cancellation", oslo(cancelled_at), place=Place(STARTS, "")))
    [cancellation] = look("cancellation", now, state="cancelled", events=events)
    assert cancellation.reason == reason


OFF_SINCE = turned(("2026-06-01 08:00", True), ("2026-06-09 09:00", False))


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        pytest.param("2026-06-09 10:01", "never", id="off at 48 hours before, never on since"),
        pytest.param("2026-06-10 00:00", "never", id="nor later"),
    ],
)
def test_a_reminder_that_was_not_active_is_not_due_without_an_activation(now, outcome):
    [reminder] = look("reminder", now, activity=active(kind=OFF_SINCE))
    assert (reminder.outcome, reminder.reason) == (outcome, "type_off")


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        pytest.param("2026-06-09 10:01", "waits", id="Tuesday, the second day before"),
        pytest.param("2026-06-09 23:59:59", "waits", id="the last second of that day"),
        pytest.param("2026-06-10 00:00", "skip", id="Wednesday, the day before"),
    ],
)
def test_a_reminder_that_r5_could_still_make_due_waits(now, outcome):
    off = turned(("2026-06-01 08:00", True), ("2026-06-09 10:00:30", False))
    [reminder] = look("reminder", now, activity=active(kind=off))
    assert (reminder.outcome, reminder.reason) == (outcome, "type_off")
    assert reminder.look_again_at == (oslo("2026-06-10 00:00") if outcome == "waits" else None)


@pytest.mark.parametrize("event", ["confirmation", "reminder"])
def test_what_a_stopped_file_would_upset_waits(event):
    now = {"confirmation": "2026-06-03 12:05", "reminder": "2026-06-09 10:00"}[event]
    [notice] = look(event, now, held_by=7)
    assert (notice.outcome, notice.reason, notice.look_again_at) == ("waits", "held", STARTS)


def test_what_became_known_too_late_is_too_late_though_nobody_knows_the_patient():
    late = AppointmentEvent("booking", oslo("2026-06-03 12:00"), known_at=oslo("2026-06-11 10:00"))
    [confirmation] = look("confirmation", "2026-06-11 12:00", None, events=(late,))
    assert confirmation.reason == "too_late"


TAKEOVER = AppointmentEvent("takeover", oslo("2026-06-03 12:20"))
OF_THE_NEW = AppointmentEvent("booking", oslo("2026-06-03 12:20"))


def of_tenure(verdicts, tenure):
    return [(one.key.event, one.outcome, one.reason) for one in verdicts if one.key.tenure == tenure]


def test_what_had_not_gone_out_to_the_old_patient_is_superseded_but_for_a_cancellation():
    old = (BOOKED, AppointmentEvent("change", oslo("2026-06-03 12:10"), True), CANCELLED_THEN)
    appointment = an_appointment(events=(*old, TAKEOVER, OF_THE_NEW), former=(Holder(a_patient()),))
    verdicts = decide_appointment(appointment, a_patient(), oslo("2026-06-03 12:31")).verdicts
    assert of_tenure(verdicts, 0) == [
        ("confirmation", "skip", "superseded"),
        ("change", "skip", "superseded"),
        ("cancellation", "send", None),
    ]
    assert of_tenure(verdicts, 1) == [("confirmation", "send", None), ("reminder", "planned", None)]


def test_a_reminder_for_the_same_start_is_another_notice_for_the_new_patient():
    written = frozenset({Key("confirmation", 1), Key("reminder", STARTS), Key("confirmation", 2, 1)})
    takeover = dataclasses.replace(TAKEOVER, at=oslo("2026-06-08 12:00"))
    booking = dataclasses.replace(OF_THE_NEW, at=oslo("2026-06-08 12:00"))
    facts = {"events": (BOOKED, takeover, booking), "former": (Holder(a_patient()),), "written": written}
    verdicts = decide_appointment(an_appointment(**facts), a_patient(), oslo("2026-06-09 10:00")).verdicts
    assert ("reminder", "send", None) in of_tenure(verdicts, 1)


def test_what_was_told_to_the_old_patient_is_not_told_to_the_new():
    facts = {"events": (BOOKED, TAKEOVER, OF_THE_NEW), "former": (Holder(a_patient()),)}
    tellings = (told(at="2026-06-09 10:00:00"),)
    verdicts = decide_appointment(
        an_appointment(told=tellings, **facts), a_patient(), oslo("2026-06-09 11:00")
    ).verdicts
    assert ("reminder", "send", None) in of_tenure(verdicts, 1)


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
events = st.lists(
    st.builds(
        AppointmentEvent, st.sampled_from(["booking", "migration", "change", "cancellation"]), MINUTES, st.booleans()
    ),
    max_size=5,
).map(lambda some: tuple(sorted(some, key=lambda one: one.at)))
appointments = st.builds(
    Appointment,
    state=st.sampled_from(["booked", "open", "cancelled", "ended"]),
    starts_at=MINUTES,
    location=st.sampled_from(["", "Rom 2"]),
    events=events,
    activity=st.builds(active, switches, switches),
    zone=st.just(OSLO),
    third_party_sends=st.booleans(),
    told=st.lists(
        st.builds(
            Told,
            MINUTES,
            st.builds(Place, MINUTES, st.just("")),
            st.builds(Key, st.sampled_from(["confirmation", "change", "cancellation"]), st.integers(1, 3)),
            st.booleans(),
        ),
        max_size=2,
    ).map(lambda some: tuple(sorted(some, key=lambda telling: telling.at))),
    booked_starts=st.frozensets(MINUTES, max_size=1),
    held_by=st.none() | st.just(7),
)
patients = st.none() | st.builds(
    a_patient,
    known_since=MINUTES,
    consent=st.booleans(),
    preferred=st.sampled_from([None, "email", "sms", "both"]),
    possible=st.frozensets(st.sampled_from(["email", "sms", "push"])),
)


@pytest.mark.slow
@given(appointments, patients, MINUTES)
def test_whatever_the_facts_each_notice_has_one_verdict_and_a_reason(appointment, patient, now):
    decision = decide_appointment(appointment, patient, now)
    keys = [one.key for one in decision.verdicts if one.outcome != "never"]
    assert len(keys) == len(set(keys))
    for one in decision.verdicts:
        assert (one.outcome == "send") == bool(one.channels and one.due_at is not None and one.due_at <= now)
        assert one.reason if one.outcome in ("skip", "never", "waits") else True
        assert one.outcome != "send" or appointment.state == "booked" or one.key.event == "cancellation"


@pytest.mark.slow
@given(appointments, patients, MINUTES)
def test_looking_again_after_writing_writes_nothing_more(appointment, patient, now):
    first = decide_appointment(appointment, patient, now)
    written = frozenset(one.key for one in first.verdicts if one.outcome in ("send", "skip"))
    again = decide_appointment(dataclasses.replace(appointment, written=written), patient, now)
    assert not [one for one in again.verdicts if one.outcome in ("send", "skip")]
    assert again.next_check_at is None or again.next_check_at > now


@pytest.mark.slow
@given(appointments, patients, MINUTES, MINUTES)
def test_nothing_becomes_due_before_the_moment_to_look_again(appointment, patient, now, later):
    turns = appointment.activity.turning_points_after(now)
    first = decide_appointment(appointment, patient, now)
    written = frozenset(one.key for one in first.verdicts if one.outcome in ("send", "skip"))
    handled = dataclasses.replace(appointment, written=written)
    next_check_at = decide_appointment(handled, patient, now).next_check_at
    until = min([later, *([next_check_at] if next_check_at is not None else []), *turns])
    if until <= now or until == next_check_at or until in turns:
        return
    at_that_time = decide_appointment(handled, patient, until)
    assert not [one for one in at_that_time.verdicts if one.outcome in ("send", "skip")]
