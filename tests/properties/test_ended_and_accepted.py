"""SPEC section 3, the table of what a row makes happen: ended appointments that are booked elsewhere or cancelled, and
requests that are accepted; and R14 of cancellations. Goes by the command line.
"""

from pathlib import Path

import pytest

from tests.support.timelines import PLAIN, Step, came, played, ran, visit

# Requests: open, then booked


def asked(at: str, status: str = "pending", options: tuple[str, ...] = (), **cells: str) -> Step:
    return came(at, visit("A1", "P1", "06-11 10:00", "05-20 12:00", status=status) | cells, options=options)


def accepted(at: str, options: tuple[str, ...] = (), **cells: str) -> Step:
    return asked(at, "booked", options, **cells)


def confirmed(due: str) -> list[str]:
    return [f"{due} P1 confirmation A1 email", "06-09 10:00 P1 reminder A1 email"]


@pytest.mark.parametrize(
    ("steps", "due"),
    [
        pytest.param(
            [asked("06-03 11:00"), accepted("06-03 12:25", changed="06-03 12:24")], "06-03 12:29", id="Endret"
        ),
        pytest.param([asked("06-03 11:00"), accepted("06-03 12:25")], "06-03 12:30", id="no Endret, booked_at of old"),
        pytest.param(
            [asked("06-03 11:00"), accepted("06-03 12:25", booked="06-03 12:20")], "06-03 12:25", id="a new booked_at"
        ),
        pytest.param(
            [asked("06-03 11:00", booked=""), accepted("06-03 12:25", booked="")], "06-03 12:30", id="no time at all"
        ),
        pytest.param(
            [asked("06-03 11:00"), asked("06-03 12:00", "waitlist"), accepted("06-03 12:25", changed="06-03 11:30")],
            "06-03 12:30",
            id="a stamp before the last import that saw it open",
        ),
        pytest.param(
            [asked("06-03 11:00"), asked("06-03 12:00"), accepted("06-03 12:25", changed="06-03 11:30")],
            "06-03 12:30",
            id="which changed nothing",
        ),
        pytest.param(
            [asked("06-03 11:00", "proposed"), accepted("06-03 12:25", changed="06-03 14:00")],
            "06-03 12:30",
            id="a stamp in the future",
        ),
        pytest.param(
            [asked("06-03 11:00"), accepted("06-03 12:25", starts="06-11 10:00", place="Rom 2")],
            "06-03 12:30",
            id="with a place",
        ),
    ],
)
def test_an_accepted_request_counts_from_the_acceptance(tmp_path: Path, steps: list[Step], due: str) -> None:
    runs = ran("06-03 12:24", "06-03 12:31", "06-09 10:00")
    assert played(tmp_path, *steps, runs).history() == confirmed(due)


def test_a_request_accepted_by_a_nightly_table_without_endret(tmp_path: Path) -> None:
    request = visit("A1", "P1", "06-11 10:00", "05-20 12:00", status="pending")
    steps = [
        came("06-03 02:00", request, header=PLAIN),
        came("06-04 02:00", request | {"status": "booked"}, header=PLAIN),
    ]
    assert played(tmp_path, *steps, ran("06-04 02:05", "06-09 10:00")).history() == confirmed("06-04 02:05")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([asked("06-03 11:00"), asked("06-03 12:00", "cancelled")], [], id="refused"),
        pytest.param([asked("06-03 11:00"), asked("06-03 12:00", "entered-in-error")], [], id="a mistake"),
        pytest.param([asked("06-03 11:00"), asked("06-03 12:00", "proposed", starts="06-12 10:00")], [], id="moved"),
        pytest.param(
            [asked("06-03 11:00"), accepted("06-03 12:00", options=("--migrated",))],
            ["06-09 10:00 P1 reminder A1 email"],
            id="migrated: registered, and no booking",
        ),
        pytest.param(
            [
                *(accepted("06-03 12:00", booked="06-03 12:00"), ran("06-03 12:05")),
                *(asked("06-03 12:30", changed="06-03 12:30"), ran("06-03 12:35")),
                *(accepted("06-03 13:00", changed="06-03 13:00"), ran("06-03 13:05")),
            ],
            [
                "06-03 12:05 P1 confirmation A1 email",
                "06-03 12:35 P1 cancellation A1 email",
                "06-03 13:05 P1 confirmation A1 email",
                "06-09 10:00 P1 reminder A1 email",
            ],
            id="booked, open again and booked",
        ),
        pytest.param(
            [asked("06-08 11:00"), accepted("06-09 10:30", changed="06-09 10:30"), ran("06-09 10:35")],
            ["06-09 10:35 P1 confirmation A1 email"],
            id="accepted less than 48 hours before: no reminder",
        ),
    ],
)
def test_what_else_becomes_of_a_request(tmp_path: Path, steps: list[Step], expected: list[str]) -> None:
    assert played(tmp_path, *steps, ran("06-09 10:40")).history() == expected


# Ended, and what comes after: A1 was on Tuesday 2 June at 10, booked on 20 May

MET = visit("A1", "P1", "06-02 10:00", "05-20 12:00")
ANEW = MET | {"starts": "06-11 10:00"}
TOLD = ["05-20 12:05 P1 confirmation A1 email", "05-31 10:00 P1 reminder A1 email"]
WAS_BOOKED = (came("05-20 12:00", MET), ran("05-20 12:05", "05-31 10:00"))
CONFIRMED, CHANGED = "06-03 12:05 P1 confirmation A1 email", "06-03 12:05 P1 change A1 email"
REMINDED = "06-09 10:00 P1 reminder A1 email"


def ended(status: str = "noshow") -> Step:
    return came("06-02 12:00", MET | {"status": status, "changed": "06-02 12:00"})


@pytest.mark.parametrize("status", ["noshow", "fulfilled", "arrived", "checked-in"])
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            ANEW | {"changed": "06-03 12:00"},
            ["06-03 12:05 P1 change A1 email", REMINDED],
            id="at another time: a change",
        ),
        pytest.param(MET | {"changed": "06-03 12:00"}, [], id="the same once more: nothing"),
        pytest.param(MET | {"status": "pending", "changed": "06-03 12:00"}, [], id="open: nothing"),
    ],
)
def test_ended_and_booked_before(tmp_path: Path, status: str, row: dict[str, str], expected: list[str]) -> None:
    timeline = played(tmp_path, *WAS_BOOKED, ended(status), came("06-03 12:00", row), ran("06-03 12:05", "06-09 10:00"))
    assert timeline.history() == [*TOLD, *expected]


def test_ended_by_mistake_before_its_start(tmp_path: Path) -> None:
    early = visit("A1", "P1", "06-11 10:00", "06-03 12:00")
    wrong = early | {"status": "arrived", "changed": "06-03 13:00"}
    back = early | {"changed": "06-03 14:00"}
    steps = [came("06-03 12:00", early), ran("06-03 12:05"), came("06-03 13:00", wrong), came("06-03 14:00", back)]
    timeline = played(tmp_path, *steps, ran("06-03 14:05", "06-09 10:00"))
    assert timeline.history() == ["06-03 12:05 P1 confirmation A1 email", REMINDED]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            ANEW | {"booked": "06-03 11:57", "changed": "06-03 12:00"},
            ["06-03 12:02 P1 confirmation A1 email", REMINDED],
            id="a booking, at booked_at",
        ),
        pytest.param(ANEW | {"booked": "06-03 12:00"}, [CONFIRMED, REMINDED], id="no Endret"),
        pytest.param(ANEW | {"booked": "06-03 14:00"}, [CONFIRMED, REMINDED], id="booked in the future: at the import"),
        pytest.param(
            ANEW | {"booked": "06-02 10:00", "changed": "06-03 12:00"},
            [CHANGED, REMINDED],
            id="not later than the start",
        ),
        pytest.param(
            ANEW | {"booked": "06-02 10:01", "changed": "06-03 12:00"},
            ["06-02 10:06 P1 confirmation A1 email", REMINDED],
            id="a minute later than it",
        ),
    ],
)
def test_a_no_show_that_is_booked_anew_is_told_once(tmp_path: Path, row: dict[str, str], expected: list[str]) -> None:
    timeline = played(tmp_path, *WAS_BOOKED, ended(), came("06-03 12:00", row), ran("06-03 12:05", "06-09 10:00"))
    assert timeline.history() == [*TOLD, *expected]


@pytest.mark.parametrize(
    ("first", "row", "expected"),
    [
        pytest.param(
            MET | {"status": "noshow"},
            ANEW | {"changed": "06-03 12:00"},
            ["06-03 12:05 P1 confirmation A1 email", REMINDED],
            id="booked anew: a booking",
        ),
        pytest.param(
            ANEW | {"status": "arrived"},
            ANEW | {"changed": "06-03 12:00"},
            ["06-03 12:05 P1 confirmation A1 email", REMINDED],
            id="the same, before its start",
        ),
        pytest.param(MET | {"status": "fulfilled"}, MET | {"changed": "06-03 12:00"}, [], id="after its start"),
        pytest.param(
            MET | {"status": "fulfilled"},
            MET | {"status": "cancelled", "changed": "06-03 12:00", "cancelled": "06-03 12:00"},
            [],
            id="cancelled",
        ),
        pytest.param(
            ANEW | {"status": "cancelled"},
            ANEW | {"status": "noshow", "changed": "06-03 12:00"},
            [],
            id="cancelled, then ended",
        ),
    ],
)
def test_first_seen_ended(tmp_path: Path, first: dict[str, str], row: dict[str, str], expected: list[str]) -> None:
    timeline = played(tmp_path, came("06-02 12:00", first), came("06-03 12:00", row), ran("06-03 12:05", "06-09 10:00"))
    assert timeline.history() == expected


def test_cancelled_and_ended_since_is_booked_again(tmp_path: Path) -> None:
    timeline = played(
        tmp_path,
        *WAS_BOOKED,
        came("06-01 12:00", MET | {"status": "cancelled", "changed": "06-01 12:00", "cancelled": "06-01 12:00"}),
        ran("06-01 12:05"),
        ended(),
        came("06-03 12:00", ANEW | {"changed": "06-03 12:00"}),
        ran("06-03 12:05", "06-09 10:00"),
    )
    assert timeline.history() == [
        *TOLD,
        "06-01 12:05 P1 cancellation A1 email",
        "06-03 12:05 P1 confirmation A1 email",
        REMINDED,
    ]


# R14: a cancellation is too late where the start that it gives had come when it was made, or came 24 hours ago


def cancelled(at: str, row: dict[str, str] = MET, **cells: str) -> Step:
    return came(at, row | {"status": "cancelled", "changed": at, "cancelled": at} | cells)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [cancelled("06-02 09:58"), ran("06-02 10:03")], "06-02 10:03 P1 cancellation A1 email", id="before"
        ),
        pytest.param(
            [cancelled("06-02 10:00"), ran("06-02 10:05")], "06-02 10:05 P1 cancellation A1 too_late", id="at it"
        ),
        pytest.param(
            [cancelled("06-02 11:00"), ran("06-02 11:05")], "06-02 11:05 P1 cancellation A1 too_late", id="after"
        ),
        pytest.param(
            [ended(), cancelled("06-03 12:00"), ran("06-03 12:05")],
            "06-03 12:05 P1 cancellation A1 too_late",
            id="ended, then cancelled",
        ),
        pytest.param(
            [cancelled("06-02 09:00"), ran("06-03 09:59")],
            "06-02 09:05 P1 cancellation A1 email",
            id="silence for a little less than 24 hours",
        ),
        pytest.param(
            [cancelled("06-02 09:00"), ran("06-03 10:00")],
            "06-02 09:05 P1 cancellation A1 too_late",
            id="silence for 24 hours since the start",
        ),
        pytest.param(
            [came("06-02 11:00", MET | {"status": "cancelled", "cancelled": "06-02 09:30"}), ran("06-02 11:05")],
            "06-02 09:35 P1 cancellation A1 email",
            id="made before, imported after",
        ),
        pytest.param(
            [
                came("06-02 09:40", ANEW | {"changed": "06-02 09:40"}),
                cancelled("06-02 09:44", ANEW),
                ran("06-02 09:49"),
            ],
            "06-02 09:49 P1 cancellation A1 email",
            id="it gives the start that the patient was told",
        ),
        pytest.param(
            [
                came("06-02 10:20", ANEW | {"changed": "06-02 10:20"}),
                cancelled("06-02 10:24", ANEW),
                ran("06-02 10:29"),
            ],
            "06-02 10:29 P1 cancellation A1 too_late",
            id="moved after the told start had come",
        ),
    ],
)
def test_a_cancellation_that_comes_too_late(tmp_path: Path, steps: list[Step], expected: str) -> None:
    history = played(tmp_path, *WAS_BOOKED, *steps).history()
    assert [line for line in history if "cancellation" in line] == [expected]
