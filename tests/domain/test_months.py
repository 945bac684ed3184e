"""A month's days, whatever summer time does to them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.domain.months import Month

OSLO = ZoneInfo("Europe/Oslo")
HOUR, QUARTER = 3600, 900


def at(text: str, zone: ZoneInfo = OSLO) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


@pytest.mark.parametrize(
    ("year", "month", "days", "hours"),
    [
        pytest.param(2026, 1, 31, 31 * 24, id="January"),
        pytest.param(2026, 2, 28, 28 * 24, id="February"),
        pytest.param(2028, 2, 29, 29 * 24, id="February of a leap year"),
        pytest.param(2026, 3, 31, 31 * 24 - 1, id="summer time begins"),
        pytest.param(2026, 10, 31, 31 * 24 + 1, id="summer time ends"),
        pytest.param(2026, 12, 31, 31 * 24, id="the next month is of the next year"),
    ],
)
def test_it_has_its_days_and_hours(year: int, month: int, days: int, hours: int) -> None:
    of_month = Month.of(year, month, OSLO)
    assert (len(of_month.days), len(of_month.begin_at)) == (days, days + 1)
    assert (of_month.days[0].day, of_month.days[-1].day) == (1, days)
    assert of_month.until - of_month.since == hours * HOUR


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        pytest.param("2026-03-28T23:59:59", 28, id="the last second of a day"),
        pytest.param("2026-03-29T00:00:00", 29, id="its first"),
        pytest.param("2026-03-29T23:59:59", 29, id="of a day of 23 hours, too"),
        pytest.param("2026-03-30T00:00:00", 30, id="the day after it"),
        pytest.param("2026-03-31T23:59:59", 31, id="the last of the month"),
    ],
)
def test_the_day_of_an_instant(instant: str, day: int) -> None:
    of_month = Month.of(2026, 3, OSLO)
    assert of_month.days[of_month.place_of(at(instant))] == date(2026, 3, day)


@pytest.mark.parametrize(
    ("instant", "zone", "first"),
    [
        pytest.param("2026-05-31T21:59:59+00:00", "Europe/Oslo", date(2026, 5, 1), id="still May in Oslo"),
        pytest.param("2026-05-31T22:00:00+00:00", "Europe/Oslo", date(2026, 6, 1), id="June in Oslo"),
        pytest.param("2026-05-31T22:00:00+00:00", "America/New_York", date(2026, 5, 1), id="still May in New York"),
        pytest.param("2026-05-31T12:00:00+00:00", "Pacific/Auckland", date(2026, 6, 1), id="June in Auckland"),
    ],
)
def test_the_month_around_an_instant(instant: str, zone: str, first: date) -> None:
    around = Month.around(int(datetime.fromisoformat(instant).timestamp()), ZoneInfo(zone))
    assert around.days[0] == first


ZONES = st.sampled_from(["Europe/Oslo", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham", "UTC"])


@given(st.integers(2000, 2060), st.integers(1, 12), ZONES)
def test_a_day_begins_with_a_quarter_of_an_hour(year: int, month: int, zone: str) -> None:
    """So that counts by quarters are counts by days in every zone (store/report.py)."""
    of_month = Month.of(year, month, ZoneInfo(zone))
    assert not [begin for begin in of_month.begin_at if begin % QUARTER]
    assert list(of_month.begin_at) == sorted(set(of_month.begin_at))
    assert [of_month.place_of(begin) for begin in of_month.begin_at[:-1]] == list(range(len(of_month.days)))
