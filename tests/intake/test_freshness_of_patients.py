"""SPEC section 3: of clinics, types and patients the file's time decides, cell by cell; and rejects are as fresh as
the import that they came from. Goes by the command line.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.timelines import (
    PLAIN,
    STAMPED,
    Step,
    Timeline,
    arrived,
    came,
    moment,
    patients,
    played,
    ran,
    table,
    visit,
)

COLUMNS = "given_name;email;mobile;consent"


def message(sent: str, mobile: str, patient: str = "P9") -> str:
    """An HL7 message that books A9 for Thursday 11 June; it says nothing of consent."""
    return (
        f"MSH|^~\\&|EPJ|nidelv|||2026{sent}00+0200||SIU^S12|{sent}|P|2.5\r"
        f"SCH||A9|||||KONS|KONS|30|min|^^30^20260611100000+0200\r"
        f"PID|1||{patient}^^^X^PI||Lie^Tor||||||||{mobile}\r"
    )


def known(timeline: Timeline, patient: str = "P9") -> dict[str, Any]:
    return dict(timeline.clinic.json("patient", "show", "nidelv", patient, at=moment("06-05 12:00").isoformat()))


def contact(timeline: Timeline, patient: str) -> tuple[str | None, str | None]:
    shown = json.dumps(known(timeline, patient))
    email = next((name for name in ("old@post.example", "new@post.example") if name in shown), None)
    return email, next((number for number in ("+4791000091", "+4791000092") if number in shown), None)


NIGHTLY = patients("06-04 02:20", "P9;Tor;tor@post.example;91000091;yes", columns=COLUMNS, made="06-04 02:00")


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([arrived("06-04 02:10", message("06040205", "91000092"), "m.hl7"), NIGHTLY], id="message first"),
        pytest.param([NIGHTLY, arrived("06-04 02:30", message("06040205", "91000092"), "m.hl7")], id="file first"),
    ],
)
def test_a_newer_message_does_not_shut_out_the_consent_of_the_nightly_file(tmp_path: Path, steps: list[Step]) -> None:
    timeline = played(tmp_path, *steps, ran("06-04 02:40", "06-04 02:45", "06-09 10:00"))
    assert timeline.history()[-1] == "06-09 10:00 P9 reminder A9 email"
    assert contact(timeline, "P9")[1] == "+4791000092"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            ("email;mobile;consent", "old@post.example;91000091;yes"),
            ("email;mobile;consent", "new@post.example;91000092;yes"),
            ("new@post.example", "+4791000092"),
            id="both cells",
        ),
        pytest.param(
            ("email;mobile;consent", "old@post.example;91000091;yes"),
            ("mobile;consent", "91000092;yes"),
            ("old@post.example", "+4791000092"),
            id="a cell that the newer one lacks comes from the older",
        ),
        pytest.param(
            ("email;mobile;consent", "old@post.example;91000091;yes"),
            ("email;mobile;consent", ";91000092;yes"),
            (None, "+4791000092"),
            id="a cell that the newer one cleared stays so",
        ),
    ],
)
@pytest.mark.parametrize("newest_first", [False, True], ids=["in order", "the newer file first"])
def test_an_older_file_never_brings_back_what_a_newer_one_replaced(
    tmp_path: Path,
    old: tuple[str, str],
    new: tuple[str, str],
    expected: tuple[str | None, str | None],
    newest_first: bool,
) -> None:
    files = [
        patients("06-04 03:00", f"P9;{old[1]}", columns=old[0], made="06-04 01:00"),
        patients("06-04 03:00", f"P9;{new[1]}", columns=new[0], made="06-04 02:00"),
    ]
    timeline = played(tmp_path, *(reversed(files) if newest_first else files))
    assert contact(timeline, "P9") == expected


@pytest.mark.parametrize("newest_first", [False, True], ids=["in order", "the newer file first"])
def test_consent_withdrawn_in_a_newer_file_stays_withdrawn(tmp_path: Path, newest_first: bool) -> None:
    files = [
        patients("06-04 03:00", "P1;yes", columns="consent", made="06-04 01:00"),
        patients("06-04 03:00", "P1;no", columns="consent", made="06-04 02:00"),
    ]
    steps = [came("06-03 12:00", visit("A1", "P1", "06-11 10:00", "06-03 12:00")), ran("06-03 12:05")]
    timeline = played(tmp_path, *steps, *(reversed(files) if newest_first else files), ran("06-09 10:00"))
    assert timeline.history()[-1] == "06-09 10:00 P1 reminder A1 no_consent"


def types(notifications: str) -> str:
    return f"clinic_id;type_id;notifications\nnidelv;KONS;{notifications}\n"


def clinics(timebook: str) -> str:
    return f"clinic_id;name;timebook\nnidelv;Nidelv legesenter;{timebook}\n"


@pytest.mark.parametrize(("table_of", "name"), [(types, "types.csv"), (clinics, "clinics.csv")], ids=["type", "module"])
def test_an_older_file_never_switches_back(tmp_path: Path, table_of: Any, name: str) -> None:
    timeline = played(
        tmp_path,
        arrived("06-03 11:00", table_of("no"), name, made="06-03 10:00"),
        arrived("06-03 11:10", table_of("yes"), name, made="06-03 09:00"),
        came("06-03 12:00", visit("A1", "P1", "06-11 10:00", "06-03 12:00")),
        ran("06-03 12:05", "06-09 10:00"),
    )
    assert timeline.history() == []


RESOURCE = {
    "resourceType": "Patient",
    "id": "P9",
    "telecom": [{"system": "phone", "value": "91000092"}, {"system": "email", "value": "new@post.example"}],
}


@pytest.mark.parametrize(
    ("updated", "made", "expected"),
    [
        pytest.param("06-04 02:05", "06-04 01:00", ("new@post.example", "+4791000092"), id="updated since"),
        pytest.param("06-04 01:00", "06-04 02:10", ("old@post.example", "+4791000091"), id="updated before"),
        pytest.param("", "06-04 02:10", ("new@post.example", "+4791000092"), id="its file's time"),
        pytest.param("", "06-04 01:00", ("old@post.example", "+4791000091"), id="its older file's time"),
    ],
)
def test_a_resource_of_a_patient_has_its_own_time(
    tmp_path: Path, updated: str, made: str, expected: tuple[str, str]
) -> None:
    resource = RESOURCE | ({"meta": {"lastUpdated": moment(updated).isoformat()}} if updated else {})
    timeline = played(
        tmp_path,
        patients("06-04 02:10", "P9;old@post.example;91000091;yes", made="06-04 02:00"),
        arrived("06-04 02:20", json.dumps(resource), "p9.json", made=made, options=("--clinic", "nidelv")),
    )
    assert contact(timeline, "P9") == expected


def mended(at: str, name: str, wrong: str, right: str) -> Step:
    """The rejects beside the file, mended by hand and imported, as they lie there."""

    def step(timeline: Timeline) -> None:
        path = timeline.clinic.folder / f"{name}.rejects.csv"
        text = path.read_text(encoding="utf-8-sig")
        assert wrong in text
        path.write_text(text.replace(wrong, right), encoding="utf-8")
        assert timeline.call(at, "import", "--json", str(path)).exit in (0, 1)

    return step


BEFORE = visit("A1", "P1", "06-11 10:00", "06-03 11:59")
MISTYPED = BEFORE | {"status": "bookde"}
MOVED = visit("A1", "P1", "06-12 10:00", "06-03 11:59", changed="06-04 08:00")


@pytest.mark.parametrize(
    ("rejected", "newer", "day"),
    [
        pytest.param(
            came("06-04 02:10", MISTYPED, header=PLAIN, made="06-04 02:00"),
            came("06-04 08:01", MOVED),
            "06-12",
            id="moved since: the mended row is stale",
        ),
        pytest.param(
            came("06-04 02:10", MISTYPED | {"starts": "06-15 10:00"}, header=PLAIN, made="06-04 02:00"),
            ran("06-04 02:11"),
            "06-15",
            id="nothing since: the mended row counts",
        ),
        pytest.param(
            came("06-04 02:10", MISTYPED, made="06-04 02:00", options=("--complete",)),
            came("06-04 08:01", MOVED),
            "06-12",
            id="of a complete file",
        ),
        pytest.param(
            came("06-04 02:10", MISTYPED, visit("A2", "P3", "06-30 10:00", "06-04 01:50"), made="06-04 02:00"),
            came("06-04 08:01", MOVED),
            "06-12",
            id="of a table with newer stamps",
        ),
        pytest.param(
            came("06-04 02:10", MISTYPED | {"starts": "06-15 10:00", "changed": "06-04 08:30"}, made="06-04 02:00"),
            came("06-04 08:01", MOVED),
            "06-12",
            id="with a stamp that was in the future then",
        ),
        pytest.param(
            came("06-04 09:00", MISTYPED | {"starts": "06-15 10:00", "changed": "06-04 08:30"}, made="06-04 09:00"),
            came("06-04 09:05", MOVED),
            "06-15",
            id="a stamp of its own that is newer",
        ),
    ],
)
def test_a_mended_row_is_as_fresh_as_it_was_in_its_file(tmp_path: Path, rejected: Step, newer: Step, day: str) -> None:
    timeline = played(tmp_path, came("06-03 12:00", BEFORE), ran("06-03 12:05"), rejected, newer)
    timeline.play([mended("06-04 10:00", "appointments.csv", "bookde", "booked")])
    upcoming = timeline.clinic.json("upcoming", "--until", "2026-06-20", at=moment("06-05 12:00").isoformat())
    reminders = [row["due_at"][5:10] for row in upcoming if row["event"] == "reminder" and row["subject_id"] == "A1"]
    assert reminders == [f"06-{int(day[3:]) - 2:02}"]


def test_a_stamp_that_was_in_the_future_then_makes_nothing_fresher_afterwards_either(tmp_path: Path) -> None:
    """The mended row stays as fresh as its file, so a file that was made between the two replaces it."""
    ahead = MISTYPED | {"starts": "06-15 10:00", "changed": "06-04 08:30"}
    timeline = played(
        tmp_path,
        came("06-03 12:00", BEFORE),
        ran("06-03 12:05"),
        came("06-04 02:10", ahead, made="06-04 02:00"),
        mended("06-04 10:00", "appointments.csv", "bookde", "booked"),
        came("06-04 10:30", BEFORE | {"starts": "06-18 10:00"}, header=PLAIN, made="06-04 05:00"),
    )
    upcoming = timeline.clinic.json("upcoming", "--until", "2026-06-20", at=moment("06-05 12:00").isoformat())
    assert [row["due_at"][5:10] for row in upcoming if row["event"] == "reminder"] == ["06-16"]


@pytest.mark.parametrize("newer_comes", [True, False], ids=["replaced since", "nothing since"])
def test_a_mended_patient_is_as_fresh_as_it_was_in_its_file(tmp_path: Path, newer_comes: bool) -> None:
    timeline = played(
        tmp_path,
        patients("06-04 02:10", "P9;old@post.example;91000091;perhaps", made="06-04 02:00"),
    )
    if newer_comes:
        timeline.play([patients("06-04 08:00", "P9;new@post.example;91000092;yes", made="06-04 07:00")])
        # which wrote over the file of that name; the rejects stay where they lie
    timeline.play([mended("06-04 10:00", "patients.csv", "perhaps", "yes")])
    expected = ("new@post.example", "+4791000092") if newer_comes else ("old@post.example", "+4791000091")
    assert contact(timeline, "P9") == expected


def test_what_a_mended_row_cancels_was_booked_again_since(tmp_path: Path) -> None:
    cancelled = BEFORE | {"status": "canceled?", "cancelled": "06-03 13:00"}
    again = BEFORE | {"changed": "06-03 14:00"}
    timeline = played(
        tmp_path,
        came("06-03 12:00", BEFORE),
        ran("06-03 12:05"),
        came("06-03 13:01", cancelled, header=STAMPED),
        came("06-03 14:01", again),
        mended("06-03 15:00", "appointments.csv", "canceled?", "cancelled"),
        ran("06-03 15:10"),
    )
    assert timeline.history() == ["06-03 12:04 P1 confirmation A1 email"]


def test_the_rejects_of_a_stale_file_say_what_was_left_out(tmp_path: Path) -> None:
    path = "stale.csv"
    timeline = played(tmp_path, came("06-03 12:00", BEFORE), came("06-04 08:01", MOVED))
    [report] = timeline.imported("06-04 10:00", timeline.written(table([BEFORE], PLAIN), path, "06-04 02:00"))
    assert (report["stale"], report["rejected"], report["changed"]) == (1, 0, 0)
    assert not (tmp_path / f"{path}.rejects.csv").exists()
