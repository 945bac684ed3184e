"""A made-up appointment, to show what a patient would read, and how long it can get. Knows no stored patient."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from notifycli.domain.words import Event
from notifycli.wording.overrides import BY
from notifycli.wording.values import APPOINTMENT_EVENTS, Particulars

NO_CLINIC = Particulars(
    "Nidelv legesenter", "https://nidelv.example/portal", None, ZoneInfo("Europe/Oslo"), phone="73 00 00 00"
)
PLACE, EARLIER_PLACE = "Storgata 14, 2. etasje", "Storgata 12"
THURSDAY = 3
LONGEST_MONTH = 9  # September, in all three languages


def sample(event: Event, clinic: Particulars, now: int) -> Particulars:
    """At ten on a Thursday, a week after `now` (UTC epoch seconds); a change moves it from Wednesday at nine."""
    if event not in APPOINTMENT_EVENTS:
        return clinic
    soonest = datetime.fromtimestamp(now, clinic.zone) + timedelta(days=7)
    day = soonest + timedelta(days=(THURSDAY - soonest.weekday()) % 7)
    return _at(day.replace(hour=10, minute=0, second=0), event, clinic)


def longest(event: Event, clinic: Particulars) -> Iterator[Particulars]:
    """Every kind of notice of that event, on every day of a week in the month with the longest name."""
    if event not in APPOINTMENT_EVENTS:
        yield clinic
        return
    for day, by in product(range(20, 27), BY):
        yield replace(_at(datetime(2026, LONGEST_MONTH, day, 10, tzinfo=clinic.zone), event, clinic), by=by)


def _at(starts: datetime, event: Event, clinic: Particulars) -> Particulars:
    at = replace(clinic, starts_at=int(starts.timestamp()), location=PLACE, by="clinic")
    if event != "change":
        return at
    before = (starts - timedelta(days=1)).replace(hour=9)
    return replace(at, was_starts_at=int(before.timestamp()), was_location=EARLIER_PLACE)
