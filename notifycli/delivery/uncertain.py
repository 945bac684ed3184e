"""What an earlier run left without an answer: found, asked for where a gateway can be asked, and sent again.

With on_uncertain = "hold" it stays for staff or a later report. Source: SPEC section 7.
"""

from collections.abc import Callable, Sequence
from functools import partial

from notifycli.config import Settings
from notifycli.delivery.busy import LONGEST_WAIT, retry_while_busy
from notifycli.delivery.ending import Ending
from notifycli.delivery.polling import ASKED_CHANNELS, ask_about
from notifycli.delivery.queues import Queue, Queues
from notifycli.delivery.sections import section_of
from notifycli.domain import retry
from notifycli.domain.words import Channel
from notifycli.store import claims, deliveries, reports
from notifycli.store.engine import Connection, writing
from notifycli.store.facts import Policy
from notifycli.store.reports import Open

AGAIN = "sent again, since its arrival is uncertain"


def resends(settings: Settings, channel: Channel, clinic_id: str) -> bool:
    return section_of(settings, channel, clinic_id).on_uncertain == "resend"


def note_what_a_killed_run_left(connection: Connection, settings: Settings, now: int) -> int:
    """`sending` without a living run is uncertain; how many are held."""
    held = 0
    with writing(connection):
        for delivery, channel, clinic_id, attempts in deliveries.left_by_a_killed_run(connection):
            settle_at = retry.resend_at(attempts, now) if resends(settings, channel, clinic_id) else None
            held += settle_at is None
            claims.mark_uncertain(connection, delivery, now, "the run was killed before the answer", settle_at)
    return held


def to_be_asked_for(connection: Connection, queues: Queues, now: int) -> dict[Queue, list[Open]]:
    """What is due to be sent again and may be asked for before, by where."""
    due: dict[Queue, list[Open]] = {}
    for channel in ASKED_CHANNELS:
        for delivery in reports.uncertain_due(connection, channel, now):
            due.setdefault(queues.of(channel, delivery.clinic_id), []).append(delivery)
    return due


def send_again(connection: Connection, now: int, is_to_go: Callable[[int], bool]) -> None:
    """What is uncertain still, and due to be settled, of the deliveries that `is_to_go`."""
    with writing(connection):
        for delivery in deliveries.uncertain(connection, now):
            if is_to_go(delivery.id):
                claims.mark_to_retry(connection, delivery.id, now, AGAIN, now, expected="uncertain")


async def ask_before_sending_again(
    connection: Connection,
    policy: Policy,
    queues: Queues,
    asked: tuple[Queue, Sequence[Open]],
    now: int,
    ending: Ending,
) -> int:
    """How many have failed, as their gateway says. Raises GivenUp."""
    queue, due = asked
    collected = await ask_about(connection, policy, queues.way, now, queue.channel, due)
    await retry_while_busy(
        partial(send_again, connection, now, {delivery.id for delivery in due}.__contains__), LONGEST_WAIT, ending
    )
    return collected.counts["failed"]
