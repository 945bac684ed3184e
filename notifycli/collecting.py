"""Collects what services say later: bounces from a mailbox, and the answers of gateways that can be asked.

What it means is for reports.take; nothing is decided here. Source: SPEC section 7.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from notifycli.channels.base import Outcome, Question, Report, Transport, Unanswered
from notifycli.domain.routing import Channel
from notifycli.reports import Came, take
from notifycli.store import journal
from notifycli.store import reports as stored
from notifycli.store.engine import Connection
from notifycli.store.facts import Policy
from notifycli.store.reports import Open

if TYPE_CHECKING:
    from notifycli.channels.mailboxes import Postbox

ASKED_FOR = 3 * 24 * 3600  # seconds after which a gateway will say no more of an SMS
MOST_ASKED = 500  # in one call; the longest known come first
ASKED_CHANNELS: tuple[Channel, ...] = ("sms",)
WayOf = Callable[[Channel, str], Awaitable[Transport | Outcome]]


def read_bounces(connection: Connection, policy: Policy, mailbox: "Postbox", now: int) -> Counter[Came]:
    """What a mailbox holds of bounces. Raises channels.mailboxes.MailboxTrouble."""
    from notifycli.channels.bounces import reports_in

    counts: Counter[Came] = Counter()
    for message in mailbox.unread():
        reports = reports_in(message.content)
        if not reports:
            message.leave()
            continue
        counts += take(connection, policy, reports, now)
        message.done()
    return counts


async def ask_gateways(
    connection: Connection, policy: Policy, way_of: WayOf, now: int, *, uncertain_alone: bool = False
) -> tuple[Counter[Came], list[str]]:
    """What became of deliveries, from gateways that can be asked, and what kept others from being asked."""
    counts: Counter[Came] = Counter()
    troubles: list[str] = []
    silent: list[object] = []
    for channel in ASKED_CHANNELS:
        since = now if uncertain_alone else now - ASKED_FOR
        for one in stored.open_ones(connection, channel, since, MOST_ASKED):
            way = await way_of(channel, one.clinic_id)
            if not hasattr(way, "ask") or any(way is other for other in silent):
                continue
            try:
                report = await way.ask(_question(connection, one))
            except Unanswered as why:
                silent.append(way)
                troubles.append(f"{channel}: {why}")
                continue
            counts += take(connection, policy, [_of(report, connection, one)] if report else [], now)
    return counts, troubles


def _question(connection: Connection, one: Open) -> Question:
    ours = f"{one.id}.{journal.database_id(connection)}"
    return Question(ours, one.reference, one.address, one.text, one.attempted_at)


def _of(report: Report, connection: Connection, one: Open) -> Report:
    """We know which one we asked for."""
    return replace(report, ours=f"{one.id}.{journal.database_id(connection)}")
