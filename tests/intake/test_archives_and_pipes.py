"""`notify import` opens .gz and .zip and reads standard input: the same rows, and rejects where they can be found.

Goes by the command line; pipes are real ones. Source: SPEC section 3; the issue "Files as they really come".
"""

import gzip
import io
import json
import os
import pty
import re
import select
import subprocess
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from tests.support.one_clinic import Clinic
from tests.support.one_folder import HEADER, Exports, appointments, counts, exports, patients, piped
from tests.support.processes import NOTIFY, environment

__all__ = ["exports"]

BAD = "no columns that are known\nof any kind\n"
ROWS = [tuple(line.split(";")) for line in appointments("A1").splitlines()]
REJECTED = appointments("A9", clinic="nowhere")
HL7 = (
    "MSH|^~\\&|A|nidelv|B|C|20260603110000+0200||SIU^S12|1|P|2.5\r"
    "SCH||H1|||||||30|min|^^30^20260611100000+0200\rPID|1||P1^^^X^PI||Lunde^Kari\r"
)
FHIR = '{"resourceType": "Patient", "id": "F1", "telecom": [{"system": "email", "value": "f1@post.example"}]}'


def zipped(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def workbook(*rows: tuple[str, ...]) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


def rejects_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if ".rejects" in path.name}


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return Clinic.begun_in(tmp_path)


def imported(clinic: Clinic, name: str, content: bytes, *options: str) -> dict[str, object]:
    path = clinic.folder / name
    path.write_bytes(content)
    found = json.loads(clinic.call("import", "--json", *options, str(path)).out)
    assert isinstance(found, dict)
    return found


# .gz


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        pytest.param("a.csv.gz", gzip.compress(appointments("A1").encode()), "appointments", id="CSV"),
        pytest.param("a.csv", gzip.compress(appointments("A1").encode()), "appointments", id="with another name"),
        pytest.param("a.csv.gz", appointments("A1").encode(), "appointments", id="not packed, whatever its name"),
        pytest.param("a.ndjson.gz", gzip.compress(f"{FHIR}\n".encode()), "patients", id="FHIR Bulk Data"),
        pytest.param(
            "a.csv.gz",
            b"".join(gzip.compress(f"{line}\n".encode()) for line in appointments("A1").splitlines()),
            "appointments",
            id="in several parts",
        ),
        pytest.param(
            "a.xlsx.gz", gzip.compress(workbook(*ROWS)),
            "appointments", id="a workbook",
        ),
    ],
)  # fmt: skip
def test_what_is_packed_with_gzip_is_opened(clinic: Clinic, name: str, content: bytes, kind: str) -> None:
    options = ("--clinic", "nidelv") if kind == "patients" else ()
    assert counts(imported(clinic, name, content, *options)) == [(name, kind, 1, 0)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(gzip.compress(appointments("A1").encode())[:-9], id="cut"),
        pytest.param(gzip.compress(appointments("A1").encode())[:-8] + bytes(8), id="with a wrong sum"),
        pytest.param(gzip.compress(appointments("A1").encode()) + b"and more", id="with something behind it"),
        pytest.param(gzip.compress(b""), id="with nothing in it"),
        pytest.param(gzip.compress(gzip.compress(appointments("A1").encode())), id="packed twice"),
    ],
)
def test_a_gzip_file_that_is_not_whole_changes_nothing(clinic: Clinic, content: bytes) -> None:
    (clinic.folder / "a.csv.gz").write_bytes(content)
    answer = clinic.call("import", str(clinic.folder / "a.csv.gz"))
    assert answer.exit == 1
    assert re.fullmatch(rf"notify: {clinic.folder}/a\.csv\.gz: .*; .*\n", answer.err)
    assert clinic.json("upcoming") == []


def test_rejects_of_a_gzip_file_lie_beside_it_and_import_once_mended(clinic: Clinic) -> None:
    imported(clinic, "a.csv.gz", gzip.compress(REJECTED.encode()))
    rejects = clinic.folder / "a.csv.gz.rejects.csv"
    rejects.write_text(rejects.read_text(encoding="utf-8-sig").replace("nowhere", "nidelv"))
    assert json.loads(clinic.call("import", "--json", str(rejects)).out)["files"][0]["new"] == 1


# .zip


def test_a_zip_is_imported_in_the_order_of_kinds(clinic: Clinic) -> None:
    members = {"a.csv": appointments("A1").replace("P1", "P50"), "deep/in/p.csv": patients("P50"), "deep/": ""}
    found = imported(clinic, "all.zip", zipped(members))
    assert counts(found) == [("p.csv", "patients", 1, 0), ("a.csv", "appointments", 1, 0)]
    paths = [one["path"] for one in found["files"]]  # type: ignore[attr-defined]
    assert paths == [f"{clinic.folder}/all.zip/deep/in/p.csv", f"{clinic.folder}/all.zip/a.csv"]


def test_every_format_may_be_in_a_zip(clinic: Clinic) -> None:
    members = {"a.xlsx": workbook(*ROWS), "b.hl7": HL7, "c.json": FHIR, "d.csv.txt": appointments("A2")}
    found = imported(clinic, "all.zip", zipped(members), "--clinic", "nidelv")
    assert sorted(counts(found)) == [
        ("a.xlsx", "appointments", 1, 0),
        ("b.hl7", "appointments", 1, 0),
        ("b.hl7", "patients", 0, 0),
        ("c.json", "patients", 1, 0),
        ("d.csv.txt", "appointments", 1, 0),
    ]


JUNK = {"__MACOSX/._a.csv": "x", ".DS_Store": "x", "a.csv.rejects.csv": "x", "b.csv.part": "x"}


def test_what_is_no_export_is_left_alone_in_a_zip_too(clinic: Clinic) -> None:
    assert counts(imported(clinic, "a.zip", zipped(JUNK | {"a.csv": appointments("A1")}))) == [
        ("a.csv", "appointments", 1, 0)
    ]


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("method", METHODS)
def test_a_zip_may_be_packed_in_every_common_way(clinic: Clinic, method: int) -> None:
    assert counts(imported(clinic, "a.zip", zipped({"å.csv": appointments("A1")}, method))) == [
        ("å.csv", "appointments", 1, 0)
    ]


def with_a_password(content: bytes) -> bytes:
    """As if it had one: the bit that says so, in the member's own header and in the directory."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        changed[content.index(mark) + offset] |= 1
    return bytes(changed)


ONE = zipped({"a.csv": appointments("A1")}, zipfile.ZIP_STORED)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(with_a_password(ONE), "password", id="with a password"),
        pytest.param(ONE[:-30], "not whole", id="cut"),
        pytest.param(ONE.replace(b"A1;P1", b"A1;P2"), "broken", id="with a damaged member"),
        pytest.param(ONE.replace(b"a.csv", b"\0.csv"), "broken", id="with a member of no name"),
        pytest.param(zipped(JUNK), "nothing in it", id="with nothing but what is left alone"),
        pytest.param(zipped({}), "nothing in it", id="with nothing at all"),
        pytest.param(zipped({"b.zip": ONE}), "unpack it", id="within a zip"),
        pytest.param(gzip.compress(ONE), "unpack it", id="within a gzip file"),
    ],
)
def test_a_zip_that_cannot_be_opened_is_told_in_one_line(clinic: Clinic, content: bytes, said: str) -> None:
    path = clinic.folder / "a.zip"
    path.write_bytes(content)
    answer = clinic.call("import", str(path))
    assert answer.exit == 1
    assert re.fullmatch(rf"notify: {path}\S*: .*{said}.*\n", answer.err)
    assert clinic.json("upcoming") == []


def test_a_damaged_member_keeps_the_others_back(clinic: Clinic) -> None:
    both = zipped({"a.csv": appointments("A1"), "b.csv": appointments("A2")}, zipfile.ZIP_STORED)
    found = imported(clinic, "a.zip", both.replace(b"A2;P1", b"A2;P2"))
    assert [one["error"] is None for one in found["files"]] == [False]  # type: ignore[attr-defined]
    assert clinic.json("upcoming") == []


def test_members_of_one_name_have_their_own_rejects(clinic: Clinic) -> None:
    members = {"s/b.csv": REJECTED, "t/b.csv": REJECTED.replace("A9", "A8"), "b.csv": REJECTED.replace("A9", "A7")}
    imported(clinic, "a.zip", zipped(members))
    found = rejects_in(clinic.folder)
    assert len(found) == 3
    assert all(name.startswith("a.zip.") for name in found)
    texts = "".join((clinic.folder / name).read_text() for name in found)
    assert all(one in texts for one in ("A7", "A8", "A9"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_bear_the_same_path_are_both_read(clinic: Clinic) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", appointments("A1"))
        archive.writestr("a.csv", appointments("A2") + f"{REJECTED.splitlines()[1]}\n")
    found = imported(clinic, "a.zip", buffer.getvalue())
    assert [one["new"] for one in found["files"]] == [1, 1]  # type: ignore[attr-defined]
    assert rejects_in(clinic.folder) == {"a.zip.2.a.csv.rejects.csv"}


@pytest.mark.parametrize(
    "name",
    ["../../up.csv", "/abs/olute.csv", "..\\up.csv", "new\nline.csv", "\x1b[31mred.csv", "sub/æøå.csv", "n" * 300],
)
def test_a_member_is_never_written_outside_and_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "one" / "two"
    folder.mkdir(parents=True)
    clinic = Clinic.begun_in(folder)
    (folder / "a.zip").write_bytes(zipped({name: appointments("A1") + f"{REJECTED.splitlines()[1]}\n"}))
    answer = clinic.call("import", str(folder / "a.zip"))
    assert answer.exit == 1
    assert all(letter.isprintable() or letter == "\n" for letter in answer.err)
    assert all(str(folder) in line or re.match(r"\S+[:,] ", line) for line in answer.err.splitlines())
    assert {path for path in tmp_path.rglob("*") if path.parent != folder} <= {tmp_path / "one", folder}
    if len(name) < 255:
        [rejects] = rejects_in(folder)
        assert rejects.startswith("a.zip.")
        assert rejects.isprintable()


def test_a_zip_in_a_folder_is_taken_whole_or_again(exports: Exports) -> None:
    exports.put("a.zip", zipped({"a.csv": appointments("A1"), "bad.csv": BAD}))
    done = exports.clinic.folder / "done"
    done.mkdir()
    first, second = (exports.call("--archive", str(done)) for _ in range(2))
    assert (first.exit, second.exit) == (1, 1)
    assert "bad.csv" in first.err
    assert second.err == ""
    assert exports.names() == {"a.zip"}
    exports.put("a.zip", zipped({"a.csv": appointments("A1"), "bad.csv": patients("P50")}))
    assert exports.call("--archive", str(done)).exit == 0
    assert (exports.names(), {path.name for path in done.iterdir()}) == (set(), {"a.zip"})


@pytest.mark.slow
def test_no_broken_zip_makes_a_traceback(clinic: Clinic) -> None:
    whole = zipped({"a.csv": appointments("A1"), "b/p.csv": patients("P50")})
    path = clinic.folder / "a.zip"
    for place in range(4, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        assert clinic.call("import", "--dry-run", str(path)).exit in (0, 1), place


# Standard input


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(appointments("A1").encode(), "appointments", id="CSV"),
        pytest.param(appointments("A1")[:-1].encode(), "appointments", id="CSV without a last line end"),
        pytest.param(gzip.compress(appointments("A1").encode()), "appointments", id="gzip"),
        pytest.param(workbook(*ROWS), "appointments", id="workbook"),
        pytest.param(FHIR.encode(), "patients", id="FHIR"),
        pytest.param(f"{FHIR}\n{FHIR}\n".encode(), "patients", id="FHIR Bulk Data"),
    ],
)  # fmt: skip
def test_a_pipe_is_read_in_every_format(clinic: Clinic, content: bytes, kind: str) -> None:
    options = ("--clinic", "nidelv") if kind == "patients" else ()
    answer = piped(clinic, content, "--json", *options, "-")
    assert counts(json.loads(answer.out)) == [("-", kind, 1, 0)]
    assert [one["path"] for one in json.loads(answer.out)["files"]] == ["-"]


@pytest.mark.slow
def test_hl7_and_zip_come_by_a_pipe(clinic: Clinic) -> None:
    found = json.loads(piped(clinic, HL7.encode(), "--json", "-").out)
    assert counts(found) == [("-", "patients", 0, 0), ("-", "appointments", 1, 0)]
    found = json.loads(piped(clinic, zipped({"a.csv": appointments("A1"), "b.csv": REJECTED}), "--json", "-").out)
    assert [one["path"] for one in found["files"]] == ["-/a.csv", "-/b.csv"]
    assert rejects_in(clinic.folder) == {"stdin.b.csv.rejects.csv"}


@pytest.mark.slow
def test_a_pipe_and_files_come_in_the_order_of_kinds(clinic: Clinic) -> None:
    (clinic.folder / "p.csv").write_text(patients("P50"))
    content = appointments("A1").replace("P1", "P50").encode()
    answer = piped(clinic, content, "--json", "-", "p.csv")
    assert counts(json.loads(answer.out)) == [("p.csv", "patients", 1, 0), ("-", "appointments", 1, 0)]
    assert (answer.exit, answer.err) == (0, "")


@pytest.mark.slow
def test_rejects_of_a_pipe_lie_in_the_present_folder_and_import_once_mended(clinic: Clinic) -> None:
    answer = piped(clinic, REJECTED.encode(), "-")
    assert answer.exit == 1
    assert answer.err.endswith("-: the row is in stdin.rejects.csv; mend and import that file.\n")
    rejects = clinic.folder / "stdin.rejects.csv"
    rejects.write_text(rejects.read_text(encoding="utf-8-sig").replace("nowhere", "nidelv"))
    assert json.loads(clinic.call("import", "--json", str(rejects)).out)["files"][0]["new"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shell", "said"),
    [
        pytest.param("</dev/null", "empty", id="empty"),
        pytest.param("<&-", "empty", id="closed"),
        pytest.param("0>>notify.toml", "cat FILE | notify import -", id="open to write only"),
        pytest.param("<notify.db", "SQLite", id="no export"),
    ],
)
def test_a_pipe_that_brings_nothing_is_told_in_one_line(clinic: Clinic, shell: str, said: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {shell}', "sh", *NOTIFY, "import", "-"],
        cwd=clinic.folder, env=environment(clinic.folder), capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 1
    assert re.fullmatch(rf"notify: -: .*{re.escape(said)}.*\n", done.stderr)


@pytest.mark.slow
def test_a_file_is_imported_with_standard_input_closed(clinic: Clinic) -> None:
    (clinic.folder / "a.csv").write_text(appointments("A1"))
    command = ["sh", "-c", 'exec "$@" <&-', "sh", *NOTIFY, "import", "a.csv"]
    done = subprocess.run(command, cwd=clinic.folder, env=environment(clinic.folder), capture_output=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.slow
def test_standard_input_is_named_once(clinic: Clinic) -> None:
    answer = piped(clinic, appointments("A1").encode(), "-", "-")
    assert answer.exit == 2
    assert re.fullmatch(r"notify: - .*\n", answer.err)
    assert clinic.json("upcoming") == []


@pytest.mark.slow
def test_a_pipe_leaves_nothing_to_archive(clinic: Clinic) -> None:
    (clinic.folder / "done").mkdir()
    (clinic.folder / "p.csv").write_text(patients("P50"))
    answer = piped(clinic, appointments("A1").encode(), "--archive", "done", "-", "p.csv")
    assert (answer.exit, answer.err) == (0, "")
    assert [path.name for path in (clinic.folder / "done").iterdir()] == ["p.csv"]


@pytest.mark.slow
def test_a_pipe_is_explained(clinic: Clinic) -> None:
    found = json.loads(piped(clinic, appointments("A1").encode(), "--explain", "--json", "-").out)
    assert [(one["path"], one["kind"]) for one in found["files"]] == [("-", "appointments")]


@pytest.mark.slow
def test_a_writer_that_takes_its_time_is_waited_for(clinic: Clinic) -> None:
    script = f"printf '{HEADER}\\n'; sleep 0.5; printf 'nidelv;A1;P1;KONS;2026-06-11T10:00;booked\\n'"
    command = ["sh", "-c", f'({script}) | "$@"', "sh", *NOTIFY, "import", "--json", "-"]
    done = subprocess.run(
        command, cwd=clinic.folder, env=environment(clinic.folder), capture_output=True, timeout=30, check=True
    )
    assert counts(json.loads(done.stdout)) == [("-", "appointments", 1, 0)]


@pytest.mark.slow
def test_on_a_terminal_it_says_that_it_reads(clinic: Clinic) -> None:
    ours, theirs = pty.openpty()
    command = [*NOTIFY, "import", "--json", "-"]
    process = subprocess.Popen(
        command,
        cwd=clinic.folder,
        env=environment(clinic.folder),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    assert process.stderr is not None
    assert select.select([process.stderr], [], [], 30)[0], "it hangs without a word"
    assert b"standard input" in process.stderr.readline()
    os.write(ours, appointments("A1").encode())
    time.sleep(0.2)
    os.write(ours, b"\x04")
    out, err = process.communicate(timeout=30)
    os.close(ours)
    assert (counts(json.loads(out)), err) == ([("-", "appointments", 1, 0)], b"")
