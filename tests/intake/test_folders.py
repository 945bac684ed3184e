"""`notify import FOLDER` takes what is new, once, and never half a file.

Goes by the command line. Source: SPEC section 3; the issue "Files as they really come".
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from notifycli.store.engine import writing
from tests.support import engines
from tests.support.one_folder import (
    FHIR_PATIENT,
    LONG_AGO,
    LONG_LIST,
    Exports,
    aged,
    appointments,
    counts,
    exports,
    exports_in,
    fhir_appointment,
    fhir_bundle,
    import_between_two_kinds,
    names_of,
    patients,
)
from tests.support.processes import LONGEST, NOTIFY, environment, notify_within

__all__ = ["exports"]

BAD = "no columns that are known\nof any kind\n"
MANY = [f"A{number}" for number in range(30)]


# What is new


def test_a_folder_is_taken_in_the_order_of_kinds(exports: Exports) -> None:
    exports.put("a.csv", appointments("A1").replace("P1", "P50"))
    exports.put("b.csv", patients("P50"))
    answer = exports.call("--json")
    assert counts(json.loads(answer.out)) == [("b.csv", "patients", 1, 0), ("a.csv", "appointments", 1, 0)]
    assert (answer.exit, answer.err) == (0, "")


@pytest.mark.slow
def test_the_paths_are_those_that_were_typed(tmp_path: Path) -> None:
    exports_in(tmp_path).put("a.csv", appointments("A1"))
    done = subprocess.run(
        [*NOTIFY, "import", "--json", "in"],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        check=True,
    )
    assert [one["path"] for one in json.loads(done.stdout)["files"]] == ["in/a.csv"]


def test_what_was_imported_is_not_new(exports: Exports) -> None:
    exports.put("a.csv", appointments("A1"))
    exports.taken()
    again = exports.taken()
    assert again["files"] == []
    assert names_of(again["imported_before"]) == ["a.csv"]


def test_another_name_makes_no_content_new(exports: Exports) -> None:
    exports.put("a.csv", appointments("A1")).rename(exports.folder / "b.csv")
    exports.taken()
    (exports.folder / "b.csv").rename(exports.folder / "c.csv")
    assert exports.taken()["files"] == []


def test_one_byte_more_is_new(exports: Exports) -> None:
    exports.put("a.csv", appointments("A1"))
    exports.taken()
    exports.put("a.csv", appointments("A1") + "\n")
    assert counts(exports.taken()) == [("a.csv", "appointments", 0, 1)]


def moved_to(exports: Exports) -> list[int]:
    """The day of the month."""
    starts = engines.rows(exports.clinic.folder, "SELECT starts_at FROM appointment")
    return [datetime.fromtimestamp(at, UTC).day for (at,) in starts]


@pytest.mark.slow
def test_what_is_changed_back_is_new(exports: Exports) -> None:
    for day, age in ((11, LONG_AGO), (12, 0), (11, 0)):
        exports.put("a.csv", appointments("A1", day=day), age)
        assert len(exports.taken()["files"]) == 1
        assert exports.taken()["files"] == []
        assert moved_to(exports) == [day]


def test_what_is_only_called_by_another_files_name_is_not_new(exports: Exports) -> None:
    older, newer = exports.put("b.csv", appointments("A1", day=11)), exports.put("a.csv", appointments("A1", day=12))
    exports.clinic.call("import", str(older))
    exports.clinic.call("import", str(newer))
    older.rename(exports.folder / "c.csv")
    newer.rename(exports.folder / "b.csv")
    assert exports.taken()["files"] == []
    assert moved_to(exports) == [12]


@pytest.mark.slow
def test_what_another_import_of_the_folder_took_meanwhile_is_not_taken_again(exports: Exports) -> None:
    path = exports.put("a.csv", appointments("A1"))
    seen = (hashlib.sha256(path.read_bytes()).hexdigest(), int(time.time()))
    with engines.connected(exports.clinic.folder) as other, writing(other):
        command = [*NOTIFY, "import", "--json", "in"]
        process = subprocess.Popen(
            command,
            cwd=exports.clinic.folder,
            env=environment(exports.clinic.folder),
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_until_open(path, process)
        other.execute("INSERT INTO file_seen (sha256, seen_file, at) VALUES (?, 'imported', ?)", seen)
    out, _ = process.communicate(timeout=LONGEST)
    assert (process.returncode, json.loads(out)) == (0, {"files": [], "imported_before": ["in/a.csv"]})


def wait_until_open(path: Path, process: subprocess.Popen[str]) -> None:
    """Until a process has looked at a file and, since it holds the file open, waits to take it."""
    opened, until = Path(f"/proc/{process.pid}/fd"), time.monotonic() + LONGEST
    if not opened.is_dir():
        pytest.skip("nothing tells here which files a process has open")
    while path not in [Path(os.path.realpath(one)) for one in opened.iterdir()]:
        assert time.monotonic() < until
        time.sleep(0.01)
    time.sleep(0.5)


def test_what_was_imported_by_name_is_not_new_in_its_folder(exports: Exports) -> None:
    exports.clinic.call("import", str(exports.put("a.csv", appointments("A1"))))
    assert exports.taken()["files"] == []


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(".hidden.csv", id="a hidden file"),
        pytest.param("a.csv.rejects.csv", id="rejects"),
        pytest.param("a.ndjson.rejects-2.csv", id="rejects of a second header"),
        pytest.param("sub/a.csv", id="a folder in it"),
        *(pytest.param(f"a.csv.{end}", id=end) for end in ("part", "tmp", "PART", "filepart", "crdownload")),
        pytest.param("~$timer.xlsx", id="what Excel keeps beside an open workbook"),
    ],
)
def test_what_is_no_export_is_left_alone(exports: Exports, name: str) -> None:
    exports.put(name, appointments("A1"))
    assert exports.taken() == {"files": []}


@pytest.mark.parametrize("option", [(), ("--archive",)], ids=["plain", "with an archive"])
def test_a_folder_with_nothing_in_it_is_no_trouble(exports: Exports, option: tuple[str, ...]) -> None:
    answer = exports.call(*option, *([str(exports.clinic.folder)] if option else []))
    assert (answer.exit, answer.out.strip(), answer.err) == (0, "There is nothing to import.", "")


def test_a_file_of_the_folder_that_is_named_too_is_taken_once(exports: Exports) -> None:
    path = exports.put("a.csv", appointments("A1"))
    found = exports.taken(str(path))
    assert counts(found) == [("a.csv", "appointments", 1, 0)]


def test_two_clinics_may_have_the_same_file(exports: Exports) -> None:
    other = exports.clinic.folder / "other.csv"
    other.write_text("clinic_id;name;timebook;post;economy\nother;Other;yes;yes;yes\n")
    exports.clinic.call("import", str(other))
    exports.put("types.csv", "type_id;name;notifications\nX;Xyz;yes\n")
    assert counts(exports.taken("--clinic", "nidelv")) == [("types.csv", "types", 1, 0)]
    assert counts(exports.taken("--clinic", "other")) == [("types.csv", "types", 1, 0)]
    assert exports.taken("--clinic", "other")["files"] == []


def test_what_says_nothing_of_consent_comes_again_once_it_is_assumed(exports: Exports) -> None:
    exports.put("p.json", fhir_bundle(FHIR_PATIENT))
    (exports.clinic.folder / "notify.toml").write_text("")
    assert [one["new"] for one in exports.taken("--clinic", "nidelv")["files"]] == [1]
    (exports.clinic.folder / "notify.toml").write_text("[import]\nassume_consent = true\n")
    assert [one["changed"] for one in exports.taken("--clinic", "nidelv")["files"]] == [1]
    assert exports.taken("--clinic", "nidelv")["files"] == []


# What cannot be imported


def test_a_file_that_cannot_be_read_is_told_once(exports: Exports) -> None:
    path = exports.put("bad.csv", BAD)
    first, second = exports.call(), exports.call()
    assert (first.exit, second.exit) == (1, 1)
    assert first.err.startswith(f"notify: {path}: ")
    assert second.err == ""
    assert f"notify import {path}" in " ".join(second.out.split())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03cut", id="gzip"),
        pytest.param("a.zip", b"PK\x03\x04 and nothing that follows", id="zip"),
        pytest.param("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and nothing", id="workbook"),
        pytest.param("a.json", b'{"resourceType": "Bundle", "entry": [', id="FHIR"),
        pytest.param("a.pdf", b"%PDF-1.7\n", id="PDF"),
        pytest.param("a.csv", b"", id="empty"),
    ],
)
def test_what_is_broken_in_any_format_is_told_once(exports: Exports, name: str, content: bytes) -> None:
    exports.put(name, content)
    first, second = exports.call(), exports.call()
    assert (first.exit, first.err.count("\n")) == (1, 1)
    assert (second.exit, second.err) == (1, "")


def test_what_failed_is_told_again_when_it_is_named_or_changes(exports: Exports) -> None:
    path = exports.put("bad.csv", BAD)
    exports.call()
    assert str(path) in exports.clinic.call("import", str(path)).err
    exports.put("bad.csv", BAD + "more\n")
    assert str(path) in exports.call().err
    exports.put("bad.csv", appointments("A1"))
    assert counts(exports.taken()) == [("bad.csv", "appointments", 1, 0)]


def test_what_failed_is_tried_again_once_the_configuration_knows_its_columns(exports: Exports) -> None:
    exports.put("own.csv", appointments("A1").replace("starts_at", "Når"))
    assert exports.call().exit == 1
    (exports.clinic.folder / "notify.toml").write_text('[clinic.nidelv]\ncolumns = { "Når" = "starts_at" }\n')
    assert counts(exports.taken()) == [("own.csv", "appointments", 1, 0)]
    assert exports.taken()["files"] == []


def test_rejected_rows_do_not_make_a_file_come_again(exports: Exports) -> None:
    exports.put("a.csv", appointments("A1") + "nidelv;A2;P1;KONS;soon;booked\n")
    first, second = exports.call(), exports.call()
    assert (first.exit, second.exit) == (1, 0)
    assert exports.names() == {"a.csv", "a.csv.rejects.csv"}
    assert second.err == ""


def test_what_the_safety_stop_held_passes_with_force_alone(exports: Exports) -> None:
    exports.put("1.csv", appointments(*MANY))
    exports.taken("--force")  # everybody gets a confirmation
    exports.put("2.csv", appointments(*MANY, day=12))
    assert [exports.call().exit for _ in range(2)] == [4, 1]
    assert counts(exports.taken("--force")) == [("2.csv", "appointments", 0, 0)]
    assert exports.call().exit == 0


def test_a_dry_run_notes_nothing_and_moves_nothing(exports: Exports, tmp_path: Path) -> None:
    done = tmp_path / "done"
    done.mkdir()
    exports.put("a.csv", appointments("A1"))
    exports.put("bad.csv", BAD)
    for _ in range(2):
        answer = exports.call("--dry-run", "--archive", str(done))
        assert answer.exit == 1
        assert "books 1" in answer.err.replace("book 1", "books 1")
        assert "bad.csv" in answer.err
    assert exports.names() == {"a.csv", "bad.csv"}
    assert counts(exports.taken()) == [("bad.csv", None, 0, 0), ("a.csv", "appointments", 1, 0)]


def test_a_file_of_several_kinds_is_taken_whole_or_again(exports: Exports) -> None:
    booked = [fhir_appointment(one) for one in MANY]
    exports.put("1.json", fhir_bundle(FHIR_PATIENT, *booked))
    exports.taken("--clinic", "nidelv")
    cancelled = [fhir_appointment(one, "cancelled") for one in MANY]
    exports.put("2.json", fhir_bundle(FHIR_PATIENT | {"language": "en"}, *cancelled))
    assert exports.call("--clinic", "nidelv").exit == 4
    again = exports.taken("--clinic", "nidelv", "--force")
    assert [(one["kind"], one["error"]) for one in again["files"]] == [("patients", None), ("appointments", None)]
    assert again["files"][1]["changed"] == len(MANY)


@pytest.mark.slow
def test_an_import_that_is_killed_between_the_kinds_of_a_file_comes_again(exports: Exports) -> None:
    exports.put("all.json", fhir_bundle(FHIR_PATIENT, *LONG_LIST))
    with import_between_two_kinds(exports, "--clinic", "nidelv") as process:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with engines.connected(exports.clinic.folder) as connection:
        assert connection.execute("SELECT count(*) FROM appointment").fetchone() == (0,), "it ended by itself"
    found = exports.taken("--clinic", "nidelv")
    assert counts(found) == [("all.json", "patients", 0, 1), ("all.json", "appointments", len(LONG_LIST), 0)]


# Never half a file


def test_a_file_that_a_writer_holds_open_waits(exports: Exports) -> None:
    path = exports.put("a.csv", "")
    script = "import sys; f = open(sys.argv[1], 'w'); f.write(sys.argv[2]); f.flush(); print(flush=True); input()"
    writer = subprocess.Popen(
        [sys.executable, "-c", script, path, appointments("A1")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    aged(path, LONG_AGO)
    waiting = exports.call("--json")
    writer.communicate(b"\n", timeout=10)
    assert json.loads(waiting.out) == {"files": [], "waiting": [str(path)]}
    assert (waiting.exit, waiting.err) == (0, "")
    aged(path, LONG_AGO)
    assert counts(exports.taken()) == [("a.csv", "appointments", 1, 0)]


def test_a_file_that_grows_waits(exports: Exports) -> None:
    path = exports.put("a.csv", appointments("A1"), age=0)
    script = (
        "import sys, time\nwhile True:\n"
        "    with open(sys.argv[1], 'a') as file: file.write('nidelv;A9;P1;KONS;2026-06-11T10:00;booked\\n')\n"
        "    print(flush=True); time.sleep(0.05)"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE)
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        found = exports.taken()
    finally:
        writer.kill()
        writer.communicate(timeout=10)
    assert (found["files"], names_of(found["waiting"])) == ([], ["a.csv"])


HALVES = [
    pytest.param("a.csv", appointments("A1", "A2")[:-25], id="CSV, half a row"),
    pytest.param("a.csv", appointments("A1")[:-1], id="CSV, but for its last line end"),
    pytest.param("a.csv", "clinic_id;appo", id="CSV, half a header"),
    pytest.param("a.csv", "", id="nothing yet"),
    pytest.param("a.ndjson", '{"clinic_id": "nidelv", "patient_id": "P1", "cons', id="NDJSON"),
    pytest.param("a.ndjson", '{"resourceType":"Patient","id":"P1"}\n{"resourceType":"Pat', id="FHIR in lines"),
    pytest.param("a.json", fhir_bundle(FHIR_PATIENT)[:-9], id="a FHIR Bundle"),
    pytest.param("a.zip", "PK\3\4 and so on", id="ZIP"),
]


@pytest.mark.parametrize(("name", "half"), HALVES)
def test_what_was_written_a_moment_ago_and_is_not_whole_waits(exports: Exports, name: str, half: str) -> None:
    exports.put(name, half, age=5)
    answer = exports.call("--json", "--clinic", "nidelv")
    found = json.loads(answer.out)
    assert (found["files"], names_of(found["waiting"])) == ([], [name])
    assert (answer.exit, answer.err) == (0, "")


def test_hl7_messages_whose_last_line_real_systems_leave_open_are_taken_at_once(exports: Exports) -> None:
    message = "MSH|^~\\&|A|nidelv|B|C|20260603110000||SIU^S12|1|P|2.5\r"
    message += "SCH|A1|A1\rTQ1|1||||||20260611100000+0200\rPID|1||P1"
    exports.put("a.hl7", message, age=5)
    found = exports.taken("--clinic", "nidelv")
    assert ("a.hl7", "appointments", 1, 0) in counts(found)


def test_a_last_row_without_line_end_is_taken_once_nobody_is_at_it(exports: Exports) -> None:
    exports.put("a.csv", appointments("A1", "A2")[:-1])
    assert counts(exports.taken()) == [("a.csv", "appointments", 2, 0)]


def test_another_clock_does_not_change_what_is_still_being_written(exports: Exports) -> None:
    exports.put("a.csv", appointments("A1")[:-1], age=5)
    exports.put("b.csv", appointments("A2")[:-1])
    found = exports.taken(at="2031-01-01T12:00:00+01:00")
    assert (counts(found), names_of(found["waiting"])) == ([("b.csv", "appointments", 1, 0)], ["a.csv"])


def test_what_is_broken_and_bears_a_time_to_come_does_not_wait_for_ever(exports: Exports) -> None:
    exports.put("bad.csv", BAD, age=-86_400)
    assert exports.call().exit == 1


def test_a_waiting_file_waits_with_all_that_is_packed_in_it(exports: Exports, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", appointments("A1"))
        archive.writestr("bad.csv", BAD)
    exports.put("a.zip", (tmp_path / "a.zip").read_bytes(), age=5)
    found = exports.taken()
    assert (found["files"], names_of(found["waiting"])) == ([], ["a.zip"])
    aged(exports.folder / "a.zip", LONG_AGO)
    assert [one["error"] is None for one in exports.taken()["files"]] == [False, True]


@pytest.mark.slow
def test_more_files_than_can_be_open_at_once_are_taken_in_rounds(exports: Exports) -> None:
    for number in range(200):
        exports.put(f"{number:03}.csv", appointments(f"A{number}"))
    for left in (True, False):
        answer = notify_within("ulimit -n 300", exports.clinic.folder, "import", "--json", "in")
        assert (answer.exit, answer.err) == (0, "")
        assert ("waiting" in json.loads(answer.out)) is left
    assert exports.taken()["files"] == []
