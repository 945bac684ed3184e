"""Notices by the rules, and nearly by the rules, as servers write them: how they are built and what their fields say.

Each form: its name, the mail, and the fate that it tells of the message of ours (state, reason, whether the address is
gone); None where nothing is certain. Everything is written for these tests, after the ways of real programs.
"""

import base64
import quopri
from typing import NamedTuple

Fate = tuple[str, str | None, bool] | None
OURS = "7.0123456789ab"
TO = "kari@fjord.example"
UNKNOWN: Fate = ("failed", "unknown_mailbox", True)
DISABLED: Fate = ("failed", "mailbox_disabled", True)
BLOCKED: Fate = ("failed", "blocked", False)
REFUSED: Fate = ("failed", "refused", False)
EXPIRED: Fate = ("failed", "expired", False)

COPY = f"""Return-Path: <post@nidelv.example>
Received: from [192.0.2.7] by mx.fjord.example; Wed, 03 Jun 2026 12:00:03 +0200
From: Nidelv legesenter
 <post@nidelv.example>
Date: Wed, 03 Jun 2026 10:00:00 +0000
Message-ID: <{OURS}@nidelv.example>
To: {TO}
Subject: =?utf-8?b?RHUgaGFyIGbDpXR0IGVuIHRpbWU=?=
Auto-Submitted: auto-generated
"""
BODY = "\nDu har en time.\n"
COPY_OF_ANOTHER = COPY.replace(OURS, "c17.another")
WORDS = "I'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n"
GROUP = """Final-Recipient: rfc822; kari@fjord.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.fjord.example
Diagnostic-Code: smtp; 550 5.1.1 <kari@fjord.example>: User unknown
"""


class Form(NamedTuple):
    name: str
    octets: bytes
    fate: Fate


def mail(content: str, kind: str, *more: str, sender: str = "MAILER-DAEMON@mx.fjord.example") -> bytes:
    """`more`: header lines; a Subject among them stands for the usual one."""
    subject = () if any(line.startswith("Subject:") for line in more) else ("Subject: Undelivered Mail",)
    lines = [f"From: {sender}", "To: post@nidelv.example", "Date: Wed, 3 Jun 2026 12:00:04 +0200", *subject, *more]
    return "\n".join([*lines, "MIME-Version: 1.0", f"Content-Type: {kind}", "", content]).encode()


def part(kind: str, content: str, *more: str) -> str:
    return "\n".join([f"Content-Type: {kind}", *more, "", content])


def parts(*every: str, boundary: str = "b1") -> str:
    return "".join(f"--{boundary}\n{each}\n" for each in every) + f"--{boundary}--\n"


def status(*groups: str, envelope: str = "") -> str:
    return "\n".join([f"Reporting-MTA: dns; mx.fjord.example\n{envelope}", *groups])


def report(
    *groups: str, words: str = WORDS, returned: str | None = part("message/rfc822", COPY + BODY), envelope: str = ""
) -> bytes:
    every = [
        part("text/plain; charset=utf-8", words),
        part("message/delivery-status", status(*groups, envelope=envelope)),
    ]
    return mail(
        parts(*every, *([returned] if returned else [])), 'multipart/report; report-type=delivery-status; boundary="b1"'
    )


def changed(was: str, becomes: str) -> bytes:
    assert was in GROUP
    return report(GROUP.replace(was, becomes))


def answered(code: int, enhanced: str | None, text: str) -> bytes:
    """The answer of another server as most programs write it down; without a code of its own the status says 5.0.0."""
    answer = " ".join(filter(None, (str(code), enhanced, text.replace("<address>", f"<{TO}>"))))
    return report(
        f"Final-Recipient: rfc822; {TO}\nAction: failed\nStatus: {enhanced or '5.0.0'}\n"
        f"Diagnostic-Code: smtp; {answer}\n"
    )


WHOLE = report(GROUP).decode()
SEALED = WHOLE.partition("Content-Type:")[2]  # the report as a part of another mail
INNER = f"Content-Type:{SEALED}".replace("b1", "b2")
ENCODED = base64.encodebytes(status(GROUP).encode()).decode()
PRINTABLE = quopri.encodestring(status(GROUP).encode()).decode()
FOOTER = part("text/plain", "This message was checked by our gateway.\n")
AS_COPY = part("text/rfc822-headers", COPY)
ATTACHED = part("message/rfc822", WHOLE.replace("b1", "b2"))
STAFF = "Per <per@nidelv.example>"
MIXED = "multipart/mixed; boundary=b1"
QUOTED = "".join(f"> {line}\n" for line in COPY.splitlines())
TEXT = "text/plain; charset=utf-8"
STATUS_PART = part("message/delivery-status", status(GROUP))

BUILT = [
    Form("as the rules want it", report(GROUP), UNKNOWN),
    Form("within a multipart/mixed", mail(parts(INNER), MIXED), UNKNOWN),
    Form("within a multipart/mixed, before a footer", mail(parts(INNER, FOOTER), MIXED), UNKNOWN),
    Form("within a multipart/mixed, behind a banner", mail(parts(FOOTER, INNER), MIXED), UNKNOWN),
    Form("two multipart/mixed deep",
         mail(parts(part("multipart/mixed; boundary=b3", parts(INNER, boundary="b3"))), MIXED), UNKNOWN),
    Form("as a message/rfc822", mail(WHOLE, "message/rfc822"), UNKNOWN),
    Form("as a message/rfc822 of a mailbox that sends its mail on",
         mail(WHOLE, "message/rfc822", sender=STAFF), UNKNOWN),
    Form("attached by a rule that writes nothing",
         mail(parts(part(TEXT, "\n"), ATTACHED), MIXED, sender=STAFF), UNKNOWN),
    Form("attached by a gateway", mail(parts(FOOTER, ATTACHED), MIXED, "Return-Path: <>", sender="gw@nidelv.example"),
         UNKNOWN),
    Form("a message/rfc822 within a message/rfc822",
         mail(part("message/rfc822", WHOLE, "From: postmaster@fjord.example"), "message/rfc822"), UNKNOWN),
    Form("attached by a person who writes about it",
         mail(parts(part(TEXT, "Se vedlagt."), ATTACHED), MIXED, sender=STAFF), None),
    Form("no report-type", WHOLE.replace("report-type=delivery-status; ", "").encode(), UNKNOWN),
    Form("multipart/mixed instead of multipart/report",
         WHOLE.replace("multipart/report; report-type=delivery-status;", "multipart/mixed;").encode(), UNKNOWN),
    Form("a report-type in capitals", WHOLE.replace("=delivery-status", "=Delivery-Status").encode(), UNKNOWN),
    Form("a report of another kind", WHOLE.replace("=delivery-status", "=disposition-notification").encode(), None),
    Form("words in two shapes", mail(parts(
        part("multipart/alternative; boundary=b2",
             parts(part(TEXT, WORDS), part("text/html", f"<p>{WORDS}</p>"), boundary="b2")),
        STATUS_PART, AS_COPY), "multipart/report; boundary=b1"), UNKNOWN),
    Form("without words", mail(parts(STATUS_PART, AS_COPY), "multipart/report; boundary=b1"), UNKNOWN),
    Form("the fields in base64", mail(parts(
        part("message/delivery-status", ENCODED, "Content-Transfer-Encoding: base64"), AS_COPY),
        "multipart/report; boundary=b1"), UNKNOWN),
    Form("the fields in quoted-printable", mail(parts(
        part("message/delivery-status", PRINTABLE, "Content-Transfer-Encoding: quoted-printable"), AS_COPY),
        "multipart/report; boundary=b1"), UNKNOWN),
    Form("the fields as text/plain", mail(parts(part(TEXT, WORDS), part(TEXT, status(GROUP)), AS_COPY),
         "multipart/report; report-type=delivery-status; boundary=b1"), UNKNOWN),
    Form("the fields in the readable text alone", mail(f"{WORDS}\n{status(GROUP)}\n{COPY}", TEXT), UNKNOWN),
    Form("the global kind of fields",
         WHOLE.replace("message/delivery-status", "message/global-delivery-status").encode(), UNKNOWN),
    Form("no blank line before the recipient's fields",
         WHOLE.replace("\n\nFinal-Recipient", "\nFinal-Recipient").encode(), UNKNOWN),
    Form("no blank line between two recipients",
         report(GROUP.replace("kari", "ola").replace("5.1.1", "5.7.1").replace("User unknown", "no") + GROUP), UNKNOWN),
    Form("a blank line behind each field", report(GROUP.replace("\n", "\n\n")), UNKNOWN),
    Form("the fields in the readable text alone, indented", mail(
        WORDS + "\n" + "".join(f"  {line}\n" for line in status(GROUP).splitlines()) + f"\n{COPY}", TEXT), UNKNOWN),
    Form("CR and LF", WHOLE.replace("\n", "\r\n").encode(), UNKNOWN),
    Form("cut off behind the fields", WHOLE[: WHOLE.index("Remote-MTA")].encode(), None),
]  # fmt: skip

RETURNED = [
    Form("headers alone", report(GROUP, returned=AS_COPY), UNKNOWN),
    Form("headers under another name", report(GROUP, returned=part("text/rfc822", COPY)), UNKNOWN),
    Form("headers as message/rfc822-headers", report(GROUP, returned=part("message/rfc822-headers", COPY)), UNKNOWN),
    Form("headers as text/plain", report(GROUP, returned=part(TEXT, COPY)), UNKNOWN),
    Form("headers as text/plain behind a line of words",
         report(GROUP, returned=part(TEXT, f"Headers:\n\n{COPY}")), UNKNOWN),
    Form("the message as text/plain", report(GROUP, returned=part(TEXT, COPY + BODY)), UNKNOWN),
    Form("the message behind a blank line", report(GROUP, returned=part("message/rfc822", f"\n{COPY}{BODY}")), UNKNOWN),
    Form("headers behind two blank lines", report(GROUP, returned=part("text/rfc822-headers", f"\n\n{COPY}")), UNKNOWN),
    Form("the message in base64", report(GROUP, returned=part(
        "message/rfc822", base64.encodebytes((COPY + BODY).encode()).decode(), "Content-Transfer-Encoding: base64")),
        UNKNOWN),
    Form("headers in base64", report(GROUP, returned=part(
        "text/rfc822-headers", base64.encodebytes(COPY.encode()).decode(), "Content-Transfer-Encoding: base64")),
        UNKNOWN),
    Form("the message with no part made for it", report(GROUP, returned=f"{COPY}{BODY}"), UNKNOWN),
    Form("headers in the readable text", report(GROUP, words=f"{WORDS}\n{COPY}", returned=None), UNKNOWN),
    Form("headers in the readable text, quoted", report(GROUP, words=f"{WORDS}\n{QUOTED}", returned=None), UNKNOWN),
    Form("headers in the readable text, indented", report(
        GROUP, words=WORDS + "\n" + "".join(f"    {line}\n" for line in COPY.splitlines()), returned=None), UNKNOWN),
    Form("headers in the readable text behind a rule", report(
        GROUP, words=f"{WORDS}\n----- Original message headers -----\n\n{COPY}", returned=None), UNKNOWN),
    Form("nothing but the envelope's name", report(GROUP, returned=None, envelope=f"Original-Envelope-Id: {OURS}\n"),
         UNKNOWN),
    Form("nothing but In-Reply-To", report(GROUP, returned=None).replace(
        b"MIME-", f"In-Reply-To: <{OURS}@nidelv.example>\nMIME-".encode()), UNKNOWN),
    Form("nothing that names ours", report(GROUP, returned=None), None),
    Form("another message of theirs", report(GROUP, returned=part("message/rfc822", COPY_OF_ANOTHER)), None),
]  # fmt: skip

FIELDS = [
    *(
        Form(f"Action: {word}", changed("Action: failed", f"Action: {word}"), UNKNOWN)
        for word in ("failed", "Failed", "failure", "FAILURE", "error", "Error", "failed (bad destination mailbox)",
                     "undeliverable", "rejected")
    ),
    Form("Action: expired", changed("Action: failed", "Action: expired"), EXPIRED),
    Form("Action: expired, with a code that may pass", report(
        f"Final-Recipient: rfc822; {TO}\nAction: Expired\nStatus: 4.4.7\n"), EXPIRED),
    Form("Action: delayed", changed("Action: failed", "Action: delayed"), None),
    Form("Action: delivered", changed("Action: failed", "Action: delivered"), ("delivered", None, False)),
    Form("Action: relayed", changed("Action: failed", "Action: relayed"), ("sent", None, False)),
    Form("an empty Action", changed("Action: failed", "Action:"), None),
    Form("an empty Status", changed("Status: 5.1.1", "Status:"), UNKNOWN),
    Form("an empty Status with a blank", changed("Status: 5.1.1", "Status: "), UNKNOWN),
    Form("an empty Status and words without a code", report(
        f"Final-Recipient: rfc822; {TO}\nAction: failed\nStatus:\nDiagnostic-Code: smtp; 550 No such user here\n"),
        UNKNOWN),
    Form("an empty Status and nothing besides",
         report(f"Final-Recipient: rfc822; {TO}\nAction: failed\nStatus:\n"), REFUSED),
    Form("an empty Diagnostic-Code", report(f"Final-Recipient: rfc822; {TO}\nAction: failed\nStatus: 5.1.1\n"
                                            "Diagnostic-Code:\n"), UNKNOWN),
    Form("no Status", changed("Status: 5.1.1\n", ""), UNKNOWN),
    Form("Status of one figure", changed("Status: 5.1.1", "Status: 5"), UNKNOWN),
    Form("Status with words", changed("Status: 5.1.1", "Status: 5.1.1 (bad destination mailbox address)"), UNKNOWN),
    Form("Status that says nothing", changed("Status: 5.1.1", "Status: 5.0.0"), UNKNOWN),
    Form("Outlook.com, its code in the Status alone", report(
        f"Final-Recipient: rfc822; {TO}\nAction: failed\nStatus: 5.5.0\n"
        "Diagnostic-Code: smtp; 550 Requested action not taken: mailbox unavailable (S2017062302)\n"), UNKNOWN),
    Form("5.5.0 in the Status, and a mailbox that is busy", report(
        f"Final-Recipient: rfc822; {TO}\nAction: failed\nStatus: 5.5.0\n"
        "Diagnostic-Code: smtp; 550 mailbox unavailable, try again later\n"), REFUSED),
    Form("5.1.1 in the Status, and words that say nothing", report(
        f"Final-Recipient: rfc822; {TO}\nAction: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 not taken\n"), ("failed", "unknown_mailbox", False)),
    Form("Status of another kind than the words", changed("Status: 5.1.1", "Status: 5.7.1"),
         ("failed", "unknown_mailbox", False)),
    Form("Status that may pass", changed("Status: 5.1.1", "Status: 4.4.1"), EXPIRED),
    Form("field names in small letters", report(GROUP.lower()), UNKNOWN),
    Form("a Diagnostic-Code of no kind", changed("smtp; 550", "550"), UNKNOWN),
    Form("a Diagnostic-Code of another kind", changed("smtp; 550", "X-Postfix; 550"), UNKNOWN),
    Form("a Diagnostic-Code over many lines", changed("550 5.1.1 <kari", "550-5.1.1 The account\n    550 5.1.1 <kari"),
         UNKNOWN),
    Form("a recipient in angle brackets",
         changed("rfc822; kari@fjord.example", "rfc822; <kari@fjord.example>"), UNKNOWN),
    Form("a recipient of no kind", changed("rfc822; kari@", "kari@"), UNKNOWN),
    Form("another recipient: a forward of theirs", changed("rfc822; kari@fjord", "rfc822; k@home"),
         ("failed", "unknown_mailbox", False)),
    Form("a forward of theirs, and whom we wrote to", report(
        f"Original-Recipient: rfc822; {TO}\n{GROUP.replace('rfc822; kari@fjord', 'rfc822; k@home')}"),
        ("failed", "unknown_mailbox", False)),
    Form("one of two recipients got it",
         report(GROUP, GROUP.replace("failed", "delivered")), ("delivered", None, False)),
    Form("two recipients, ours is the second", report(
        GROUP.replace("kari", "ola").replace("5.1.1", "5.7.1").replace("User unknown", "no"), GROUP), UNKNOWN),
    Form("unknown in the readable text alone", report(
        f"Final-Recipient: rfc822; {TO}\nAction: failed\nStatus: 5.0.0\n",
        words=f"{WORDS}\n<{TO}>:\n550 5.1.1 User unknown\n"), UNKNOWN),
    Form("full", answered(552, "5.2.2", "Mailbox full"), REFUSED),
    Form("refused by name", answered(550, "5.7.1", "not wanted here"), REFUSED),
]  # fmt: skip
