"""SMS through gateways as `notify run` and `notify receipts` use them: what was sent, asked, held, and falls back."""

import json
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.support import engines
from tests.support.gateways import ACCOUNT, Cuts, Says, serving
from tests.support.one_clinic import Clinic, in_a_thread

NOON, DUE, LATER = (f"2026-06-03T12:{minutes}:00+02:00" for minutes in ("00", "06", "20"))
AT_DUE = "Wed, 03 Jun 2026 10:06:01 +0000"


def twilio(seen: Any, number: int) -> Says:
    """Takes every message; when it is asked, each has arrived."""
    if seen.method == "POST":
        return Says(201, {"sid": f"SM{number}", "status": "queued"})
    arrived = {"sid": "SM1", "status": "delivered", "date_updated": AT_DUE, "date_created": AT_DUE}
    if "DateSent>" not in seen.query:
        return Says(200, arrived)
    listed = arrived | {"direction": "outbound-api", "to": "+4791000006", "body": TEXT[0]}
    return Says(200, {"messages": [listed]})


TEXT = [""]


def gateway(usual: Any, *told: Any) -> AbstractContextManager[Any]:
    return in_a_thread(serving(usual, told))


def begun(folder: Path, server: Any, patient: str = "P6", more: str = "") -> Clinic:
    """P6 has SMS alone, P3 wants SMS and has e-mail too."""
    (folder / "password").write_text("open sesame")
    config = (
        f'[sms]\ntransport = "twilio"\nurl = "{server.url}"\nusername = "{ACCOUNT}"\npassword_file = "password"\n{more}'
    )
    clinic = Clinic.begun_in(folder, config)
    clinic.book(f"A1;{patient};KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
    return clinic


def statuses(clinic: Clinic) -> list[tuple[str, str, str | None]]:
    return sorted((row["channel"], row["status"], row["reason"]) for row in clinic.json("history"))


def next_attempt(clinic: Clinic) -> str:
    return str(clinic.json("show", "1")["deliveries"][0]["next_attempt_at"])


def posts(server: Any) -> int:
    return sum(seen.method == "POST" for seen in server.seen)


def test_a_gateway_takes_it_and_says_later_that_it_arrived(tmp_path):
    with gateway(twilio) as server:
        clinic = begun(tmp_path, server)
        assert clinic.json("run", at=DUE)["sent"] == 1
        assert clinic.json("show", "1")["deliveries"][0]["reference"] == "SM1"
        assert clinic.json("receipts", at=LATER)["delivered"] == 1
        assert clinic.json("receipts", at=LATER)["delivered"] == 0, "what has arrived is asked for no more"
    assert statuses(clinic) == [("sms", "delivered", None)]


@pytest.mark.parametrize("on_uncertain", ["hold", "resend"])
def test_what_is_uncertain_is_asked_for_before_it_is_sent_again(tmp_path, on_uncertain):
    with gateway(twilio, Cuts()) as server:
        clinic = begun(tmp_path, server, more=f'on_uncertain = "{on_uncertain}"\n')
        assert clinic.json("run", at=DUE)["uncertain"] == 1
        TEXT[0] = clinic.json("history")[0]["text"]
        command = "receipts" if on_uncertain == "hold" else "run"
        clinic.call(command, at=LATER)
        assert statuses(clinic) == [("sms", "delivered", None)]
        assert posts(server) == 1


def test_what_the_gateway_does_not_know_is_held(tmp_path):
    with gateway(twilio, Cuts(), Says(200, {"messages": []})) as server:
        clinic = begun(tmp_path, server)
        clinic.call("run", at=DUE)
        clinic.call("receipts", at=LATER)
        clinic.call("run", at=LATER)
        assert statuses(clinic) == [("sms", "uncertain", None)]
        assert posts(server) == 1


def test_a_number_that_is_not_in_use_falls_back_to_email_and_is_remembered(tmp_path):
    with gateway(twilio, Says(400, {"code": 21614, "message": "not a mobile number"})) as server:
        clinic = begun(tmp_path, server, "P3")
        assert clinic.call("run", at=DUE).exit == 1
    found = {channel: status for channel, status, _ in statuses(clinic)}
    assert found == {"sms": "failed", "email": "sent"}


def test_a_gateway_that_asks_us_to_wait_is_obeyed(tmp_path):
    with gateway(twilio, Says(429, {"code": 20429}, {"Retry-After": "600"})) as server:
        clinic = begun(tmp_path, server)
        assert clinic.json("run", at=DUE)["retrying"] == 1
        assert next_attempt(clinic) == "2026-06-03T10:16:00Z"
        clinic.call("run", at="2026-06-03T12:15:00+02:00")
        assert posts(server) == 1
        assert clinic.json("run", at="2026-06-03T12:16:00+02:00")["sent"] == 1


@pytest.mark.slow
def test_a_short_pause_is_waited_for_within_the_run(tmp_path):
    with gateway(twilio, Says(429, {"code": 20429}, {"Retry-After": "1"})) as server:
        clinic = begun(tmp_path, server)
        clinic.book("A2;P6;KONS;2026-06-19T10:00;booked;;Rom 2", at=NOON)
        said = clinic.json("run", at=DUE)
        assert (said["sent"], said["retrying"]) == (1, 1)
        assert clinic.json("run", at="2026-06-03T12:07:00+02:00")["sent"] == 1


def test_a_refused_login_is_tried_by_the_schedule_and_asked_once_a_run(tmp_path):
    with gateway(lambda seen, number: Says(401, {"code": 20003, "message": "Authenticate"})) as server:
        clinic = begun(tmp_path, server)
        assert clinic.json("run", at=DUE)["retrying"] == 1
        assert next_attempt(clinic) == "2026-06-03T10:07:00Z"


def test_a_program_of_the_clinics_own_sends_and_answers(tmp_path):
    program = tmp_path / "send.py"
    program.write_text(
        "import json, sys\n"
        "asked = json.load(sys.stdin)\n"
        f"open({str(tmp_path / 'asked.jsonl')!r}, 'a').write(json.dumps(asked) + '\\n')\n"
        "print(json.dumps({'id': 'X1'} if asked['action'] == 'send' else {'state': 'delivered'}))\n"
    )
    config = f'[sms]\ntransport = "command"\ncommand = {json.dumps([sys.executable, str(program)])}\n'
    clinic = Clinic.begun_in(tmp_path, config)
    clinic.book("A1;P6;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
    assert clinic.json("run", at=DUE)["sent"] == 1
    assert clinic.json("receipts", at=LATER)["delivered"] == 1
    sent, asked = map(json.loads, (tmp_path / "asked.jsonl").read_text().splitlines())
    assert (sent["action"], sent["to"], sent["from"]) == ("send", "+4791000006", "Nidelv")
    assert (asked["action"], asked["reference"], asked["id"]) == ("ask", sent["reference"], "X1")


def test_a_gateway_that_cannot_be_asked_is_told_once(tmp_path):
    with gateway(lambda seen, number: twilio(seen, number) if seen.method == "POST" else Says(503)) as server:
        clinic = begun(tmp_path, server)
        clinic.call("run", at=DUE)
        begins = clinic.call("receipts", at=LATER)
        assert (begins.exit, begins.err.count("\n")) == (1, 1)
        assert "notify: sms: " in begins.err
        assert clinic.call("receipts", at=LATER).err == ""


def test_what_a_killed_run_left_is_asked_for_by_the_time_of_its_attempt(tmp_path):
    with gateway(twilio) as server:
        clinic = begun(tmp_path, server, more='on_uncertain = "resend"\n')
        clinic.call("run", at=DUE)
        TEXT[0] = clinic.json("history")[0]["text"]
        with engines.connected(tmp_path) as connection:
            connection.execute("UPDATE delivery SET status = 'sending', reference = NULL")
        clinic.call("run", at=LATER)
        assert posts(server) == 1
    assert statuses(clinic) == [("sms", "delivered", None)]


def test_what_is_held_is_asked_for_by_receipts_alone(tmp_path):
    with gateway(twilio, Cuts()) as server:
        clinic = begun(tmp_path, server)
        clinic.call("run", at=DUE)
        clinic.book("A2;P1;KONS;2026-06-19T10:00;booked;;Rom 2", at=DUE)
        assert clinic.json("run", at=LATER)["sent"] == 1
        assert len(server.seen) == 1


def test_an_id_of_half_a_character_is_no_trouble_of_its_neighbours(tmp_path):
    with gateway(twilio, Says(201, {"sid": "\ud800", "status": "queued"})) as server:
        clinic = begun(tmp_path, server)
        clinic.book("A2;P6;KONS;2026-06-19T10:00;booked;;Rom 2", at=NOON)
        assert clinic.json("run", at=DUE)["sent"] == 2


def test_a_wrong_setting_of_one_clinic_keeps_no_other_from_being_asked(tmp_path):
    with gateway(twilio) as server:
        own = '[clinic.fjord.sms]\npassword_file = "gone"\n'
        clinic = begun(tmp_path, server, more=own)
        clinic.call("run", at=DUE)
        path = tmp_path / "fjord.csv"
        path.write_text("clinic_id;name;timebook\nfjord;Fjord;yes\n")
        clinic.call("import", str(path))
        with engines.connected(tmp_path) as connection:
            connection.execute(
                "INSERT INTO notice (clinic_id, patient_id, subject, subject_id, event, number, due_at, happened_at,"
                " written_at) SELECT 'fjord', 'F1', subject, 'F9', event, number, due_at, happened_at, written_at"
                " FROM notice"
            )
            connection.execute(
                "INSERT INTO delivery"
                " (notice_id, channel, clinic_id, due_at, address, text, status, status_at, sent_at, reference)"
                " SELECT 2, channel, 'fjord', due_at, address, text, 'sent', status_at, sent_at, 'SM9' FROM delivery"
            )
        first = clinic.call("receipts", at=LATER)
        assert first.exit == 1
        assert first.err.startswith("notify: sms of fjord: settings: ")
        assert first.err.count("\n") == 1
        assert clinic.call("receipts", at=LATER).err == ""
        rows = {row["clinic"]: row["status"] for row in clinic.json("history")}
        assert rows == {"nidelv": "delivered", "fjord": "sent"}
