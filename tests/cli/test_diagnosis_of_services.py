"""`-v` of mail servers, gateways and receipts: hosts and numbers are told, and nobody (SPEC section 8)."""

import contextlib
import json
import logging
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notifycli.store import journal
from tests.cli.test_diagnosis import BASE, DUE, LATER, history, our_lines, personal_cells, personal_in, told_by
from tests.delivery.test_listening import SECRET, ours
from tests.delivery.test_receipts import BOUNCE, UNKNOWN
from tests.support import engines
from tests.support.gateways import PASSWORD, USUAL, Cuts, Says, serving
from tests.support.imap_server import imap_server
from tests.support.one_clinic import Clinic, in_a_thread, mail_server
from tests.support.processes import NOTIFY, environment
from tests.support.smtp_server import Script

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
    with engines.connected(folder) as connection:
        database_id = journal.database_id(connection)
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
    options = [
        "-v",
        "--db",
        str(engines.address_in(clinic.folder)),
        "--config",
        "notify.toml",
        "receipts",
        "--listen",
        "127.0.0.1:0",
    ]
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


@pytest.mark.slow
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
    with engines.connected(tmp_path) as other:

        class LetGo(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                if "another program writes" in record.getMessage() and other.in_transaction:
                    other.undo()

        other.begin_writing(durable=False)
        handler = LetGo()
        logging.getLogger("notifycli").addHandler(handler)
        try:
            code, told = told_by(tmp_path, "run", at=DUE)
        finally:
            logging.getLogger("notifycli").removeHandler(handler)
    assert code == 0
    assert "another program writes; tried again in 1 s" in told
