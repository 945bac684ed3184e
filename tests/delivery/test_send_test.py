"""notify doctor --send-test: a real message by the settings as they are, and what to mend where it does not go."""

import email
import json
from email import policy
from pathlib import Path

import pytest

from tests.delivery.test_gateways_from_the_run import gateway, twilio
from tests.support.gateways import ACCOUNT, Says
from tests.support.one_clinic import Clinic, mail_server
from tests.support.smtp_server import Script


def of_test_message(clinic: Clinic, address: str) -> tuple[str, str]:
    answer = clinic.call("doctor", "--send-test", address, "--json")
    [found] = [one for one in json.loads(answer.out)["checks"] if one["name"] == "test message"]
    return found["state"], found["text"]


def sms_section(folder: Path, url: str) -> str:
    (folder / "password").write_text("open sesame")
    return f'[sms]\ntransport = "twilio"\nurl = "{url}"\nusername = "{ACCOUNT}"\npassword_file = "password"\n'


def test_an_email_goes_through_the_mail_server(tmp_path: Path):
    with mail_server(Script()) as (server, section):
        clinic = Clinic.begun_in(tmp_path, section)
        state, text = of_test_message(clinic, "drift@fjord.example")
    assert state == "ok"
    assert "drift" not in text
    [octets] = server.messages
    message = email.message_from_bytes(octets, policy=policy.default)
    assert (message["To"], message["Auto-Submitted"]) == ("drift@fjord.example", "auto-generated")
    assert clinic.json("history") == []


def test_an_sms_goes_through_the_gateway(tmp_path: Path):
    with gateway(twilio) as server:
        clinic = Clinic.begun_in(tmp_path, sms_section(tmp_path, server.url))
        assert of_test_message(clinic, "91 00 00 01")[0] == "ok"
        [sent] = [seen for seen in server.seen if seen.method == "POST"]
    assert sent.form["To"] == "+4791000001"


def test_what_refuses_it_is_told(tmp_path: Path):
    with gateway(lambda seen, number: Says(401, {"code": 20003, "message": "Authenticate"})) as server:
        clinic = Clinic.begun_in(tmp_path, sms_section(tmp_path, server.url))
        state, text = of_test_message(clinic, "+4791000001")
    assert state == "broken"
    assert "look at sms.username and its password" in text
    assert "open sesame" not in text


@pytest.mark.parametrize("address", ["nonsense", "kari@", "12"])
def test_what_is_no_address_is_told(tmp_path: Path, address: str):
    answer = Clinic.begun_in(tmp_path).call("doctor", "--send-test", address)
    assert answer.exit == 2
    assert "neither an e-mail address nor a phone number" in answer.err


def test_doctor_opens_the_mailbox_of_bounces_and_leaves_it_as_it_is(tmp_path: Path):
    clinic = Clinic.begun_in(tmp_path, '[receipts]\nmaildir = "bounces"\n')

    def of_receipts() -> tuple[str, str]:
        answer = clinic.call("doctor", "--json")
        [found] = [one for one in json.loads(answer.out)["checks"] if one["name"] == "receipts"]
        return found["state"], found["text"]

    state, text = of_receipts()
    assert state == "broken"
    assert "is not a Maildir" in text
    for name in ("new", "cur", "tmp"):
        (tmp_path / "bounces" / name).mkdir(parents=True)
    (tmp_path / "bounces" / "new" / "1").write_text("From: ola@fjord.example\n\nHei\n")
    assert of_receipts() == ("ok", "the mailbox of bounces can be read")
    assert [path.name for path in (tmp_path / "bounces" / "new").iterdir()] == ["1"]
