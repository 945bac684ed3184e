"""What a mail that came back says of a message of ours: one pure function from bytes to reports.

Must not know mailboxes, or what follows from a report. Only what is certain counts: a notice by the rules (RFC 3464,
RFC 6533), or the words of a program that has given up. Source: SPEC sections 5 and 7.
"""

import re
from collections.abc import Iterable
from datetime import UTC
from email import message_from_bytes
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from typing import NamedTuple

from notifycli.channels.base import Report
from notifycli.channels.bounce_parts import (
    RECIPIENT,
    Group,
    Mail,
    MimeParts,
    decoded_header,
    groups_in,
    header,
    mime_parts_of,
)
from notifycli.channels.refusals import is_gone, may_be_gone, needs_words, reason_of_bounce
from notifycli.channels.smtp_answers import ANY_ADDRESS, one_line, without_address
from notifycli.domain.words import ReportState

# "relayed" and "expanded" mean that a server took it which tells no more. What is "delayed" is still under way.
STATE_OF_ACTION: dict[str, ReportState] = {
    **dict.fromkeys(
        ("failed", "failure", "fail", "error", "expired", "undeliverable", "rejected", "bounced"), "failed"
    ),
    "delivered": "delivered",
    "relayed": "sent",
    "expanded": "sent",
}
BEST_FIRST = ("delivered", "sent", "failed")

REFERENCE = re.compile(r"[0-9]{1,19}\.[0-9a-f]{1,64}")  # Outgoing.our_reference: a delivery and its database
ENHANCED = re.compile(r"(?<![\w.])[245]\.\d{1,3}\.\d{1,3}(?!\d|\.\d)")
REPLY = re.compile(r"(?<![\w.])([45]\d\d)(?=[ -]\S)")
CODE = re.compile(r"(?<![\w.])[45](\d\d(?=[ -]\S)|\.\d{1,3}\.\d{1,3}(?!\d|\.\d))")
ACTION = re.compile(r"[a-z]+")
EXPIRED = re.compile(
    r"\b(message|delivery|envelope|delivery time) expired\b|\bretry time(out)? (exceeded|not reached)"
    r"|\bin the queue too long\b|\bgiving up after\b|\bafter (multiple|several) (retries|attempts)\b"
    r"|\bconnection timed out\b|\bmessage time(out|d out)\b",
    re.IGNORECASE,
)

# Gmail names X-Failed-Recipients in its notices of delay too.
STILL_UNDER_WAY = re.compile(
    r"delay|warning( message|: could not)|will (be (retried|attempted|tried)|keep trying|continue|try again|retry)"
    r"|(still|keep) (trying|being)|temporary (failure|problem)|not yet been|forsink|fortsetter",
    re.IGNORECASE,
)
GAVE_UP = re.compile(
    r"(could not|couldn['’]t|can(not|['’]t)|was not|wasn['’]t) (be )?delivered"
    r"|recipients?(\(s\))? (could not|cannot) be reached"  # of a person, out-of-office mail says the same
    r"|(unable|not able|wasn['’]t able|failed|impossible) to (be )?deliver(ed)?\b|\bundeliverable\b|\bnot deliverable\b"
    r"|delivery (has |to [^\n]{1,100} )?failed|delivery (failure|has been failed)|failed permanently|did not reach"
    r"|permanent (fatal |delivery )?(error|failure)|failure notice|return(ed|ing)? (mail|message|to sender)"
    r"|delivery errors|trouble delivering|error sending your (e-?)?mail"
    r"|error occurred while trying to deliver|rejected by (a|the) (remote|recipient)"
    r"|(kunne|kan) ikke (bli )?lever(es|t)|levering[^\n]{1,60}mislyktes",
    re.IGNORECASE,
)
PROGRAMS = re.compile(
    r"^(mailer[-_.]?daemon|post[-_]?master|mail[-_.]?(delivery|deliver|system|administrator)|bounces?|mdaemon)\b",
    re.IGNORECASE,
)
NOT_RECIPIENTS = re.compile(r"^(mailer-daemon|postmaster|abuse|support|help-?desk|no-?reply)@", re.IGNORECASE)

LONGEST_READ = 1000  # of what is searched for addresses, since a stranger chose its length
MOST_NAMED = 10
DEEPEST = 3  # messages within messages


class Refusal(NamedTuple):
    """What a server said of the recipient.

    `enhanced`: its code, `own_code`: only where the words bear it. `gave_up`: it was tried until it expired.
    `addresses`: theirs, to be hidden.
    """

    enhanced: str | None
    own_code: str | None
    text: str
    gave_up: bool
    addresses: tuple[str, ...]
    is_about_ours: bool


def reports_in(message: bytes) -> list[Report]:
    """One report of the message of ours that it tells of; none where it tells of none, or not for certain.

    Never raises, whatever the bytes. `at` is the last attempt, else the notice's own date. Of several recipients (we
    write to one, but it may be a list) the best seen file counts: the message did arrive, or it may have.
    """
    try:
        report = _report_in(message_from_bytes(message), DEEPEST)
    except Exception:  # strangers' bytes make the email package raise whatever it likes: LookupError, RecursionError
        return []
    return [report] if report else []


def _report_in(mail: Mail, levels: int) -> Report | None:
    parts = mime_parts_of(mail)
    if parts.kind not in ("", "delivery-status"):
        return None
    if any(_recipient_of(group) for group in parts.status):
        return _of_groups(mail, parts.status, parts)
    if parts.words.strip() and not _is_of_a_program(mail):
        return None
    groups = [group for group in groups_in(parts.words) if _recipient_of(group) and "action" in group]
    report = _of_groups(mail, groups, parts) if groups else _of_words(mail, parts)
    if report or not levels:
        return report
    within = (_report_in(attached, levels - 1) for attached in parts.attached)
    return next((inner for inner in within if inner), None)


def _is_of_a_program(mail: Mail) -> bool:
    """A person who writes about a bounce tells nothing that is certain; nothing but a bounce sent on is what it is."""
    if mail["X-Failed-Recipients"] is not None or mail.get_content_type() == "multipart/report":
        return True
    if mail["Return-Path"] is not None and not _bare(header(mail, "Return-Path")):
        return True
    if header(mail, "Auto-Submitted").lower() not in ("", "no"):
        return True
    names = (part for name in ("From", "Sender", "Return-Path") for part in parseaddr(decoded_header(mail, name)))
    return any(PROGRAMS.search(name) for name in names)


# Notices by the rules


def _of_groups(mail: Mail, groups: list[Group], parts: MimeParts) -> Report | None:
    # By the name that we gave the envelope; else by a Message-ID, of which a relay may have made one of its own.
    envelopes = (group.get("original-envelope-id", "").strip("<>") for group in groups)
    ours, returned = _ours_among(parts.copies)
    elsewhere = (
        *(group.get("x-original-message-id", "") for group in groups),
        *header(mail, "In-Reply-To").split()[:1],  # Exchange and Gmail, also where they return nothing
        *header(mail, "References").split()[:1],  # Exim
    )
    ours = next(filter(REFERENCE.fullmatch, envelopes), None) or ours or _first_of_ours(elsewhere)
    to = _address_in_to(returned)
    actions = [(ACTION.match(group.get("action", "").lower()), group) for group in groups]
    known = [(STATE_OF_ACTION[word[0]], group) for word, group in actions if word and word[0] in STATE_OF_ACTION]
    if ours is None or not known:
        return None
    state, group = min(known, key=lambda pair: (BEST_FIRST.index(pair[0]), to not in _recipients_of(pair[1])))
    at = _first_instant(group.get("last-attempt-date"), header(mail, "Date"), groups[0].get("arrival-date"))
    if state != "failed":
        return Report("email", state, ours, None, at)
    return _failed(ours, at, _refusal_in(group, to, parts.words))


def _refusal_in(group: Group, to: str, words: str) -> Refusal:
    """Diagnostic-Code is what the last server said; Status says less (Exim: always 5.0.0) or other (old Sendmail)."""
    final, original = (_address_of(group.get(name, "")) for name in RECIPIENT)
    known = [address for address in (original, to) if address]
    is_about_ours = not known or not final or final in known
    text = re.sub(r"^[\w-]+ *; *", "", _beginning(group.get("diagnostic-code", "")))
    status = ENHANCED.search(group.get("status", ""))
    if not text and final and (final in words.lower() or CODE.search(words)):
        in_words = _refusal_among(words, [final], final)
        return in_words._replace(
            enhanced=in_words.enhanced or (status[0] if status else None),
            gave_up=in_words.gave_up or bool(status and status[0].startswith("4")),
            addresses=_addresses_among(final, *known),
            is_about_ours=is_about_ours and (status is None or may_be_gone(status[0])),
        )
    in_text, reply = ENHANCED.search(text), REPLY.match(text)
    codes = [match[0] for match in (in_text, status, reply) if match]
    has_expired = group["action"].lower().startswith("expired") or bool(EXPIRED.search(text))
    return Refusal(
        enhanced=next((match[0] for match in (in_text, status) if match), None),
        own_code=in_text[0] if in_text else status[0] if status and (not text or needs_words(status[0])) else None,
        text=text or group.get("status", ""),
        gave_up="5.4.7" in codes or any(code.startswith("4") for code in codes) or has_expired,
        addresses=_addresses_among(final, *known),
        is_about_ours=is_about_ours and (status is None or may_be_gone(status[0])),
    )


def _recipients_of(group: Group) -> list[str]:
    return [_address_of(group.get(name, "")) for name in RECIPIENT]


def _recipient_of(group: Group) -> str:
    return "".join(_recipients_of(group)) or group.get("action", "")


# Words


def _of_words(mail: Mail, parts: MimeParts) -> Report | None:
    """A program that names who failed, or says that it has given up; and the message that came back is ours."""
    subject = decoded_header(mail, "Subject")
    if not (mail["X-Failed-Recipients"] or GAVE_UP.search(f"{subject}\n{parts.words}")):
        return None
    if STILL_UNDER_WAY.search(f"{subject}\n{parts.words}"):
        return None
    ours, returned = _ours_among(parts.copies)
    if ours is None:
        return None
    # Who failed, as a header says; else everybody whom the words name and who has not to do with the notice itself.
    failed = header(mail, "X-Failed-Recipients")
    named = [_bare(name) for name in failed.split(",")]
    if not failed:
        fields = [header(mail, name) for name in ("From", "To", "Sender")]
        theirs = {_bare(address) for _, address in getaddresses(fields)}
        beginning = parts.words[: LONGEST_READ * 5]
        addresses = (_bare(match[0]).removeprefix("mailto:") for match in ANY_ADDRESS.finditer(beginning))
        strangers = (name for name in addresses if name.find("@") > 0 and name not in theirs)
        named = list(dict.fromkeys(name for name in strangers if not NOT_RECIPIENTS.search(name)))
    refusal = _refusal_among(parts.words, named, _address_in_to(returned))
    return _failed(ours, _first_instant(header(mail, "Date")), refusal)


def _refusal_among(words: str, named: list[str], own: str) -> Refusal:
    """From the first code behind the address to the end of its paragraph; without a code, the address's paragraph."""
    about = own or (named[0] if len(named) == 1 else "")
    begin = max(words.lower().find(about), 0) if about else 0
    code = CODE.search(words, begin) or CODE.search(words)
    if code:
        begin = code.start() if "." not in code[0] else words.rfind("\n", 0, code.start()) + 1
    elif about and about in words.lower():
        begin = words.rfind("\n\n", 0, begin) + 1
    has_expired = bool(EXPIRED.search(words))
    text = _beginning(re.split(r"\n[ \t\r]*\n", words[begin : begin + LONGEST_READ].lstrip())[0])
    if not code and (has_expired or not about):
        text = ""
    enhanced = ENHANCED.search(text)
    return Refusal(
        enhanced=enhanced[0] if enhanced else None,
        own_code=enhanced[0] if enhanced else None,
        text=text,
        gave_up=bool(code and code[0].startswith("4")) or has_expired,
        addresses=_addresses_among(*named[:MOST_NAMED], own),
        is_about_ours=named == [own] if own else len(named) == 1,
    )


# Both


def _failed(ours: str, at: int | None, refusal: Refusal) -> Report:
    """A server that gave up says nothing of the address: tomorrow it may answer."""
    text = without_address(refusal.text)
    for address in refusal.addresses:
        text = without_address(text, address)
    detail = one_line(text)
    if refusal.gave_up:
        return Report("email", "failed", ours, None, at, "expired", detail)
    gone = refusal.is_about_ours and is_gone(refusal.own_code, text)
    return Report("email", "failed", ours, None, at, reason_of_bounce(refusal.enhanced, text), detail, gone)


def _ours_among(copies: list[Mail]) -> tuple[str | None, Mail | None]:
    """What the message of ours is called, and its headers; else the headers of whatever was returned first."""
    for copy in copies:
        ours = _first_of_ours([header(copy, "Message-ID")])
        if ours:
            return ours, copy
    return None, next(iter(copies), None)


def _first_of_ours(ids: Iterable[str]) -> str | None:
    lefts = (name.strip("<> ").partition("@")[0] for name in ids)
    return next((left for left in lefts if REFERENCE.fullmatch(left)), None)


def _beginning(text: str) -> str:
    """In one line and of a bearable length, cut at a space, so that no half of an address is left."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_READ else line[:LONGEST_READ].rpartition(" ")[0]


def _address_of(field: str) -> str:
    """Of "rfc822; kari@fjord.example"."""
    return _bare(field.rpartition(";")[2])


def _address_in_to(returned: Mail | None) -> str:
    return parseaddr(header(returned, "To"))[1].lower() if returned else ""


def _bare(address: str) -> str:
    return address.strip("<>. \t\r\n").lower()[:320]


def _addresses_among(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text.find("@") > 0)


def _first_instant(*dates: str | None) -> int | None:
    for text in dates:
        try:
            date = parsedate_to_datetime((text or "")[:100])
            at = int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
        except (ValueError, IndexError, TypeError, OverflowError):
            continue
        if at > 0:
            return at
    return None
