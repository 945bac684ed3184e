"""SPEC sections 4 and 7: the facts by which a notice is decided are those that its rule asked for, and no others."""

import pytest

from notifycli.domain.grounds import grounds_of
from notifycli.domain.model import Activity, Appointment, AppointmentEvent
from notifycli.domain.rules import decide_appointment
from notifycli.domain.switches import Switch
from tests.support.facts import LONG_AGO, a_patient, active, an_appointment, booked_at, oslo, turned

NOW = oslo("2026-06-09 12:00")
TURNED_ON_LATE = turned(("2026-06-09 11:00", True))


def of_notice(event: str, appointment: Appointment, number: int = 1) -> dict[str, object]:
    """Of the notice of that event, or of so many."""
    verdicts = decide_appointment(appointment, a_patient(), NOW).verdicts
    of_event = sorted((verdict for verdict in verdicts if verdict.key.event == event), key=lambda verdict: verdict.key)
    return dict(grounds_of(of_event[number - 1], appointment, a_patient(), NOW))


@pytest.mark.parametrize(
    ("appointment", "expected"),
    [
        pytest.param(an_appointment(), "left out", id="due 48 hours before"),
        pytest.param(
            an_appointment(activity=active(module=TURNED_ON_LATE)), oslo("2026-06-09 11:00"), id="due by the switch"
        ),
        pytest.param(
            an_appointment(activity=active(module=TURNED_ON_LATE), starts_at=oslo("2026-06-10 10:00")),
            oslo("2026-06-09 11:00"),
            id="switched on too late",
        ),
        pytest.param(an_appointment(events=(booked_at("2026-06-10 12:00"),)), "left out", id="booked late"),
        pytest.param(an_appointment(state="cancelled"), "left out", id="not booked"),
    ],
)
def test_when_a_switch_made_a_reminder_due(appointment: Appointment, expected: int | str) -> None:
    assert of_notice("reminder", appointment).get("activated_at", "left out") == expected


def test_a_switch_that_is_off_now_is_named_to_be_enabled() -> None:
    module = Switch(((LONG_AGO, True), (oslo("2026-06-09 09:00"), False)), "timebook")
    grounds = of_notice("reminder", an_appointment(activity=Activity(module)))
    assert {name: fact for name, fact in grounds.items() if name.startswith("module")} == {
        "module": "timebook",
        "module_to_enable": "timebook",
        "module_off_since": oslo("2026-06-09 09:00"),
    }


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        pytest.param(
            [("2026-06-01 09:00", True), ("2026-06-02 09:00", False), ("2026-06-05 09:00", True)],
            {"module_off_since": oslo("2026-06-02 09:00")},
            id="off when it was booked, on by now",
        ),
        pytest.param(
            [("2026-06-05 09:00", True)], {"module_first_on_at": oslo("2026-06-05 09:00")}, id="not on before"
        ),
    ],
)
def test_how_a_switch_stood_when_it_was_booked(turns: list[tuple[str, bool]], expected: dict[str, int]) -> None:
    grounds = of_notice("confirmation", an_appointment(activity=active(module=turned(*turns))))
    assert {name: fact for name, fact in grounds.items() if name.startswith("module")} == expected


def test_which_of_two_changes_became_known_too_late() -> None:
    known_in_time, known_too_late = oslo("2026-06-08 09:00"), oslo("2026-06-09 11:00")
    changes = [
        AppointmentEvent("change", oslo("2026-06-08 08:00"), True, known_at=known_at)
        for known_at in (known_in_time, known_too_late)
    ]
    starts_at = oslo("2026-06-09 10:00")
    appointment = an_appointment(events=(booked_at("2026-06-03 12:00"), *changes), starts_at=starts_at)
    grounds = of_notice("change", appointment, number=2)
    assert (grounds["too_late_at"], grounds["known_at"]) == (starts_at, known_too_late)
