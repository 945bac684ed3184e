"""SPEC section 3, "Times": ISO and Norwegian, offsets, and the two nights on which the clocks are moved."""

import contextlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifycli.intake.cells.times import Instant, NotATime, instant

OSLO = ZoneInfo("Europe/Oslo")


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-06-11T10:00", "2026-06-11 08:00", id="local, in summer"),
        pytest.param("2026-01-15 10:00:30", "2026-01-15 09:00:30", id="local, in winter"),
        pytest.param("2026-06-11T10:00:00Z", "2026-06-11 10:00", id="utc"),
        pytest.param("2021-09-24T12:45:00+05:30", "2021-09-24 07:15", id="an offset"),
        pytest.param("11.06.2026 10:00", "2026-06-11 08:00", id="norwegian"),
        pytest.param("1.6.2026 9:05:07", "2026-06-01 07:05:07", id="norwegian, short"),
        pytest.param("29.03.2026 01:59:59", "2026-03-29 00:59:59", id="sunday, the second before the gap"),
        pytest.param("29.03.2026 03:00", "2026-03-29 01:00", id="sunday, the second after the gap"),
    ],
)
def test_a_time_becomes_an_instant(text, expected):
    assert instant(text, OSLO) == Instant(utc(expected))


@pytest.mark.parametrize("text", ["2026-03-29T02:00", "29.03.2026 02:59:59"])
def test_a_time_that_daylight_saving_skips_is_an_error(text):
    with pytest.raises(NotATime, match="does not exist"):
        instant(text, OSLO)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2026-10-25T01:59:59", Instant(utc("2026-10-24 23:59:59")), id="before"),
        pytest.param("2026-10-25T02:00:00", Instant(utc("2026-10-25 00:00"), True), id="twice: the first"),
        pytest.param("2026-10-25T02:59:59", Instant(utc("2026-10-25 00:59:59"), True), id="twice, its last second"),
        pytest.param("2026-10-25T03:00:00", Instant(utc("2026-10-25 02:00")), id="after"),
        pytest.param("2026-10-25T02:30:00+01:00", Instant(utc("2026-10-25 01:30")), id="an offset tells which"),
    ],
)
def test_of_a_time_that_occurs_twice_it_is_the_first(text, expected):
    assert instant(text, OSLO) == expected


@pytest.mark.parametrize(
    "text",
    ["", "31.11.2026 09:00", "2026-02-30T10:00", "11.06.2026", "2026-06-11", "i morgen", "24:61", "0001-01-01T00:00"],
)
def test_what_is_no_time_is_an_error(text):
    with pytest.raises(NotATime, match="is not a date with a time"):
        instant(text, OSLO)


@given(st.text())
def test_any_text_is_a_time_or_says_that_it_is_none(text):
    with contextlib.suppress(NotATime):
        assert isinstance(instant(text, OSLO).at, int)


@given(st.integers(utc("1990-01-01"), utc("2090-01-01")))
def test_what_is_written_with_an_offset_reads_back_as_the_same_instant(at):
    assert instant(datetime.fromtimestamp(at, OSLO).isoformat(), OSLO) == Instant(at)
