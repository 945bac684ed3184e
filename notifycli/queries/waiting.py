"""Notices whose deliveries wait to be tried (again): what the next look will say of them, and where they go then.

Asks the one decision; has no rule of its own. Used by why, upcoming and the dry run of run.
"""

from collections.abc import Collection

from notifycli.domain.model import Key, Verdict
from notifycli.domain.routing import fallback_for, rerouted
from notifycli.domain.rules import WAITS_FOR, due_as_written, look_before_attempt
from notifycli.domain.words import Channel
from notifycli.store.facts import Known


def next_look(known: Known, key: Key, due_at: int, happened_at: int, looked_at: int) -> Verdict:
    due = due_as_written(key, due_at, happened_at, known.subject)
    return look_before_attempt(due, known.subject, known.patient, looked_at)


def is_held_back(verdict: Verdict) -> bool:
    """For its reason it waits, or will when it is due, rather than being skipped."""
    return verdict.outcome == "waits" or (verdict.outcome == "planned" and verdict.reason in WAITS_FOR)


def channels_to_come(
    known: Known,
    verdict: Verdict,
    queued: Collection[Channel],
    given: Collection[Channel],
    tried: Collection[Channel],
    has_gone_out: bool,
) -> tuple[Channel, ...]:
    """Its channels as the preference is now, or where they fall back to. `given`: what gave its deliveries."""
    unwanted, wanted = rerouted(given, verdict.channels, has_gone_out)
    patient = known.patient_for(verdict.key)
    possible = patient.possible if patient else frozenset()
    left = [channel for channel in queued if channel not in unwanted]
    ways = [channel if channel in possible else fallback_for(channel, tried, possible) for channel in left]
    return tuple(dict.fromkeys([*(way for way in ways if way is not None), *sorted(wanted)]))
