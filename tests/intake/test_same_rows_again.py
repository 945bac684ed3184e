"""SPEC section 3: importing the same file again changes nothing, and the same appointment twice in a file.

Goes by the command line.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.one_clinic import Clinic
from tests.support.timelines import (
    NORWEGIAN_WITH_ENDRET,
    PLAIN,
    STAMPED,
    Header,
    Timeline,
    Visit,
    came,
    played,
    ran,
    table,
    visit,
)

BEFORE = visit("A1", "P1", "06-11 10:00", "06-03 11:59")  # a Thursday
FRIDAY = BEFORE | {"starts": "06-12 10:00"}
CANCELLED = BEFORE | {"status": "cancelled", "cancelled": "06-03 12:10"}
AGAIN = FRIDAY | {"changed": "06-03 12:10"}

TWICE = [
    pytest.param([FRIDAY | {"changed": "06-03 12:20"}, BEFORE | {"changed": "06-03 12:10"}], "06-12", id="later stamp"),
    pytest.param([BEFORE | {"changed": "06-03 12:10"}, FRIDAY | {"changed": "06-03 12:20"}], "06-12", id="in order"),
    pytest.param([CANCELLED, AGAIN], "06-12", id="equal stamps: the booked one, below"),
    pytest.param([AGAIN, CANCELLED], "06-12", id="equal stamps: the booked one, above"),
    pytest.param([BEFORE, FRIDAY], "06-12", id="equal stamps, both booked: the later row"),
    pytest.param([FRIDAY, BEFORE], "06-11", id="equal stamps, both booked: the later row, the other way round"),
    pytest.param([BEFORE | {"booked": ""}, FRIDAY | {"booked": ""}], "06-12", id="no stamps: the later row"),
    pytest.param([FRIDAY | {"cancelled": "06-03 12:30"}, BEFORE], "06-12", id="the latest of three stamps"),
]


def reminder_days(timeline: Timeline, appointment: str = "A1") -> list[str]:
    """Days of the starts that reminders are planned for."""
    upcoming = timeline.clinic.json("upcoming", "--until", "2026-06-20", at="2026-06-04T12:00:00+02:00")
    rows = [row for row in upcoming if (row["subject_id"], row["event"]) == (appointment, "reminder")]
    return [f"06-{int(row['due_at'][8:10]) + 2:02}" for row in rows]


@pytest.mark.parametrize(("rows", "day"), TWICE)
def test_of_an_appointment_twice_in_a_file_one_row_wins_and_again_nothing_changes(
    tmp_path: Path, rows: list[Visit], day: str
) -> None:
    timeline = Timeline.begun_in(tmp_path)
    path = timeline.written(table(rows, NORWEGIAN_WITH_ENDRET), "twice.csv", made="06-03 12:35")
    [first] = timeline.imported("06-03 12:40", path)
    assert (first["new"], first["stale"], first["events"]["booking"], first["rejected"]) == (1, 1, 1, 0)
    assert first["warnings"] >= 1  # their starts differ
    again(timeline, "06-03 12:45", path)
    assert reminder_days(timeline) == [day]


def again(timeline: Timeline, at: str, path: str) -> None:
    [report] = timeline.imported(at, path)
    assert (report["new"], report["changed"], set(report["events"].values())) == (0, 0, {0})


LONG_AGO = visit("A1", "P1", "06-11 10:00", "05-20 12:00")
PLAIN_TWICE = [
    pytest.param([BEFORE, FRIDAY], "06-12", id="the later row differs"),
    pytest.param([FRIDAY, BEFORE], "06-11", id="the later row is as stored"),
    pytest.param([FRIDAY, BEFORE, FRIDAY], "06-12", id="three times"),
    pytest.param([FRIDAY, BEFORE | {"status": "cancelled"}], "06-12", id="the booked one, above"),
    pytest.param([BEFORE | {"status": "cancelled"}, FRIDAY], "06-12", id="the booked one, below"),
    pytest.param([BEFORE | {"status": "cancelled"}, BEFORE], "06-11", id="the booked one is as stored"),
    pytest.param([BEFORE, BEFORE | {"status": "cancelled"}], "06-11", id="the booked one is as stored, above"),
]


@pytest.mark.parametrize("header", [PLAIN, STAMPED], ids=["by its file", "by equal stamps"])
@pytest.mark.parametrize(("rows", "day"), PLAIN_TWICE)
def test_twice_in_a_file_of_an_appointment_that_is_stored(
    tmp_path: Path, rows: list[Visit], day: str, header: Header
) -> None:
    timeline = played(tmp_path, came("05-20 12:00", LONG_AGO))
    path = timeline.written(
        table([{**row, "booked": "06-03 11:30"} for row in rows], header), "twice.csv", "06-03 12:35"
    )
    timeline.imported("06-03 12:40", path)
    assert reminder_days(timeline) == [day]
    for at in ("06-03 12:45", "06-03 12:50"):
        again(timeline, at, path)
    assert reminder_days(timeline) == [day]


@pytest.mark.parametrize("made", ["", "06-03 12:01"], ids=["of now", "of before"])
@pytest.mark.parametrize("header", [PLAIN, STAMPED, NORWEGIAN_WITH_ENDRET], ids=["plain", "stamped", "Norwegian"])
def test_the_same_file_again_changes_nothing_and_nobody_is_told_twice(
    tmp_path: Path, header: Header, made: str
) -> None:
    rows = [
        visit("A1", "P1", "06-11 10:00", "06-03 12:00"),
        visit("A2", "P2", "06-11 10:15", "06-03 12:01", changed="06-03 23:00"),  # in the future
        visit("A3", "P3", "06-11 10:30", ""),
        visit("A3", "P3", "06-11 10:45", ""),
    ]
    timeline = Timeline.begun_in(tmp_path)
    path = timeline.written(table(rows, header), "all.csv", made)
    timeline.imported("06-03 12:02", path)
    timeline.run("06-03 12:10")
    history = timeline.history()
    assert len(history) == 3
    again(timeline, "06-03 12:20", path)
    timeline.imported("06-03 23:30", path)  # what was in the future is not any more, and stored as it stands
    again(timeline, "06-04 12:00", path)
    timeline.run("06-04 12:09")
    assert timeline.history() == history


def test_an_older_file_again_after_a_newer_one_changes_nothing(tmp_path: Path) -> None:
    timeline = Timeline.begun_in(tmp_path)
    old = timeline.written(table([BEFORE], PLAIN), "old.csv", "06-03 12:00")
    new = timeline.written(table([FRIDAY], PLAIN), "new.csv", "06-03 12:10")
    timeline.imported("06-03 12:01", old)
    timeline.imported("06-03 12:11", new)
    for path in (old, new, old):
        again(timeline, "06-03 12:20", path)
    assert reminder_days(timeline) == ["06-12"]


def test_files_of_equal_time_count_in_their_order(tmp_path: Path) -> None:
    """Neither is less fresh than the other: what is not less fresh than what is stored counts."""
    timeline = Timeline.begun_in(tmp_path)
    first = timeline.written(table([BEFORE], PLAIN), "first.csv", "06-03 12:00")
    second = timeline.written(table([FRIDAY], PLAIN), "second.csv", "06-03 12:00")
    timeline.imported("06-03 12:01", first)
    timeline.imported("06-03 12:01", second)
    assert reminder_days(timeline) == ["06-12"]


MANY = [visit(f"B{n}", "P9", "06-01 10:00", "05-03 11:00", status="fulfilled") for n in range(30_600)]


def with_ends(first: Visit, last: Visit) -> str:
    """Rows so many that they are stored in several goes, with one at each end."""
    return table([first, *MANY, last])


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Timeline:
    """A large file was imported whose first and last row are of one appointment."""
    timeline = Timeline.begun_in(tmp_path_factory.mktemp("large"))
    path = timeline.written(with_ends(BEFORE, FRIDAY), "large.csv", "06-03 12:00")
    timeline.imported("06-03 12:01", path)
    return timeline


@pytest.mark.slow
def test_twice_across_batches_the_later_row_wins_and_again_nothing_changes(filled: Timeline) -> None:
    assert reminder_days(filled) == ["06-12"]
    again(filled, "06-03 12:05", str(filled.clinic.folder / "large.csv"))
    assert reminder_days(filled) == ["06-12"]


@pytest.mark.slow
def test_a_newer_stamp_at_the_end_of_a_large_table_takes_a_change_back(filled: Timeline) -> None:
    """Known only when the table was read to its end: A9 looked stale in its first row."""
    moved = visit("A9", "P1", "06-15 10:00", "06-03 12:00", changed="06-03 12:30")  # a Monday
    back = visit("A9", "P1", "06-16 10:00", "06-03 12:00")
    filled.imported("06-03 12:31", filled.written(table([moved]), "moved.csv"))
    newest = visit("A8", "P3", "06-30 11:00", "06-03 12:40")
    [report] = filled.imported("06-03 12:45", filled.written(with_ends(back, newest), "large-2.csv", "06-03 12:44"))
    assert (report["changed"], report["events"]["change"], report["stale"]) == (1, 1, 0)
    assert reminder_days(filled, "A9") == ["06-16"]


def counts(report: Any) -> tuple[int, int]:
    return report["stale"], report["changed"]


def test_rows_of_two_clinics_wait_for_their_own_clinics_stamp(tmp_path: Path) -> None:
    york = "clinic_id;name;timebook\nyork;York legesenter;yes\n"
    timeline = Timeline.begun_in(tmp_path)
    timeline.imported("06-03 11:00", timeline.written(york, "york.csv"))
    stored = [visit("A1", "P1", "06-12 10:00", "06-03 11:00", changed="06-03 12:30", clinic=c) for c in CLINICS]
    timeline.imported("06-03 12:31", timeline.written(table(stored), "stored.csv"))
    back = [visit("A1", "P1", "06-11 10:00", "06-03 11:00", clinic=c) for c in CLINICS]
    newest = visit("A2", "P1", "06-30 10:00", "06-03 12:40", clinic="nidelv")
    [report] = timeline.imported("06-03 12:45", timeline.written(table([*back, newest]), "back.csv", "06-03 12:44"))
    assert counts(report) == (1, 1)
    assert reminder_days(timeline) == ["06-11"]  # york knows no P1 that could be reminded; nidelv's is back


CLINICS = ("nidelv", "york")


def test_a_change_taken_back_twice_is_told_each_time(tmp_path: Path) -> None:
    """Moved, taken back, moved, taken back: Endret is blank again each time, and another row's stamp grows."""
    steps = [came("06-03 12:00", BEFORE), ran("06-03 12:05")]
    for hour in (13, 15):
        moved = FRIDAY | {"changed": f"06-03 {hour}:00"}
        other = visit("A2", "P8", "06-30 10:00", f"06-03 {hour + 1}:00")
        steps += [came(f"06-03 {hour}:00", moved), ran(f"06-03 {hour}:05")]
        steps += [came(f"06-03 {hour + 1}:00", BEFORE, other), ran(f"06-03 {hour + 1}:05")]
    told = [line for line in played(tmp_path, *steps).history() if " A1 " in line]
    assert told == [
        "06-03 12:04 P1 confirmation A1 email",
        *(f"06-03 {hour}:05 P1 change A1 email" for hour in (13, 14, 15, 16)),
    ]


SOME_OF_SIXTY = [
    pytest.param(range(60), id="all, in order"),
    pytest.param(range(59, -1, -1), id="all, from the last to the first"),
    pytest.param((0, 59), id="the first and the last"),
    pytest.param(range(0, 60, 2), id="each second"),
    pytest.param((7, 300, 3), id="one that is new"),
]


@pytest.mark.parametrize("numbers", SOME_OF_SIXTY)
def test_some_of_the_rows_again_are_known_in_whatever_order(tmp_path: Path, numbers: Sequence[int]) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path = tmp_path / "patients.csv"
    path.write_text(patients(range(60)))
    clinic.json("import", str(path))
    path.write_text(patients(numbers).replace(f"Kari{numbers[0]};", "Ola;"))
    [again] = clinic.json("import", str(path))["files"]
    new = sum(number >= 60 for number in numbers)
    assert (again["changed"], again["new"], again["unchanged"]) == (1, new, len(numbers) - 1 - new)


def patients(numbers: Iterable[int]) -> str:
    rows = (f"nidelv;Q{number:03};Kari{number};kari{number}@post.example;yes\n" for number in numbers)
    return "clinic_id;patient_id;given_name;email;consent\n" + "".join(rows)
