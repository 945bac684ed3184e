"""SPEC sections 3, 4 and 8: what happens around a takeover or merge, and how `why` and `upcoming` show it.

A1 is on Thursday 11 June at 10. Goes by the command line.
"""

import json
from pathlib import Path

import pytest

from tests.support.timelines import Step, Timeline, called, came, moment, patients, played, ran, visit

A1 = visit("A1", "P1", "06-11 10:00", "06-03 12:00")
BEGUN = (came("06-03 12:00", A1), ran("06-03 12:05"))
TOLD = "06-03 12:05 P1 confirmation A1 email"
TWIN = patients("06-03 11:00", "P1b;Kari;kari@post.example;91000001;yes", columns="given_name;email;mobile;consent")


def row(at: str, patient: str = "P1", **cells: str) -> Step:
    return came(at, A1 | {"patient": patient, "changed": at} | cells)


def cancelled(at: str, patient: str = "P1", **cells: str) -> Step:
    return row(at, patient, status="cancelled", cancelled=at, **cells)


def test_the_old_ones_cancellation_gives_what_they_were_told_at_their_address(tmp_path: Path) -> None:
    steps = (cancelled("06-03 12:30"), row("06-03 12:33", "P3", starts="06-18 10:00"), ran("06-03 12:40"))
    timeline = played(tmp_path, *BEGUN, *steps)
    [cancellation] = [line for line in timeline.rows() if line["event"] == "cancellation"]
    assert (cancellation["patient"], cancellation["address"]) == ("P1", "kari@post.example")
    assert "11. juni 2026 kl. 10.00" in cancellation["text"]
    [confirmation] = [line for line in timeline.rows() if line["patient"] == "P3"]
    assert "18. juni kl. 10.00" in confirmation["text"]


@pytest.mark.parametrize(
    ("slot", "came_of_it"),
    [
        pytest.param({"patient": "P1"}, "superseded", id="the old one has that slot under another id"),
        pytest.param({"patient": "P3"}, "email", id="the new one has it"),
    ],
)
def test_whose_slot_keeps_the_old_ones_cancellation_back(tmp_path: Path, slot: dict[str, str], came_of_it: str) -> None:
    other = came("06-03 12:33", visit("A2", "P1", "06-11 10:00", "06-03 12:32") | slot)
    steps = (cancelled("06-03 12:30"), row("06-03 12:33", "P3", starts="06-18 10:00"), other, ran("06-03 12:40"))
    assert f"06-03 12:35 P1 cancellation A1 {came_of_it}" in played(tmp_path, *BEGUN, *steps).history()


@pytest.mark.parametrize("merges", [True, False], ids=["merged before", "merged by the row that cancels"])
def test_a_merged_patients_slot_keeps_the_cancellation_back(tmp_path: Path, merges: bool) -> None:
    gone = A1 | {"patient": "P1b", "status": "cancelled", "changed": "06-03 12:30", "cancelled": "06-03 12:30"}
    merged = [row("06-03 12:20", "P1b")] if merges else []
    slot = visit("A2", "P1b", "06-11 10:00", "06-03 12:30")
    timeline = played(tmp_path, TWIN, *BEGUN, *merged, came("06-03 12:31", gone, slot))
    timeline.run("06-03 12:40")
    assert "06-03 12:35 P1b cancellation A1 superseded" in timeline.history()


def test_out_of_reach_twice_and_reached_once(tmp_path: Path) -> None:
    """P7's, P3's and P7's again; then P7 gets a number: the later booking is told, the first is not opened."""
    steps = [came("06-03 12:00", A1 | {"patient": "P7"}), ran("06-03 12:05"), row("06-03 13:00", "P3")]
    steps += [ran("06-03 13:05"), row("06-03 14:00", "P7"), ran("06-03 14:05")]
    number = called("06-03 15:00", "patient", "set", "nidelv", "P7", "--mobile", "91000007")
    history = played(tmp_path, *steps, number, ran("06-03 15:01")).history()
    assert [line for line in history if line.endswith(" sms")] == [
        "06-03 13:05 P3 confirmation A1 sms",
        "06-03 14:05 P7 confirmation A1 sms",
    ]
    assert len(history) == 3


def test_three_patients_one_after_another(tmp_path: Path) -> None:
    steps = [row("06-03 13:00", "P3"), ran("06-03 13:05"), row("06-03 14:00", "P4"), row("06-03 14:02", "P2")]
    assert played(tmp_path, *BEGUN, *steps, ran("06-03 14:10", "06-09 10:00")).history() == [
        TOLD,
        "06-03 13:05 P3 confirmation A1 sms",
        "06-03 14:05 P4 confirmation A1 superseded",
        "06-03 14:07 P2 confirmation A1 email",
        "06-09 10:00 P2 reminder A1 email",
    ]


def test_a_takeover_while_the_reminder_waits_for_its_type(tmp_path: Path) -> None:
    off = called("06-09 10:00:20", "type", "disable", "nidelv", "KONS")
    on = called("06-09 11:00", "type", "enable", "nidelv", "KONS")
    steps = (ran("06-09 09:59"), off, ran("06-09 10:01"), row("06-09 10:30", "P3"), on, ran("06-09 11:00"))
    history = played(tmp_path, *BEGUN, *steps).history()
    assert [line for line in history if "reminder" in line] == []


def test_a_merge_while_the_confirmation_waits_for_another_attempt(tmp_path: Path) -> None:
    """The mail server is dead at 12:05; at 12:06 the notice is the new id's, and goes to their address."""
    dead = '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
    limits = "[limits]\nmax_due = 0\nmax_upset = 0\n"
    timeline = Timeline.begun_in(tmp_path, limits + dead).play([TWIN, *BEGUN, row("06-03 12:05:30", "P1b")])
    (tmp_path / "notify.toml").write_text(limits, encoding="utf-8")
    timeline.run("06-03 12:06", "06-03 12:30")
    assert timeline.history() == ["06-03 12:05 P1b confirmation A1 email"]


def test_a_takeover_while_the_confirmation_waits_for_another_attempt(tmp_path: Path) -> None:
    """Asked again before every attempt: it is another's now, and the old one hears nothing more."""
    dead = '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
    limits = "[limits]\nmax_due = 0\nmax_upset = 0\n"
    timeline = Timeline.begun_in(tmp_path, limits + dead).play([*BEGUN, row("06-03 12:05:30", "P3")])
    (tmp_path / "notify.toml").write_text(limits, encoding="utf-8")
    timeline.run("06-03 12:06", "06-03 12:30")
    assert timeline.history() == [
        "06-03 12:05 P1 confirmation A1 email skipped superseded",
        "06-03 12:10:30 P3 confirmation A1 sms",
    ]


def test_why_tells_whose_the_appointment_and_each_notice_is(tmp_path: Path) -> None:
    timeline = played(tmp_path, *BEGUN, row("06-03 13:00", "P3"), ran("06-03 13:05"))
    told = json.loads(timeline.call("06-03 14:00", "why", "appointment", "A1", "--json").out)
    notices = {(notice["patient"], notice["event"], notice["verdict"]) for notice in told["notices"]}
    assert told["patient"] == "P3"
    assert {("P1", "confirmation", "sent"), ("P3", "confirmation", "sent"), ("P3", "reminder", "planned")} <= notices
    assert ("P1", "reminder", "planned") not in notices


def test_upcoming_has_the_new_ones_reminder_only(tmp_path: Path) -> None:
    timeline = played(tmp_path, *BEGUN, row("06-03 13:00", "P3"), ran("06-03 13:05"))
    upcoming = timeline.clinic.json("upcoming", "--until", "2026-06-12", at=moment("06-03 14:00").isoformat())
    assert [(line["patient"], line["event"]) for line in upcoming] == [("P3", "reminder")]
