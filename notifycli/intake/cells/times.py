"""Turns a time as an export writes it into an instant: UTC epoch seconds.

Is told the zone; must not know columns or clinics. Source: SPEC section 3, "Times".
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from notifycli.domain.errors import NotifyError
from notifycli.domain.sentences import Sentence
from notifycli.intake.cells import date_forms
from notifycli.intake.cells.date_forms import ColumnTells, Unclear, untold

LIKE_A_TIME = re.compile(r"\d{1,4}([-./]\d{1,4}){1,2}([T ]+\d{1,2}([:.]\d{1,2}){0,2})?Z?", re.ASCII)
LIKE_ISO = re.compile(r"[\dW-]{8,10}[T ]\d\d(?![.,])", re.ASCII)  # 09.30 is no share of an hour
MOST_HOURS = 50_000  # that are remembered of one zone
PLAIN_HOUR = re.compile(r"(?:\d{4}-\d{2}-\d{2}|\d{2}\.\d{2}\.\d{4})[T ](?:[01]\d|2[0-3])", re.ASCII)
NORWEGIAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)


class NotATime(NotifyError):
    """The text is no date with a time, or a local time that daylight saving skips; the message says which."""


class NoForm(NotATime):
    """The text has no form of a time, or one of a day that there is not."""


class Instant(NamedTuple):
    """UTC epoch seconds; `occurs_twice` where summer time ends and the first of the two was taken."""

    at: int
    occurs_twice: bool = False


def instant(text: str, zone: ZoneInfo, column: Callable[[], ColumnTells] = untold) -> Instant:
    """Reads ISO 8601, or a form that can mean one thing only; without an offset it is local time in `zone`.

    `column`: what the other cells tell, where the text needs them. Raises NotATime.
    """
    plain = text.strip()
    moment: datetime | None = None
    try:
        if LIKE_ISO.match(plain):
            with suppress(ValueError):
                moment = datetime.fromisoformat(plain)
        if moment is None and (parts := NORWEGIAN.fullmatch(plain)):
            day, month, year, hour, minute, second = (int(part or 0) for part in parts.groups())
            moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - its zone comes below
        moment = moment or date_forms.read(plain, column)
    except Unclear as error:
        raise NotATime(str(error)) from error
    except (ValueError, OverflowError) as error:
        raise _not_a_time(plain) from error
    if moment.tzinfo is not None:
        return Instant(_epoch(moment, text))
    first, second = (_epoch(moment.replace(tzinfo=zone, fold=fold), text) for fold in (0, 1))
    if first == second:
        return Instant(first)
    if first > second:  # in a gap, the two readings lie on the wrong sides of it
        raise NotATime(Sentence('"{text}" does not exist: the clocks were moved forward past it', text=text))
    return Instant(first, occurs_twice=True)


def as_text(at: int) -> str:
    """An instant as `instant` reads it, in whatever zone."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _not_a_time(text: str) -> NoForm:
    """Repeats what looks like a time: whatever else stands there may be a name or a number of somebody."""
    return NoForm(
        Sentence('"{text}" is not a date with a time', text=text)
        if LIKE_A_TIME.fullmatch(text)
        else Sentence("is not a date with a time")
    )


def _epoch(moment: datetime, text: str) -> int:
    try:
        return int(moment.astimezone(UTC).timestamp())
    except OverflowError as error:
        raise _not_a_time(text) from error


# The rest of a plain time behind its hour, ":MM", ".MM" or ":MM:SS", in seconds.
BEHIND_THE_HOUR = {f"{mark}{minute:02}": 60 * minute for minute in range(60) for mark in ":."} | {
    f":{minute:02}:{second:02}": 60 * minute + second for minute in range(60) for second in range(60)
}


class Hours(dict[str, int | None]):
    """The instant at which an hour begins, by its text `YYYY-MM-DDTHH` or `DD.MM.YYYY HH`.

    None where a change of clocks touches it. A quick way for plain times without offset: the hour's beginning, and what
    is BEHIND_THE_HOUR. Whatever has no place in either is for `instant` to read, which these two together equal.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone
        self._midnights: dict[str, int | None] = {}

    def __missing__(self, hour: str) -> int | None:
        if len(self) > MOST_HOURS:
            self.clear()
            self._midnights.clear()
        if not PLAIN_HOUR.fullmatch(hour):
            self[hour] = None
            return None
        day = hour[:10]
        if day not in self._midnights:
            self._midnights[day] = self._plain_beginning(f"{day} 00:00:00", f"{day} 23:59:59")
        midnight = self._midnights[day]
        if midnight is None:
            value = self[hour] = self._plain_beginning(f"{hour}:00:00", f"{hour}:59:59")
        else:  # most days hold no change of clocks: then their midnight tells each hour
            value = self[hour] = midnight + 3600 * int(hour[11:])
        return value

    def _plain_beginning(self, first: str, last: str) -> int | None:
        """Of a time in which the clock goes on as it should; None elsewhere."""
        try:
            began, ended = instant(first, self.zone), instant(last, self.zone)
        except NotATime:
            return None
        seconds = 3599 if first[10:13] == last[10:13] else 24 * 3600 - 1
        is_plain = not began.occurs_twice and not ended.occurs_twice and ended.at - began.at == seconds
        return began.at if is_plain else None
