"""E-mail by SMTP, over a few connections that are used again and again.

Must not know appointments, stores or wording. Source: SPEC sections 7 and 9, DESIGN idea 7.
"""

from functools import partial
from types import TracebackType
from typing import Self

from notifycli.channels.base import Outcome, Outgoing
from notifycli.channels.hosts import trusting_context
from notifycli.channels.mail import NotAnAddress, NotASender, mailbox, message_bytes, sender_of
from notifycli.channels.smtp_connection import ClosedWhileIdle, ConnectionFailed, Letter, SmtpConnection, SmtpSettings
from notifycli.channels.smtp_pool import ConnectionPool
from notifycli.domain.errors import ConfigError
from notifycli.domain.hosts import is_this_machine

__all__ = ["Smtp", "SmtpSettings"]


class Smtp:
    """A mail server that takes our e-mail. Raises ConfigError for settings that cannot be meant."""

    def __init__(self, settings: SmtpSettings) -> None:
        if settings.tls not in ("starttls", "tls", "none"):
            raise ConfigError('email.tls is none of "starttls", "tls" and "none".')
        if settings.tls == "none" and not is_this_machine(settings.host):
            raise ConfigError(
                f'email.tls = "none" would send patients\' mail readable to all over the network to {settings.host}',
                'write "starttls" or "tls" ("none" is for this machine only).',
            )
        if settings.username and settings.password is None:
            raise ConfigError(
                "email.username is set without a password", "set email.password_file or email.password_env."
            )
        if settings.connections < 1 or settings.timeout <= 0:
            raise ConfigError("email.connections and its time-out have to be above 0.")
        self.concurrency = settings.connections
        self._settings = settings
        self._context = None if settings.tls == "none" else trusting_context(settings.cafile, "email")
        self._pool = ConnectionPool(partial(SmtpConnection.open, settings, self._context), settings.connections)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.close()

    async def send(self, message: Outgoing) -> Outcome:
        """`sent` only where the server said so; `uncertain` where the message may have left and no answer came."""
        try:
            _, sender = sender_of(message.sender)
            octets = message_bytes(message)
            letter = Letter(sender, mailbox(message.address), octets, message.our_reference or None)
        except NotASender as problem:
            return Outcome("temporary", str(problem))
        except NotAnAddress as problem:
            return Outcome("permanent", str(problem), reason="bad_address")
        try:
            return await self._deliver(letter)
        except ClosedWhileIdle:
            self._pool.forget_idle()
        except ConnectionFailed as trouble:
            return trouble.outcome
        try:  # nothing had been handed over, so another connection loses nothing and doubles nothing
            return await self._deliver(letter)
        except ConnectionFailed as trouble:
            return trouble.outcome

    async def _deliver(self, letter: Letter) -> Outcome:
        async with self._pool.connection() as connection:
            outcome = await connection.hand_over(letter)
            if connection.went_silent:
                detail = f"{outcome.detail}, with an earlier message"
                self._pool.note_trouble(Outcome("temporary", detail))
            return outcome
