"""A mail server that does not answer holds up neither the SMS nor what becomes due meanwhile (SPEC section 7)."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support import engines
from tests.support.one_clinic import BASE, Clinic
from tests.support.processes import NOTIFY, environment

pytestmark = pytest.mark.slow

NOON, LATER = "2026-06-03T12:00:00+02:00", "2026-06-03T12:01:00+02:00"
PROMPT = 15  # seconds, where a server that hangs is waited for 30


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The [email] of one that takes connections and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=32)) as silent:
        port = silent.getsockname()[1]
        yield f'[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'


@contextmanager
def hanging_run(folder: Path, *options: str) -> Iterator[subprocess.Popen]:
    """One that waits for the mail server during the whole block, and is killed then."""
    command = [*NOTIFY, "--db", str(engines.address_in(folder)), "--config", "notify.toml", *options, "run"]
    with subprocess.Popen(command, cwd=folder, env=environment()) as process:
        try:
            yield process
            assert process.poll() is None, "the mail server did not hang"
        finally:
            process.kill()


def comes_to_be(what: Callable[[], bool]) -> bool:
    until = time.monotonic() + PROMPT
    while not what() and time.monotonic() < until:
        time.sleep(0.02)
    return what()


def texts(folder: Path) -> int:
    path = folder / "outbox" / "sms.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def import_dialogs(clinic: Clinic, *patients: str, at: str = NOON, numbered_from: int = 0) -> None:
    """P2 gets e-mail, P6 SMS; they are due at the time of the import, in the order of their numbers."""
    path = clinic.folder / "dialogs.csv"
    rows = [f"nidelv;D{number:05};{patient};dialog" for number, patient in enumerate(patients, numbered_from)]
    path.write_text("\n".join(["clinic_id;dialog_id;patient_id;kind", *rows]))
    assert clinic.call("import", str(path), at=at).exit in (0, 1)


@pytest.mark.parametrize(
    "mails",
    [pytest.param(2, id="few"), pytest.param(150, id="many"), pytest.param(1_200, id="more than are decided at once")],
)
def test_a_mail_server_that_hangs_does_not_hold_up_the_sms(tmp_path, silent_server, mails):
    clinic = Clinic.begun_in(tmp_path, silent_server)
    import_dialogs(clinic, *["P2"] * mails, "P6")
    with hanging_run(tmp_path, "--now", NOON):
        assert comes_to_be(lambda: texts(tmp_path) == 1)


def test_an_sms_that_becomes_due_while_a_run_waits_goes_out_too(tmp_path, silent_server):
    """By the real clock: the next runs do nothing as long as this one lives."""
    clinic = Clinic(tmp_path)
    (tmp_path / "notify.toml").write_text(silent_server)
    now = datetime.now(UTC).isoformat()
    base = [str(BASE / f"{kind}.csv") for kind in ("clinics", "types", "patients")]
    assert clinic.call("import", *base, at=now).exit in (0, 1)
    import_dialogs(clinic, "P2", "P6", at=now)
    with hanging_run(tmp_path):
        assert comes_to_be(lambda: texts(tmp_path) == 1)
        import_dialogs(clinic, "P6", at=datetime.now(UTC).isoformat(), numbered_from=2)
        assert comes_to_be(lambda: texts(tmp_path) == 2)


def test_what_waited_for_a_server_that_hung_goes_out_once_it_answers(tmp_path, silent_server):
    clinic = Clinic.begun_in(tmp_path, silent_server)
    import_dialogs(clinic, "P2", "P6")
    with hanging_run(tmp_path, "--now", NOON):
        assert comes_to_be(lambda: texts(tmp_path) == 1)
    (tmp_path / "notify.toml").write_text("")
    clinic.call("run", at=LATER)
    sent = {row["channel"]: row["status"] for row in clinic.json("history")}
    assert sent["email"] == "sent"
    assert sent["sms"] in ("sent", "uncertain"), "it was killed as the SMS went out"
    assert len(list((tmp_path / "outbox" / "email" / "new").iterdir())) == texts(tmp_path) == 1
