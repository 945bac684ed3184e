"""Push by Firebase Cloud Messaging, HTTP v1, over a few connections that are used again and again.

Must not know appointments, stores or wording. The subject is the notification's title, the text its body, and nothing
else is said: both may light up a locked screen. Sources: SPEC sections 4, 7 and 9; FCM's REST reference.
"""

import asyncio
import hashlib
import json
import logging
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

from notifycli.channels.base import CannotSend, Outcome, Outgoing, TheirTime, Tried
from notifycli.channels.fcm_answers import USUAL_WAIT, is_about_the_device, outcome_of_answer, wants_another_token
from notifycli.channels.fcm_token import AccessToken, FcmAnswer, RequestFailed, ServiceAccount, is_private
from notifycli.channels.leaving import it_leaves_now
from notifycli.channels.their_clock import time_told_in
from notifycli.domain.errors import ConfigError

log = logging.getLogger(__name__)
# Seconds for which a device that is switched off is waited for. A reminder goes out 48 hours before, so that none
# lights up after its appointment; the e-mail or SMS that a push accompanies has said it anyway.
KEPT_FOR = 24 * 3600
LONGEST_APNS_ID = 64  # bytes
TRIAL: dict[str, Any] = {"validateOnly": True, "message": {"token": "notify-doctor"}}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class FcmSettings:
    """`credentials_file`: a service account's JSON. `timeout`: seconds for one request, from first to last."""

    credentials_file: Path
    url: str = "https://fcm.googleapis.com"
    connections: int = 10
    timeout: float = 30.0


class Fcm:
    """A Firebase project that takes our push messages. Raises ConfigError for settings that cannot be meant."""

    def __init__(self, settings: FcmSettings) -> None:
        if not is_private(settings.url):
            raise ConfigError("push.url is no https:// address", 'leave it out, or write "https://fcm.googleapis.com".')
        if settings.connections < 1 or settings.timeout <= 0:
            raise ConfigError("push.connections and its time-out have to be above 0.")
        account = ServiceAccount.in_file(settings.credentials_file)
        self.concurrency = settings.connections
        self._settings = settings
        self._address = f"{settings.url.rstrip('/')}/v1/projects/{account.project}/messages:send"
        self._token = AccessToken(account, self._post_form)
        self._turns = asyncio.Semaphore(settings.connections)
        self._troubles = 0
        self._latest: Outcome | None = None
        self._session: aiohttp.ClientSession | None = None
        self.their_time: TheirTime | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._settings.connections),
            timeout=aiohttp.ClientTimeout(total=self._settings.timeout),
            trace_configs=[_telling_when_it_leaves()],
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, message: Outgoing) -> Outcome:
        """`sent` only where FCM named the message; `uncertain` where it may have left and no answer came.

        Who stands in line while FCM asks for patience, or is silent, is not sent to it.
        """
        troubles = self._troubles
        async with self._turns:
            if self._latest and self._troubles > troubles:
                return Outcome("temporary", f"{self._latest.detail}, with an earlier message", wait=self._latest.wait)
            outcome = await self._outcome_of(request_for(message), message.sent_on)
            if outcome.wait is not None:
                self._troubles += 1
                self._latest = outcome
            return outcome

    async def check(self, senders: Mapping[str, str], now: int) -> Tried:
        """A message that is only to be validated, to a device that nobody has: it is refused for the device alone."""
        outcome = await self._outcome_of(TRIAL, now)
        if outcome.kind == "sent" or is_about_the_device(outcome):
            return Tried("Google knows the service account, and FCM lets it send; nothing was sent")
        raise CannotSend(outcome.detail)

    async def _outcome_of(self, request: dict[str, Any], now: int) -> Outcome:
        body = json.dumps(request).encode("ascii")
        try:
            token = await self._token.present(now)
            answer = await self._post_message(body, token)
            if wants_another_token(answer.status, answer.body):
                self._token.forget(token)
                answer = await self._post_message(body, await self._token.present(now))
        except RequestFailed as trouble:
            return trouble.outcome
        return outcome_of_answer(answer.status, answer.body, answer.retry_after)

    async def _post_message(self, body: bytes, token: str) -> FcmAnswer:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return await self._post("FCM", self._address, body, headers, Outcome("uncertain", "", wait=USUAL_WAIT))

    async def _post_form(self, address: str, form: bytes) -> FcmAnswer:
        """No message is in it, so that nothing can be uncertain."""
        headers = {"Content-Type": FORM}
        return await self._post(
            "Google's token service", address, form, headers, Outcome("temporary", "", wait=USUAL_WAIT)
        )

    async def _post(
        self, who: str, address: str, body: bytes, headers: dict[str, str], once_left: Outcome
    ) -> FcmAnswer:
        """Raises RequestFailed: with `once_left` where the request may have left, with a temporary outcome before."""
        assert self._session is not None, "send() outside `async with`"
        journey = SimpleNamespace(has_left=False, is_of_message=once_left.kind == "uncertain")
        try:
            async with self._session.post(
                address, data=body, headers=headers, allow_redirects=False, trace_request_ctx=journey
            ) as answer:
                log.info("%s answered %d", urlsplit(address).hostname, answer.status)
                self.their_time = time_told_in(answer.headers.get("Date", ""))
                return FcmAnswer(answer.status, await answer.read(), answer.headers.get("Retry-After"))
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            log.info("%s: no answer", urlsplit(address).hostname)
            kind = once_left.kind if journey.has_left else "temporary"
            # In our words: what the library says may hold an address with what was sent to it.
            if isinstance(problem, TimeoutError):
                what = f"did not answer in {self._settings.timeout:g} s"
            elif journey.has_left:
                what = "broke the connection without an answer"
            elif isinstance(problem, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
                what = "cannot be reached: its certificate, or TLS with it, does not hold"
            else:
                reason = problem.strerror if isinstance(problem, OSError) else None
                what = f"cannot be reached: {reason or type(problem).__name__}"
            raise RequestFailed(Outcome(kind, f"{who} {what}", wait=once_left.wait)) from None


def request_for(message: Outgoing) -> dict[str, Any]:
    """The body of messages:send (SendMessageRequest), the same on a resend but for the times.

    A device that gets it twice shows it once, by the collapse key of the notice: Android by the tag, Apple by
    apns-collapse-id, a browser by its tag; while it waits for the device, Topic and collapseKey do the same.
    """
    key = message.collapse_key
    return {
        "message": {
            "token": message.address,
            "notification": {"title": message.subject, "body": message.text},
            "android": {
                "collapseKey": key,
                "priority": "HIGH",
                "ttl": f"{KEPT_FOR}s",
                "notification": {"tag": key, "visibility": "PRIVATE"},
            },
            "apns": {
                "headers": {
                    "apns-collapse-id": key if len(key.encode()) <= LONGEST_APNS_ID else _topic(key),
                    "apns-priority": "10",
                    "apns-expiration": str(message.sent_on + KEPT_FOR),
                },
                "payload": {"aps": {"sound": "default"}},
            },
            "webpush": {
                "headers": {"Topic": _topic(key), "Urgency": "high", "TTL": str(KEPT_FOR)},
                "notification": {"tag": key},
            },
        }
    }


def _topic(key: str) -> str:
    """RFC 8030 (5.4) takes 32 characters of URL-safe base64: 24 bytes of a hash."""
    return urlsafe_b64encode(hashlib.sha256(key.encode("utf-8", "replace")).digest()[:24]).decode("ascii")


def _telling_when_it_leaves() -> aiohttp.TraceConfig:
    """Before the first byte is written, so that whatever breaks earlier has surely handed nothing over."""

    async def note(session: aiohttp.ClientSession, context: SimpleNamespace, sent: object) -> None:
        if context.trace_request_ctx.is_of_message:
            it_leaves_now()
        context.trace_request_ctx.has_left = True

    tracing = aiohttp.TraceConfig()
    tracing.on_request_headers_sent.append(note)
    return tracing
