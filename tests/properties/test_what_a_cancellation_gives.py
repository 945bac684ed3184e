"""SPEC section 4: what a cancellation gives, when R12 keeps it back, in which order a patient hears, and R19 after it.

A1 is on Thursday 11 June at 10, and P3 is written to by SMS. Goes by the command line.
"""

import json
from pathlib import Path

import pytest

from tests.support.timelines import PLACED, Step, Timeline, Visit, arrived, called, came, played, ran, visit

A1 = visit("A1", "P3", "06-11 10:00", "06-03 12:00", place="Storgata 1")


def moved(at: str, starts: str = "06-18 10:00", **cells: str) -> Visit:
    return A1 | {"starts": starts, "changed": at} | cells


def cancelled(at: str, row: Visit = A1, **cells: str) -> Visit:
    return {**row, "status": "cancelled", "changed": at, "cancelled": at} | cells


def placed(at: str, *rows: Visit) -> Step:
    return came(at, *rows, header=PLACED)


BOOKED, TOLD = placed("06-03 12:00", A1), ran("06-03 12:05")
CONFIRMED = "06-03 12:05 P3 confirmation A1 sms"


@pytest.mark.parametrize(
    ("steps", "given", "place"),
    [
        pytest.param(
            [
                BOOKED,
                TOLD,
                placed("06-03 12:30", moved("06-03 12:30")),
                placed("06-03 12:33", cancelled("06-03 12:33")),
            ],
            "11. juni kl. 10.00",
            "Storgata 1",
            id="moved and cancelled within five minutes, back at the old time",
        ),
        pytest.param(
            [
                *(BOOKED, TOLD),
                placed("06-03 12:30", moved("06-03 12:30", place="Torget 2")),
                placed("06-03 12:33", cancelled("06-03 12:33", moved("06-03 12:30", place="Torget 2"))),
            ],
            "11. juni kl. 10.00",
            "Storgata 1",
            id="moved and cancelled within five minutes",
        ),
        pytest.param(
            [BOOKED, TOLD, placed("06-03 12:33", cancelled("06-03 12:33", moved("06-03 12:33")))],
            "11. juni kl. 10.00",
            "Storgata 1",
            id="moved and cancelled in one row",
        ),
        pytest.param(
            [
                *(BOOKED, TOLD, placed("06-03 12:20", moved("06-03 12:20", place="Torget 2")), ran("06-03 12:25")),
                placed("06-03 12:33", cancelled("06-03 12:33", moved("06-03 12:20", place="Torget 2"))),
            ],
            "18. juni kl. 10.00",
            "Torget 2",
            id="the change was told",
        ),
        pytest.param(
            [
                *(BOOKED, TOLD, placed("06-03 12:20", moved("06-03 12:20", "06-12 10:00")), ran("06-03 12:25")),
                placed("06-03 12:30", moved("06-03 12:30", "06-15 10:00")),
                placed("06-03 12:31", moved("06-03 12:31", "06-16 10:00")),
                placed("06-03 12:33", cancelled("06-03 12:33", moved("06-03 12:31", "06-16 10:00"))),
            ],
            "12. juni kl. 10.00",
            "Storgata 1",
            id="the last of many that was told",
        ),
        pytest.param(
            [
                called("06-03 11:00", "type", "disable", "nidelv", "KONS"),
                BOOKED,
                called("06-03 12:20", "type", "enable", "nidelv", "KONS"),
                placed("06-03 12:33", cancelled("06-03 12:33")),
            ],
            "11. juni kl. 10.00",
            "Storgata 1",
            id="never told: its own",
        ),
        pytest.param(
            [
                *(BOOKED, TOLD, placed("06-03 12:10", cancelled("06-03 12:10")), ran("06-03 12:15")),
                placed("06-03 12:30", moved("06-03 12:30", place="Torget 2")),
                placed("06-03 12:33", cancelled("06-03 12:33", moved("06-03 12:30", place="Torget 2"))),
            ],
            "18. juni kl. 10.00",
            "Torget 2",
            id="what was told is cancelled already: its own",
        ),
    ],
)
def test_a_cancellation_gives_what_the_patient_was_last_told(
    tmp_path: Path, steps: list[Step], given: str, place: str
) -> None:
    timeline = played(tmp_path, *steps, ran("06-03 12:38"))
    text = timeline.texts("cancellation")[-1]
    assert "er avlyst" in text
    assert given in text
    assert f"Sted: {place}" in text


def test_it_gives_what_a_reminder_told_last(tmp_path: Path) -> None:
    """Moved so late that only the reminder told it: the change came while the type was off."""
    timeline = played(
        tmp_path,
        *(BOOKED, TOLD, called("06-03 12:10", "type", "disable", "nidelv", "KONS")),
        placed("06-03 12:20", moved("06-03 12:20")),
        called("06-03 12:30", "type", "enable", "nidelv", "KONS"),
        ran("06-16 10:00"),  # a Tuesday
        placed("06-16 12:00", cancelled("06-16 12:00", moved("06-03 12:20"))),
        ran("06-16 12:05"),
    )
    assert "18. juni kl. 10.00 er avlyst" in timeline.texts("cancellation")[0]


# R12: a booked appointment of the patient at the clinic has the starts_at that the cancellation would give


def another(starts: str = "06-11 10:00", booked: str = "06-03 12:25", **cells: str) -> Visit:
    return visit("A2", "P3", starts, booked, place="Storgata 1") | cells


OF_A1 = cancelled("06-03 12:25")
YORK = "clinic_id;name;timebook\nyork;York legesenter;yes\n"


@pytest.mark.parametrize(
    ("rows", "goes_out"),
    [
        pytest.param([OF_A1, another()], False, id="moved under a new id"),
        pytest.param([another(), OF_A1], False, id="the new one first"),
        pytest.param([OF_A1, another(place="Torget 2")], False, id="at another place"),
        pytest.param([OF_A1, another(kind="OFF")], False, id="of a type that is off"),
        pytest.param([OF_A1, another(booked="05-20 12:00", kind="OFF")], False, id="booked long ago"),
        pytest.param([OF_A1, another("06-12 10:00")], True, id="at another time"),
        pytest.param([OF_A1, another("06-11 10:01")], True, id="a minute later"),
        pytest.param([OF_A1, another(patient="P4")], True, id="another patient's"),
        pytest.param([OF_A1, another(clinic="york")], True, id="another clinic's"),
        pytest.param([OF_A1, another(status="pending")], True, id="a mere request"),
        pytest.param([OF_A1, another(status="cancelled")], True, id="cancelled, too"),
        pytest.param([OF_A1 | {"starts": "06-18 10:00"}, another()], False, id="at the time told, not its own"),
        pytest.param([OF_A1 | {"starts": "06-18 10:00"}, another("06-18 10:00")], True, id="at its own, not the told"),
    ],
)
def test_a_cancellation_of_a_slot_that_the_patient_has(tmp_path: Path, rows: list[Visit], goes_out: bool) -> None:
    york = arrived("06-03 11:00", YORK, "york.csv")
    timeline = played(tmp_path, york, BOOKED, TOLD, placed("06-03 12:26", *rows), ran("06-03 12:30"))
    line = f"06-03 12:30 P3 cancellation A1 {'sms' if goes_out else 'superseded'}"
    assert [row for row in timeline.history() if "cancellation" in row] == [line]


def test_booked_again_at_the_same_time_under_the_same_id(tmp_path: Path) -> None:
    again = A1 | {"changed": "06-03 12:27"}
    steps = (BOOKED, TOLD, placed("06-03 12:25", OF_A1), placed("06-03 12:27", again), ran("06-03 12:40"))
    assert played(tmp_path, *steps).history() == [
        CONFIRMED,
        "06-03 12:30 P3 cancellation A1 superseded",
        "06-03 12:32 P3 confirmation A1 sms",
    ]


def test_booked_again_at_another_time_and_cancelled_again_tells_each_slot(tmp_path: Path) -> None:
    elsewhere = moved("06-03 12:27")
    timeline = played(
        tmp_path,
        *(BOOKED, TOLD, placed("06-03 12:25", OF_A1), placed("06-03 12:27", elsewhere), ran("06-03 12:40")),
        *(placed("06-03 13:00", cancelled("06-03 13:00", elsewhere)), ran("06-03 13:05")),
    )
    days = [text.split(" torsdag ")[1][:8] for text in timeline.texts("cancellation")]
    assert days == ["11. juni", "18. juni"]


def test_the_new_ids_slot_is_cancelled_as_well(tmp_path: Path) -> None:
    """A1's cancellation was kept back for A2; A2's own tells the patient that nothing is left."""
    timeline = played(
        tmp_path,
        *(BOOKED, TOLD, placed("06-03 12:25", OF_A1, another()), ran("06-03 12:30")),
        *(placed("06-03 13:00", cancelled("06-03 13:00", another())), ran("06-03 13:05")),
    )
    assert timeline.history() == [
        CONFIRMED,
        "06-03 12:30 P3 cancellation A1 superseded",
        "06-03 12:30 P3 confirmation A2 sms",
        "06-03 13:05 P3 cancellation A2 sms",
    ]


# The order of sending


def order_of_sending(timeline: Timeline) -> list[str]:
    lines = (timeline.clinic.folder / "outbox" / "sms.jsonl").read_text(encoding="utf-8").splitlines()
    events = {row["delivery"]: f"{row['event']} {row['subject_id']}" for row in timeline.rows()}
    return [events[json.loads(line)["delivery"]] for line in lines]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [another("06-18 10:00"), OF_A1],
            ["cancellation A1", "confirmation A2"],
            id="equal due times, the new one first",
        ),
        pytest.param([OF_A1, another("06-18 10:00")], ["cancellation A1", "confirmation A2"], id="equal due times"),
        pytest.param(
            [cancelled("06-03 12:26"), another("06-18 10:00")],
            ["confirmation A2", "cancellation A1"],
            id="the earlier due time first",
        ),
        pytest.param(
            [moved("06-03 12:25", "06-12 10:00"), another("06-18 10:00")],
            ["confirmation A2", "change A1"],
            id="a confirmation before a change",
        ),
    ],
)
def test_cancellations_go_out_first(tmp_path: Path, rows: list[Visit], expected: list[str]) -> None:
    timeline = played(tmp_path, BOOKED, TOLD, placed("06-03 12:26", *rows), ran("06-03 12:35"))
    assert order_of_sending(timeline) == ["confirmation A1", *expected]


# R19 goes by what the patient was last told, a cancellation included


OFF, ON = (
    called(at, "type", word, "nidelv", "KONS") for at, word in (("06-03 13:00", "disable"), ("06-03 13:20", "enable"))
)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [placed("06-03 13:30", moved("06-03 13:30")), placed("06-03 13:32", moved("06-03 13:32", "06-11 10:00"))],
            ["06-03 13:35 P3 change A1 superseded", "06-03 13:37 P3 change A1 covered"],
            id="moved and moved back before anyone was told",
        ),
        pytest.param(
            [
                *(placed("06-03 13:25", moved("06-03 13:25")), ran("06-03 13:30")),
                placed("06-03 13:32", moved("06-03 13:32", "06-11 10:00")),
            ],
            ["06-03 13:30 P3 change A1 sms", "06-03 13:37 P3 change A1 sms"],
            id="moved back after it was told",
        ),
        pytest.param(
            [
                *(placed("06-03 13:25", moved("06-03 13:25")), ran("06-03 13:30")),
                placed("06-03 13:31", moved("06-03 13:31", "06-11 10:00")),
                placed("06-03 13:33", moved("06-03 13:33")),
            ],
            [
                "06-03 13:30 P3 change A1 sms",
                "06-03 13:36 P3 change A1 superseded",
                "06-03 13:38 P3 change A1 covered",
            ],
            id="moved back and there again",
        ),
        pytest.param(
            [
                placed("06-03 13:30", A1 | {"place": "Torget 2", "changed": "06-03 13:30"}),
                placed("06-03 13:32", A1 | {"changed": "06-03 13:32"}),
            ],
            ["06-03 13:35 P3 change A1 superseded", "06-03 13:37 P3 change A1 covered"],
            id="another place and back",
        ),
        pytest.param(
            [
                *(placed("06-03 12:50", cancelled("06-03 12:50")), ran("06-03 12:55"), OFF),
                *(placed("06-03 13:10", moved("06-03 13:10")), ON),
                placed("06-03 13:30", moved("06-03 13:30", "06-11 10:00")),
            ],
            ["06-03 12:55 P3 cancellation A1 sms", "06-03 13:35 P3 change A1 sms"],
            id="told that it was cancelled, booked while the type was off, moved to the old time",
        ),
        pytest.param(
            [
                *(
                    placed("06-03 12:50", cancelled("06-03 12:50")),
                    placed("06-03 12:52", A1 | {"changed": "06-03 12:52"}),
                ),
                *(
                    placed("06-03 12:53", moved("06-03 12:53")),
                    placed("06-03 12:54", moved("06-03 12:54", "06-11 10:00")),
                ),
            ],
            [
                "06-03 12:55 P3 cancellation A1 superseded",
                "06-03 12:57 P3 confirmation A1 sms",
                "06-03 12:58 P3 change A1 superseded",
                "06-03 12:59 P3 change A1 covered",
            ],
            id="a cancellation that never went out leaves what was told",
        ),
    ],
)
def test_a_change_that_tells_nothing_new(tmp_path: Path, steps: list[Step], expected: list[str]) -> None:
    timeline = played(tmp_path, BOOKED, TOLD, *steps, ran("06-03 13:40"))
    assert timeline.history() == [CONFIRMED, *expected]
