"""Collects what services say later: bounces from a mailbox, and the answers of gateways that can be asked.

What it means is for reports.take; nothing is decided here. Source: SPEC section 7.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from notifycli.channels.base import Answering, Outcome, Question, Transport, Unanswered
from notifycli.delivery.busy import retry_while_busy
from notifycli.delivery.receipts import Came, take
from notifycli.domain.words import Channel, Detour
from notifycli.store import journal
from notifycli.store import reports as stored
from notifycli.store.engine import Connection, writing
from notifycli.store.facts import Policy
from notifycli.store.reports import Open

if TYPE_CHECKING:
    from notifycli.channels.mailboxes import Postbox

log = logging.getLogger(__name__)
ASKED_FOR = 3 * 24 * 3600  # seconds after which a gateway will say no more of an SMS
MOST_ASKED = 500  # in one call; the longest known come first
ASKED_CHANNELS: tuple[Channel, ...] = ("sms",)
WayOf = Callable[[Channel, str, Detour | None], Awaitable[Transport | Outcome]]


@dataclass
class Collected:
    """What came of reports, and what kept others from coming: a text by its source."""

    counts: Counter[Came] = field(default_factory=Counter)
    troubles: dict[str, str] = field(default_factory=dict)


def read_bounces(connection: Connection, policy: Policy, mailbox: "Postbox", now: int) -> Collected:
    """What a mailbox holds of bounces. A message that cannot be marked as read comes again, and holds up no other."""
    from notifycli.channels.bounces import reports_in
    from notifycli.channels.mailboxes import MailboxError

    collected = Collected()
    read = of_deliveries = 0
    try:
        for message in mailbox.unread():
            reports = reports_in(message.content)
            read, of_deliveries = read + 1, of_deliveries + bool(reports)
            collected.counts += take(connection, policy, reports, now)
            try:
                (message.done if reports else message.leave)()
            except MailboxError as trouble:
                collected.troubles["receipts"] = str(trouble)
    except MailboxError as trouble:
        collected.troubles["receipts"] = str(trouble)
    messages = "1 message" if read == 1 else f"{read} messages"
    log.info("read %s, of which %d told of deliveries", messages, of_deliveries)
    return collected


async def ask_gateways(connection: Connection, policy: Policy, way_of: WayOf, now: int) -> Collected:
    """What became of deliveries, from gateways that can be asked: so many a call, the next ones at the next."""
    collected = Collected()
    for channel in ASKED_CHANNELS:
        asked = await _next_to_ask(connection, channel, way_of, now)
        of_channel = await ask_about(connection, policy, way_of, now, channel, asked)
        collected.counts += of_channel.counts
        collected.troubles |= of_channel.troubles
    return collected


async def _next_to_ask(connection: Connection, channel: Channel, way_of: WayOf, now: int) -> Sequence[Open]:
    """Behind those of the last call, of clinics whose gateway can be asked, or whose settings want a look."""
    without: set[stored.Service] = set()
    after = int(journal.state(connection, f"asked_{channel}", 0))
    while True:
        deliveries = stored.open_ones(connection, channel, now - ASKED_FOR, MOST_ASKED, after, without)
        mute = {
            (delivery.clinic_id, delivery.detour)
            for delivery in deliveries
            if not isinstance(await way_of(channel, delivery.clinic_id, delivery.detour), Outcome | Answering)
        }
        if not mute:
            break
        without |= mute
    last = deliveries[-1].id if len(deliveries) == MOST_ASKED else 0
    if last != after:
        with writing(connection, alone=None):
            journal.set_state(connection, f"asked_{channel}", last)
    return deliveries


async def ask_about(
    connection: Connection, policy: Policy, way_of: WayOf, now: int, channel: Channel, asked: Iterable[Open]
) -> Collected:
    """One after the other; a gateway that does not answer is asked no more."""
    collected = Collected()
    silent: list[object] = []
    for delivery in asked:
        way = await way_of(channel, delivery.clinic_id, delivery.detour)
        if isinstance(way, Outcome):
            whose = f"{channel} of {delivery.clinic_id}"
            collected.troubles[whose] = f"{whose}: {way.detail}"
        if not isinstance(way, Answering) or any(way is other for other in silent):
            continue
        ours = f"{delivery.id}.{journal.database_id(connection)}"
        asked_at = delivery.attempted_at
        try:
            report = await way.ask(Question(ours, delivery.reference, delivery.address, delivery.text, asked_at))
            log.info("%s: asked for delivery %d: %s", channel, delivery.id, report.state if report else "no word yet")
        except Unanswered as why:
            silent.append(way)
            log.info("%s: asked for delivery %d: no answer, so it is asked no more", channel, delivery.id)
            collected.troubles[f"{channel} {len(silent)}"] = f"{channel}: {why}"
            continue
        if report is not None:
            named = [replace(report, ours=ours)]  # we know which one we asked for, whatever the answer calls it
            collected.counts += await retry_while_busy(partial(take, connection, policy, named, now))
    return collected
