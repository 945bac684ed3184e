"""Google for the tests, on loopback: a token service that checks signatures, and FCM by its published schema.

Written from RFC 7515, RFC 7523 and FCM's discovery document (tests/data/fcm.v1.json), without Google's own client.
"""

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from notifycli.channels.base import Outcome, Outgoing
from notifycli.channels.fcm import Fcm, FcmSettings
from tests.support.fcm_schema import wrong_in
from tests.support.smtp_server import NOTICE

PROJECT = "nidelv-app"
EMAIL = "notify@nidelv-app.iam.gserviceaccount.example"
KEY_ID = "0f1e2d"
DEVICE = "dEvIcE_1:APA91bFjord-token_of_Kari"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
SILENCE = "silence"
CUT = "cut"  # after the request has come
HALF = "half"  # of an answer, then cut

PUSH = replace(
    NOTICE,
    channel="push",
    address=DEVICE,
    sender="Nidelv legesenter",
    subject="Nidelv legesenter",
    text="Du har fått en ny melding. Logg inn for å lese den.",
    collapse_key="3f9a-12",
)


@dataclass(frozen=True)
class Said:
    """An answer that Google gives instead of agreeing."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def refusal(status: int, name: str, code: str | None = None, words: str = "", *details: dict, **headers: str) -> Said:
    """An error as Google writes it. `code`: of FcmError. `headers`: retry_after for Retry-After."""
    listed = [*([{"@type": FCM_ERROR, "errorCode": code}] if code else []), *details]
    error = {"code": status, "message": words, "status": name, "details": listed}
    named = {header.replace("_", "-").title(): value for header, value in headers.items()}
    return Said(status, json.dumps({"error": error}).encode(), named)


def field_violation(path: str, words: str) -> dict:
    violations = [{"field": path, "description": words}]
    return {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def account(token_uri: str = "https://oauth2.example/token") -> dict[str, str]:
    return {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": KEY_ID,
        "private_key": pem(private_key()),
        "client_email": EMAIL,
        "token_uri": token_uri,
    }


@dataclass
class Google:
    """`answers` and `token_answers` are given in turn, then it agrees. `token_lasts`: what it says, in seconds.

    `pause`: seconds before it answers; `pauses_of_refusals`: before it refuses one of ours, in turn. It lets nobody in
    by a token that is not in `good_tokens`.
    """

    answers: list[Said | str] = field(default_factory=list)
    token_answers: list[Said | str] = field(default_factory=list)
    token_lasts: float = 3599
    pause: float = 0.0
    pauses_of_refusals: list[float] = field(default_factory=list)
    url: str = ""
    claims: list[dict] = field(default_factory=list)
    headers: list[dict] = field(default_factory=list)
    good_tokens: set[str] = field(default_factory=set)
    requests: list[dict] = field(default_factory=list)
    tokens_used: list[str] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)

    @property
    def token_uri(self) -> str:
        return f"{self.url}/token"

    async def give_token(self, request: web.Request) -> web.StreamResponse:
        self.connections.add(request.transport)
        form = await request.post()
        assert form["grant_type"] == GRANT
        header, claims = decoded(str(form["assertion"]))
        self.headers.append(header)
        self.claims.append(claims)
        assert_meant_for(claims, self.token_uri)
        await asyncio.sleep(self.pause)
        if self.token_answers:
            return await said(request, self.token_answers.pop(0))
        token = f"ya29.access-{len(self.claims)}"
        self.good_tokens.add(token)
        answer = {"access_token": token, "expires_in": self.token_lasts, "token_type": "Bearer"}
        return web.json_response(answer)

    async def take_message(self, request: web.Request) -> web.StreamResponse:
        self.connections.add(request.transport)
        assert request.match_info["project"] == PROJECT
        assert request.content_type == "application/json"
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.tokens_used.append(token)
        if token not in self.good_tokens:
            await asyncio.sleep(self.pauses_of_refusals.pop(0) if self.pauses_of_refusals else 0)
            return await said(request, refusal(401, "UNAUTHENTICATED", None, "Request had invalid credentials."))
        body = await request.json()
        if wrong := wrong_in(body, "SendMessageRequest"):
            return await said(request, refusal(400, "INVALID_ARGUMENT", None, "", field_violation(*wrong[0])))
        self.requests.append(body)
        await asyncio.sleep(self.pause)
        if self.answers:
            return await said(request, self.answers.pop(0))
        return web.json_response({"name": f"projects/{PROJECT}/messages/0:{len(self.requests)}%3f9a"})


async def said(request: web.Request, answer: Said | str) -> web.StreamResponse:
    if isinstance(answer, Said):
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    if answer == SILENCE:
        await asyncio.sleep(60)
    if answer == HALF:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"name": "projects/')
    request.transport.abort()
    return web.Response()


def decoded(assertion: str) -> tuple[dict, dict]:
    """A JWT's header and claims; raises where the key of the tests has not signed it."""
    signed, _, signature = assertion.rpartition(".")
    try:
        private_key().public_key().verify(_bytes(signature), signed.encode(), padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        raise AssertionError("somebody else signed the assertion") from None
    header, claims = (json.loads(_bytes(part)) for part in signed.split("."))
    return header, claims


def assert_meant_for(claims: dict, token_uri: str) -> None:
    assert claims["iss"] == EMAIL
    assert claims["aud"] == token_uri
    assert claims["scope"] == SCOPE
    assert 0 < claims["exp"] - claims["iat"] <= 3600


def _bytes(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


@asynccontextmanager
async def google(it: Google | None = None):
    """Listens, with its `url`."""
    it = it or Google()
    app = web.Application()
    app.router.add_post("/token", it.give_token)
    app.router.add_post("/v1/projects/{project}/messages:send", it.take_message)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    it.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield it
    finally:
        await runner.cleanup()


def settings(folder: Path, it: Google, **differing) -> FcmSettings:
    """With a credentials file that names this server's token service."""
    path = folder / "firebase.json"
    path.write_text(json.dumps(account(it.token_uri)), encoding="utf-8")
    return FcmSettings(**({"credentials_file": path, "url": it.url, "timeout": 5.0} | differing))


def talked(folder: Path, it: Google, talk: Callable[[Fcm], Awaitable[Any]], **differing) -> Any:
    """What a talk with such a server comes to."""

    async def whole() -> Any:
        async with google(it), Fcm(settings(folder, it, **differing)) as way:
            return await talk(way)

    return asyncio.run(whole())


def sent(folder: Path, it: Google, *messages: Outgoing, **differing) -> list[Outcome]:
    """One after another."""

    async def talk(way: Fcm) -> list[Outcome]:
        return [await way.send(message) for message in messages]

    return talked(folder, it, talk, **differing)


def sent_at_once(folder: Path, it: Google, count: int, **differing) -> list[Outcome]:
    async def talk(way: Fcm) -> list[Outcome]:
        return await asyncio.gather(*(way.send(PUSH) for _ in range(count)))

    return talked(folder, it, talk, **differing)
