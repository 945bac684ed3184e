"""A delivery fails for good: the history says so, an address that is gone is remembered, the notice falls back.

Whoever learns of it calls this: a run, or a report that comes later. Source: SPEC sections 5 and 7.
"""

from notifycli.domain.routing import channels_for, fallback_for
from notifycli.domain.words import DeliveryStatus, FailReason
from notifycli.store import claims, deliveries, notices, suppression_list
from notifycli.store.deliveries import Delivery
from notifycli.store.engine import Connection
from notifycli.store.facts import Known


def fail_for_good(
    connection: Connection,
    delivery: Delivery,
    known: Known | None,
    now: int,
    reason: FailReason | str,
    detail: str,
    expected: DeliveryStatus,
    gone: str | None = None,
) -> None:
    """To e-mail or SMS, where that was not tried. `expected`: its status; `gone`: the address, where it is no more."""
    claims.mark_failed(connection, delivery.id, now, reason, detail, expected)
    patient = known.patient_for(delivery.key) if known is not None else None
    if known is None or patient is None:
        return
    if gone is not None:
        of_clinic, patient_id = known.clinic.clinic_id, known.details_for(delivery.key).patient_id
        suppression_list.remember(connection, of_clinic, patient_id, delivery.channel, gone, reason, now)
    tried = deliveries.channels_tried(connection, delivery.notice)
    possible = patient.possible - ({delivery.channel} if gone is not None else set())
    other = fallback_for(delivery.channel, tried, possible)
    if other is not None:
        given = channels_for(patient.preferred, possible)
        notices.queue_deliveries(connection, delivery.notice, (other,), now, given)
