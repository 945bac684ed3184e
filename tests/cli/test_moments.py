"""Times as people type them, at whatever clock and across a change to summer time."""

from datetime import datetime
from pathlib import Path

import pytest

from notifycli.cli.moments import NotAMoment, Span, span_of
from tests.support.one_clinic import Clinic

OSLO = "Europe/Oslo"


def instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


WEDNESDAY = "2026-06-03T12:30:15+02:00"
SUNDAY_OF_SUMMER_TIME = "2026-03-29T12:00:00+02:00"


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("2026-06-01T08:00", "2026-06-01T08:00:00+02:00"),
        ("2026-06-01T08:00:05Z", "2026-06-01T08:00:05+00:00"),
        ("01.06.2026 08:00", "2026-06-01T08:00:00+02:00"),
        ("14:30", "2026-06-03T14:30:00+02:00"),
        ("9.05", "2026-06-03T09:05:00+02:00"),
        ("yesterday 14:30", "2026-06-02T14:30:00+02:00"),
        ("tomorrow 08:00", "2026-06-04T08:00:00+02:00"),
        ("i morgen 08:00", "2026-06-04T08:00:00+02:00"),
        ("-2d", "2026-06-01T12:30:15+02:00"),
        ("+1w", "2026-06-10T12:30:15+02:00"),
        ("+3h", "2026-06-03T15:30:15+02:00"),
        ("-90m", "2026-06-03T11:00:15+02:00"),
    ],
)
def test_a_time_is_one_instant(typed: str, at: str) -> None:
    assert span_of(typed, OSLO, instant(WEDNESDAY)) == Span(instant(at), instant(at))


@pytest.mark.parametrize(
    ("typed", "date", "next_date"),
    [
        ("today", "2026-06-03", "2026-06-04"),
        (" TODAY ", "2026-06-03", "2026-06-04"),
        ("yesterday", "2026-06-02", "2026-06-03"),
        ("tomorrow", "2026-06-04", "2026-06-05"),
        ("i  går", "2026-06-02", "2026-06-03"),
        ("2026-06-10", "2026-06-10", "2026-06-11"),
        ("1.7.2026", "2026-07-01", "2026-07-02"),
    ],
)
def test_a_day_is_all_of_it(typed: str, date: str, next_date: str) -> None:
    expected = Span(instant(f"{date}T00:00:00+02:00"), instant(f"{next_date}T00:00:00+02:00"))
    assert span_of(typed, OSLO, instant(WEDNESDAY)) == expected


def test_the_day_of_summer_time_has_23_hours_and_days_keep_the_clock() -> None:
    now = instant(SUNDAY_OF_SUMMER_TIME)
    begins_at, ends_at = span_of("today", OSLO, now)
    assert ends_at - begins_at == 23 * 3600
    assert now - span_of("-1d", OSLO, now).begins_at == 23 * 3600
    assert now - span_of("-24h", OSLO, now).begins_at == 24 * 3600


@pytest.mark.parametrize(
    "typed", ["", "soon", "2d", "-d", "24:00", "31.11.2026", "9999-12-31", "today tomorrow", "+1y"]
)
def test_what_is_no_time_is_told_how_to_be_written(typed: str) -> None:
    with pytest.raises(NotAMoment, match=r"write it like .*today, 14:30, -2d or \+3h") as refused:
        span_of(typed, OSLO, instant(WEDNESDAY))
    assert f'"{typed}"' in refused.value.message or typed == "9999-12-31"  # which is too far away


@pytest.mark.parametrize(
    ("arguments", "subjects"),
    [
        (["history", "--since", "today"], ["A1"]),
        (["history", "--until", "yesterday"], []),
        (["history", "--until", "today"], ["A1"]),
        (["history", "--until", "2026-06-03"], ["A1"]),
        (["history", "--since", "-10m"], ["A1"]),
        (["history", "--since", "+1m"], []),
        (["history", "--until", "12:05"], []),
        (["upcoming", "--until", "16.06.2026"], ["A1"]),
        (["upcoming", "--until", "2026-06-15"], []),
        (["upcoming", "--until", "+2w"], ["A1"]),
    ],
    ids=" ".join,
)
def test_until_a_day_includes_it(tmp_path: Path, arguments: list[str], subjects: list[str]) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P1;KONS;2026-06-18T23:00;booked;2026-06-03T12:00;")
    clinic.call("run", at="2026-06-03T12:05:00+02:00")
    rows = clinic.json(*arguments, at="2026-06-03T12:10:00+02:00")
    assert [row["subject_id"] for row in rows] == subjects


def test_now_goes_by_the_real_clock(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P1;KONS;2026-06-18T23:00;booked;2026-06-03T12:00;")
    assert clinic.call("upcoming", at="today 14:30").exit == 0
    answer = clinic.call("upcoming", at="some day")
    assert (answer.exit, answer.out) == (2, "")
    assert answer.err.startswith("notify: --now: ")
