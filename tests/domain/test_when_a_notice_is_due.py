"""SPEC section 4, R1 to R7: each rule at its boundary. June 2026: the 8th is a Monday, the 11th a Thursday."""

from zoneinfo import ZoneInfo

import pytest

from notifycli.domain.model import Activity, AppointmentEvent, Key, Post
from notifycli.domain.rules import decide_appointment, decide_post
from notifycli.domain.switches import NEVER_TURNED
from tests.support.facts import ON, a_patient, active, an_appointment, booked_at, oslo, turned


def verdict(decision, event):
    """The last verdict about an event: the one of its newest appointment_event."""
    return [one for one in decision.verdicts if one.key.event == event][-1]


def look(event, now, **facts):
    return verdict(decide_appointment(an_appointment(**facts), a_patient(), oslo(now)), event)


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        pytest.param("2026-06-03 12:04:59", "planned", id="five minutes less a second"),
        pytest.param("2026-06-03 12:05:00", "send", id="five minutes"),
        pytest.param("2026-06-05 03:00:00", "send", id="late, at any hour of day"),
    ],
)
def test_a_confirmation_is_due_five_minutes_after_the_booking(now, outcome):
    confirmation = look("confirmation", now)
    assert (confirmation.outcome, confirmation.due_at) == (outcome, oslo("2026-06-03 12:05"))


@pytest.mark.parametrize(
    ("booked", "outcome", "reason"),
    [
        pytest.param("2026-06-09 09:59:59", "planned", None, id="48:00:01 before"),
        pytest.param("2026-06-09 10:00:00", "planned", None, id="48:00:00 before"),
        pytest.param("2026-06-09 10:00:01", "never", "booked_late", id="47:59:59 before"),
    ],
)
def test_only_what_is_registered_48_hours_before_is_reminded_of(booked, outcome, reason):
    reminder = look("reminder", "2026-06-09 09:59:59", events=(booked_at(booked),))
    assert (reminder.outcome, reminder.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("starts", "due"),
    [
        pytest.param("2026-06-11 10:00", "2026-06-09 10:00", id="thursday at ten: tuesday at ten"),
        pytest.param("2026-03-30 10:00", "2026-03-28 09:00", id="monday after summer time began: an hour earlier"),
        pytest.param("2026-10-26 10:00", "2026-10-24 11:00", id="monday after summer time ended: an hour later"),
    ],
)
def test_a_reminder_is_due_48_elapsed_hours_before(starts, due):
    reminder = look("reminder", "2026-01-02 10:00", starts_at=oslo(starts), events=(booked_at("2026-01-01 12:00"),))
    assert (reminder.outcome, reminder.due_at) == ("planned", oslo(due))


@pytest.mark.parametrize(
    ("enabled", "outcome", "reason"),
    [
        pytest.param("2026-06-09 10:00:00", "send", None, id="tuesday, at the very moment: R4"),
        pytest.param("2026-06-09 15:00:00", "send", None, id="tuesday afternoon: at once"),
        pytest.param("2026-06-09 23:59:59", "send", None, id="tuesday, the last second of the day"),
        pytest.param("2026-06-10 00:00:00", "never", "activated_late", id="wednesday, its first second"),
        pytest.param("2026-06-10 08:00:00", "never", "activated_late", id="wednesday"),
    ],
)
def test_switched_on_late_reminds_at_once_up_to_the_second_calendar_day(enabled, outcome, reason):
    reminder = look("reminder", enabled, activity=active(kind=turned((enabled, True))))
    assert (reminder.outcome, reminder.reason) == (outcome, reason)
    assert reminder.due_at == (oslo(enabled) if outcome == "send" else None)


def test_the_calendar_day_is_the_one_of_the_clinic():
    enabled = "2026-06-10 00:30"  # still Tuesday in London
    activity = active(kind=turned((enabled, True)))
    in_london = look("reminder", enabled, activity=activity, zone=ZoneInfo("Europe/London"))
    assert in_london.outcome == "send"
    assert look("reminder", enabled, activity=activity).reason == "activated_late"


def test_what_is_switched_on_later_was_not_active_at_the_booking():
    later = active(kind=turned(("2026-06-05 08:00", True)))
    assert look("confirmation", "2026-06-05 08:01", activity=later).reason == "type_off"


def test_both_off_is_the_module():
    assert look("confirmation", "2026-06-03 12:05", activity=active(NEVER_TURNED, NEVER_TURNED)).reason == "module_off"


def test_an_appointment_without_a_type_is_off():
    assert look("confirmation", "2026-06-03 12:05", activity=Activity(ON, ())).reason == "type_off"


def test_the_first_type_counts_from_the_beginning_and_another_from_its_import():
    types = ((oslo("2026-06-04 08:00"), ON), (oslo("2026-06-08 08:00"), NEVER_TURNED))
    activity = Activity(ON, types)
    assert look("confirmation", "2026-06-05 12:00", activity=activity).outcome == "send"
    assert look("reminder", "2026-06-09 12:00", activity=activity).reason == "type_off"


def test_a_migration_is_not_confirmed_but_registers():
    events = (AppointmentEvent("migration", oslo("2026-06-08 10:00")),)
    assert look("confirmation", "2026-06-08 10:05", events=events).reason == "migrated"
    assert look("reminder", "2026-06-08 10:05", events=events).due_at == oslo("2026-06-09 10:00")


@pytest.mark.parametrize(
    ("moved", "outcome"),
    [
        pytest.param(True, "never", id="a new time registers anew"),
        pytest.param(False, "send", id="a new place does not"),
    ],
)
def test_only_a_new_time_counts_as_registered_at_the_change(moved, outcome):
    events = (booked_at("2026-06-03 12:00"), AppointmentEvent("change", oslo("2026-06-10 09:00"), moved))
    assert look("reminder", "2026-06-10 09:05", events=events).outcome == outcome


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        pytest.param("open", "not_booked", id="proposed"),
        pytest.param("cancelled", "seen_late", id="first seen cancelled"),
        pytest.param("ended", "seen_late", id="first seen ended"),
    ],
)
def test_what_was_never_booked_makes_nothing(state, reason):
    decision = decide_appointment(
        an_appointment(state=state, first_state=state, events=()), a_patient(), oslo("2026-06-03 12:05")
    )
    assert {(one.outcome, one.reason) for one in decision.verdicts} == {("never", reason)}
    assert decision.next_check_at is None


def a_post(event="dialog", at="2026-06-03 12:01", module=ON) -> Post:
    return Post(event, oslo(at) if at else None, Activity(module), 7 * 24 * 3600)


def test_a_dialog_is_due_at_once():
    [dialog] = decide_post(a_post(), a_patient(), oslo("2026-06-03 12:01")).verdicts
    assert (dialog.key, dialog.outcome, dialog.due_at) == (Key("dialog", 1), "send", oslo("2026-06-03 12:01"))


def test_an_unpaid_bill_card_makes_no_receipt():
    [receipt] = decide_post(a_post("receipt", at=None), a_patient(), oslo("2026-06-03 12:01")).verdicts
    assert (receipt.outcome, receipt.reason) == ("never", "unpaid")


@pytest.mark.parametrize(
    ("now", "outcome"),
    [("2026-06-10 12:00:59", "send"), ("2026-06-10 12:01:00", "skip")],
)
def test_a_dialog_is_too_late_after_seven_days(now, outcome):
    [dialog] = decide_post(a_post(), a_patient(), oslo(now)).verdicts
    assert dialog.outcome == outcome
