"""SPEC sections 3 and 8, notify calls: how far ahead, what a call says; what is done, and what brings it back.

A1 is on Thursday 11 June at 10; its reminder is due on Tuesday 9 June at 10. P1 has e-mail, P3 SMS, P7 neither, P8 no
consent. Goes by the command line.
"""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.support.phone_calls import A1, GIVEN, GIVEN_AWAY, SOON, TOLD, booked, calls, cancelled, lines, row
from tests.support.timelines import PLACED, Step, arrived, called, came, iso, moment, patients, played, ran


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


NAMED = "clinic_id;patient_id;given_name;family_name;email;consent"
CLINICS = ("nidelv", "fjord")


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
