"""The times that exports write become instants: UTC epoch seconds. Knows no columns and no clinics, only a zone.

Source: SPEC section 3, "Times".
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

LIKE_A_TIME = re.compile(r"\d{1,4}([-./]\d{1,4}){1,2}([T ]+\d{1,2}([:.]\d{1,2}){0,2})?Z?", re.ASCII)
PLAIN_HOUR = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}", re.ASCII)
NORWEGIAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})[ T]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?", re.ASCII)


class NotATime(ValueError):
    """The text is no date with a time, or a local time that daylight saving skips; the message says which."""


class Instant(NamedTuple):
    """UTC epoch seconds; `occurs_twice` where summer time ends and the first of the two was taken."""

    at: int
    occurs_twice: bool = False


def instant(text: str, zone: ZoneInfo) -> Instant:
    """Reads ISO 8601 or `dd.mm.yyyy HH:MM[:SS]`; without an offset it is local time in `zone`. Raises NotATime."""
    moment = _parsed(text.strip())
    if moment.tzinfo is not None:
        return Instant(_epoch(moment, text))
    first, second = (_epoch(moment.replace(tzinfo=zone, fold=fold), text) for fold in (0, 1))
    if first == second:
        return Instant(first)
    if first > second:  # in a gap, the two readings lie on the wrong sides of it
        raise NotATime(f'"{text}" does not exist: the clocks were moved forward past it')
    return Instant(first, occurs_twice=True)


def as_text(at: int) -> str:
    """An instant as `instant` reads it, in whatever zone."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parsed(text: str) -> datetime:
    try:
        found = NORWEGIAN.fullmatch(text)
        if found is None:
            return _iso(text)
        day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone is given by the caller
    except ValueError as error:
        raise _not_a_time(text) from error


def _iso(text: str) -> datetime:
    if not re.search(r"[T ]\d", text):
        raise _not_a_time(text)
    return datetime.fromisoformat(text)


def _not_a_time(text: str) -> NotATime:
    """Repeats what looks like a time: whatever else stands there may be a name or a number of somebody."""
    return NotATime(
        f'"{text}" is not a date with a time' if LIKE_A_TIME.fullmatch(text) else "is not a date with a time"
    )


def _epoch(moment: datetime, text: str) -> int:
    try:
        return int(moment.astimezone(UTC).timestamp())
    except OverflowError as error:
        raise _not_a_time(text) from error


# The rest of a plain time behind its hour, ":MM" or ":MM:SS", in seconds.
BEHIND_THE_HOUR = {f":{minute:02}": 60 * minute for minute in range(60)} | {
    f":{minute:02}:{second:02}": 60 * minute + second for minute in range(60) for second in range(60)
}


class Hours(dict[str, int | None]):
    """The instant at which an hour begins, by its text `YYYY-MM-DDTHH`; None where a change of clocks touches it.

    A quick way for plain times without offset: the hour's beginning, and what is BEHIND_THE_HOUR. Whatever has no
    place in either is for `instant` to read, which these two together equal.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, hour: str) -> int | None:
        if len(self) > 20_000:
            self.clear()
        value = self[hour] = self._beginning(hour)
        return value

    def _beginning(self, hour: str) -> int | None:
        if not PLAIN_HOUR.fullmatch(hour):
            return None
        try:
            first, last = (instant(f"{hour}:{rest}", self._zone) for rest in ("00:00", "59:59"))
        except NotATime:
            return None
        is_plain = not first.occurs_twice and not last.occurs_twice and last.at - first.at == 3599
        return first.at if is_plain else None
