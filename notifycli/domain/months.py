"""A calendar month in a time zone, day by day, whatever summer time does to them."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Month:
    """`days`: its dates. `begin_at`: when each begins, and when the next month does, in UTC epoch seconds."""

    days: Sequence[date]
    begin_at: Sequence[int]

    @classmethod
    def of(cls, year: int, month: int, zone: ZoneInfo) -> Self:
        first = date(year, month, 1)
        dates = [first + timedelta(days=number) for number in range(32)]
        next_month = next(number for number, day in enumerate(dates) if day.month != month)
        midnights = [int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) for day in dates]
        return cls(dates[:next_month], midnights[: next_month + 1])

    @classmethod
    def around(cls, instant: int, zone: ZoneInfo) -> Self:
        local = datetime.fromtimestamp(instant, UTC).astimezone(zone)
        return cls.of(local.year, local.month, zone)

    @property
    def since(self) -> int:
        return self.begin_at[0]

    @property
    def until(self) -> int:
        return self.begin_at[-1]

    def place_of(self, instant: int) -> int:
        """Which of its days that is in, from 0."""
        return bisect_right(self.begin_at, instant) - 1
