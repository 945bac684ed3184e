"""Bounces in plain words, as programs and providers write them, and mail that resembles one: see bounce_forms.

Each bounce comes with a copy of our message, without one and with another's: only the first says anything certain.
"""

from typing import NamedTuple

from tests.support.bounce_forms import (
    BLOCKED,
    BODY,
    COPY,
    COPY_OF_ANOTHER,
    DISABLED,
    EXPIRED,
    OURS,
    REFUSED,
    TEXT,
    TO,
    UNKNOWN,
    Fate,
    Form,
    mail,
    part,
    parts,
)

RULE = "------ This is a copy of the message ------"


class Plain(NamedTuple):
    """`words`: before the copy; `more`: header lines."""

    name: str
    sender: str
    words: str
    fate: Fate
    more: tuple[str, ...] = ()


PLAIN = [
    Plain("Exim", "Mail Delivery System <Mailer-Daemon@mx.fjord.example>", f"""
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {TO}
    Unrouteable address: no such user here
""", UNKNOWN, (f"X-Failed-Recipients: {TO}", "Auto-Submitted: auto-replied")),
    Plain("Exim, without its header", "Mail Delivery System <Mailer-Daemon@mx.fjord.example>", f"""
A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {TO}
    host mx.fjord.example [192.0.2.25]: 550 5.1.1 User unknown
""", UNKNOWN),
    Plain("Exim, tried until it expired", "Mail Delivery System <Mailer-Daemon@mx.fjord.example>", f"""
A message that you sent could not be delivered to one or more of its
recipients. The following address(es) failed:

  {TO}
    host mx.fjord.example [192.0.2.25]: retry timeout exceeded
""", EXPIRED, (f"X-Failed-Recipients: {TO}",)),
    Plain("qmail", "MAILER-DAEMON@mx.fjord.example", f"""
Hi. This is the qmail-send program at mx.fjord.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{TO}>:
Sorry, no mailbox here by that name. (#5.1.1)
""", UNKNOWN, ("Subject: failure notice",)),
    Plain("Yahoo", "MAILER-DAEMON@yahoo.example", f"""
Sorry, we were unable to deliver your message to the following address.

<{TO}>:
554: delivery error: dd This user doesn't have a fjord.example account ({TO}) [0] - mta1.fjord.example
""", UNKNOWN, ("Subject: Failure Notice",)),
    Plain("Yahoo, disabled", "MAILER-DAEMON@yahoo.example", f"""
Sorry, we were unable to deliver your message to the following address.

<{TO}>:
554: delivery error: dd This account has been disabled or discontinued [#102]. - mta1.fjord.example
""", DISABLED, ("Subject: Failure Notice",)),
    Plain("Outlook.com", "postmaster@outlook.example", f"""
Delivery has failed to these recipients or groups:

{TO}
The remote server returned '550 5.5.0 Requested action not taken: mailbox unavailable'
""", UNKNOWN, ("Subject: Undeliverable: Du har en time",)),
    Plain("GMX", "GMX Mailer Daemon <mailer-daemon@gmx.example>", f"""
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address failed:

"{TO}":
SMTP error from remote server for RCPT TO command, host: mx.fjord.example reason: 550 Requested action not taken:
mailbox unavailable; user unknown
""", UNKNOWN, ("Subject: Mail delivery failed: returning message to sender",)),
    Plain("Mail.ru", "mailer-daemon@corp.mail.example", f"""
This message was created automatically by mail delivery software.
Your message could not be delivered to its recipient:

  {TO}
    550 Message was not accepted -- invalid mailbox. Local mailbox {TO} is unavailable: user not found
""", UNKNOWN),
    Plain("MDaemon", "MDaemon at fjord.example <MDaemon@fjord.example>", f"""
The following data may contain information as to why a message could not be delivered: permanent error.

Failed address: {TO}

--- Session Transcript ---
550 5.1.1 <{TO}>, Recipient unknown
""", UNKNOWN, ("Subject: Permanent Delivery Failure",)),
    Plain("Domino", "Mail Router <postmaster@fjord.example>", f"""
Your message could not be delivered to:

{TO}

because:

550 User {TO} not listed in Domino Directory
""", UNKNOWN, ("Subject: DELIVERY FAILURE: User not listed in Domino Directory",)),
    Plain("Exchange 2003", "System Administrator <postmaster@fjord.example>", f"""
Your message did not reach some or all of the intended recipients.

The following recipient(s) could not be reached:

{TO} on 03.06.2026 12:00
The e-mail account does not exist at the organization this message was sent to.
<mx.fjord.example #5.1.1 smtp;550 5.1.1 User unknown>
""", UNKNOWN, ("Subject: Undeliverable: Du har en time",)),
    Plain("Courier", "Courier mail server at fjord <postmaster@fjord.example>", f"""
This is a delivery status notification from mx.fjord.example.
The original message was received on Wed, 03 Jun 2026 12:00:03 +0200.
Your message could not be delivered. UNDELIVERABLE MAIL

<{TO}>:
     <<< 550 User unknown.
""", UNKNOWN, ("Subject: NOTICE: mail delivery status.",)),
    Plain("IMail", "postmaster@fjord.example", f"""
Unknown user: {TO}
undeliverable to {TO}
""", UNKNOWN, ("Subject: Undeliverable Mail",)),
    Plain("a web mailer with a mailbox that is full", "postmaster@fjord.example", f"""
Your message could not be delivered.

{TO}: 552 5.2.2 Mailbox over quota
""", REFUSED),
    Plain("a provider that counts", "mailer-daemon@fjord.example", f"""
Your message could not be delivered to {TO}:
550 5.1.1 192.0.2.7 has sent to too many recipients this hour. User unknown
""", BLOCKED),
    Plain("a provider with a block list", "mailer-daemon@fjord.example", f"""
Your message could not be delivered to {TO}:
550 5.1.0 Client host [192.0.2.7] blocked using bl.example
""", BLOCKED),
    Plain("a provider that dislikes the sender", "mailer-daemon@fjord.example", f"""
Your message could not be delivered to {TO}:
550 5.1.1 The sender is unknown here
""", BLOCKED),
    Plain("Norwegian", "=?utf-8?q?Postsystem_=C3=B8st?= <postmaster@fjord.example>", f"""
Meldingen din kunne ikke leveres til {TO}.

550 5.1.1 Ukjent bruker
""", UNKNOWN, ("Subject: Kan ikke leveres",)),
    Plain("a web host", "post_master@fjord.example", f"""
We had trouble delivering your message. Full details follow:

1 error(s):

SMTP Server <mx.fjord.example> rejected recipient <{TO}> (Error following RCPT command). It responded as follows:
[550 5.1.1 User unknown]
""", UNKNOWN, ("Subject: There was an error sending your mail",)),
    Plain("words that tell no cause", "mailer-daemon@fjord.example", f"""
Your message to {TO} could not be delivered.
""", REFUSED),
]  # fmt: skip


def _plain(form: Plain, copy: str) -> bytes:
    return mail(f"{form.words}\n{copy}", TEXT, *form.more, sender=form.sender)


def _in_parts(form: Plain, copy: str) -> bytes:
    every = parts(part(TEXT, form.words), part("message/rfc822", copy))
    return mail(every, "multipart/mixed; boundary=b1", *form.more, sender=form.sender)


def _in_html(form: Plain, copy: str) -> bytes:
    words = form.words.strip().replace("<", "&lt;").replace("\n\n", "</p><p>").replace("\n", "<br>\n")
    every = parts(
        part("text/html; charset=utf-8", f"<html><body><p>{words}</p></body></html>"), part("message/rfc822", copy)
    )
    return mail(every, "multipart/mixed; boundary=b1", *form.more, sender=form.sender)


IN_WORDS = [
    form
    for it in PLAIN
    for form in (
        Form(f"{it.name}, the copy in the text", _plain(it, f"{RULE}\n\n{COPY}{BODY}"), it.fate),
        Form(f"{it.name}, the copy attached", _in_parts(it, COPY + BODY), it.fate),
        Form(f"{it.name}, in HTML", _in_html(it, COPY + BODY), it.fate),
        Form(f"{it.name}, without a copy", _plain(it, ""), None),
        Form(f"{it.name}, with the copy of another's", _plain(it, f"{RULE}\n\n{COPY_OF_ANOTHER}{BODY}"), None),
    )
]

AWAY = ("Return-Path: <>", "Auto-Submitted: auto-replied", f"In-Reply-To: <{OURS}@nidelv.example>")
KARI = f"Kari <{TO}>"


def _answer(words: str, *more: str, sender: str = KARI, subject: str = "Re: Du har en time") -> bytes:
    every = parts(part(TEXT, words), part("message/rfc822", COPY + BODY))
    return mail(every, "multipart/mixed; boundary=b1", f"Subject: {subject}", *more, sender=sender)


NO_BOUNCES = [
    Form("out of office", _answer("Jeg har ferie til mandag.", *AWAY), None),
    Form("out of office, cannot be reached", _answer("I am away and cannot be reached until Monday.", *AWAY), None),
    Form("out of office, could not be reached", _answer("If I could not be reached, call 73 00 00 00.", *AWAY), None),
    Form("has left", _answer("Kari no longer works here; this mailbox is no longer active. 550 5.1.1", *AWAY), None),
    Form("wants to know who writes", _answer("Please click to prove that you are a person.", *AWAY), None),
    Form("a receipt of a help desk", _answer("Your request has been received.", "Auto-Submitted: auto-replied",
                                             sender="Help desk <support@fjord.example>"), None),
    Form("a person's complaint",
         _answer("Your mail could not be delivered to my old address: 550 5.1.1 User unknown"), None),
    Form("a person who sends a bounce on", mail(f"See: could not be delivered\n550 5.1.1 unknown\n\n{COPY}", TEXT,
                                                sender=KARI), None),
    Form("a delay in words", _answer(f"Warning: could not send message for past 4 hours. It will be retried.\n{TO}",
                                     f"X-Failed-Recipients: {TO}", sender="MAILER-DAEMON@fjord.example"), None),
    Form("a delay that says failed", _answer(f"Delivery to {TO} has failed temporarily. We will continue to try.",
                                             sender="MAILER-DAEMON@fjord.example"), None),
    Form("our own message, seen again", COPY.encode() + BODY.encode(), None),
    Form("an e-mail that a virus wall cleaned", _answer("An attachment was removed from the message.",
                                                        sender="postmaster@fjord.example"), None),
]  # fmt: skip
