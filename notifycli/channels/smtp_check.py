"""Tries a mail server out as far as MAIL FROM, which it takes back: nothing is sent. For notify doctor.

Must not know why. What a server says of a sender only when it has a recipient stays unknown here.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from notifycli.channels.base import Outcome, TheirTime
from notifycli.channels.mail import Mailbox
from notifycli.channels.smtp import Smtp
from notifycli.channels.smtp_connection import TROUBLES, ConnectionFailed, Letter, SmtpConnection

PATIENCE = 10.0  # seconds for each answer; somebody waits for ours
WOULD_TAKE = Outcome("sent", "takes mail from every sender")


class TriedOut(NamedTuple):
    """`outcome`: `sent` where the server would take mail of all senders; else what came in between, in one line.

    `their_time`: by its greeting, where there is a date in it.
    """

    outcome: Outcome
    their_time: TheirTime | None = None


async def try_out(way: Smtp, senders: Iterable[Mailbox]) -> TriedOut:
    try:
        trial = await _Trial.open(replace(way._settings, timeout=PATIENCE), way._context)
    except ConnectionFailed as trouble:
        return TriedOut(trouble.outcome)
    try:
        for sender in senders:
            refused = await trial.offer(sender)
            if refused is not None:
                return TriedOut(refused, trial.their_time)
    finally:
        await trial.quit()
    return TriedOut(WOULD_TAKE, trial.their_time)


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
