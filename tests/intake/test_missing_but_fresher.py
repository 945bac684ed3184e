"""SPEC section 3: --cancel-missing spares, and names, what is fresher than the file (the oldest, of several).

A complete file was made at 10:00 on Wednesday 3 June and imported at 10:08. Goes by the command line.
"""

import json
from pathlib import Path

import pytest

from tests.support.timelines import PLAIN, STAMPED, Step, Timeline, arrived, came, played, ran, table, visit

KEPT = visit("A1", "P1", "06-11 10:00", "05-20 12:00")  # a Thursday
GONE = visit("A2", "P3", "06-11 10:15", "05-20 12:00")
COMPLETE = table([KEPT], PLAIN)
LONG_AGO = came("05-20 12:00", KEPT, GONE)


def message(sent: str) -> str:
    return (
        f"MSH|^~\\&|EPJ|nidelv|||{sent}+0200||SIU^S12|1|P|2.5\r"
        "SCH||A2|||||KONS|KONS|30|min|^^30^20260611101500+0200\rPID|1||P3^^^X^PI||Næss^Åse\r"
    )


SPARED: list[str] = []
CANCELLED = ["06-03 10:13 P3 cancellation A2 sms"]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param(
            [came("06-03 10:05", visit("A2", "P3", "06-11 10:15", "06-03 10:04"))], SPARED, id="booked at 10:04"
        ),
        pytest.param(
            [LONG_AGO, came("06-03 10:05", GONE | {"starts": "06-12 10:15", "changed": "06-03 10:04"})],
            SPARED,
            id="moved at 10:04",
        ),
        pytest.param(
            [LONG_AGO, came("06-03 10:05", GONE | {"starts": "06-12 10:15"}, header=PLAIN, made="06-03 10:03")],
            SPARED,
            id="moved by a file of 10:03 without stamps",
        ),
        pytest.param(
            [LONG_AGO, came("06-03 10:05", GONE | {"changed": "06-03 10:04"})], SPARED, id="unchanged, with a stamp"
        ),
        pytest.param([arrived("06-03 10:05", message("20260603100400"), "m.hl7")], SPARED, id="an HL7 message"),
        pytest.param([LONG_AGO], CANCELLED, id="booked long ago"),
        pytest.param(
            [LONG_AGO, came("06-03 10:05", GONE, header=PLAIN, made="06-03 10:03")], CANCELLED, id="unchanged since"
        ),
        pytest.param(
            [LONG_AGO, came("06-03 10:05", GONE | {"changed": "06-03 09:59"})], CANCELLED, id="an older stamp"
        ),
        pytest.param(
            [came("06-03 10:05", visit("A2", "P3", "06-11 10:15", "06-03 10:00"))], CANCELLED, id="of the same second"
        ),
        pytest.param([arrived("06-03 10:05", message("20260603095900"), "m.hl7")], CANCELLED, id="an older message"),
    ],
)
def test_what_is_fresher_than_the_file_is_spared(tmp_path: Path, before: list[Step], expected: list[str]) -> None:
    timeline = played(tmp_path, came("05-20 12:00", KEPT), *before)
    path = timeline.written(COMPLETE, "complete.csv", "06-03 10:00")
    [report] = timeline.imported("06-03 10:08", "--cancel-missing", path)
    assert (report["missing_cancelled"], report["events"]["cancellation"]) == (len(expected), len(expected))
    assert "A2" in json.dumps([report["missing"], report["problems"]])
    timeline.run("06-03 10:13")
    assert [line for line in timeline.history() if "cancellation" in line] == expected


@pytest.mark.parametrize(
    ("made", "spared"),
    [
        pytest.param(("06-03 10:00", "06-03 10:06"), True, id="the oldest first"),
        pytest.param(("06-03 10:06", "06-03 10:00"), True, id="the oldest last"),
        pytest.param(("06-03 10:05", "06-03 10:06"), False, id="both of them newer"),
    ],
)
def test_of_several_files_the_oldest_counts(tmp_path: Path, made: tuple[str, str], spared: bool) -> None:
    third = visit("A3", "P2", "06-11 10:30", "05-20 12:00")
    delta = came("06-03 10:05", visit("A2", "P3", "06-11 10:15", "06-03 10:04"))
    timeline = played(tmp_path, came("05-20 12:00", KEPT, third), delta)
    paths = [
        timeline.written(table([row], STAMPED), f"{number}.csv", at)
        for number, (row, at) in enumerate(zip((KEPT, third), made, strict=True))
    ]
    reports = timeline.imported("06-03 10:08", "--cancel-missing", *paths)
    assert sum(report["events"]["cancellation"] for report in reports) == (0 if spared else 1)


def test_the_clock_of_the_import_counts_for_a_file_of_the_future(tmp_path: Path) -> None:
    """Never later than the import: a delta of the same call's minute is not fresher, an older one is cancelled."""
    timeline = played(tmp_path, came("05-20 12:00", KEPT), came("06-03 10:05", GONE | {"booked": "06-03 10:04"}))
    [report] = timeline.imported("06-03 10:08", "--cancel-missing", timeline.written(COMPLETE, "c.csv", "06-04 10:00"))
    assert report["missing_cancelled"] == 1


def test_the_patient_of_what_was_spared_is_reminded(tmp_path: Path) -> None:
    delta = came("06-03 10:05", visit("A2", "P3", "06-11 10:15", "06-03 10:04"))
    complete = arrived("06-03 10:08", COMPLETE, "complete.csv", made="06-03 10:00", options=("--cancel-missing",))
    timeline = played(tmp_path, came("05-20 12:00", KEPT), delta, complete, ran("06-03 10:13", "06-09 10:15"))
    assert [line for line in timeline.history() if " A2 " in line] == [
        "06-03 10:09 P3 confirmation A2 sms",
        "06-09 10:15 P3 reminder A2 sms",
    ]


def test_the_next_complete_file_cancels_what_it_still_lacks(tmp_path: Path) -> None:
    timeline = Timeline.begun_in(tmp_path).play([came("06-03 10:05", KEPT, GONE | {"booked": "06-03 10:04"})])
    for at, made, cancelled in (("06-03 10:08", "06-03 10:00", 0), ("06-04 10:08", "06-04 10:00", 1)):
        [report] = timeline.imported(at, "--cancel-missing", timeline.written(COMPLETE, "complete.csv", made))
        assert report["missing_cancelled"] == cancelled


def test_a_row_of_the_complete_file_that_is_stale_still_names_its_appointment(tmp_path: Path) -> None:
    moved = GONE | {"starts": "06-12 10:15", "changed": "06-03 10:04"}
    timeline = played(tmp_path, LONG_AGO, came("06-03 10:05", moved))
    path = timeline.written(table([KEPT, GONE], PLAIN), "complete.csv", "06-03 10:00")
    [report] = timeline.imported("06-03 10:08", "--cancel-missing", path)
    assert (report["stale"], report["missing"], report["events"]["cancellation"]) == (1, [], 0)
