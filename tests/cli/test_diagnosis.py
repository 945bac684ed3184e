"""SPEC section 8, -v: what it does, on standard error, without personal data; and nothing of that without -v."""

import contextlib
import csv
import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notifycli.cli.main import main
from tests.support import engines
from tests.support.one_clinic import Clinic
from tests.support.places import REPOSITORY, TESTS

pytestmark = pytest.mark.slow

SAMPLES, BASE = REPOSITORY / "sample_data", TESTS / "cases" / "base"
NOON, DUE, LATER = (f"2026-06-03T12:{minutes}:00+02:00" for minutes in ("00", "06", "20"))
PERSONAL = re.compile(
    r"first|given|fornavn|family|etternavn|name|navn|mail|e-post|mobil|push_token|address|sms|phone|portal|payments|sted|location",
    re.IGNORECASE,
)
CLINICS = {"nidelv", "lofoten", "lofotveggen"}  # ids, and senders of SMS like them
LINE = re.compile(r" *\d+ ms  [a-z_.0-9]+: \S.*")


def personal_cells(folder: Path) -> set[str]:
    """Every name, address, number and place in the files, of three letters or more."""
    found: set[str] = set()
    for path in folder.rglob("*.csv"):
        text = path.read_bytes()
        lines = text.decode("utf-8-sig" if _is_utf8(text) else "cp1252").splitlines()
        for row in csv.DictReader(lines, delimiter=";" if ";" in lines[0] else ","):
            found |= {value for name, value in row.items() if name and value and PERSONAL.search(name)}
    return {cell for cell in found if len(cell) >= 3 and cell.casefold() not in CLINICS}


def _is_utf8(text: bytes) -> bool:
    with contextlib.suppress(UnicodeDecodeError):
        return bool(text.decode()) or True
    return False


def personal_in(told: str, cells: set[str], rows: list[dict[str, Any]] = ()) -> list[str]:
    """What of that, of the addresses written to and of the messages' lines stands in it."""
    written = {row["address"] for row in rows if row["address"]}
    lines = {line.strip() for row in rows for line in (row["text"] or "").splitlines() if len(line.strip()) >= 3}
    plain = told.casefold()
    digits = re.sub(r"[ .-]", "", told)
    numbers = {re.sub(r"\D", "", cell)[-8:] for cell in cells | written if re.fullmatch(r"[+\d ]{8,}", cell)}
    found = [one for one in cells | written | lines if re.search(rf"\b{re.escape(one.casefold())}\b", plain)]
    return found + [one for one in numbers if one in digits]


def told_by(folder: Path, *arguments: str, at: str = NOON) -> tuple[int, str]:
    """The exit code and what -v says."""
    answer = Clinic(folder).call("-v", *arguments, at=at)
    assert answer.err, arguments
    return answer.exit, answer.err


def our_lines(told: str) -> list[str]:
    return [line for line in told.splitlines() if LINE.fullmatch(line)]


@pytest.fixture
def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NOTIFY_DB", "NOTIFY_CONFIG", "NOTIFY_NOW"):
        monkeypatch.delenv(name, raising=False)


# Of the whole tour and of each command


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder, out, err = tmp_path_factory.mktemp("tour") / "played", io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        assert main(["-v", "demo", "--json", "--folder", str(folder)]) == 0
    assert json.loads(out.getvalue())["as_told"]
    return folder, err.getvalue()


def history(folder: Path) -> list[dict[str, Any]]:
    return list(Clinic(folder).json("history", "--limit", "0"))


def test_the_sample_data_hold_what_must_not_be_told() -> None:
    cells = personal_cells(SAMPLES)
    assert len(cells) > 100
    assert {"Sigrid", "Aune", "sigrid.aune@post.example", "91 00 00 01", "Rom 1", "demo-token-1002"} <= cells
    assert personal_in("handed over to +47 910 00 001", cells)
    assert personal_in("Sigrid has it", cells)


@pytest.mark.slow
def test_the_tour_tells_what_it_does_and_of_nobody(tour: tuple[Path, str]) -> None:
    folder, told = tour
    assert len(our_lines(told)) > 200
    assert personal_in(told, personal_cells(SAMPLES), history(folder)) == []
    for what in ("appointments.csv", "pasienter.csv", "subjects", "delivery 1 ", "transport outbox"):
        assert what in told


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ["history"],
        ["history", "--json", "--patient", "1001"],
        ["why", "appointment", "A1", "--clinic", "nidelv"],
        ["show", "1"],
        ["upcoming"],
        ["check"],
        ["patient", "show", "nidelv", "1001"],
        ["patient", "set", "nidelv", "1001", "--email", "ny.adresse@post.example", "--mobile", "91 00 00 77"],
        ["module", "list"],
        ["type", "list", "nidelv"],
        ["imports"],
        ["imports", "show", "3"],
        ["status"],
        ["doctor"],
        ["run", "--dry-run"],
        ["import", "--dry-run", str(SAMPLES / "day-1" / "pasienter.csv")],
        ["import", "--explain", str(SAMPLES / "day-1" / "pasienter.csv")],
    ],
    ids=lambda arguments: " ".join(arguments[:3]).replace(str(SAMPLES), ""),
)
@pytest.mark.sqlite("the tour is played on one")
def test_each_command_tells_which_database_and_settings_and_of_nobody(
    tour: tuple[Path, str], arguments: list[str]
) -> None:
    folder, _ = tour
    _, told = told_by(folder, *arguments)
    lines = "\n".join(our_lines(told))
    assert f"database {folder / 'notify.db'}" in lines or "--explain" in arguments
    assert f"settings of {folder / 'notify.toml'}" in lines or arguments[0] in ("doctor", "patient", "show", "why")
    cells = personal_cells(SAMPLES) | {"ny.adresse@post.example", "91 00 00 77"}
    assert personal_in(lines, cells, history(folder)) == []


def test_every_line_says_when_and_which_part_speaks(tour: tuple[Path, str]) -> None:
    _, told = told_by(tour[0], "status")
    assert all(LINE.fullmatch(line) for line in told.splitlines() if not line.startswith("notify: "))


@pytest.mark.parametrize(
    "arguments",
    [["status"], ["run"], ["history"], ["import", str(SAMPLES / "day-1" / "types.csv")], ["receipts"]],
    ids=lambda arguments: arguments[0],
)
def test_nothing_is_configured_and_nothing_told_without_v(tour: tuple[Path, str], arguments: list[str]) -> None:
    before = (logging.root.handlers[:], logging.root.level)
    Clinic(tour[0]).call("-v", *arguments)
    answer = Clinic(tour[0]).call(*arguments)
    assert our_lines(answer.err) == []
    of_ours = logging.getLogger("notifycli")
    assert (of_ours.handlers, of_ours.level) == ([], logging.NOTSET)
    assert (logging.root.handlers[:], logging.root.level) == before


def test_it_says_that_there_are_no_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], without_settings: None
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["-v", "status"]) in (0, 1)
    told = capsys.readouterr().err
    assert "no notify.toml" in told
    assert f"database {tmp_path / 'notify.db'}" in told


def test_a_closed_standard_error_breaks_nothing_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;;Rom 2")
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    where = ["--db", str(engines.address_in(tmp_path)), "--config", str(tmp_path / "notify.toml")]
    assert main(["-v", *where, "--now", DUE, "run"]) == 0
    monkeypatch.undo()
    assert [row["status"] for row in clinic.json("history")] == ["sent"]


def test_what_a_terminal_would_obey_is_shown(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    path = tmp_path / "types\x1b[31m\u202e.csv"
    path.write_text("clinic_id;type_id;name\nnidelv;X;Ny\n", encoding="utf-8")
    told = clinic.call("-v", "import", str(path)).err
    assert "types" in told
    assert not {"\x1b", "\u202e"} & set(told)


# Of an import


def test_an_import_tells_its_steps_with_counts(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    (tmp_path / "patients.csv").write_text(
        "clinic_id;patient_id;given_name;email;consent\n"
        "nidelv;P90;Torbjørn;torbjorn@post.example;yes\n"
        "nidelv;P91;Sunniva;torbjorn(at)post.example;no\n"
        ";P92;Ragnhild;;yes\n",
        encoding="utf-8",
    )
    _, told = told_by(tmp_path, "import", str(tmp_path / "patients.csv"))
    assert "1 file to read" in told
    assert "patients.csv: begins as import 4, kind patients" in told
    assert re.search(r"patients.csv: 3 rows, 2 new, 0 changed, 0 unchanged, 0 stale, 1 rejected, \d warnings", told)
    assert "patients.csv: stored" in told
    assert personal_in("\n".join(our_lines(told)), {"Torbjørn", "torbjorn@post.example", "Sunniva", "Ragnhild"}) == []
    assert clinic.call("imports", "show", "4").exit == 0


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param("a.csv", "Ola Nordmann;ola@post.example\n", "a.csv: not read", id="no header, but a patient"),
        pytest.param("a.csv", "", "a.csv: not read", id="empty"),
        pytest.param("a.xlsx", "Ola Nordmann;ola@post.example", "a.xlsx: not read", id="no workbook"),
        pytest.param("a.json", '{"name": "Ola Nordmann"', "a.json: not read", id="broken JSON"),
        pytest.param("a.hl7", "PID|1||Ola Nordmann^ola@post.example", "a.hl7: not read", id="broken HL7"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_without_its_cells(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    Clinic.begun_in(tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")
    code, told = told_by(tmp_path, "import", str(tmp_path / name))
    lines = "\n".join(our_lines(told))
    assert code == 1
    assert expected in lines
    assert personal_in(lines, {"Ola", "Nordmann", "ola@post.example"}) == []


def test_an_import_that_is_stopped_says_so(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    rows = [f"A{number};P1;KONS;2026-06-18T10:{number % 60:02}" for number in range(40)]
    clinic.book(*(f"{row};booked;;" for row in rows))
    (tmp_path / "off.csv").write_text(
        "clinic_id;appointment_id;patient_id;type_id;starts_at;status\n"
        + "".join(f"nidelv;{row};cancelled\n" for row in rows),
        encoding="utf-8",
    )
    code, told = told_by(tmp_path, "import", str(tmp_path / "off.csv"))
    assert code == 4
    assert "off.csv: held back at nidelv: 40 of 40" in told
