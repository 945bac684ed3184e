"""SPEC sections 3 and 8, notify calls: whom to phone, and why; what is done, and what brings it back.

A1 is on Thursday 11 June at 10; its reminder is due on Tuesday 9 June at 10. P1 has e-mail, P3 SMS, P7 neither, P8 no
consent. Goes by the command line.
"""

import csv
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.timelines import (
    NO_LIMITS,
    PLACED,
    Step,
    Timeline,
    arrived,
    called,
    came,
    iso,
    local,
    moment,
    patients,
    played,
    ran,
    visit,
)

A1 = visit("A1", "P1", "06-11 10:00", "06-03 12:00", place="Rom 1")
NAMED = "clinic_id;patient_id;given_name;family_name;email;consent"
CLINICS = ("nidelv", "fjord")
SOON = visit("A1", "P7", "06-05 10:00", "06-03 12:00", place="Rom 1")  # less than 48 hours ahead: no reminder
TOLD = (came("06-03 12:00", A1, header=PLACED), ran("06-03 12:05"))


def booked(row: dict[str, str]) -> tuple[Step, Step]:
    return came("06-03 12:00", row, header=PLACED), ran("06-03 12:05")


def row(at: str, before: dict[str, str] = A1, **cells: str) -> Step:
    """At this minute the clinic's system changed the appointment, and the row came."""
    return came(at, before | {"changed": at} | cells, header=PLACED)


def cancelled(at: str, before: dict[str, str] = A1, **cells: str) -> Step:
    return row(at, before, status="cancelled", cancelled=at, **cells)


def calls(timeline: Timeline, at: str, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = timeline.clinic.json("calls", *options, at=moment(at).isoformat())
    return found


def lines(timeline: Timeline, at: str, *options: str) -> list[str]:
    """P1 takeover given_away 06-11 10:00"""
    return [
        f"{call['patient']} {call['event']} {call['reason']} {local(call['starts_at'])}"
        for call in calls(timeline, at, *options)
    ]


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


GIVEN = row("06-03 13:00", patient="P3")
GIVEN_AWAY = ["P1 takeover given_away 06-11 10:00"]


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


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param([], [], id="48 hours ahead by default"),
        pytest.param(["--until", iso("06-11 09:59")], [], id="a minute too short"),
        pytest.param(["--until", iso("06-12 00:00")], ["P7 confirmation no_contact 06-11 10:00"], id="further"),
    ],
)
def test_how_far_it_looks(tmp_path: Path, options: list[str], expected: list[str]) -> None:
    timeline = played(tmp_path, *booked(A1 | {"patient": "P7"}))
    assert lines(timeline, "06-03 12:05", *options) == expected


def test_the_reminder_of_one_out_of_reach_is_a_call_at_48_hours(tmp_path: Path) -> None:
    timeline = played(tmp_path, *booked(A1 | {"patient": "P7"}), ran("06-09 10:00"))
    assert lines(timeline, "06-09 10:00") == ["P7 reminder no_contact 06-11 10:00"]


# What it says


def test_the_json_is_the_contracts(tmp_path: Path) -> None:
    timeline = played(tmp_path, *booked(SOON))
    [call] = calls(timeline, "06-03 12:05")
    assert re.fullmatch(r"[a-z2-7]{8}", call.pop("id"))
    assert call == {
        "clinic": "nidelv",
        "patient": "P7",
        "name": "Siv Moen",
        "mobile": None,
        "subject": "appointment",
        "subject_id": "A1",
        "starts_at": "2026-06-05T08:00:00Z",
        "event": "confirmation",
        "reason": "no_contact",
        "tell": "Du har time hos Nidelv legesenter fredag 5. juni 2026 kl. 10.00, Rom 1.",
        "active_user": False,
    }


def test_a_number_that_gets_no_sms_is_there_to_be_phoned(tmp_path: Path) -> None:
    landline = called("06-03 11:00", "patient", "set", "nidelv", "P7", "--mobile", "22 00 00 01")
    [call] = calls(played(tmp_path, landline, *booked(SOON)), "06-03 12:05")
    assert (call["reason"], call["mobile"]) == ("no_contact", "+4722000001")


@pytest.mark.parametrize(
    ("language", "steps", "expected"),
    [
        pytest.param(
            "nb",
            [row("06-03 13:00", SOON, starts="06-05 11:00", place=""), ran("06-03 13:05")],
            "Timen din hos Nidelv legesenter er endret. Den er nå fredag 5. juni 2026 kl. 11.00.",
            id="change, without a place",
        ),
        pytest.param(
            "nn",
            [cancelled("06-03 13:00", SOON), ran("06-03 13:05")],
            "Timen din hos Nidelv legesenter fredag 5. juni 2026 kl. 10.00, Rom 1, er avlyst.",
            id="cancellation",
        ),
        pytest.param(
            "en",
            [],
            "You have an appointment at Nidelv legesenter on Friday 5 June 2026 at 10:00, Rom 1.",
            id="confirmation",
        ),
    ],
)
def test_what_they_are_told_in_their_language(tmp_path: Path, language: str, steps: list[Step], expected: str) -> None:
    speaks = patients("06-03 11:00", f"P7;{language};yes", columns="language;consent")
    [call] = calls(played(tmp_path, speaks, *booked(SOON), *steps), "06-03 13:05")
    assert call["tell"] == expected
    assert not re.search("KONS|Konsultasjon", json.dumps(call))


def test_what_one_is_told_whose_appointment_was_given_away(tmp_path: Path) -> None:
    [call] = calls(played(tmp_path, *TOLD, GIVEN), "06-03 13:00")
    expected = "Timen hos Nidelv legesenter torsdag 11. juni 2026 kl. 10.00, Rom 1, er ikke din lenger"
    assert call["tell"].startswith(expected)
    assert (call["name"], call["mobile"]) == ("Kari Ødegård", "+4791000001")


def test_they_come_by_the_time_of_the_appointment(tmp_path: Path) -> None:
    rows = [SOON | {"appointment": f"B{hour}", "starts": f"06-05 {hour}:00"} for hour in (12, 10, 11)]
    timeline = played(tmp_path, came("06-03 12:00", *rows), ran("06-03 12:05"))
    assert [call["subject_id"] for call in calls(timeline, "06-03 12:05")] == ["B10", "B11", "B12"]


def test_csv_has_the_same_fields(tmp_path: Path) -> None:
    timeline = played(tmp_path, *booked(SOON))
    answer = timeline.call("06-03 12:05", "calls", "--csv")
    [as_csv] = csv.DictReader(io.StringIO(answer.out))
    [as_json] = calls(timeline, "06-03 12:05")
    assert list(as_csv) == list(as_json)
    assert as_csv == {name: "" if value is None else str(value) for name, value in as_json.items()}


def test_people_read_it_on_a_narrow_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    timeline = played(tmp_path, *TOLD, GIVEN)
    answer = timeline.call("06-03 13:00", "calls")
    assert answer.exit == 0
    assert max(map(len, answer.out.splitlines())) <= 80
    text = " ".join(answer.out.split())
    assert "+4791000001 P1 Kari Ødegård, nidelv appointment A1: it was given to another patient Timen hos" in text
    assert "Nobody has to be phoned." in timeline.call("06-11 10:00", "calls").out


def test_each_clinic_has_its_own(tmp_path: Path) -> None:
    timeline = played(tmp_path, *booked(SOON))
    assert len(calls(timeline, "06-03 12:05", "--clinic", "nidelv")) == 1
    answer = timeline.call("06-03 12:05", "calls", "--clinic", "nidelf")
    assert (answer.exit, answer.err) == (2, "notify: there is no clinic nidelf. Did you mean nidelv?\n")


def test_an_id_of_two_clinics_is_two_people(tmp_path: Path) -> None:
    theirs = A1 | {"clinic": "fjord"}
    timeline = played(
        tmp_path,
        arrived("06-03 11:00", "clinic_id;name;timebook\nfjord;Fjord legesenter;yes\n", "clinics.csv"),
        arrived("06-03 11:00", "clinic_id;type_id;notifications\nfjord;KONS;yes\n", "types.csv"),
        arrived("06-03 11:00", f"{NAMED}\nfjord;P1;Ola;Fjordheim;ola@post.example;yes\n", "patients.csv"),
        came("06-03 12:00", A1, theirs, header=PLACED),
        ran("06-03 12:05"),
        came(
            "06-03 13:00", *(each | {"patient": "P3", "changed": "06-03 13:00"} for each in (A1, theirs)), header=PLACED
        ),
    )
    names = {
        clinic: [call["name"] for call in calls(timeline, "06-03 13:00", "--clinic", clinic)] for clinic in CLINICS
    }
    assert names == {"nidelv": ["Kari Ødegård"], "fjord": ["Ola Fjordheim"]}


# What is done


@pytest.mark.parametrize(
    ("steps", "afterwards", "expected"),
    [
        pytest.param(booked(SOON), [ran("06-03 12:06")], [], id="done"),
        pytest.param(
            booked(SOON),
            [row("06-03 13:00", SOON, starts="06-05 11:00"), ran("06-03 13:05")],
            ["P7 change no_contact 06-05 11:00"],
            id="a new change brings it back",
        ),
        pytest.param(
            booked(SOON),
            [cancelled("06-03 13:00", SOON), ran("06-03 13:05")],
            ["P7 cancellation no_contact 06-05 10:00"],
            id="a cancellation brings it back",
        ),
        pytest.param(
            booked(SOON),
            [called("06-03 13:00", "type", "disable", "nidelv", "KONS"), row("06-03 13:01", SOON, place="Rom 2")],
            ["P7 confirmation no_contact 06-05 10:00"],
            id="another place that no notice tells of brings it back",
        ),
        pytest.param(
            booked(SOON),
            [came("06-03 13:00", SOON, header=PLACED), called("06-03 13:01", "retry", "1")],
            [],
            id="the same file and a retry do not",
        ),
        pytest.param([*TOLD, GIVEN], [ran("06-03 13:05")], [], id="given away, done"),
        pytest.param(
            [*TOLD, GIVEN],
            [row("06-03 13:30", patient="P3", starts="06-12 10:00"), ran("06-03 13:40")],
            [],
            id="given away, and moved for the new one: nothing new for the old one",
        ),
        pytest.param(
            [*TOLD, GIVEN],
            [row("06-03 13:30"), row("06-03 13:40", patient="P4")],
            GIVEN_AWAY,
            id="given back and away again brings it back",
        ),
    ],
)
def test_what_is_done_stays_done_until_something_changes(
    tmp_path: Path, steps: list[Step], afterwards: list[Step], expected: list[str]
) -> None:
    timeline = played(tmp_path, *steps)
    [call] = calls(timeline, "06-03 13:00")
    assert call == calls(timeline, "06-03 13:00")[0]
    assert timeline.call("06-03 13:00", "calls", "done", call["id"]).err == f"call {call['id']} is done\n"
    assert calls(timeline, "06-03 13:00") == []
    timeline.play(afterwards)
    assert lines(timeline, "06-03 14:00") == expected


def test_who_made_a_call_is_kept(tmp_path: Path) -> None:
    timeline = played(tmp_path, *booked(SOON))
    [call] = calls(timeline, "06-03 12:05")
    done = timeline.clinic.json("calls", "done", call["id"], at=moment("06-03 12:30").isoformat())
    assert done == [{"id": call["id"], "by": done[0]["by"], "at": "2026-06-03T10:30:00Z"}]
    kept = timeline.clinic.json("audit", "--patient", "P7")[0]
    detail = f"call {call['id']}: appointment A1, confirmation, no_contact"
    who_and_when = {name: done[0][name] for name in ("at", "by")}
    assert kept == who_and_when | {"did": "calls done", "clinic": "nidelv", "patient": "P7", "detail": detail}
    again = timeline.call("06-03 13:00", "calls", "done", call["id"])
    assert (again.exit, again.err) == (0, f"call {call['id']} is done already, by {kept['by']} Wed 03.06.2026 12:30\n")
    assert timeline.clinic.json("audit", "--patient", "P7") == [kept]


def test_an_id_that_is_none_marks_nothing(tmp_path: Path) -> None:
    timeline = played(tmp_path, *booked(SOON))
    [call] = calls(timeline, "06-03 12:05")
    answer = timeline.call("06-03 12:10", "calls", "done", call["id"], "aaaaaaaa")
    assert (answer.exit, answer.err) == (2, "notify: there is no call aaaaaaaa. See: notify calls\n")
    assert calls(timeline, "06-03 12:10") == [call]


def test_one_far_ahead_can_be_marked_as_done(tmp_path: Path) -> None:
    timeline = played(tmp_path, *booked(A1 | {"patient": "P7"}))
    far = ("--until", iso("06-20 00:00"))
    [call] = calls(timeline, "06-03 12:05", *far)
    assert timeline.call("06-03 12:06", "calls", "done", call["id"]).exit == 0
    assert calls(timeline, "06-03 12:07", *far) == []
