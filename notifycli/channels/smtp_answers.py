"""What a mail server's answer, or its silence, means for a delivery, by the stage at which it comes: pure.

Must not know sockets. What a refusal for good says is for refusals. Sources: SPEC section 7; RFC 5321.
"""

import re
from typing import Literal

from notifycli.channels.base import Outcome
from notifycli.channels.refusals import is_gone, reason_of_refusal

Stage = Literal["connect", "tls", "hello", "auth", "mail", "rcpt", "data", "dot"]

WHERE: dict[Stage, str] = {
    "connect": "on connecting",
    "tls": "at TLS",
    "hello": "at EHLO",
    "auth": "at AUTH",
    "mail": "at MAIL FROM",
    "rcpt": "at RCPT TO",
    "data": "at DATA",
    "dot": "after the message",
}

# Seconds in which nothing should be sent to a server in trouble of its own; a wrong password would lock an account.
WAIT_FOR_SERVER = 60.0
WAIT_AFTER_REFUSED_LOGIN = 600.0

ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")
QUEUE_ID = re.compile(r"\b(?:queued as|id=)\s*([\w.-]+)", re.IGNORECASE)
# A server may echo more than the address we gave it: a forward, its own spelling, half of one.
ANY_ADDRESS = re.compile(r"<?(?:\"[^\"]{1,64}\"|[^\s<>\"'(),;]*)@[^\s<>\"'(),;:]*>?")
UNREADABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
LONGEST_DETAIL = 300


def outcome_of(stage: Stage, code: int | None, enhanced: str | None, text: str) -> Outcome:
    """What an answer at a stage means; `code` None is no answer, and then `text` says in our words what happened.

    `dot` is from the moment that the final dot may have left: from there on only a clear answer is believed. What a
    server says before RCPT TO is about our settings, not about the recipient, so it is tried again.
    """
    detail = " ".join(str(part) for part in (code, enhanced, text) if part)
    if stage not in ("rcpt", "dot") or code is None:
        detail += f" ({WHERE[stage]})"
    if stage == "dot" and (code is None or not (200 <= code < 300 or 400 <= code < 600)):
        return Outcome("uncertain", detail)
    if stage == "dot" and code is not None and code < 300:
        queue_id = QUEUE_ID.search(text)
        return Outcome("sent", detail, reference=queue_id[1].rstrip(".") if queue_id else None)
    if stage not in ("rcpt", "data", "dot") or code is None or not 500 <= code < 600:
        # For what is the server's trouble rather than the message's; after the dot its 421 is about the message.
        is_of_server = stage in ("connect", "tls", "hello", "auth") or (code == 421 and stage != "dot")
        if stage == "auth" and code is not None and 500 <= code < 600:
            return Outcome("temporary", detail, wait=WAIT_AFTER_REFUSED_LOGIN)
        return Outcome("temporary", detail, wait=WAIT_FOR_SERVER if is_of_server else None)
    reason = reason_of_refusal(code, enhanced, text, by_code=stage == "rcpt")
    if not reason:
        return Outcome("temporary", detail)
    return Outcome("permanent", detail, reason=reason, is_gone=is_gone(enhanced, text))


def enhanced_and_text(answer: str) -> tuple[str | None, str]:
    """An answer of one or more lines, split into the enhanced code that begins it and its text in one line."""
    beginning = ENHANCED.match(answer)
    lines = (ENHANCED.sub("", line, count=1) if ENHANCED.match(line) else line for line in answer.splitlines())
    return beginning[1] if beginning else None, one_line(" ".join(lines))


def without_address(text: str, address: str | None = None) -> str:
    """The text with "<address>" for the address, its local part alone, and anything else that looks like one."""
    for part in (address, address.rpartition("@")[0]) if address else ():
        # A pattern for each message takes longer to compile than the message to send; outside ASCII it alone knows what
        # the case of a letter means.
        if part.lower() not in text.lower() and text.isascii() and part.isascii():
            continue
        text = re.sub(rf"<?(?<!\w){re.escape(part)}(?!\w)>?", "<address>", text, flags=re.IGNORECASE)
    return ANY_ADDRESS.sub("<address>", text)


def one_line(text: str) -> str:
    """Printable, without line breaks and of a length that a table can show."""
    return UNREADABLE.sub(" ", text).strip()[:LONGEST_DETAIL]
