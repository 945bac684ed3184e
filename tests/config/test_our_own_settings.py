"""Whatever is wrong with our own settings is our trouble: tried again, and never held against a patient (SPEC 7)."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import engines
from tests.support.one_clinic import Clinic, mail_server
from tests.support.smtp_server import Script

NOON, DUE, A_MINUTE_LATER = (f"2026-06-03T12:{minutes}:00+02:00" for minutes in ("00", "06", "08"))

NO_SENDERS = [
    pytest.param("post", id="a word"),
    pytest.param("post@", id="without a domain"),
    pytest.param("@nidelv.example", id="without a mailbox"),
    pytest.param("post nidelv.example", id="a blank for the @"),
    pytest.param("post@nidelv.example;resepsjon@nidelv.example", id="two addresses"),
    pytest.param("Nidelv <post>", id="a name and a word"),
    pytest.param("Nidelv <post@nidelv.example", id="a bracket that is not closed"),
    pytest.param("post@nidelv.example\r\nBcc: all@nidelv.example", id="a line of its own"),
    pytest.param("https://nidelv.example", id="a web address"),
]


def set_clinic(clinic: Clinic, column: str, value: str, clinic_id: str = "nidelv") -> None:
    """As a database may hold it since before imports looked at it."""
    with engines.connected(clinic.folder) as connection:
        connection.execute(f"UPDATE clinic SET {column} = ? WHERE clinic_id = ?", (value, clinic_id))


def shown(clinic: Clinic) -> dict[str, Any]:
    (row,) = clinic.json("history", at=A_MINUTE_LATER)
    return dict(json.loads(clinic.call("show", "--json", str(row["notice"])).out)["deliveries"][0]) | {
        "reason": row["reason"]
    }


def gone(clinic: Clinic) -> list[Any]:
    return engines.rows(clinic.folder, "SELECT * FROM suppressed_address")


def tried_again_until_it_is_mended(clinic: Clinic) -> None:
    clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
    said = clinic.json("run", at=DUE)
    assert (said["failed"], said["retrying"], said["sent"]) == (0, 1, 0)
    delivery = shown(clinic)
    assert (delivery["status"], delivery["reason"]) == ("queued", None)
    assert "sender" in delivery["detail"]
    assert "sender_email" in delivery["detail"], "it says what to mend"
    assert gone(clinic) == []
    set_clinic(clinic, "sender_email", "post@nidelv.example")
    assert clinic.json("run", at=A_MINUTE_LATER)["sent"] == 1


@pytest.mark.parametrize("sender", NO_SENDERS)
def test_a_sender_that_is_none_is_no_fault_of_the_patient_in_the_outbox(tmp_path: Path, sender: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    set_clinic(clinic, "sender_email", sender)
    tried_again_until_it_is_mended(clinic)


@pytest.mark.slow
@pytest.mark.parametrize("sender", NO_SENDERS)
def test_nor_at_a_mail_server(tmp_path: Path, sender: str) -> None:
    with mail_server(Script()) as (server, section):
        clinic = Clinic.begun_in(tmp_path, section)
        set_clinic(clinic, "sender_email", sender)
        tried_again_until_it_is_mended(clinic)
        assert len(server.messages) == 1


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("550 5.1.8 <post@nidelv.example>: Sender address rejected: Domain not found", id="no domain"),
        pytest.param(
            "553 5.7.1 <post@nidelv.example>: Sender address rejected: not owned by user notify", id="not ours"
        ),
        pytest.param("501 5.1.7 Bad sender address syntax", id="its syntax"),
        pytest.param("550 5.7.60 SMTP; Client does not have permissions to send as this sender", id="no leave"),
        pytest.param("554 Message rejected: Email address is not verified", id="not verified"),
        pytest.param("552 5.3.4 Message size exceeds fixed limit", id="too large for it"),
        pytest.param("550 User unknown", id="words that would be the patient's elsewhere"),
    ],
)
@pytest.mark.parametrize(
    "ehlo", ["250 mail.example", "250-mail.example\r\n250 PIPELINING"], ids=["one by one", "at once"]
)
def test_a_sender_that_the_server_refuses_is_ours_as_well(tmp_path: Path, answer: str, ehlo: str) -> None:
    """At MAIL FROM nobody has named the patient yet."""
    script = Script({"MAIL": [answer, "250 ok"], "EHLO": [ehlo], "RCPT": ["503 5.5.1 need MAIL", "250 ok"]})
    if "PIPELINING" in ehlo:
        script.answers["DATA"] = ["503 5.5.1 need MAIL", "354 go ahead"]
    else:
        script.answers["RCPT"] = ["250 ok"]
    with mail_server(script) as (server, section):
        clinic = Clinic.begun_in(tmp_path, section)
        clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
        said = clinic.json("run", at=DUE)
        assert (said["failed"], said["retrying"]) == (0, 1)
        delivery = shown(clinic)
        assert "at MAIL FROM" in delivery["detail"]
        assert gone(clinic) == []
        assert clinic.json("run", at=A_MINUTE_LATER)["sent"] == 1
        assert len(server.messages) == 1
