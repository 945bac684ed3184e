"""What services say later of deliveries is brought into the history: receipts, bounces, answers to questions.

They come late, twice and out of order. Has no rule of its own; knows no mailbox and no gateway. Source: SPEC section 7.
"""

import logging
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

from notifycli.channels.base import Report
from notifycli.delivery.failures import fail_for_good
from notifycli.domain.reports import effect_of
from notifycli.store import claims, journal, suppression_list
from notifycli.store import reports as stored
from notifycli.store.engine import SETTLING, Connection, writing
from notifycli.store.facts import Facts, Policy
from notifycli.store.reports import Reported

log = logging.getLogger(__name__)
Came = Literal["sent", "delivered", "failed", "none", "early", "unknown"]
CLOCKS_DIFFER = 60  # seconds
OURS = re.compile(r"(\d{1,18})\.([0-9a-z]+)")


def take(connection: Connection, policy: Policy, reports: Sequence[Report], now: int) -> Counter[Came]:
    """Brings them in, in one transaction; counts what came of each."""
    counts: Counter[Came] = Counter()
    if not reports:
        return counts
    with writing(connection, alone=SETTLING):
        facts, database_id = Facts(connection, policy), journal.database_id(connection)
        for report in reports:
            came = _take_one(connection, facts, database_id, report, now)
            counts[came] += 1
            if came == "early":
                stored.keep_early(connection, asdict(report), now)
    came_to = ", ".join(f"{came} {number}" for came, number in counts.items())
    log.info("%s: %s", "1 report" if len(reports) == 1 else f"{len(reports)} reports", came_to)
    return counts


def take_unmatched(connection: Connection, policy: Policy, now: int) -> Counter[Came]:
    """Brings in those that came before their deliveries could be told; what nothing fits in a week is dropped."""
    counts: Counter[Came] = Counter()
    early = stored.early_ones(connection)
    if not early:
        return counts
    with writing(connection, alone=SETTLING):
        facts, database_id = Facts(connection, policy), journal.database_id(connection)
        for number, values in early:
            report = Report(**{**values, "is_gone": bool(values["is_gone"])})
            came = _take_one(connection, facts, database_id, report, now)
            if came != "early":
                counts[came] += 1
                stored.forget_early(connection, number)
        stored.forget_what_nothing_fits(connection, now)
    return counts


def _take_one(connection: Connection, facts: Facts, database_id: str, report: Report, now: int) -> Came:
    ours = OURS.fullmatch(report.ours) if report.ours is not None else None
    if report.ours is not None and (ours is None or ours[2] != database_id):
        return "unknown"  # of another database that shares the mailbox or the gateway
    if ours is not None:
        reported = stored.of_delivery(connection, int(ours[1]), report.channel)
    elif report.reference is not None:
        reported = stored.of_reference(connection, report.reference, report.channel)
    else:
        return "unknown"
    if reported is not None:
        return _bring_in(connection, facts, reported, report, now)
    return "unknown" if ours is not None else "early"


def _is_of_this_attempt(connection: Connection, reported: Reported, report: Report) -> bool:
    """By the service's id, else by its time: what was said before the last attempt is about another."""
    if None not in (report.reference, reported.reference):
        return report.reference == reported.reference
    attempted_at = stored.attempted_at(connection, reported.delivery.id)
    return report.at is None or attempted_at is None or report.at >= attempted_at - CLOCKS_DIFFER


def _bring_in(connection: Connection, facts: Facts, reported: Reported, report: Report, now: int) -> Came:
    delivery = reported.delivery
    of_this_attempt = _is_of_this_attempt(connection, reported, report)
    effect = effect_of(report.state, delivery.status, delivery.attempts, is_of_this_attempt=of_this_attempt)
    gone = reported.address if report.is_gone else None
    if effect == "sent":
        claims.mark_sent(connection, delivery.id, now, report.detail, report.reference, delivery.status)
    elif effect == "delivered":
        claims.mark_delivered(connection, delivery.id, now, report.detail, report.reference, delivery.status)
        clinic_id = delivery.subject.clinic_id
        suppression_list.forget(connection, clinic_id, reported.patient_id, delivery.channel, reported.address)
    elif effect == "failed":
        known = facts.known(delivery.subject)
        reason = report.reason or "refused"
        fail_for_good(connection, delivery, known, now, reason, report.detail, delivery.status, gone)
    return effect
