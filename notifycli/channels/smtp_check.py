"""Tries a mail server out as far as MAIL FROM, which it takes back: nothing is sent. For notify doctor.

Must not know why. What a server says of a sender only when it has a recipient stays unknown here.
"""

from collections.abc import Iterable
from dataclasses import replace

from notifycli.channels.base import Outcome
from notifycli.channels.mail import Mailbox
from notifycli.channels.smtp import Smtp
from notifycli.channels.smtp_connection import TROUBLES, ConnectionFailed, Letter, SmtpConnection

PATIENCE = 10.0  # seconds for each answer; somebody waits for ours
WOULD_TAKE = Outcome("sent", "takes mail from every sender")


async def try_out(way: Smtp, senders: Iterable[Mailbox]) -> Outcome:
    """`sent` where the server would take mail of all these senders; else what came in between, in one line."""
    try:
        trial = await _Trial.open(replace(way._settings, timeout=PATIENCE), way._context)
    except ConnectionFailed as trouble:
        return trouble.outcome
    try:
        for sender in senders:
            refused = await trial.offer(sender)
            if refused is not None:
                return refused
    finally:
        await trial.quit()
    return WOULD_TAKE


class _Trial(SmtpConnection):
    async def offer(self, sender: Mailbox) -> Outcome | None:
        """MAIL FROM, taken back by RSET; None where the server agreed."""
        letter = Letter(sender, sender, b"")
        self._stage = "mail"
        options = self._options_for(letter)
        if isinstance(options, Outcome):
            return options
        from_ = b"FROM:<" + sender.address.encode() + b">"
        try:
            refusal = await self._refusal([("mail", (b"MAIL", from_, *options[0]), {250})], letter)
            if refusal is None:
                await self._say_rset()
        except TROUBLES as problem:
            return self._outcome_of_problem(problem)
        return refusal
