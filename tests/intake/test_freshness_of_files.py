"""SPEC section 3: how fresh a row of an appointment is, by its stamps, its table's and its file's time.

A1 was booked for Thursday 11 June and moved to Friday 12 June by a file with stamps; then a file that says 11 June
again comes in many forms. Goes by the command line.
"""

import gzip
import io
import json
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.support import engines
from tests.support.processes import LONGEST, NOTIFY, environment
from tests.support.timelines import (
    NORWEGIAN,
    NORWEGIAN_WITH_ENDRET,
    PLAIN,
    STAMPED,
    Step,
    Timeline,
    arrived,
    came,
    moment,
    played,
    ran,
    table,
    visit,
)

BEFORE = visit("A1", "P1", "06-11 10:00", "06-03 11:59")
MOVED = visit("A1", "P1", "06-12 10:00", "06-03 11:59", changed="06-03 12:20")
OTHER = visit("A2", "P3", "06-30 10:00", "06-03 20:00")
TOLD_OF_BOTH = ["06-03 12:04 P1 confirmation A1 email", "06-03 12:25 P1 change A1 email"]
BACK_AGAIN = [*TOLD_OF_BOTH, "06-04 02:15 P1 change A1 email", "06-09 10:00 P1 reminder A1 email"]
STILL_MOVED = [*TOLD_OF_BOTH, "06-10 10:00 P1 reminder A1 email"]
MOVED_BY_A_DELTA = (came("06-03 12:00", BEFORE), ran("06-03 12:05"), came("06-03 12:20", MOVED), ran("06-03 12:30"))
LATER = ran("06-04 02:20", "06-09 10:00", "06-10 10:00")


def zipped(name: str, content: str, at: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, moment(at).timetuple()[:6]), content)
    return buffer.getvalue()


def workbook(content: str) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for line in content.splitlines():
        book.active.append(line.split(";"))
    book.save(buffer)
    return buffer.getvalue()


def ndjson(content: str) -> str:
    names, *lines = [line.split(";") for line in content.splitlines()]
    return "".join(json.dumps(dict(zip(names, line, strict=True))) + "\n" for line in lines)


NIGHTLY = table([BEFORE], PLAIN)
NIGHT, NOT_YET_MOVED = "06-04 02:00", "06-03 12:10"
FORMS = [
    pytest.param(table([BEFORE], NORWEGIAN).encode("cp1252"), "timer.csv", id="Norwegian columns, Windows-1252"),
    pytest.param(NIGHTLY, "all.csv", id="English columns"),
    pytest.param(gzip.compress(NIGHTLY.encode(), mtime=0), "all.csv.gz", id="gz"),
    pytest.param(ndjson(NIGHTLY), "all.ndjson", id="NDJSON"),
    pytest.param(workbook(NIGHTLY), "all.xlsx", id="a workbook, whose own members are of today"),
]


@pytest.mark.parametrize(("content", "name"), FORMS)
def test_a_nightly_file_without_endret_counts_by_its_own_time(tmp_path: Path, content: str | bytes, name: str) -> None:
    nightly = arrived("06-04 02:10", content, name, made=NIGHT)
    assert played(tmp_path, *MOVED_BY_A_DELTA, nightly, LATER).history() == BACK_AGAIN


@pytest.mark.parametrize(("content", "name"), FORMS)
def test_one_made_before_the_change_is_stale_and_the_report_names_it(
    tmp_path: Path, content: str | bytes, name: str
) -> None:
    timeline = played(tmp_path, *MOVED_BY_A_DELTA)
    [report] = timeline.imported("06-04 02:10", timeline.written(content, name, NOT_YET_MOVED))
    assert (report["stale"], report["changed"], report["rejected"]) == (1, 0, 0)
    assert report["warnings"] >= 1
    assert any("A1" in problem["text"] or problem.get("line") == 2 for problem in report["problems"])
    assert timeline.play([LATER]).history() == STILL_MOVED


@pytest.mark.parametrize(
    ("member_of", "archive_of", "expected"),
    [
        pytest.param("06-04 02:00", "06-02 12:00", BACK_AGAIN, id="a new member of an old archive"),
        pytest.param("06-02 12:00", "06-04 02:00", STILL_MOVED, id="an old member of a new archive"),
    ],
)
def test_a_member_of_a_zip_has_its_own_time(
    tmp_path: Path, member_of: str, archive_of: str, expected: list[str]
) -> None:
    nightly = arrived("06-04 02:10", zipped("all.csv", NIGHTLY, member_of), "all.zip", made=archive_of)
    assert played(tmp_path, *MOVED_BY_A_DELTA, nightly, LATER).history() == expected


@pytest.mark.slow
@pytest.mark.parametrize("packed", [False, True], ids=["as it is", "gz"])
def test_standard_input_is_of_now(tmp_path: Path, packed: bool) -> None:
    timeline = played(tmp_path, *MOVED_BY_A_DELTA)
    content = gzip.compress(NIGHTLY.encode(), mtime=0) if packed else NIGHTLY.encode()
    now = (
        "--config",
        "notify.toml",
        "--db",
        str(engines.address_in(tmp_path)),
        "--now",
        moment("06-04 02:10").isoformat(),
    )
    subprocess.run(
        [*NOTIFY, *now, "import", "-"],
        cwd=tmp_path,
        env=environment(),
        input=content,
        capture_output=True,
        timeout=LONGEST,
        check=True,
    )
    assert timeline.play([LATER]).history() == BACK_AGAIN


FUTURE = visit("A2", "P3", "06-30 10:00", "06-03 11:00", changed="06-04 03:00")
SWAPPED = visit("A2", "P3", "06-30 10:00", "06-03 11:00", changed="06-03 12:10")
YORK = "clinic_id;name;timebook\nyork;York legesenter;yes\n"
OF_YORK = visit("A2", "P3", "06-30 10:00", "06-03 20:00", clinic="york")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([BEFORE], STILL_MOVED, id="nobody's stamp is newer"),
        pytest.param([BEFORE, SWAPPED], STILL_MOVED, id="another's stamp, older than the change"),
        pytest.param([FUTURE, BEFORE], STILL_MOVED, id="a stamp in the future tells nothing"),
        pytest.param([BEFORE, OF_YORK], STILL_MOVED, id="another clinic's stamp"),
        pytest.param([OTHER, BEFORE], BACK_AGAIN, id="a newer stamp before it"),
        pytest.param([BEFORE, OTHER], BACK_AGAIN, id="a newer stamp after it"),
        pytest.param([BEFORE, FUTURE, OF_YORK, OTHER], BACK_AGAIN, id="a newer one among the others"),
        pytest.param([BEFORE | {"booked": ""}], BACK_AGAIN, id="no stamp at all"),
        pytest.param([BEFORE | {"booked": "a while ago"}], BACK_AGAIN, id="a stamp that cannot be read"),
        pytest.param([BEFORE | {"changed": "06-05 12:00"}], BACK_AGAIN, id="a stamp later than the import"),
    ],
)
def test_a_table_is_as_fresh_as_the_newest_of_its_clinics_stamps(
    tmp_path: Path, rows: list[dict[str, str]], expected: list[str]
) -> None:
    york = arrived("06-03 11:00", YORK, "clinics.csv")
    nightly = came("06-04 02:10", *rows, made=NIGHT)
    history = played(tmp_path, york, *MOVED_BY_A_DELTA, nightly, LATER).history()
    assert [line for line in history if " A1 " in line] == expected


def test_a_norwegian_table_with_endret_takes_the_change_back(tmp_path: Path) -> None:
    nightly = came("06-04 02:10", BEFORE, OTHER, header=NORWEGIAN_WITH_ENDRET, made=NIGHT)
    history = played(tmp_path, *MOVED_BY_A_DELTA, nightly, LATER).history()
    assert [line for line in history if " A1 " in line] == BACK_AGAIN


def test_a_file_that_says_it_is_complete_is_as_fresh_as_its_time(tmp_path: Path) -> None:
    nightly = came("06-04 02:10", BEFORE, made=NIGHT, options=("--complete",))
    assert played(tmp_path, *MOVED_BY_A_DELTA, nightly, LATER).history() == BACK_AGAIN


def hl7(*messages: tuple[str, str, str, str]) -> str:
    """Of each: its time, trigger, appointment and start."""
    return "".join(
        f"MSH|^~\\&|EPJ|nidelv|||2026{sent}00+0200||SIU^{trigger}|{sent}{appointment}|P|2.5\r"
        f"SCH||{appointment}|||||KONS|KONS|30|min|^^30^2026{start}00+0200\rPID|1||P1^^^X^PI||Ødegård^Kari\r"
        for sent, trigger, appointment, start in messages
    )


def fhir(*appointments: tuple[str, str, str]) -> str:
    """Of each: meta.lastUpdated (or nothing), the appointment and its start."""
    resources = [
        {
            "resourceType": "Appointment",
            "id": name,
            "status": "booked",
            "start": moment(start).isoformat(),
            "appointmentType": {"coding": [{"code": "KONS"}]},
            "participant": [{"actor": {"reference": "Patient/P1"}, "status": "accepted"}],
        }
        | ({"meta": {"lastUpdated": moment(updated).isoformat()}} if updated else {})
        for updated, name, start in appointments
    ]
    entries = [{"resource": resource} for resource in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def fresh_fhir(*appointments: tuple[str, str, str], at: str = "06-04 02:10") -> Step:
    return arrived(at, fhir(*appointments), "all.json", made=NIGHT, options=("--clinic", "nidelv"))


@pytest.mark.parametrize(
    ("nightly", "moves_back"),
    [
        pytest.param(
            arrived("06-04 02:10", hl7(("06040200", "S13", "A1", "06111000")), "m.hl7", made=NOT_YET_MOVED),
            True,
            id="an HL7 message by its own time, of an older file",
        ),
        pytest.param(
            arrived("06-04 02:10", hl7(("06031210", "S13", "A1", "06111000")), "m.hl7", made=NIGHT),
            False,
            id="an older HL7 message of a newer file",
        ),
        pytest.param(
            arrived(
                "06-04 02:10",
                hl7(("06031210", "S13", "A1", "06111000"), ("06040200", "S12", "A2", "06301000")),
                "m.hl7",
                made=NIGHT,
            ),
            False,
            id="never by another HL7 message of its file",
        ),
        pytest.param(fresh_fhir(("06-04 02:00", "A1", "06-11 10:00")), True, id="FHIR, updated since"),
        pytest.param(fresh_fhir(("06-03 12:10", "A1", "06-11 10:00")), False, id="FHIR, updated before"),
        pytest.param(
            fresh_fhir(("06-03 12:10", "A1", "06-11 10:00"), ("06-04 02:00", "A2", "06-30 10:00")),
            False,
            id="never by another FHIR resource of its file",
        ),
        pytest.param(fresh_fhir(("", "A1", "06-11 10:00")), True, id="FHIR without lastUpdated: its file's time"),
    ],
)
def test_messages_and_resources_have_times_of_their_own(tmp_path: Path, nightly: Step, moves_back: bool) -> None:
    timeline = played(tmp_path, *MOVED_BY_A_DELTA, nightly, LATER)
    reminders = [line for line in timeline.history() if "reminder A1" in line]
    assert reminders == [f"{'06-09' if moves_back else '06-10'} 10:00 P1 reminder A1 email"]


@pytest.mark.parametrize(
    ("nightly", "hl7_time", "day"),
    [
        pytest.param("06-04 02:00", "06040205", "06-10", id="the message is newer"),
        pytest.param("06-04 02:10", "06040205", "06-09", id="the nightly file is newer"),
    ],
)
def test_a_message_beside_a_nightly_file(tmp_path: Path, nightly: str, hl7_time: str, day: str) -> None:
    timeline = played(
        tmp_path,
        came("06-03 12:00", BEFORE),
        ran("06-03 12:05"),
        arrived("06-04 02:20", hl7((hl7_time, "S13", "A1", "06121000")), "m.hl7"),
        came("06-04 02:30", BEFORE, header=PLAIN, made=nightly),
        ran("06-09 10:00", "06-10 10:00"),
    )
    assert [line for line in timeline.history() if "reminder" in line] == [f"{day} 10:00 P1 reminder A1 email"]


@pytest.mark.parametrize(
    ("unchanged", "header"),
    [
        pytest.param([BEFORE], PLAIN, id="as fresh as its file"),
        pytest.param([BEFORE, OTHER | {"booked": "06-04 01:50"}], STAMPED, id="as fresh as its table"),
    ],
)
def test_an_unchanged_row_makes_nothing_fresher(
    tmp_path: Path, unchanged: list[dict[str, str]], header: dict[str, object]
) -> None:
    delta = visit("A1", "P1", "06-12 10:00", "06-03 11:59", changed="06-04 01:30")
    timeline = played(tmp_path, came("06-03 12:00", BEFORE), ran("06-03 12:05"))
    timeline.play([came("06-04 02:10", *unchanged, header=header, made=NIGHT)])  # type: ignore[arg-type]
    [report] = timeline.imported("06-04 02:15", timeline.written(table([delta]), "delta.csv"))
    assert (report["changed"], report["stale"], report["events"]["change"]) == (1, 0, 1)


def test_an_unchanged_row_makes_fresher_by_a_stamp_of_its_own(tmp_path: Path) -> None:
    delta = visit("A1", "P1", "06-12 10:00", "06-03 11:59", changed="06-04 01:30")
    timeline = played(tmp_path, came("06-03 12:00", BEFORE), came("06-04 02:10", BEFORE | {"changed": "06-04 02:00"}))
    [report] = timeline.imported("06-04 02:15", timeline.written(table([delta]), "delta.csv"))
    assert (report["changed"], report["stale"]) == (0, 1)


@pytest.mark.parametrize(
    ("stored", "row", "stale"),
    [
        pytest.param("10-25 02:30", "10-25 02:10", 0, id="the row's is the second, the stored one the first"),
        pytest.param("10-25 02:30", "10-25 01:50", 1, id="before the hour that occurs twice"),
        pytest.param("10-25 03:10", "10-25 02:50", 1, id="after it"),
    ],
)
def test_a_time_that_occurs_twice_is_read_to_the_rows_favour(tmp_path: Path, stored: str, row: str, stale: int) -> None:
    first = visit("A1", "P1", "11-12 10:00", "10-20 12:00", changed=stored)  # a Thursday
    second = visit("A1", "P1", "11-13 10:00", "10-20 12:00", changed=row)
    timeline = Timeline.begun_in(tmp_path).play([came("10-25 04:00", first)])  # the Sunday on which summer time ends
    [report] = timeline.imported("10-25 04:10", timeline.written(table([second]), "second.csv"))
    assert (report["stale"], report["changed"]) == (stale, 1 - stale)


@pytest.mark.parametrize(
    ("row", "due"),
    [
        pytest.param({"changed": "06-03 12:20"}, "06-03 12:45", id="the stamp that was stored already"),
        pytest.param({"changed": "06-03 12:35"}, "06-03 12:40", id="a stamp of its own"),
        pytest.param({"changed": "06-03 14:00"}, "06-03 12:45", id="a stamp in the future"),
        pytest.param({"changed": "later"}, "06-03 12:45", id="a stamp that cannot be read"),
    ],
)
def test_when_a_further_change_happened(tmp_path: Path, row: dict[str, str], due: str) -> None:
    again = visit("A1", "P1", "06-15 10:00", "06-03 11:59") | row  # a Monday
    timeline = played(tmp_path, *MOVED_BY_A_DELTA, came("06-03 12:40", again), ran("06-03 12:50"))
    assert timeline.history() == [*TOLD_OF_BOTH, f"{due} P1 change A1 email"]
