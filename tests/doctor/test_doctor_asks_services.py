"""notify doctor and the services as notify.toml names them: what it says of each, and whose sender it means."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.delivery.test_gateways_from_the_run import gateway
from tests.support.fcm_server import account, google
from tests.support.gateways import ACCOUNT, OUR_NUMBER, PASSWORD, sveve_usual, twilio_usual
from tests.support.one_clinic import NOON, Clinic, in_a_thread

CLINICS = "clinic_id;name;address;portal_url;timezone;language;sender_email;sender_sms\n"


def begun(folder: Path, config: str, password: str = PASSWORD) -> Clinic:
    (folder / "password").write_text(password)
    (folder / "password").chmod(stat.S_IRUSR | stat.S_IWUSR)
    return Clinic.begun_in(folder, config)


def section(name: str, **keys: str) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in keys.items()), ""])


def twilio_at(url: str, **differing: str) -> str:
    keys = {"transport": "twilio", "url": url, "username": ACCOUNT, "password_file": "password"}
    return section("sms", **(keys | differing))


def told(clinic: Clinic, name: str) -> tuple[str, str]:
    [found] = [one for one in clinic.json("doctor")["checks"] if one["name"] == name]
    return found["state"], found["text"]


def test_a_gateway_that_lets_us_in(tmp_path: Path):
    with gateway(twilio_usual) as server:
        state, text = told(begun(tmp_path, twilio_at(server.url)), "sms")
    assert (state, text.startswith("Twilio lets us in, and the account is active; nothing was sent")) == ("ok", True)
    assert {seen.method for seen in server.seen} == {"GET"}


def test_a_gateway_that_does_not(tmp_path: Path):
    with gateway(twilio_usual) as server:
        clinic = begun(tmp_path, twilio_at(server.url), "open barley")
        state, text = told(clinic, "sms")
        assert clinic.call("doctor").exit == 1
    assert (state, text.endswith("; look at sms.username and its password")) == ("broken", True)
    assert "barley" not in text


def test_a_gateway_that_cannot_be_reached(tmp_path: Path):
    found = told(begun(tmp_path, twilio_at("http://127.0.0.1:1")), "sms")
    assert found == ("broken", "127.0.0.1:1 refuses connections; look at sms.url, or at the network")


def test_each_setting_is_tried_and_named_by_who_has_it(tmp_path: Path):
    keys = {"transport": "sveve", "username": "nidelv", "password_file": "password"}
    with gateway(twilio_usual) as first, gateway(sveve_usual) as second:
        config = twilio_at(first.url) + section("clinic.nidelv.sms", url=second.url, **keys)
        clinic = begun(tmp_path, config)
        assert told(clinic, "sms")[0] == "ok"
        assert told(clinic, "sms of nidelv") == (
            "ok",
            "Sveve lets us in, and 4711 SMS are left on the account; nothing was sent",
        )


@pytest.mark.parametrize(
    ("in_settings", "of_fjorden", "state", "words"),
    [
        pytest.param(OUR_NUMBER, OUR_NUMBER, "ok", "nothing was sent", id="ours"),
        pytest.param("+4790000099", "", "broken", "but sms.from is a number that the account does not have", id="from"),
        pytest.param(
            OUR_NUMBER, "+4790000099", "broken", "but sender_sms of fjorden is a number that", id="a clinic's"
        ),
    ],
)
def test_the_sender_that_is_to_mend_is_named_and_not_shown(tmp_path: Path, in_settings, of_fjorden, state, words):
    with gateway(twilio_usual) as server:
        clinic = begun(tmp_path, twilio_at(server.url) + f'from = "{in_settings}"\n')
        clinics = tmp_path / "clinics.csv"
        row = f"fjorden;Fjord legesenter;Fjordgata 1;https://fjord.example/;Europe/Oslo;nb;;{of_fjorden}\n"
        clinics.write_text(CLINICS + row)
        assert clinic.call("import", str(clinics)).exit == 0
        found, text = told(clinic, "sms")
    assert found == state
    assert words in text
    assert "900000" not in text


def test_a_clinic_with_a_sender_of_its_own_has_its_row_left_alone(tmp_path: Path):
    with gateway(twilio_usual) as server:
        config = twilio_at(server.url) + f'from = "{OUR_NUMBER}"\n[clinic.fjorden.sms]\nfrom = "Fjorden"\n'
        clinic = begun(tmp_path, config)
        clinics = tmp_path / "clinics.csv"
        clinics.write_text(CLINICS + "fjorden;Fjord;Fjordgata 1;https://fjord.example/;Europe/Oslo;nb;;+4790000099\n")
        assert clinic.call("import", str(clinics)).exit == 0
        assert [told(clinic, name)[0] for name in ("sms", "sms of fjorden")] == ["ok", "ok"]


def test_a_program_of_the_clinics_own(tmp_path: Path):
    program = tmp_path / "send-sms"
    clinic = begun(tmp_path, f'[sms]\ntransport = "command"\ncommand = [{json.dumps(str(program))}]\n')
    assert told(clinic, "sms") == ("broken", f"there is no program {program}; mend sms.command")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert told(clinic, "sms")[0] == "ok"


def with_firebase(folder: Path, url: str) -> Clinic:
    (folder / "firebase.json").write_text(json.dumps(account(f"{url}/token")))
    (folder / "firebase.json").chmod(0o600)
    return begun(folder, section("push", transport="fcm", url=url, credentials_file="firebase.json"))


def test_firebase_that_lets_us_in(tmp_path: Path):
    with in_a_thread(google()) as it:
        found = told(with_firebase(tmp_path, it.url), "push")
    assert found == ("ok", "Google knows the service account, and FCM lets it send; nothing was sent")
    assert datetime.fromtimestamp(it.claims[0]["iat"], UTC) == datetime.fromisoformat(NOON)
    assert [request["validateOnly"] for request in it.requests] == [True]


def test_firebase_that_cannot_be_reached(tmp_path: Path):
    state, text = told(with_firebase(tmp_path, "http://127.0.0.1:1"), "push")
    assert state == "broken"
    assert text.startswith("Google's token service cannot be reached")
