"""SMS gateways for the tests, on loopback: aiohttp servers that answer as each gateway documents, or as they are told.

And a message to send to them.
"""

import asyncio
import json
from base64 import b64encode
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs

from aiohttp import web

from notifycli.channels.base import Outcome, Outgoing
from notifycli.channels.http import GatewaySettings
from notifycli.channels.kannel import Kannel
from notifycli.channels.link import Link, LinkSettings
from notifycli.channels.sveve import Sveve
from notifycli.channels.twilio import Twilio

NUMBER = "+4790000017"
PASSWORD = "open sesame/1"
SECRET = "q8fJc2mTz0Xk"
CALLBACK = f"https://notify.nidelv.example/{SECRET}/sms"
ACCOUNT, API_KEY = "AC0123456789abcdef0123456789abcdef", "SK0123456789abcdef0123456789abcdef"
OUR_NUMBER, VOICE_NUMBER = "+4790000001", "+4721000002"
NUMBERS = [
    {"phone_number": OUR_NUMBER, "capabilities": {"sms": True, "voice": True}},
    {"phone_number": VOICE_NUMBER, "capabilities": {"sms": False, "voice": True}},
]

MESSAGE = Outgoing(
    delivery=17,
    channel="sms",
    address=NUMBER,
    sender="Nidelv",
    subject="",
    text="Nidelv legesenter: time onsdag 3. juni kl. 12.00. Se min.nidelv.example",
    html=None,
    language="nb",
    message_id="<17.k3@nidelv.example>",
    collapse_key="n9",
    sent_on=1_780_000_000,
)


@dataclass(frozen=True)
class Seen:
    """A request as the server got it; `at` by its loop's clock."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str
    at: float

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body).items()}


@dataclass(frozen=True)
class Says:
    """An answer, after so many seconds; `body` is JSON where it is no string."""

    status: int
    body: object = ""
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0


class Cuts:
    """Takes the whole request and breaks the connection instead of answering."""


class IsSilent:
    """Takes the whole request and says nothing."""


class GatewayServer:
    """Gives the told answers one after the other, then the usual ones."""

    def __init__(self, usual, told=()):
        self.usual = usual
        self.told = list(told)
        self.seen: list[Seen] = []
        self.peers = set()
        self.at_once = self.most_at_once = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(
            request.method,
            request.path,
            dict(request.query),
            dict(request.headers),
            await request.text(),
            asyncio.get_running_loop().time(),
        )
        self.seen.append(seen)
        self.peers.add(request.transport.get_extra_info("peername"))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self.respond(request, seen)
        finally:
            self.at_once -= 1

    async def respond(self, request, seen):
        says = self.told.pop(0) if self.told else self.usual(seen, len(self.seen))
        if isinstance(says, Cuts):
            request.transport.abort()
            return web.Response()
        if isinstance(says, IsSilent):
            await asyncio.sleep(60)
        await asyncio.sleep(says.after)
        body = says.body if isinstance(says.body, str) else json.dumps(says.body)
        kind = "text/plain" if isinstance(says.body, str) else "application/json"
        return web.Response(status=says.status, text=body, content_type=kind, headers=says.headers)


@asynccontextmanager
async def serving(usual, told=(), context=None):
    """A GatewayServer with its `url`."""
    server = GatewayServer(usual, told)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        server.port = runner.addresses[0][1]
        server.url = f"{'https' if context else 'http'}://127.0.0.1:{server.port}"
        yield server
    finally:
        await runner.cleanup()


def basic(username: str) -> str:
    return f"Basic {b64encode(f'{username}:{PASSWORD}'.encode()).decode()}"


def sveve_usual(seen: Seen, count: int) -> Says:
    if seen.path == "/SMS/AccountAdm":
        is_known = (seen.query["user"], seen.query["passwd"]) == ("nidelv", PASSWORD)
        return Says(200, "4711\n" if is_known else "Feil brukernavn/passord")
    asked = seen.json
    if (asked["user"], asked["passwd"]) != ("nidelv", PASSWORD):
        return Says(200, {"response": {"fatalError": "Feil brukernavn/passord"}})
    if seen.path != "/SMS/SendMessage" or asked["f"] != "json":
        return Says(404)
    return Says(200, {"response": {"msgOkCount": 1, "stdSMSCount": 1, "ids": [42824100 + count]}})


def link_usual(seen: Seen, count: int) -> Says:
    if seen.headers.get("Authorization") != basic("nidelv"):
        return Says(401, {"resultCode": 106100, "description": "Invalid authentication."})
    asked = seen.json
    if seen.path not in ("/sms/send", "/sms/sendbatch"):
        return Says(404)
    if asked["platformId"] != "COMMON_API":
        return Says(400, {"resultCode": 106200, "description": "Invalid or missing platformId."})
    if asked["useDeliveryReport"] and not asked.get("deliveryReportGates"):
        return Says(400, {"resultCode": 106300, "description": "No gates available."})
    if asked.get("ignoreResponse", True):
        return Says(204)
    if seen.path == "/sms/sendbatch":
        return Says(200, [{"resultCode": 1005} for _ in asked["sendRequestMessages"]])
    return Says(200, {"messageId": f"Dcshuhod0PMAAAFQ+/PbnR{count}", "resultCode": 1005, "description": "Queued"})


def twilio_usual(seen: Seen, count: int) -> Says:
    """An API key may do all but look at the account."""
    of_account = f"/2010-04-01/Accounts/{ACCOUNT}"
    is_key = seen.headers.get("Authorization") == basic(API_KEY) and seen.path != f"{of_account}.json"
    if seen.headers.get("Authorization") != basic(ACCOUNT) and not is_key:
        return Says(401, {"code": 20003, "message": "Authenticate", "status": 401})
    if seen.method == "GET" and seen.path == f"{of_account}.json":
        return Says(200, {"sid": ACCOUNT, "status": "active", "type": "Full", "auth_token": PASSWORD})
    if seen.method == "GET" and seen.path == f"{of_account}/IncomingPhoneNumbers.json":
        return Says(
            200, {"incoming_phone_numbers": [one for one in NUMBERS if seen.query["PhoneNumber"] in one.values()]}
        )
    if seen.method == "GET" and seen.path == f"{of_account}/Messages.json" and "DateSent" in seen.query:
        return Says(200, {"messages": []})
    if seen.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json" or seen.method != "POST":
        return Says(404, {"code": 20404, "message": f"{seen.path} was not found", "status": 404})
    return Says(201, {"sid": f"SM{count:032x}", "status": "queued", "error_code": None, "to": seen.form["To"]})


def kannel_usual(seen: Seen, count: int) -> Says:
    """By the code of its smsbox: a POST is read from its X-Kannel headers, whatever its query says."""
    if seen.method != "POST" or seen.path != "/cgi-bin/sendsms":
        return Says(404, "Unknown request.")
    if (seen.headers.get("X-Kannel-Username"), seen.headers.get("X-Kannel-Password")) != ("nidelv", PASSWORD):
        return Says(403, "Authorization failed for sendsms")
    if not seen.headers["Content-Type"].startswith("text/plain"):
        return Says(400, "Invalid content-type")
    if "X-Kannel-To" not in seen.headers:
        return Says(400, "Missing receiver(s) number(s), rejected")
    return Says(202, "0: Accepted for delivery")


def make_sveve(url, **differing):
    return Sveve(GatewaySettings(url, **({"username": "nidelv", "password": PASSWORD} | differing)))


def make_link(url, **differing):
    usual = {"username": "nidelv", "password": PASSWORD, "platform_id": "COMMON_API", "platform_partner_id": "30978"}
    return Link(LinkSettings(url, **(usual | differing)))


def make_twilio(url, **differing):
    return Twilio(GatewaySettings(url, **({"username": ACCOUNT, "password": PASSWORD} | differing)))


def make_kannel(url, **differing):
    whole = f"{url}/cgi-bin/sendsms"
    return Kannel(GatewaySettings(whole, **({"username": "nidelv", "password": PASSWORD} | differing)))


USUAL = {"sveve": sveve_usual, "link": link_usual, "twilio": twilio_usual, "kannel": kannel_usual}
MAKE = {"sveve": make_sveve, "link": make_link, "twilio": make_twilio, "kannel": make_kannel}
NAMES = sorted(USUAL)


def messages(count: int, **differing) -> list[Outgoing]:
    return [
        replace(MESSAGE, delivery=number, message_id=f"<{number}.k3@nidelv.example>", **differing)
        for number in range(1, count + 1)
    ]


def outcomes_at(name: str, *told, send=(MESSAGE,), **differing) -> tuple[list[Outcome], GatewayServer]:
    """The outcomes of messages sent one after the other to a gateway that says what it is told, then the usual."""

    async def talk():
        async with serving(USUAL[name], told) as server, MAKE[name](server.url, **differing) as gateway:
            return [await gateway.send(message) for message in send], server

    return asyncio.run(talk())


def outcome_at(name: str, *told, **differing) -> Outcome:
    return outcomes_at(name, *told, **differing)[0][0]
