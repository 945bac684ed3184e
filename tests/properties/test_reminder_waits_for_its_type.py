"""SPEC section 4, R15: a reminder waits without a row while R5 could still make it due; R16: what was known too late.

A1 is on Thursday 11 June at 10: its reminder is due on Tuesday 9 June at 10, and R5 could make it due on that day only.
Goes by the command line.
"""

from pathlib import Path

import pytest

from tests.support.timelines import Step, arrived, called, came, patients, played, ran, visit

A1 = visit("A1", "P1", "06-11 10:00", "06-03 12:00")
BOOKED = (came("06-03 12:00", A1), ran("06-03 12:05", "06-09 09:59"))
CONFIRMED = "06-03 12:05 P1 confirmation A1 email"
REMINDED = "06-09 10:00 P1 reminder A1 email"


def type_(at: str, word: str) -> Step:
    return called(at, "type", word, "nidelv", "KONS")


def module(at: str, word: str) -> Step:
    return called(at, "module", word, "nidelv", "timebook")


def types(at: str, notifications: str) -> Step:
    return arrived(at, f"clinic_id;type_id;notifications\nnidelv;KONS;{notifications}\n", "types.csv")


def clinics(at: str, timebook: str) -> Step:
    return arrived(at, f"clinic_id;name;timebook\nnidelv;Nidelv legesenter;{timebook}\n", "clinics.csv")


def to_another_type(at: str) -> Step:
    return came(at, A1 | {"kind": "OLD", "changed": at})


SWITCHES = [
    pytest.param(type_("06-09 10:00:20", "disable"), type_("06-09 10:02:20", "enable"), id="the type, by command"),
    pytest.param(module("06-09 10:00:20", "disable"), module("06-09 10:02:20", "enable"), id="the module, by command"),
    pytest.param(types("06-09 10:00:20", "no"), types("06-09 10:02:20", "yes"), id="the type, by file"),
    pytest.param(clinics("06-09 10:00:20", "nei"), clinics("06-09 10:02:20", "ja"), id="the module, by file"),
    pytest.param(
        type_("06-09 10:00:20", "disable"), types("06-09 10:02:20", "yes"), id="off by command, a file is no yes"
    ),
    pytest.param(
        type_("06-09 10:00:20", "disable"), to_another_type("06-09 10:02:20"), id="a type that is on, by a row"
    ),
]


@pytest.mark.parametrize(("off", "on"), SWITCHES[:4] + SWITCHES[5:])
def test_a_reminder_waits_without_a_row_and_is_sent_when_it_is_on_again(tmp_path: Path, off: Step, on: Step) -> None:
    timeline = played(tmp_path, *BOOKED, off, ran("06-09 10:01", "06-09 10:02"))
    assert timeline.history() == [CONFIRMED]
    timeline.play([on, ran("06-09 10:03", "06-09 10:04")])
    assert timeline.history() == [CONFIRMED, REMINDED]
    assert timeline.rows()[-1]["sent_at"] == "2026-06-09T08:03:00Z"


def test_a_cell_that_says_what_was_imported_last_switches_nothing_on(tmp_path: Path) -> None:
    off, on = SWITCHES[4].values
    timeline = played(tmp_path, *BOOKED, off, on, ran("06-09 10:03"))  # type: ignore[arg-type]
    assert timeline.history() == [CONFIRMED]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [ran("06-09 10:01", "06-09 18:00"), type_("06-09 23:59", "enable"), ran("06-09 23:59")],
            [REMINDED],
            id="on again in the last minute of the day",
        ),
        pytest.param(
            [ran("06-09 10:01", "06-09 23:59", "06-10 00:00"), type_("06-10 08:00", "enable"), ran("06-10 08:00")],
            ["06-09 10:00 P1 reminder A1 type_off"],
            id="still off at midnight: R5 cannot make it due any more",
        ),
        pytest.param(
            [ran("06-09 10:01"), type_("06-10 00:30", "enable"), ran("06-10 00:31")],
            [REMINDED],
            id="on again after midnight, and silence between: on when it is looked at",
        ),
        pytest.param(
            [
                *(ran("06-09 10:01"), type_("06-09 10:02", "enable"), type_("06-09 10:02:30", "disable")),
                *(ran("06-09 10:03"), type_("06-09 11:00", "enable"), ran("06-09 11:00")),
                *(type_("06-09 12:00", "disable"), type_("06-09 12:01", "enable"), ran("06-09 12:02")),
            ],
            [REMINDED],
            id="off and on many times: once",
        ),
        pytest.param(
            [
                *(ran("06-09 10:01"), came("06-09 10:30", A1 | {"status": "cancelled", "changed": "06-09 10:30"})),
                *(type_("06-09 11:00", "enable"), ran("06-09 11:00")),
            ],
            [],
            id="cancelled while it waited and the type was off",
        ),
        pytest.param(
            [
                *(ran("06-09 10:01"), came("06-09 10:30", A1 | {"starts": "06-15 10:00", "changed": "06-09 10:30"})),
                *(type_("06-09 11:00", "enable"), ran("06-09 11:00", "06-13 10:00")),  # a Saturday, before a Monday
            ],
            ["06-13 10:00 P1 reminder A1 email"],
            id="moved while it waited: a reminder for the new start",
        ),
        pytest.param(
            [
                *(ran("06-09 10:01"), came("06-09 10:30", A1 | {"status": "arrived", "changed": "06-09 10:30"})),
                *(type_("06-09 11:00", "enable"), ran("06-09 11:00")),
            ],
            [],
            id="ended while it waited",
        ),
        pytest.param(
            [
                *(ran("06-09 10:01"), patients("06-09 10:30", "P1;kari@post.example;91000001;no")),
                *(type_("06-09 11:00", "enable"), ran("06-09 11:00")),
            ],
            ["06-09 10:00 P1 reminder A1 no_consent"],
            id="consent withdrawn while it waited",
        ),
    ],
)
def test_what_becomes_of_a_reminder_that_waits(tmp_path: Path, steps: list[Step], expected: list[str]) -> None:
    history = played(tmp_path, *BOOKED, type_("06-09 10:00:20", "disable"), *steps).history()
    assert history == [CONFIRMED, *expected]


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        pytest.param("06-09 12:00", "06-09 12:00 P1 reminder A1 email", id="on the day: R5, at once"),
        pytest.param("06-10 08:00", None, id="on the day after: activated too late"),
    ],
)
def test_off_before_the_48th_hour_it_is_due_when_it_is_on_again(tmp_path: Path, at: str, sent: str | None) -> None:
    timeline = played(tmp_path, *BOOKED, type_("06-09 09:59:30", "disable"), ran("06-09 10:01"), type_(at, "enable"))
    assert timeline.play([ran(at, "06-10 09:00")]).history() == [CONFIRMED, *([sent] if sent else [])]


def test_both_off_waits_and_is_module_off_at_midnight(tmp_path: Path) -> None:
    steps = (type_("06-09 10:00:10", "disable"), module("06-09 10:00:20", "disable"), ran("06-09 10:01"))
    timeline = played(tmp_path, *BOOKED, *steps)
    assert timeline.history() == [CONFIRMED]
    timeline.play([type_("06-09 11:00", "enable"), ran("06-09 11:00"), type_("06-09 11:01", "disable")])
    timeline.play([ran("06-10 00:00")])
    assert timeline.history() == [CONFIRMED, "06-09 10:00 P1 reminder A1 module_off"]


@pytest.mark.parametrize("event", ["confirmation", "change", "cancellation"])
def test_other_events_do_not_wait(tmp_path: Path, event: str) -> None:
    row = {
        "confirmation": A1,
        "change": A1 | {"starts": "06-12 10:00", "changed": "06-03 12:20"},
        "cancellation": A1 | {"status": "cancelled", "changed": "06-03 12:20", "cancelled": "06-03 12:20"},
    }[event]
    before = [] if event == "confirmation" else [came("06-03 12:00", A1), ran("06-03 12:05")]
    at = "06-03 12:00" if event == "confirmation" else "06-03 12:20"
    steps = [*before, came(at, row), type_(f"{at[:-1]}1", "disable"), ran(f"{at[:-1]}5")]
    history = played(tmp_path, *steps, type_(f"{at[:-1]}7", "enable"), ran(f"{at[:-1]}8")).history()
    assert history[-1] == f"{at[:-1]}5 P1 {event} A1 type_off"


# R14 and R16: what became known too late is too_late; what became too late while it waited is unknown_patient


UNKNOWN = {"patient": "P99"}
KNOWN = patients("06-12 08:00", "P99;p99@post.example;91000099;yes")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [came("06-03 12:00", A1 | UNKNOWN | {"starts": "06-03 13:00"}), ran("06-03 12:05", "06-03 13:00")],
            "06-03 12:05 P99 confirmation A1 unknown_patient",
            id="it waited until the start came",
        ),
        pytest.param(
            [
                came("06-03 12:00", A1 | UNKNOWN | {"starts": "06-03 13:00"}),
                *(ran("06-03 12:05", "06-03 12:59", "06-03 13:30"), KNOWN, ran("06-12 08:01")),
            ],
            "06-03 12:05 P99 confirmation A1 unknown_patient",
            id="and the patient came afterwards",
        ),
        pytest.param(
            [came("06-03 13:10", A1 | UNKNOWN | {"starts": "06-03 13:00"}), ran("06-03 13:15")],
            "06-03 12:05 P99 confirmation A1 too_late",
            id="the row came after the start",
        ),
        pytest.param(
            [came("06-03 13:10", A1 | {"starts": "06-03 13:00"}), ran("06-03 13:15")],
            "06-03 12:05 P1 confirmation A1 too_late",
            id="the row of a known patient came after the start",
        ),
        pytest.param(
            [came("06-03 12:59", A1 | {"starts": "06-03 13:00", "booked": "06-03 12:58"}), ran("06-03 13:03")],
            "06-03 13:03 P1 confirmation A1 too_late",
            id="due after the start",
        ),
        pytest.param(
            [
                *(came("06-03 12:00", A1 | UNKNOWN), ran("06-03 12:05")),
                *(patients("06-10 08:00", "P99;p99@post.example;;yes"), ran("06-10 08:01")),
            ],
            "06-03 12:05 P99 confirmation A1 email",
            id="the patient came in time",
        ),
    ],
)
def test_what_became_known_too_late(tmp_path: Path, steps: list[Step], expected: str) -> None:
    history = played(tmp_path, *steps).history()
    assert [line for line in history if "confirmation" in line] == [expected]
