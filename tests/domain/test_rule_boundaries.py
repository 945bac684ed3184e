"""Reminders at their boundary seconds (SPEC section 4, R4 and R5), in clinics of three time zones.

Through the command line alone.
"""

from datetime import datetime
from pathlib import Path

import pytest

from tests.support import engines
from tests.support.three_clinics import (
    DAY,
    HOUR,
    ZONES,
    Happen,
    Notify,
    Turn,
    by_another_type,
    by_clinics_file,
    by_module_command,
    by_type_command,
    by_types_file,
    database_of_three_clinics,
    iso,
    moment,
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return database_of_three_clinics(tmp_path_factory.mktemp("base"))


@pytest.fixture
def notify(base: Path, tmp_path: Path) -> Notify:
    engines.copy(base, tmp_path)
    return Notify(tmp_path)


# R4: registered 48 elapsed hours before, or not

STARTS = "Thursday 2026-06-11 10:00:00"
EARLIER = "Monday 2026-06-01 10:00:00"
LINES = [
    pytest.param("oslo", STARTS, "Tuesday 2026-06-09 10:00:00", id="oslo, tuesday to thursday"),
    pytest.param("york", STARTS, "Tuesday 2026-06-09 10:00:00", id="new york, tuesday to thursday"),
    pytest.param("oslo", "Monday 2026-03-30 10:00:00", "Saturday 2026-03-28 09:00:00", id="oslo, summer time begins"),
    pytest.param(
        "oslo", "Sunday 2026-03-29 01:59:59", "Friday 2026-03-27 01:59:59", id="oslo, a second before it begins"
    ),
    pytest.param("oslo", "Sunday 2026-03-29 03:00:00", "Friday 2026-03-27 02:00:00", id="oslo, the second it begins"),
    pytest.param("oslo", "Tuesday 2026-03-31 02:59:59", "Sunday 2026-03-29 01:59:59", id="oslo, line before the gap"),
    pytest.param("oslo", "Tuesday 2026-03-31 03:00:00", "Sunday 2026-03-29 03:00:00", id="oslo, line behind the gap"),
    pytest.param("oslo", "Monday 2026-10-26 10:00:00", "Saturday 2026-10-24 11:00:00", id="oslo, summer time ends"),
    pytest.param(
        "oslo", "Sunday 2026-10-25 02:30:00+02:00", "Friday 2026-10-23 02:30:00", id="oslo, sunday half past two, first"
    ),
    pytest.param(
        "oslo",
        "Sunday 2026-10-25 02:30:00+01:00",
        "Friday 2026-10-23 03:30:00",
        id="oslo, sunday half past two, second",
    ),
    pytest.param(
        "oslo",
        "Tuesday 2026-10-27 02:30:00",
        "Sunday 2026-10-25 02:30:00+01:00",
        id="oslo, line at the second half past two",
    ),
    pytest.param(
        "oslo",
        "Tuesday 2026-10-27 01:59:59",
        "Sunday 2026-10-25 02:59:59+02:00",
        id="oslo, line at the first last second",
    ),
    pytest.param("oslo", "Monday 2026-10-26 23:30:00", "Sunday 2026-10-25 00:30:00", id="oslo, only the day before"),
    pytest.param("york", "Monday 2026-03-09 10:00:00", "Saturday 2026-03-07 09:00:00", id="new york, 8 march"),
    pytest.param("york", "Monday 2026-03-30 10:00:00", "Saturday 2026-03-28 10:00:00", id="new york, as oslo changes"),
    pytest.param("york", "Monday 2026-11-02 10:00:00", "Saturday 2026-10-31 11:00:00", id="new york, 1 november"),
    pytest.param("vik", "Monday 2026-03-30 10:00:00", "Saturday 2026-03-28 10:00:00", id="reykjavik never changes"),
]


def is_booked(notify: Notify, at: int, clinic: str, starts_at: int) -> None:
    notify.appointment(at, clinic, starts_at)


def is_booked_by_a_row_that_tells_when(notify: Notify, at: int, clinic: str, starts_at: int) -> None:
    notify.appointment(at + 3 * HOUR, clinic, starts_at, booked_at=iso(at))


def is_booked_after_a_proposal(notify: Notify, at: int, clinic: str, starts_at: int) -> None:
    notify.appointment(at - DAY, clinic, starts_at, status="proposed")
    notify.appointment(at, clinic, starts_at)


def is_booked_again(notify: Notify, at: int, clinic: str, starts_at: int) -> None:
    notify.appointment(at - 3 * DAY, clinic, starts_at)
    notify.appointment(at - 2 * DAY, clinic, starts_at, status="cancelled")
    notify.appointment(at, clinic, starts_at)


def is_moved(notify: Notify, at: int, clinic: str, starts_at: int) -> None:
    notify.appointment(at - 3 * DAY, clinic, starts_at + DAY)
    notify.appointment(at, clinic, starts_at)


def is_moved_back(notify: Notify, at: int, clinic: str, starts_at: int) -> None:
    notify.appointment(at - 3 * DAY, clinic, starts_at)
    notify.appointment(at - DAY, clinic, starts_at + DAY)
    notify.appointment(at, clinic, starts_at)


def is_migrated(notify: Notify, at: int, clinic: str, starts_at: int) -> None:
    notify.appointment(at, clinic, starts_at, "--migrated", booked_at=iso(at - 9 * DAY))


WAYS = [is_booked, is_booked_by_a_row_that_tells_when, is_booked_after_a_proposal, is_booked_again]
WAYS += [is_moved, is_moved_back, is_migrated]


@pytest.mark.parametrize(("clinic", "starts", "line"), LINES)
def test_a_reminder_goes_out_48_elapsed_hours_before_to_the_second(
    notify: Notify, clinic: str, starts: str, line: str
) -> None:
    starts_at, line_at = moment(clinic, starts), moment(clinic, line)
    assert starts_at - line_at == 48 * HOUR
    notify.appointment(line_at - 9 * DAY, clinic, starts_at)
    notify.run(line_at - 8 * DAY)
    notify.run(line_at - 1)
    assert notify.outcome(line_at, "reminder") is None
    notify.run(line_at)
    assert notify.went_out(line_at)[1:] == [("reminder", iso(line_at))]


@pytest.mark.parametrize("happens", WAYS)
@pytest.mark.parametrize(("clinic", "starts", "line"), [LINES[0], LINES[2], LINES[7], LINES[13]])
@pytest.mark.parametrize(
    ("seconds_late", "is_in_time"),
    [
        pytest.param(-1, True, id="48:00:01 before"),
        pytest.param(0, True, id="48:00:00 before"),
        pytest.param(1, False, id="47:59:59 before"),
    ],
)
def test_what_is_registered_less_than_48_hours_before_has_no_reminder(
    notify: Notify, clinic: str, starts: str, line: str, happens: Happen, seconds_late: int, is_in_time: bool
) -> None:
    starts_at, line_at = moment(clinic, starts), moment(clinic, line)
    happens(notify, line_at + seconds_late, clinic, starts_at)
    now = line_at + 4 * HOUR
    assert notify.reminder(now, clinic) == (iso(line_at) if is_in_time else "booked_late")


def test_another_place_within_48_hours_registers_nothing_anew(notify: Notify) -> None:
    starts_at, line_at = moment("oslo", STARTS), moment("oslo", "Tuesday 2026-06-09 10:00:00")
    notify.appointment(line_at - DAY, "oslo", starts_at)
    notify.appointment(line_at + 1, "oslo", starts_at, location="Rom 1")
    assert notify.reminder(line_at + 2, "oslo") == iso(line_at)


def test_another_type_given_in_the_second_48_hours_before_counts(notify: Notify) -> None:
    starts_at, line_at = moment("oslo", STARTS), moment("oslo", "Tuesday 2026-06-09 10:00:00")
    notify.appointment(line_at - DAY, "oslo", starts_at, type_id="OFF")
    notify.appointment(line_at, "oslo", starts_at)
    assert notify.reminder(line_at, "oslo") == iso(line_at)


# R5: switched on later than that, until the second calendar day before

LATE = [
    pytest.param("oslo", STARTS, "Tuesday 2026-06-09 10:00:01", True, id="oslo, a second after the line"),
    pytest.param("oslo", STARTS, "Tuesday 2026-06-09 23:59:59", True, id="oslo, tuesday's last second"),
    pytest.param("oslo", STARTS, "Wednesday 2026-06-10 00:00:00", False, id="oslo, wednesday's first second"),
    pytest.param("york", STARTS, "Tuesday 2026-06-09 23:59:59", True, id="new york, tuesday's last second"),
    pytest.param("york", STARTS, "Wednesday 2026-06-10 00:00:00", False, id="new york, wednesday's first second"),
    pytest.param(
        "oslo", "Thursday 2026-06-11 00:00:00", "Tuesday 2026-06-09 00:00:01", True, id="for midnight, tuesday"
    ),
    pytest.param("oslo", "Thursday 2026-06-11 00:00:00", "Tuesday 2026-06-09 23:59:59", True, id="24:00:01 before"),
    pytest.param("oslo", "Wednesday 2026-06-10 23:59:59", "Tuesday 2026-06-09 00:00:00", False, id="47:59:59 before"),
    pytest.param(
        "oslo", "Monday 2026-03-30 00:30:00", "Saturday 2026-03-28 23:59:59", True, id="oslo, before a day of 23"
    ),
    pytest.param("oslo", "Monday 2026-03-30 00:30:00", "Sunday 2026-03-29 00:00:00", False, id="oslo, on a day of 23"),
    pytest.param(
        "oslo", "Monday 2026-10-26 22:30:00", "Saturday 2026-10-24 23:59:59", True, id="oslo, before a day of 25"
    ),
    pytest.param("oslo", "Monday 2026-10-26 22:30:00", "Sunday 2026-10-25 00:00:00", False, id="oslo, on a day of 25"),
    pytest.param(
        "york", "Monday 2026-03-09 00:30:00", "Saturday 2026-03-07 23:59:59", True, id="new york, before a day of 23"
    ),
    pytest.param(
        "york", "Monday 2026-11-02 22:30:00", "Sunday 2026-11-01 00:00:00", False, id="new york, on a day of 25"
    ),
]


TURNS = [by_module_command, by_type_command, by_clinics_file, by_types_file, by_another_type]


@pytest.mark.slow
@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize(("clinic", "starts", "activated", "reminds"), LATE)
def test_what_becomes_active_later_reminds_at_once_until_the_second_day_before(
    notify: Notify, turn: Turn, clinic: str, starts: str, activated: str, reminds: bool
) -> None:
    starts_at, at = moment(clinic, starts), moment(clinic, activated)
    notify.appointment(at - 9 * DAY, clinic, starts_at)
    notify.run(at - 8 * DAY)
    turn(notify, at - 7 * DAY, clinic, starts_at, False)
    notify.run(at - 1)
    turn(notify, at, clinic, starts_at, True)
    notify.run(at)
    assert notify.reminder(at, clinic) == (iso(at) if reminds else "activated_late")
    assert notify.went_out(at)[1:] == ([("reminder", iso(at))] if reminds else [])


@pytest.mark.parametrize(
    ("at", "reminding"),
    [
        pytest.param("2026-06-09T21:59:59Z", {"oslo", "york", "vik"}, id="tuesday everywhere"),
        pytest.param("2026-06-09T22:00:00Z", {"york", "vik"}, id="wednesday in oslo"),
        pytest.param("2026-06-09T23:59:59Z", {"york", "vik"}, id="reykjavik's last second of tuesday"),
        pytest.param("2026-06-10T00:00:00Z", {"york"}, id="wednesday in reykjavik"),
        pytest.param("2026-06-10T03:59:59Z", {"york"}, id="new york's last second of tuesday"),
        pytest.param("2026-06-10T04:00:00Z", set(), id="wednesday everywhere"),
    ],
)
def test_the_day_is_that_of_each_clinic_in_one_and_the_same_second(
    notify: Notify, at: str, reminding: set[str]
) -> None:
    """For Thursday 11 June at 16:00 UTC, which is Thursday in all of them."""
    now, starts_at = (int(datetime.fromisoformat(text).timestamp()) for text in (at, "2026-06-11T16:00:00Z"))
    for clinic in ZONES:
        by_module_command(notify, now - 9 * DAY, clinic, starts_at, False)
        notify.appointment(now - 8 * DAY, clinic, starts_at)
    for clinic in ZONES:
        by_module_command(notify, now, clinic, starts_at, True)
    notify.run(now)
    assert {row["clinic"] for row in notify.history(now) if row["due_at"] == iso(now)} == reminding
