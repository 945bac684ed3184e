"""One notice for whoever looks at it closely: what is stored of it, why, and each message as it was or would be.

Changes nothing; has no rule and no wording of its own.
"""

from typing import Any

from notifycli.delivery.composing import Composer
from notifycli.domain.gsm import sms_segments
from notifycli.domain.sentences import Sentence
from notifycli.domain.words import WENT_OUT
from notifycli.queries.why import explain, what_became_of
from notifycli.store import audit, deliveries, history
from notifycli.store.engine import Connection
from notifycli.store.facts import Facts, Known, Policy, Subject
from notifycli.store.notices import notices_of


def notice_told(
    connection: Connection, policy: Policy, composer: Composer, number: int, now: int
) -> dict[str, Any] | None:
    """As history.notice has it, with `verdict`, `reason`, `explanation`, `facts`, `actions` and the clinic's `zone`.

    Each delivery has `as_it`: "was sent", "was tried", "would be sent", or None where it has no text; `segments` of an
    SMS. None where there is no such notice.
    """
    stored = history.notice(connection, number)
    if stored is None:
        return None
    which = Subject(stored["subject"], stored["clinic"], stored["subject_id"])
    why = explain(connection, policy, which, now)
    known = Facts(connection, policy).known(which)
    if why is None or known is None:
        return stored | _of_someone_forgotten(connection, policy, which, number, stored["deliveries"])
    same = next(notice for notice in why.notices if notice.notice == number)
    messages = [_with_message(connection, composer, known, delivery, now) for delivery in stored["deliveries"]]
    return stored | {
        "verdict": same.verdict,
        "reason": same.reason,
        "explanation": same.explanation,
        "facts": same.grounds,
        "zone": why.zone,
        "deliveries": messages,
        "actions": audit.actions_about(connection, "notice", str(number)),
    }


def _of_someone_forgotten(
    connection: Connection, policy: Policy, which: Subject, number: int, told: list[dict[str, Any]]
) -> dict[str, Any]:
    """Whatever made a notice stays stored, unless its patient was forgotten."""
    row = next(row for row in notices_of(connection, which) if row.id == number)
    verdict, reason, _ = what_became_of(row)
    return {
        "verdict": verdict,
        "reason": reason,
        "explanation": Sentence("the patient was forgotten; when it went which way is all that is left of it"),
        "facts": {},
        "zone": Facts(connection, policy).clinic(which.clinic_id).zone.key,
        "deliveries": [delivery | {"as_it": None, "segments": None} for delivery in told],
        "actions": audit.actions_about(connection, "notice", str(number)),
    }


def _with_message(
    connection: Connection, composer: Composer, known: Known, delivery: dict[str, Any], now: int
) -> dict[str, Any]:
    as_it = None
    if delivery["text"] is not None:
        as_it = "was sent" if delivery["status"] in WENT_OUT else "was tried"
    elif delivery["status"] == "queued":
        as_it = "would be sent"
        waiting = deliveries.delivery_by_id(connection, delivery["delivery"])
        assert waiting is not None
        address = known.details_for(waiting.key).address_on(waiting.channel) or ""
        message = composer.message(waiting, known, address, now)
        delivery = delivery | {
            "address": address or None,
            "sent_from": message.sender,
            "subject_line": message.subject or None,
            "text": message.text,
        }
    is_sms = delivery["channel"] == "sms" and delivery["text"] is not None
    return delivery | {"as_it": as_it, "segments": sms_segments(delivery["text"]) if is_sms else None}
