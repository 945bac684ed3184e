"""SPEC section 8: `module|type enable|disable` tell what follows, `run --dry-run --until` what the runs until then do.

Both are held against what then happens. A1 is on Thursday 11 June at 10, A2 on Friday 12 June. By the command line.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.timelines import Step, Timeline, called, came, iso, moment, played, ran, visit

A1 = visit("A1", "P1", "06-11 10:00", "06-03 12:00")
A2 = visit("A2", "P4", "06-12 10:00", "06-03 12:00")
UNREACHED = visit("A3", "P8", "06-12 11:00", "06-03 12:00")
OFF = visit("A4", "P3", "06-12 12:00", "06-03 12:00", kind="OFF")
BOOKED = came("06-03 12:00", A1, A2, UNREACHED, OFF)
NO_TYPE = called("06-03 12:10", "type", "disable", "nidelv", "KONS")

# What was done before, the switch that is turned at 12:20, and what follows of it
TURNS: list[Any] = [
    pytest.param(
        [BOOKED],
        ("type", "disable", "KONS"),
        ({}, {"confirmation": 2, "reminder": 2}),
        "KONS is off at nidelv from now on: 2 confirmations and 2 planned reminders will not be sent\n",
        id="a type off, before anything was sent",
    ),
    pytest.param(
        [BOOKED, ran("06-03 12:05")],
        ("module", "disable", "timebook"),
        ({}, {"reminder": 2}),
        "timebook is off at nidelv from now on: 2 planned reminders will not be sent\n",
        id="a module off, after the confirmations",
    ),
    pytest.param(
        [BOOKED, ran("06-03 12:05"), NO_TYPE],
        ("type", "enable", "KONS"),
        ({"reminder": 2}, {}),
        "KONS is on at nidelv from now on: 2 planned reminders will be sent\n",
        id="a type on again",
    ),
    pytest.param(
        [BOOKED, ran("06-03 12:05")],
        ("type", "enable", "OFF"),
        ({"reminder": 1}, {}),
        "OFF is on at nidelv from now on: 1 planned reminder will be sent\n",
        id="a type on for the first time: no confirmation of what was booked before",
    ),
    pytest.param(
        [BOOKED, ran("06-03 12:05")],
        ("module", "disable", "post"),
        ({}, {}),
        "post is off at nidelv from now on; nothing that is planned changes by it\n",
        id="a module of which nothing is planned",
    ),
]


def turned(timeline: Timeline, turn: tuple[str, str, str], *options: str) -> Any:
    scope, word, name = turn
    return timeline.clinic.json(scope, word, "nidelv", name, *options, at=moment("06-03 12:20").isoformat())


def sent_after(timeline: Timeline, at: str) -> Counter[str]:
    """What went out later, by event; of a notice on two channels once."""
    timeline.run("06-03 12:21", "06-09 10:00", "06-10 10:00", "06-10 12:00")
    late = {
        (row["event"], row["subject_id"])
        for row in timeline.rows()
        if row["status"] == "sent" and row["sent_at"] > moment(at).astimezone().isoformat()
    }
    return Counter(event for event, _ in late)


@pytest.mark.parametrize(("steps", "turn", "expected", "words"), TURNS)
def test_a_switch_tells_what_follows(
    tmp_path: Path, steps: list[Step], turn: tuple[str, str, str], expected: Any, words: str
) -> None:
    timeline = played(tmp_path, *steps)
    rehearsed = turned(timeline, turn, "--dry-run")
    assert (rehearsed["will_be_sent"], rehearsed["will_not_be_sent"]) == expected
    assert (rehearsed["turned"], rehearsed["dry_run"]) == (True, True)
    scope, word, name = turn
    answer = timeline.call("06-03 12:20", scope, word, "nidelv", name)
    assert (answer.exit, answer.err) == (0, words)


@pytest.mark.parametrize(("steps", "turn", "expected", "words"), TURNS)
def test_what_it_tells_is_what_comes_of_it(
    tmp_path: Path, steps: list[Step], turn: tuple[str, str, str], expected: Any, words: str
) -> None:
    """Two equal stories, one without the switch: the difference is what was told."""
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    with_it, without = (played(tmp_path / name, *steps) for name in ("with", "without"))
    turned(with_it, turn)
    before, after = sent_after(without, "06-03 12:20"), sent_after(with_it, "06-03 12:20")
    assert (dict(after - before), dict(before - after)) == expected


@pytest.mark.parametrize(("steps", "turn", "expected", "words"), TURNS)
def test_a_rehearsal_turns_nothing(
    tmp_path: Path, steps: list[Step], turn: tuple[str, str, str], expected: Any, words: str
) -> None:
    timeline = played(tmp_path, *steps)
    shown = [timeline.clinic.json(*look) for look in (("module", "list"), ("type", "list"), ("upcoming",))]
    turned(timeline, turn, "--dry-run")
    assert [timeline.clinic.json(*look) for look in (("module", "list"), ("type", "list"), ("upcoming",))] == shown
    scope, word, name = turn
    state = "on" if word == "enable" else "off"
    said = timeline.call("06-03 12:20", scope, word, "nidelv", name, "--dry-run").err
    assert said == words.replace(f"is {state} at nidelv from now on", f"would be {state} at nidelv")


def test_a_delivery_that_waits_for_another_attempt_counts(tmp_path: Path) -> None:
    dead = '[limits]\nmax_due = 0\n[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
    timeline = played(tmp_path, came("06-03 12:00", A1), ran("06-03 12:05"), config=dead)
    told = turned(timeline, ("module", "disable", "timebook"), "--dry-run")
    assert told["will_not_be_sent"] == {"confirmation": 1, "reminder": 1}


# notify run --dry-run --until


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        pytest.param(None, [], id="now"),
        pytest.param("06-03 12:04", [], id="a minute before the first is due"),
        pytest.param(
            "06-03 12:05", ["confirmation A1", "confirmation A2", "confirmation A3 no_consent"], id="the confirmations"
        ),
        pytest.param(
            "06-09 10:00",
            ["confirmation A1", "confirmation A2", "confirmation A3 no_consent", "reminder A1"],
            id="a reminder, to the second",
        ),
    ],
)
def test_a_rehearsed_run_looks_ahead(tmp_path: Path, until: str | None, expected: list[str]) -> None:
    timeline = played(tmp_path, BOOKED)
    options = ["--until", iso(until)] if until else []
    plan = timeline.clinic.json("run", "--dry-run", *options, at=moment("06-03 12:00").isoformat())
    lines = [f"{one['event']} {one['subject_id']} {one['reason'] or ''}".strip() for one in plan["notices"]]
    assert lines == expected
    assert (plan["due"], plan["skipped"]) == (len(expected), sum("no_consent" in line for line in expected))
    assert timeline.rows() == []


def test_the_runs_do_what_the_rehearsal_showed(tmp_path: Path) -> None:
    timeline = played(tmp_path, BOOKED)
    at = moment("06-03 12:00").isoformat()
    plan = timeline.clinic.json("run", "--dry-run", "--until", iso("06-10 12:00"), at=at)["notices"]
    timeline.run("06-03 12:05", "06-09 10:00", "06-10 10:00", "06-10 12:00")
    fields = ("event", "subject_id", "due_at", "reason")
    assert {tuple(one[name] for name in fields) for one in plan} == {
        tuple(row[name] for name in fields) for row in timeline.rows()
    }


def test_until_goes_with_dry_run(tmp_path: Path) -> None:
    answer = Timeline.begun_in(tmp_path).call("06-03 12:00", "run", "--until", iso("06-10 12:00"))
    assert (answer.exit, answer.out) == (2, "")
    assert answer.err == "notify: --until goes with --dry-run. Type: notify run --dry-run --until TIME\n"
