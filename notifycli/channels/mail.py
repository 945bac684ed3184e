"""The bytes of an e-mail (RFC 5322 and MIME) made from an Outgoing, at the speed of the wire.

Must not know servers or folders. `EmailMessage` takes a millisecond a message, this some 30 µs: what is the same for
all messages is made once, and only the bodies and five headers are filled in. Source: SPEC section 6, DESIGN idea 7.
"""

import re
from binascii import b2a_base64
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from notifycli.channels.base import Outgoing
from notifycli.domain.errors import NotifyError

# A body in base64 has no "_" and a "=" only at its end, so this line can stand in none.
BOUNDARY = "=_notifycli_part_="
BASE64_LINE = 76
WORD_BYTES = 39  # of one encoded word, so that it and "Subject: " fit in the 76 characters of a line (RFC 2047)
LONGEST_ADDRESS = 254
LONGEST_RAW = 60  # of a header that is left as it is: with its name it stays under the 78 that RFC 5322 asks for

BREAKS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")
PLAIN_WORDS = re.compile(r"[!-~]+(?: [!-~]+)*")
ATOMS = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?: [\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
PLAIN_MAILBOX = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]+@[\w.-]+", re.ASCII)
NAME_AND_ADDRESS = re.compile(r"(?P<name>.*?)\s*<(?P<address>[^<>]*)>\s*", re.DOTALL)

PART = f"--{BOUNDARY}\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
PLAIN_PART, HTML_PART = (PART % "plain").encode(), (PART % "html").encode()
LAST_LINE = f"--{BOUNDARY}--\r\n".encode()
ALTERNATIVE = f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n\r\n'.encode()
OUTER_BOUNDARY = "=_notifycli_whole_="
MIXED = f'Content-Type: multipart/mixed; boundary="{OUTER_BOUNDARY}"\r\n\r\n--{OUTER_BOUNDARY}\r\n'.encode()
LAST_OUTER_LINE = f"--{OUTER_BOUNDARY}--\r\n".encode()
CALENDAR_PART = (
    f"--{OUTER_BOUNDARY}\r\nContent-Type: text/calendar; charset=utf-8; method=%s\r\n"
    'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="%s"\r\n\r\n'
)
PLAIN_ONLY = PLAIN_PART.split(b"\r\n", 1)[1]


class NotAnAddress(NotifyError):
    """An address that no mail can go to or come from. It is not named: it may be a patient's."""


class NotASender(NotAnAddress):
    """The sender of a message is none: whatever comes of that, it is no fault of the patient's address."""

    def __init__(self) -> None:
        super().__init__("the sender has no e-mail address; mend sender_email in clinics.csv, or email.from")


class Mailbox(NamedTuple):
    """An address as mail servers take it: its domain in ASCII. A local part that is not needs SMTPUTF8 (RFC 6531)."""

    address: str
    needs_smtputf8: bool


def mailbox(address: str) -> Mailbox:
    """The address for an envelope and a header; raises NotAnAddress, also for whatever could break out of either."""
    if len(address) <= LONGEST_ADDRESS and PLAIN_MAILBOX.fullmatch(address):
        return Mailbox(address, needs_smtputf8=False)
    try:
        checked = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise NotAnAddress("not an e-mail address") from None
    if checked.ascii_email:
        return Mailbox(checked.ascii_email, needs_smtputf8=False)
    return Mailbox(f"{checked.local_part}@{checked.ascii_domain}", needs_smtputf8=True)


@lru_cache(64)
def sender_of(header: str) -> tuple[str, Mailbox]:
    """The display name and the mailbox of "Name <address>" or of an address alone; raises NotASender."""
    parts = NAME_AND_ADDRESS.fullmatch(header)
    name, address = (parts["name"].strip(), parts["address"]) if parts else ("", header)
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    try:
        return name, mailbox(address.strip())
    except NotAnAddress:
        raise NotASender from None


def message_bytes(message: Outgoing) -> bytes:
    """The whole message, its lines ending in CRLF; pure ASCII unless a mailbox needs SMTPUTF8.

    Line breaks and other control characters in a header's value become a space. Raises NotAnAddress, of the sender
    NotASender.
    """
    own = (
        f"Date: {_date(message.sent_on)}\r\n"
        f"Message-ID: {_visible(message.message_id)}\r\n"
        f"To: {mailbox(message.address).address}\r\n"
        f"Subject: {_words(_flat(message.subject))}\r\n"
    )
    head = _common_headers(message.sender, message.language) + own.encode()
    text = _base64(message.text)
    if message.html is None:
        parts: tuple[bytes, ...] = (PLAIN_ONLY, text)
    else:
        parts = (ALTERNATIVE, PLAIN_PART, text, HTML_PART, _base64(message.html), LAST_LINE)
    if message.calendar is None:
        return b"".join((head, *parts))
    part = CALENDAR_PART % (message.calendar.method, message.calendar.name)
    file = _in_base64(message.calendar.text)
    return b"".join((head, MIXED, *parts, part.encode(), file, LAST_OUTER_LINE))


@lru_cache(64)
def _common_headers(sender: str, language: str) -> bytes:
    name, (address, _) = sender_of(sender)
    name = " ".join(_flat(name).split())
    written = address
    if name and PLAIN_WORDS.fullmatch(name) and len(name) <= LONGEST_RAW and "=?" not in name:
        quoted = name if ATOMS.fullmatch(name) else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
        written = f"{quoted}\r\n <{address}>"
    elif name:
        written = f"{_encoded_words(name)}\r\n <{address}>"
    return (
        "MIME-Version: 1.0\r\n"
        f"From: {written}\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "X-Auto-Response-Suppress: All\r\n"
        f"Content-Language: {_visible(language)}\r\n"
    ).encode()


@lru_cache(16)
def _date(instant: int) -> str:
    return format_datetime(datetime.fromtimestamp(instant, UTC))


def _flat(value: str) -> str:
    return BREAKS.sub(" ", value)


def _visible(value: str) -> str:
    """The value of a header that is one ASCII word; anything else in it is spelled out, so that it stays unique."""
    return re.sub(r"[^!-~]", lambda odd: f"u{ord(odd[0]):x}", value)


@lru_cache(256)
def _words(value: str) -> str:
    """Unstructured text for a header: as it is where that is safe, else in encoded words."""
    if PLAIN_WORDS.fullmatch(value) and len(value) <= LONGEST_RAW and "=?" not in value:
        return value
    return _encoded_words(value)


def _encoded_words(value: str) -> str:
    """RFC 2047, one encoded word a line; a character is never split between two."""
    chunks, chunk = [], b""
    for character in value:
        octets = character.encode("utf-8", "replace")
        if len(chunk) + len(octets) > WORD_BYTES:
            chunks.append(chunk)
            chunk = b""
        chunk += octets
    if chunk:
        chunks.append(chunk)
    return "\r\n ".join(f"=?utf-8?b?{b2a_base64(chunk, newline=False).decode()}?=" for chunk in chunks)


def _in_base64(text: str) -> bytes:
    """A body with CRLF line ends, as MIME wants text before it is encoded, in base64 lines that end in CRLF."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    line = b2a_base64(unix.replace("\n", "\r\n").encode("utf-8", "replace"), newline=False)
    lines = [line[start : start + BASE64_LINE] for start in range(0, len(line), BASE64_LINE)]
    return b"\r\n".join((*lines, b""))


_base64 = lru_cache(256)(_in_base64)  # many patients get the same words
