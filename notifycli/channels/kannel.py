"""Kannel, the gateway that a chain of clinics runs itself: its sendsms interface; its reports come as a query.

Sources: the Kannel User's Guide (sendsms by POST, delivery reports) and the answers of its smsbox; SPEC section 7. It
cannot be asked what became of a message.
"""

import re
from collections.abc import Mapping
from typing import Any

from notifycli.channels.base import Outgoing, Report, Tried
from notifycli.channels.callbacks import Callback
from notifycli.channels.http import GatewayAnswer, GatewaySettings, HttpGateway, Request, with_query
from notifycli.channels.sms_answers import (
    BAD_NUMBER,
    BLOCKED,
    BUSY,
    DELIVERED,
    EXPIRED,
    NOT_DELIVERED,
    OUR_LOGIN,
    OUR_SENDER,
    REFUSED,
    SENT,
    CodeMeaning,
    Meaning,
    ours_to_mend,
    report_of,
    text_at,
)
from notifycli.channels.smtp_answers import one_line
from notifycli.domain.gsm import is_gsm7

CODING_GSM7, CODING_UCS2 = "0", "2"

DELIVERED_TO_PHONE, FAILED, BUFFERED, AT_THE_CENTRE, REFUSED_BY_CENTRE = 1, 2, 4, 8, 16
WANTED = DELIVERED_TO_PHONE | FAILED | REFUSED_BY_CENTRE  # the rest would only say again that it was sent

OUR_REQUEST = ours_to_mend("what this user may set, in Kannel's group sendsms-user")
# What its answers begin with, by status.
ANSWERS: tuple[tuple[int, str, CodeMeaning], ...] = (
    (202, "", SENT),  # "0: Accepted for delivery", "3: Queued for later delivery", "Sent."
    (403, "Not routable", REFUSED),  # "Do not try again": no centre takes this number
    (403, "", OUR_LOGIN),
    (400, "Number(s) has/have been denied", BLOCKED),
    (400, "Empty receiver", BAD_NUMBER),
    (400, "Missing receiver", BAD_NUMBER),
    (400, "Sender missing", OUR_SENDER),
    (400, "Charset or body", REFUSED),
    (400, "", OUR_REQUEST),
    (500, "Sending failed", BUSY),  # smsbox could not hand it to bearerbox
)
# What smsbox says to a login that it knows, and no receiver, by its age.
NO_RECEIVER = ("Missing receiver", "Empty receiver", "Insufficient")
IDENTIFIER = re.compile(r"0: Accepted for delivery: (\S{1,100})")

# What a centre says in a report, of which the text may hold the message: only these parts are read.
STATE = re.compile(r"\bstat:([A-Z]{1,10})\b", re.IGNORECASE)
ERROR = re.compile(r"\berr:([0-9A-Za-z]{1,4})\b", re.IGNORECASE)
NACK = re.compile(r"NACK/(0x[0-9a-f]{1,8}|[0-9]{1,10})\b", re.IGNORECASE)
STATES: dict[str, CodeMeaning] = {"EXPIRED": EXPIRED, "REJECTD": REFUSED}
NACKS: dict[int, CodeMeaning] = {0x0B: BAD_NUMBER}  # SMPP 3.4, 5.1.3: ESME_RINVDSTADR


class Kannel(HttpGateway):
    """`url`: the whole address, such as http://localhost:13013/cgi-bin/sendsms."""

    def __init__(self, settings: GatewaySettings) -> None:
        super().__init__(settings, settings.url)

    def _request(self, message: Outgoing) -> Request:
        """In headers, and not in a query, which would stand in logs, and which aiohttp might send twice."""
        headers = {
            **self._login(),
            "X-Kannel-From": one_line(message.sender),
            "X-Kannel-To": message.address,
            "X-Kannel-Coding": CODING_GSM7 if is_gsm7(message.text) else CODING_UCS2,
        }
        if self._settings.callback:
            headers["X-Kannel-DLR-Mask"] = str(WANTED)
            headers["X-Kannel-DLR-Url"] = report_url(self._settings.callback, message.our_reference)
        return Request(self._url, headers, message.text.encode())

    def _login(self) -> dict[str, str]:
        return {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": self._settings.username,
            "X-Kannel-Password": self._settings.password or "",
        }

    def _meaning(self, answer: GatewayAnswer) -> Meaning | None:
        return meaning_of(answer.status, answer.body)

    async def check(self, senders: Mapping[str, str], now: int) -> Tried:
        """A message to nobody: smsbox looks at the login first, and then misses the receiver."""
        answer = await self._tried(Request(self._url, self._login()))
        words = one_line(answer.body)
        if answer.status == 400 and words.startswith(NO_RECEIVER):
            more = "whether a centre takes messages shows with: notify doctor --send-test NUMBER"
            return Tried(f"Kannel lets us in, and nothing was sent; {more}")
        if answer.status in (200, 202, 400):
            raise self._answers_otherwise(answer)
        raise self._unfit(answer, meaning_of(answer.status, answer.body))


def report_url(callback: str, ours: str) -> str:
    """The dlr-url. Kannel fills in %d (what happened), %A (the centre's words), %T (when); %% stands for a percent."""
    address = with_query(callback, id=ours).replace("%", "%%")
    return f"{address}&type=%d&answer=%A&at=%T"


def meaning_of(status: int, body: str) -> Meaning | None:
    words = one_line(body)
    for of_status, beginning, verdict in ANSWERS:
        if status == of_status and words.startswith(beginning):
            identifier = IDENTIFIER.match(words) if verdict is SENT else None
            return Meaning(verdict, words, identifier[1] if identifier else None)
    return None


def reports_in(fields: object) -> list[Report]:
    """What came to a dlr-url: `type`, `answer`, `at` and our `id`."""
    kind, answer = text_at(fields, "type"), text_at(fields, "answer")
    verdict = _verdict(int(kind), answer) if re.fullmatch(r"[0-9]{1,3}", kind) else None
    if verdict is None:
        return []
    at = text_at(fields, "at")
    instant = int(at) if re.fullmatch(r"[0-9]{1,11}", at) else None
    words = [match[0] for pattern in (STATE, ERROR) if (match := pattern.search(answer))]
    if (nack := _nack(answer)) is not None:
        words.append(f"NACK 0x{nack:x}")
    return report_of(verdict, text_at(fields, "id"), "", instant, " ".join(words))


def _verdict(kind: int, answer: str) -> CodeMeaning | None:
    """`kind` is a sum: some centres report that they took a message and what came of it at once."""
    if kind & DELIVERED_TO_PHONE:
        return DELIVERED
    if kind & FAILED:
        state = STATE.search(answer)
        return STATES.get(state[1].upper(), NOT_DELIVERED) if state else NOT_DELIVERED
    if kind & REFUSED_BY_CENTRE:
        return NACKS.get(_nack(answer) or 0, REFUSED)
    return SENT if kind & (BUFFERED | AT_THE_CENTRE) else None


def _nack(answer: str) -> int | None:
    code = NACK.search(answer)
    return int(code[1], 16 if code[1][:2].lower() == "0x" else 10) if code else None


def make(**settings: Any) -> Kannel:
    """As callbacks.GatewayModule says."""
    return Kannel(GatewaySettings(**settings))


CALLBACK = Callback(("GET",), "query", reports_in)
