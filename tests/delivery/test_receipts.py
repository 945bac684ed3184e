"""notify receipts, as cron calls it: bounces out of a mailbox, what gateways say, and a trouble told once."""

from pathlib import Path

import pytest

from notifycli.store import journal
from tests.support import engines
from tests.support.one_clinic import Clinic

NOON = "2026-06-03T12:00:00+02:00"
DUE = "2026-06-03T12:06:00+02:00"
LATER = "2026-06-03T12:20:00+02:00"

BOUNCE = """\
Return-Path: <>
Date: Wed, 3 Jun 2026 12:10:00 +0200 (CEST)
From: MAILER-DAEMON@mail.nidelv.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: post@nidelv.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B/mail.nidelv.example"

--B/mail.nidelv.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mail.nidelv.example.

--B/mail.nidelv.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.nidelv.example
Original-Envelope-Id: {ours}
Arrival-Date: Wed, 3 Jun 2026 12:06:00 +0200 (CEST)

Final-Recipient: rfc822; kari@post.example
Original-Recipient: rfc822;kari@post.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <kari@post.example>: {words}

--B/mail.nidelv.example--
"""
UNKNOWN = "Recipient address rejected: User unknown"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """With the confirmation of A1 to P1, who has e-mail and SMS, sent; and a Maildir for what comes back."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / "bounces" / name).mkdir(parents=True)
    clinic = Clinic.begun_in(tmp_path, '[receipts]\nmaildir = "bounces"\n')
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
    assert clinic.json("run", at=DUE)["sent"] == 1
    return clinic


def comes_back(
    clinic: Clinic, action: str = "failed", status: str = "5.1.1", name: str = "1.a", words: str = UNKNOWN
) -> None:
    with engines.connected(clinic.folder) as connection:
        database_id = journal.database_id(connection)
    text = BOUNCE.format(ours=f"1.{database_id}", action=action, status=status, words=words)
    (clinic.folder / "bounces" / "new" / name).write_text(text)


def statuses(clinic: Clinic) -> list[tuple[str, str, str | None]]:
    return sorted((row["channel"], row["status"], row["reason"]) for row in clinic.json("history"))


def test_a_bounced_confirmation_goes_out_by_sms(clinic):
    comes_back(clinic)
    answer = clinic.call("receipts", at=LATER)
    assert answer.exit == 1
    assert answer.err == "notify: 1 delivery failed for good; see: notify history --status failed\n"
    assert statuses(clinic) == [("email", "failed", "unknown_mailbox"), ("sms", "queued", None)]
    assert clinic.json("run", at=LATER)["sent"] == 1
    assert statuses(clinic) == [("email", "failed", "unknown_mailbox"), ("sms", "sent", None)]
    assert "kari" not in clinic.call("show", "1", "--json").out.partition('"changes"')[2]
    again = clinic.call("receipts", at=LATER)
    assert (again.exit, again.err) == (0, "")


def test_a_mailbox_that_is_no_more_is_said_by_check_and_can_be_cleared(clinic):
    comes_back(clinic)
    clinic.call("receipts", at=LATER)
    assert clinic.json("check", "--patient", "P1")[0]["reasons"] == ["email_gone"]
    assert "the e-mail address is no more" in clinic.call("check", "--patient", "P1").out
    assert "no more since Wed 03.06.2026" in clinic.call("patient", "show", "nidelv", "P1").out
    clinic.call("patient", "set", "nidelv", "P1", "--email", "kari@post.example")
    assert clinic.json("check", "--patient", "P1")[0]["reasons"] == []


def test_mail_that_merely_expired_falls_back_and_leaves_the_address(clinic):
    comes_back(clinic, status="4.4.1")
    assert clinic.json("receipts", at=LATER)["failed"] == 1
    assert statuses(clinic) == [("email", "failed", "expired"), ("sms", "queued", None)]
    assert clinic.json("check", "--patient", "P1")[0]["reasons"] == []


def test_a_server_that_refuses_ours_tells_staff_to_look_at_it_and_not_at_the_address(clinic):
    clinic.call("patient", "set", "nidelv", "P1", "--mobile", "")
    comes_back(clinic, words="Your server 192.0.2.7 has sent to too many recipients. User unknown")
    assert clinic.json("receipts", at=LATER)["failed"] == 1
    assert statuses(clinic) == [("email", "failed", "blocked")]
    assert "email_gone" not in clinic.json("check", "--patient", "P1")[0]["reasons"]
    why = " ".join(clinic.call("why", "appointment", "A1", at=LATER).out.split())
    assert "refuses our mail server or sender, not the patient's address. Whoever runs the mail server looks" in why


@pytest.mark.parametrize(
    ("action", "count", "status"),
    [("delivered", "delivered", "delivered"), ("relayed", "none", "sent"), ("delayed", "unknown", "sent")],
)
def test_what_a_mail_server_says_of_mail_that_did_not_fail(clinic, action, count, status):
    comes_back(clinic, action=action, status="2.0.0" if action != "delayed" else "4.0.0")
    said = clinic.json("receipts", at=LATER)
    assert said.get(count, 0) == (0 if action == "delayed" else 1)
    assert statuses(clinic) == [("email", status, None)]


def test_what_is_no_report_stays_for_whoever_reads_the_mailbox(clinic):
    letter = "From: ola@fjord.example\nTo: post@nidelv.example\nSubject: Takk\n\nHei\n"
    (clinic.folder / "bounces" / "new" / "2.b").write_text(letter)
    answer = clinic.call("receipts", at=LATER)
    assert (answer.exit, answer.err) == (0, "")
    kept = list((clinic.folder / "bounces").rglob("2.b*"))
    assert [path.read_text() for path in kept] == [letter]
    assert "S" not in kept[0].name.partition(":2,")[2]


def test_a_trouble_is_told_once_when_it_begins_and_once_when_it_ends(clinic):
    new = clinic.folder / "bounces" / "new"
    new.rename(clinic.folder / "elsewhere")
    begins = clinic.call("receipts", at=LATER)
    assert begins.exit == 1
    assert begins.err.count("\n") == 1
    assert "is not a Maildir" in begins.err
    goes_on = clinic.call("receipts", at=LATER)
    assert (goes_on.exit, goes_on.err) == (1, "")
    (clinic.folder / "elsewhere").rename(new)
    ends = clinic.call("receipts", at=LATER)
    assert (ends.exit, ends.err) == (0, "notify: receipts: what could not be asked answers again\n")
    assert clinic.call("receipts", at=LATER).err == ""


def test_without_anything_to_read_or_ask_it_does_nothing(tmp_path):
    clinic = Clinic.begun_in(tmp_path)
    answer = clinic.call("receipts")
    assert (answer.exit, answer.out, answer.err) == (0, "", "")
    counts = clinic.json("receipts")
    assert counts == {"delivered": 0, "failed": 0, "sent": 0, "early": 0, "none": 0, "unknown": 0, "troubles": []}
