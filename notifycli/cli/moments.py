"""Times as people type them at a prompt: `today`, `-2d`, `14:30`, a day alone, or a date with a time."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from notifycli.domain.errors import UsageError
from notifycli.domain.sentences import N_, Sentence
from notifycli.intake.cells import times

DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.\d{4}", re.ASCII)
CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)
AWAY = re.compile(r"([+-])(\d{1,5})([mhdw])", re.ASCII)
DAYS_AWAY = {
    **{"yesterday": -1, "today": 0, "tomorrow": 1},
    **{"i går": -1, "i dag": 0, "i morgen": 1, "igår": -1, "idag": 0, "imorgen": 1},
}
ELAPSED = {"m": 60, "h": 3600}  # seconds; of days and weeks the clock's time stays, whatever summer time does
DAYS = {"d": 1, "w": 7}
HOW_TO_WRITE = N_("write it like 2026-06-03T12:00, 03.06.2026 12:00, 03.06.2026, today, 14:30, -2d or +3h")


class NotAMoment(UsageError):
    """The text is no time; the message says so."""


class Span(NamedTuple):
    """UTC epoch seconds: of a day its midnight and the next one, of anything else the same instant twice."""

    begins_at: int
    ends_at: int


def span_of(text: str, zone: str, now: int) -> Span:
    """What a text means, said at `now` in `zone`. Raises NotAMoment."""
    try:
        return _span_of(text, zone, now)
    except OverflowError as error:
        raise NotAMoment(Sentence("that is too far away"), Sentence(HOW_TO_WRITE)) from error
    except times.NoForm as error:
        raise NotAMoment(Sentence('"{text}" is not a date with a time', text=text), Sentence(HOW_TO_WRITE)) from error
    except times.NotATime as error:
        raise NotAMoment(error.message, Sentence(HOW_TO_WRITE)) from error


def _span_of(text: str, zone: str, now: int) -> Span:
    words = " ".join(text.split()).lower()
    here = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(zone))
    if away := AWAY.fullmatch(words):
        number, unit = int(f"{away[1]}{away[2]}"), away[3]
        if unit in DAYS:
            at = int((here + timedelta(days=number * DAYS[unit])).timestamp())
        else:
            at = int(here.timestamp()) + number * ELAPSED[unit]
        return Span(at, at)
    day, _, clock = words.rpartition(" ") if CLOCK.fullmatch(words.rpartition(" ")[2]) else (words, "", "")
    if clock and day in ("", *DAYS_AWAY):
        at = _instant(f"{_date(here, DAYS_AWAY.get(day, 0))} {clock.replace('.', ':')}", zone)
        return Span(at, at)
    if words in DAYS_AWAY:
        return _day(_date(here, DAYS_AWAY[words]), zone)
    if DATE.fullmatch(words):
        return _day(words, zone)
    at = _instant(text.strip(), zone)
    return Span(at, at)


def _date(here: datetime, days: int) -> str:
    return (here + timedelta(days=days)).strftime("%d.%m.%Y")


def _day(date: str, zone: str) -> Span:
    begins_at = _instant(f"{date} 00:00", zone)
    next_day = datetime.fromtimestamp(begins_at, ZoneInfo(zone)) + timedelta(days=1)
    return Span(begins_at, int(next_day.timestamp()))


def _instant(text: str, zone: str) -> int:
    return times.instant(text, ZoneInfo(zone)).at
