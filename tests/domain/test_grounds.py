"""SPEC sections 4 and 7: the facts by which a notice is decided are those that its rule asked for, and no others."""

import pytest

from notifycli.domain.grounds import grounds_of
from notifycli.domain.model import Activity, Appointment
from notifycli.domain.rules import decide_appointment
from notifycli.domain.switches import Switch
from tests.support.facts import LONG_AGO, a_patient, active, an_appointment, booked_at, oslo, turned

NOW = oslo("2026-06-09 12:00")
TURNED_ON_LATE = turned(("2026-06-09 11:00", True))


def of_reminder(appointment: Appointment) -> dict[str, object]:
    verdicts = decide_appointment(appointment, a_patient(), NOW).verdicts
    [reminder] = [verdict for verdict in verdicts if verdict.key.event == "reminder"]
    return dict(grounds_of(reminder, appointment, a_patient(), NOW))


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
    assert of_reminder(appointment).get("activated_at", "left out") == expected


def test_a_switch_that_is_off_now_is_named_to_be_enabled() -> None:
    module = Switch(((LONG_AGO, True), (oslo("2026-06-09 09:00"), False)), "timebook")
    grounds = of_reminder(an_appointment(activity=Activity(module)))
    assert {name: fact for name, fact in grounds.items() if name.startswith("module")} == {
        "module": "timebook",
        "module_to_enable": "timebook",
        "module_off_since": oslo("2026-06-09 09:00"),
    }
