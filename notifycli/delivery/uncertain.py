"""What an earlier run left without an answer: found, asked for where a gateway can be asked, and sent again.

With on_uncertain = "hold" it stays for staff or a later report. Source: SPEC section 7.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from notifycli.channels.base import Outcome
from notifycli.config import Settings
from notifycli.delivery.busy import LONGEST_WAIT, retry_while_busy
from notifycli.delivery.ending import Ending
from notifycli.delivery.hand_overs import LeftBehind
from notifycli.delivery.polling import ASKED_CHANNELS, ask_about
from notifycli.delivery.queues import Queue, Queues
from notifycli.delivery.sections import section_of
from notifycli.domain import retry
from notifycli.domain.words import Channel
from notifycli.store import claims, deliveries, leases, reports
from notifycli.store.deliveries import Delivery
from notifycli.store.engine import SETTLING, Connection, writing
from notifycli.store.facts import Policy
from notifycli.store.reports import Open

AGAIN = "sent again, since its arrival is uncertain"


def resends(settings: Settings, channel: Channel, clinic_id: str) -> bool:
    return section_of(settings, channel, clinic_id).on_uncertain == "resend"


def settle_what_dead_runs_left(
    connection: Connection,
    settings: Settings,
    now: int,
    token: int,
    left: Mapping[int, LeftBehind],
    record: Callable[[Delivery, Outcome], None],
) -> int:
    """Of what is `sending` under the lease of a dead run: how many are held as uncertain.

    What a file tells of this start of the machine (`left`, by token) is as good as an answer: what had not begun to
    leave is queued again, what was answered is handed to `record`. Of a host that is gone nothing is known.
    """
    held = 0
    with writing(connection, alone=SETTLING):
        leases.end_dead(connection, token, left)
        for delivery, claimed_by in deliveries.left_by_dead_runs(connection):
            traces = left.get(claimed_by) if claimed_by is not None else None
            if traces is not None and delivery.id in traces.outcomes and not is_rehearsal(delivery):
                record(replace(delivery, attempts=delivery.attempts - 1), traces.outcomes[delivery.id])
            elif is_not_begun(delivery, traces):
                claims.queue_again(connection, delivery.id, now)
            else:
                is_resent = resends(settings, delivery.channel, delivery.subject.clinic_id)
                settle_at = retry.resend_at(delivery.attempts, now) if is_resent else None
                held += settle_at is None
                claims.mark_uncertain(connection, delivery.id, now, "the run was killed before the answer", settle_at)
    for traces in left.values():
        traces.forget()
    return held


def is_rehearsal(delivery: Delivery) -> bool:
    return delivery.before.detour == "rehearsal"


def is_not_begun(delivery: Delivery, traces: LeftBehind | None) -> bool:
    """Whether nothing of a claimed delivery can have left; of a rehearsal nothing does."""
    if is_rehearsal(delivery):
        return True
    return traces is not None and traces.is_whole and delivery.id not in traces.began_to_leave


def to_be_asked_for(connection: Connection, queues: Queues, now: int) -> dict[Queue, list[Open]]:
    """What is due to be sent again and may be asked for before, by where."""
    due: dict[Queue, list[Open]] = {}
    for channel in ASKED_CHANNELS:
        for delivery in reports.uncertain_due(connection, channel, now):
            due.setdefault(queues.of(channel, delivery.clinic_id, delivery.detour), []).append(delivery)
    return due


def send_again(connection: Connection, now: int, is_to_go: Callable[[int], bool]) -> None:
    """What is uncertain still, and due to be settled, of the deliveries that `is_to_go`."""
    with writing(connection, alone=SETTLING):
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
