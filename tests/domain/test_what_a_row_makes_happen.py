"""SPEC section 3: the table of what an imported appointment row makes happen, each line and each time."""

import pytest

from notifycli.domain.appointment_events import (
    Details,
    Identity,
    Standing,
    event_of_row,
    events_of_takeover,
    is_merge,
)
from notifycli.domain.freshness import wins_within_file
from tests.support.facts import oslo

STARTS = oslo("2026-06-11 10:00")
MOVED = oslo("2026-06-12 10:00")
IMPORTED = oslo("2026-06-04 08:00")
BOOKED, CHANGED, CANCELLED = (oslo(f"2026-06-03 {clock}") for clock in ("12:00", "13:00", "14:00"))


def details(state="booked", starts_at=STARTS, location="", **times) -> Details:
    return Details(state, starts_at, location, **({"booked_at": BOOKED} | times))


def standing(state="booked", before_end=None, last_at=None, seen_open_at=None, **facts) -> Standing:
    return Standing(details(state, **facts), last_at, seen_open_at, before_end)


def kind_and_time(stored, row, migrated=False):
    appointment_event = event_of_row(stored, row, migrated, IMPORTED)
    return appointment_event and (appointment_event.kind, appointment_event.at)


ALL_TIMES = {"changed_at": CHANGED, "cancelled_at": CANCELLED}


@pytest.mark.parametrize(
    ("before", "row", "migrated", "expected"),
    [
        pytest.param(None, "booked", False, ("booking", BOOKED), id="new and booked"),
        pytest.param(None, "booked", True, ("migration", IMPORTED), id="migrated"),
        pytest.param(None, "cancelled", False, None, id="first seen cancelled"),
        pytest.param(None, "ended", False, None, id="first seen ended"),
        pytest.param(None, "open", False, None, id="first seen open"),
        pytest.param(standing("open"), "booked", False, ("booking", CHANGED), id="proposed, then booked"),
        pytest.param(standing("open"), "booked", True, ("migration", IMPORTED), id="open, migrated: registered"),
        pytest.param(standing(), "booked", False, None, id="the same again"),
        pytest.param(standing(), "cancelled", False, ("cancellation", CANCELLED), id="cancelled"),
        pytest.param(standing(), "open", False, ("cancellation", CANCELLED), id="open again"),
        pytest.param(standing(), "ended", False, None, id="met"),
        pytest.param(standing("cancelled"), "booked", False, ("booking", CHANGED), id="booked again, at changed_at"),
        pytest.param(standing("cancelled"), "cancelled", False, None, id="cancelled still"),
        pytest.param(standing("cancelled"), "ended", False, None, id="cancelled, then ended"),
        pytest.param(
            standing("ended", "booked"), "cancelled", False, ("cancellation", CANCELLED), id="ended, cancelled"
        ),
        pytest.param(standing("ended", "booked"), "open", False, None, id="ended, then open"),
        pytest.param(standing("ended", "booked"), "booked", False, None, id="ended by mistake"),
        pytest.param(
            standing("ended", "cancelled"), "booked", False, ("booking", CHANGED), id="cancelled, ended, booked"
        ),
        pytest.param(standing("ended", "cancelled"), "cancelled", False, None, id="cancelled, ended, cancelled"),
        pytest.param(standing("ended"), "booked", False, ("booking", CHANGED), id="never booked, before its start"),
        pytest.param(
            standing("ended", "open"), "booked", False, ("booking", CHANGED), id="a request that ended, booked"
        ),
    ],
)
def test_each_line_of_the_table(before, row, migrated, expected):
    assert kind_and_time(before, details(row, **ALL_TIMES), migrated=migrated) == expected


@pytest.mark.parametrize(
    ("booked_at", "expected"),
    [
        pytest.param(BOOKED, ("change", CHANGED), id="the booking of before: moved"),
        pytest.param(oslo("2026-06-03 09:00"), ("booking", oslo("2026-06-03 09:00")), id="booked after it had been"),
    ],
)
def test_an_ended_appointment_at_another_time_is_moved_or_booked_anew(booked_at, expected):
    stored = standing("ended", "booked", starts_at=oslo("2026-06-02 10:00"), booked_at=oslo("2026-05-20 12:00"))
    row = details(starts_at=MOVED, booked_at=min(booked_at, oslo("2026-06-03 09:00")), changed_at=CHANGED)
    if expected[0] == "change":
        row = details(starts_at=MOVED, booked_at=oslo("2026-05-20 12:00"), changed_at=CHANGED)
    assert kind_and_time(stored, row) == expected


def test_what_ended_unbooked_is_not_booked_after_its_start():
    assert kind_and_time(standing("ended"), details(starts_at=IMPORTED, changed_at=CHANGED)) is None


@pytest.mark.parametrize(
    ("row", "moved"),
    [
        pytest.param(details(starts_at=MOVED, changed_at=CHANGED), True, id="another time"),
        pytest.param(details(location="Rom 2", changed_at=CHANGED), False, id="another place"),
    ],
)
def test_another_time_or_place_is_a_change_and_only_the_time_moves_it(row, moved):
    appointment_event = event_of_row(standing(last_at=BOOKED), row, False, IMPORTED)
    assert appointment_event is not None
    assert (appointment_event.kind, appointment_event.at, appointment_event.moved) == ("change", CHANGED, moved)


@pytest.mark.parametrize(
    ("changed_at", "at"),
    [
        pytest.param(None, IMPORTED, id="missing"),
        pytest.param(IMPORTED + 1, IMPORTED, id="later than the import"),
        pytest.param(IMPORTED, IMPORTED, id="the import itself"),
        pytest.param(BOOKED, IMPORTED, id="not later than the booking"),
        pytest.param(BOOKED + 1, BOOKED + 1, id="a second later than the booking"),
        pytest.param(CHANGED, IMPORTED, id="stored already: of an event before"),
    ],
)
def test_a_time_that_cannot_be_is_the_time_of_the_import(changed_at, at):
    row = details(starts_at=MOVED, changed_at=changed_at)
    assert kind_and_time(standing(last_at=BOOKED, changed_at=CHANGED), row) == ("change", at)


def test_a_cancellation_without_its_time_goes_by_changed_at():
    row = details("cancelled", changed_at=CHANGED)
    assert kind_and_time(standing(last_at=BOOKED), row) == ("cancellation", CHANGED)


def test_a_second_cancellation_with_the_time_of_the_first_is_at_its_import():
    row = details("cancelled", changed_at=CHANGED, cancelled_at=CANCELLED)
    assert kind_and_time(standing(cancelled_at=CANCELLED), row) == ("cancellation", IMPORTED)


@pytest.mark.parametrize(
    ("times", "at"),
    [
        pytest.param({"changed_at": CHANGED}, CHANGED, id="changed_at"),
        pytest.param({"booked_at": CHANGED}, CHANGED, id="else booked_at"),
        pytest.param({}, IMPORTED, id="booked_at stored already"),
        pytest.param({"booked_at": BOOKED - 60}, IMPORTED, id="before the last import that saw it open"),
        pytest.param({"changed_at": BOOKED - 60, "booked_at": CHANGED}, CHANGED, id="only changed_at is before it"),
    ],
)
def test_a_request_that_is_accepted_counts_from_the_acceptance(times, at):
    stored = standing("open", seen_open_at=BOOKED + 600)
    assert kind_and_time(stored, details(**times)) == ("booking", at)


@pytest.mark.parametrize(
    ("state", "changed_at", "migrated", "expected"),
    [
        pytest.param("booked", CHANGED, False, ("booking", CHANGED), id="at changed_at"),
        pytest.param("booked", None, False, ("booking", IMPORTED), id="never at booked_at: that was the old one's"),
        pytest.param("booked", BOOKED, False, ("booking", IMPORTED), id="not later than the last that happened"),
        pytest.param("booked", CHANGED, True, ("migration", IMPORTED), id="migrated"),
        pytest.param("cancelled", CHANGED, False, None, id="given away and cancelled"),
    ],
)
def test_what_another_patient_takes_over(state, changed_at, migrated, expected):
    appointment_event = events_of_takeover(
        standing(last_at=BOOKED), details(state, changed_at=changed_at), migrated, IMPORTED
    )
    assert (appointment_event and (appointment_event.kind, appointment_event.at)) == expected


KARI = Identity("Kari", {"kari@post.example", "+4791000001"})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(None, None, True, id="the old one is not known"),
        pytest.param(KARI, None, False, id="the new one is not known"),
        pytest.param(KARI, Identity("Kari", {"kari@post.example"}), True, id="the same address"),
        pytest.param(KARI, Identity("KARI ", {"+4791000001"}), True, id="the same number, the name written otherwise"),
        pytest.param(KARI, Identity("", {"+4791000001"}), True, id="a name that is not given does not differ"),
        pytest.param(KARI, Identity("Ola", {"+4791000001"}), False, id="a child with the mother's number"),
        pytest.param(KARI, Identity("Kari", {"other@post.example"}), False, id="a namesake"),
        pytest.param(KARI, Identity("Kari", set()), False, id="without contact details"),
        pytest.param(
            Identity("Kari", {"new@post.example"}, {"kari@post.example"}),
            Identity("Kari", {"kari@post.example"}),
            True,
            id="an address that the old one was written to",
        ),
    ],
)
def test_one_person_under_another_id(old, new, expected):
    assert is_merge(old, new) is expected


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param((CHANGED, False), (BOOKED, True), True, id="the later stamp"),
        pytest.param((BOOKED, True), (CHANGED, False), False, id="the earlier stamp"),
        pytest.param((BOOKED, True), (BOOKED, False), True, id="then the booked one"),
        pytest.param((BOOKED, False), (BOOKED, True), False, id="not the cancelled one"),
        pytest.param((BOOKED, True), (BOOKED, True), True, id="then the later row"),
    ],
)
def test_the_same_appointment_twice_in_a_file(new, old, expected):
    assert wins_within_file(*new, *old) is expected
