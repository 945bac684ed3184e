"""How a message tells when an appointment is, in each language, by the clock of the clinic's zone.

pendulum gives the names of days and months, asked once a language: it takes 60 µs to write a date and 50 ms to import.
Source: SPEC section 6.
"""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo


class DateInWords(NamedTuple):
    """`when` is the whole as one writes it in a sentence; `when_short` lacks the year, which the weekday tells."""

    when: str
    when_short: str
    weekday: str
    date: str
    time: str


@lru_cache(10_000)
def date_in_words(language: str, instant: int, zone: ZoneInfo) -> DateInWords:
    """The UTC epoch seconds `instant` in `nb`, `nn` or `en`, such as "torsdag 11. juni 2026 kl. 10.00"."""
    local = datetime.fromtimestamp(instant, zone)
    weekdays, months = _names(language)
    weekday, month = weekdays[local.weekday()], months[local.month - 1]
    if language == "en":
        day, at, time = f"{local.day} {month}", "at", f"{local:%H:%M}"
    else:
        day, at, time = f"{local.day}. {month}", "kl.", f"{local:%H.%M}"
    date = f"{day} {local.year}"
    return DateInWords(f"{weekday} {date} {at} {time}", f"{weekday} {day} {at} {time}", weekday, date, time)


@lru_cache
def _names(language: str) -> tuple[list[str], list[str]]:
    """The weekdays from Monday and the months from January."""
    import pendulum

    monday = pendulum.datetime(2024, 1, 1)
    weekdays = [monday.add(days=days).format("dddd", locale=language) for days in range(7)]
    return weekdays, [monday.add(months=months).format("MMMM", locale=language) for months in range(12)]
