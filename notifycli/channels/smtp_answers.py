"""What a mail server's answer, or its silence, means for a delivery: one pure table.

Must not know sockets. Sources: SPEC section 7; RFC 5321 (codes), RFC 3463 and RFC 5248 (enhanced codes).
"""

import re
from typing import Literal

from notifycli.channels.base import Outcome

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

# Subject and detail of an enhanced code, or the subject alone; None: it may pass, however the first digit reads.
REASON_OF_ENHANCED: dict[str, str | None] = {
    "1": "bad_address",
    "1.1": "unknown_mailbox",
    "1.6": "unknown_mailbox",  # it was one once
    "1.10": "unknown_mailbox",  # a null MX (RFC 7505)
    "1.7": None,  # the sender's address: ours to mend
    "1.8": None,  # the sender's domain: ours to mend
    "2": "refused",
    "2.1": "mailbox_disabled",
    "2.2": None,  # full: RFC 3463 wants it used as a persistent transient failure, since its owner can make room
    "3": "refused",
    "3.1": None,  # their disk is full: useful only as a persistent transient error, says RFC 3463
    "3.5": None,  # a server is not set up rightly
    "4": "refused",
    "4.1": None,  # 4.1, 4.2, 4.3, 4.5: useful only as persistent transient errors, says RFC 3463
    "4.2": None,
    "4.3": None,
    "4.4": "bad_address",  # no route to the domain
    "4.5": None,
    "5": None,  # we and the server do not understand each other
    "6": "refused",
    "6.7": "smtputf8_not_offered",
    "7": "refused",
}
# Where no enhanced code tells more; any other 5xx at RCPT TO (a command that is not understood, a login that is
# missing) is about us.
REASON_OF_CODE: dict[int, str | None] = {
    501: "bad_address",
    521: "bad_address",
    550: "unknown_mailbox",
    551: "unknown_mailbox",
    552: None,  # full, or too many recipients, which RFC 5321 (4.5.3.1.10) wants treated as temporary
    553: "bad_address",
    554: "refused",
    556: "unknown_mailbox",  # the domain takes no mail (RFC 7504)
}
ABOUT_OUR_COMMANDS = {500, 502, 503, 504, 530, 534, 535, 538, 555}
# Postfix keeps what it thinks of the client, its EHLO and the sender until RCPT TO (smtpd_delay_reject), and a server
# that will not relay for us says so there: no fault of the recipient's.
ABOUT_US = re.compile(
    r"(client host|helo command|sender address) rejected"
    r"|relay(ing)? (access )?(denied|not permitted|prohibited)|(unable|not permitted|not allowed) to relay",
    re.IGNORECASE,
)
# Exchange Online says so with 5.4.1, which RFC 3463 keeps for hosts that do not answer, of mailboxes that do not exist;
# Postfix with 5.7.1 of every recipient, where we have not logged in.
ACCESS_DENIED = re.compile(r"recipient address rejected: access denied", re.IGNORECASE)

# An address that is gone gets nothing more until somebody mends it, so only what cannot mean anything else counts.
# Not 5.1.2 and 5.4.4: a domain that lapsed, or whose DNS is ill, comes back in days. Not 5.1.3 and 5.1.0: servers say
# so of what they merely dislike. Not Exchange's 5.4.1: it also means that a new mailbox is not known everywhere yet.
GONE_BY_CODE = {"5.1.1", "5.1.6", "5.1.10"}
# These mean it only with words that do. Gmail says 5.2.1 of a mailbox that gets too much mail, too.
GONE_BY_WORDS = {None, "5.0.0", "5.2.1"}
SAYS_GONE = re.compile(
    r"\b(unknown|no such) (local )?(user|recipient|mailbox|account|address|person)\b"
    r"|\b(user|recipient|mailbox|account|address|person)\b[^.;:]{0,40}"
    r"\b(unknown|not found|does ?n[o'’]t exist|does not exist|no longer \w+|disabled|deactivated|discontinued)\b"
    r"|\bno mailbox here by that name\b",
    re.IGNORECASE,
)
# Exim, asked to take mail of a sender it cannot verify, says "No such user" of the sender.
LEAVES_DOUBT = re.compile(
    r"\b(senders?|mail from|verif\w*|temporar\w*|(over ?)?quota|full|rate"
    r"|block\w*|black ?list\w*|spam|policy|reputation)\b",
    re.IGNORECASE,
)

# Seconds in which nothing should be sent to a server in trouble of its own; a wrong password would lock an account.
WAIT_FOR_SERVER = 60.0
WAIT_AFTER_REFUSED_LOGIN = 600.0

ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")
QUEUE_ID = re.compile(r"\b(?:queued as|id=)\s*([\w.-]+)", re.IGNORECASE)
# A server may echo more than the address we gave it: a forward, its own spelling.
ANY_ADDRESS = re.compile(r"<?[^\s<>\"'(),;]+@[^\s<>\"'(),;:]+>?")
UNREADABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
LONGEST_DETAIL = 300


def outcome_of(stage: Stage, code: int | None, enhanced: str | None, text: str) -> Outcome:
    """What an answer at a stage means; `code` None is no answer, and then `text` says in our words what happened.

    `dot` is from the moment that the final dot may have left: from there on only a clear answer is believed. What a
    server says before RCPT TO is about our settings, not about the recipient, so it is tried again.
    """
    detail = _detail(stage, code, enhanced, text)
    if stage == "dot" and (code is None or not (200 <= code < 300 or 400 <= code < 600)):
        return Outcome("uncertain", detail)
    if stage == "dot" and code is not None and code < 300:
        return Outcome("sent", detail, reference=_queue_id(text))
    if stage not in ("rcpt", "data", "dot") or code is None or not 500 <= code < 600:
        return Outcome("temporary", detail, wait=_wait(stage, code))
    reason = _reason(stage, code, enhanced, text)
    if not reason:
        return Outcome("temporary", detail)
    return Outcome("permanent", detail, reason=reason, is_gone=is_gone(enhanced, text))


def is_gone(enhanced: str | None, text: str) -> bool:
    """Whether a refusal for good means that the mailbox does not exist, or is disabled for good."""
    if LEAVES_DOUBT.search(text) or ABOUT_US.search(text):
        return False
    return enhanced in GONE_BY_CODE or (enhanced in GONE_BY_WORDS and bool(SAYS_GONE.search(text)))


def reason_of_bounce(enhanced: str | None, text: str) -> str:
    """The word for mail that came back for good: a word in any case, since nobody tries it again."""
    if is_gone(enhanced, text) and enhanced != "5.2.1":
        return "unknown_mailbox"
    return _reason("dot", 550, enhanced, text) or "refused"


def enhanced_and_text(answer: str) -> tuple[str | None, str]:
    """An answer of one or more lines, split into the enhanced code that begins it and its text in one line."""
    found = ENHANCED.match(answer)
    lines = (ENHANCED.sub("", line, count=1) if ENHANCED.match(line) else line for line in answer.splitlines())
    return found[1] if found else None, one_line(" ".join(lines))


def without_address(text: str, address: str | None = None) -> str:
    """The text with "<address>" for the address, its local part alone, and anything else that looks like one."""
    for part in (address, address.rpartition("@")[0]) if address else ():
        if not _may_hold(text, part):
            continue  # a pattern for each message takes longer to compile than the message to send
        text = re.sub(rf"<?(?<!\w){re.escape(part)}(?!\w)>?", "<address>", text, flags=re.IGNORECASE)
    return ANY_ADDRESS.sub("<address>", text)


def _may_hold(text: str, part: str) -> bool:
    """Whatever the case of either; outside ASCII the pattern alone knows what that means."""
    return part.lower() in text.lower() or not (text.isascii() and part.isascii())


def one_line(text: str) -> str:
    """Printable, without line breaks and of a length that a table can show."""
    return UNREADABLE.sub(" ", text).strip()[:LONGEST_DETAIL]


def _wait(stage: Stage, code: int | None) -> float | None:
    """For what is the server's trouble rather than the message's; after the dot its 421 is about the message."""
    if stage == "auth" and code is not None and 500 <= code < 600:
        return WAIT_AFTER_REFUSED_LOGIN
    if stage in ("connect", "tls", "hello", "auth"):
        return WAIT_FOR_SERVER
    return WAIT_FOR_SERVER if code == 421 and stage != "dot" else None


def _reason(stage: Stage, code: int, enhanced: str | None, text: str) -> str | None:
    if code in ABOUT_OUR_COMMANDS or ABOUT_US.search(text):
        return None
    if ACCESS_DENIED.search(text) and enhanced in ("5.4.1", "5.7.1"):
        return "unknown_mailbox" if enhanced == "5.4.1" else None
    if enhanced and enhanced.startswith("5.") and (told := _by_enhanced(enhanced)) != "":
        return told
    if stage == "rcpt":
        return REASON_OF_CODE.get(code)
    return "refused"


def _by_enhanced(enhanced: str) -> str | None:
    """The empty word for a code that says nothing (5.0.0 and subjects that nobody has defined)."""
    _, subject, detail = enhanced.split(".")
    return REASON_OF_ENHANCED.get(f"{subject}.{detail}", REASON_OF_ENHANCED.get(subject, ""))


def _detail(stage: Stage, code: int | None, enhanced: str | None, text: str) -> str:
    answer = " ".join(str(part) for part in (code, enhanced, text) if part)
    return answer if stage in ("rcpt", "dot") and code is not None else f"{answer} ({WHERE[stage]})"


def _queue_id(text: str) -> str | None:
    found = QUEUE_ID.search(text)
    return found[1].rstrip(".") if found else None
