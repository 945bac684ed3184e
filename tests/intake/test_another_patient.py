"""SPEC section 3: another patient on a stored appointment: a merge goes on, anything else is a takeover.

A1 is on Thursday 11 June at 10; its reminder is due on Tuesday 9 June at 10. Goes by the command line.
"""

from pathlib import Path

import pytest

from tests.support.timelines import (
    PLAIN,
    STAMPED,
    Step,
    Timeline,
    arrived,
    called,
    came,
    patients,
    played,
    ran,
    table,
    visit,
)

A1 = visit("A1", "P1", "06-11 10:00", "06-03 12:00")
BOOKED, CONFIRMED = came("06-03 12:00", A1), ran("06-03 12:05")
TOLD_P1 = "06-03 12:05 P1 confirmation A1 email"
REMINDERS = ran("06-09 10:00", "06-09 15:00", "06-11 12:00")
NEW = "given_name;email;mobile;consent"
TWIN = patients("06-03 11:00", "P1b;Kari;kari@post.example;91000001;yes", columns=NEW)


def given(at: str, patient: str, **cells: str) -> Step:
    """At this minute the clinic's system changed the patient, and the row came."""
    return came(at, A1 | {"patient": patient, "changed": at} | cells)


# Merges: nothing happens, what is planned goes on for the new id, what went out counts as told


@pytest.mark.parametrize(
    "new",
    [
        pytest.param("Kari;kari@post.example;91000001;yes", id="both"),
        pytest.param("Kari;kari@post.example;;yes", id="the e-mail address only"),
        pytest.param("Kari;kari.ny@post.example;+47 910 00 001;yes", id="the mobile only, written otherwise"),
        pytest.param("Kari;KARI@POST.example;91999999;yes", id="the address in other letters"),
        pytest.param("KARI ;kari@post.example;91000001;yes", id="the name in other letters"),
    ],
)
def test_one_person_under_another_id_goes_on(tmp_path: Path, new: str) -> None:
    twin = patients("06-03 20:00", f"P1b;{new}", columns=NEW)
    timeline = played(tmp_path, BOOKED, CONFIRMED, twin, given("06-04 03:00", "P1b"), REMINDERS)
    assert timeline.history() == [TOLD_P1, "06-09 10:00 P1b reminder A1 email"]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [BOOKED, given("06-03 12:02", "P1b"), CONFIRMED],
            ["06-03 12:05 P1b confirmation A1 email"],
            id="before the confirmation went out",
        ),
        pytest.param(
            [BOOKED, CONFIRMED, given("06-03 13:00", "P1b", starts="06-12 10:00"), ran("06-03 13:05")],
            [TOLD_P1, "06-03 13:05 P1b change A1 email"],
            id="moved in the same row",
        ),
        pytest.param(
            [BOOKED, CONFIRMED, given("06-03 13:00", "P1b"), came("06-03 13:10", A1 | {"patient": "P1b"})],
            [TOLD_P1],
            id="named again",
        ),
        pytest.param(
            [
                *(BOOKED, CONFIRMED, given("06-03 13:00", "P1b")),
                given("06-03 14:00", "P1b", status="cancelled", cancelled="06-03 14:00"),
                ran("06-03 14:05"),
            ],
            [TOLD_P1, "06-03 14:05 P1b cancellation A1 email"],
            id="cancelled afterwards",
        ),
        pytest.param(
            [
                *(BOOKED, CONFIRMED),
                given("06-03 14:00", "P1b", status="cancelled", cancelled="06-03 14:00"),
                ran("06-03 14:05"),
            ],
            [TOLD_P1, "06-03 14:05 P1b cancellation A1 email"],
            id="cancelled in the same row",
        ),
        pytest.param(
            [BOOKED, CONFIRMED, given("06-03 13:00", "P1b"), given("06-03 14:00", "P1"), ran("06-03 14:05")],
            [TOLD_P1],
            id="and back",
        ),
        pytest.param(
            [
                *(BOOKED, CONFIRMED, given("06-03 13:00", "P1b", starts="06-12 10:00")),
                given("06-03 13:02", "P1b", starts="06-11 10:00"),
                ran("06-03 13:10"),
            ],
            [
                TOLD_P1,
                "06-03 13:05 P1b change A1 superseded",
                "06-03 13:07 P1b change A1 covered",
            ],
            id="what went out counts as told",
        ),
    ],
)
def test_what_happens_to_a_merged_patients_appointment(tmp_path: Path, steps: list[Step], expected: list[str]) -> None:
    assert played(tmp_path, TWIN, *steps).history() == expected


def test_a_reminder_that_went_out_is_not_sent_to_the_new_id_again(tmp_path: Path) -> None:
    steps = (TWIN, BOOKED, CONFIRMED, ran("06-09 10:00"), given("06-09 12:00", "P1b"), ran("06-09 15:00"))
    assert played(tmp_path, *steps).history() == [TOLD_P1, "06-09 10:00 P1 reminder A1 email"]


def test_the_old_id_is_unknown(tmp_path: Path) -> None:
    """Booked for a patient whom no file ever brought: the confirmation waited, and goes to the one who is known."""
    unknown = came("06-03 12:00", A1 | {"patient": "P99"})
    timeline = played(tmp_path, unknown, CONFIRMED, given("06-03 12:30", "P3"), ran("06-03 12:31", "06-09 10:00"))
    assert timeline.history() == ["06-03 12:05 P3 confirmation A1 sms", "06-09 10:00 P3 reminder A1 sms"]


def test_the_old_one_was_written_to_at_the_new_ones_address(tmp_path: Path) -> None:
    emptied = patients("06-03 20:00", "P1;;;yes", "P1b;kari@post.example;;yes")
    timeline = played(tmp_path, BOOKED, CONFIRMED, emptied, given("06-04 03:00", "P1b"), REMINDERS)
    assert timeline.history() == [TOLD_P1, "06-09 10:00 P1b reminder A1 email"]


# Anything else is a takeover: a booking for the new patient, and nothing more for the old one


@pytest.mark.parametrize(
    "new",
    [
        pytest.param("Nina;nina@post.example;91000009;yes", id="a stranger"),
        pytest.param("Nina;kari@post.example;91000001;yes", id="a child with the mother's address and number"),
        pytest.param("Kari;kari2@post.example;91000009;yes", id="only the given name is the same"),
        pytest.param("Nina;nina@post.example;91000001;yes", id="a number that they share"),
    ],
)
def test_a_takeover_is_a_booking_for_the_new_patient(tmp_path: Path, new: str) -> None:
    other = patients("06-03 11:00", f"P9;{new}", columns=NEW)
    timeline = played(tmp_path, other, BOOKED, CONFIRMED, given("06-03 13:00", "P9"), ran("06-03 13:05"), REMINDERS)
    assert timeline.history() == [
        TOLD_P1,
        "06-03 13:05 P9 confirmation A1 email",
        "06-09 10:00 P9 reminder A1 email",
    ]


TAKEN = given("06-03 13:00", "P3")
TOLD_P3 = "06-03 13:05 P3 confirmation A1 sms"
REMINDED_P3 = "06-09 10:00 P3 reminder A1 sms"
CANCELLED = A1 | {"status": "cancelled", "changed": "06-03 12:30", "cancelled": "06-03 12:30"}
MOVED = A1 | {"starts": "06-12 10:00", "changed": "06-03 12:30"}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [came("06-03 12:30", CANCELLED), given("06-03 12:33", "P3"), ran("06-03 12:40"), REMINDERS],
            [
                TOLD_P1,
                "06-03 12:35 P1 cancellation A1 email",
                "06-03 12:38 P3 confirmation A1 sms",
                REMINDED_P3,
            ],
            id="the old one's cancellation still goes out",
        ),
        pytest.param(
            [came("06-03 12:30", MOVED), given("06-03 12:33", "P3"), ran("06-03 12:40"), REMINDERS],
            [
                TOLD_P1,
                "06-03 12:35 P1 change A1 superseded",
                "06-03 12:38 P3 confirmation A1 sms",
                REMINDED_P3,
            ],
            id="the old one's change does not",
        ),
        pytest.param(
            [given("06-03 13:00", "P3", starts="06-12 10:00"), ran("06-03 13:05", "06-10 10:00")],
            [TOLD_P1, TOLD_P3, "06-10 10:00 P3 reminder A1 sms"],
            id="moved in the same row",
        ),
        pytest.param(
            [
                *(TAKEN, ran("06-03 13:05")),
                came("06-03 14:00", CANCELLED | {"patient": "P3", "cancelled": "06-03 14:00"}),
                *(ran("06-03 14:05"), REMINDERS),
            ],
            [TOLD_P1, TOLD_P3, "06-03 14:05 P3 cancellation A1 sms"],
            id="cancelled afterwards: the new one is told",
        ),
        pytest.param(
            [given("06-03 13:00", "P3", status="fulfilled", starts="06-03 12:30"), ran("06-03 13:05"), REMINDERS],
            [TOLD_P1],
            id="met by somebody else",
        ),
        pytest.param(
            [given("06-03 13:00", "P8"), ran("06-03 13:05"), REMINDERS],
            [TOLD_P1, "06-03 13:05 P8 confirmation A1 no_consent", "06-09 10:00 P8 reminder A1 no_consent"],
            id="taken over by one without consent",
        ),
        pytest.param(
            [given("06-03 13:00", "P99"), ran("06-03 13:05"), ran("06-09 10:00", "06-11 10:00")],
            [
                TOLD_P1,
                "06-03 13:05 P99 confirmation A1 unknown_patient",
                "06-09 10:00 P99 reminder A1 unknown_patient",
            ],
            id="taken over by one whom no file ever brought",
        ),
        pytest.param(
            [came("06-03 13:00", A1 | {"patient": "P3"}, header=PLAIN), ran("06-03 13:05"), REMINDERS],
            [TOLD_P1, TOLD_P3, REMINDED_P3],
            id="by a nightly table without Endret",
        ),
        pytest.param(
            [TAKEN, TAKEN, ran("06-03 13:05"), TAKEN, REMINDERS, TAKEN],
            [TOLD_P1, TOLD_P3, REMINDED_P3],
            id="the same file many times",
        ),
    ],
)
def test_whose_the_notices_are(tmp_path: Path, steps: list[Step], expected: list[str]) -> None:
    assert played(tmp_path, BOOKED, CONFIRMED, *steps).history() == expected


def test_a_row_that_cancels_for_another_patient_ends_the_old_ones_reminder(tmp_path: Path) -> None:
    row = given("06-03 13:00", "P3", status="cancelled", cancelled="06-03 13:00")
    timeline = played(tmp_path, BOOKED, CONFIRMED, row, ran("06-03 13:05"), REMINDERS)
    assert [line for line in timeline.history() if "reminder" in line or "P3" in line] == []


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [given("06-03 13:00", "P3"), ran("06-03 13:05"), given("06-03 14:00", "P1"), ran("06-03 14:05"), REMINDERS],
            [TOLD_P1, TOLD_P3, "06-03 14:05 P1 confirmation A1 email", "06-09 10:00 P1 reminder A1 email"],
            id="each told",
        ),
        pytest.param(
            [given("06-03 13:00", "P3"), given("06-03 13:02", "P1"), ran("06-03 13:10"), REMINDERS],
            [
                TOLD_P1,
                "06-03 13:05 P3 confirmation A1 superseded",
                "06-03 13:07 P1 confirmation A1 email",
                "06-09 10:00 P1 reminder A1 email",
            ],
            id="before the other was told",
        ),
        pytest.param(
            [
                ran("06-09 10:00"),
                *(given("06-09 12:00", "P3"), ran("06-09 12:05"), given("06-09 13:00", "P1"), ran("06-09 13:05")),
                ran("06-11 12:00"),
            ],
            [
                TOLD_P1,
                "06-09 10:00 P1 reminder A1 email",
                "06-09 12:05 P3 confirmation A1 sms",
                "06-09 13:05 P1 confirmation A1 email",
            ],
            id="after the reminder, which is not sent again",
        ),
        pytest.param(
            [
                *(given("06-03 13:00", "P3"), ran("06-03 13:05"), given("06-03 14:00", "P1"), ran("06-03 14:05")),
                given("06-03 15:00", "P1", status="cancelled", cancelled="06-03 15:00"),
                ran("06-03 15:05"),
            ],
            [
                TOLD_P1,
                TOLD_P3,
                "06-03 14:05 P1 confirmation A1 email",
                "06-03 15:05 P1 cancellation A1 email",
            ],
            id="cancelled in the end",
        ),
    ],
)
def test_a_takeover_and_back(tmp_path: Path, steps: list[Step], expected: list[str]) -> None:
    assert played(tmp_path, BOOKED, CONFIRMED, *steps).history() == expected


def test_a_reminder_for_the_same_start_is_another_notice_for_the_new_one(tmp_path: Path) -> None:
    """Taken over in the very second of the reminder: 48 hours before, and registered in time."""
    late = came("06-09 10:00:30", A1 | {"patient": "P3", "changed": "06-09 10:00"})
    timeline = played(tmp_path, BOOKED, CONFIRMED, ran("06-09 10:00"), late, ran("06-09 10:01", "06-09 10:06"))
    assert timeline.history() == [
        TOLD_P1,
        "06-09 10:00 P1 reminder A1 email",
        "06-09 10:00 P3 reminder A1 sms",
        "06-09 10:05 P3 confirmation A1 sms",
    ]


@pytest.mark.parametrize(
    "opens",
    [
        pytest.param([patients("06-03 14:00", "P7;siv@post.example;91000007;yes")], id="a file"),
        pytest.param([called("06-03 14:00", "patient", "set", "nidelv", "P7", "--mobile", "91000007")], id="staff"),
    ],
)
def test_nothing_skipped_of_the_old_one_is_opened_again(tmp_path: Path, opens: list[Step]) -> None:
    out_of_reach = came("06-03 12:00", A1 | {"patient": "P7"})
    timeline = played(tmp_path, out_of_reach, CONFIRMED, given("06-03 13:00", "P3"), ran("06-03 13:05"), *opens)
    timeline.play([ran("06-03 14:01"), REMINDERS])
    assert timeline.history() == ["06-03 12:05 P7 confirmation A1 no_contact", TOLD_P3, REMINDED_P3]


@pytest.mark.parametrize(("patient", "named"), [("P3", True), ("P1", False)])
def test_a_warning_names_both(tmp_path: Path, patient: str, named: bool) -> None:
    timeline = played(tmp_path, BOOKED, CONFIRMED)
    row = A1 | {"patient": patient, "changed": "06-03 13:00"}
    [report] = timeline.imported("06-03 13:00", timeline.written(table([row]), "given.csv"))
    texts = [problem["text"] for problem in report["problems"]]
    assert any("P1" in text and "P3" in text for text in texts) is named
    assert report["rejected"] == 0


LIMITS = "[limits]\nmax_due = 0\nmax_upset = 0.10\n"


@pytest.mark.parametrize(("many", "exit_code"), [(19, (0, 1)), (20, (4,))])
def test_changes_of_patient_count_as_moves(tmp_path: Path, many: int, exit_code: tuple[int, ...]) -> None:
    rows = [visit(f"A{number}", "P1", "06-11 10:00", "05-20 12:00") for number in range(30)]
    timeline = Timeline.begun_in(tmp_path, LIMITS)
    timeline.play([arrived("05-20 12:00", table(rows), "all.csv")])
    moved = [row | {"patient": "P3", "changed": "06-03 12:00"} for row in rows[:many]]
    answer = timeline.call("06-03 12:01", "import", timeline.written(table(moved, STAMPED), "moved.csv"))
    assert answer.exit in exit_code
