"""SPEC section 3: the table of what an imported appointment row makes happen, each line and each time."""

import pytest

from notifycli.domain.happenings import Details, fresher_than, what_happens
from tests.facts import oslo

STARTS = oslo("2026-06-11 10:00")
MOVED = oslo("2026-06-12 10:00")
IMPORTED = oslo("2026-06-04 08:00")
BOOKED, CHANGED, CANCELLED = (oslo(f"2026-06-03 {clock}") for clock in ("12:00", "13:00", "14:00"))


def details(state="booked", starts_at=STARTS, location="", **times) -> Details:
    return Details(state, starts_at, location, **({"booked_at": BOOKED} | times))


def kind_and_time(stored, row, last_at=None, migrated=False):
    happening = what_happens(stored, last_at, row, migrated, IMPORTED)
    return happening and (happening.kind, happening.at)


ALL_TIMES = {"changed_at": CHANGED, "cancelled_at": CANCELLED}


@pytest.mark.parametrize(
    ("before", "row", "migrated", "expected"),
    [
        pytest.param(None, "booked", False, ("booking", BOOKED), id="new and booked"),
        pytest.param("open", "booked", False, ("booking", BOOKED), id="proposed, then booked"),
        pytest.param(None, "booked", True, ("migration", IMPORTED), id="migrated"),
        pytest.param("open", "booked", True, None, id="stored open, migrated: not in the table"),
        pytest.param(None, "cancelled", False, None, id="first seen cancelled"),
        pytest.param(None, "ended", False, None, id="first seen ended"),
        pytest.param(None, "open", False, None, id="first seen open"),
        pytest.param("booked", "booked", False, None, id="the same again"),
        pytest.param("booked", "cancelled", False, ("cancellation", CANCELLED), id="cancelled"),
        pytest.param("booked", "open", False, ("cancellation", CANCELLED), id="open again"),
        pytest.param("booked", "ended", False, None, id="met"),
        pytest.param("cancelled", "booked", False, ("booking", CHANGED), id="booked again, at changed_at"),
        pytest.param("cancelled", "cancelled", False, None, id="cancelled still"),
        pytest.param("ended", "booked", False, None, id="ended, then booked: stored only"),
    ],
)
def test_each_line_of_the_table(before, row, migrated, expected):
    stored = details(before) if before else None
    assert kind_and_time(stored, details(row, **ALL_TIMES), migrated=migrated) == expected


@pytest.mark.parametrize(
    ("row", "moved"),
    [
        pytest.param(details(starts_at=MOVED, changed_at=CHANGED), True, id="another time"),
        pytest.param(details(location="Rom 2", changed_at=CHANGED), False, id="another place"),
    ],
)
def test_another_time_or_place_is_a_change_and_only_the_time_moves_it(row, moved):
    happening = what_happens(details(), BOOKED, row, False, IMPORTED)
    assert happening is not None
    assert (happening.kind, happening.at, happening.moved) == ("change", CHANGED, moved)


@pytest.mark.parametrize(
    ("changed_at", "at"),
    [
        pytest.param(None, IMPORTED, id="missing"),
        pytest.param(IMPORTED + 1, IMPORTED, id="later than the import"),
        pytest.param(IMPORTED, IMPORTED, id="the import itself"),
        pytest.param(BOOKED, IMPORTED, id="not later than the booking"),
        pytest.param(BOOKED + 1, BOOKED + 1, id="a second later than the booking"),
    ],
)
def test_a_time_that_cannot_be_is_the_time_of_the_import(changed_at, at):
    row = details(starts_at=MOVED, changed_at=changed_at)
    assert kind_and_time(details(), row, last_at=BOOKED) == ("change", at)


def test_a_cancellation_without_its_time_goes_by_changed_at():
    row = details("cancelled", changed_at=CHANGED)
    assert kind_and_time(details(), row, last_at=BOOKED) == ("cancellation", CHANGED)


@pytest.mark.parametrize(
    ("stored", "row", "is_stale"),
    [
        pytest.param(CHANGED, details(), True, id="an older row"),
        pytest.param(BOOKED, details(), False, id="as fresh"),
        pytest.param(CHANGED, details(changed_at=CANCELLED), False, id="a fresher row"),
        pytest.param(CHANGED, details(booked_at=None), False, id="no times: as fresh as its import"),
        pytest.param(IMPORTED + 1, details(booked_at=None), True, id="no times, yet imported before"),
    ],
)
def test_a_row_older_than_what_is_stored_is_stale(stored, row, is_stale):
    assert fresher_than(stored, row, IMPORTED) is is_stale
