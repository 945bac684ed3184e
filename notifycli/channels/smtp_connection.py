"""One conversation with a mail server, from its greeting to QUIT, and where in it trouble came.

Must not know other connections, or how often something is tried. Source: SPEC sections 7 and 9.
"""

import asyncio
import logging
import os
import re
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, Self, cast

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from notifycli.channels.base import Outcome, TheirTime
from notifycli.channels.leaving import it_leaves_now
from notifycli.channels.mail import Mailbox
from notifycli.channels.smtp_answers import Stage, enhanced_and_text, one_line, outcome_of, without_address
from notifycli.channels.smtp_wire import Wire
from notifycli.channels.their_clock import time_told_in
from notifycli.domain.errors import NotifyError

# RFC 5321 (4.5.3.2.6) asks for patience after the final dot, since giving up there makes doubles.
PATIENCE_AFTER_DOT = 4
LONGEST_GOODBYE = 2.0  # seconds; all is said by then
TROUBLES = (aiosmtplib.SMTPException, OSError, UnicodeError)  # UnicodeError: a host name that is none

IS_ITS_XTEXT = re.compile("[!-*,-<>-~]*")  # as nearly every address is

log = logging.getLogger(__name__)
Tls = Literal["starttls", "tls", "none"]
Command = tuple[Stage, tuple[bytes, ...], set[int]]  # at which stage, what is said, the answers that are as they should


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """How to reach a mail server. `timeout`: seconds to wait for each of its answers. `cafile`: PEM, trusted alone.

    `reports_are_read`: whether someone reads what comes back, so that notices of success are of use; where nobody
    does, they would fill the mailbox of the sender, one for each message.
    """

    host: str
    port: int
    tls: Tls
    username: str
    password: str | None = field(repr=False)
    connections: int = 8
    timeout: float = 30.0
    cafile: str | None = None
    reports_are_read: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """An envelope and the bytes that go in it. `envelope_id`: what notices about it shall call it (RFC 3461)."""

    sender: Mailbox
    recipient: Mailbox
    octets: bytes
    envelope_id: str | None = None


class ConnectionFailed(NotifyError):
    """No conversation came about; nothing was handed over. `outcome` is what that means for a delivery."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


class ClosedWhileIdle(ConnectionFailed):
    """The server had dropped the connection since the last letter, so another can be opened for this one."""


class SmtpConnection:
    """Not for two letters at once. `is_usable` says whether it can take another one."""

    def __init__(self, settings: SmtpSettings, context: ssl.SSLContext | None) -> None:
        self._settings = settings
        self._stage: Stage = "connect"
        self._has_served = False
        self.went_silent = False
        self.their_time: TheirTime | None = None
        self._client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=settings.timeout,
            use_tls=settings.tls == "tls",
            start_tls=False,  # done below, so that the stage of a failure is known
            tls_context=context,
            local_hostname="[127.0.0.1]",
        )

    @classmethod
    async def open(cls, settings: SmtpSettings, context: ssl.SSLContext | None) -> Self:
        """Greeted, encrypted and logged in as the settings ask; raises ConnectionFailed."""
        connection = cls(settings, context)
        try:
            await connection._open()
        except TROUBLES as problem:
            log.info("no conversation with %s:%d (%s)", settings.host, settings.port, connection._stage)
            raise ConnectionFailed(connection._outcome_of_problem(problem)) from None
        except BaseException:
            connection.close()
            raise
        log.info("connected to %s:%d, tls %s", settings.host, settings.port, settings.tls)
        return connection

    @property
    def is_usable(self) -> bool:
        return self._client.is_connected and self._wire.is_in_step

    async def hand_over(self, letter: Letter) -> Outcome:
        """Never raises for what a server does, but for ClosedWhileIdle."""
        try:
            outcome = await self._hand_over(letter)
            self._has_served = True
            return outcome
        except TROUBLES as problem:
            outcome = self._outcome_of_problem(problem)
            if self._has_served and self._stage == "mail":
                raise ClosedWhileIdle(outcome) from None
            return outcome
        except BaseException:
            self.close()
            raise

    async def quit(self) -> None:
        with suppress(*TROUBLES):
            self._wire.say(b"QUIT\r\n", answers=1)
            await self._wire.answer(min(LONGEST_GOODBYE, self._settings.timeout))
        self.close()

    def close(self) -> None:
        """At once, without a word: what is still in a buffer must not arrive after we called it lost."""
        transport = self._client.transport
        self._client.close()
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    async def _open(self) -> None:
        greeting = await self._client.connect()
        self.their_time = time_told_in(greeting.message)
        # What we call ourselves at EHLO. A name would have to be looked up, which hangs where the DNS does.
        address = ip_address(self._client.get_transport_info("sockname")[0].split("%")[0])
        self._client.local_hostname = f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
        await self._greet()
        if self._settings.tls == "starttls":
            self._stage = "tls"
            await self._client.starttls()
            await self._greet()
        if self._settings.username:
            self._stage = "auth"
            await self._client.login(self._settings.username, self._settings.password or "")
        if not self._client.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("SmtpConnection lost")
        self._wire = Wire(cast(SMTPProtocol, self._client.protocol))

    async def _greet(self) -> None:
        self._stage = "hello"
        try:
            await self._client.ehlo()
        except aiosmtplib.SMTPHeloError:
            if not self._client.is_connected:
                raise
            await self._client.helo()

    async def _hand_over(self, letter: Letter) -> Outcome:
        self._stage = "mail"
        self._must_be_usable()
        options = self._options_for(letter)
        if isinstance(options, Outcome):
            return options
        of_sender, of_recipient = options
        sender, recipient = letter.sender.address.encode(), letter.recipient.address.encode()
        commands: tuple[Command, ...] = (
            ("mail", (b"MAIL", b"FROM:<" + sender + b">", *of_sender), {250}),
            ("rcpt", (b"RCPT", b"TO:<" + recipient + b">", *of_recipient), {250, 251, 252}),
            ("data", (b"DATA",), {354}),
        )
        together = len(commands) if self._client.supports_extension("pipelining") else 1
        for first in range(0, len(commands), together):
            refusal = await self._refusal(commands[first : first + together], letter)
            if refusal is not None:
                return refusal
        return await self._write(letter)

    async def _refusal(self, commands: Sequence[Command], letter: Letter) -> Outcome | None:
        """None where each of the commands, said together, has got the answer that it should."""
        self._wire.say(b"".join(b" ".join(words) + b"\r\n" for _, words, _ in commands), len(commands))
        for place, (self._stage, _, wanted) in enumerate(commands, start=1):
            answer = await self._wire.answer(self._settings.timeout)
            if answer.code not in wanted:
                return await self._refused(answer, letter, len(commands) - place)
        return None

    async def _write(self, letter: Letter) -> Outcome:
        """`SMTP.data()` does DATA and the message in one call and hides on which side of the final dot it broke.

        So the message is written here, in one write: before it nothing has left (temporary), from it on the dot may
        have, since the kernel sends on when we have long been cut off (only the answer counts).
        """
        self._must_be_usable()
        stuffed = letter.octets.replace(b"\r\n.", b"\r\n..")
        it_leaves_now()
        self._stage = "dot"
        self._wire.say(stuffed + b".\r\n", answers=1)
        answer = await self._wire.answer(PATIENCE_AFTER_DOT * self._settings.timeout)
        if answer.code == 421 or answer.code // 100 not in (2, 4, 5):
            self.close()
        return self._outcome_of_answer(answer, letter)

    async def _refused(self, answer: aiosmtplib.SMTPResponse, letter: Letter, still_owed: int) -> Outcome:
        """Leaves the connection fit for the next letter, or closed. `still_owed`: answers to what was said with it."""
        outcome = self._outcome_of_answer(answer, letter)
        if answer.code == 421 and self._stage == "mail" and self._has_served:
            raise ClosedWhileIdle(outcome)
        try:
            for _ in range(still_owed):
                answer = await self._wire.answer(self._settings.timeout)
            if answer.code < 400 and (still_owed or self._stage == "data"):  # it may be waiting for a message
                self.close()
                return outcome
            await self._say_rset()
        except TROUBLES:
            self.close()
        return outcome

    async def _say_rset(self) -> None:
        self._wire.say(b"RSET\r\n", answers=1)
        if (await self._wire.answer(self._settings.timeout)).code != 250:
            self.close()

    def _must_be_usable(self) -> None:
        """A dropped connection forgets what the server offered, so it must not even be asked that."""
        if not self.is_usable:
            raise aiosmtplib.SMTPServerDisconnected("SmtpConnection lost")

    def _options_for(self, letter: Letter) -> tuple[list[bytes], list[bytes]] | Outcome:
        """Of MAIL FROM and of RCPT TO; an Outcome where the server takes no such address.

        Notices shall name the letter as we do, and not carry its content about. None of delay: mail that is late is
        still under way, and nothing would come of them.
        """
        of_sender: list[bytes] = []
        of_recipient: list[bytes] = []
        if letter.sender.needs_smtputf8 or letter.recipient.needs_smtputf8:  # else all is ASCII: bodies are in base64
            if not self._client.supports_extension("smtputf8"):
                detail = "needs SMTPUTF8, which the mail server does not offer"
                if letter.sender.needs_smtputf8:
                    return Outcome("temporary", f"the sender's address {detail}; mend email.from")
                return Outcome("permanent", f"the address {detail}", reason="smtputf8_not_offered")
            of_sender = [b"SMTPUTF8", *([b"BODY=8BITMIME"] if self._client.supports_extension("8bitmime") else [])]
        if letter.envelope_id is not None and self._client.supports_extension("dsn"):
            of_sender += [b"RET=HDRS", b"ENVID=" + xtext(letter.envelope_id)]
            of_recipient = [b"NOTIFY=SUCCESS,FAILURE" if self._settings.reports_are_read else b"NOTIFY=FAILURE"]
            if not letter.recipient.needs_smtputf8:  # ORCPT has another form there (RFC 6533), which few servers know
                of_recipient.append(b"ORCPT=rfc822;" + xtext(letter.recipient.address))
        return of_sender, of_recipient

    def _outcome_of_answer(self, answer: aiosmtplib.SMTPResponse, letter: Letter) -> Outcome:
        enhanced, text = enhanced_and_text(answer.message)
        return outcome_of(self._stage, answer.code, enhanced, without_address(text, letter.recipient.address))

    def _outcome_of_problem(self, problem: Exception) -> Outcome:
        """Closes the connection: after a silence the next answer could be the one to an earlier command."""
        self.close()
        self.went_silent = isinstance(problem, TimeoutError)
        if not isinstance(problem, aiosmtplib.SMTPResponseException) or problem.code < 200:
            return outcome_of(self._stage, None, None, self._words_for(problem))
        enhanced, text = enhanced_and_text(problem.message)
        if self._stage == "auth":  # a server may echo what we sent, and that held the password
            text = "the mail server does not take this user name and password"
        return outcome_of(self._stage, problem.code, enhanced, without_address(text))

    def _words_for(self, problem: Exception) -> str:
        server = f"{self._settings.host}:{self._settings.port}"
        cause = problem.__cause__ if isinstance(problem.__cause__, OSError) else problem
        if isinstance(problem, aiosmtplib.SMTPResponseException):
            return f"{server} gave an answer that is no SMTP"
        if isinstance(cause, TimeoutError):
            patience = self._settings.timeout * (PATIENCE_AFTER_DOT if self._stage == "dot" else 1)
            return f"{server} did not answer in {patience:g} s"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate of {server} is not trusted: {one_line(cause.verify_message)}"
        if isinstance(cause, ssl.SSLError):
            return f"no TLS with {server}: {cause.reason or 'it ended the handshake'}"
        if isinstance(cause, socket.gaierror | UnicodeError):
            return f"there is no host {self._settings.host}"
        if isinstance(cause, ConnectionRefusedError):
            return f"{server} refuses connections"
        if isinstance(cause, aiosmtplib.SMTPServerDisconnected | ConnectionError):
            return f"{server} broke the connection"
        if isinstance(cause, aiosmtplib.SMTPException):  # STARTTLS or AUTH is not offered; its own words, no echo
            return f"{server}: {cause.message}"
        errno = getattr(cause, "errno", None)  # None where each of several addresses failed in its own way
        return f"{server}: {os.strerror(errno)}" if errno else f"{server} cannot be reached"


def xtext(value: str) -> bytes:
    """RFC 3461, section 4: whatever is not printable ASCII, and "+" and "=", as "+" and two hexadecimal digits."""
    if value.isascii() and IS_ITS_XTEXT.fullmatch(value):
        return value.encode()
    return b"".join(
        bytes((octet,)) if 33 <= octet <= 126 and octet not in b"+=" else b"+%02X" % octet for octet in value.encode()
    )
