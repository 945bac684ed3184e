"""The other rules of SPEC section 4 at their boundary seconds: R1 to R3, R10, R14, R19.

Through the command line alone.
"""

from pathlib import Path

import pytest

from tests.support import engines
from tests.support.case_runner import CONFIG_WITHOUT_LIMITS
from tests.support.three_clinics import (
    DAY,
    HOUR,
    Happen,
    Notify,
    a_booking,
    a_cancellation,
    a_change,
    by_type_command,
    by_types_file,
    database_of_three_clinics,
    iso,
    moment,
)

STARTS = "Thursday 2026-06-11 10:00:00"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return database_of_three_clinics(tmp_path_factory.mktemp("base"))


@pytest.fixture
def notify(base: Path, tmp_path: Path) -> Notify:
    engines.copy(base, tmp_path)
    return Notify(tmp_path)


# R1 to R3: in which second a switch is turned, and when five minutes are over

HAPPENED = "Wednesday 2026-06-03 12:00:00"


EVENTS = [
    pytest.param("confirmation", a_booking, id="confirmation"),
    pytest.param("change", a_change, id="change"),
    pytest.param("cancellation", a_cancellation, id="cancellation"),
]


def before_it(notify: Notify, event: str, at: int, clinic: str, starts_at: int) -> None:
    """An appointment that was booked and confirmed, where the event is no booking."""
    if event != "confirmation":
        notify.appointment(at, clinic, starts_at)
        notify.run(at + 300)


SAME_SECOND = [
    pytest.param("KONS", -1, True, "sent", id="on a second before"),
    pytest.param("KONS", 0, True, "sent", id="on in the same second"),
    pytest.param("KONS", 1, True, None, id="on a second after"),
    pytest.param("KONS", -1, False, None, id="off a second before"),
    pytest.param("KONS", 0, False, None, id="off in the same second"),
    pytest.param("KONS", 1, False, "type_off", id="off a second after"),
    pytest.param("OFF", 0, True, "sent", id="on for the first time in the same second"),
    pytest.param("OFF", 1, True, None, id="on for the first time a second after"),
]


@pytest.mark.slow
@pytest.mark.parametrize("by", ["command", "file"])
@pytest.mark.parametrize("is_first", ["the switch", "the row"])
@pytest.mark.parametrize(("event", "happen"), EVENTS)
@pytest.mark.parametrize(("type_id", "seconds_later", "is_on", "outcome"), SAME_SECOND)
def test_a_switch_takes_effect_from_that_second(
    notify: Notify,
    by: str,
    is_first: str,
    event: str,
    happen: Happen,
    type_id: str,
    seconds_later: int,
    is_on: bool,
    outcome: str | None,
) -> None:
    at, starts_at = moment("oslo", HAPPENED), moment("oslo", STARTS) + 9 * DAY
    notify.type_id = type_id
    turn = by_type_command if by == "command" else by_types_file
    before_it(notify, event, at - DAY, "oslo", starts_at)
    turn(notify, at - HOUR, "oslo", starts_at, not is_on)
    the_row_is_first = seconds_later > 0 or (seconds_later == 0 and is_first == "the row")
    if the_row_is_first:
        happen(notify, at, "oslo", starts_at)
    turn(notify, at + seconds_later, "oslo", starts_at, is_on)
    if not the_row_is_first:
        happen(notify, at, "oslo", starts_at)
    notify.run(at + 300)
    assert notify.outcome(at + 300, event) == outcome


@pytest.mark.parametrize(
    ("happened", "due"),
    [
        pytest.param("Saturday 2026-03-28 23:58:00", "Sunday 2026-03-29 00:03:00", id="at night, over midnight"),
        pytest.param("Sunday 2026-03-29 01:58:00", "Sunday 2026-03-29 03:03:00", id="over the hour that is left out"),
        pytest.param("Sunday 2026-10-25 02:58:00+02:00", "Sunday 2026-10-25 02:03:00+01:00", id="over the hour twice"),
    ],
)
@pytest.mark.parametrize(("event", "happen"), EVENTS)
def test_five_minutes_are_elapsed_ones_at_any_hour(
    notify: Notify, event: str, happen: Happen, happened: str, due: str
) -> None:
    at, due_at = moment("oslo", happened), moment("oslo", due)
    before_it(notify, event, at - DAY, "oslo", at + 9 * DAY)
    happen(notify, at, "oslo", at + 9 * DAY)
    notify.run(due_at - 1)
    assert notify.outcome(due_at, event) is None
    notify.run(due_at)
    assert (event, iso(due_at)) in notify.went_out(due_at)


# R14: too late

SECONDS = [
    pytest.param(-1, "sent", id="a second before"),
    pytest.param(0, "too_late", id="that second"),
    pytest.param(1, "too_late", id="a second after"),
]


@pytest.mark.parametrize(("seconds", "outcome"), SECONDS)
@pytest.mark.parametrize(("event", "happen"), EVENTS)
@pytest.mark.parametrize(
    "starts",
    [
        pytest.param("Thursday 2026-06-11 10:00:00", id="thursday"),
        pytest.param("Saturday 2026-03-28 10:00:00", id="the day before summer time begins"),
        pytest.param("Saturday 2026-10-24 10:00:00", id="the day before it ends"),
    ],
)
def test_too_late_when_it_has_started_or_24_elapsed_hours_after(
    notify: Notify, event: str, happen: Happen, starts: str, seconds: int, outcome: str
) -> None:
    starts_at = moment("oslo", starts)
    before_it(notify, event, starts_at - DAY, "oslo", starts_at)
    happen(notify, starts_at - HOUR, "oslo", starts_at)
    now = starts_at + seconds + DAY * (event == "cancellation")
    notify.run(now)
    assert notify.outcome(now, event) == outcome


@pytest.mark.parametrize(("seconds", "outcome"), SECONDS)
def test_a_reminder_is_too_late_when_it_has_started(notify: Notify, seconds: int, outcome: str) -> None:
    starts_at = moment("oslo", STARTS)
    notify.appointment(starts_at - 3 * DAY, "oslo", starts_at)
    notify.run(starts_at - 3 * DAY + 300)
    notify.run(starts_at + seconds)
    assert notify.outcome(starts_at + seconds, "reminder") == outcome


@pytest.mark.parametrize(("seconds", "outcome"), SECONDS)
def test_too_late_goes_by_the_time_that_it_was_moved_to(notify: Notify, seconds: int, outcome: str) -> None:
    starts_at, moved_to = moment("oslo", STARTS), moment("oslo", "Tuesday 2026-06-09 12:00:00")
    notify.appointment(moved_to - DAY, "oslo", starts_at)
    notify.appointment(moved_to - HOUR, "oslo", moved_to)
    notify.run(moved_to + seconds)
    assert notify.outcome(moved_to + seconds, "confirmation") == outcome
    assert notify.outcome(moved_to + seconds, "change") == ("covered" if outcome == "sent" else outcome)


@pytest.mark.parametrize(("seconds", "outcome"), SECONDS)
@pytest.mark.parametrize("days", [pytest.param(7, id="7 days, as it comes"), 1, 30])
@pytest.mark.parametrize("event", ["dialog", "reply", "receipt"])
def test_post_and_receipts_are_too_late_after_the_configured_days(
    notify: Notify, event: str, days: int, seconds: int, outcome: str
) -> None:
    if days != 7:
        notify.configure(f"{CONFIG_WITHOUT_LIMITS}max_age_days = {days}\n")
    at = moment("oslo", HAPPENED)
    row = {"clinic_id": "oslo", "patient_id": "P1"}
    if event == "receipt":
        notify.bring(at, "receipts", row | {"receipt_id": "R1", "status": "paid", "paid_at": iso(at)})
    else:
        kind = "dialog" if event == "dialog" else "invoice"
        notify.bring(at, "dialogs", row | {"dialog_id": "D1", "kind": kind, "sent_at": iso(at)})
    now = at + days * DAY + seconds
    notify.run(now)
    assert notify.outcome(now, event) == outcome


# R19: covered by what went out since 48 hours before, that second included


@pytest.mark.parametrize(
    ("run_at", "outcome"),
    [
        pytest.param(-1, "sent", id="47:59:59 before it was not yet"),
        pytest.param(0, "covered", id="in the second 48 hours before"),
        pytest.param(1, "covered", id="a second later"),
    ],
)
@pytest.mark.parametrize("event", ["confirmation", "change"])
def test_what_went_out_since_48_hours_before_covers_the_reminder(
    notify: Notify, event: str, run_at: int, outcome: str
) -> None:
    starts_at, line_at = moment("oslo", "Monday 2026-10-26 10:00:00"), moment("oslo", "Saturday 2026-10-24 11:00:00")
    before_it(notify, event, line_at - DAY, "oslo", starts_at + (DAY if event == "change" else 0))
    notify.appointment(line_at - 301, "oslo", starts_at)
    notify.run(line_at + run_at)
    notify.run(line_at + 60)
    assert notify.outcome(line_at + 60, event) == "sent"
    assert notify.outcome(line_at + 60, "reminder") == outcome


@pytest.mark.parametrize(
    ("due", "outcome"),
    [
        pytest.param(-1, "covered", id="the confirmation is due first"),
        pytest.param(0, "covered", id="both are due in one second"),
        pytest.param(1, "sent", id="the reminder is due first"),
    ],
)
def test_one_run_after_some_minutes_sends_in_the_order_of_due_times(notify: Notify, due: int, outcome: str) -> None:
    """R19 goes by what has gone out; a confirmation that follows a reminder is never covered."""
    starts_at, line_at = moment("oslo", STARTS), moment("oslo", "Tuesday 2026-06-09 10:00:00")
    notify.appointment(line_at + due - 300, "oslo", starts_at)
    notify.run(line_at + 600)
    assert notify.outcome(line_at + 600, "reminder") == outcome
    assert notify.outcome(line_at + 600, "confirmation") == "sent"


@pytest.mark.parametrize(
    ("place_at_last", "outcome"),
    [pytest.param("Rom 1", "covered", id="the same place"), pytest.param("Rom 2", "sent", id="another place since")],
)
def test_only_the_same_place_covers(notify: Notify, place_at_last: str, outcome: str) -> None:
    """The change is not superseded by the second one, which happens while its type is off."""
    starts_at, at = moment("oslo", STARTS), moment("oslo", HAPPENED)
    notify.appointment(at, "oslo", starts_at)
    notify.appointment(at + 100, "oslo", starts_at, location="Rom 1")
    notify.run(at + 300)
    by_type_command(notify, at + 310, "oslo", starts_at, False)
    notify.appointment(at + 320, "oslo", starts_at, location=place_at_last)
    by_type_command(notify, at + 330, "oslo", starts_at, True)
    notify.run(at + 400)
    assert notify.outcome(at + 400, "change") == outcome


# R10: third parties, by clinic


@pytest.mark.parametrize(
    ("settings", "silent"),
    [
        pytest.param("", {"oslo digicare", "oslo helsenorge", "york digicare", "york helsenorge"}, id="as it comes"),
        pytest.param(
            "[third_party]\ndigicare = false\n", {"oslo helsenorge", "york helsenorge"}, id="digicare sends none"
        ),
        pytest.param(
            "[clinic.york.third_party]\nhelsenorge = false\n",
            {"oslo digicare", "oslo helsenorge", "york digicare"},
            id="helsenorge sends none for york",
        ),
        pytest.param(
            "[third_party]\nhelsenorge = false\n[clinic.york.third_party]\nhelsenorge = true\n",
            {"oslo digicare", "york digicare", "york helsenorge"},
            id="helsenorge sends for york alone",
        ),
    ],
)
def test_a_third_party_sends_its_own_notices_where_the_clinic_says_so(
    notify: Notify, settings: str, silent: set[str]
) -> None:
    notify.configure(CONFIG_WITHOUT_LIMITS + settings)
    at = moment("oslo", HAPPENED)
    for clinic in ("oslo", "york"):
        for source in ("local", "digicare", "helsenorge"):
            notify.appointment(at, clinic, at + DAY, appointment_id=f"{clinic} {source}", source=source)
    notify.run(at + 300)
    rows = notify.history(at + 300)
    assert {row["subject_id"] for row in rows if row["reason"] == "third_party"} == silent
    assert len(rows) == 6
    assert all(row["status"] == "sent" for row in rows if row["subject_id"] not in silent)


# R6: a dialog happens once


@pytest.mark.parametrize(
    ("first", "later", "event"),
    [
        pytest.param("dialog", "prescription", "dialog", id="a dialog"),
        pytest.param("invoice", "dialog", "reply", id="an answer"),
    ],
)
def test_a_dialog_that_comes_again_as_another_kind_has_happened_once(
    notify: Notify, first: str, later: str, event: str
) -> None:
    at = moment("oslo", HAPPENED)
    row = {"clinic_id": "oslo", "dialog_id": "D1", "patient_id": "P1"}
    notify.bring(at, "dialogs", row | {"kind": first, "sent_at": iso(at)})
    notify.run(at)
    notify.bring(at + HOUR, "dialogs", row | {"kind": later, "sent_at": iso(at)})
    notify.run(at + HOUR)
    assert notify.went_out(at + HOUR) == [(event, iso(at))]
    told = notify.why(at + HOUR, "oslo", "dialog", "D1")
    assert [(one["event"], one["verdict"]) for one in told] == [(event, "sent")]
