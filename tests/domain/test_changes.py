"""SPEC section 6: what a change says to have been before: what its patient goes by until it reaches them."""

import pytest

from notifycli.domain.changes import details_before_change
from notifycli.domain.model import AppointmentEvent, Key, Place, Told
from tests.support.facts import an_appointment, booked_at, oslo

TEN, NINE, EIGHT = (Place(oslo(f"2026-06-11 {hour}:00"), "") for hour in ("10", "09", "08"))
BOOKED = booked_at("2026-06-03 12:00")
LATER = oslo("2026-06-04 12:00")


def changed(before: Place, after: Place) -> AppointmentEvent:
    return AppointmentEvent("change", LATER, True, after, LATER, before)


def cancelled(place: Place) -> AppointmentEvent:
    return AppointmentEvent("cancellation", LATER, False, place, LATER, place)


def told(event: str, place: Place, is_certain: bool = True, tenure: int = 0) -> Told:
    return Told(LATER, place, Key(event, 1, tenure), is_certain)


@pytest.mark.parametrize(
    ("events", "told_before", "expected"),
    [
        pytest.param((BOOKED, changed(NINE, TEN)), (told("confirmation", NINE),), NINE, id="as it was confirmed"),
        pytest.param((BOOKED, changed(NINE, TEN)), (), NINE, id="nothing went out: as it was booked"),
        pytest.param((BOOKED, changed(EIGHT, NINE), changed(NINE, TEN)), (), EIGHT, id="nothing went out, moved twice"),
        pytest.param(
            (BOOKED, changed(EIGHT, NINE), changed(NINE, TEN)),
            (told("confirmation", EIGHT),),
            EIGHT,
            id="the change in between was not told",
        ),
        pytest.param(
            (BOOKED, changed(NINE, TEN)), (told("confirmation", NINE, is_certain=False),), None, id="nobody knows"
        ),
        pytest.param(
            (BOOKED, cancelled(EIGHT), AppointmentEvent("booking", LATER, before=EIGHT), changed(NINE, TEN)),
            (told("cancellation", EIGHT),),
            NINE,
            id="booked again since it was cancelled",
        ),
        pytest.param((BOOKED, AppointmentEvent("change", LATER)), (), None, id="not stored"),
    ],
)
def test_what_a_change_takes_the_place_of(events, told_before, expected):
    appointment = an_appointment(events=events, told=told_before)
    assert details_before_change(appointment, Key("change", 2)) == expected


def test_what_another_patient_was_told_is_not_told():
    takeover = AppointmentEvent("takeover", LATER, before=NINE)
    appointment = an_appointment(
        events=(BOOKED, takeover, BOOKED, changed(NINE, TEN)), told=(told("confirmation", EIGHT),)
    )
    assert details_before_change(appointment, Key("change", 1, 1)) == NINE
