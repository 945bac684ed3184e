"""Whether the history is what it must be: its chain of hashes, each notice's own story, and what the rules say is due.

Pure comparisons of stored values; must not know where they are kept. What can no longer be told (the facts have
changed, the text was taken away) is no finding. Instants are UTC epoch seconds. Source: SPEC sections 4, 5, 7 and 8.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from notifycli.domain.chain import BEGINNING, DETAIL, HASH, NOTHING_TOLD, SALT, STATUS, hash_of_told, next_hash
from notifycli.domain.grounds import Grounds
from notifycli.domain.model import Decision
from notifycli.domain.routing import OTHER_CHANNEL, channels_for

DifferenceKind = Literal["missing", "doubled", "order", "altered", "deleted", "channel", "unconfirmed"]
CLOCK_STEPS_BACK = 60  # seconds by which a clock that is set right may go back; no disorder
WENT_OUT = ("sent", "delivered")
NO_SALT = bytes(SALT)
MADE_BY_EVENTS = ("confirmation", "change", "cancellation")


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """What differs. `detail`: in words, with ids and times alone, nothing personal."""

    kind: DifferenceKind
    detail: str
    notice: int | None = None
    delivery: int | None = None
    subject: str | None = None
    subject_id: str | None = None


class Links(NamedTuple):
    """The links that one transaction made, `position` being the last one's."""

    position: int
    log_ids: Sequence[int]
    hashes: bytes
    salts: bytes
    told: bytes


class ChainCheck:
    """Follows the chain from its beginning; `may_be_untold(notice, at)`: whether a text was taken away by right."""

    def __init__(self, may_be_untold: Callable[[int, int], bool]) -> None:
        self._may_be_untold = may_be_untold
        self.position = 0
        self.head: bytes | None = BEGINNING  # None: of what is missing

    def follow(self, links: Links, rows: Mapping[int, tuple[Any, ...]]) -> Iterator[Discrepancy]:
        """`rows`: of the history, by id: domain.chain's CHANGE and TOLD, then whether a message stands as it left."""
        number = len(links.log_ids)
        first = links.position - number + 1
        if first != self.position + 1:
            yield Discrepancy("deleted", f"the chain has no links {self.position + 1} to {first - 1}")
            self.head = None
        if (len(links.hashes), len(links.salts), len(links.told)) != (HASH * number, SALT * number, HASH * number):
            yield Discrepancy("altered", f"links {first} to {links.position} of the chain are not whole")
            self.position, self.head = links.position, None
            return
        for place, log_id in enumerate(links.log_ids):
            stored = links.hashes[HASH * place : HASH * (place + 1)]
            told = links.told[HASH * place : HASH * (place + 1)]
            salt = links.salts[SALT * place : SALT * (place + 1)]
            yield from self._link(log_id, rows.get(log_id), stored, salt, told)
            self.head = stored
        self.position = links.position

    def _link(
        self, log_id: int, row: tuple[Any, ...] | None, stored: bytes, salt: bytes, told: bytes
    ) -> Iterator[Discrepancy]:
        if row is None:
            yield Discrepancy("deleted", f"row {log_id} of the history")
            return
        _, notice, delivery, at = row[:4]
        if self.head is not None and next_hash(self.head, row, told) != stored:
            yield Discrepancy("altered", f"row {log_id} of the history is not what was written", notice, delivery)
        if told == NOTHING_TOLD and row[DETAIL] is None and row[STATUS] not in ("sending", "skipped"):
            return
        if salt == NO_SALT:
            if not self._may_be_untold(notice, at):
                text = f"what row {log_id} of the history told was taken away, and not by purge or forget"
                yield Discrepancy("altered", text, notice, delivery)
        elif row[-1] and hash_of_told(salt, row) != told:
            yield Discrepancy("altered", f"what row {log_id} of the history told has changed", notice, delivery)


class NoticeHeld(NamedTuple):
    """A notice as it stands."""

    id: int
    subject: str
    subject_id: str
    due_at: int
    skip_reason: str | None
    skipped_at: int | None
    grounds: Grounds


class DeliveryHeld(NamedTuple):
    """A delivery as it stands."""

    id: int
    notice: int
    channel: Any
    status: str
    reason: str | None
    attempts: int
    status_at: int


class ChangeHeld(NamedTuple):
    """A row of the history."""

    id: int
    notice: int
    delivery: int | None
    at: int
    status: str
    reason: str | None
    attempts: int


def findings_of_notice(
    number: int, notice: NoticeHeld | None, deliveries: Sequence[DeliveryHeld], changes: Sequence[ChangeHeld]
) -> Iterator[Discrepancy]:
    """`changes`: all of the notice's, in their order."""
    about: dict[str, Any] = {"notice": number}
    if notice is None:
        yield Discrepancy("deleted", f"notice {number}, of which the history tells", **about)
        return
    about |= {"subject": notice.subject, "subject_id": notice.subject_id}
    standing = {delivery.id: delivery for delivery in deliveries}
    stories: dict[int | None, list[ChangeHeld]] = {}
    for change in changes:
        stories.setdefault(change.delivery, []).append(change)
    own = stories.pop(None, [])
    last_skip = (own[-1].reason, own[-1].at) if own and own[-1].status == "skipped" else (None, None)
    if (notice.skip_reason, notice.skipped_at if notice.skip_reason else None) != last_skip:
        yield Discrepancy("altered", f"notice {number} is not skipped as the history tells", **about)
    if not changes:
        yield Discrepancy("altered", f"the history tells nothing of notice {number}", **about)
    yield from _of_times(own, notice, about)
    for delivery_id, story in stories.items():
        about_delivery = about | {"delivery": delivery_id}
        if delivery_id not in standing:
            yield Discrepancy("deleted", f"delivery {delivery_id}, of which the history tells", **about_delivery)
        yield from _of_times(story, notice, about_delivery)
        yield from _of_transitions(story, about_delivery)
    for delivery in deliveries:
        last = stories[delivery.id][-1] if delivery.id in stories else None
        stands = (delivery.status, delivery.reason, delivery.attempts, delivery.status_at)
        if last is None or stands != (last.status, last.reason, last.attempts, last.at):
            text = f"delivery {delivery.id} stands as {delivery.status}, the history tells otherwise"
            yield Discrepancy("altered", text, **about, delivery=delivery.id)
    yield from _of_channels(notice, deliveries, stories, about)


def _of_times(story: Sequence[ChangeHeld], notice: NoticeHeld, about: dict[str, Any]) -> Iterator[Discrepancy]:
    for before, after in itertools.pairwise(story):
        if after.at < before.at - CLOCK_STEPS_BACK:
            yield Discrepancy(
                "order", f"{after.status} {_utc(after.at)}, after {before.status} {_utc(before.at)}", **about
            )
    if story and story[0].at < notice.due_at:
        yield Discrepancy(
            "order", f"{story[0].status} {_utc(story[0].at)}, before it was due {_utc(notice.due_at)}", **about
        )


def _of_transitions(story: Sequence[ChangeHeld], about: dict[str, Any]) -> Iterator[Discrepancy]:
    if story[0].status != "queued":
        yield Discrepancy("order", f"begins as {story[0].status}", **about)
    for before, after in itertools.pairwise(story):
        if before.status in WENT_OUT and after.status in ("queued", "sending"):
            yield Discrepancy("doubled", f"{after.status} {_utc(after.at)} although {before.status} already", **about)
        elif after.status == "sending" and before.status != "queued":
            yield Discrepancy("order", f"sending {_utc(after.at)} although {before.status}", **about)


def _of_channels(
    notice: NoticeHeld,
    deliveries: Sequence[DeliveryHeld],
    stories: Mapping[int | None, Sequence[ChangeHeld]],
    about: dict[str, Any],
) -> Iterator[Discrepancy]:
    """Only of deliveries that came of the decision whose grounds are kept."""
    if "possible" not in notice.grounds:
        return
    given = channels_for(notice.grounds.get("method"), notice.grounds["possible"])
    for delivery in deliveries:
        story = stories.get(delivery.id, ())
        if not story or story[0].at < notice.grounds["looked_at"] or delivery.channel in given:
            continue
        other = OTHER_CHANNEL.get(delivery.channel)
        failed = [
            change
            for tried in deliveries
            if tried.channel == other
            for change in stories.get(tried.id, ())
            if change.status == "failed"
        ]
        if not failed:
            text = f"{delivery.channel}, where the patient's way was {' and '.join(given) or 'none'}"
            yield Discrepancy("channel", text, **about, delivery=delivery.id)


def findings_of_subject(
    subject: str, subject_id: str, decision: Decision, written: Iterable[Any], next_look_at: int | None, now: int
) -> Iterator[Discrepancy]:
    """What the rules make due and nobody will write any more, and what stands there though nothing ever made it due.

    `next_look_at`: when a run looks at the subject again (None: never). What a run is still to write is none.
    """
    about: dict[str, Any] = {"subject": subject, "subject_id": subject_id}
    for verdict in decision.verdicts:
        is_due = verdict.outcome in ("send", "skip") and verdict.due_at is not None and verdict.due_at <= now
        if is_due and (next_look_at is None or next_look_at > now):
            yield Discrepancy("missing", f"{verdict.key.event}, due {_utc(verdict.due_at or 0)}", **about)
    made = {verdict.key for verdict in decision.verdicts}
    for key in sorted(set(written) - made):
        is_of_event = key.event in MADE_BY_EVENTS or subject != "appointment"
        if is_of_event:
            yield Discrepancy("doubled", f"{key.event} number {key.number}, which nothing that happened made", **about)


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
