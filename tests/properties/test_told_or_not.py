"""SPEC section 4: told is what went out and has not failed on every channel since; where the last is uncertain, nothing
is covered, and a cancellation gives its own details.

The clinic's SMS program lies dead, refuses or loses the thread, once. Goes by the command line.
"""

import json
import sys
from pathlib import Path

import pytest

from tests.support.timelines import NO_LIMITS, Step, Timeline, called, came, ran, visit

A1 = visit("A1", "P3", "06-11 10:00", "06-03 12:00")  # a Thursday
MOVED = A1 | {"starts": "06-18 10:00", "changed": "06-03 12:30"}
BACK = A1 | {"changed": "06-03 12:32"}
CANCELLED = MOVED | {"status": "cancelled", "cancelled": "06-03 12:33", "changed": "06-03 12:33"}


def program(*lines: str) -> str:
    code = "; ".join(["import sys", "sys.stdin.readline()", *lines])
    return f"[sms]\ntransport = \"command\"\ncommand = ['{sys.executable}', '-I', '-S', '-c', {json.dumps(code)}]\n"


REFUSED = program('print(\'{\\"error\\": \\"refused\\", \\"kind\\": \\"permanent\\"}\')')
LOST = program("raise SystemExit(1)")


def sms(at_first: str) -> tuple[str, Step]:
    """The configuration at first, and the step by which SMS works again."""

    def works_again(timeline: Timeline) -> None:
        (timeline.clinic.folder / "notify.toml").write_text(NO_LIMITS, encoding="utf-8")

    return NO_LIMITS + at_first, works_again


def only_sms(timeline: Timeline) -> None:
    timeline.play([called("06-03 11:00", "patient", "set", "nidelv", "P3", "--email", "")])


def played_with(folder: Path, first: str, *steps: Step) -> Timeline:
    config, works_again = sms(first)
    timeline = Timeline.begun_in(folder, config)
    only_sms(timeline)
    return timeline.play([came("06-03 12:00", A1), ran("06-03 12:05"), works_again, *steps])


@pytest.mark.parametrize(
    ("first", "status", "day"),
    [
        pytest.param("", "sent", "11. juni", id="told"),
        pytest.param(LOST, "uncertain", "18. juni", id="uncertain: its own"),
        pytest.param(REFUSED, "failed", "18. juni", id="failed: its own"),
    ],
)
def test_a_cancellation_gives_what_was_told_for_certain(tmp_path: Path, first: str, status: str, day: str) -> None:
    timeline = played_with(tmp_path, first, came("06-03 12:30", MOVED), came("06-03 12:33", CANCELLED))
    timeline.run("06-03 12:38")
    assert [row["status"] for row in timeline.rows() if row["event"] == "confirmation"] == [status]
    assert f"{day} kl. 10.00 er avlyst" in timeline.texts("cancellation")[0]


@pytest.mark.parametrize(
    ("first", "came_of_it"),
    [
        pytest.param("", "covered", id="told"),
        pytest.param(LOST, "sms", id="uncertain"),
        pytest.param(REFUSED, "sms", id="failed"),
    ],
)
def test_moved_and_moved_back_is_covered_by_what_was_told_only(tmp_path: Path, first: str, came_of_it: str) -> None:
    timeline = played_with(tmp_path, first, came("06-03 12:30", MOVED), came("06-03 12:32", BACK), ran("06-03 12:40"))
    assert f"06-03 12:37 P3 change A1 {came_of_it}" in timeline.history()


@pytest.mark.parametrize(
    ("steps", "came_of_it"),
    [
        pytest.param(["--sent"], "covered", id="staff say that it arrived"),
        pytest.param([], "sms", id="nobody knows"),
    ],
)
def test_what_staff_settle_counts(tmp_path: Path, steps: list[str], came_of_it: str) -> None:
    settle = [called("06-03 12:20", "resolve", "1", *steps)] if steps else []
    timeline = played_with(tmp_path, LOST, *settle, came("06-03 12:30", MOVED), came("06-03 12:32", BACK))
    timeline.run("06-03 12:40")
    assert f"06-03 12:37 P3 change A1 {came_of_it}" in timeline.history()


@pytest.mark.parametrize(
    ("first", "goes_out"),
    [
        pytest.param("", False, id="told of the slot that the other one has"),
        pytest.param(LOST, True, id="uncertain: its own slot, which nobody has"),
    ],
)
def test_a_cancellation_is_kept_back_by_the_slot_that_it_would_give(tmp_path: Path, first: str, goes_out: bool) -> None:
    """A1, told for 11 June perhaps, was moved to 18 June and cancelled; A2 is on 11 June."""
    other = visit("A2", "P3", "06-11 10:00", "06-03 12:33")
    steps = (came("06-03 12:30", MOVED), came("06-03 12:33", CANCELLED, other), ran("06-03 12:38"))
    line = f"06-03 12:38 P3 cancellation A1 {'sms' if goes_out else 'superseded'}"
    assert line in played_with(tmp_path, first, *steps).history()


def test_one_of_two_channels_that_arrived_is_told(tmp_path: Path) -> None:
    """P4 wants both: the SMS failed, the e-mail went out."""
    config, works_again = sms(REFUSED)
    a1 = A1 | {"patient": "P4"}
    timeline = Timeline.begun_in(tmp_path, config).play([came("06-03 12:00", a1), ran("06-03 12:05"), works_again])
    timeline.play([came("06-03 12:30", MOVED | {"patient": "P4"}), came("06-03 12:32", BACK | {"patient": "P4"})])
    timeline.run("06-03 12:40")
    assert "06-03 12:37 P4 change A1 covered" in timeline.history()
