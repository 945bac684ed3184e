"""The sample data and the crontab are what they say: files, encodings, invented people, a story that can be played."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from notifycli.domain.contact import can_get_sms, email_address, phone_number
from notifycli.store.engine import open_store
from tests.support.places import REPOSITORY
from tests.support.processes import environment

SAMPLE = REPOSITORY / "sample_data"
CRONTAB = REPOSITORY / "crontab.example"
NOTIFY = str(Path(sys.executable).with_name("notify"))
COMMANDS = {
    "receipts",
    *("demo", "init", "import", "run", "history", "show", "why", "upcoming", "check", "module", "type", "patient"),
    *("retry", "resolve", "status", "doctor"),
}


class Form(NamedTuple):
    """How a file is written, and how many rows it has below its header."""

    rows: int
    encoding: str = "utf-8"
    separator: str = ";"
    line_end: str = "\n"


FORMS = {
    "day-1/clinics.csv": Form(2),
    "day-1/types.csv": Form(10),
    "day-1/pasienter.csv": Form(44, "cp1252", line_end="\r\n"),
    "day-1/patients-lofoten.csv": Form(18, separator=","),
    "day-1/appointments.csv": Form(69),
    "day-1/timar-lofoten.csv": Form(22, "utf-8-sig", line_end="\r\n"),
    "day-1/appointments-0956.csv": Form(38),
    "day-1/appointments-0958.csv": Form(5),
    "day-1/dialogs.csv": Form(9),
    "day-1/receipts.csv": Form(4),
    "day-1/external.csv": Form(4),
    "day-2/pasienter.csv": Form(46, "cp1252", line_end="\r\n"),
    "day-2/appointments.csv": Form(105),
    "day-2/timar-lofoten.csv": Form(27, "utf-8-sig", line_end="\r\n"),
    "day-2/migrated.csv": Form(8),
    "day-3/appointments-with-errors.csv": Form(12, line_end="\r\n"),
    "day-3/appointments-mended.csv": Form(9, "utf-8-sig", line_end="\r\n"),
    "day-3/appointments.csv": Form(110),
    "day-3/receipts.csv": Form(5),
}
FILES = {*FORMS, "day-2/dialogs.ndjson"}
ROW_WITH_A_CELL_TOO_MANY = ("day-3/appointments-with-errors.csv", 10)
LONGEST_SENTENCE = 160
NO_ADDRESS = {"1016"}
NO_NUMBER = {"1022"}
LANDLINES = {"1015", "1026"}
INVENTED_NUMBERS = re.compile(r"\+47(910|400)000\d\d|\+477[36]0000\d\d|\+46701740(60[5-9]|6[1-9]\d)")


def text_of(name: str) -> str:
    return (SAMPLE / name).read_bytes().decode(FORMS[name].encoding)


def table_of(name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text_of(name), newline=""), delimiter=FORMS[name].separator, strict=True))


def rows_of(name: str) -> list[dict[str, str]]:
    header, *rows = table_of(name)
    return [dict(zip(header, row, strict=False)) for row in rows]


def people() -> list[dict[str, str]]:
    """Patients of both clinics, as the latest file of each tells of them, under the contract's column names."""
    own_names = {"Pasientnr": "patient_id", "E-post": "email", "Mobil": "mobile", "Språk": "language"}
    nidelv = [{own_names.get(name, name): cell for name, cell in row.items()} for row in rows_of("day-2/pasienter.csv")]
    return nidelv + rows_of("day-1/patients-lofoten.csv")


def steps() -> list[dict[str, Any]]:
    document = tomllib.loads((SAMPLE / "demo.toml").read_text(encoding="utf-8"))
    assert set(document) == {"steps"}
    found = document["steps"]
    assert isinstance(found, list)
    return found


def step_id(step: dict[str, Any]) -> str:
    return f"{step['at'][:16]} {' '.join(step.get('notify', ['run']))}"[:70]


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    assert found.tzinfo is not None
    return found


def test_the_folder_holds_the_files_that_are_looked_at_here() -> None:
    present = {path.relative_to(SAMPLE).as_posix() for path in SAMPLE.rglob("*") if path.is_file()}
    assert present == {*FILES, "demo.toml", "README.md"}


@pytest.mark.parametrize("name", FORMS)
def test_a_file_is_in_its_encoding_and_no_other(name: str) -> None:
    raw, form = (SAMPLE / name).read_bytes(), FORMS[name]
    text = raw.decode(form.encoding)
    assert text.encode(form.encoding) == raw
    assert raw.startswith(b"\xef\xbb\xbf") is (form.encoding == "utf-8-sig")
    assert Counter(re.findall(r"\r\n|\r|\n", text)).keys() == {form.line_end}
    if form.encoding == "cp1252":
        with pytest.raises(UnicodeDecodeError):
            raw.decode("utf-8")


def test_some_names_need_more_than_windows_1252() -> None:
    with pytest.raises(UnicodeEncodeError):
        text_of("day-1/patients-lofoten.csv").encode("cp1252")


@pytest.mark.parametrize("name", FORMS)
def test_a_file_has_its_rows_and_each_row_its_cells(name: str) -> None:
    header, *rows = table_of(name)
    assert len(rows) == FORMS[name].rows
    odd = [(name, line) for line, row in enumerate(rows, start=2) if len(row) != len(header)]
    assert odd == [pair for pair in [ROW_WITH_A_CELL_TOO_MANY] if pair[0] == name]


def test_the_ndjson_holds_dialogs_and_no_content() -> None:
    rows = [json.loads(line) for line in (SAMPLE / "day-2/dialogs.ndjson").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 5
    assert {tuple(row) for row in rows} == {("clinic_id", "dialog_id", "patient_id", "kind", "sent_at")}


def test_how_many_patients_and_appointments_there_are() -> None:
    booked: dict[str, set[str]] = {"nidelv": set(), "lofoten": set()}
    books = [name for name in FORMS if "appointments" in name or "timar" in name or "migrated" in name]
    for name in set(books) - {ROW_WITH_A_CELL_TOO_MANY[0]}:
        for row in rows_of(name):
            clinic = row.get("clinic_id") or row.get("Klinikk") or "lofoten"
            booked[clinic].add(row.get("appointment_id") or row["Timenr"])
    assert len({row["patient_id"] for row in people()}) == 64
    assert {clinic: len(ids) for clinic, ids in booked.items()} == {"nidelv": 118, "lofoten": 35}


@pytest.mark.parametrize("name", sorted([*FILES, "README.md", "demo.toml"]))
def test_no_address_leads_out_of_example(name: str) -> None:
    text = (SAMPLE / name).read_bytes().decode(FORMS[name].encoding if name in FORMS else "utf-8")
    domains = re.findall(r"@([\w.-]+)|https?://([^/;,\s]+)", text)
    assert [found for found in domains if not "".join(found).endswith(".example")] == []
    assert not re.search(r"(?<!\d)\d{11}(?!\d)", text), "eleven digits in a row look like a national identity number"


def test_the_crontab_names_no_real_domain() -> None:
    domains = re.findall(r"@([\w.-]+)", CRONTAB.read_text(encoding="utf-8"))
    assert domains == ["nidelv.example"]


def test_e_mail_addresses_are_valid_but_for_one() -> None:
    invalid = {row["patient_id"] for row in people() if row["email"] and email_address(row["email"]) is None}
    assert invalid == NO_ADDRESS


def test_phone_numbers_are_valid_but_for_one_and_from_the_invented_series() -> None:
    numbers = {row["patient_id"]: phone_number(row["mobile"]) for row in people() if row["mobile"]}
    assert {patient for patient, number in numbers.items() if number is None} == NO_NUMBER
    valid = {patient: number for patient, number in numbers.items() if number}
    assert {patient for patient, number in valid.items() if not can_get_sms(number)} == LANDLINES
    assert [number for number in valid.values() if not INVENTED_NUMBERS.fullmatch(number)] == []
    assert len(set(valid.values())) == len(valid)


def test_every_language_occurs_and_none() -> None:
    assert {row["language"] for row in people()} == {"", "nb", "nn", "en"}


@pytest.mark.parametrize("step", steps(), ids=step_id)
def test_a_step_is_well_formed(step: dict[str, Any]) -> None:
    assert {"at", "say"} <= set(step) <= {"at", "say", "notify", "run", "exit"}
    assert ("notify" in step) != ("run" in step)
    assert re.fullmatch(r"[A-Z][^\n]*[.?]", step["say"])
    assert len(step["say"]) <= LONGEST_SENTENCE
    if "run" in step:
        assert set(step["run"]) == {"until", "every_minutes"}
        assert moment(step["run"]["until"]) > moment(step["at"])
        assert step["run"]["every_minutes"] in range(1, 61)
        return
    assert step["notify"][0] in COMMANDS - {"show", "demo", "init"}
    assert all(isinstance(argument, str) for argument in step["notify"])


def test_the_steps_are_in_the_order_of_their_times() -> None:
    times = [moment(at) for step in steps() for at in (step["at"], step.get("run", {}).get("until", step["at"]))]
    assert times == sorted(times)
    assert {time.weekday() for time in times} == {0, 1, 2}


def test_the_story_imports_every_file_and_no_other() -> None:
    named = {argument for step in steps() for argument in step.get("notify", []) if "/" in argument}
    assert named == FILES


def test_a_newcomer_sees_each_kind_of_command() -> None:
    shown = {step["notify"][0] for step in steps() if "notify" in step}
    assert shown == {"import", "check", "patient", "why", "history", "type", "module", "upcoming"}


def test_the_readme_names_every_file() -> None:
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(day-\d/[^`]+)`", text)) == FILES


def test_the_readme_names_only_subjects_that_there_are() -> None:
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    known = {cell for name in FORMS for row in table_of(name) for cell in row}
    known |= set(re.findall(r'"(D\d+)"', (SAMPLE / "day-2/dialogs.ndjson").read_text(encoding="utf-8")))
    windows_code_page = {"1252"}
    assert set(re.findall(r"`([ADMRX]\d+)`", text)) - known == set()
    assert set(re.findall(r"\b1\d{3}\b", text)) - known == windows_code_page


def test_the_last_export_moves_more_than_one_file_may() -> None:
    before = {row["appointment_id"]: row["starts_at"] for row in rows_of("day-2/appointments.csv")}
    future = [row for row in rows_of("day-3/appointments.csv") if row["status"] == "booked"]
    moved = [row for row in future if before.get(row["appointment_id"], row["starts_at"]) != row["starts_at"]]
    assert len(moved) == 22
    assert len(moved) > len(future) / 10


def test_most_rows_of_a_whole_book_are_unchanged() -> None:
    yesterday = {tuple(row) for name in FORMS if name.startswith("day-1/appointments") for row in table_of(name)}
    today = {tuple(row) for row in table_of("day-2/appointments.csv")}
    assert len(today & yesterday) > len(today) * 0.8


VARIABLE = re.compile(r"([A-Z_]+)=(\S+)")
FIELD = r"(\*|\d+)(-\d+)?(/\d+)?(,\d+(-\d+)?)*"
JOB = re.compile(rf"({FIELD} {FIELD} {FIELD} {FIELD} {FIELD})  (\S.*)")


def crontab_lines() -> list[str]:
    lines = CRONTAB.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def jobs() -> list[str]:
    return [match.group(match.re.groups) for line in crontab_lines() if (match := JOB.fullmatch(line))]


def crontab_variables() -> dict[str, str]:
    found = [match for line in crontab_lines() if (match := VARIABLE.fullmatch(line))]
    return {match[1]: match[2] for match in found}


def import_job() -> str:
    (found,) = [job for job in jobs() if "import" in job]
    return found


def test_a_crontab_line_is_a_variable_or_five_fields_and_a_command() -> None:
    assert [line for line in crontab_lines() if not VARIABLE.fullmatch(line) and not JOB.fullmatch(line)] == []
    assert len(jobs()) == 5
    assert not any("%" in job for job in jobs()), "cron makes a line end of every %"


def test_the_crontab_calls_commands_that_there_are() -> None:
    called = [re.findall(r'"\$NOTIFY" (\w+)', job) for job in jobs()]
    assert called == [["run"], ["import"], ["receipts"], ["check"], ["status"]]
    assert {word for words in called for word in words} <= COMMANDS


def test_the_crontab_variables_hold_whole_texts_and_are_all_there() -> None:
    variables = crontab_variables()
    assert [value for value in variables.values() if re.search(r"[$~]", value)] == []
    assert set(re.findall(r"\$([A-Z]+)", " ".join(jobs()))) <= set(variables)
    assert {"MAILTO", "NOTIFY_DB", "NOTIFY_CONFIG"} <= set(variables)


@pytest.mark.slow
def test_the_import_line_moves_what_was_imported_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "done").mkdir()
    whole = {"a b.csv": "clinic_id;name\nnidelv;Nidelv\n", "-c.ndjson": '{"clinic_id": "nidelv", "name": "Nidelv"}\n'}
    rejected = {"rows.csv": "clinic_id;dialog_id;patient_id;kind\nnowhere;D1;P1;dialog\n"}
    others = {"half.csv": 'clinic_id;name\nnidelv;"Nid', "a.csv.rejects.csv": "", ".b.csv": "", "later.csv.part": ""}
    for name, text in (whole | rejected | others).items():
        aged(tmp_path / name, text)
    told = run_by_cron(import_job(), tmp_path, NOTIFY)
    assert {path.name for path in (tmp_path / "done").iterdir()} == {*whole, *rejected}
    assert {*others, "rows.csv.rejects.csv"} <= {path.name for path in tmp_path.iterdir()}
    assert "half.csv: line 2" in told
    assert "half.csv" not in run_by_cron(import_job(), tmp_path, NOTIFY)


def test_nothing_moves_where_notify_cannot_work(tmp_path: Path) -> None:
    (tmp_path / "done").mkdir()
    (tmp_path / "a.csv").touch()
    run_by_cron(import_job(), tmp_path, "absent-program")
    assert list((tmp_path / "done").iterdir()) == []


@pytest.mark.slow
def test_the_import_line_says_nothing_where_there_is_nothing(tmp_path: Path) -> None:
    open_store(tmp_path / "notify.db").close()
    (tmp_path / "done").mkdir()
    assert run_by_cron(import_job(), tmp_path, NOTIFY) == ""


@pytest.mark.slow
def test_the_import_line_says_nothing_of_what_is_still_being_written(tmp_path: Path) -> None:
    open_store(tmp_path / "notify.db").close()
    (tmp_path / "done").mkdir()
    (tmp_path / "half.csv").write_text('clinic_id;name\nnidelv;"Nid')
    assert run_by_cron(import_job(), tmp_path, NOTIFY) == ""
    assert list((tmp_path / "done").iterdir()) == []


def aged(path: Path, text: str) -> None:
    """A file whose writer has left it long ago."""
    path.write_text(text)
    os.utime(path, (0, 0))


def run_by_cron(line: str, folder: Path, program: str) -> str:
    variables = {"NOTIFY": program, "EXPORTS": str(folder), "NOTIFY_DB": str(folder / "notify.db")}
    done = subprocess.run(
        ["sh", "-c", line], env=environment() | variables, capture_output=True, text=True, timeout=30, check=False
    )
    return done.stdout + done.stderr
