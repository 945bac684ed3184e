"""What a mail that came back says of a message of ours: one pure function from bytes to reports.

Must not know mailboxes, or what follows from a report. Only what is certain counts: a notice by the rules (RFC 3464,
RFC 6533), or words that no program writes unless it has given up. Source: SPEC sections 5 and 7.
"""

import html
import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from typing import Literal, NamedTuple

from notifycli.channels.base import Report
from notifycli.channels.refusals import is_gone, reason_of_bounce
from notifycli.channels.smtp_answers import one_line, without_address

Mail = Message
State = Literal["sent", "delivered", "failed"]

# "relayed" and "expanded" mean that a server took it which tells no more. What is "delayed" is still under way.
STATE_OF_ACTION: dict[str, State] = {
    "failed": "failed",
    "delivered": "delivered",
    "relayed": "sent",
    "expanded": "sent",
}
STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
RETURNED_TYPES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")

REFERENCE = re.compile(r"[0-9]{1,19}\.[0-9a-f]{1,64}")  # Outgoing.our_reference: a delivery and its database
ENHANCED = re.compile(r"(?<![\w.])[245]\.\d{1,3}\.\d{1,3}(?!\d|\.\d)")
REPLY = re.compile(r"(?<![\w.])([45]\d\d)(?=[ -]\S)")
CODE = re.compile(r"(?<![\w.])[45](\d\d(?=[ -]\S)|\.\d{1,3}\.\d{1,3}(?!\d|\.\d))")
ACTION = re.compile(r"[a-z]+")
EXPIRED = re.compile(
    r"\b(message|delivery) expired\b|\bretry time(out)? (exceeded|not reached)|\bin the queue too long\b", re.IGNORECASE
)

# Gmail names X-Failed-Recipients in its notices of delay too.
STILL_UNDER_WAY = re.compile(
    r"delay|warning message|will (be retried|keep trying|continue|try again)|forsink|fortsetter", re.IGNORECASE
)
QMAIL_GAVE_UP = re.compile(r"\s*Hi\. This is the [^\n]*\n.{0,200}?This is a permanent error", re.DOTALL)
COPY_BEGINS = re.compile(r"^[ >]*(-{3,}[^\n]*|(Received|Return-Path|Message-ID):[^\n]*)$", re.IGNORECASE | re.MULTILINE)
ID_IN_COPY = re.compile(r"^[ >]*Message-ID:\s*(<[^<>\s]{1,300}>)", re.IGNORECASE | re.MULTILINE)
TO_IN_COPY = re.compile(r"^[ >]*To:([^\n]{1,500})$", re.IGNORECASE | re.MULTILINE)
FAILED_AT_QMAIL = re.compile(r"^<([^<>\s]{1,300})>:$", re.MULTILINE)
TAG = re.compile(r"<[^<>]{0,2000}>")

LONGEST_READ = 1000  # of what is searched for addresses, since a stranger chose its length


class Said(NamedTuple):
    """What was said of the recipient. `gave_up`: it was tried until it expired; `addresses`: theirs, to be hidden."""

    enhanced: str | None
    text: str
    gave_up: bool
    addresses: tuple[str, ...]
    is_about_ours: bool


def reports_in(message: bytes) -> list[Report]:
    """One report of the message of ours that it tells of; none where it tells of none, or not for certain.

    Never raises, whatever the bytes. `at` is the last attempt, else the notice's own date. Of several recipients (we
    write to one, but it may be a list) the best fate counts: the message did arrive, or it may have.
    """
    try:
        found = _report_in(message_from_bytes(message))
    except Exception:  # strangers' bytes make the email package raise whatever it likes: LookupError, RecursionError
        return []
    return [found] if found else []


def _report_in(mail: Mail) -> Report | None:
    parts = _children(mail)
    status = next((part for part in parts if part.get_content_type() in STATUS_TYPES), None)
    returned = next((found for found in map(_returned, parts) if found is not None), None)
    if status is not None:
        return _of_notice(mail, list(_groups(status)), returned) if _is_notice_of_delivery(mail) else None
    return _of_words(mail, returned)


def _is_notice_of_delivery(mail: Mail) -> bool:
    """OpenSMTPD calls it multipart/mixed, and names no kind."""
    kind = mail.get_param("report-type")
    is_report = mail.get_content_type() in ("multipart/report", "multipart/mixed")
    return is_report and (kind is None or str(kind).lower() == "delivery-status")


# Notices by the rules


def _of_notice(mail: Mail, groups: list[Mail], returned: Mail | None) -> Report | None:
    ours = _ours_of_notice(mail, groups, returned)
    found = sorted(((state, group) for group in groups if (state := _state(group))), key=_worth)
    if ours is None or not found:
        return None
    state, group = found[0]
    at = _instant(group, "Last-Attempt-Date") or _instant(mail, "Date") or _instant(groups[0], "Arrival-Date")
    if state != "failed":
        return Report("email", state, ours, None, at)
    return _failed(ours, at, _said_in(group, _address_in_to(returned)))


def _worth(found: tuple[State, Mail]) -> int:
    return ("delivered", "sent", "failed").index(found[0])


def _state(group: Mail) -> State | None:
    word = ACTION.match(_field(group, "Action").lower())
    return STATE_OF_ACTION.get(word[0]) if word else None


def _ours_of_notice(mail: Mail, groups: list[Mail], returned: Mail | None) -> str | None:
    """By the name that we gave the envelope; else by a Message-ID, of which a relay may have made one of its own."""
    envelopes = [_field(group, "Original-Envelope-Id").strip("<>") for group in groups]
    named = next((one for one in envelopes if REFERENCE.fullmatch(one)), None)
    ids = (
        _field(returned, "Message-ID") if returned else "",
        *(_field(group, "X-Original-Message-ID") for group in groups),
        _field(mail, "In-Reply-To"),  # Exchange and Gmail, also where they return nothing
    )
    return named or _first_of_ours(ids)


def _said_in(group: Mail, to: str) -> Said:
    """Diagnostic-Code is what the last server said; Status says less (Exim: always 5.0.0) or other (old Sendmail)."""
    final, original = (_address_of(_field(group, name)) for name in ("Final-Recipient", "Original-Recipient"))
    status, text = ENHANCED.search(_field(group, "Status")), _beginning(_field(group, "Diagnostic-Code"))
    text = re.sub(r"^[\w-]+ *; *", "", text)
    told, code = ENHANCED.search(text), REPLY.match(text)
    codes = [found[0] for found in (told, status) if found]
    enhanced = codes[0] if codes else None
    if code and (status is None or status[0].endswith(".0.0")):
        codes.append(code[0])
    known = [address for address in (original, to) if address]
    return Said(
        enhanced,
        text or _field(group, "Status"),
        gave_up=any(one.startswith("4") for one in codes) or bool(EXPIRED.search(text)),
        addresses=_addresses_among(final, *known),
        is_about_ours=not known or not final or final in known,
    )


def _groups(status: Mail) -> Iterator[Mail]:
    """The message's fields, then each recipient's. The parser cuts up the ASCII kind of this part, not the global."""
    for group in _children(status):
        yield group
        rest = group.get_payload()
        if isinstance(rest, str) and status.get_content_type() != STATUS_TYPES[0]:
            yield from map(message_from_string, re.split(r"\n[ \t\r]*\n", rest))


# Words


def _of_words(mail: Mail, returned: Mail | None) -> Report | None:
    """Exim's and Gmail's plain bounces, Exchange's in HTML: they name who failed. And qmail's, with its fixed words."""
    text = _text_of(mail)
    copy = COPY_BEGINS.search(text)
    told, rest = (text[: copy.start()], text[copy.start() :]) if copy else (text, text)
    failed = _field(mail, "X-Failed-Recipients")
    if not failed and not QMAIL_GAVE_UP.match(told):
        return None
    if STILL_UNDER_WAY.search(_field(mail, "Subject") + " " + told):
        return None
    ours = _first_of_ours([_field(returned, "Message-ID")] if returned else ID_IN_COPY.findall(rest))
    if ours is None:
        return None
    to = TO_IN_COPY.search(rest)
    own = _address_in_to(returned) if returned else parseaddr(to[1])[1].lower() if to else ""
    named = [_bare(one) for one in (failed.split(",") if failed else FAILED_AT_QMAIL.findall(told))]
    return _failed(ours, _instant(mail, "Date"), _said_among(told, named, own))


def _said_among(told: str, named: list[str], own: str) -> Said:
    """From the first code in the text to the end of its paragraph."""
    code = CODE.search(told)
    if code is None:
        return Said(None, "", bool(EXPIRED.search(told)), (), is_about_ours=False)
    begin = code.start() if "." not in code[0] else told.rfind("\n", 0, code.start()) + 1
    text = _beginning(re.split(r"\n[ \t\r]*\n", told[begin : begin + LONGEST_READ])[0])
    enhanced = ENHANCED.search(text)
    return Said(
        enhanced[0] if enhanced else None,
        text,
        gave_up=code[0].startswith("4") or bool(EXPIRED.search(told)),
        addresses=_addresses_among(*named[:10], own),
        is_about_ours=named == [own] if own else len(named) == 1,
    )


def _text_of(mail: Mail) -> str:
    """The first readable part beside what was returned."""
    if not mail.is_multipart():
        return _plain(mail) if mail.get_content_maintype() == "text" else ""
    inside = (_text_of(part) for part in _children(mail) if part.get_content_type() not in RETURNED_TYPES)
    return next((text for text in inside if text), "")


def _plain(part: Mail) -> str:
    octets = part.get_payload(decode=True)
    if not isinstance(octets, bytes):
        return ""
    text = octets.decode(_charset(part), "replace").replace("\r\n", "\n")
    return html.unescape(TAG.sub("\n", text)) if part.get_content_type() == "text/html" else text


def _charset(part: Mail) -> str:
    named = part.get_content_charset() or "ascii"
    try:
        "".encode(named)
    except (LookupError, ValueError):
        return "latin-1"
    return named


# Both


def _failed(ours: str, at: int | None, said: Said) -> Report:
    """A server that gave up says nothing of the address: tomorrow it may answer."""
    text = without_address(said.text)
    for address in said.addresses:
        text = without_address(text, address)
    detail = one_line(text)
    if said.gave_up:
        return Report("email", "failed", ours, None, at, "expired", detail)
    reason = reason_of_bounce(said.enhanced, text)
    gone = said.is_about_ours and is_gone(said.enhanced, text)
    return Report("email", "failed", ours, None, at, reason, detail, gone)


def _children(mail: Mail) -> list[Mail]:
    payload = mail.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _returned(part: Mail) -> Mail | None:
    """The headers of the message that came back, from whichever kind of part."""
    if part.get_content_type() not in RETURNED_TYPES:
        return None
    if part.get_content_type() != "text/rfc822-headers":
        return next(iter(_children(part)), None)
    octets = part.get_payload(decode=True)
    return message_from_bytes(octets) if isinstance(octets, bytes) else None


def _first_of_ours(ids: Iterable[str]) -> str | None:
    lefts = (one.strip("<> ").partition("@")[0] for one in ids)
    return next((left for left in lefts if REFERENCE.fullmatch(left)), None)


def _field(mail: Mail, name: str) -> str:
    """A header in one line; empty where there is none."""
    return " ".join(str(mail.get(name, "")).split())


def _beginning(text: str) -> str:
    """In one line and of a bearable length, cut at a space, so that no half of an address is left."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_READ else line[:LONGEST_READ].rpartition(" ")[0]


def _address_of(field: str) -> str:
    """Of "rfc822; kari@fjord.example"."""
    return _bare(field.rpartition(";")[2])


def _address_in_to(returned: Mail | None) -> str:
    return parseaddr(_field(returned, "To"))[1].lower() if returned else ""


def _bare(address: str) -> str:
    return address.strip().strip("<>").lower()[:320]


def _addresses_among(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text.find("@") > 0)


def _instant(mail: Mail, name: str) -> int | None:
    try:
        date = parsedate_to_datetime(_field(mail, name)[:100])
        at = int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return at if at > 0 else None
