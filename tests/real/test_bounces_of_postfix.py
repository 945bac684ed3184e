"""SPEC section 7: what Postfix writes of mail that it took, read from the mailbox by `notify receipts`."""

import pytest

from tests.real.a_clinic import DUE, LATER, booked_for, counted, email_section, section, statuses
from tests.real.mail_servers import CLINIC, PASSWORD, MailServers
from tests.support.one_clinic import Clinic


def receipts_section(servers: MailServers, way: str, **differing: str | int) -> str:
    if way == "maildir":
        return section("receipts", maildir=str(servers.maildir(CLINIC)))
    keys = {
        "host": "127.0.0.1",
        "port": servers.imaps if way == "tls" else servers.imap,
        "tls": way,
        "cafile": str(servers.cafile),
        "username": CLINIC,
        "password_file": "password",
    }
    return section("receipts", **(keys | differing))


def clinic_in(place, servers: MailServers, way: str = "tls", **differing: str | int) -> Clinic:
    return Clinic.begun_in(place, email_section(servers, place) + receipts_section(servers, way, **differing))


@pytest.mark.parametrize("way", ["tls", "starttls", "maildir"])
def test_a_bounce_fails_the_delivery_and_the_sms_goes_out(postfix_and_dovecot, tmp_path, way):
    clinic = clinic_in(tmp_path, postfix_and_dovecot, way)
    booked_for(clinic, email="kari@gone.example")
    assert counted(clinic.json("run", at=DUE)) == {"due": 1, "sent": 1}
    assert statuses(clinic) == [("email", "sent", None)]
    postfix_and_dovecot.wait_for_letters(CLINIC)
    assert counted(clinic.json("receipts", at=LATER)) == {"failed": 1}
    assert statuses(clinic) == [("email", "failed", "unknown_mailbox"), ("sms", "queued", None)]
    assert clinic.json("run", at=LATER)["sent"] == 1
    assert statuses(clinic) == [("email", "failed", "unknown_mailbox"), ("sms", "sent", None)]
    assert clinic.json("check", "--patient", "P1")[0]["reasons"] == ["email_gone"]
    assert counted(clinic.json("receipts", at=LATER)) == {}


def test_the_history_holds_the_words_of_the_bounce_and_no_address(postfix_and_dovecot, tmp_path):
    clinic = clinic_in(tmp_path, postfix_and_dovecot)
    booked_for(clinic, email="kari@gone.example")
    clinic.call("run", at=DUE)
    postfix_and_dovecot.wait_for_letters(CLINIC)
    clinic.call("receipts", at=LATER)
    (email,) = [one for one in clinic.json("show", "1")["deliveries"] if one["channel"] == "email"]
    assert "mailbox unknown" in email["detail"]
    assert "gone.example" not in email["detail"]


def test_mail_that_expired_fails_and_leaves_the_address(postfix_and_dovecot, tmp_path):
    clinic = clinic_in(tmp_path, postfix_and_dovecot)
    booked_for(clinic, email="kari@full.example")
    clinic.call("run", at=DUE)
    postfix_and_dovecot.wait_for_letters(CLINIC)
    assert counted(clinic.json("receipts", at=LATER)) == {"failed": 1}
    assert statuses(clinic) == [("email", "failed", "expired"), ("sms", "queued", None)]
    assert clinic.json("check", "--patient", "P1")[0]["reasons"] == []


def test_mail_that_lies_in_the_mailbox_is_delivered(postfix_and_dovecot, tmp_path):
    clinic = clinic_in(tmp_path, postfix_and_dovecot)
    booked_for(clinic)
    clinic.call("run", at=DUE)
    postfix_and_dovecot.wait_for_letters(CLINIC)
    assert counted(clinic.json("receipts", at=LATER)) == {"delivered": 1}
    assert statuses(clinic) == [("email", "delivered", None)]


def test_where_nobody_reads_the_mailbox_no_notice_of_success_is_asked_for(postfix_and_dovecot, tmp_path):
    clinic = Clinic.begun_in(tmp_path, email_section(postfix_and_dovecot, tmp_path))
    booked_for(clinic, email="kari@post.example")
    booked_for(clinic, patient="P2", appointment="A2", email="ola@gone.example")
    assert clinic.json("run", at=DUE)["sent"] == 2
    postfix_and_dovecot.wait_for_letters("kari@post.example")
    (notice,) = postfix_and_dovecot.wait_for_letters(CLINIC)
    assert "gone.example" in str(notice)


def test_letters_of_people_stay_unread_beside_the_bounces(postfix_and_dovecot, tmp_path):
    """P2 stands for whoever writes to the clinic, since the mail to P2 lands in the clinic's own mailbox."""
    clinic = clinic_in(tmp_path, postfix_and_dovecot)
    booked_for(clinic, email="kari@gone.example")
    booked_for(clinic, patient="P2", appointment="A2", email=CLINIC)
    clinic.call("run", at=DUE)
    postfix_and_dovecot.wait_for_letters(CLINIC, number=3)
    assert counted(clinic.json("receipts", at=LATER)) == {"failed": 1, "delivered": 1}
    assert counted(clinic.json("receipts", at=LATER)) == {}
    assert postfix_and_dovecot.unseen(CLINIC) == 1


@pytest.mark.parametrize(
    ("way", "differing", "said"),
    [
        pytest.param("tls", {"username": "kari@post.example.example"}, "user name and password", id="login refused"),
        pytest.param("starttls", {"cafile": ""}, "is not trusted", id="a certificate that nobody knows"),
        pytest.param("tls", {"folder": "Retur"}, "opens no folder Retur", id="no such folder"),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_told(postfix_and_dovecot, tmp_path, way, differing, said):
    clinic = clinic_in(tmp_path, postfix_and_dovecot, way, **differing)
    answer = clinic.call("receipts", at=LATER)
    assert answer.exit == 1
    assert said in answer.err
    assert PASSWORD not in answer.err
