"""Reads a date with a time in any of the forms that can mean one thing only.

Is told one text, and whether its column writes day or month first and bare numbers; must not know zones. Source: SPEC
section 3, "Times".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from notifycli.domain.errors import NotifyError

LONGEST = 80
FIRST_SERIAL, LAST_SERIAL = 36_526, 73_050  # the years 2000 to 2099
DAY_ZERO = date(1899, 12, 30)  # of Excel
DAYS_OF_A_BARE_CLOCK = {DAY_ZERO, date(1900, 1, 1)}  # as Access and SQL Server write a time without a date
DAY = 86_400
DIGITS_OF_A_MINUTE = 4  # behind the comma of a day
SURE_PART = 16  # a day's sixteenths have few digits by themselves; other numbers as short may have been rounded

_MONTHS = (
    "januar january jan,februar february feb,mars march mar,april apr,mai may,juni june jun,juli july jul,august aug,"
    "september sept sep,oktober october okt oct,november nov,desember december des dec"
)
_WEEKDAYS = (
    "mandag måndag monday man mån mon ma må mo,tirsdag tysdag tuesday tirs tues tir tys tue ti ty tu,"
    "onsdag wednesday ons wed on we,torsdag thursday tors thurs thur tor thu to th,fredag friday fre fri fr,"
    "lørdag laurdag saturday lør lau sat lø la sa,søndag sundag sunday søn sun sø su"
)
MONTHS = {name: number for number, names in enumerate(_MONTHS.split(","), 1) for name in names.split()}
WEEKDAYS = {name: number for number, names in enumerate(_WEEKDAYS.split(",")) for name in names.split()}


class ColumnTells(NamedTuple):
    """`day_first`: no date of it could be month/day. `are_serials`: it holds Excel's numbers and nothing else."""

    day_first: bool = False
    are_serials: bool = False


class Unclear(NotifyError):
    """The text is no single moment; the message says why, and repeats nothing but what looks like a time."""


def untold() -> ColumnTells:
    return ColumnTells()


def read(text: str, column: Callable[[], ColumnTells] = untold) -> datetime:
    """The local time that is written. `column` is asked only where it matters. Raises ValueError, or its Unclear."""
    if len(text) > LONGEST:
        raise ValueError
    words, parts, place = text.lower(), _Parts(text, column), 0
    while place < len(words):
        token = TOKEN.match(words, place)
        if token is None or token.lastgroup is None:
            raise ValueError
        getattr(parts, token.lastgroup)(*filter(None, token.groups()[token.lastindex or 0 :]))
        place = token.end()
    return parts.moment()


def _names(names: dict[str, int]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_CLOCK = r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?"
_HALF = r"([ap])\.?m\b\.?"
_KL = r"kl(?:okk[ae]n?|\.)?\s*"
_END = r"(?=[\s,]|$)"
_NAMED_MONTH = rf"({_names(MONTHS)})(?![a-zæøå])\.?"
# Each group is a method of _Parts, which gets what its own groups hold.
TOKEN = re.compile(
    "|".join(
        (
            r"(?P<nothing>[\s,]+|den\b)",
            rf"(?P<weekday>({_names(WEEKDAYS)})\.?(?=[\s,\d]|$))",
            r"(?P<year_first>(\d{4})-(\d{1,2})-(\d{1,2})(?:t(?=\d)|(?=[\s,]|$)))",
            r"(?P<dots>(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?:t(?=\d)|(?=[\s,]|$)))",
            rf"(?P<month_named>(\d{{1,2}})[.\s-]\s?{_NAMED_MONTH}[\s,-]*(\d{{4}}){_END})",
            rf"(?P<month_named_first>{_NAMED_MONTH}\s*(\d{{1,2}})(?:st|nd|rd|th)?[\s,]+(\d{{4}}){_END})",
            rf"(?P<slashes>(\d{{1,2}})/(\d{{1,2}})/(\d{{4}}|\d{{2}}){_END})",
            rf"(?P<share_of_day>0[.,](\d+){_END})",
            rf"(?P<serial>(\d{{5}}(?:[.,]\d+)?){_END})",
            rf"(?P<half_day>(?:{_KL})?(\d{{1,2}})(?:[:.](\d{{2}})(?:[:.](\d{{2}}))?)?\s*{_HALF})",
            rf"(?P<clock>(?:{_KL})?{_CLOCK}{_END})",
            rf"(?P<four_digits>(?:{_KL})?(\d{{2}})(\d{{2}}){_END})",
            rf"(?P<full_hour>{_KL}(\d{{1,2}}){_END})",
        )
    ),
    re.ASCII | re.IGNORECASE,
)


@dataclass
class _Parts:
    """What a text has told so far."""

    text: str
    column: Callable[[], ColumnTells]
    dates: set[date] = field(default_factory=set)
    clocks: set[int] = field(default_factory=set)  # seconds of a day
    weekdays: set[int] = field(default_factory=set)

    def moment(self) -> datetime:
        """Of two days and two clocks only those that stand for none can be left out."""
        days = self.dates - DAYS_OF_A_BARE_CLOCK or self.dates
        clocks = self.clocks - {0} or self.clocks
        if not days or not clocks:
            raise ValueError
        if len(days) > 1:
            raise Unclear("has two dates that differ")
        if len(clocks) > 1:
            raise Unclear("has two times that differ")
        [day], [clock] = days, clocks
        if self.weekdays - {day.weekday()}:
            raise Unclear("names another weekday than that of its date")
        return datetime(day.year, day.month, day.day) + timedelta(seconds=clock)  # noqa: DTZ001 - the zone is the caller's

    def nothing(self) -> None:
        """Space, a comma, or a word that tells nothing."""

    def weekday(self, name: str) -> None:
        self.weekdays.add(WEEKDAYS[name])

    def year_first(self, year: str, month: str, day: str) -> None:
        self.dates.add(date(int(year), int(month), int(day)))

    def dots(self, day: str, month: str, year: str) -> None:
        if self.dates and len(year) == 2:
            self.clock(day, month, year)
        else:
            self.dates.add(date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)))

    def month_named(self, day: str, month: str, year: str) -> None:
        self.dates.add(date(int(year), MONTHS[month], int(day)))

    def month_named_first(self, month: str, day: str, year: str) -> None:
        self.month_named(day, month, year)

    def slashes(self, day: str, month: str, year: str) -> None:
        if not self.column().day_first:
            shown = f'"{self.text}"' if LIKE_SLASHES.fullmatch(self.text) else "its date"
            raise Unclear(
                f"{shown} may be day/month or month/day, as its column does not tell; write it like 2026-11-28 09:30"
            )
        if len(year) == 2:
            raise ValueError
        self.year_first(year, month, day)

    def serial(self, number: str) -> None:
        if not self.column().are_serials:
            raise ValueError
        days, _, share = number.replace(",", ".").partition(".")
        seconds = _seconds(share) if share else 0
        self.dates.add(DAY_ZERO + timedelta(days=int(days) + seconds // DAY))
        self.clocks.add(seconds % DAY)

    def share_of_day(self, digits: str) -> None:
        """0.25 is a quarter past midnight elsewhere than in a column of Excel's numbers."""
        is_clock_too = len(digits) == 2 and f"0.{digits}" in self.text
        if (is_clock_too or not is_exact(digits)) and not self.column().are_serials:
            raise ValueError
        self.clocks.add(_seconds(digits) % DAY)

    def half_day(self, hour: str, *more: str) -> None:
        *rest, half = more
        if not 1 <= int(hour) <= 12:
            raise ValueError
        self.clock(str(int(hour) % 12 + (12 if half == "p" else 0)), *rest)

    def clock(self, hour: str, minute: str = "0", second: str = "0") -> None:
        if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
            raise ValueError
        self.clocks.add(int(hour) * 3600 + int(minute) * 60 + int(second))

    def four_digits(self, hour: str, minute: str) -> None:
        self.clock(hour, minute)

    def full_hour(self, hour: str) -> None:
        self.clock(hour)


class Serial(NamedTuple):
    """`shares`: the digits of a day behind its commas. `has_clock`: it tells a time of day."""

    shares: tuple[str, ...]
    has_clock: bool


def serial_in(cell: str) -> Serial | None:
    """What can be nothing but Excel's number of a moment of this century, with a clock beside it or without."""
    number = SERIAL.fullmatch(cell)
    if number is None or not FIRST_SERIAL <= int(number[1]) <= LAST_SERIAL:
        return None
    shares = tuple(digits for digits in number.group(2, 3) if digits)
    return Serial(shares, bool(shares or number[4]))


def has_enough_digits(share: str) -> bool:
    """To tell one minute of a day from the next."""
    return len(share) >= DIGITS_OF_A_MINUTE


def is_exact(share: str) -> bool:
    """Whether a share of a day is no rounded one, as far as it can be told by itself."""
    return has_enough_digits(share) or (Fraction(int(share), 10 ** len(share)) * SURE_PART).denominator == 1


def could_be_month_first(cell: str) -> bool:
    """Whether a date with slashes stands in the cell that an American may have written."""
    return any(int(first) <= 12 for first in BEHIND_SLASHES.findall(cell))


SERIAL = re.compile(r"(\d{5})(?:[.,](\d+))?(?:\s+(?:0[.,](\d+)|(\d{1,2}:\d{2}(?::\d{2})?)))?", re.ASCII)
BEHIND_SLASHES = re.compile(r"(?<!\d)(\d{1,2})/\d{1,2}/\d{2,4}(?!\d)", re.ASCII)
LIKE_SLASHES = re.compile(r"[\d/:. ]+", re.ASCII)


def _seconds(share: str) -> int:
    """Of a share of a day, by the digits behind its comma; the minute to which it was rounded."""
    part = Fraction(int(share), 10 ** len(share))
    minutes = round(part * 1440)
    is_a_minute = abs(part - Fraction(minutes, 1440)) <= Fraction(1, 10 ** min(len(share), 9))
    return minutes * 60 if is_a_minute else round(part * DAY)
