"""SPEC section 3: what a file that was held back (exit 4) would cancel or move waits; a first table of bookings without
their times is held back. Goes by the command line.
"""

import functools
import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.support.timelines import (
    BARE,
    NORWEGIAN,
    PLAIN,
    STAMPED,
    Header,
    Step,
    Timeline,
    Visit,
    called,
    came,
    moment,
    ran,
    table,
    visit,
)

LIMITS = "[limits]\nmax_due = 0\nmax_upset = 0.10\n"
ALL = [visit(f"A{number}", "P3", f"06-11 10:{number:02}", "05-20 12:00") for number in range(1, 31)]
HELD, FREE = {f"A{number}" for number in range(1, 26)}, {f"A{number}" for number in range(26, 31)}


def cancelled(rows: Iterable[Visit], at: str = "06-08 12:00") -> list[Visit]:
    return [{**row, "status": "cancelled", "cancelled": at} for row in rows]


def moved(rows: Iterable[Visit], at: str = "06-08 12:00", day: str = "06-25") -> list[Visit]:
    return [{**row, "starts": f"{day}{row['starts'][5:]}", "changed": at} for row in rows]


def given_away(rows: Iterable[Visit], at: str = "06-08 12:00") -> list[Visit]:
    return [{**row, "patient": "P4", "changed": at} for row in rows]


def stopped(*rows: Visit, header: Header = STAMPED, at: str = "06-08 12:05", options: tuple[str, ...] = ()) -> Step:
    return came(at, *rows, header=header, options=options, exits=(4,))


STOPPED = stopped(*cancelled(ALL[:25]))
REMINDERS = ran("06-09 10:15", "06-09 10:40")


@functools.cache
def before() -> Path:
    """Thirty appointments of Thursday 11 June, booked and confirmed long ago."""
    with tempfile.TemporaryDirectory() as folder:
        timeline = Timeline.begun_in(Path(folder), LIMITS)
        return timeline.play([came("05-20 12:00", *ALL), ran("05-20 12:05")]).database()


def full(folder: Path) -> Timeline:
    return Timeline.begun_in(folder, LIMITS, before())


def reminded(timeline: Timeline) -> set[str]:
    return {row["subject_id"] for row in timeline.rows() if row["event"] == "reminder" and row["status"] == "sent"}


def rows_of(timeline: Timeline, event: str) -> list[dict[str, Any]]:
    return [row for row in timeline.rows() if row["event"] == event]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        pytest.param([STOPPED], FREE, id="cancelled"),
        pytest.param([stopped(*moved(ALL[:25]))], FREE, id="moved"),
        pytest.param([stopped(*given_away(ALL[:25]))], FREE, id="given to another"),
        pytest.param([stopped(*cancelled(ALL[:10]), *moved(ALL[10:25]))], FREE, id="some cancelled, some moved"),
        pytest.param([stopped(*cancelled(ALL[:25]), *ALL[25:])], FREE, id="a nightly file with all of them"),
        pytest.param([stopped(*ALL[25:], header=PLAIN, options=("--cancel-missing",))], FREE, id="missing in a file"),
        pytest.param(
            [stopped(*({**row, "status": "avlyst"} for row in ALL[:25]), header=PLAIN)], FREE, id="without its times"
        ),
        pytest.param([came("06-08 12:05", *cancelled(ALL[:19]))], {f"A{n}" for n in range(20, 31)}, id="19: not held"),
    ],
)
def test_what_a_file_would_cancel_or_move_waits(tmp_path: Path, steps: list[Step], told: set[str]) -> None:
    timeline = full(tmp_path).play([*steps, REMINDERS])
    assert reminded(timeline) == told
    assert len(rows_of(timeline, "reminder")) == len(told)


def test_a_dry_run_of_such_a_file_holds_nothing(tmp_path: Path) -> None:
    timeline = full(tmp_path)
    path = timeline.written(table(cancelled(ALL[:25])), "cancelled.csv")
    timeline.call("06-08 12:05", "import", "--dry-run", path)
    assert reminded(timeline.play([REMINDERS])) == HELD | FREE


def test_a_confirmation_that_is_planned_waits_as_well(tmp_path: Path) -> None:
    timeline = Timeline.begun_in(tmp_path, LIMITS)
    rows = [row | {"booked": "06-03 12:00"} for row in ALL]
    timeline.play([came("06-03 12:00", *rows), stopped(*cancelled(rows[:25], "06-03 12:02"), at="06-03 12:02")])
    timeline.run("06-03 12:05")
    assert {row["subject_id"] for row in rows_of(timeline, "confirmation")} == FREE


def test_the_stop_says_what_it_would_cancel_and_move(tmp_path: Path) -> None:
    timeline = full(tmp_path)
    path = timeline.written(table([*cancelled(ALL[:20]), *moved(ALL[20:25])]), "stopped.csv")
    [report] = timeline.imported("06-08 12:05", path)
    assert {name: report["held"][name] for name in ("cancel", "move", "of")} == {"cancel": 20, "move": 5, "of": 30}


def test_upcoming_says_what_is_held(tmp_path: Path) -> None:
    timeline = full(tmp_path).play([STOPPED])
    upcoming = timeline.clinic.json("upcoming", "--until", "2026-06-10", at=moment("06-08 12:06").isoformat())
    reasons = {row["subject_id"]: (row["reason"], bool(row["channels"])) for row in upcoming}
    assert {reasons[name] for name in HELD} == {("held", False)}
    assert {reasons[name] for name in FREE} == {(None, True)}


# What lets them go

SAME = came("06-08 14:00", *ALL, header=PLAIN)


@pytest.mark.parametrize(
    ("release", "told", "cancellations"),
    [
        pytest.param(
            came("06-08 13:00", *cancelled(ALL[:25]), options=("--force",)), FREE, 25, id="--force: they are cancelled"
        ),
        pytest.param(SAME, HELD | FREE, 0, id="a later file that gives each a row: they stand"),
        pytest.param(came("06-08 14:00", ALL[0], ALL[1]), {"A1", "A2"} | FREE, 0, id="a row for two of them"),
        pytest.param(
            came("06-08 14:00", *cancelled(ALL[:5], "06-08 13:00")),
            FREE,
            5,
            id="five of them cancelled by a smaller file",
        ),
        pytest.param(
            came("06-08 14:00", visit("A99", "P3", "06-30 10:00", "06-08 13:00")), FREE, 0, id="a row of another one"
        ),
        pytest.param(ran("06-08 13:00", "06-08 14:00"), FREE, 0, id="nothing but runs"),
        pytest.param(stopped(*cancelled(ALL[:25]), at="06-08 14:00"), FREE, 0, id="the same file, stopped again"),
    ],
)
def test_what_lets_them_go(tmp_path: Path, release: Step, told: set[str], cancellations: int) -> None:
    timeline = full(tmp_path).play([STOPPED, release, ran("06-08 14:05"), REMINDERS])
    assert reminded(timeline) == told
    assert sum(row["status"] == "sent" for row in rows_of(timeline, "cancellation")) == cancellations


@pytest.mark.parametrize(
    ("at", "sent_at"),
    [
        pytest.param("06-09 12:00", "2026-06-09T10:00:00Z", id="before it is too late"),
        pytest.param("06-10 18:00", "2026-06-10T16:00:00Z", id="the day before the appointment"),
    ],
)
def test_let_go_after_its_minute_a_reminder_is_sent_at_once(tmp_path: Path, at: str, sent_at: str) -> None:
    timeline = full(tmp_path).play([STOPPED, REMINDERS, came(at, *ALL, header=PLAIN), ran(at, at)])
    late = {row["subject_id"]: row for row in rows_of(timeline, "reminder") if row["sent_at"] == sent_at}
    assert set(late) == HELD
    assert late["A1"]["due_at"] == "2026-06-09T08:01:00Z"
    assert len(rows_of(timeline, "reminder")) == 30


@pytest.mark.slow
def test_moved_by_force_they_are_told_of_the_move_and_reminded_of_the_new_day(tmp_path: Path) -> None:
    force = came("06-08 13:00", *moved(ALL[:25]), options=("--force",))
    timeline = full(tmp_path).play([stopped(*moved(ALL[:25])), REMINDERS, force, ran("06-09 12:00", "06-23 11:00")])
    assert {row["subject_id"] for row in rows_of(timeline, "change")} == HELD
    assert [row["due_at"][:10] for row in rows_of(timeline, "reminder") if row["subject_id"] == "A1"] == ["2026-06-23"]


def test_an_import_that_is_settled_holds_nothing_any_more(tmp_path: Path) -> None:
    timeline = full(tmp_path).play([STOPPED])
    number = str(timeline.clinic.json("imports", at=moment("06-08 12:06").isoformat())[0]["import"])
    timeline.play([called("06-08 13:00", "imports", "settle", number), REMINDERS])
    assert reminded(timeline) == HELD | FREE


def test_the_whole_file_is_held_and_what_it_says_of_other_clinics(tmp_path: Path) -> None:
    """One of york's own would be cancelled, which is no upset there; but the file changed nothing of it either."""
    york = "clinic_id;name;timebook\nyork;York legesenter;yes\n"
    patient = "clinic_id;patient_id;email;consent\nyork;P3;y3@post.example;yes\n"
    types = "clinic_id;type_id;notifications\nyork;KONS;yes\n"
    theirs = [visit(f"Y{n}", "P3", f"06-11 10:{n:02}", "05-20 12:00", clinic="york") for n in (1, 2)]
    timeline = full(tmp_path)
    for number, content in enumerate((york, types, patient)):
        timeline.imported("05-20 12:10", timeline.written(content, f"{number}.csv"))
    timeline.play([came("05-20 12:20", *theirs), ran("05-20 12:25")])
    timeline.play([stopped(*cancelled(ALL[:25]), *cancelled(theirs[:1])), REMINDERS])
    assert reminded(timeline) == FREE | {"Y2"}


@pytest.mark.slow
def test_what_waits_for_another_attempt_is_planned_too(tmp_path: Path) -> None:
    """The SMS program is out of order at 12:05; the file is stopped before the next attempt, and let go in time."""
    broken = f'[sms]\ntransport = "command"\ncommand = ["{sys.executable}", "-I", "-S", "-c", "raise SystemExit(75)"]\n'
    rows = [row | {"booked": "06-03 12:00"} for row in ALL]
    timeline = Timeline.begun_in(tmp_path, LIMITS + broken).play([came("06-03 12:00", *rows), ran("06-03 12:05")])
    (tmp_path / "notify.toml").write_text(LIMITS, encoding="utf-8")
    timeline.play(
        [stopped(*cancelled(rows[:25], "06-03 12:05"), at="06-03 12:05:30"), ran("06-03 12:06", "06-03 12:08")]
    )
    assert {row["subject_id"] for row in timeline.rows() if row["status"] == "sent"} == FREE
    timeline.play([came("06-03 12:20", *rows, header=PLAIN), ran("06-03 12:20", "06-03 12:30")])
    assert {row["subject_id"] for row in timeline.rows() if row["status"] == "sent"} == HELD | FREE


def message(number: int) -> str:
    """That A1, or another, is as it was."""
    return (
        f"MSH|^~\\&|EPJ|nidelv|||20260608140000+0200||SIU^S14|{number}|P|2.5\r"
        f"SCH||A{number}|||||KONS|KONS|30|min|^^30^2026061110{number:02}00+0200\rPID|1||P3^^^X^PI||Næss^Åse\r"
    )


def test_a_message_of_one_appointment_lets_it_go(tmp_path: Path) -> None:
    timeline = full(tmp_path).play([STOPPED])
    timeline.imported("06-08 14:00", timeline.written(message(1) + message(7), "m.hl7"))
    assert reminded(timeline.play([REMINDERS])) == FREE | {"A1", "A7"}


# A first table without a column booked_at


def bookings(many: int, first: int = 100) -> list[dict[str, str]]:
    return [
        visit(f"A{number}", "P3", f"06-{15 + number % 5} {8 + number % 7:02}:00", "06-03 11:59")
        for number in range(first, first + many)
    ]


def ndjson(rows: Iterable[Visit]) -> str:
    names, *lines = (line.split(";") for line in table(rows, BARE).splitlines())
    return "".join(json.dumps(dict(zip(names, line, strict=True))) + "\n" for line in lines)


def without_bestilt(rows: Iterable[Visit]) -> str:
    return table(rows, {name: value for name, value in NORWEGIAN.items() if name != "Bestilt"})


FIRST = bookings(20)


@pytest.mark.parametrize(
    ("content", "name", "options", "stored", "exit_code", "books"),
    [
        pytest.param(table(FIRST, BARE), "a.csv", (), [], 4, 0, id="twenty"),
        pytest.param(without_bestilt(FIRST), "a.csv", (), [], 4, 0, id="Norwegian, without Bestilt"),
        pytest.param(ndjson(FIRST), "a.ndjson", (), [], 4, 0, id="NDJSON"),
        pytest.param(
            table([{**row, "changed": "06-03 11:00"} for row in FIRST], STAMPED).replace("booked_at", "noted_at"),
            "a.csv",
            (),
            [],
            4,
            0,
            id="with a column changed_at",
        ),
        pytest.param(table(FIRST, BARE), "a.csv", (), bookings(19, 1), 4, 0, id="nineteen are stored"),
        pytest.param(table(bookings(19), BARE), "a.csv", (), [], 0, 19, id="nineteen"),
        pytest.param(table(FIRST, BARE), "a.csv", (), bookings(20, 1), 0, 20, id="as many are stored"),
        pytest.param(table(FIRST, PLAIN), "a.csv", (), [], 0, 20, id="with the column"),
        pytest.param(table([{**row, "booked": ""} for row in FIRST], PLAIN), "a.csv", (), [], 0, 20, id="blank cells"),
        pytest.param(table(FIRST, BARE), "a.csv", ("--force",), [], 0, 20, id="--force"),
        pytest.param(table(FIRST, BARE), "a.csv", ("--migrated",), [], 0, 0, id="--migrated: registered"),
        pytest.param(
            table([{**r, "status": "cancelled"} for r in FIRST], BARE), "a.csv", (), [], 0, 0, id="none booked"
        ),
    ],
)
def test_a_first_table_of_bookings_without_their_times(
    tmp_path: Path,
    content: str,
    name: str,
    options: tuple[str, ...],
    stored: list[Visit],
    exit_code: int,
    books: int,
) -> None:
    """Whatever max_upset is: here it lets any file through."""
    timeline = Timeline.begun_in(tmp_path)
    timeline.play([came("06-02 12:00", *stored, options=("--migrated",))] if stored else [])
    answer = timeline.call("06-03 12:00", "import", *options, timeline.written(content, name))
    assert answer.exit == exit_code
    timeline.run("06-03 12:05")
    assert len(rows_of(timeline, "confirmation")) == books


def test_the_stop_says_how_many_it_would_book(tmp_path: Path) -> None:
    timeline = Timeline.begun_in(tmp_path, LIMITS)
    [report] = timeline.imported("06-03 12:00", timeline.written(table(bookings(23), BARE), "first.csv"))
    assert report["held"]["book"] == 23


def test_after_migrated_the_next_nightly_table_of_that_kind_goes_through(tmp_path: Path) -> None:
    timeline = Timeline.begun_in(tmp_path, LIMITS).play([stopped(*FIRST, header=BARE, at="06-03 11:55")])
    timeline.play([came("06-03 12:00", *FIRST, header=BARE, options=("--migrated",))])
    timeline.play([came("06-04 12:00", *FIRST, *bookings(20, 200), header=BARE), ran("06-04 12:05")])
    assert len(rows_of(timeline, "confirmation")) == 20


def test_messages_and_resources_are_no_table(tmp_path: Path) -> None:
    resources = [
        {
            "resourceType": "Appointment",
            "id": row["appointment"],
            "status": "booked",
            "start": moment(row["starts"]).isoformat(),
            "appointmentType": {"coding": [{"code": "KONS"}]},
            "participant": [{"actor": {"reference": "Patient/P3"}, "status": "accepted"}],
        }
        for row in FIRST
    ]
    timeline = Timeline.begun_in(tmp_path, LIMITS)
    path = timeline.written("".join(json.dumps(resource) + "\n" for resource in resources), "a.ndjson")
    assert timeline.call("06-03 12:00", "import", "--clinic", "nidelv", path).exit in (0, 1)
