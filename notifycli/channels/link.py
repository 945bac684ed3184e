"""LINK Mobility, the "Common" platform: POST /sms/send with JSON; its reports come as JSON.

Sources: LINK Mobility SMS REST API, MT and Delivery Reports, version 1.18; SPEC section 7. The reports' address is not
named in a request: LINK's support ties it to a gate, and a request names the gate.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from notifycli.channels.base import Outgoing, Report, Tried
from notifycli.channels.callbacks import Callback
from notifycli.channels.http import GatewayAnswer, GatewaySettings, HttpGateway, Request, completed
from notifycli.channels.sms_answers import (
    BAD_NUMBER,
    BLOCKED,
    BUSY,
    DELIVERED,
    EXPIRED,
    LATER,
    NOT_DELIVERED,
    NOT_IN_USE,
    OUR_LOGIN,
    OUR_SENDER,
    REFUSED,
    SENT,
    UNKNOWN,
    CodeMeaning,
    Meaning,
    code_at,
    ours_to_mend,
    report_of,
    text_at,
)

PUBLIC_URL = "https://wsx.sp247.net"
PATH, BATCH_PATH = "/sms/send", "/sms/sendbatch"

OUR_PLATFORM = ours_to_mend("sms.platform_id and sms.platform_partner_id")
OUR_GATE = ours_to_mend("the gate of the delivery reports, with LINK's support")

# "Error Result Codes", of a request that was not taken.
ERRORS: dict[int, CodeMeaning] = {
    106000: LATER,
    **dict.fromkeys((106100, 106101), OUR_LOGIN),
    **dict.fromkeys((106200, 106201), OUR_PLATFORM),
    106202: REFUSED,
    **dict.fromkeys((106300, 106301), OUR_GATE),
}
# "Result Codes", of an answer and of a report.
RESULTS: dict[int, CodeMeaning] = {
    **dict.fromkeys((0, 1), LATER),  # unknown error, temporary routing error: not delivered
    2: REFUSED,  # permanent routing error
    3: BUSY,  # throttled
    **dict.fromkeys((4, 5), UNKNOWN),  # "unknown delivery"
    **dict.fromkeys((6, 105), LATER),  # an error of the operator's, of LINK's
    104: ours_to_mend("the account, with LINK's support"),
    **dict.fromkeys((1000, 1005, 1008, 1011, 1012, 1013), SENT),  # not final
    **dict.fromkeys((1001, 1007), DELIVERED),
    1002: EXPIRED,
    **dict.fromkeys((1003, 1004, 1006, 1009), NOT_DELIVERED),  # deleted, mobile full, not delivered
    1010: UNKNOWN,  # no report of the operator's came in time
    **dict.fromkeys((2000, 2001, 2002, 2003), OUR_SENDER),
    **dict.fromkeys((2100, 2101, 2102, 2106), BAD_NUMBER),
    2103: REFUSED,  # not supported for this destination
    2104: NOT_IN_USE,
    **dict.fromkeys((2105, 2205), BLOCKED),  # barred for good; rejected by the subscriber
    2107: LATER,  # barred for a time
    **dict.fromkeys((2200, 2201, 2202, 2203, 2204, 2206, 2207), REFUSED),  # charging, which is not ours
    **dict.fromkeys((3000, 3001, 3002, *range(4000, 4008)), REFUSED),  # encoding and content
}
# A report on a part of a longer message names it "{id}${n}".
PART = re.compile(r"(.+)\$([0-9]{1,3})\*?")


@dataclass(frozen=True, slots=True)
class LinkSettings(GatewaySettings):
    """`gates`: to which reports are sent, by LINK's names; none asks for no reports."""

    platform_id: str = ""
    platform_partner_id: str = ""
    gates: tuple[str, ...] = ()


class Link(HttpGateway):
    def __init__(self, settings: LinkSettings) -> None:
        super().__init__(settings, completed(settings.url or PUBLIC_URL, PATH))
        self._link = settings

    def _request(self, message: Outgoing) -> Request:
        type_of_sender = "SHORTNUMBER" if message.sender.isdecimal() else "ALPHANUMERIC"
        if message.sender.startswith("+"):
            type_of_sender = "MSISDN"
        fields: dict[str, object] = {
            "source": message.sender,
            "sourceTON": type_of_sender,
            "destination": message.address,
            "destinationTON": "MSISDN",
            "dcs": "TEXT",
            "userData": message.text,
            "refId": message.our_reference,
        }
        return self._with_account(self._url, fields)

    def _with_account(self, url: str, fields: dict[str, object]) -> Request:
        """What each request says of us, besides its own fields."""
        account: dict[str, object] = {
            "platformId": self._link.platform_id,
            "platformPartnerId": self._link.platform_partner_id,
            "ignoreResponse": False,  # else no id comes back
            "useDeliveryReport": bool(self._link.gates),  # LINK wants false where no gate is named
        }
        if self._link.gates:
            account["deliveryReportGates"] = list(self._link.gates)
        headers = {**self._login(), "Content-Type": "application/json"}
        return Request(url, headers, json.dumps(fields | account).encode())

    def _meaning(self, answer: GatewayAnswer) -> Meaning | None:
        return meaning_of(answer.status, answer.data())

    async def check(self, senders: Mapping[str, str], now: int) -> Tried:
        """Hands over a batch of no messages. LINK documents what it says to a wrong login, but not to such a batch."""
        url = self._url.removesuffix(PATH) + BATCH_PATH
        answer = await self._tried(self._with_account(url, {"sendRequestMessages": []}))
        data = answer.data()
        meaning = meaning_of(answer.status, data)
        if answer.status == 204 or (answer.status == 200 and isinstance(data, list)):
            return Tried("LINK lets us in; nothing was sent")
        if answer.status not in (200, 400) or (meaning and meaning.verdict.mend):
            raise self._unfit(answer, meaning)
        if not isinstance(data, Mapping):
            raise self._answers_otherwise(answer)
        return Tried("LINK can be reached; whether it lets us in shows with: notify doctor --send-test NUMBER")


def meaning_of(status: int, data: object) -> Meaning | None:
    """What the result code of an answer says; it does not outweigh a status that contradicts it."""
    code = code_at(data, "resultCode")
    words, reference = text_at(data, "description"), text_at(data, "messageId") or None
    if status == 204:
        return Meaning(SENT)
    if status == 200 and code is None:
        return Meaning(SENT, reference=reference) if reference else None
    verdict = (RESULTS | ERRORS).get(code, UNKNOWN) if code is not None else UNKNOWN
    is_believed = 400 <= status < 500 and status != 429 and verdict.kind in ("permanent", "temporary")
    if status in (401, 403):
        is_believed = bool(verdict.mend)  # it may say more precisely what to look at
    if status == 200 or is_believed:
        return Meaning(verdict, words, reference if status == 200 else None, code)
    return None


def reports_in(body: object) -> list[Report]:
    """A delivery report, or a list of them."""
    several = body if isinstance(body, list) else [body]
    reports: list[Report] = []
    for entry in several:
        code = code_at(entry, "resultCode")
        verdict = RESULTS.get(code) if code is not None else None
        if verdict is None:
            continue
        reference, part = text_at(entry, "id"), PART.fullmatch(text_at(entry, "id"))
        if part:
            reference = part[1]
            segments = code_at(entry, "segments") or 1
            # The patient has the message when its last part came; a part that failed spoils the whole.
            verdict = SENT if verdict.kind == "delivered" and int(part[2]) + 1 < segments else verdict
        at, words = None, text_at(entry, "operatorResultCode")
        with suppress(ValueError, OverflowError):
            moment = datetime.fromisoformat(text_at(entry, "timestamp"))
            at = int(moment.timestamp()) if moment.tzinfo else None
        reports += report_of(verdict, text_at(entry, "refId"), reference, at, words, code)
    return reports


def make(gate: str = "", **settings: Any) -> Link:
    """As callbacks.GatewayModule says."""
    return Link(LinkSettings(**settings, gates=(gate,) if gate else ()))


CALLBACK = Callback(("POST",), "json", reports_in)
