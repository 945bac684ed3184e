"""A mail that came back, taken apart: fields by the rules, words for people, headers of what was returned.

Must not know what any of it means, nor which message is ours. Reads what servers write, also where they are sloppy:
parts within parts, parts that are encoded, fields without blank lines between recipients, headers quoted in the words.
"""

import html
import re
from collections.abc import Iterator
from email import message_from_bytes, message_from_string
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from typing import NamedTuple

Mail = Message
Group = dict[str, str]  # of a delivery status: a message's fields or a recipient's, by their names in small letters

STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
NEVER_RETURNED = (*STATUS_TYPES, "message/disposition-notification", "message/feedback-report")
HEADERS_TYPES = ("text/rfc822-headers", "text/rfc822-header", "text/rfc822")
ENCODED = ("base64", "quoted-printable")

FIELD = re.compile(r"[ \t]*([A-Za-z][\w-]{0,60})[ \t]*:(?!//)(.*)")
RECIPIENT = ("final-recipient", "original-recipient")
OF_RECIPIENT = (*RECIPIENT, "action", "status", "diagnostic-code", "remote-mta", "last-attempt-date")
OF_MESSAGE = ("reporting-mta", "received-from-mta", "arrival-date", "original-envelope-id", "x-original-message-id")
BEGINS_RECIPIENT = (*RECIPIENT, "action")

HEADER_LINE = re.compile(r"[\x21-\x39\x3b-\x7e]{1,80}:|[ \t]+\S")
MESSAGE_ID_LINE = re.compile(
    r"^([ \t>|]{0,20})Message-ID[ \t]*:\s{0,5}<?[^<>\s]{1,300}>?", re.IGNORECASE | re.MULTILINE
)
COPY_BEGINS = re.compile(r"^[ \t>|]{0,20}(Received|Return-Path):", re.IGNORECASE | re.MULTILINE)
NO_WORDS = re.compile(r"<(style|script|title)\b(?:(?!<\1\b).){0,20000}?</\1>", re.IGNORECASE | re.DOTALL)
NEW_LINE = re.compile(r"</?(?:br|p|div|tr|li|h\d|pre|table)\b[^<>]{0,2000}>[ \t\r]*\n?", re.IGNORECASE)
TAG = re.compile(r"<[^<>]{0,2000}>")

MOST_TEXT = 200_000  # characters of words that are looked through, since a stranger chose their length
LONGEST_HEADER = 5000  # characters of one that is decoded
MOST_FIELDS = 2000  # lines of a delivery status
MOST_COPIES = 5
LONGEST_COPY = 300  # lines of headers before and after their Message-ID


class MimeParts(NamedTuple):
    """`status`: the groups of a delivery-status part; `words`: what people read, up to a copy of the message.

    `copies`: what may be the headers of the message that was returned. `kind`: the report-type, where one is named.
    """

    status: list[Group]
    words: str
    copies: list[Mail]
    attached: list[Mail]
    kind: str


def mime_parts_of(mail: Mail) -> MimeParts:
    every = list(_leaves(mail))
    bare = [leaf for leaf in every if leaf is not mail and leaf["Message-ID"]]  # returned, with no part made for it
    leaves = [leaf for leaf in every if leaf is mail or not leaf["Message-ID"]]
    status = [group for leaf in leaves if leaf.get_content_type() in STATUS_TYPES for group in groups_in(_raw(leaf))]
    # Also what is called multipart and has no parts: someone took its boundaries away.
    of_text = [leaf for leaf in leaves if leaf.get_content_maintype() in ("text", "multipart")]
    texts = [_text(leaf) for leaf in of_text if leaf.get_content_type() not in (*HEADERS_TYPES, "text/html")]
    if not any(text.strip() for text in texts):
        pages = [_text(leaf) for leaf in leaves if leaf.get_content_type() == "text/html"]
        texts = [html.unescape(TAG.sub("", NEW_LINE.sub("\n", NO_WORDS.sub("", page)))) for page in pages]
    words = "\n\n".join(texts)[:MOST_TEXT]
    attached = [inner for leaf in leaves for inner in _returned_by(leaf)]
    in_words = list(_blocks_in(words))
    begins = [start for start, _ in in_words] + [copy.start() for copy in [COPY_BEGINS.search(words)] if copy]
    copies = [*attached, *bare, *(message_from_string(block) for _, block in in_words)]
    return MimeParts(status, words[: min(begins, default=None)], copies, attached, _kind(mail))


def header(mail: Mail, name: str) -> str:
    """A header in one line, as it is written; empty where there is none."""
    return " ".join(str(mail.get(name, "")).split())


def decoded_header(mail: Mail, name: str) -> str:
    text = header(mail, name)[:LONGEST_HEADER]
    try:
        return str(make_header(decode_header(text)))
    except (MessageError, LookupError, ValueError):
        return text


def groups_in(text: str) -> list[Group]:
    """The groups of fields, whether or not blank lines stand where the rules want them (RFC 3464, 2.1)."""
    groups: list[Group] = [{}]
    last, is_after_gap = "", False
    for line in text.splitlines()[:MOST_FIELDS]:
        if not line.strip():
            last, is_after_gap = "", True
            continue
        field = FIELD.match(line)
        name = field[1].lower() if field else ""
        is_known = name in OF_RECIPIENT or name in OF_MESSAGE
        if field is None or (line[0] in " \t" and not (is_known and name not in groups[-1])):
            if last:
                groups[-1][last] += " " + line.strip()
            continue
        last = name if is_known else ""
        if name in BEGINS_RECIPIENT:
            is_whole = "action" in groups[-1] and any(known in groups[-1] for known in RECIPIENT)
            if name in groups[-1] or (is_after_gap and is_whole):
                groups.append({})
        if is_known:
            groups[-1].setdefault(name, field[2].strip())
            is_after_gap = False
    return [{name: " ".join(value.split()) for name, value in group.items()} for group in groups]


def _leaves(mail: Mail) -> Iterator[Mail]:
    if mail.get_content_maintype() == "multipart" and mail.is_multipart():
        for part in children(mail):
            yield from _leaves(part)
    else:
        yield mail


def children(mail: Mail) -> list[Mail]:
    payload = mail.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _kind(mail: Mail) -> str:
    """The report-type that the mail or a part around its parts names."""
    named = str(mail.get_param("report-type") or "").lower()
    if named or mail.get_content_maintype() != "multipart":
        return named
    return next((kind for kind in map(_kind, children(mail)) if kind), "")


def _text(leaf: Mail) -> str:
    octets = leaf.get_payload(decode=True)
    if not isinstance(octets, bytes):
        return ""
    charset = leaf.get_content_charset() or "ascii"
    try:
        "".encode(charset)
    except (LookupError, ValueError):
        charset = "latin-1"
    return octets.decode(charset, "replace").replace("\r\n", "\n").replace("\r", "\n")[:MOST_TEXT]


def _returned_by(leaf: Mail) -> list[Mail]:
    """The message in a part made for one. An encoding is not allowed there, and some use one, or only say so."""
    kind = leaf.get_content_type()
    if kind in HEADERS_TYPES:
        octets = leaf.get_payload(decode=True)
        return [message_from_bytes(octets.lstrip(b"\r\n"))] if isinstance(octets, bytes) else []
    if leaf.get_content_maintype() != "message" or kind in NEVER_RETURNED:
        return []
    returned = children(leaf)
    for place, mail in enumerate(returned):
        body = mail.get_payload()
        if not mail.keys() and isinstance(body, str):  # some write a blank line before the headers
            returned[place] = message_from_string(body.lstrip("\r\n"))
    return [*returned, *([message_from_string(_raw(leaf))] if _encoding(leaf) in ENCODED else [])]


def _encoding(part: Mail) -> str:
    return header(part, "Content-Transfer-Encoding").lower()


def _raw(part: Mail) -> str:
    """The text of a part that the parser took for messages, decoded as the part says."""
    written = []
    for mail in children(part):
        lines = "\n".join(f"{name}: {value}" for name, value in mail.raw_items())
        rest = mail.get_payload()
        written.append(f"{lines}\n\n{rest}" if isinstance(rest, str) and rest else lines)
    text = "\n\n".join(written)
    if _encoding(part) in ENCODED:
        carrier = Message()
        carrier["Content-Transfer-Encoding"] = _encoding(part)
        carrier.set_payload(text)
        octets = carrier.get_payload(decode=True)
    else:
        octets = text.encode("utf-8", "surrogateescape")
    return octets.decode("utf-8", "replace") if isinstance(octets, bytes) else ""


def _blocks_in(words: str) -> Iterator[tuple[int, str]]:
    """Where headers with a Message-ID begin in a text, and those headers without marks of quoting before each line."""
    for _, line_of_id in zip(range(MOST_COPIES), MESSAGE_ID_LINE.finditer(words), strict=False):
        mark = line_of_id[1]
        before = words[: line_of_id.start()].split("\n")[-LONGEST_COPY - 1 : -1]
        after = words[line_of_id.start() :].split("\n", LONGEST_COPY)[:LONGEST_COPY]
        first = next((at for at in range(len(before), 0, -1) if not _is_header(before[at - 1], mark)), 0)
        end = next((at for at, line in enumerate(after) if not _is_header(line, mark)), len(after))
        block = [*before[first:], *after[:end]]
        yield (
            line_of_id.start() - sum(len(line) + 1 for line in before[first:]),
            "\n".join(line[len(mark) :] for line in block),
        )


def _is_header(line: str, mark: str) -> bool:
    return line.startswith(mark) and HEADER_LINE.match(line[len(mark) :]) is not None
