"""The calendar file (RFC 5545) beside an e-mail about an appointment: its time, its clinic and its place, no more.

PUBLISH and CANCEL, which a calendar takes without asking its owner for an answer. The library is imported when the
first file is asked for (150 ms), and writes each kind of entry once, since it takes 2 ms; the four lines that differ
between appointments of one place are filled in. Must not know patients, stores or how a message travels.
"""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from notifycli.domain.words import Event
from notifycli.wording.values import Particulars, in_one_line

if TYPE_CHECKING:
    from icalendar import Timezone

CALENDAR_EVENTS = ("confirmation", "change", "cancellation")
SUMMARY = {"nb": "Time hos {}", "nn": "Time hos {}", "en": "Appointment with {}"}
SUMMARY_WITHOUT_CLINIC = {"nb": "Time", "nn": "Time", "en": "Appointment"}
FILE_NAME = {"nb": "time.ics", "nn": "time.ics", "en": "appointment.ics"}
OURS = UUID("6f3f1d0e-6a4c-5b0e-9d0a-3f5b7f0c2a11")  # of which each entry's own is made; another makes doubles
TO_FILL_IN = re.compile(r"(?<=\r\n)(?:UID|SEQUENCE|DTSTAMP|DTSTART)\b[^\r]*")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

Method = Literal["PUBLISH", "CANCEL"]


class Entry(NamedTuple):
    """One appointment in its patient's calendar, and which version of it this is.

    `parts_of_uid` are the same for all versions; `organizer` an e-mail address, "" for none; `at` is when the file is
    made, UTC epoch seconds.
    """

    parts_of_uid: tuple[str, ...]
    sequence: int
    organizer: str
    at: int


def method_of(event: Event) -> Method:
    return "CANCEL" if event == "cancellation" else "PUBLISH"


def calendar_text(event: Event, language: str, particulars: Particulars, entry: Entry) -> str:
    """The file for a confirmation, change or cancellation, its lines ending in CRLF. ValueError without starts_at."""
    if particulars.starts_at is None:
        raise ValueError(f"a {event} needs starts_at")
    starts = datetime.fromtimestamp(particulars.starts_at, particulars.zone)
    clinic, location = in_one_line(particulars.clinic), in_one_line(particulars.location)
    form = _form(method_of(event), language, clinic, location, entry.organizer, particulars.zone, starts.year)
    filled_in = {
        "UID": str(uuid5(OURS, "\0".join(entry.parts_of_uid))),
        "SEQUENCE": str(entry.sequence),
        "DTSTAMP": f"{datetime.fromtimestamp(entry.at, UTC):%Y%m%dT%H%M%SZ}",
        "DTSTART": f"{starts:%Y%m%dT%H%M%S}{'Z' if form.is_in_utc else ''}",
    }
    return "".join((form.head, *(f"{line}:{filled_in[name]}{rest}" for line, name, rest in form.pieces)))


class _Form(NamedTuple):
    """`pieces`: the beginning of a line to fill in, its name, and the text between its value and the next one."""

    head: str
    pieces: tuple[tuple[str, str, str], ...]
    is_in_utc: bool


@lru_cache(1_000)
def _form(
    method: Method, language: str, clinic: str, location: str, organizer: str, zone: ZoneInfo, year: int
) -> _Form:
    text = _flattened(method, language, clinic, location, organizer, zone, year)
    zone_ends = text.index("BEGIN:VEVENT")  # the parts of a VTIMEZONE have a DTSTART each, too
    lines = list(TO_FILL_IN.finditer(text, zone_ends))
    ends = [*(line.start() for line in lines[1:]), len(text)]
    pieces = [
        (line[0].rpartition(":")[0], re.split("[:;]", line[0])[0], text[line.end() : end])
        for line, end in zip(lines, ends, strict=True)
    ]
    return _Form(text[: lines[0].start()], tuple(pieces), zone.key == "UTC")


def _flattened(
    method: Method, language: str, clinic: str, location: str, organizer: str, zone: ZoneInfo, year: int
) -> str:
    """As the library writes it, with the zone's clock of that year."""
    from icalendar import Calendar, vCalAddress
    from icalendar import Event as CalendarEvent

    entry = CalendarEvent()
    entry.add("uid", "")
    entry.add("sequence", 0)
    entry.add("dtstamp", LONG_AGO)
    entry.add("dtstart", datetime(year, 1, 1, tzinfo=zone))
    entry.add("summary", SUMMARY[language].format(clinic) if clinic else SUMMARY_WITHOUT_CLINIC[language])
    entry.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    entry.add("class", "PRIVATE")  # who may look into the calendar sees a time that is taken
    if location:
        entry.add("location", location)
    if organizer:  # RFC 5546 asks for one; without attendees nobody is asked to answer
        address = vCalAddress(f"mailto:{organizer}")
        if clinic:
            address.params["CN"] = clinic.replace('"', "'")
        entry.add("organizer", address)
    calendar = Calendar()
    calendar.add("prodid", "-//notifycli//notify//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if zone.key != "UTC":
        calendar.add_component(_clock_of(zone, year))
    calendar.add_component(entry)
    text: str = calendar.to_ical().decode()
    return text


@lru_cache
def _clock_of(zone: ZoneInfo, year: int) -> "Timezone":
    from icalendar import Timezone

    clock = Timezone.from_tzinfo(zone, zone.key, first_date=date(year, 1, 1), last_date=date(year + 1, 1, 1))
    clock.pop("COMMENT", None)  # that it holds for this year alone, which an entry of this year need not say
    return clock
