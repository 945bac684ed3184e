"""Facts for the tests of the rules: an ordinary appointment and patient, of which a test names what differs."""

from datetime import datetime
from zoneinfo import ZoneInfo

from notifycli.domain.model import Activity, Appointment, AppointmentEvent, Patient
from notifycli.domain.switches import Switch

OSLO = ZoneInfo("Europe/Oslo")
LONG_AGO = 0
ON = Switch(((LONG_AGO, True),))


def oslo(text: str) -> int:
    """The instant of a Norwegian local time such as "2026-06-11 10:00"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=OSLO).timestamp())


def turned(*turns: tuple[str, bool]) -> Switch:
    return Switch(tuple((oslo(at), is_on) for at, is_on in turns))


def active(module: Switch = ON, kind: Switch = ON) -> Activity:
    return Activity(module, ((LONG_AGO, kind),))


def booked_at(text: str) -> AppointmentEvent:
    return AppointmentEvent("booking", oslo(text))


def an_appointment(**facts) -> Appointment:
    """Booked on Wednesday 3 June at noon for Thursday 11 June at ten, unless told otherwise."""
    usual = {
        "state": "booked",
        "starts_at": oslo("2026-06-11 10:00"),
        "location": "",
        "events": (booked_at("2026-06-03 12:00"),),
        "activity": active(),
        "zone": OSLO,
    }
    return Appointment(**(usual | facts))


def a_patient(**facts) -> Patient:
    usual = {"known_since": LONG_AGO, "consent": True, "preferred": None, "possible": frozenset({"email", "sms"})}
    return Patient(**(usual | facts))
