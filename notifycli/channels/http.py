"""What the SMS gateways on HTTP share: connections used again, patience, pace, and on which side of a break we were.

Must not know any one gateway, nor why a message is sent. Source: SPEC sections 7 and 9.
"""

import asyncio
import json
import logging
import os
import socket
import ssl
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace, TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import aiohttp

from notifycli.channels.base import CannotSend, Outcome, Outgoing, TheirTime, Tried, Unanswered
from notifycli.channels.leaving import it_leaves_now
from notifycli.channels.pace import Book, Pace
from notifycli.channels.sms_answers import (
    OUR_URL,
    WAIT_FOR_GATEWAY,
    Meaning,
    outcome_of,
    seconds_to_wait,
    verdict_of_status,
)
from notifycli.channels.their_clock import time_told_in
from notifycli.domain.errors import ConfigError, NotifyError
from notifycli.domain.hosts import is_this_machine

log = logging.getLogger(__name__)
LONGEST_ANSWER = 64 * 1024  # octets; the rest says nothing of one message
IDLE = 4.0  # seconds; many servers drop a connection after 5, and a message sent into that moment is uncertain
TROUBLES = (aiohttp.ClientError, OSError, UnicodeError)  # UnicodeError: a host name that is none


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """How to reach a gateway. `url`: empty for its public one. `rate`: messages a second, 0 for no limit.

    `timeout`: seconds for one message, from the first octet to the last of the answer. `callback`: the address, with
    our secret in its path, that is given to the gateway for its reports; None asks for none.
    `book`: see Pace.
    """

    url: str = ""
    username: str = ""
    password: str | None = field(default=None, repr=False)
    rate: float = 0
    connections: int = 10
    timeout: float = 30.0
    callback: str | None = field(default=None, repr=False)
    book: Book | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Never GET with an effect: aiohttp sends that again by itself where a connection breaks."""

    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """A whole answer. `wait`: its Retry-After, in seconds. `date`: its header Date, as it stands."""

    status: int
    body: str = ""
    wait: float | None = None
    date: str = ""

    def data(self) -> object:
        """Its JSON, None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class _NoAnswer(NotifyError):
    """str() says why, in our words. `may_have_left`: whether the request's body had begun to leave."""

    def __init__(self, words: str, may_have_left: bool) -> None:
        super().__init__(words)
        self.may_have_left = may_have_left


class HttpGateway(ABC):
    """A gateway that takes one message a request. Raises ConfigError for settings that cannot be meant."""

    def __init__(self, settings: GatewaySettings, url: str, most_at_once: int = 100) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise ConfigError("sms.url names a host or a port that cannot be", "mend it.") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError("sms.url must begin with https://, or with http:// for this machine.")
        if parts.scheme == "http" and not is_this_machine(parts.hostname):
            raise ConfigError("sms.url begins with http://, which is for this machine only", "write https://.")
        if settings.connections < 1 or settings.timeout <= 0 or settings.rate < 0:
            raise ConfigError("sms.connections and the time-out must be above 0, and sms.rate not below it.")
        self.concurrency = min(settings.connections, most_at_once)
        self._settings = settings
        self._url = url
        self._server = f"{parts.hostname}:{port}"
        self._pace = Pace(settings.rate, settings.book)
        # Who waits for a connection must not lose patience with the gateway meanwhile.
        self._places = asyncio.Semaphore(self.concurrency)
        self._session: aiohttp.ClientSession | None = None
        self.their_time: TheirTime | None = None

    @abstractmethod
    def _request(self, message: Outgoing) -> Request:
        """The request that hands a message over; its body is never empty."""

    @abstractmethod
    def _meaning(self, answer: GatewayAnswer) -> Meaning | None:
        """What the gateway documents of an answer; None where the status alone must say it."""

    @abstractmethod
    async def check(self, senders: Mapping[str, str], now: int) -> Tried:
        """As base.Checkable says, by a request that cannot send."""

    async def __aenter__(self) -> Self:
        tracing = aiohttp.TraceConfig()
        tracing.on_request_chunk_sent.append(_note_that_it_leaves)
        tracing.on_connection_create_end.append(self._note_connection)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self.concurrency, keepalive_timeout=IDLE),
            timeout=aiohttp.ClientTimeout(total=self._settings.timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "notifycli"},
            trace_configs=[tracing],
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def _note_connection(self, *_: object) -> None:
        log.info("connected to %s", self._server)

    async def send(self, message: Outgoing) -> Outcome:
        """`sent` only where the gateway said so; `uncertain` where the message may have left and no answer came."""
        await self._pace.turn()
        async with self._places:
            answer = await self._exchange(self._request(message))
        if isinstance(answer, Outcome):
            return answer
        meaning = self._meaning(answer) or Meaning(verdict_of_status(answer.status, answer.wait))
        outcome = outcome_of(meaning, answer.status, (*self._secrets(), message.text))
        return replace(outcome, retry_after=answer.wait) if outcome.kind == "temporary" else outcome

    async def _look_up(self, url: str) -> GatewayAnswer:
        """The answer to a question, which has no effect. Raises Unanswered."""
        async with self._places:
            answer = await self._exchange(Request(url, self._login(), method="GET"))
        if isinstance(answer, Outcome):
            raise Unanswered(answer.detail)
        if answer.status not in (200, 404):
            verdict = verdict_of_status(answer.status, answer.wait)
            raise Unanswered(f"{self._server}: {outcome_of(Meaning(verdict), answer.status).detail}")
        return answer

    async def _tried(self, request: Request) -> GatewayAnswer:
        """The answer to a request that cannot send. Raises CannotSend where none came."""
        async with self._places:
            try:
                answer = await self._answer_to(request)
            except _NoAnswer as trouble:
                raise CannotSend(str(trouble), "look at sms.url, or at the network") from None
        self.their_time = time_told_in(answer.date)
        return answer

    def _unfit(self, answer: GatewayAnswer, meaning: Meaning | None) -> CannotSend:
        """What to mend after a refusal; the status says it where `meaning` does not."""
        meaning = meaning or Meaning(verdict_of_status(answer.status, answer.wait))
        detail = outcome_of(meaning, answer.status, self._secrets()).detail
        advice = "" if meaning.verdict.mend else "try again later, and ask the gateway if it stays so"
        return CannotSend(f"{self._server}: {detail}", advice)

    def _answers_otherwise(self, answer: GatewayAnswer) -> CannotSend:
        """Another server than the gateway stands there."""
        return self._unfit(answer, Meaning(OUR_URL, f"but not as {type(self).__name__} answers"))

    def _login(self) -> dict[str, str]:
        return {"Authorization": f"Basic {self._basic()}"}

    def _basic(self) -> str:
        return b64encode(f"{self._settings.username}:{self._settings.password or ''}".encode()).decode()

    def _secrets(self) -> Iterable[str]:
        callback = self._settings.callback or ""
        parts = (part for part in urlsplit(callback).path.split("/") if len(part) >= 12)  # no word such as "sms"
        return (self._settings.password or "", self._basic(), callback, *parts)

    async def _exchange(self, request: Request) -> GatewayAnswer | Outcome:
        """The answer, or what is known of the message where none came."""
        try:
            return await self._answer_to(request)
        except _NoAnswer as trouble:
            if trouble.may_have_left:
                return Outcome("uncertain", f"{trouble} after the message may have left")
            return Outcome("temporary", str(trouble), wait=WAIT_FOR_GATEWAY)

    async def _answer_to(self, request: Request) -> GatewayAnswer:
        """Raises _NoAnswer."""
        assert self._session is not None, "a gateway is used within `async with`"
        progress = SimpleNamespace(may_have_left=False)
        try:
            async with self._session.request(
                request.method,
                request.url,
                data=request.body or None,
                headers=request.headers,
                allow_redirects=False,
                trace_request_ctx=progress,
            ) as response:
                log.info("%s answered %d", self._server, response.status)
                date = response.headers.get("Date", "")
                wait = seconds_to_wait(response.headers.get("Retry-After"), date)
                octets = bytearray()
                async for piece in response.content.iter_any():
                    octets += piece
                    if len(octets) > LONGEST_ANSWER:
                        break
                return GatewayAnswer(response.status, octets.decode("utf-8", "replace"), wait, date)
        except TROUBLES as problem:
            where = "after the message may have left" if progress.may_have_left else "before anything left"
            log.info("%s: no answer, %s", self._server, where)
            raise _NoAnswer(self._words_for(problem), progress.may_have_left) from None

    def _words_for(self, problem: Exception) -> str:
        """Ours alone: aiohttp's words hold the address, and with it perhaps a secret."""
        cause = problem.os_error if isinstance(problem, aiohttp.ClientConnectorError) else problem
        if isinstance(problem, TimeoutError):
            return f"{self._server} did not answer in {self._settings.timeout:g} s"
        if isinstance(problem, aiohttp.ClientConnectorCertificateError):
            return f"the certificate of {self._server} is not trusted"
        if isinstance(problem, aiohttp.ClientSSLError) or isinstance(cause, ssl.SSLError):
            return f"no TLS with {self._server}"
        if isinstance(cause, socket.gaierror | UnicodeError):
            return f"there is no host {self._server}"
        if isinstance(cause, ConnectionRefusedError):
            return f"{self._server} refuses connections"
        if isinstance(problem, aiohttp.ClientConnectorError):
            errno = problem.os_error.errno  # None where each of several addresses failed in its own way
            return f"{self._server}: {os.strerror(errno)}" if errno else f"{self._server} cannot be reached"
        if isinstance(problem, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError | OSError):
            return f"{self._server} broke the connection"
        return f"{self._server} gave an answer that is no HTTP"


async def _note_that_it_leaves(session: aiohttp.ClientSession, context: Any, sent: object) -> None:
    """aiohttp calls this before it writes a piece of the body; without its body no gateway takes a request."""
    it_leaves_now()
    context.trace_request_ctx.may_have_left = True


def completed(url: str, path: str) -> str:
    """The address with what it lacks of a path: gateways, and people, name it with and without its end."""
    base = url.rstrip("/")
    cuts = [len(path), *(at for at in range(len(path) - 1, 0, -1) if path[at] == "/")]
    for cut in cuts:
        if base.endswith(path[:cut]):
            return base + path[cut:]
    return base + path


def with_query(url: str, **fields: str) -> str:
    """The address with fields added to its query."""
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    return f"{url}{'&' if '?' in url else '?'}{pairs}"
