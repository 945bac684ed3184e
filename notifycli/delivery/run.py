"""The whole of `notify run`: gather, decide, send, record. Readable in one sitting; has no rule of its own.

The clock is handed in. An idle minute does not come here: store.journal tells whether there is anything to do.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from notifycli.config import Settings
from notifycli.delivery.busy import LONGEST_WAIT, GivenUp, retry_while_busy
from notifycli.delivery.composing import Composer
from notifycli.delivery.ending import Ending
from notifycli.delivery.foreseeing import WINDOW, Foreseen, foreseen_notices
from notifycli.delivery.policy import policy_of
from notifycli.delivery.sender import Sender
from notifycli.domain.model import Verdict
from notifycli.domain.rules import ORDER_WHEN_EQUAL, decide
from notifycli.store import journal, leases, notices, subjects
from notifycli.store.engine import Connection, reading, short_waits, writing
from notifycli.store.facts import Facts, Known, Policy, Subject
from notifycli.store.journal import RunCounts
from notifycli.store.subjects import NextCheck

log = logging.getLogger(__name__)
Clock = Callable[[], int]
PATIENCE, PAUSE = 5.0, 0.25  # seconds, with what others decide on
MOST_NOTICES_OF_A_SUBJECT = 3  # that can be sent in one run: of each event, what is newer supersedes what is older


def run(
    connection: Connection,
    settings: Settings,
    outbox: Path,
    clock: Clock,
    *,
    release: bool = False,
    on_handled: Callable[[int], None] = lambda handled: None,
    ending: Ending | None = None,
) -> RunCounts:
    """Sends what is due. The caller holds the lock against a second run, and may ask for the end before all is sent."""
    started_at = clock()
    journal.note_beginning(connection, started_at)
    report, ending, policy = RunCounts(), ending or Ending(), policy_of(settings)
    composer = Composer(settings, journal.database_id(connection))
    sender = Sender(connection, settings, policy, clock, outbox, composer, on_handled=on_handled, ending=ending)
    sender.check_settings()
    max_due = 0 if release else settings.limits.max_due
    with short_waits(connection):
        asyncio.run(_send_window_by_window(connection, policy, clock, max_due, report, sender))
    counts = sender.counts
    report.sent, report.failed, report.retrying = counts.sent, counts.failed, counts.retrying
    report.uncertain = counts.uncertain
    report.by_first, report.by_second = counts.by_first, counts.by_second
    report.due = report.skipped + len(counts.due)
    report.skipped += len(counts.skipped)
    note = partial(journal.note_run, connection, started_at, clock(), report)
    log.info(
        "%d due, %d sent, %d skipped, %d failed, %d to be tried again, %d uncertain",
        *(report.due, report.sent, report.skipped, report.failed, report.retrying, report.uncertain),
    )
    with suppress(GivenUp), short_waits(connection):
        asyncio.run(retry_while_busy(note, LONGEST_WAIT, ending))
    return report


async def _send_window_by_window(
    connection: Connection, policy: Policy, clock: Clock, max_due: int, report: RunCounts, sender: Sender
) -> None:
    """Writes and sends until nothing is due. What comes in meanwhile counts for the safety stop as well.

    What other hosts decide on just now is passed over; some of it may be left for this one to send.
    """
    to_send, patience = 0, PATIENCE

    def is_decided_elsewhere() -> bool:
        return not connection.has_one_run_at_a_time and subjects.count_waiting(connection, clock()) > 0

    async with sender:
        await sender.settle_uncertain()
        while not sender.ending.is_asked:
            looked_at = 0
            count = partial(_are_too_many, connection, policy, clock(), max_due, to_send, sender.lease.token)
            report.stopped = report.stopped or await retry_while_busy(count, LONGEST_WAIT, sender.ending)
            if report.stopped:
                log.info("safety stop: more than %d notices are due", max_due)
            if report.stopped and not to_send:
                return
            if not report.stopped:
                write = partial(_write_what_is_due, connection, policy, clock(), sender.lease.token)
                looked_at, skipped, written = await retry_while_busy(write, LONGEST_WAIT, sender.ending)
                log.info("looked at %d subjects: %d to send, %d skipped", looked_at, written, skipped)
                report.skipped += skipped
                to_send += written
            is_at_work = await retry_while_busy(sender.set_to_work, LONGEST_WAIT, sender.ending)
            if looked_at or is_at_work:
                patience = PATIENCE
            if looked_at:
                await asyncio.sleep(0)
            elif is_at_work:
                await sender.wait_for_one()
            elif patience > 0 and await retry_while_busy(is_decided_elsewhere, LONGEST_WAIT, sender.ending):
                patience -= PAUSE
                await asyncio.sleep(PAUSE)
            else:
                return


def _write_what_is_due(connection: Connection, policy: Policy, now: int, token: int) -> tuple[int, int, int]:
    """Decides on a window of subjects and writes each one's first notice: how many looked at, skipped, to be sent.

    In the order of due times over all subjects: what is due later than a second notice of some subject waits, since
    that one may be covered by the first (R19) and is decided when the first has gone out.
    """
    with writing(connection, alone=None):
        facts = Facts(connection, policy)
        window = subjects.subjects_to_write_of(connection, now, WINDOW)
        known = facts.known_all(waiting.subject for waiting in window)
        decided = [_decided(waiting.subject, known.get(waiting.subject), now) for waiting in window]
        horizon = window[-1].next_check_at if len(window) == WINDOW else now
        horizon = min([horizon, *(subject.second_due_at for subject in decided if subject.second_due_at is not None)])
        steps = [step for subject in decided for step in subject.steps_until(horizon)]
        steps.sort(key=lambda step: (step.verdict.due_at or 0, ORDER_WHEN_EQUAL.index(step.verdict.key.event)))
        notices.write_notices(connection, ((step.which, step.known, step.verdict) for step in steps), now)
        subjects.set_next_checks(connection, [subject.next_check(horizon) for subject in decided])
        skipped = sum(step.verdict.outcome == "skip" for step in steps)
        leases.note_written(connection, token, len(steps) - skipped)
    return len(window), skipped, len(steps) - skipped


@dataclass(frozen=True)
class _Decided:
    """What is due of one subject, up to the first that is sent, and when it is to be looked at again."""

    which: Subject
    known: Known | None
    due: tuple[Verdict, ...]
    second_due_at: int | None
    later_at: int | None
    waits_for_patient: bool

    def steps_until(self, horizon: int) -> Iterator[Foreseen]:
        for verdict in self.due:
            if self.known is not None and verdict.due_at is not None and verdict.due_at <= horizon:
                yield Foreseen(self.which, self.known, verdict)

    def next_check(self, horizon: int) -> NextCheck:
        """At what is left of it; a subject with nothing more to come sleeps."""
        left = [verdict.due_at for verdict in self.due if verdict.due_at is not None and verdict.due_at > horizon]
        left += [at for at in (self.second_due_at, self.later_at) if at is not None]
        return NextCheck(self.which, min(left, default=None), self.waits_for_patient)


def _decided(which: Subject, known: Known | None, now: int) -> _Decided:
    if known is None:
        return _Decided(which, None, (), None, None, False)
    verdicts = decide(known.subject, known.patient, now).verdicts
    due = [verdict for verdict in verdicts if verdict.outcome in ("send", "skip")]
    first_sent = next((place for place, verdict in enumerate(due) if verdict.outcome == "send"), len(due))
    now_due, after = due[: first_sent + 1], due[first_sent + 1 :]
    later = [verdict.due_at for verdict in verdicts if verdict.outcome == "planned"]
    later += [verdict.look_again_at for verdict in verdicts if verdict.outcome == "waits"]
    return _Decided(
        which,
        known,
        tuple(now_due),
        after[0].due_at if after else None,
        min((at for at in later if at is not None), default=None),
        any(verdict.outcome == "waits" and verdict.reason == "unknown_patient" for verdict in verdicts),
    )


def _are_too_many(connection: Connection, policy: Policy, now: int, max_due: int, written: int, token: int) -> bool:
    """The safety stop (SPEC section 7): whether more than `max_due` notices would be sent, after the skips.

    `written`: so many of this run count already, which has that token, and those of runs elsewhere. Deliveries that
    wait to be tried again were let go before.
    """
    written += leases.written_by_others(connection, token)
    if not max_due or written + subjects.count_waiting(connection, now) * MOST_NOTICES_OF_A_SUBJECT <= max_due:
        return False
    to_send = written
    with reading(connection):
        for notice in foreseen_notices(connection, policy, now, now):
            to_send += notice.verdict.reason is None
            if to_send > max_due:
                return True
    return False
