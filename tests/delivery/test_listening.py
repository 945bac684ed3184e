"""notify receipts --listen: what gateways call back, with a secret in the path, stored before they are answered."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from notifycli.store import journal
from notifycli.store.engine import writing
from tests.support import engines
from tests.support.one_clinic import Clinic
from tests.support.processes import NOTIFY, environment

pytestmark = pytest.mark.slow

NOON = "2026-06-03T12:00:00+02:00"
DUE = "2026-06-03T12:06:00+02:00"
SECRET = "5f2d1c0b9a8e7d6c"
CONFIG = '[receipts]\nsecret_file = "secret"\n'


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """With the confirmation of A1 to P6, who has SMS alone, sent; the gateway called it GW-1."""
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    clinic = Clinic.begun_in(tmp_path, CONFIG)
    clinic.book("A1;P6;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
    assert clinic.json("run", at=DUE)["sent"] == 1
    with engines.connected(tmp_path) as connection:
        connection.execute("UPDATE delivery SET reference = 'GW-1'")
    return clinic


@contextmanager
def listening(clinic: Clinic, address: str = "127.0.0.1:0", ended_by: signal.Signals = signal.SIGTERM) -> Iterator[str]:
    """The address that it says it listens on."""
    command = [
        *NOTIFY,
        "--db",
        str(engines.address_in(clinic.folder)),
        "--config",
        "notify.toml",
        "receipts",
        "--listen",
        address,
    ]
    with subprocess.Popen(command, cwd=clinic.folder, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            found = re.match(r"listening on ([\d.]+:\d+);", line)
            assert found, line
            yield found[1]
        finally:
            process.send_signal(ended_by)
            assert process.wait(10) == 0
            assert process.stderr.read() == ""


def ours(clinic: Clinic) -> str:
    with engines.connected(clinic.folder) as connection:
        database_id = journal.database_id(connection)
    return f"1.{database_id}"


def call(where: str, path: str, data: bytes | None = None, kind: str = "application/json") -> int:
    request = urllib.request.Request(f"http://{where}{path}", data, {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def status(clinic: Clinic) -> tuple[str, str | None]:
    [row] = clinic.json("history")
    return row["status"], row["reason"]


def test_kannel_calls_back(clinic):
    with listening(clinic) as where:
        query = urllib.parse.urlencode({"id": ours(clinic), "type": "1", "answer": "id:7 stat:DELIVRD err:000"})
        assert call(where, f"/{SECRET}/kannel?{query}") == 200
        assert status(clinic) == ("delivered", None)
        failed = urllib.parse.urlencode({"id": ours(clinic), "type": "2", "answer": "id:7 stat:UNDELIV err:001"})
        assert call(where, f"/{SECRET}/kannel?{failed}") == 200
        assert status(clinic) == ("delivered", None), "late and out of order"


def test_twilio_calls_back_with_a_form(clinic):
    form = urllib.parse.urlencode({"MessageSid": "GW-1", "MessageStatus": "delivered", "ErrorCode": ""}).encode()
    with listening(clinic) as where:
        assert call(where, f"/{SECRET}/twilio", form, "application/x-www-form-urlencoded") == 200
    assert status(clinic) == ("delivered", None)


@pytest.mark.parametrize(
    ("path", "data", "answer"),
    [
        pytest.param("/0000000000000000/kannel?id=1&type=1", None, 404, id="another secret"),
        pytest.param("/kannel?id=1&type=1", None, 404, id="no secret"),
        pytest.param(f"/{SECRET}/pigeon", None, 404, id="no such gateway"),
        pytest.param(f"/{SECRET}/kannel?id=1", b"{}", 405, id="another method"),
        pytest.param(f"/{SECRET}/link", b"no json", 200, id="no JSON: it would only come again"),
        pytest.param(f"/{SECRET}/link", b"[1, null]", 200, id="another JSON"),
        pytest.param(f"/{SECRET}/link", b"[" * 200_000, 200, id="brackets without end"),
        pytest.param(f"/{SECRET}/link", b"{" * 300_000, 413, id="too much"),
        pytest.param(f"/{SECRET}/kannel?id=7.stranger&type=2&answer=x", None, 200, id="another's"),
    ],
)
def test_what_it_does_not_want_changes_nothing(clinic, path, data, answer):
    with listening(clinic) as where:
        assert call(where, path, data) == answer
    assert status(clinic) == ("sent", None)


@pytest.mark.parametrize(
    ("address", "says"),
    [("nonsense", "is no address"), ("127.0.0.1:99999", "is no address"), ("192.0.2.1:8025", "cannot be had")],
)
def test_an_address_that_cannot_be_had_is_told(clinic, address, says):
    answer = clinic.call("receipts", "--listen", address)
    assert answer.exit in (2, 3)
    assert says in answer.err


def test_without_a_secret_it_does_not_listen(clinic):
    (clinic.folder / "notify.toml").write_text("")
    answer = clinic.call("receipts", "--listen", "127.0.0.1:0")
    assert answer.exit == 3
    assert "openssl rand -hex 16" in answer.err


@pytest.mark.parametrize("secret", ["short", "0123456789abcdef/../x", ""])
def test_a_secret_that_is_none_is_told_and_not_shown(clinic, secret):
    (clinic.folder / "secret").write_text(secret)
    answer = clinic.call("receipts", "--listen", "127.0.0.1:0")
    assert answer.exit == 3
    assert not secret or secret not in answer.err


def test_by_default_it_listens_on_this_machine_alone(clinic):
    with listening(clinic, ":0") as where:
        assert where.startswith("127.0.0.1:")


def test_while_another_program_writes_the_gateway_is_not_answered(clinic):
    """And what it said is there when it is answered."""
    with listening(clinic) as where, engines.connected(clinic.folder) as other:
        query = urllib.parse.urlencode({"id": ours(clinic), "type": "1", "answer": "stat:DELIVRD"})
        with ThreadPoolExecutor() as threads:
            with writing(other):
                answer = threads.submit(call, where, f"/{SECRET}/kannel?{query}")
                with pytest.raises(TimeoutError):
                    answer.result(1)
            assert answer.result(20) == 200
    assert status(clinic) == ("delivered", None)


def test_a_report_that_overtakes_the_answer_is_brought_in_once_the_answer_is_there(clinic):
    """A quick operator refuses while the run has not yet written that the gateway took the message."""
    with engines.connected(clinic.folder) as connection:
        connection.execute("UPDATE delivery SET status = 'sending', reference = NULL, sent_at = NULL")
        with listening(clinic) as where:
            query = urllib.parse.urlencode({"id": ours(clinic), "type": 1, "answer": "", "at": ""})
            assert call(where, f"/{SECRET}/kannel?{query}") == 200
            assert status(clinic) == ("sending", None)
            connection.execute("UPDATE delivery SET status = 'sent', reference = 'GW-1', sent_at = status_at")
            until_status(clinic, ("delivered", None))


def until_status(clinic: Clinic, wanted: tuple[str, str | None]) -> None:
    for _ in range(100):
        if status(clinic) == wanted:
            return
        time.sleep(0.1)
    assert status(clinic) == wanted


@pytest.mark.parametrize("one", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"POST /5f2d1c0b9a8e7d6c/sveve HTTP/1.1\r\nHost: x\r\n", id="half a head"),
        pytest.param(
            b"POST /5f2d1c0b9a8e7d6c/twilio HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\nMessage",
            id="half a body",
        ),
        pytest.param(b"GET /a/b HTTP/1.1\r\nHost: x\r\n\r\n", id="a request, and the connection stays"),
    ],
)
def test_it_ends_when_it_is_told_to_whatever_a_caller_has_begun(
    clinic: Clinic, one: signal.Signals, begun: bytes
) -> None:
    with closing(socket.socket()) as caller, listening(clinic, ended_by=one) as where:
        host, _, port = where.partition(":")
        caller.connect((host, int(port)))
        caller.sendall(begun)
        time.sleep(0.2)


@pytest.fixture
def busy(clinic: Clinic) -> Iterator[None]:
    """Another program writes for two seconds."""
    script = (
        "import sqlite3, time; c = sqlite3.connect('notify.db', isolation_level=None); c.execute('BEGIN IMMEDIATE');"
        " print(flush=True); time.sleep(2)"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=clinic.folder, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield


def test_what_is_being_told_as_it_ends_is_stored_first(clinic: Clinic, request: pytest.FixtureRequest) -> None:
    query = urllib.parse.urlencode({"id": ours(clinic), "type": "1", "answer": "id:7 stat:DELIVRD err:000"})
    with ThreadPoolExecutor(1) as pool:
        with listening(clinic) as where:
            request.getfixturevalue("busy")
            answer = pool.submit(call, where, f"/{SECRET}/kannel?{query}")
            time.sleep(0.5)
        assert answer.result(10) == 200
    assert status(clinic)[0] == "delivered"
