"""What a run will do with the subjects that it is to look at, as things stand; writes nothing.

Must not know how anything is sent, so that whoever only asks need not load it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from notifycli.domain.model import Verdict
from notifycli.domain.rules import decide, foreseen
from notifycli.store import subjects
from notifycli.store.engine import Connection
from notifycli.store.facts import Facts, Known, Policy, Subject
from notifycli.store.subjects import EVERYONES, Waiting, WhoseSubjects

WINDOW = 500  # subjects that are decided together


@dataclass(frozen=True)
class Foreseen:
    """A notice that is to come, with the channels it would take, or the reason for which it would be skipped."""

    which: Subject
    known: Known
    verdict: Verdict


def known_by_window(facts: Facts, of: Sequence[Subject]) -> Iterator[tuple[Subject, Known]]:
    """Those of the subjects that are stored, however many; so many are asked for at once."""
    for first in range(0, len(of), WINDOW):
        yield from facts.known_all(of[first : first + WINDOW]).items()


def foreseen_notices(
    connection: Connection, policy: Policy, now: int, until: int, whose: WhoseSubjects = EVERYONES
) -> Iterator[Foreseen]:
    """Every notice that is to come up to `until`, subject by subject. Stands within one view of the database.

    Those too that are due and wait for an unknown patient (R16): their outcome is `waits`.
    """
    facts = Facts(connection, policy)
    after: Waiting | None = None
    while window := subjects.subjects_waiting(connection, until, WINDOW, after, whose):
        known_of = facts.known_all(waiting.subject for waiting in window)
        for waiting in window:
            known = known_of.get(waiting.subject)
            if known is None:
                continue
            decided = decide(known.subject, known.patient, now).verdicts
            waits = (verdict for verdict in decided if verdict.outcome == "waits")
            for verdict in (*foreseen(known.subject, known.patient, now, until), *waits):
                yield Foreseen(waiting.subject, known, verdict)
        after = window[-1]
