"""Bad input gets a clear error and nothing is lost: files that cannot be read, options that cannot be meant.

SPEC section 3 ("A file that cannot be read as a whole ... changes nothing") and section 8 (exit codes, --json).
"""

import gzip
import io
import json
import os
import random
import zipfile

import pytest

from tests.support import engines
from tests.support.bad_input import (
    ADDRESS,
    MOBILE,
    NAME,
    NOW,
    PATIENT_COLUMNS,
    PATIENTS,
    PERSON,
    a_clinic_that_has_run,
    assert_nobody_is_named,
    assert_refused,
    content_of,
    last_import,
    patients_in,
    written,
)
from tests.support.processes import NOTIFY, answer_of, notify

TEN_MILLION = 10_000_000
MANY_GOOD_ROWS = "".join(f"nidelv;Q{number};{PERSON};yes\n" for number in range(5_000))


@pytest.fixture
def program(tmp_path):
    return a_clinic_that_has_run(tmp_path)


def holding(content):
    return lambda path: written(path, content)


def a_pipe(path):
    os.mkfifo(path)
    return path


def a_link(target):
    def made(path):
        path.symlink_to(target)
        return path

    return made


def not_made(path):
    return path


def zipped():
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("xl/workbook.xml", PATIENTS)
    return whole.getvalue()


def zeros_and_noise():
    return b"\x7fELF\x02\x01" + random.Random(1).randbytes(50_000) + PATIENTS.encode()


def after_many_good_rows(bad):
    """The trouble shows when thousands of rows have been stored already."""
    return f"{PATIENT_COLUMNS}\n{MANY_GOOD_ROWS}".encode() + bad


def with_cells(count):
    return ";".join(["nidelv", "P1", PERSON, "yes"] + ["x"] * count) + "\n"


UNREADABLE = [
    pytest.param(not_made, "no such file", id="missing"),
    pytest.param(a_pipe, "pipe", id="a pipe that nobody writes to"),
    pytest.param(a_link("/dev/null"), "device", id="the null device"),
    pytest.param(a_link("/dev/zero"), "device", id="a device without end"),
    pytest.param(a_link("nowhere.csv"), "no such file", id="a link to nowhere"),
    pytest.param(a_link("file.csv"), "symbolic links", id="a link to itself"),
    pytest.param(holding(b""), "empty", id="empty"),
    pytest.param(holding(b"\xef\xbb\xbf\r\n \n"), "empty", id="a mark and blank lines"),
    pytest.param(holding(zeros_and_noise()), "no text", id="a binary"),
    pytest.param(holding(zipped()), "no workbook", id="a broken workbook named csv"),
    pytest.param(holding(gzip.compress(PATIENTS.encode())[:-9]), "in the middle", id="compressed and cut off"),
    pytest.param(holding(f"<html><td>{NAME}</td></html>"), "HTML", id="a web page"),
    pytest.param(holding(f"{PATIENTS}\0"), "line 3: a NUL", id="a NUL byte at the end"),
    pytest.param(holding(f"clinic_id\0{PATIENTS}"), "line 1: a NUL", id="a NUL byte in the header"),
    pytest.param(holding(after_many_good_rows(f"nidelv;P1\0;{PERSON};yes\n".encode())), "line 5002", id="a late NUL"),
    pytest.param(holding(PATIENTS.encode("utf-16-le")), "--encoding utf-16-le", id="UTF-16-LE without mark"),
    pytest.param(holding(PATIENTS.encode("utf-16-be")), "NUL", id="UTF-16-BE without mark"),
    pytest.param(holding(PATIENTS.encode("utf-16")[:-1]), "utf-16", id="UTF-16 cut within a letter"),
    pytest.param(holding(after_many_good_rows(b"nidelv;\xb1\xb2\xdb\x81;;;;;yes\n")), "line 5002", id="no encoding"),
    pytest.param(holding(f'"{PATIENTS}'), "quote", id="a quote opened in the header"),
    pytest.param(holding(f'{PATIENTS}nidelv;P2;"{PERSON};yes\n'), "line 3: a quote", id="a quote never closed"),
    pytest.param(holding(f'{PATIENTS}nidelv;P2;"{NAME}"x;;;;yes\n'), "line 3: a quote", id="text after a quote"),
    pytest.param(holding(after_many_good_rows(f'nidelv;P2;"{PERSON};yes\n'.encode())), "line 5002", id="a late quote"),
    pytest.param(holding(f"{NAME};" * TEN_MILLION + "\n"), "line 1", id="ten million columns"),
    pytest.param(holding(PATIENTS + ";" * TEN_MILLION + "\n"), "line 3", id="ten million cells in a row"),
    pytest.param(holding(PATIENTS + with_cells(2_000)), "line 3", id="two thousand cells in a row"),
    pytest.param(holding(after_many_good_rows(with_cells(2_000).encode())), "line 5002", id="a late wide row"),
    pytest.param(holding(PATIENTS.partition("\n")[2]), "no known header", id="no header"),
    pytest.param(holding(PATIENTS.replace("consent", ADDRESS)), "lacks consent", id="a required column is missing"),
    pytest.param(holding(PATIENTS.replace("mobile", "E-post")), "both be email", id="two columns that are the same"),
    pytest.param(holding(f'{{"clinic_id": "nidelv", "patient_id": "P2", "email": "{ADDRESS}"\n'), "line 1",
                 id="JSON that is none"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("make", "words"), UNREADABLE)
def test_a_file_that_cannot_be_read_changes_nothing(program, make, words):
    path = make(in_a_folder(program) / "file.csv")
    before = content_of(engines.address_in(program.folder))
    plain = program.call(NOW, ["import", str(path)])
    assert_refused(plain, 1, f"{path}: ", words)
    as_json = program.call(NOW, ["import", "--json", str(path)])
    (told,) = json.loads(as_json.out)["files"]
    assert (as_json.exit, told["path"], told["rows"], told["rejected"]) == (1, str(path), 0, 0)
    assert words in told["error"]
    assert_nobody_is_named(as_json)
    assert content_of(engines.address_in(program.folder)) == before
    assert last_import(engines.address_in(program.folder)) == ("file.csv", 0, told["error"])
    assert os.listdir(path.parent) == [path.name] * (make is not not_made)


def in_a_folder(program):
    folder = program.folder / "in"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{PATIENT_COLUMNS}\n", id="a header alone"),
        pytest.param(PATIENT_COLUMNS, id="without line end"),
        pytest.param(f"{PATIENT_COLUMNS}\r\n;;;;;;\r\n\r\n", id="blank rows below"),
    ],
)
def test_a_header_alone_is_a_file_of_no_rows(program, text):
    path = written(program.folder / "in" / "file.csv", text)
    before = content_of(engines.address_in(program.folder))
    answer = program.call(NOW, ["import", "--json", str(path)])
    (told,) = json.loads(answer.out)["files"]
    assert (answer.exit, told["kind"], told["rows"], told["error"]) == (0, "patients", 0, None)
    assert content_of(engines.address_in(program.folder)) == before


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_bad_file_keeps_none_of_the_others_back(program, place):
    good = written(program.folder / "in" / "good.csv", PATIENTS.replace("P1", "P2"))
    types = written(program.folder / "in" / "types.csv", "clinic_id;type_id;notifications\nnidelv;KONT;yes\n")
    bad = written(program.folder / "in" / "bad.csv", f"{PATIENTS}\0")
    files = [good, types]
    files.insert(place, bad)
    answer = program.call(NOW, ["import", "--json", *map(str, files)])
    told = {one["path"]: (one["new"], bool(one["error"])) for one in json.loads(answer.out)["files"]}
    assert answer.exit == 1
    assert told == {str(bad): (0, True), str(good): (1, False), str(types): (1, False)}
    assert patients_in(engines.address_in(program.folder)) == ["P1", "P2"]


# Cells in the wrong place


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        pytest.param("clinic_id;patient_id;consent", f"nidelv;P2;{ADDRESS}", id="an address for a consent"),
        pytest.param("clinic_id;patient_id;consent;push_allowed", f"nidelv;P2;yes;{MOBILE}", id="a number for yes"),
        pytest.param("clinic_id;patient_id;consent;last_login_at", f"nidelv;P2;yes;{MOBILE}", id="a number for a time"),
        pytest.param("clinic_id;patient_id;consent;preferred_method", f"nidelv;P2;yes;{ADDRESS}",
                     id="an address for a method"),
        pytest.param("clinic_id;patient_id;consent;language", f"nidelv;P2;yes;{NAME}", id="a name for a language"),
        pytest.param("clinic_id;appointment_id;patient_id;starts_at;status", f"nidelv;A2;P1;{NAME};booked",
                     id="a name for a time"),
        pytest.param("clinic_id;appointment_id;patient_id;starts_at;status", f"nidelv;A2;P1;2026-06-18T10:00;{NAME}",
                     id="a name for a status"),
        pytest.param("clinic_id;dialog_id;patient_id;kind", f"nidelv;D1;P1;{ADDRESS}", id="an address for a kind"),
        pytest.param("clinic_id;patient_id;consent;email;mobile", f"nidelv;P2;yes;{MOBILE}x;{ADDRESS}",
                     id="contact details that are none"),
    ],
)  # fmt: skip
def test_columns_that_slipped_tell_nobody_whose_they_are(program, columns, cells):
    path = written(program.folder / "in" / "file.csv", f"{columns}\n{cells}\n")
    answer = program.call(NOW, ["import", str(path)])
    assert "file.csv, line 2" in answer.err
    assert_nobody_is_named(answer)
    assert_nobody_is_named(program.call(NOW, ["import", "--json", str(path)]))


def test_a_cell_that_is_blank_takes_what_the_contract_names(program):
    columns = "clinic_id;name;country;timezone;language"
    clinics = written(program.folder / "in" / "clinics.csv", f"{columns}\nfjord;Fjord;;;\n")
    assert program.call(NOW, ["import", str(clinics)]).exit == 0
    (fjord,) = (row for row in content_of(engines.address_in(program.folder))["clinic"] if row[0] == "fjord")
    assert {"NO", "Europe/Oslo", "nb"} <= set(fjord)


# Options and configuration


@pytest.mark.parametrize(
    ("options", "arguments", "words"),
    [
        pytest.param([], ["import", "FILE", "--frce"], "--frce", id="an unknown option"),
        pytest.param(["--frob"], ["import", "FILE"], "--frob", id="an unknown global option"),
        pytest.param([], ["improt", "FILE"], "improt", id="an unknown command"),
        pytest.param([], ["import"], "FILE", id="no file"),
        pytest.param([], ["import", "FILE", "--kind", "patient"], "patients", id="an unknown kind"),
        pytest.param([], ["import", "FILE", "--kind"], "--kind", id="an option without its value"),
        pytest.param([], ["import", "FILE", "--encoding", "utf-99"], "utf-16-le", id="an unknown encoding"),
        pytest.param(["--now", "31.11.2026 09:00"], ["import", "FILE"], "--now", id="a date that is none"),
        pytest.param(["--now", "soon"], ["import", "FILE"], "--now", id="a time that is none"),
        pytest.param(["--now", "soon"], ["run"], "--now", id="a time that is none, to run"),
        pytest.param([], ["run", "--relase"], "--relase", id="an unknown option of run"),
        pytest.param([], ["run", "now"], "now", id="an argument too many"),
        pytest.param(["--now", ""], ["import", "FILE"], "--now", id="a blank time"),
        pytest.param(["--now", "2026-03-29T02:30"], ["import", "FILE"], "--now", id="a time that summer skips"),
        pytest.param(["--now", "9999-12-31T23:59:59-14:00"], ["import", "FILE"], "--now", id="beyond all years"),
    ],
)
def test_wrong_usage_is_told_and_does_nothing(program, options, arguments, words):
    path = written(program.folder / "in" / "file.csv", PATIENTS.replace("P1", "P2"))
    before = content_of(engines.address_in(program.folder))
    given = [str(path) if one == "FILE" else one for one in arguments]
    for more in ([], ["--json"]):
        answer = program.call(NOW, [*options, *given, *more])
        assert_refused(answer, 2, words)
        assert answer.out == ""
    assert content_of(engines.address_in(program.folder)) == before


FROM = f'from = "{NAME} <{ADDRESS}>"'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(f"[email]\n{FROM}\nhots = '{MOBILE}'\n", "did you mean 'host'", id="a key with a typo"),
        pytest.param(f"[emial]\n{FROM}\n", "did you mean [email]", id="a table with a typo"),
        pytest.param(f"[email]\n{FROM[:-1]}\n", "line 2", id="a quote never closed"),
        pytest.param(f"[email\n{FROM}\n", "line 1", id="a bracket never closed"),
        pytest.param(f"[email]\n{FROM}\nport = '{MOBILE}'\n", "port", id="a text for a number"),
        pytest.param(f"[email]\n{FROM}\n{FROM}\n", "line", id="a key twice"),
        pytest.param(f"[limits]\nmax_due = -1\n# {ADDRESS}\n", "max_due", id="a number out of range"),
        pytest.param(f"# {NAME}\0\n", "line 1", id="a NUL byte"),
        pytest.param(b"# \xff\xfe\n", "UTF-8", id="not UTF-8"),
    ],
)
def test_a_configuration_with_a_mistake_is_told_and_nothing_is_done(program, text, words):
    path = written(program.folder / "in" / "file.csv", PATIENTS.replace("P1", "P2"))
    config = written(program.folder / "notify.toml", text)
    before = content_of(engines.address_in(program.folder))
    for command in (["import", str(path)], ["import", "--json", str(path)], ["run"], ["history", "--json"]):
        answer = program.call(NOW, command)
        assert_refused(answer, 3, str(config), words)
        assert answer.out == ""
    assert content_of(engines.address_in(program.folder)) == before


def test_a_configuration_that_is_not_there_is_told(program):
    answer = program.call(NOW, ["--config", str(program.folder / "no.toml"), "history"])
    assert_refused(answer, 3, "no.toml", "notify init")


# Where the answer goes


@pytest.mark.slow
@pytest.mark.parametrize(
    "shell",
    [
        pytest.param('"$@" > /dev/full', id="a full disk"),
        pytest.param('"$@" >&-', id="closed"),
        pytest.param('"$@" | true', id="a reader that is gone"),
    ],
)
@pytest.mark.parametrize("command", [["import", "in/file.csv"], ["history", "--json"]], ids=["import", "history"])
def test_an_answer_that_nobody_takes_is_no_traceback(program, shell, command):
    written(program.folder / "in" / "file.csv", PATIENTS.replace("P1", "P2"))
    call = ["sh", "-c", shell, "sh", *notify_on(program), *command]
    answer = answer_of(call, program.folder)
    assert "Traceback" not in answer.err
    assert len(answer.err.splitlines()) <= 2
    assert_nobody_is_named(answer)
    if command[0] == "import":
        assert patients_in(engines.address_in(program.folder)) == ["P1", "P2"]


def notify_on(program):
    return [*NOTIFY, "--db", str(engines.address_in(program.folder)), "--config", str(program.folder / "notify.toml")]


@pytest.mark.slow
def test_a_whole_process_says_the_same(program):
    answer = notify(program.folder, "--db", str(engines.address_in(program.folder)), "import", "nowhere.csv")
    assert_refused(answer, 1, "nowhere.csv: there is no such file")
