"""SPEC section 3: freshness where stamps, files and kinds of file meet; times of events that were stored already.

Goes by the command line.
"""

import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.support.timelines import (
    PLAIN,
    STAMPED,
    Header,
    Step,
    Timeline,
    Visit,
    arrived,
    came,
    moment,
    played,
    ran,
    table,
    visit,
)

BEFORE = visit("A1", "P1", "06-11 10:00", "06-03 11:59")  # a Thursday
MOVED = BEFORE | {"starts": "06-12 10:00", "changed": "06-03 12:20"}
BEGUN = (came("06-03 12:00", BEFORE), ran("06-03 12:04"), came("06-03 12:20", MOVED), ran("06-03 12:25"))
WITH_CHANGED: Header = {name: cell for name, cell in STAMPED.items() if name != "cancelled_at"}
WITH_CANCELLED: Header = {name: cell for name, cell in STAMPED.items() if name != "changed_at"}
OTHER = visit("A2", "P3", "06-30 10:00", "06-03 20:00")


def starts(timeline: Timeline, appointment: str = "A1") -> str:
    told = json.loads(timeline.call("06-05 12:00", "why", "appointment", appointment, "--json").out)
    reminder = next(notice for notice in told["notices"] if notice["event"] == "reminder")
    return str(reminder["due_at"][5:10])


@pytest.mark.parametrize(
    ("rows", "header", "reminder"),
    [
        pytest.param([BEFORE], WITH_CHANGED, "06-10", id="a column changed_at alone: by its stamps, stale"),
        pytest.param([BEFORE], WITH_CANCELLED, "06-10", id="a column cancelled_at alone: by its stamps, stale"),
        pytest.param([BEFORE], PLAIN, "06-09", id="neither: by its file"),
        pytest.param([BEFORE, OTHER], WITH_CANCELLED, "06-09", id="cancelled_at alone, and another's newer stamp"),
        pytest.param(
            [BEFORE, OTHER | {"status": "cancelled", "booked": "06-03 12:00", "cancelled": "06-03 13:00"}],
            WITH_CANCELLED,
            "06-09",
            id="another's newer cancellation",
        ),
        pytest.param(
            [BEFORE, OTHER | {"status": "unheard of"}], STAMPED, "06-09", id="the newest stamp is of a rejected row"
        ),
        pytest.param([BEFORE | {"booked": "06-03 20:00"}], STAMPED, "06-09", id="a booked_at that is newer"),
    ],
)
def test_by_which_columns_a_table_is_fresh(tmp_path: Path, rows: list[Visit], header: Header, reminder: str) -> None:
    nightly = came("06-04 02:10", *rows, header=header, made="06-04 02:00")
    assert starts(played(tmp_path, *BEGUN, nightly)) == reminder


@pytest.mark.parametrize(
    ("row", "warns"),
    [
        pytest.param(BEFORE, True, id="another time"),
        pytest.param(MOVED | {"status": "cancelled", "changed": ""}, True, id="another status"),
        pytest.param(MOVED | {"changed": ""}, False, id="nothing would change"),
        pytest.param(MOVED | {"kind": "OFF", "changed": ""}, False, id="another type only"),
    ],
)
def test_a_stale_row_is_named_where_it_would_have_changed_something(tmp_path: Path, row: Visit, warns: bool) -> None:
    timeline = played(tmp_path, *BEGUN)
    [report] = timeline.imported("06-04 02:10", timeline.written(table([row]), "old.csv", "06-03 12:10"))
    assert report["changed"] == 0
    assert any("A1" in problem["text"] for problem in report["problems"]) is warns


def test_a_stale_row_of_a_past_appointment_is_counted_only(tmp_path: Path) -> None:
    timeline = played(tmp_path, *BEGUN)
    [report] = timeline.imported("06-13 02:10", timeline.written(table([BEFORE]), "old.csv", "06-03 12:10"))
    assert (report["stale"], report["warnings"]) == (1, 0)


def message(sent: str, start: str) -> str:
    return (
        f"MSH|^~\\&|EPJ|nidelv|||2026{sent}00+0200||SIU^S14|{sent}|P|2.5\r"
        f"SCH||A1|||||KONS|KONS|30|min|^^30^2026{start}00+0200\rPID|1||P1^^^X^PI||Ødegård^Kari\r"
    )


@pytest.mark.parametrize(
    ("unchanged", "reminder"),
    [
        pytest.param(message("06040200", "06121000"), "06-10", id="a message of its own time makes fresher"),
        pytest.param(message("06031200", "06121000"), "06-09", id="an older message does not"),
    ],
)
def test_an_unchanged_message(tmp_path: Path, unchanged: str, reminder: str) -> None:
    """Then comes a table of 01:00 that takes the move back."""
    timeline = played(tmp_path, *BEGUN, arrived("06-04 02:10", unchanged, "m.hl7", made="06-04 02:05"))
    assert starts(timeline.play([came("06-04 02:20", BEFORE, header=PLAIN, made="06-04 01:00")])) == reminder


@pytest.mark.parametrize("name", ["all.csv", "sub.csv"])
def test_a_folders_files_count_by_their_own_times(tmp_path: Path, name: str) -> None:
    timeline = played(tmp_path, *BEGUN)
    folder = tmp_path / "in"
    for path, row, made in ((name, BEFORE, "06-04 02:00"), ("zz.csv", MOVED, "06-03 12:10")):
        timeline.written(table([row], PLAIN), f"in/{path}", made)
    timeline.imported("06-04 02:10", str(folder))
    assert starts(timeline) == "06-09"


def test_two_files_of_one_call_in_either_order(tmp_path: Path) -> None:
    timeline = played(tmp_path, *BEGUN)
    new = timeline.written(table([BEFORE], PLAIN), "new.csv", "06-04 02:00")
    old = timeline.written(table([MOVED | {"starts": "06-15 10:00"}], PLAIN), "old.csv", "06-04 01:00")
    timeline.imported("06-04 02:10", new, old)
    assert starts(timeline) == "06-09"


# Times that were stored already are not this event's

CANCELLED = BEFORE | {"status": "cancelled", "changed": "06-03 12:20", "cancelled": "06-03 12:20"}


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        pytest.param(
            CANCELLED | {"changed": "06-03 13:20"},
            "06-03 13:25 P1 cancellation A1 email",
            id="cancelled again, the old cancelled_at: at changed_at or the import",
        ),
        pytest.param(
            CANCELLED | {"changed": "06-03 13:18", "cancelled": "06-03 13:18"},
            "06-03 13:23 P1 cancellation A1 email",
            id="cancelled again, a new one",
        ),
        pytest.param(
            CANCELLED | {"changed": "", "cancelled": ""},
            "06-03 13:25 P1 cancellation A1 email",
            id="cancelled again, no stamp: as fresh as its file",
        ),
    ],
)
def test_cancelled_booked_again_and_cancelled_again(tmp_path: Path, last: Visit, expected: str) -> None:
    again = BEFORE | {"changed": "06-03 12:40"}
    timeline = played(tmp_path, came("06-03 12:00", BEFORE), ran("06-03 12:04"))
    timeline.play([came("06-03 12:20", CANCELLED), ran("06-03 12:25"), came("06-03 12:40", again), ran("06-03 12:45")])
    row = last if last["cancelled"] else last | {"booked": ""}
    timeline.play([came("06-03 13:20", row, made="06-03 13:19"), ran("06-03 13:30")])
    assert timeline.history()[-1] == expected


@pytest.mark.parametrize(
    ("row", "due"),
    [
        pytest.param({"changed": "06-03 12:20"}, "06-03 12:35", id="Endret of the cancellation stands there still"),
        pytest.param({"changed": ""}, "06-03 12:35", id="Endret is blank"),
        pytest.param({"changed": "06-03 12:27"}, "06-03 12:32", id="an Endret of its own"),
        pytest.param({"changed": "06-03 12:10"}, "06-03 12:35", id="one before the cancellation, in a newer table"),
    ],
)
def test_when_it_was_booked_again(tmp_path: Path, row: Visit, due: str) -> None:
    newest = visit("A2", "P8", "06-30 10:00", "06-03 12:29")
    timeline = played(tmp_path, came("06-03 12:00", BEFORE), ran("06-03 12:04"), came("06-03 12:20", CANCELLED))
    timeline.play([ran("06-03 12:25"), came("06-03 12:30", {**BEFORE, **row}, newest), ran("06-03 12:36")])
    assert f"{due} P1 confirmation A1 email" in timeline.history()


def fhir(updated: str, start: str) -> str:
    return json.dumps(
        {
            "resourceType": "Appointment",
            "id": "A1",
            "status": "booked",
            "start": moment(start).isoformat(),
            "appointmentType": {"coding": [{"code": "KONS"}]},
            "participant": [{"actor": {"reference": "Patient/P1"}, "status": "accepted"}],
            "meta": {"lastUpdated": moment(updated).isoformat()},
        }
    )


@pytest.mark.parametrize("newest_first", [False, True], ids=["in order", "the newest first"])
def test_versions_of_a_resource_in_files_of_their_own(tmp_path: Path, newest_first: bool) -> None:
    versions: list[Step] = [
        arrived("06-04 02:10", fhir(updated, start), f"{number}.json", options=("--clinic", "nidelv"))
        for number, (updated, start) in enumerate((("06-04 01:00", "06-16 10:00"), ("06-04 02:00", "06-15 10:00")))
    ]
    timeline = played(tmp_path, *BEGUN, *(reversed(versions) if newest_first else versions))
    assert starts(timeline) == "06-13"


# Rows that look stale until the newest stamp of their table is known


MANY = [visit(f"B{number}", "P3", f"06-18 10:{number:02}", "05-20 12:00") for number in range(25)]
MOVED_AWAY = [{**row, "starts": f"06-19{row['starts'][5:]}", "changed": "06-03 12:20"} for row in MANY]
NEWEST = visit("C1", "P3", "06-30 10:00", "06-04 01:50")
LIMITS = "[limits]\nmax_due = 0\nmax_upset = 0.10\n"


@pytest.mark.parametrize(
    ("rows", "exit_code", "moves"),
    [
        pytest.param([*MANY, NEWEST], 4, 25, id="the newest stamp at the end"),
        pytest.param([NEWEST, *MANY], 4, 25, id="the newest stamp at the beginning"),
        pytest.param(MANY, 0, 0, id="no newer stamp: all of them stale"),
        pytest.param([*MANY[:19], NEWEST], 0, 19, id="fewer than twenty"),
    ],
)
@pytest.mark.parametrize("dry", [False, True], ids=["import", "dry run"])
def test_what_such_rows_would_move_counts_towards_the_limit(
    tmp_path: Path, rows: list[Visit], exit_code: int, moves: int, dry: bool
) -> None:
    timeline = Timeline.begun_in(tmp_path, LIMITS)
    force = ("--force",)
    timeline.play([came("05-20 12:00", *MANY), came("06-03 12:21", *MOVED_AWAY, options=force)])
    path = timeline.written(table(rows), "nightly.csv", "06-04 02:00")
    answer = timeline.call("06-04 02:10", "import", "--json", *(["--dry-run"] if dry else []), path)
    [report] = json.loads(answer.out)["files"]
    assert (answer.exit, report["events"]["change"]) == (exit_code, moves)
    assert report["stale"] == (25 if rows is MANY else 0)


@pytest.mark.parametrize(
    ("rows", "reminder"),
    [
        pytest.param([BEFORE, BEFORE | {"starts": "06-15 10:00"}, OTHER], "06-13", id="the later row"),
        pytest.param(
            [BEFORE | {"starts": "06-15 10:00"}, OTHER, BEFORE],
            "06-09",
            id="the later row, below the stamp",
        ),
        pytest.param(
            [BEFORE | {"changed": "06-03 12:15"}, OTHER, BEFORE | {"starts": "06-15 10:00"}],
            "06-09",
            id="a later stamp",
        ),
        pytest.param([BEFORE, OTHER, MOVED], "06-10", id="one of them is what is stored"),
        pytest.param(
            [BEFORE | {"status": "cancelled"}, BEFORE | {"starts": "06-15 10:00"}, OTHER],
            "06-13",
            id="the booked one",
        ),
        pytest.param(
            [BEFORE | {"starts": "06-15 10:00"}, BEFORE | {"status": "cancelled"}, OTHER],
            "06-13",
            id="the booked one, above",
        ),
    ],
)
def test_an_appointment_twice_among_rows_that_look_stale(tmp_path: Path, rows: list[Visit], reminder: str) -> None:
    timeline = played(tmp_path, *BEGUN)
    path = timeline.written(table(rows), "nightly.csv", "06-04 02:00")
    timeline.imported("06-04 02:10", path)
    assert starts(timeline) == reminder
    [again] = timeline.imported("06-04 02:20", path)
    assert (again["new"], again["changed"], set(again["events"].values())) == (0, 0, {0})
    assert starts(timeline) == reminder


@pytest.mark.parametrize(("later", "reminder"), [(True, "06-09"), (False, "06-10")], ids=["its own", "another's"])
def test_each_member_of_a_zip_has_its_own_newest_stamp(tmp_path: Path, later: bool, reminder: str) -> None:
    buffer = io.BytesIO()
    members = {"a.csv": [BEFORE, *([OTHER] if later else [])], "b.csv": [] if later else [OTHER]}
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, rows in members.items():
            if rows:
                archive.writestr(zipfile.ZipInfo(name, (2026, 6, 4, 1, 0, 0)), table(rows))
    timeline = played(tmp_path, *BEGUN, arrived("06-04 02:10", buffer.getvalue(), "all.zip", made="06-04 02:00"))
    assert starts(timeline) == reminder


APPOINTMENT = "clinic_id;appointment_id;patient_id;starts_at;status;{}\nnidelv;A9;P1;2026-06-30T10:00;{};soon\n"
DIALOG = "clinic_id;dialog_id;patient_id;kind;sent_at\nnidelv;D1;P1;dialog;soon\n"
RECEIPT = "clinic_id;receipt_id;patient_id;status;paid_at\nnidelv;R1;P1;paid;soon\n"
PATIENT = "clinic_id;patient_id;consent;last_login_at\nnidelv;P20;yes;soon\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(APPOINTMENT.format("booked_at", "booked"), id="booked_at"),
        pytest.param(APPOINTMENT.format("changed_at", "booked"), id="changed_at"),
        pytest.param(APPOINTMENT.format("cancelled_at", "cancelled"), id="cancelled_at"),
        pytest.param(APPOINTMENT.format("ends_at", "booked"), id="ends_at"),
        pytest.param(DIALOG, id="sent_at"),
        pytest.param(RECEIPT, id="paid_at"),
        pytest.param(PATIENT, id="last_login_at"),
    ],
)
def test_only_starts_at_makes_a_row_useless(tmp_path: Path, content: str) -> None:
    timeline = Timeline.begun_in(tmp_path)
    [report] = timeline.imported("06-03 12:00", timeline.written(content, "rows.csv"))
    assert (report["new"], report["rejected"]) == (1, 0)
    assert any("soon" in problem["text"] or problem["column"] for problem in report["problems"])
