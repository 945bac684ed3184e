"""Mail servers for the tests, on loopback: one that answers as it is told to, and aiosmtpd with TLS and logins.

And a notice to send to them.
"""

import asyncio
import ssl
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult

from notifycli.channels.base import Outcome, Outgoing
from notifycli.channels.smtp import Smtp, SmtpSettings

SILENCE = None

NOTICE = Outgoing(
    delivery=7,
    channel="email",
    address="kari@fjord.example",
    sender="Nidelv legesenter <post@nidelv.example>",
    subject="Du har fått en time",
    text="Hei\n",
    html=None,
    language="nb",
    message_id="<7@nidelv.example>",
    collapse_key="n1",
    sent_on=1_780_000_000,
)


def settings(port: int, **differing) -> SmtpSettings:
    usual = {"host": "127.0.0.1", "port": port, "tls": "none", "username": "", "password": None, "timeout": 5.0}
    return SmtpSettings(**(usual | differing))


@dataclass
class Script:
    """What the server does instead of agreeing.

    `answers`: for a verb (GREETING, EHLO, MAIL, RCPT, DATA, DOT, RSET) the answers of its first, second … use, the
    last one for all further uses; SILENCE is none. `cut_after_received`: bytes that it takes in before it cuts, without
    an answer to the last of them. `cut_after_sent`: bytes of its own that it sends before it cuts. `resets`: whether it
    cuts with RST instead of FIN. `hangs_up_with`: its words as it hangs up after each message, which may be none.
    `takes_seconds`: for each message, before it answers.
    """

    answers: dict[str, list[str | None]] = field(default_factory=dict)
    cut_after_received: int | None = None
    cut_after_sent: int | None = None
    resets: bool = False
    hangs_up_with: bytes | None = None
    takes_seconds: float = 0.0


USUAL = {
    "GREETING": "220 mail.example ESMTP",
    "EHLO": "250-mail.example\r\n250-8BITMIME\r\n250 SMTPUTF8",
    "DATA": "354 go ahead",
    "DOT": "250 2.0.0 Ok: queued as 4F9D14",
    "QUIT": "221 bye",
}


class ScriptedServer:
    """Counts what it was asked; `messages` are those that it received whole, `received` all bytes it was sent."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.uses: Counter[str] = Counter()
        self.commands: list[str] = []
        self.messages: list[bytes] = []
        self.received = bytearray()
        self.sent = bytearray()
        self.most_at_once = 0
        self.talks: set[Talk] = set()

    @property
    def openings(self) -> int:
        return self.uses["GREETING"]

    def answer_to(self, verb: str) -> str | None:
        told = self.script.answers.get(verb, [USUAL.get(verb, "250 2.1.0 Ok")])
        self.uses[verb] += 1
        return told[min(self.uses[verb], len(told)) - 1]


class Talk(asyncio.Protocol):
    """One connection, byte by byte, so that it can be cut at any of them."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.buffer = b""
        self.in_message = False
        self.in_transaction = False

    def connection_made(self, transport):
        self.transport = transport
        self.server.talks.add(self)
        self.server.most_at_once = max(self.server.most_at_once, len(self.server.talks))
        if self.server.script.cut_after_received == 0:
            return self.cut()
        self.say("GREETING")

    def connection_lost(self, exc):
        self.server.talks.discard(self)

    def data_received(self, data):
        if self.transport.is_closing():
            return
        limit = self.server.script.cut_after_received
        if limit is not None and len(self.server.received) + len(data) >= limit:
            self.server.received += data[: limit - len(self.server.received)]
            return self.cut()
        self.server.received += data
        self.buffer += data
        while not self.transport.is_closing() and self.take_one():
            pass

    def take_one(self) -> bool:
        end = b"\r\n.\r\n" if self.in_message else b"\r\n"
        found, separator, rest = self.buffer.partition(end)
        if not separator:
            return False
        self.buffer = rest
        self.take_message(found) if self.in_message else self.take_command(found.decode())
        return True

    def take_message(self, message: bytes) -> None:
        self.in_message = False
        self.server.messages.append(message + b"\r\n")
        self.in_transaction = False
        if self.server.script.takes_seconds:
            asyncio.get_running_loop().call_later(self.server.script.takes_seconds, self.say, "DOT")
            return
        self.say("DOT")
        if self.server.script.hangs_up_with is not None:
            self.transport.write(self.server.script.hangs_up_with)
            self.transport.close()

    def take_command(self, line: str) -> None:
        verb = line.split(" ")[0].upper()
        self.server.commands.append(line)
        if verb == "MAIL" and self.in_transaction:
            return self.write(b"503 5.5.1 nested MAIL\r\n")
        answer = self.say(verb)
        self.in_transaction = verb in ("MAIL", "RCPT", "DATA")
        self.in_message = verb == "DATA" and bool(answer) and answer.startswith("354")
        if verb == "QUIT" or (answer or "").startswith("421"):
            self.transport.close()

    def say(self, verb: str) -> str | None:
        answer = self.server.answer_to(verb)
        if answer is not SILENCE:
            self.write(answer.encode() + b"\r\n")
        return answer

    def write(self, data: bytes) -> None:
        limit = self.server.script.cut_after_sent
        if limit is not None and len(self.server.sent) + len(data) > limit:
            data = data[: limit - len(self.server.sent)]
            self.transport.write(data)
            self.server.sent += data
            return self.cut()
        self.server.sent += data
        self.transport.write(data)

    def cut(self) -> None:
        self.transport.abort() if self.server.script.resets else self.transport.close()


@asynccontextmanager
async def scripted(script: Script | None = None):
    """A ScriptedServer with its `port`."""
    server = ScriptedServer(script or Script())
    listening = await asyncio.get_running_loop().create_server(lambda: Talk(server), "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for talk in set(server.talks):
            talk.transport.abort()
        await listening.wait_closed()
        await asyncio.sleep(0)


class Mailroom:
    """An aiosmtpd handler that keeps what it is given, as (sender, recipients, options, bytes).

    Where it `cuts`, it keeps the message and hangs up instead of answering.
    """

    def __init__(self) -> None:
        self.letters = []
        self.logins = []
        self.cuts = False

    async def handle_DATA(self, server, session, envelope):
        if self.cuts:
            server.transport.abort()
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, envelope.mail_options, envelope.original_content))
        return f"250 2.0.0 Ok: queued as A{len(self.letters)}"

    def authenticate(self, server, session, envelope, mechanism, login):
        self.logins.append((mechanism, login.login, login.password))
        return AuthResult(success=login.password == b"open sesame", handled=False)


@asynccontextmanager
async def aiosmtpd(context: ssl.SSLContext | None = None, is_implicit=False, asks_login=False, cuts=False):
    """A Mailroom with its `port`: STARTTLS where a context is given, TLS from the start where `is_implicit`."""
    room = Mailroom()
    room.cuts = cuts

    def conversation():
        login = {"auth_required": not is_implicit, "authenticator": room.authenticate} if asks_login else {}
        starttls = {} if is_implicit or not context else {"tls_context": context, "require_starttls": True}
        # aiosmtpd knows of no TLS but STARTTLS, without which it offers no login and asks for none
        login["auth_require_tls"] = not is_implicit
        return SMTP(room, hostname="mail.example", enable_SMTPUTF8=True, **login, **starttls)

    loop = asyncio.get_running_loop()
    listening = await loop.create_server(conversation, "127.0.0.1", 0, ssl=context if is_implicit else None)
    room.port = listening.sockets[0].getsockname()[1]
    try:
        yield room
    finally:
        listening.close()
        await listening.wait_closed()
        await asyncio.sleep(0.01)  # its connections see our QUIT


async def sent_to(server, *notices: Outgoing, **differing) -> list[Outcome]:
    """The outcomes of the notices, one after the other."""
    async with Smtp(settings(server.port, **differing)) as smtp:
        return [await smtp.send(notice) for notice in notices]


def outcomes_at(script: Script, *notices: Outgoing, **differing) -> tuple[list[Outcome], ScriptedServer]:
    async def talk():
        async with scripted(script) as server:
            return await sent_to(server, *(notices or (NOTICE,)), **differing), server

    return asyncio.run(talk())


def outcomes_at_aiosmtpd(server: dict, *notices: Outgoing, **differing) -> tuple[list[Outcome], Mailroom]:
    """`server`: the arguments of `aiosmtpd`; `differing`: of our settings."""

    async def talk():
        async with aiosmtpd(**server) as room:
            return await sent_to(room, *notices, **differing), room

    return asyncio.run(talk())
