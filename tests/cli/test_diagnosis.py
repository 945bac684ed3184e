"""SPEC section 8, -v: what it does, on standard error, without personal data; and nothing of that without -v."""

import contextlib
import csv
import io
import json
import logging
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from notifycli.cli.main import main
from tests.delivery.test_listening import SECRET, ours
from tests.delivery.test_receipts import BOUNCE, UNKNOWN
from tests.support.gateways import PASSWORD, USUAL, Cuts, Says, serving
from tests.support.imap_server import imap_server
from tests.support.one_clinic import Clinic, in_a_thread, mail_server
from tests.support.places import REPOSITORY, TESTS
from tests.support.processes import NOTIFY, environment
from tests.support.smtp_server import Script

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
    where = ["--db", str(tmp_path / "notify.db"), "--config", str(tmp_path / "notify.toml")]
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


# Of runs over a mail server and gateways


def test_a_run_over_smtp_tells_hosts_and_ids_and_of_nobody(tmp_path: Path) -> None:
    script = Script(answers={"RCPT": ["550 5.1.1 <kari@post.example>: Kari Nordmann is not known here"]})
    with mail_server(script) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;;Rom 2", "A2;P2;KONS;2026-06-18T11:00;booked;;Rom 2")
        _, told = told_by(tmp_path, "run", at=DUE)
        port = re.search(r"port = (\d+)", config)
    assert port is not None
    lines = "\n".join(our_lines(told))
    assert f"connected to 127.0.0.1:{port[1]}" in lines
    assert re.search(r"looked at 2 subjects: \d to send, \d skipped", lines)
    assert re.search(r"email: claimed \d of \d that are due; deliveries \d", lines)
    assert re.search(r"delivery \d of notice \d: (sent|failed)", lines)
    cells = personal_cells(BASE) | {"Kari Nordmann"}
    assert personal_in(lines, cells, history(tmp_path)) == []


def test_a_mail_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    config = '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
    clinic = Clinic.begun_in(tmp_path, config)
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;;Rom 2")
    _, told = told_by(tmp_path, "run", at=DUE)
    assert "no conversation with 127.0.0.1:9 (connect)" in told
    assert "delivery 1 of notice 1: temporary" in told


@pytest.mark.parametrize("name", sorted(USUAL))
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="takes it"),
        pytest.param(Says(400, "no such number +4791000006, says Kari Nordmann"), id="refuses it"),
        pytest.param(Cuts(), id="breaks off"),
        pytest.param(Says(429, "", {"Retry-After": "3600"}), id="wants a pause"),
    ],
)
def test_a_run_over_a_gateway_tells_hosts_and_ids_and_of_nobody(tmp_path: Path, name: str, answer: Any) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "secret").write_text(SECRET)
    with in_a_thread(serving(USUAL[name], [answer] if answer else [])) as server:
        url = f"{server.url}/cgi-bin/sendsms" if name == "kannel" else server.url  # type: ignore[attr-defined]
        user = "AC0123456789abcdef0123456789abcdef" if name == "twilio" else "nidelv"
        config = (
            f'[sms]\ntransport = "{name}"\nurl = "{url}"\nusername = "{user}"\npassword_file = "password"\n'
            'platform_id = "COMMON_API"\nplatform_partner_id = "30978"\n'
            '[receipts]\npublic_url = "https://notify.nidelv.example"\nsecret_file = "secret"\n'
        )
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.book("A1;P6;KONS;2026-06-18T10:00;booked;;Rom 2")
        _, run = told_by(tmp_path, "run", at=DUE)
        _, receipts = told_by(tmp_path, "receipts", at=LATER)
        port = server.port  # type: ignore[attr-defined]
    lines = "\n".join(our_lines(run + receipts))
    assert f"connected to 127.0.0.1:{port}" in lines
    assert re.search(r"delivery 1 of notice 1: (sent|temporary|permanent|uncertain)", lines)
    cells = personal_cells(BASE) | {"Kari Nordmann"}
    assert personal_in(lines, cells, history(tmp_path)) == []
    assert [one for one in (PASSWORD, SECRET, user) if one in lines.replace("nidelv.example", "")] == (
        [user] if user == "nidelv" else []
    ), "a clinic has the name of that user"


@pytest.mark.parametrize("reason", ["4791000006", "kari_nordmann", "Kari Nordmann"])
def test_what_a_program_of_the_clinic_says_is_not_told(tmp_path: Path, reason: str) -> None:
    program = tmp_path / "send-sms"
    said = json.dumps({"error": "to +4791000006", "kind": "permanent", "reason": reason})
    program.write_text(f"#!/bin/sh\ncat > /dev/null\necho '{said}'\n", encoding="utf-8")
    program.chmod(0o755)
    config = f'[sms]\ntransport = "command"\ncommand = ["{program}", "--key", "open sesame"]\n'
    clinic = Clinic.begun_in(tmp_path, config)
    clinic.book("A1;P6;KONS;2026-06-18T10:00;booked;;Rom 2")
    _, told = told_by(tmp_path, "run", at=DUE)
    lines = "\n".join(our_lines(told))
    assert "send-sms ended with 0" in lines
    assert "delivery 1 of notice 1: permanent" in lines
    assert personal_in(lines, personal_cells(BASE) | {reason, "open sesame"}, history(tmp_path)) == []


# Of receipts


def bounce(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "notify.db")) as connection:
        ((database_id,),) = connection.execute("SELECT json_extract(value, '$') FROM state WHERE name = 'database_id'")
    return BOUNCE.format(ours=f"1.{database_id}", action="failed", status="5.1.1", words=UNKNOWN)


def test_bounces_in_a_folder_are_told_without_their_content(tmp_path: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "bounces" / name).mkdir(parents=True)
    clinic = Clinic.begun_in(tmp_path, '[receipts]\nmaildir = "bounces"\n')
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;;Rom 2")
    assert clinic.json("run", at=DUE)["sent"] == 1
    (tmp_path / "bounces" / "new" / "1.a").write_text(bounce(tmp_path))
    (tmp_path / "bounces" / "new" / "2.a").write_text("Subject: Kari Nordmann spør\n\nHei")
    _, told = told_by(tmp_path, "receipts", at=LATER)
    lines = "\n".join(our_lines(told))
    assert "1 report: failed 1" in lines
    assert "read 2 messages, of which 1 told of deliveries" in lines
    assert personal_in(lines, personal_cells(BASE) | {"Kari Nordmann", "spør"}, history(tmp_path)) == []


def test_bounces_at_an_imap_server_are_told_by_its_host(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame")
    with imap_server(b"Subject: Kari Nordmann\n\nHei") as server:
        config = (
            f'[receipts]\nhost = "127.0.0.1"\nport = {server.port}\ntls = "none"\n'
            'username = "nidelv"\npassword_file = "password"\n'
        )
        Clinic.begun_in(tmp_path, config)
        _, told = told_by(tmp_path, "receipts", at=LATER)
    assert f"connected to 127.0.0.1:{server.port}" in told
    assert "read 1 message, of which 0 told of deliveries" in told
    assert personal_in("\n".join(our_lines(told)), {"Kari Nordmann", "open sesame"}) == []


@contextlib.contextmanager
def talking_listener(clinic: Clinic, told: list[str]) -> Iterator[str]:
    """The address that it says it listens on; `told` gets all that it says."""
    options = ["-v", "--db", "notify.db", "--config", "notify.toml", "receipts", "--listen", "127.0.0.1:0"]
    pipes = {"stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*NOTIFY, *options], cwd=clinic.folder, env=environment(), **pipes) as process:  # type: ignore[call-overload]
        try:
            while not (found := re.match(r"listening on ([\d.]+:\d+);", told[-1] if told else "")):
                told.append(process.stderr.readline())
                assert told[-1], told
            yield found[1]
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            told.extend(process.stderr)


def test_a_gateway_that_calls_back_is_named_and_the_secret_is_not(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    clinic = Clinic.begun_in(tmp_path, '[receipts]\nsecret_file = "secret"\n')
    clinic.book("A1;P6;KONS;2026-06-18T10:00;booked;;Rom 2")
    assert clinic.json("run", at=DUE)["sent"] == 1
    told: list[str] = []
    with talking_listener(clinic, told) as where:
        query = f"type=1&answer=stat:DELIVRD%20text:Kari&at=1780480000&id={ours(clinic)}"
        with urllib.request.urlopen(f"http://{where}/{SECRET}/kannel?{query}", timeout=10) as answer:
            assert answer.status == 200
    lines = "\n".join(our_lines("".join(told)))
    assert "kannel called: 1 report" in lines
    assert "1 report: delivered 1" in lines
    assert personal_in(lines, personal_cells(BASE) | {"Kari", SECRET}, history(tmp_path)) == []


@pytest.mark.slow
def test_a_wait_is_told(tmp_path: Path) -> None:
    """Another program writes as the run begins, and lets go when it is waited for."""
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;;Rom 2")
    with closing(sqlite3.connect(tmp_path / "notify.db", isolation_level=None, check_same_thread=False)) as other:

        class LetGo(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                if "another program writes" in record.getMessage() and other.in_transaction:
                    other.execute("ROLLBACK")

        other.execute("BEGIN IMMEDIATE")
        handler = LetGo()
        logging.getLogger("notifycli").addHandler(handler)
        try:
            code, told = told_by(tmp_path, "run", at=DUE)
        finally:
            logging.getLogger("notifycli").removeHandler(handler)
    assert code == 0
    assert "another program writes; tried again in 1 s" in told
