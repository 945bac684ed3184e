"""SPEC section 7 against Postfix and Dovecot: what is handed over arrives; what cannot be is tried again, or fails."""

from collections import Counter

import pytest

from tests.real.a_clinic import (
    BOOKED,
    DUE,
    KARI,
    LATER,
    booked_for,
    counted,
    email_section,
    section,
    statuses,
)
from tests.real.mail_servers import CLINIC
from tests.support.one_clinic import Clinic

MANY = 200


def test_a_confirmation_lies_in_the_mailbox_of_the_patient(postfix_and_dovecot, tmp_path):
    clinic = Clinic.begun_in(tmp_path, email_section(postfix_and_dovecot, tmp_path))
    booked_for(clinic)
    assert counted(clinic.json("run", at=DUE)) == {"due": 1, "sent": 1}
    assert statuses(clinic) == [("email", "sent", None)]
    (letter,) = postfix_and_dovecot.wait_for_letters(KARI)
    assert (letter["From"], letter["To"]) == (f"Nidelv legesenter <{CLINIC}>", KARI)
    assert letter["Return-Path"] == f"<{CLINIC}>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "with ESMTPSA" in letter["Received"]
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    for kind in ("plain", "html"):
        text = letter.get_body((kind,)).get_content()
        assert "torsdag 18. juni 2026" in text
        assert "https://nidelv.example/portal" in text


def test_a_second_run_sends_nothing_again(postfix_and_dovecot, tmp_path):
    clinic = Clinic.begun_in(tmp_path, email_section(postfix_and_dovecot, tmp_path))
    booked_for(clinic)
    clinic.call("run", at=DUE)
    assert counted(clinic.json("run", at=LATER)) == {}
    assert len(postfix_and_dovecot.wait_for_letters(KARI)) == 1


@pytest.mark.parametrize(
    ("differing", "said"),
    [
        pytest.param({"password": "open barley"}, "535 5.7.8", id="wrong password"),
        pytest.param({"cafile": ""}, "certificate", id="a certificate that nobody knows"),
        pytest.param({"tls": "none", "username": ""}, "STARTTLS", id="no TLS where it is a must"),
        pytest.param({"username": ""}, "Access denied", id="no login"),
    ],
)
def test_what_the_clinic_can_mend_is_tried_again_until_it_is_mended(postfix_and_dovecot, tmp_path, differing, said):
    clinic = Clinic.begun_in(tmp_path, email_section(postfix_and_dovecot, tmp_path, **differing))
    booked_for(clinic)
    answer = clinic.call("run", at=DUE)
    assert answer.exit == 1
    assert statuses(clinic) == [("email", "queued", None)]
    shown = clinic.call("show", "1", "--json").out
    assert said.lower() in shown.lower()
    assert "barley" not in shown + answer.err
    (tmp_path / "notify.toml").write_text(email_section(postfix_and_dovecot, tmp_path))
    assert counted(clinic.json("run", at=LATER)) == {"due": 1, "sent": 1}
    assert len(postfix_and_dovecot.wait_for_letters(KARI)) == 1


def test_a_mailbox_that_postfix_does_not_know_fails_and_the_sms_goes_out(postfix_and_dovecot, tmp_path):
    clinic = Clinic.begun_in(tmp_path, email_section(postfix_and_dovecot, tmp_path))
    booked_for(clinic, email="ukjent@post.example")
    clinic.call("run", at=DUE)
    clinic.call("run", at=LATER)
    assert statuses(clinic) == [("email", "failed", "unknown_mailbox"), ("sms", "sent", None)]
    assert clinic.json("check", "--patient", "P1")[0]["reasons"] == ["email_gone"]
    (sms,) = [path for path in (tmp_path / "outbox").rglob("sms*") if path.is_file()]
    assert "+4791000001" in sms.read_text(encoding="utf-8")
    assert postfix_and_dovecot.letters(CLINIC) == []


def test_a_domain_that_postfix_does_not_write_to_fails_and_leaves_the_address(postfix_and_dovecot, tmp_path):
    clinic = Clinic.begun_in(tmp_path, email_section(postfix_and_dovecot, tmp_path))
    booked_for(clinic, email="kari@elsewhere.example")
    clinic.call("run", at=DUE)
    assert clinic.json("check", "--patient", "P1")[0]["reasons"] == []
    assert ("email", "sent", None) not in statuses(clinic)


@pytest.mark.parametrize(("password", "state"), [("open sesame", "ok"), ("open barley", "broken")])
def test_doctor_asks_postfix_whether_it_lets_us_in(postfix_and_dovecot, tmp_path, password, state):
    clinic = Clinic.begun_in(tmp_path, email_section(postfix_and_dovecot, tmp_path, password))
    checks = clinic.json("doctor")["checks"]
    assert [one["state"] for one in checks if one["name"] == "email"] == [state]


def test_of_many_letters_each_is_taken_once(smtp_sink, tmp_path):
    config = section("email", transport="smtp", host="127.0.0.1", port=smtp_sink.port, tls="none", connections=8)
    clinic = Clinic.begun_in(tmp_path, config)
    clinic.book(*(f"A{n};P1;KONS;2026-06-{18 + n % 9}T10:00;booked;;" for n in range(MANY)), at=BOOKED)
    assert clinic.json("run", at=DUE)["sent"] == MANY
    ids = Counter(letter["Message-ID"] for letter in smtp_sink.taken())
    assert (len(ids), set(ids.values())) == (MANY, {1})
