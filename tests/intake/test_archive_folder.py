"""`notify import --archive` moves what is done, and never what failed, waits or was stopped.

Goes by the command line. Source: SPEC section 3; the issue "Files as they really come".
"""

import json
import os
from pathlib import Path

import pytest

from tests.support.one_clinic import Clinic
from tests.support.one_folder import (
    FHIR_PATIENT,
    LONG_LIST,
    Exports,
    aged,
    appointments,
    counts,
    fhir_bundle,
    import_between_two_kinds,
)
from tests.support.processes import notify_on_disks

BAD = "no columns that are known\nof any kind\n"
MANY = [f"A{number}" for number in range(30)]


@pytest.fixture
def done(tmp_path: Path) -> Path:
    """An archive folder within the folder of exports."""
    path = tmp_path / "in" / "done"
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.fixture
def archiving(done: Path, tmp_path: Path) -> Exports:
    return Exports(Clinic.begun_in(tmp_path))


def test_what_is_done_moves_and_nothing_else(archiving: Exports, done: Path) -> None:
    archiving.put("a.csv", appointments("A1"))
    archiving.put("rows.csv", appointments("A2", clinic="nowhere"))
    archiving.put("bad.csv", BAD)
    archiving.put("half.csv", appointments("A3")[:-9], age=5)
    archiving.call("--archive", str(done))
    assert {path.name for path in done.iterdir()} == {"a.csv", "rows.csv"}
    assert archiving.names() == {"done", "bad.csv", "half.csv", "rows.csv.rejects.csv"}


def test_what_the_safety_stop_held_stays(archiving: Exports, done: Path) -> None:
    archiving.put("1.csv", appointments(*MANY))
    archiving.call("--archive", str(done), "--force")
    archiving.put("2.csv", appointments(*MANY, status="cancelled"))
    assert archiving.call("--archive", str(done)).exit == 4
    assert {path.name for path in done.iterdir()} == {"1.csv"}
    assert archiving.call("--archive", str(done), "--force").exit == 0
    assert {path.name for path in done.iterdir()} == {"1.csv", "2.csv"}


def test_what_an_earlier_round_imported_moves_too(archiving: Exports, done: Path) -> None:
    archiving.put("a.csv", appointments("A1"))
    archiving.call()
    answer = archiving.call("--archive", str(done))
    assert (answer.exit, answer.err) == (0, "")
    assert {path.name for path in done.iterdir()} == {"a.csv"}


def test_of_two_files_of_one_name_both_are_kept(archiving: Exports, done: Path) -> None:
    for id_ in ("A1", "A2", "A3"):
        archiving.put("a.csv", appointments(id_))
        archiving.call("--archive", str(done))
    assert {path.read_text() for path in done.iterdir()} == {appointments(id_) for id_ in ("A1", "A2", "A3")}


def test_a_file_that_is_named_twice_moves_once(archiving: Exports, done: Path) -> None:
    path = archiving.put("a.csv", appointments("A1"))
    answer = archiving.clinic.call("import", "--archive", str(done), str(path), os.path.relpath(path))
    assert (answer.exit, answer.err) == (0, "")
    assert {path.name for path in done.iterdir()} == {"a.csv"}


def test_the_folder_that_is_imported_is_no_archive(archiving: Exports) -> None:
    archiving.put("a.csv", appointments("A1"))
    answer = archiving.call("--archive", str(archiving.folder))
    assert answer.exit == 2
    assert answer.err.startswith("notify: --archive: ")
    assert "a.csv" in archiving.names()


def test_an_archive_must_be_there(archiving: Exports) -> None:
    archiving.put("a.csv", appointments("A1"))
    assert archiving.call("--archive", str(archiving.folder / "absent")).exit == 2
    assert counts(archiving.taken()) == [("a.csv", "appointments", 1, 0)]


def test_a_file_of_the_archive_that_is_imported_stays_where_it_is(archiving: Exports, done: Path) -> None:
    path = archiving.put("done/a.csv", appointments("A1"))
    assert archiving.clinic.call("import", "--archive", str(done), str(path)).exit == 0
    assert {path.name for path in done.iterdir()} == {"a.csv"}


@pytest.mark.slow
def test_what_cannot_be_moved_is_told_and_still_counts_as_imported(archiving: Exports) -> None:
    """A disk that is full, as a file system of a few pages is."""
    archiving.put("a.csv", appointments("A1") + "\n" * 20_000)
    folder = archiving.clinic.folder
    before = "mkdir small\nmount -t tmpfs -o size=4k none small"
    answer = notify_on_disks(before, folder, "import", "--archive", "small", "in")
    assert answer.exit == 1
    assert answer.err.startswith("notify: in/a.csv: it was imported, but could not be moved to small")
    assert answer.err.count("\n") == 1
    assert "1 booking" in answer.out
    assert "a.csv" in archiving.names()
    assert archiving.taken()["files"] == []


@pytest.mark.parametrize("name", [b"\xe6.csv", b"a\nb\x1b[31m.csv"], ids=["no UTF-8", "control characters"])
def test_an_odd_name_is_imported_told_in_one_line_and_moved(archiving: Exports, done: Path, name: bytes) -> None:
    path = os.path.join(os.fsencode(archiving.folder), name)
    with open(path, "wb") as file:
        file.write(appointments("A1", clinic="nowhere").encode())
    os.utime(path, (1, 1))
    answer = archiving.call("--archive", str(done))
    assert answer.exit == 1
    assert len(answer.err.splitlines()) == 2
    assert all(letter.isprintable() for letter in answer.err.replace("\n", ""))
    assert os.listdir(os.fsencode(done)) == [name]
    assert archiving.clinic.call("imports").exit == 0


def test_a_name_that_is_too_long_keeps_no_other_file_back(archiving: Exports) -> None:
    path = archiving.put("a.csv", appointments("A1"))
    answer = archiving.clinic.call("import", "--json", "x" * 300, str(path))
    assert answer.exit == 1
    assert [one["error"] is None for one in json.loads(answer.out)["files"]] == [False, True]


@pytest.mark.slow
def test_what_takes_the_place_of_a_file_meanwhile_is_not_moved_unread(archiving: Exports, done: Path) -> None:
    path = archiving.put("all.json", fhir_bundle(FHIR_PATIENT, *LONG_LIST))
    new = archiving.clinic.folder / "new"
    new.write_text(fhir_bundle(FHIR_PATIENT | {"language": "en"}))
    with import_between_two_kinds(archiving, "--clinic", "nidelv", "--archive", str(done)) as process:
        os.replace(new, path)
        assert process.wait(30) == 0
    assert list(done.iterdir()) == []
    aged(path, 3600)
    assert counts(archiving.taken("--clinic", "nidelv", "--archive", str(done))) == [("all.json", "patients", 0, 1)]
    assert [one.name for one in done.iterdir()] == ["all.json"]
