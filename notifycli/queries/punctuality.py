"""How punctual the notices were, and what was late and why. Has no rule of its own: see domain.gap_causes.

Source: SPEC section 8, `notify status` and `notify gaps`.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from notifycli.domain.gap_causes import IN_TIME, GapCause, LateNotice, Pause, cause_of
from notifycli.store import punctuality
from notifycli.store.engine import Connection, reading
from notifycli.store.punctuality import LateRow, SentBetween

AT_ONCE = 500  # late notices whose changes of status are held in memory
A_MONTH = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Punctuality:
    """Of the notices that went out in some time: `count` of them, `late` of these.

    `share`: of those that went out within 60 seconds after they were due. `median` and `p99`: seconds from due to sent,
    by nearest rank. None where nothing went out.
    """

    count: int
    late: int
    share: float | None
    median: int | None
    p99: int | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A notice that went out later than its minute, with the cause; instants are UTC epoch seconds."""

    notice: int
    clinic: str
    subject_id: str
    event: str
    due_at: int
    sent_at: int
    cause: GapCause

    @property
    def seconds(self) -> int:
        return self.sent_at - self.due_at


def punctuality_of(connection: Connection, since: int, until: int, clinic: str | None = None) -> Punctuality:
    """Of what went out from `since` on and before `until`. Reads what went out then, and nothing else."""
    return punctuality_by(list(punctuality.delays(connection, SentBetween(since, until, clinic))))


def punctuality_by(delays: Sequence[tuple[int, int]]) -> Punctuality:
    """`delays`: seconds, from the least on, and how many notices took so long."""
    count = sum(notices for _, notices in delays)
    if not count:
        return Punctuality(0, 0, None, None, None)
    late = sum(notices for seconds, notices in delays if seconds > IN_TIME)
    return Punctuality(count, late, (count - late) / count, _rank(delays, count, 50), _rank(delays, count, 99))


def _rank(delays: Sequence[tuple[int, int]], count: int, percent: int) -> int:
    """The least delay that so many percent did not exceed."""
    passed = accumulate(notices for _, notices in delays)
    ranks = zip((seconds for seconds, _ in delays), passed, strict=True)
    return max(0, next(seconds for seconds, notices in ranks if 100 * notices >= count * percent))


def gaps_of(connection: Connection, sent: SentBetween, limit: int = 0) -> Iterator[Gap]:
    """The last that went out first; so many at most, all where `limit` is 0."""
    with reading(connection):
        rows = punctuality.late_notices(connection, sent, limit)
        while some := list(islice(rows, AT_ONCE)):
            yield from _with_causes(connection, some)


def causes_of(connection: Connection, sent: SentBetween, limit: int = 0) -> Counter[str]:
    """How many notices were late for each cause; of the last that went out, so many at most."""
    return Counter(gap.cause for gap in gaps_of(connection, sent, limit))


def _with_causes(connection: Connection, rows: Sequence[LateRow]) -> Iterator[Gap]:
    changes = punctuality.changes_of(connection, [row.notice for row in rows])
    since, until = min(row.due_at for row in rows), max(row.sent_at for row in rows)
    pauses = punctuality.pauses(connection, since, until)
    ends = [pause.ended_at for pause in pauses]
    stops = punctuality.stopped_imports(connection, since, until)
    for row in rows:
        late = LateNotice(
            row.due_at,
            row.sent_at,
            punctuality.known_at(connection, row),
            row.patient_known_at,
            changes.get(row.notice, ()),
        )
        of_clinic = [stop for clinic, stop in stops if clinic in (None, row.clinic)]
        cause = cause_of(late, [*_from(pauses, ends, row), *of_clinic])
        yield Gap(row.notice, row.clinic, row.subject_id, row.event, row.due_at, row.sent_at, cause)


def _from(pauses: Sequence[Pause], ends: Sequence[int], row: LateRow) -> Iterator[Pause]:
    """Those that reach into the time between due and sent; they are in order."""
    for place in range(bisect_right(ends, row.due_at), len(pauses)):
        if pauses[place].began_at >= row.sent_at:
            break
        yield pauses[place]
