"""Twilio's Messages API (2010-04-01): a form a message; its reports come as a form; it can be asked.

Sources: Twilio's pages on the resources Message, Account and IncomingPhoneNumber, on API keys, on status callbacks and
on its error codes; SPEC section 7.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

from notifycli.channels.base import CannotSend, Outgoing, Question, Report, Tried
from notifycli.channels.callbacks import Callback
from notifycli.channels.http import GatewayAnswer, GatewaySettings, HttpGateway, Request, completed, with_query
from notifycli.channels.sms_answers import (
    BAD_NUMBER,
    BLOCKED,
    BUSY,
    DELIVERED,
    NOT_DELIVERED,
    NOT_IN_USE,
    OUR_ACCOUNT,
    OUR_LOGIN,
    OUR_SENDER,
    OUR_URL,
    REFUSED,
    SENT,
    CodeMeaning,
    Meaning,
    code_at,
    ours_to_mend,
    report_of,
    text_at,
    within,
)

PUBLIC_URL = "https://api.twilio.com"
MESSAGES = "/Messages.json"
NO_MESSAGES = "DateSent=2000-01-01&PageSize=1"  # of a day before Twilio, so that no patient's comes
E164 = re.compile(r"\+[0-9]{7,15}")  # shorter ones are short codes, which it lists elsewhere
MESSAGING_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")

# Codes of refusals (2xxxx) and of messages that failed later (3xxxx). Twilio adds to them: others say what their HTTP
# status says.
CODES: dict[int, CodeMeaning] = {
    **dict.fromkeys((20003, 20008, 20404), OUR_LOGIN),
    **dict.fromkeys((10001, 20005), OUR_ACCOUNT),  # not active
    20429: BUSY,
    **dict.fromkeys((21211, 21214, 21217, 21401, 21421, 21614, 21635, 21265), BAD_NUMBER),
    **dict.fromkeys((21212, 21601, 21603, 21606, 21659, 21660, 21661, 21701, 21703, 21705), OUR_SENDER),
    **dict.fromkeys((21408, 21608, 21612, 21619), REFUSED),  # no leave for this country, number or pair
    21609: ours_to_mend("receipts.public_url"),
    21610: BLOCKED,  # the patient has answered STOP
    21611: BUSY,  # too many messages of this sender are waiting
    **dict.fromkeys((21602, 21605, 21617, 21654), REFUSED),  # the text: missing, too long
    30001: BUSY,
    30002: OUR_ACCOUNT,
    **dict.fromkeys((30003, 30008, 30009, 30010, 30012, 30036, 30410), NOT_DELIVERED),  # switched off, out of reach
    30004: BLOCKED,
    30005: NOT_IN_USE,
    30006: BAD_NUMBER,  # a landline
    **dict.fromkeys((30007, 30023, 30032, 30034), REFUSED),  # filtered, a limit of the carrier's, not registered
    30022: BUSY,
}
STATUSES: dict[str, CodeMeaning] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent", "partially_delivered"), SENT),
    **dict.fromkeys(("delivered", "read"), DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), NOT_DELIVERED),
}

# A message that Twilio made for our attempt was made within this time of it; our clocks may differ.
BEFORE, AFTER = timedelta(minutes=2), timedelta(minutes=10)
LONGEST_LIST = 1000  # the most that Twilio gives in one answer


class Twilio(HttpGateway):
    """`username` is the Account SID; with an API key, sms.url ends with /2010-04-01/Accounts/AC... instead."""

    def __init__(self, settings: GatewaySettings) -> None:
        base = settings.url or PUBLIC_URL
        account = f"/2010-04-01/Accounts/{quote(settings.username, safe='')}"
        super().__init__(settings, completed(base, MESSAGES if "/Accounts/" in base else f"{account}{MESSAGES}"))

    def _request(self, message: Outgoing) -> Request:
        sender = "MessagingServiceSid" if MESSAGING_SERVICE.fullmatch(message.sender) else "From"
        fields = {"To": message.address, sender: message.sender, "Body": message.text}
        if self._settings.callback:
            fields["StatusCallback"] = with_query(self._settings.callback, id=message.our_reference)
        headers = {**self._login(), "Content-Type": "application/x-www-form-urlencoded"}
        return Request(self._url, headers, urlencode(fields).encode())

    def _meaning(self, answer: GatewayAnswer) -> Meaning | None:
        return meaning_of(answer.status, answer.data())

    async def ask(self, question: Question) -> Report | None:
        """By its id; without one, the only message with that text that went to that number then."""
        if question.reference:
            answer = await self._look_up(f"{self._url.removesuffix('.json')}/{quote(question.reference, safe='')}.json")
            messages = [answer.data()] if answer.status == 200 else []
        else:
            # Days are Twilio's, by UTC; "DateSent>", with the "=" after it, is its way to say "from that day on".
            day = (datetime.fromtimestamp(question.attempted_at, UTC) - BEFORE).date().isoformat()
            search = urlencode({"To": question.address, "DateSent>": day, "PageSize": str(LONGEST_LIST)})
            answer = await self._look_up(f"{self._url}?{search}")
            messages = [message for message in _listed(answer.data(), "messages") if _is_the_one(message, question)]
        if len(messages) != 1:
            return None
        state, code = text_at(messages[0], "status"), code_at(messages[0], "error_code")
        verdict = _verdict(state, code)
        if verdict is None:
            return None
        moment = _instant(text_at(messages[0], "date_updated"))
        at = int(moment.timestamp()) if moment else None
        return report_of(verdict, question.ours, text_at(messages[0], "sid"), at, state, code)[0]

    async def check(self, senders: Mapping[str, str], now: int) -> Tried:
        """Asks for the account, and for each sender that is a number whether it is the account's."""
        account = await self._account()
        are_ours = [await self._is_ours(sender, place) for sender, place in senders.items()]
        active = ", and the account is active" if account else ""
        names = "" if all(are_ours) else "; whether it takes each sender shows with: notify doctor --send-test NUMBER"
        if text_at(account, "type") == "Trial":
            return Tried(
                "Twilio lets us in, to a trial account, which sends to verified numbers alone; upgrade it", True
            )
        return Tried(f"Twilio lets us in{active}; nothing was sent{names}")

    async def _account(self) -> object:
        """None with an API key, which may not ask for it; an empty list shows its login. Raises CannotSend."""
        if not self._settings.username.startswith("AC"):
            self._data_in(await self._got(f"{self._url}?{NO_MESSAGES}"))
            return None
        account = self._data_in(await self._got(f"{self._url.removesuffix(MESSAGES)}.json"))
        state = text_at(account, "status")
        if state != "active":
            known = f"is {state}" if state in ("suspended", "closed") else "is in a state that is not known here"
            raise CannotSend(f"Twilio lets us in, but the account {known}", "look at it in Twilio's console")
        return account

    async def _is_ours(self, sender: str, place: str) -> bool:
        """False for a name, and where an API key may not ask. Raises CannotSend for a number that is not ours."""
        if not E164.fullmatch(sender):
            return False
        search = urlencode({"PhoneNumber": sender})
        answer = await self._got(f"{self._url.removesuffix(MESSAGES)}/IncomingPhoneNumbers.json?{search}")
        if answer.status in (401, 403):
            return False
        listed = _listed(self._data_in(answer), "incoming_phone_numbers")
        ours = [number for number in listed if text_at(number, "phone_number") == sender]
        if not ours:
            raise CannotSend(f"Twilio lets us in, but {place} is a number that the account does not have", "mend it")
        if within(ours[0], "capabilities", "sms") is False:
            raise CannotSend(f"Twilio lets us in, but {place} is a number that cannot send SMS", "mend it")
        return True

    async def _got(self, url: str) -> GatewayAnswer:
        return await self._tried(Request(url, self._login(), method="GET"))

    def _data_in(self, answer: GatewayAnswer) -> object:
        """Raises CannotSend where Twilio refused to say."""
        data = answer.data()
        if answer.status != 200:
            raise self._unfit(answer, meaning_of(answer.status, data))
        if not isinstance(data, Mapping):
            raise self._answers_otherwise(answer)
        return data


def meaning_of(status: int, data: object) -> Meaning | None:
    """201 with the message, or an error with its code; a 5xx may come after the message was made."""
    sid, state = text_at(data, "sid"), text_at(data, "status")
    if status == 201 and sid:
        verdict = _verdict(state, code_at(data, "error_code"))
        return Meaning(SENT if verdict is None else verdict, state, sid)
    code = code_at(data, "code")
    if code is None or not 400 <= status < 500 or status == 429:
        return None
    verdict = CODES.get(code) or (OUR_URL if status == 404 else None)
    return Meaning(verdict, text_at(data, "message"), code=code) if verdict else None


def reports_in(fields: object) -> list[Report]:
    """A status callback: MessageSid, MessageStatus, ErrorCode, and `id`, which we put into its query."""
    state = text_at(fields, "MessageStatus") or text_at(fields, "SmsStatus")
    code = code_at(fields, "ErrorCode")
    verdict = _verdict(state, code)
    if verdict is None:
        return []
    reference = text_at(fields, "MessageSid") or text_at(fields, "SmsSid")
    return report_of(verdict, text_at(fields, "id"), reference, words=state, code=code)


def _verdict(state: str, code: int | None) -> CodeMeaning | None:
    """None for what came in, and for a status that nobody knows. A code counts only where the status is a failure."""
    verdict = STATUSES.get(state)
    return CODES.get(code, verdict) if verdict is NOT_DELIVERED and code else verdict


def _listed(data: object, key: str) -> list[object]:
    listed = within(data, key)
    return listed if isinstance(listed, list) else []


def _is_the_one(message: object, question: Question) -> bool:
    made = _instant(text_at(message, "date_created"))
    attempted = datetime.fromtimestamp(question.attempted_at, UTC)
    is_near = made is not None and attempted - BEFORE <= made <= attempted + AFTER
    is_ours = text_at(message, "direction").startswith("outbound") and text_at(message, "to") == question.address
    return is_near and is_ours and text_at(message, "body") == question.text.strip()


def _instant(rfc2822: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(rfc2822)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else None


def make(**settings: Any) -> Twilio:
    """As callbacks.GatewayModule says."""
    return Twilio(GatewaySettings(**settings))


CALLBACK = Callback(("POST",), "form", reports_in)
