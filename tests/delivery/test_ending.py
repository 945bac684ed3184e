"""A run that is told to end begins nothing more and waits for what is on its way (SPEC section 7).

In processes of their own, with servers on loopback that take a moment for each message; signals come at random moments.
NOTIFY_ENDINGS=20 ends 20 runs in each of the ways, otherwise three.
"""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from notifycli.delivery import in_flight
from notifycli.store.engine import writing
from tests.delivery.test_gateways_from_the_run import gateway
from tests.support import engines
from tests.support.gateways import ACCOUNT, IsSilent, Says
from tests.support.many_clinics import NOON
from tests.support.one_clinic import Clinic, mail_server
from tests.support.processes import NOTIFY, environment
from tests.support.smtp_server import SILENCE, Script, ScriptedServer

pytestmark = pytest.mark.slow

IS_LONG = os.environ.get("NOTIFY_LONG_TESTS") == "1"
ENDINGS = int(os.environ.get("NOTIFY_ENDINGS", "3"))
CHANCE = random.Random(20261129)
EACH = 100  # notices by e-mail, and as many by SMS
PROMPT = 5.0  # seconds; a process begins in one
LATER = "2026-06-03T12:05:00+02:00"
SIGNALS = [
    pytest.param(signal.SIGTERM, id="SIGTERM"),
    pytest.param(signal.SIGINT, id="Ctrl-C"),
    pytest.param(signal.SIGHUP, id="its terminal is closed"),
]


def takes_it(seen: Any, number: int) -> Says:
    return Says(201, {"sid": f"SM{number}", "status": "queued"}, after=0.03 * (number % 4))


@dataclass
class Here:
    """A clinic whose notices are due, its servers, and what came to them."""

    clinic: Clinic
    mail: ScriptedServer
    sms: Any

    @property
    def folder(self) -> Path:
        return self.clinic.folder

    def arrived(self) -> int:
        return len(self.mail.messages) + len(self.sms.seen)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return engines.rows(self.folder, sql)

    def statuses(self) -> dict[str, int]:
        return dict(self.rows("SELECT status, count(*) FROM delivery GROUP BY status"))  # type: ignore[arg-type]

    def ways(self) -> set[str]:
        """The ways that the statuses of the deliveries took."""
        ways: dict[int, list[str]] = {}
        for delivery, status in self.rows("SELECT delivery_id, status FROM status_log ORDER BY id"):
            ways.setdefault(delivery, []).append(status)
        return {" ".join(way) for way in ways.values()}


@contextmanager
def due(folder: Path, script: Script | None = None, told: Any = (), emails: int = EACH, texts: int = EACH) -> Any:
    """P2 gets e-mail, P6 SMS."""
    with mail_server(script or Script(takes_seconds=0.02)) as (mail, section), gateway(takes_it, *told) as sms:
        (folder / "password").write_text("open sesame")
        sms_section = (
            f'[sms]\ntransport = "twilio"\nurl = "{sms.url}"\nusername = "{ACCOUNT}"\npassword_file = "password"\n'
        )
        clinic = Clinic.begun_in(folder, section + sms_section)
        patients = [("P2", number) for number in range(emails)] + [("P6", number) for number in range(texts)]
        rows = [f"nidelv;{patient}-{number};{patient};dialog;{NOON}" for patient, number in patients]
        (folder / "dialogs.csv").write_text("\n".join(["clinic_id;dialog_id;patient_id;kind;sent_at", *rows]))
        assert clinic.call("import", str(folder / "dialogs.csv"), at=NOON).exit == 0
        yield Here(clinic, mail, sms)


@contextmanager
def started(folder: Path, *arguments: str, at: str = NOON) -> Iterator[subprocess.Popen[str]]:
    command = [*NOTIFY, "--db", str(engines.address_in(folder)), "--config", "notify.toml", "--now", at, *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def comes_to_be(what: Callable[[], object], longest: float = 15.0) -> None:
    until = time.monotonic() + longest
    while not what():
        assert time.monotonic() < until
        time.sleep(0.002)


def ended(process: subprocess.Popen[str], longest: float = PROMPT) -> tuple[int, str, str]:
    said, complained = process.communicate(timeout=longest)
    return process.returncode, said, complained


def sent_once(here: Here) -> None:
    """After runs that take what was left."""
    assert here.clinic.call("run", at=LATER).exit == 0
    assert here.statuses() == {"sent": 2 * EACH}
    assert len(here.mail.messages) == len(here.sms.seen) == EACH
    mails = Counter(line for one in here.mail.messages for line in one.split(b"\r\n") if line.startswith(b"Message-ID"))
    assert set(mails.values()) == {1}
    assert max(Counter(way.count("sending") for way in here.ways())) <= 3
    assert all(way.endswith("sending sent") for way in here.ways())


@pytest.mark.parametrize("number", range(ENDINGS))
@pytest.mark.parametrize("one", SIGNALS)
def test_a_run_that_is_told_to_end_doubles_nothing_and_leaves_nothing_uncertain(
    tmp_path: Path, one: signal.Signals, number: int
) -> None:
    with due(tmp_path) as here:
        share = CHANCE.random() * 0.8
        with started(tmp_path, "run") as process:
            comes_to_be(lambda: here.arrived() >= share * 2 * EACH)
            time.sleep(CHANCE.random() * 0.05)
            process.send_signal(one)
            assert ended(process) == (0, "", "")
        left = here.statuses()
        assert left.keys() <= {"sent", "queued"}
        assert left.get("sent", 0) == here.arrived()
        assert left.get("queued", 0) > 0, "it went on to its end"
        sent_once(here)


@pytest.mark.parametrize("one", SIGNALS)
def test_another_signal_changes_nothing(tmp_path: Path, one: signal.Signals) -> None:
    with due(tmp_path) as here:
        with started(tmp_path, "run") as process:
            comes_to_be(lambda: here.arrived() >= EACH / 2)
            for again in (one, signal.SIGTERM, signal.SIGINT, one):
                process.send_signal(again)
                time.sleep(0.003)
            assert ended(process) == (0, "", "")
        assert here.statuses().keys() == {"sent", "queued"}
        sent_once(here)


@pytest.mark.parametrize("one", [signal.SIGINT, signal.SIGHUP], ids=["in the background", "nohup"])
def test_a_signal_that_is_to_be_ignored_ends_nothing(tmp_path: Path, one: signal.Signals) -> None:
    before = signal.signal(one, signal.SIG_IGN)
    try:
        with due(tmp_path) as here, started(tmp_path, "run") as process:
            comes_to_be(lambda: here.arrived() >= EACH / 2)
            process.send_signal(one)
            assert ended(process, 30) == (0, "", "")
            assert here.statuses() == {"sent": 2 * EACH}
    finally:
        signal.signal(one, before)


def test_told_to_end_while_another_program_writes_it_sends_nothing(tmp_path: Path) -> None:
    with due(tmp_path) as here, engines.connected(tmp_path) as other:
        with writing(other), started(tmp_path, "run") as process:
            comes_to_be(lambda: (tmp_path / "notify.db.lock").exists())
            time.sleep(1.0)
            process.send_signal(signal.SIGTERM)
            assert ended(process)[0] == 0
        assert here.arrived() == 0
        sent_once(here)


def test_told_to_end_as_it_begins_it_sends_nothing(tmp_path: Path) -> None:
    """Whenever that is: from its first instruction on."""
    for number in range(ENDINGS * 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        with due(folder, emails=EACH, texts=EACH) as here:
            with started(folder, "run") as process:
                time.sleep(0.25 * number / ENDINGS)
                process.send_signal(signal.SIGTERM)
                code, _, complained = ended(process)
            assert (code, complained) in ((0, ""), (143, "notify: stopped\n"), (-signal.SIGTERM, ""))
            assert here.statuses().keys() <= {"queued", "sent"}
            sent_once(here)


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_what_is_silent_is_waited_for_some_seconds_at_most(
    tmp_path: Path, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E-mail goes out again, SMS is held; what had not left is queued, and of the other channel nothing is amiss."""
    longest = in_flight.LONGEST_END if IS_LONG else 0.5
    monkeypatch.setattr(in_flight, "LONGEST_END", longest)
    script = Script({"DOT": [SILENCE]}) if channel == "email" else Script()
    told = [IsSilent()] * 60 if channel == "sms" else ()
    asked: list[float] = []

    def ask_when_there_is_nothing_but_silence() -> None:
        comes_to_be(lambda: here.arrived() >= 30 + 8)
        asked.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGTERM)

    with due(tmp_path, script, told, emails=30, texts=30) as here:
        asking = threading.Thread(target=ask_when_there_is_nothing_but_silence)
        asking.start()
        answer = here.clinic.call("run", at=NOON)
        assert longest <= time.monotonic() - asked[0] < min(longest + 2, 10)
        asking.join()
        assert (answer.exit, answer.err.count("\n")) == (1, 1)
        found = here.rows("SELECT channel, status, count(*) FROM delivery GROUP BY 1, 2 ORDER BY 1, 2")
        other = "sms" if channel == "email" else "email"
        silent = {status: number for of, status, number in found if of == channel}
        assert silent.keys() == {"uncertain", "queued"}
        assert silent["uncertain"] == (here.arrived() - 30)
        assert [(status, number) for of, status, number in found if of == other] == [("sent", 30)]
        details = here.rows("SELECT DISTINCT detail FROM delivery WHERE status = 'uncertain'")
        assert details == [("the run was told to end, and no answer had come in time",)]


def test_a_server_that_is_silent_before_anything_has_left_is_not_waited_for(tmp_path: Path) -> None:
    with due(tmp_path, Script({"RCPT": [SILENCE]}), emails=30, texts=0) as here, started(tmp_path, "run") as process:
        comes_to_be(lambda: here.mail.uses["RCPT"])
        process.send_signal(signal.SIGTERM)
        assert ended(process) == (0, "", "")
        assert here.statuses() == {"queued": 30}
        assert here.rows("SELECT DISTINCT attempts, first_attempt_at, detail FROM delivery") == [(0, None, None)]
        assert not here.mail.messages


def test_what_was_taken_back_is_as_it_was_before(tmp_path: Path) -> None:
    """One that was tried in vain before keeps its attempt, its times and the answer."""
    columns = "attempts, first_attempt_at, next_attempt_at, detail, reason, address, text, reference"
    with due(tmp_path, Script({"MAIL": ["451 4.3.0 later", SILENCE]}), emails=1, texts=0) as here:
        assert here.clinic.json("run", at=NOON)["retrying"] == 1
        before = here.rows(f"SELECT {columns} FROM delivery")
        with started(tmp_path, "run", at=LATER) as process:
            comes_to_be(lambda: here.mail.uses["MAIL"] == 2)
            assert here.statuses() == {"sending": 1}
            process.send_signal(signal.SIGTERM)
            assert ended(process) == (0, "", "")
        assert here.rows(f"SELECT {columns} FROM delivery") == before
        assert here.statuses() == {"queued": 1}


def test_as_json_it_says_what_it_sent(tmp_path: Path) -> None:
    with due(tmp_path) as here, started(tmp_path, "run", "--json") as process:
        comes_to_be(lambda: here.arrived() >= EACH / 2)
        process.send_signal(signal.SIGTERM)
        code, said, _ = ended(process)
        assert (code, json.loads(said)["sent"]) == (0, here.statuses()["sent"])
