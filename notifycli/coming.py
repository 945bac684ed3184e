"""Notices that are to come: those not yet written, and deliveries that wait to be tried (again).

Asks the one decision; has no rule of its own. Used by upcoming and by the dry run of run.
"""

from dataclasses import dataclass

from notifycli.domain.routing import Channel
from notifycli.domain.rules import ORDER_WHEN_EQUAL
from notifycli.run import foreseen_notices
from notifycli.store import reading
from notifycli.store.engine import Connection
from notifycli.store.engine import reading as one_view
from notifycli.store.facts import Policy, Subject


@dataclass(frozen=True)
class Coming:
    """A notice to come, with its channels, or with the reason for which it would be skipped as things stand."""

    which: Subject
    patient: str
    event: str
    due_at: int
    channels: tuple[Channel, ...]
    reason: str | None
    is_active_user: bool


def coming_notices(connection: Connection, policy: Policy, now: int, until: int) -> list[Coming]:
    """By due time; instants are UTC epoch seconds."""
    with one_view(connection):
        found = [
            Coming(
                one.which,
                one.known.details.patient_id,
                one.verdict.key.event,
                one.verdict.due_at or 0,
                one.verdict.channels,
                one.verdict.reason,
                one.known.details.is_active_user,
            )
            for one in foreseen_notices(connection, policy, now, until)
        ]
        found += [
            Coming(
                Subject(subject, clinic, id_), patient, event, due_at, tuple(channels.split(",")), None, bool(active)
            )
            for clinic, patient, event, subject, id_, due_at, channels, active in reading.queued_until(
                connection, until
            )
        ]
    return sorted(found, key=lambda one: (one.due_at, ORDER_WHEN_EQUAL.index(one.event), one.which))
