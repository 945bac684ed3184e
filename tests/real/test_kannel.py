"""SPEC section 7 against Kannel and the operator behind it: SMS leave, and their delivery receipts are called back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.a_clinic import DUE, LATER, booked_for, counted, section, statuses
from tests.real.kannel import PASSWORD, USER, Kannel
from tests.real.servers import free_ports, running, until
from tests.support.one_clinic import Clinic
from tests.support.processes import NOTIFY

SECRET = "0123456789abcdef0123456789abcdef"
ARRIVES, REFUSED, UNDELIVERABLE, EXPIRES = "+4791000011", "+4791000017", "+4791000018", "+4791000019"


def clinic_in(folder: Path, kannel: Kannel, port: int | None = None, password: str = PASSWORD) -> Clinic:
    """`port`: where the clinic listens for what Kannel calls back."""
    (folder / "sms-password").write_text(password)
    (folder / "secret").write_text(SECRET)
    keys = {"transport": "kannel", "url": kannel.url, "username": USER, "password_file": "sms-password"}
    config = section("sms", **keys)
    if port is not None:
        config += section("receipts", public_url=f"http://127.0.0.1:{port}", secret_file="secret")
    return Clinic.begun_in(folder, config)


@contextmanager
def listening(clinic: Clinic, port: int) -> Iterator[None]:
    folder = clinic.folder
    options = ["--db", str(folder / "notify.db"), "--config", str(folder / "notify.toml"), "--now", LATER]
    command = [*NOTIFY, *options, "receipts", "--listen", f"127.0.0.1:{port}"]
    with running(command, folder / "listener.out", port):
        yield


def test_an_sms_is_taken_as_it_was_written(kannel, tmp_path):
    clinic = clinic_in(tmp_path, kannel)
    booked_for(clinic, patient="P3", mobile="+4791000021")
    assert counted(clinic.json("run", at=DUE)) == {"due": 1, "sent": 1}
    until(lambda: kannel.taken("+4791000021"), "the SMS at the operator", *kannel.logs)
    (taken,) = kannel.taken("+4791000021")
    ((row,),) = [clinic.json("history")]
    assert (taken["from"], taken["coding"], taken["text"]) == ("Nidelv", 0, row["text"])


@pytest.mark.parametrize(
    ("number", "status", "reason"),
    [
        pytest.param(ARRIVES, "delivered", None, id="DELIVRD"),
        pytest.param(UNDELIVERABLE, "failed", "not_delivered", id="UNDELIV"),
        pytest.param(EXPIRES, "failed", "expired", id="EXPIRED"),
        pytest.param(REFUSED, "failed", "bad_number", id="refused by the operator at once"),
    ],
)
def test_what_the_operator_reports_stands_in_the_history(kannel, tmp_path, number, status, reason):
    (port,) = free_ports(1)
    clinic = clinic_in(tmp_path, kannel, port)
    booked_for(clinic, patient="P6", mobile=number)
    with listening(clinic, port):
        assert counted(clinic.json("run", at=DUE)) == {"due": 1, "sent": 1}
        expected = [("sms", status, reason)]
        until(lambda: statuses(clinic) == expected, f"{expected}", *kannel.logs, tmp_path / "listener.out")


def test_an_sms_that_did_not_arrive_is_followed_by_an_email(kannel, tmp_path):
    (port,) = free_ports(1)
    clinic = clinic_in(tmp_path, kannel, port)
    booked_for(clinic, patient="P3", mobile=UNDELIVERABLE)
    with listening(clinic, port):
        clinic.call("run", at=DUE)
        until(lambda: ("email", "queued", None) in statuses(clinic), "the e-mail", *kannel.logs)
    assert clinic.json("run", at=LATER)["sent"] == 1
    assert statuses(clinic) == [("email", "sent", None), ("sms", "failed", "not_delivered")]


def test_reports_that_came_before_somebody_listened_come_again(kannel, tmp_path):
    """Kannel asks again where nobody answered, for which it waits some seconds."""
    (port,) = free_ports(1)
    clinic = clinic_in(tmp_path, kannel, port)
    booked_for(clinic, patient="P6", mobile=ARRIVES)
    clinic.call("run", at=DUE)
    assert statuses(clinic) == [("sms", "sent", None)]
    with listening(clinic, port):
        until(lambda: statuses(clinic) == [("sms", "delivered", None)], "the report", *kannel.logs)


@pytest.mark.parametrize(
    ("password", "state", "words"),
    [
        pytest.param(PASSWORD, "ok", "Kannel lets us in, and nothing was sent", id="right"),
        pytest.param("barley-2026", "broken", "look at sms.username and its password", id="wrong"),
    ],
)
def test_doctor_asks_kannel_whether_it_lets_us_in(kannel, tmp_path, password, state, words):
    taken = (kannel.folder / "smsc.out").read_text(encoding="utf-8")
    clinic = clinic_in(tmp_path, kannel, password=password)
    (found,) = (one for one in clinic.json("doctor")["checks"] if one["name"] == "sms")
    assert (found["state"], words in found["text"]) == (state, True)
    assert "2026" not in found["text"]
    assert (kannel.folder / "smsc.out").read_text(encoding="utf-8") == taken


def test_a_wrong_password_is_tried_again(kannel, tmp_path):
    clinic = clinic_in(tmp_path, kannel, password="barley-2026")
    booked_for(clinic, patient="P6", mobile="+4791000022")
    answer = clinic.call("run", at=DUE)
    assert answer.exit == 1
    assert "barley" not in answer.err
    assert statuses(clinic) == [("sms", "queued", None)]
    (tmp_path / "sms-password").write_text(PASSWORD)
    assert clinic.json("run", at=LATER)["sent"] == 1
    until(lambda: kannel.taken("+4791000022"), "the SMS at the operator", *kannel.logs)
    assert len(kannel.taken("+4791000022")) == 1
