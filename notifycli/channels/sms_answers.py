"""What SMS gateways' answers and reports have in common: verdicts, waits, and words that may be kept.

Must not know sockets, nor any one gateway. Sources: SPEC section 7; RFC 9110 (statuses, Retry-After).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal
from urllib.parse import quote, quote_plus

from notifycli.channels.base import Outcome, Report
from notifycli.channels.smtp_answers import one_line, without_address
from notifycli.domain.words import FailReason

WAIT_FOR_GATEWAY = 60.0
WAIT_FOR_A_PERSON = 600.0  # a login or a setting has to be mended
LONGEST_WAIT = 3600.0
MOST_READ = 2000  # characters of a gateway's words

# Five digits or more, however they are grouped: a gateway writes a number in its own way.
NUMBER = re.compile(r"\+?\d(?:[ .()/-]{0,2}\d){4,}")
URL = re.compile(r"\w+://\S+")


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """What a code of a gateway means; `mend`: what a person looks at. The rest is as in Outcome."""

    kind: Literal["sent", "delivered", "permanent", "temporary", "uncertain"]
    reason: FailReason | None = None
    is_gone: bool = False
    wait: float | None = None
    mend: str = ""
    is_about_sender: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a whole answer means. `words`: the gateway's, not yet cleaned; `code`: its own. `reference`: its id."""

    verdict: CodeMeaning
    words: str = ""
    reference: str | None = None
    code: int | None = None


SENT = CodeMeaning("sent")
DELIVERED = CodeMeaning("delivered")
BAD_NUMBER = CodeMeaning("permanent", "bad_number")
NOT_IN_USE = CodeMeaning("permanent", "number_not_in_use", is_gone=True)
BLOCKED = CodeMeaning("permanent", "blocked")
REFUSED = CodeMeaning("permanent", "refused")
NOT_DELIVERED = CodeMeaning("permanent", "not_delivered")
EXPIRED = CodeMeaning("permanent", "expired")
LATER = CodeMeaning("temporary")
BUSY = CodeMeaning("temporary", wait=WAIT_FOR_GATEWAY)
UNKNOWN = CodeMeaning("uncertain")


def ours_to_mend(what: str) -> CodeMeaning:
    """A refusal that every message would get until somebody looks at `what`."""
    return CodeMeaning("temporary", wait=WAIT_FOR_A_PERSON, mend=what)


OUR_LOGIN = ours_to_mend("sms.username and its password")
OUR_URL = ours_to_mend("sms.url")
OUR_SENDER = replace(ours_to_mend("sms.from, or the clinic's sender_sms"), is_about_sender=True)
OUR_ACCOUNT = ours_to_mend("the account at the gateway")


def verdict_of_status(status: int, wait: float | None) -> CodeMeaning:
    """What an HTTP status means where the gateway's own code says no more; `wait`: its Retry-After, in seconds."""
    if status in (429, 503):  # both say that the request was not worked on
        return replace(BUSY, wait=wait or WAIT_FOR_GATEWAY)
    if status in (401, 403, 407):
        return OUR_LOGIN
    if 300 <= status < 400 or status in (404, 405, 410, 421):
        return OUR_URL
    if 400 <= status < 500:  # not taken, but a code that nobody knows is no proof against the number
        return LATER
    return UNKNOWN  # behind a 500, 502 or 504 the message may be on its way; a 2xx without its body is half a yes


def outcome_of(meaning: Meaning, status: int, hidden: Iterable[str] = ()) -> Outcome:
    """An answer as an Outcome; `hidden` are pieces that its words must not show."""
    verdict = meaning.verdict
    words = " ".join((str(status), coded(meaning.code, veiled(meaning.words, hidden)) or phrase_of(status)))
    mend = f"; look at {verdict.mend}" if verdict.mend else ""
    return Outcome(
        "sent" if verdict.kind == "delivered" else verdict.kind,
        one_line(f"{words}{mend}"),
        reference=meaning.reference,
        reason=verdict.reason,
        is_gone=verdict.is_gone,
        wait=verdict.wait,
        is_about_sender=verdict.is_about_sender,
    )


def report_of(
    verdict: CodeMeaning, ours: str, reference: str, at: int | None = None, words: str = "", code: int | None = None
) -> list[Report]:
    """What a gateway said later. No report where it names no message. An empty string is none.

    In a report, what is "temporary" has been given up by the gateway; what is "uncertain" says only that it took it.
    """
    if not (ours or reference):
        return []
    named, detail = (ours or None, reference or None, at), coded(code, veiled(words))
    if verdict.kind in ("sent", "delivered", "uncertain"):
        return [Report("sms", "delivered" if verdict.kind == "delivered" else "sent", *named, detail=detail)]
    return [Report("sms", "failed", *named, verdict.reason or "not_delivered", detail, verdict.is_gone)]


def coded(code: int | None, words: str) -> str:
    """A gateway's code before its words. It comes in after they were veiled, since it may look like a number."""
    return f"{code} {words}".strip() if code is not None else words


def veiled(text: str, hidden: Iterable[str] = ()) -> str:
    """One line without the hidden pieces, as they are or percent-encoded, and without numbers and addresses."""
    pieces: set[str] = set()
    for piece in filter(None, hidden):
        octets = piece.encode("utf-8", "replace")
        pieces |= {piece, quote(octets, safe=""), quote_plus(octets)}
    for piece in sorted(pieces, key=len, reverse=True):
        text = text.replace(piece, "<hidden>")
    if len(text) > MOST_READ:  # the patterns take a quarter of a minute for 64 KiB; half an address would not be known
        text = text[:MOST_READ].rpartition(" ")[0]
    return one_line(NUMBER.sub("<number>", without_address(URL.sub("<address>", text))))


def seconds_to_wait(retry_after: str | None, date: str | None) -> float | None:
    """A Retry-After in seconds, at most an hour; None where it says nothing. `date`: the answer's own Date header.

    A time of day is measured by the clock that wrote it, since ours may differ.
    """
    if not retry_after:
        return None
    if re.fullmatch(r"[0-9]+", retry_after.strip()):
        return min(max(float(retry_after), 1.0), LONGEST_WAIT)
    until, now = _instant(retry_after), _instant(date or "")
    if until is None or now is None:
        return None
    return min(max((until - now).total_seconds(), 1.0), LONGEST_WAIT)


def _instant(http_date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(http_date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else None


def phrase_of(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def within(data: object, *keys: str) -> object:
    """What lies at nested keys of parsed JSON; None where it is of another shape."""
    for key in keys:
        if not isinstance(data, Mapping):
            return None
        data = data.get(key)
    return data


def text_at(data: object, *keys: str) -> str:
    """The string or whole number at nested keys, as text without outer blanks; else an empty string."""
    value = within(data, *keys)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    if isinstance(value, str):
        # JSON can bring halves of characters, and one that no database takes
        return value.encode("utf-8", "replace").decode().replace("\0", "?").strip()
    return str(value) if abs(value) < 10**18 else ""


def code_at(data: object, *keys: str) -> int | None:
    """The code at nested keys, which may be written as text."""
    value = text_at(data, *keys)
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None
