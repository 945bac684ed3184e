"""Rejected rows come back: mended and imported again, or told of where they cannot be written.

SPEC section 3: "it is written ... to FILE.rejects.csv, which can be mended and imported, and the other rows are
imported".
"""

import csv
import json
import os

import pytest

from tests.support import engines
from tests.support.bad_input import (
    NOW,
    PATIENT_COLUMNS,
    PATIENTS,
    PERSON,
    a_clinic_that_has_run,
    assert_nobody_is_named,
    content_of,
    patients_in,
    written,
)
from tests.support.processes import notify_on_disks

ONE_BAD = f"{PATIENT_COLUMNS}\nnidelv;P2;{PERSON};yes\nnidelv;P3;{PERSON};maybe\nnidelv;P4;{PERSON};no\n"
GLOBAL_OPTIONS = ("--db", "notify.db", "--config", "notify.toml", "--now", NOW)
IN_A_READ_ONLY_FOLDER = "mount --bind in in; mount -o remount,bind,ro in"
ON_A_FULL_DISK = "cp -r in kept; mount -t tmpfs -o size=256k none in; cp kept/* in; cat /dev/zero > in/fill || true"


@pytest.fixture
def program(tmp_path):
    return a_clinic_that_has_run(tmp_path)


def imported(program, *files, options=()):
    answer = program.call(NOW, ["import", "--json", *options, *map(str, files)])
    assert_nobody_is_named(answer)
    return answer.exit, {os.path.basename(one["path"]): one for one in json.loads(answer.out)["files"]}


def table_in(path):
    return list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))


def mended(path, bad, good):
    """As in a spreadsheet: read, one kind of cell changed, saved with other separators."""
    rows = [[good if cell == bad else cell for cell in row] for row in table_in(path)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_a_mended_file_of_rejects_brings_what_was_left_out(program):
    source = written(program.folder / "in" / "patients.csv", ONE_BAD)
    exit_code, told = imported(program, source)
    counts = {name: told["patients.csv"][name] for name in ("rows", "new", "rejected", "error")}
    assert (exit_code, counts) == (1, {"rows": 3, "new": 2, "rejected": 1, "error": None})
    assert patients_in(engines.address_in(program.folder)) == ["P1", "P2", "P4"]

    rejects = source.with_name("patients.csv.rejects.csv")
    header, row = table_in(rejects)
    assert header == ["reject_reason", "reject_column", "reject_line", "reject_import", *PATIENT_COLUMNS.split(";")]
    assert row[1:] == ["consent", "3", row[3], "nidelv", "P3", *PERSON.split(";"), "maybe"]
    assert rejects.stat().st_mode & 0o777 == 0o600

    exit_code, told = imported(program, mended(rejects, "maybe", "yes"))
    assert (exit_code, told[rejects.name]["new"], told[rejects.name]["ignored_columns"]) == (0, 1, [])
    assert patients_in(engines.address_in(program.folder)) == ["P1", "P2", "P3", "P4"]
    before = content_of(engines.address_in(program.folder))
    assert imported(program, rejects)[1][rejects.name]["unchanged"] == 1
    assert content_of(engines.address_in(program.folder)) == before


def test_rejects_that_were_not_mended_are_rejected_again(program):
    source = written(program.folder / "in" / "patients.csv", ONE_BAD)
    imported(program, source)
    rejects = source.with_name("patients.csv.rejects.csv")
    exit_code, told = imported(program, rejects)
    assert (exit_code, told[rejects.name]["rejected"]) == (1, 1)
    header, row = table_in(rejects.with_name(f"{rejects.name}.rejects.csv"))
    assert (len(header), [*row[1:3], *row[4:6]]) == (
        len(PATIENT_COLUMNS.split(";")) + 4,
        ["consent", "3", "nidelv", "P3"],
    )


def test_several_files_each_have_their_own_rejects(program):
    files = [written(program.folder / "in" / f"{name}.csv", ONE_BAD) for name in ("one", "two")]
    good = written(program.folder / "in" / "good.csv", PATIENTS.replace("P1", "P5"))
    exit_code, told = imported(program, *files, good)
    assert exit_code == 1
    assert {name: one["rejected"] for name, one in told.items()} == {"one.csv": 1, "two.csv": 1, "good.csv": 0}
    assert patients_in(engines.address_in(program.folder)) == ["P1", "P2", "P4", "P5"]
    assert sorted(path.name for path in good.parent.glob("*.rejects.csv")) == [
        f"{file.name}.rejects.csv" for file in files
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        pytest.param("nidelv;P2;yes", "", id="cells too few"),
        pytest.param("nidelv;P2;yes;;;;;;;more", "", id="cells too many"),
        pytest.param(";P2;;;;;yes", "clinic_id", id="no clinic"),
        pytest.param("nidelv;;;;;;yes", "patient_id", id="no patient"),
        pytest.param("fjord;P2;;;;;yes", "clinic_id", id="an unknown clinic"),
        pytest.param("nidelv;P2;;;;;", None, id="blank consent is no"),
        pytest.param("nidelv;P2;;;nobody;12;yes", None, id="contact details that are none"),
    ],
)
def test_a_row_is_rejected_or_kept(program, row, column):
    source = written(program.folder / "in" / "file.csv", f"{PATIENT_COLUMNS}\n{row}\nnidelv;P3;;;;;yes\n")
    exit_code, told = imported(program, source)
    assert (exit_code, told["file.csv"]["rejected"]) == ((0, 0) if column is None else (1, 1))
    assert "P3" in patients_in(engines.address_in(program.folder))
    if column is not None:
        assert table_in(source.with_name("file.csv.rejects.csv"))[1][1:3] == [column, "2"]


def test_a_dry_run_writes_no_rejects(program):
    source = written(program.folder / "in" / "patients.csv", ONE_BAD)
    before = content_of(engines.address_in(program.folder))
    exit_code, told = imported(program, source, options=["--dry-run"])
    assert (exit_code, told["patients.csv"]["rejected"]) == (1, 1)
    assert os.listdir(source.parent) == ["patients.csv"]
    assert content_of(engines.address_in(program.folder)) == before


# Rejects that cannot be written: their file changes nothing, or says all the same which rows it left out; the others
# are imported and told of


def assert_the_others_came(program, answer):
    """P3 is rejected of b.csv, which holds P2 and P4 too; P5 and P6 stand in a.csv and c.csv."""
    assert answer.exit in (1, 3), answer
    assert "Traceback" not in answer.err
    assert_nobody_is_named(answer)
    told = {os.path.basename(one["path"]): one for one in json.loads(answer.out)["files"]}
    assert {name for name, one in told.items() if not one["error"]} >= {"a.csv", "c.csv"}
    assert told["b.csv"]["error"] or told["b.csv"]["rejects"]
    of_bad = [] if told["b.csv"]["error"] else ["P2", "P4"]
    assert patients_in(engines.address_in(program.folder)) == sorted(["P1", "P5", "P6", *of_bad])


def three_files(program, bad_rows=1):
    texts = {"a": PATIENTS.replace("P1", "P5"), "b": ONE_BAD, "c": PATIENTS.replace("P1", "P6")}
    texts["b"] += f"nidelv;P3;{PERSON};maybe\n" * (bad_rows - 1)
    return [str(written(program.folder / "in" / f"{name}.csv", text)) for name, text in texts.items()]


@pytest.mark.slow
def test_rejects_of_a_file_in_a_read_only_folder(program):
    files = three_files(program)
    answer = notify_on_disks(IN_A_READ_ONLY_FOLDER, program.folder, *GLOBAL_OPTIONS, "import", "--json", *files)
    assert_the_others_came(program, answer)


@pytest.mark.slow
@pytest.mark.parametrize("bad_rows", [pytest.param(1, id="noticed at the end"), pytest.param(900, id="noticed soon")])
def test_rejects_on_a_full_disk(program, bad_rows):
    files = three_files(program, bad_rows)
    answer = notify_on_disks(ON_A_FULL_DISK, program.folder, *GLOBAL_OPTIONS, "import", "--json", *files)
    assert_the_others_came(program, answer)


@pytest.mark.parametrize("rest", ["", "/kept"], ids=["an empty folder", "a folder with something in it"])
def test_rejects_where_a_folder_has_their_name(program, rest):
    files = three_files(program)
    os.makedirs(f"{program.folder}/in/b.csv.rejects.csv{rest}")
    assert_the_others_came(program, program.call(NOW, ["import", "--json", *files]))
    assert not [name for name in os.listdir(program.folder / "in") if name.endswith(".tmp")]


def test_rejects_of_a_file_with_the_longest_name(program):
    source = written(program.folder / "in" / ("b" * 251 + ".csv"), ONE_BAD)
    answer = program.call(NOW, ["import", "--json", str(source)])
    assert answer.exit in (1, 3)
    (told,) = json.loads(answer.out)["files"]
    assert patients_in(engines.address_in(program.folder)) == (["P1"] if told["error"] else ["P1", "P2", "P4"])
    assert_nobody_is_named(answer)
