"""Sveve, a Norwegian gateway: one JSON request a message; its reports come as a query.

Sources: Sveve's API documentation (sveve.no/apidok: send, dlr), as read for this module; of sms_count, what other
programs do with its answers; SPEC section 7. The reports' address is not named in a request: it is written on the
account, at Sveve, with GET as its method.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from notifycli.channels.base import CannotSend, Outgoing, Report, Tried
from notifycli.channels.callbacks import Callback
from notifycli.channels.http import GatewayAnswer, GatewaySettings, HttpGateway, Request, completed, with_query
from notifycli.channels.sms_answers import (
    BAD_NUMBER,
    BLOCKED,
    DELIVERED,
    EXPIRED,
    NOT_DELIVERED,
    NOT_IN_USE,
    OUR_ACCOUNT,
    OUR_LOGIN,
    OUR_SENDER,
    REFUSED,
    SENT,
    CodeMeaning,
    Meaning,
    report_of,
    text_at,
    within,
)

PUBLIC_URL = "https://sveve.no"
PATH, ACCOUNT_PATH = "/SMS/SendMessage", "/SMS/AccountAdm"
MOST_AT_ONCE = 5  # more requests at once than this get a 429
LONGEST_REF = 36
COUNT = re.compile(r"-?[0-9]{1,12}")

# Sveve's documentation lists no codes: its answers hold sentences, in Norwegian or English. The first that fits.
ABOUT_US: tuple[tuple[re.Pattern[str], CodeMeaning], ...] = (
    (re.compile(r"brukernavn|passord|username|password", re.IGNORECASE), OUR_LOGIN),
    (re.compile(r"avsender|sender|\bfrom\b", re.IGNORECASE), OUR_SENDER),
)
ABOUT_THE_NUMBER: tuple[tuple[re.Pattern[str], CodeMeaning], ...] = (
    (re.compile(r"ikke i bruk|not in use|inactive|inaktiv|finnes ikke|does not exist|unknown sub", re.I), NOT_IN_USE),
    (re.compile(r"reserver|blokker|sperret|blocked|barred|opted? ?out|stop", re.IGNORECASE), BLOCKED),
    (re.compile(r"ikke .*mobil|not a .*mobile|ugyldig|invalid|feil (i )?nummer|landline", re.IGNORECASE), BAD_NUMBER),
    (re.compile(r"expired|utløpt", re.IGNORECASE), EXPIRED),
)


class Sveve(HttpGateway):
    def __init__(self, settings: GatewaySettings) -> None:
        super().__init__(settings, completed(settings.url or PUBLIC_URL, PATH), MOST_AT_ONCE)

    def _request(self, message: Outgoing) -> Request:
        fields = {
            "user": self._settings.username,
            "passwd": self._settings.password or "",
            "to": message.address.lstrip("+"),
            "msg": message.text,
            "from": message.sender.lstrip("+"),
            "f": "json",
        }
        if len(message.our_reference) <= LONGEST_REF:
            fields["ref"] = message.our_reference
        return Request(self._url, {"Content-Type": "application/json"}, json.dumps(fields).encode())

    def _meaning(self, answer: GatewayAnswer) -> Meaning | None:
        return meaning_of(answer.data()) if answer.status == 200 else None

    async def check(self, senders: Mapping[str, str], now: int) -> Tried:
        """How many SMS the account has left: a bare number, or a sentence. Sveve wants the login in the query here."""
        login = {"user": self._settings.username, "passwd": self._settings.password or ""}
        url = with_query(self._url.removesuffix(PATH) + ACCOUNT_PATH, cmd="sms_count", **login)
        answer = await self._tried(Request(url, {}, method="GET"))
        balance = answer.body.strip()
        if answer.status != 200:
            raise self._unfit(answer, None)
        if not balance or balance.startswith(("<", "{", "[")):
            raise self._answers_otherwise(answer)
        if not COUNT.fullmatch(balance):
            raise self._unfit(answer, Meaning(_first(ABOUT_US, balance, OUR_ACCOUNT), balance))
        if int(balance) <= 0:
            raise CannotSend("Sveve lets us in, and no SMS are left on the account", "buy more at Sveve")
        return Tried(f"Sveve lets us in, and {int(balance)} SMS are left on the account; nothing was sent")


def meaning_of(data: object) -> Meaning | None:
    """What an answer of 200 says, which holds refusals, too. A fatalError is about all that was asked for."""
    if fatal := text_at(data, "response", "fatalError"):
        return Meaning(_first(ABOUT_US, fatal, OUR_ACCOUNT), fatal)
    if (text_at(data, "response", "msgOkCount") or "0") != "0":
        ids = within(data, "response", "ids")
        first = {"id": ids[0]} if isinstance(ids, list) and ids else {}
        return Meaning(SENT, reference=text_at(first, "id") or None)
    errors = within(data, "response", "errors")
    if isinstance(errors, list) and errors:
        words = text_at(errors[0], "message")
        return Meaning(_first(ABOUT_THE_NUMBER, words, REFUSED), words)
    return None


def reports_in(fields: object) -> list[Report]:
    """A delivery report: number, status, id, ref, errorCode, errorDesc. An SMS that came in has no status."""
    ours, reference = text_at(fields, "ref"), text_at(fields, "id")
    status = text_at(fields, "status").lower()
    if status == "true":
        return report_of(DELIVERED, ours, reference)
    if status != "false":
        return []
    words = text_at(fields, "errorDesc")
    verdict = _first(ABOUT_THE_NUMBER, words, NOT_DELIVERED)
    words_told = [part for part in (text_at(fields, "errorCode"), words) if part]
    return report_of(verdict, ours, reference, words=": ".join(words_told))


def _first(table: tuple[tuple[re.Pattern[str], CodeMeaning], ...], words: str, otherwise: CodeMeaning) -> CodeMeaning:
    return next((verdict for pattern, verdict in table if pattern.search(words)), otherwise)


def make(**settings: Any) -> Sveve:
    """As callbacks.GatewayModule says."""
    return Sveve(GatewaySettings(**settings))


CALLBACK = Callback(("GET", "POST"), "form", reports_in)  # the account says which of both
