"""A calendar file says time, clinic and place, as the library that reads it back understands it, and no more."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from notifycli.wording import LANGUAGES
from notifycli.wording.calendar import CALENDAR_EVENTS, Entry, calendar_text
from notifycli.wording.values import in_one_line
from tests.support.facts import OSLO, oslo
from tests.support.messages import particulars

ENTRY = Entry(("0123", "nidelv", "A1"), 2, "post@nidelv.example", oslo("2026-06-03 12:05"))
ZONES = ["Europe/Oslo", "America/St_Johns", "Asia/Kathmandu", "Africa/Casablanca", "UTC"]
NAMES = {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "SUMMARY", "STATUS", "CLASS", "LOCATION", "ORGANIZER"}


def read(text: str) -> tuple[Calendar, Calendar]:
    """The calendar and its one entry."""
    calendar = Calendar.from_ical(text)
    [entry] = calendar.walk("VEVENT")
    assert entry.errors == []
    return calendar, entry


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_entry_names_clinic_time_and_place_alone(language):
    calendar, entry = read(calendar_text("confirmation", language, particulars("confirmation"), ENTRY))
    assert calendar["METHOD"] == "PUBLISH"
    assert set(entry) == NAMES
    assert entry["SUMMARY"] == ("Appointment with " if language == "en" else "Time hos ") + "Nidelv legesenter"
    assert (entry["LOCATION"], entry["STATUS"], entry["CLASS"]) == ("Storgata 1", "CONFIRMED", "PRIVATE")
    assert entry.decoded("DTSTART") == datetime(2026, 6, 11, 10, tzinfo=OSLO)
    assert entry["DTSTART"].params["TZID"] == "Europe/Oslo"
    assert entry.decoded("DTSTAMP") == datetime(2026, 6, 3, 10, 5, tzinfo=UTC)
    assert entry["SEQUENCE"] == 2
    assert str(entry["ORGANIZER"]) == "mailto:post@nidelv.example"


def test_what_is_not_known_is_not_there():
    bare = particulars("change", clinic="", location="")
    _, entry = read(calendar_text("change", "nb", bare, ENTRY._replace(organizer="")))
    assert set(entry) == NAMES - {"LOCATION", "ORGANIZER"}
    assert entry["SUMMARY"] == "Time"


def test_a_cancellation_takes_the_entry_away():
    calendar, entry = read(calendar_text("cancellation", "nb", particulars("cancellation"), ENTRY))
    assert (calendar["METHOD"], entry["STATUS"]) == ("CANCEL", "CANCELLED")


def test_an_appointment_keeps_its_uid_and_no_other_has_it():
    def uid(*parts: str) -> str:
        return str(
            read(calendar_text("change", "nb", particulars("change"), ENTRY._replace(parts_of_uid=parts)))[1]["UID"]
        )

    assert uid("0123", "nidelv", "A1") == uid("0123", "nidelv", "A1")
    all_parts = [
        ("0123", "nidelv", "A1"),
        ("0124", "nidelv", "A1"),
        ("0123", "nidelv", "A1", "1"),
        ("0123", "nidelvA", "1"),
    ]
    assert len({uid(*parts) for parts in all_parts}) == len(all_parts)


def test_the_clinics_clock_stands_in_the_file():
    calendar, _ = read(calendar_text("change", "nb", particulars("change"), ENTRY))
    [clock] = calendar.walk("VTIMEZONE")
    assert clock["TZID"] == "Europe/Oslo"
    turns = {f"{part.decoded('DTSTART'):%m-%d %H:%M}": part["TZOFFSETTO"].to_ical() for part in clock.subcomponents}
    assert turns["03-29 03:00"] == "+0200"
    assert turns["10-25 03:00"] == "+0100"


@pytest.mark.slow
@settings(deadline=None)  # the first one imports the library
@given(
    st.text(max_size=100),
    st.text(max_size=100),
    st.integers(0, 4_000_000_000),
    st.sampled_from(ZONES),
    st.sampled_from(CALENDAR_EVENTS),
    st.sampled_from(LANGUAGES),
    st.integers(0, 10_000),
    st.integers(0, 4_000_000_000),
)
def test_whatever_is_filled_in_reads_back(clinic, location, starts_at, zone, event, language, sequence, at):
    facts = replace(particulars(event), clinic=clinic, location=location, starts_at=starts_at, zone=ZoneInfo(zone))
    text = calendar_text(event, language, facts, ENTRY._replace(sequence=sequence, at=at))
    calendar, entry = read(text)
    assert entry["SEQUENCE"] == sequence
    local = datetime.fromtimestamp(starts_at, ZoneInfo(zone))
    assert entry.decoded("DTSTART").replace(tzinfo=None) == local.replace(tzinfo=None)
    assert entry.decoded("DTSTAMP") == datetime.fromtimestamp(at, UTC)
    assert entry.get("LOCATION", "") == in_one_line(location)
    assert str(entry["SUMMARY"]).endswith(in_one_line(clinic))
    assert [line for line in text.split("\r\n") if len(line.encode()) > 75] == []
    assert len(calendar.walk("VTIMEZONE")) == (zone != "UTC")
    assert set(entry) <= NAMES


def test_an_appointments_file_without_a_time_is_an_error():
    with pytest.raises(ValueError, match="a change needs starts_at"):
        calendar_text("change", "nb", particulars("change", starts_at=None), ENTRY)
