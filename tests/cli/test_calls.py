"""SPEC sections 3 and 8, notify calls: whom to phone, and why.

A1 is on Thursday 11 June at 10; its reminder is due on Tuesday 9 June at 10. P1 has e-mail, P3 SMS, P7 neither, P8 no
consent. Goes by the command line.
"""

import json
import sys
from pathlib import Path

import pytest

from tests.support.phone_calls import A1, GIVEN, GIVEN_AWAY, SOON, TOLD, booked, cancelled, lines, row
from tests.support.timelines import NO_LIMITS, PLACED, Step, Timeline, called, came, patients, played, ran, visit


def program(kind: str) -> str:
    """An SMS program of the clinic's own that refuses every number, for now or for good, or loses the thread."""
    refuses = 'print(\'{\\"error\\": \\"no\\", \\"kind\\": \\"permanent\\", \\"reason\\": \\"number_not_in_use\\"}\')'
    busy = refuses.replace("permanent", "temporary")
    ends = {"refused": refuses, "busy": busy, "lost": "raise SystemExit(1)"}[kind]
    code = "; ".join(["import sys", "sys.stdin.readline()", ends])
    command = f"['{sys.executable}', '-I', '-S', '-c', {json.dumps(code)}]"
    return f'{NO_LIMITS}[sms]\ntransport = "command"\ncommand = {command}\n'


def sms_works_again(timeline: Timeline) -> None:
    (timeline.clinic.folder / "notify.toml").write_text(NO_LIMITS, encoding="utf-8")


# Given away: at once, however far ahead, until it is theirs again


@pytest.mark.parametrize(
    ("steps", "at", "expected"),
    [
        pytest.param([*TOLD, GIVEN], "06-03 13:00", GIVEN_AWAY, id="at once"),
        pytest.param(
            [*TOLD, GIVEN, ran("06-03 13:05", "06-09 10:00")], "06-11 09:59", GIVEN_AWAY, id="a minute before"
        ),
        pytest.param([*TOLD, GIVEN, ran("06-03 13:05")], "06-11 10:00", [], id="not once its time has come"),
        pytest.param([came("06-03 12:00", A1), GIVEN, ran("06-03 13:05")], "06-03 13:05", [], id="never told of it"),
        pytest.param([*TOLD, GIVEN, row("06-03 14:00")], "06-03 14:00", [], id="theirs again"),
        pytest.param(
            [*TOLD, GIVEN, came("06-03 13:01", visit("A2", "P1", "06-11 10:00", "06-03 13:00"))],
            "06-03 13:01",
            [],
            id="who has another appointment at that time does not come in vain",
        ),
        pytest.param(
            [*TOLD, GIVEN, row("06-03 14:00"), row("06-03 15:00", patient="P4")],
            "06-03 15:00",
            GIVEN_AWAY,
            id="theirs again, and given away again",
        ),
        pytest.param(
            [*TOLD, GIVEN, ran("06-03 13:05"), row("06-03 14:00", patient="P4")],
            "06-03 14:00",
            [*GIVEN_AWAY, "P3 takeover given_away 06-11 10:00"],
            id="to a third: both are to be phoned",
        ),
        pytest.param(
            [*TOLD, cancelled("06-03 12:30"), ran("06-03 12:35"), GIVEN],
            "06-03 13:00",
            [],
            id="told of its cancellation",
        ),
        pytest.param(
            [*TOLD, cancelled("06-03 12:57"), GIVEN],
            "06-03 13:00",
            GIVEN_AWAY,
            id="until the cancellation has gone out",
        ),
        pytest.param(
            [*TOLD, cancelled("06-03 12:57"), GIVEN, ran("06-03 13:02")],
            "06-03 13:02",
            [],
            id="the cancellation went out after all",
        ),
        pytest.param(
            [*TOLD, row("06-03 13:00", patient="P3", starts="06-18 10:00")],
            "06-03 13:00",
            GIVEN_AWAY,
            id="moved in the same row: when they would come",
        ),
        pytest.param(
            [*TOLD, row("06-03 13:00", patient="P3", starts="06-18 10:00"), ran("06-03 13:05")],
            "06-11 10:00",
            [],
            id="moved in the same row: not after that, though it is still to come for another",
        ),
        pytest.param(
            [*TOLD, row("06-03 13:00", patient="P3", starts="06-02 10:00", status="fulfilled")],
            "06-03 13:00",
            GIVEN_AWAY,
            id="to another, to a time that is over",
        ),
        pytest.param(
            [*TOLD, row("06-03 13:00", patient="P3", status="cancelled", cancelled="06-03 13:00")],
            "06-03 13:00",
            GIVEN_AWAY,
            id="given away and cancelled in the same row",
        ),
        pytest.param(
            [
                patients(
                    "06-03 11:00", "P1b;Kari;kari@post.example;91000001;yes", columns="given_name;email;mobile;consent"
                ),
                *TOLD,
                row("06-03 13:00", patient="P1b"),
            ],
            "06-03 13:00",
            [],
            id="a merge gives nothing away",
        ),
        pytest.param(
            [
                patients(
                    "06-03 11:00", "P1b;Kari;kari@post.example;91000001;yes", columns="given_name;email;mobile;consent"
                ),
                *(*TOLD, row("06-03 13:00", patient="P1b"), row("06-03 14:00", patient="P3")),
            ],
            "06-03 14:00",
            ["P1b takeover given_away 06-11 10:00"],
            id="told under the old id, phoned under the new one",
        ),
    ],
)
def test_whose_appointment_was_given_away(tmp_path: Path, steps: list[Step], at: str, expected: list[str]) -> None:
    assert lines(played(tmp_path, *steps), at) == expected


def test_a_cancellation_that_may_not_have_arrived_leaves_the_call(tmp_path: Path) -> None:
    timeline = played(tmp_path, *booked(A1 | {"patient": "P6"}))
    (tmp_path / "notify.toml").write_text(program("lost"), encoding="utf-8")
    cancelled_p6 = (cancelled("06-03 12:30", patient="P6"), ran("06-03 12:35"))
    timeline.play([*cancelled_p6, row("06-03 13:00", patient="P3")])
    assert lines(timeline, "06-03 13:00") == ["P6 takeover given_away 06-11 10:00"]
    timeline.call("06-03 13:10", "resolve", "2", "--sent")
    assert lines(timeline, "06-03 13:11") == []


def test_who_may_have_been_told_is_phoned_too(tmp_path: Path) -> None:
    first = A1 | {"patient": "P6"}
    timeline = played(tmp_path, *booked(first), config=program("lost"))
    timeline.play([row("06-03 13:00", patient="P3")])
    assert lines(timeline, "06-03 13:00") == ["P6 takeover given_away 06-11 10:00"]


# Whose latest notice reached nobody, before --until


@pytest.mark.parametrize(
    ("steps", "at", "expected"),
    [
        pytest.param(booked(SOON), "06-03 12:05", ["P7 confirmation no_contact 06-05 10:00"], id="no contact"),
        pytest.param([came("06-03 12:00", SOON)], "06-03 12:04", [], id="nothing is due yet"),
        pytest.param(booked(SOON), "06-05 10:00", [], id="not once it has begun"),
        pytest.param(booked(SOON | {"patient": "P8"}), "06-03 12:05", [], id="who has not consented is not phoned"),
        pytest.param(booked(SOON | {"patient": "P1"}), "06-03 12:05", [], id="told"),
        pytest.param(
            [*booked(SOON), cancelled("06-03 13:00", SOON), ran("06-03 13:05")],
            "06-03 13:05",
            ["P7 cancellation no_contact 06-05 10:00"],
            id="a cancellation, too",
        ),
        pytest.param(
            [*booked(SOON), cancelled("06-03 13:00", SOON)],
            "06-03 13:04",
            [],
            id="what is not true any more is not told by telephone either",
        ),
        pytest.param(
            [*booked(SOON), row("06-03 13:00", SOON, starts="06-05 11:00"), ran("06-03 13:05")],
            "06-03 13:05",
            ["P7 change no_contact 06-05 11:00"],
            id="the latest only",
        ),
        pytest.param(
            [*booked(SOON), row("06-03 13:00", SOON, starts="06-05 11:00")],
            "06-03 13:01",
            ["P7 confirmation no_contact 06-05 11:00"],
            id="moved, before the change is due: the time that holds",
        ),
        pytest.param(
            [*booked(SOON), called("06-03 13:00", "patient", "set", "nidelv", "P7", "--mobile", "91000007")],
            "06-03 13:00",
            [],
            id="a number came: the next run sends it",
        ),
        pytest.param(
            [
                *booked(SOON | {"patient": "P1"}),
                called("06-03 12:30", "patient", "set", "nidelv", "P1", "--email", "", "--mobile", ""),
                *(row("06-03 13:00", SOON, patient="P1", starts="06-05 11:00"), ran("06-03 13:05")),
            ],
            "06-03 13:05",
            ["P1 change no_contact 06-05 11:00"],
            id="told once, but not of the change",
        ),
        pytest.param(
            [*booked(SOON), row("06-03 13:00", SOON, status="fulfilled")], "06-03 13:00", [], id="it has ended"
        ),
        pytest.param(
            [*booked(SOON), row("06-03 13:00", SOON, patient="P3"), ran("06-03 13:05")],
            "06-03 13:05",
            [],
            id="given away to one who was told; the first never was",
        ),
    ],
)
def test_whose_latest_notice_reached_nobody(tmp_path: Path, steps: list[Step], at: str, expected: list[str]) -> None:
    assert lines(played(tmp_path, *steps), at) == expected


FAILS = SOON | {"patient": "P6"}


@pytest.mark.parametrize(
    ("kind", "steps", "expected"),
    [
        pytest.param("refused", [], ["P6 confirmation number_not_in_use 06-05 10:00"], id="failed"),
        pytest.param("lost", [], ["P6 confirmation uncertain 06-05 10:00"], id="uncertain"),
        pytest.param("lost", [called("06-03 12:06", "resolve", "1", "--sent")], [], id="uncertain, and resolved"),
        pytest.param(
            "lost",
            [called("06-03 12:06", "resolve", "1", "--resend"), sms_works_again, ran("06-03 12:07")],
            [],
            id="uncertain, and sent again",
        ),
        pytest.param(
            "refused",
            [sms_works_again, row("06-03 12:10", FAILS, starts="06-05 12:00"), ran("06-03 12:15")],
            [],
            id="failed, and told of the change",
        ),
        pytest.param(
            "refused",
            [
                called("06-03 12:06", "patient", "set", "nidelv", "P6", "--email", "jon@post.example"),
                ran("06-03 12:07"),
            ],
            [],
            id="failed, and reached at the address that came",
        ),
        pytest.param("busy", [], [], id="waits to be tried again"),
        pytest.param(
            "busy",
            [called("06-03 12:06", "patient", "set", "nidelv", "P6", "--mobile", ""), ran("06-03 12:19")],
            ["P6 confirmation no_contact 06-05 10:00"],
            id="waited to be tried again, and there is no number any more",
        ),
    ],
)
def test_what_failed_or_is_uncertain(tmp_path: Path, kind: str, steps: list[Step], expected: list[str]) -> None:
    timeline = played(tmp_path, *booked(FAILS), *steps, config=program(kind))
    assert lines(timeline, "06-03 12:20") == expected


def test_who_turns_out_to_know_is_not_phoned(tmp_path: Path) -> None:
    """Told of 10, perhaps; moved to 11 and back, and neither change got through; then the first is known to have."""
    timeline = played(tmp_path, *booked(FAILS), config=program("lost"))
    (tmp_path / "notify.toml").write_text(program("refused"), encoding="utf-8")
    timeline.play([row("06-03 12:10", FAILS, starts="06-05 11:00"), ran("06-03 12:15")])
    timeline.play([row("06-03 12:20", FAILS), ran("06-03 12:25")])
    assert lines(timeline, "06-03 12:30") == ["P6 change number_not_in_use 06-05 10:00"]
    timeline.call("06-03 12:31", "resolve", "1", "--sent")
    assert lines(timeline, "06-03 12:32") == []


def test_one_that_was_moved_forwards_is_a_call_until_its_new_time(tmp_path: Path) -> None:
    """Told of 5 June at 10, and not that it is on 4 June at 10 now."""
    timeline = played(tmp_path, *booked(FAILS))
    (tmp_path / "notify.toml").write_text(program("refused"), encoding="utf-8")
    timeline.play([row("06-03 12:10", FAILS, starts="06-04 10:00"), ran("06-03 12:15")])
    assert lines(timeline, "06-04 09:59") == ["P6 change number_not_in_use 06-04 10:00"]
    assert lines(timeline, "06-04 10:00") == []


def test_an_appointment_of_those_who_send_their_own_notices_is_no_call(tmp_path: Path) -> None:
    timeline = played(tmp_path, *booked(SOON))
    theirs = SOON | {"source": "digicare", "changed": "06-03 12:10"}
    timeline.play([came("06-03 12:10", theirs, header=PLACED | {"source": lambda row: row["source"]})])
    assert lines(timeline, "06-03 12:30") == []


def test_a_fallback_that_reached_is_no_call(tmp_path: Path) -> None:
    timeline = played(tmp_path, *booked(SOON | {"patient": "P3"}), config=program("refused"))
    assert timeline.clinic.json("why", "appointment", "A1")["notices"][0]["verdict"] == "sent"
    assert lines(timeline, "06-03 12:20") == []
