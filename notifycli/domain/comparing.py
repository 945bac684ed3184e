"""Another system's messages held against our notices: which of them are the same, and what differs.

A pure function of both; must not know where either comes from, nor why ours are as they are. Instants are UTC epoch
seconds. Source: SPEC section 8, compare.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from notifycli.domain.rules import FORTY_EIGHT_HOURS
from notifycli.domain.words import EVENTS, NoticeVerdict

DifferenceKind = Literal["other_channel", "other_time", "only_theirs", "only_ours"]
DIFFERENCE_KINDS: tuple[DifferenceKind, ...] = ("other_channel", "other_time", "only_theirs", "only_ours")
MOST_APART = 3 * 24 * 3600  # of a message and a notice that no id joins
FALLBACK = 3600  # within which another message follows one that failed
NEAREST = 8  # notices on each side of a message that are looked at together
SAME_AS = {"reply": "dialog"}  # older systems do not tell an answer from a new message
DOUBLED = "doubled"
RULES = {"confirmation": "R1", "change": "R2", "cancellation": "R3", "dialog": "R6", "reply": "R6", "receipt": "R7"}


class LogMessage(NamedTuple):
    """A message in the other system's log. `channels`: joined by commas; `id` and `subject_id`: "" where it has none.

    `or_at`: the other instant that its local time may mean, where summer time ends.
    """

    patient: str
    event: str
    subject_id: str
    channels: str
    at: int
    id: str = ""
    has_failed: bool = False
    or_at: int | None = None


@dataclass(frozen=True, slots=True)
class MessageLog:
    """What another system sent, by clinic, and the span that it covers (both ends included)."""

    messages: Mapping[str, Iterable[LogMessage]]
    since: int
    until: int
    knows_push: bool


@dataclass(frozen=True, slots=True)
class OurNotice:
    """A notice of ours as it stands: gone out, to come, failed or uncertain; or skipped, with the reason.

    `at`: when it went out, else when it will. `number`: of one that exists. `channels`: none of one that is skipped.
    """

    patient: str
    event: str
    subject: str
    subject_id: str
    at: int
    channels: tuple[str, ...]
    verdict: NoticeVerdict
    reason: str | None = None
    number: int | None = None
    rule: str = ""

    @property
    def is_silent(self) -> bool:
        """Nobody hears of it."""
        return not self.channels


@dataclass(slots=True)
class TheirNotice:
    """Messages of one notice of theirs: e-mail and SMS, or a second try after the first failed; `at`: the first that
    did not fail, else the first."""

    messages: list[LogMessage]

    @property
    def has_failed(self) -> bool:
        return all(message.has_failed for message in self.messages)

    @property
    def _counted(self) -> Sequence[LogMessage]:
        return [message for message in self.messages if not message.has_failed] or self.messages

    @property
    def at(self) -> int:
        return min(message.at for message in self._counted)

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(sorted({channel for message in self._counted for channel in message.channels.split(",")}))

    @property
    def event(self) -> str:
        return self.messages[0].event

    @property
    def subject_id(self) -> str:
        return self.messages[0].subject_id

    @property
    def ids(self) -> set[str]:
        return {message.id for message in self.messages}

    def apart_from(self, at: int) -> int:
        """Seconds; of a local time that occurs twice, by the nearer one."""
        first = min(self._counted, key=lambda message: message.at)
        return min(abs(at - possible) for possible in (first.at, first.or_at) if possible is not None)


@dataclass(frozen=True, slots=True)
class Difference:
    """`theirs` is None of only_ours; `ours` is None of what no notice of ours is about.

    `reason`: the rule by which ours is due, or why it is as it is; None where more facts have to be asked for it.
    """

    kind: DifferenceKind
    clinic: str
    patient: str
    event: str
    subject_id: str | None
    theirs: TheirNotice | None
    ours: OurNotice | None
    reason: str | None

    @property
    def shown_of_ours(self) -> OurNotice | None:
        """None also where ours is skipped, since nobody hears of it."""
        return None if self.ours is None or self.ours.is_silent else self.ours


Pair = tuple[TheirNotice, OurNotice]


@dataclass(slots=True)
class Compared:
    same: int = 0
    differences: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Terms:
    """`since`, `until` (included): the span that the log covers. `tolerance`: seconds within which a time is the same.

    `knows_push`: the log has push at all; else ours besides an e-mail or SMS does not count.
    """

    clinic: str
    since: int
    until: int
    tolerance: int
    knows_push: bool = False


def rule_of(event: str, due_at: int, number: int) -> str:
    """The rule by which a notice is due; `number`: of its key, of a reminder its starts_at."""
    if event == "reminder":
        return "R4" if due_at == number - FORTY_EIGHT_HOURS else "R5"
    return RULES[event]


def compared(messages: Iterable[LogMessage], notices: Iterable[OurNotice], terms: Terms) -> Compared:
    """Of one clinic. Each difference is told once: of another channel and another time, as another channel."""
    theirs: defaultdict[tuple[str, str], list[LogMessage]] = defaultdict(list)
    ours: defaultdict[tuple[str, str], list[OurNotice]] = defaultdict(list)
    our_ids = set()
    for notice in notices:
        ours[notice.patient, SAME_AS.get(notice.event, notice.event)].append(notice)
        our_ids.add(notice.subject_id)
    for message in messages:
        theirs[message.patient, SAME_AS.get(message.event, message.event)].append(message)
    are_ids_ours = any(message.subject_id in our_ids for some in theirs.values() for message in some)
    told = Compared()
    for key in sorted(theirs.keys() | ours.keys()):
        some = theirs.get(key, [])
        if not are_ids_ours:  # they are of the other system's own making, and join nothing
            some = [message._replace(subject_id="") for message in some]
        _compare(list(their_notices(some, terms.tolerance)), ours.get(key, []), terms, told)
    return told


def their_notices(messages: Sequence[LogMessage], tolerance: int) -> list[TheirNotice]:
    """Of one patient and event. One message may stand in several rows of a log, by one id."""
    notices: list[TheirNotice] = []
    by_id: dict[str, TheirNotice] = {}
    recent: defaultdict[str, list[TheirNotice]] = defaultdict(list)  # by subject
    for message in sorted(messages, key=lambda message: message.at):
        begins = message.at - max(FALLBACK, tolerance)
        of_subject = recent[message.subject_id]
        of_subject[:] = [notice for notice in of_subject if notice.messages[0].at >= begins]
        earlier = by_id.get(message.id) if message.id else None
        earlier = earlier or next((each for each in reversed(of_subject) if _goes_with(message, each, tolerance)), None)
        if earlier is None:
            earlier = TheirNotice([message])
            notices.append(earlier)
            of_subject.append(earlier)
        else:
            earlier.messages.append(message)
        if message.id:
            by_id[message.id] = earlier
    return notices


def _goes_with(message: LogMessage, earlier: TheirNotice, tolerance: int) -> bool:
    """On another channel, or after what failed."""
    if earlier.has_failed:
        return True
    known = {channel for other in earlier.messages for channel in other.channels.split(",")}
    is_near = message.at - earlier.messages[0].at <= tolerance
    return is_near and known.isdisjoint(message.channels.split(","))


def _compare(theirs: list[TheirNotice], ours: Sequence[OurNotice], terms: Terms, told: Compared) -> None:
    """Of one patient and event: what an id joins, then what lies within the tolerance, then what is nearest."""
    pairs: list[Pair] = []
    for subject_id in sorted({notice.subject_id for notice in theirs if notice.subject_id}):
        of_subject = [notice for notice in theirs if notice.subject_id == subject_id]
        pairs += _nearest_first(of_subject, [our for our in ours if our.subject_id == subject_id], terms, None)
    without_id = [notice for notice in theirs if not notice.subject_id]
    pairs += _nearest_first(without_id, _free(ours, pairs), terms, terms.tolerance)
    left = list(_without_repeated(theirs, pairs, terms, told))
    far = _nearest_first([notice for notice in left if not notice.subject_id], _free(ours, pairs), terms, MOST_APART)
    for notice, our in (*pairs, *far):
        _tell_pair(notice, our, terms, told)
    paired = {id(notice) for notice, _ in far}
    for notice in left:
        if id(notice) not in paired:
            told.differences.append(_difference("only_theirs", terms, notice, None, None))
    for our in _free(ours, (*pairs, *far)):
        if not our.is_silent and terms.since <= our.at <= terms.until:
            reason = our.reason or our.rule
            told.differences.append(
                Difference("only_ours", terms.clinic, our.patient, our.event, our.subject_id, None, our, reason)
            )


def _free(ours: Sequence[OurNotice], pairs: Sequence[Pair]) -> list[OurNotice]:
    paired = {id(our) for _, our in pairs}
    return [our for our in ours if id(our) not in paired]


def _without_repeated(
    theirs: Sequence[TheirNotice], pairs: Sequence[Pair], terms: Terms, told: Compared
) -> Iterator[TheirNotice]:
    """What no notice of ours is paired with, but for what repeats another of theirs.

    On the same channel within the tolerance it is the same row again, unless it has an id of its own. Beside another of
    the same subject it was sent more than once.
    """
    partners = {id(notice): our for notice, our in pairs}
    standing: defaultdict[str, list[TheirNotice]] = defaultdict(list)  # by subject, in the order of time
    for notice, _ in sorted(pairs, key=lambda pair: pair[0].at):
        standing[notice.subject_id].append(notice)
    for notice in theirs:
        if id(notice) in partners:
            continue
        others = standing[notice.subject_id]
        first = bisect_left(others, notice.at - terms.tolerance, key=_time_of)
        near = others[first : bisect_right(others, notice.at + terms.tolerance, key=_time_of)]
        repeated = next((other for other in near if not set(other.channels).isdisjoint(notice.channels)), None)
        is_same_row = repeated is not None and not notice.ids - {""}
        if repeated is None and notice.subject_id:
            repeated = next((other for other in others if id(other) in partners), None)
        if repeated is None:
            insort(others, notice, key=_time_of)
            yield notice
        elif not is_same_row:
            ours = partners.get(id(repeated))
            told.differences.append(replace(_difference("only_theirs", terms, notice, ours, DOUBLED), ours=None))


def _time_of(notice: TheirNotice) -> int:
    return notice.at


def _nearest_first(
    theirs: Sequence[TheirNotice], ours: Sequence[OurNotice], terms: Terms, most_apart: int | None
) -> list[Pair]:
    """Each of them once. Of what lies within the tolerance, ours that was sent comes before what was skipped."""
    pairs = []
    left, free = list(theirs), sorted(ours, key=lambda our: our.at)
    while candidates := sorted(_candidates(left, free, terms, most_apart)):
        taken: set[int] = set()
        for *_, place, of_ours in candidates:
            if {~place, of_ours} & taken:
                continue
            taken |= {~place, of_ours}
            pairs.append((left[place], free[of_ours]))
        left = [notice for place, notice in enumerate(left) if ~place not in taken]
        free = [our for place, our in enumerate(free) if place not in taken]
    return pairs


def _candidates(
    theirs: Sequence[TheirNotice], ours: Sequence[OurNotice], terms: Terms, most_apart: int | None
) -> Iterator[tuple[int, bool, int, int, int]]:
    """How little each fits: rank, whether the channels differ, seconds apart; and both places."""
    times = [our.at for our in ours]
    for place, notice in enumerate(theirs):
        middle = bisect_left(times, notice.at)
        for of_ours in range(max(0, middle - NEAREST), min(len(ours), middle + NEAREST)):
            our = ours[of_ours]
            apart = notice.apart_from(our.at)
            if most_apart is not None and apart > most_apart:
                continue
            rank = 2 if apart > terms.tolerance else int(our.is_silent)
            yield rank, rank == 0 and not _are_channels_same(notice, our, terms), apart, place, of_ours


def _are_channels_same(notice: TheirNotice, our: OurNotice, terms: Terms) -> bool:
    of_ours = set(our.channels) if terms.knows_push else set(our.channels) - {"push"}
    return of_ours == set(notice.channels)


def _tell_pair(notice: TheirNotice, our: OurNotice, terms: Terms, told: Compared) -> None:
    if our.is_silent:
        told.differences.append(_difference("only_theirs", terms, notice, our, our.reason))
    elif not _are_channels_same(notice, our, terms):
        told.differences.append(_difference("other_channel", terms, notice, our, our.reason or our.rule))
    elif notice.apart_from(our.at) > terms.tolerance:
        told.differences.append(_difference("other_time", terms, notice, our, our.reason or our.rule))
    else:
        told.same += 1


def _difference(
    kind: DifferenceKind, terms: Terms, notice: TheirNotice, our: OurNotice | None, reason: str | None
) -> Difference:
    subject_id = our.subject_id if our is not None else notice.subject_id or None
    event = our.event if our is not None else notice.event
    return Difference(kind, terms.clinic, notice.messages[0].patient, event, subject_id, notice, our, reason)


def is_of_ours(event: str) -> bool:
    """Whether a notice of ours can be about it."""
    return event in EVENTS
