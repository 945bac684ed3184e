"""What if: which notices come, go and change by something that is rehearsed.

Holds what the one decision says before against what it says after; has no rule of its own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from notifycli.domain.model import Key
from notifycli.queries.upcoming import Coming, to_be_sent
from notifycli.store.engine import Connection
from notifycli.store.engine import reading as one_view
from notifycli.store.facts import Policy, Subject
from notifycli.store.subjects import WhoseSubjects
from notifycli.store.touched import Touched, subjects_held, touched_since

Plan = dict[tuple[Subject, Key], Coming]


@dataclass(frozen=True)
class Change:
    """A notice that goes out after all, but to somebody else, at another time, on other channels or in other words."""

    before: Coming
    after: Coming


@dataclass(frozen=True)
class WhatIf:
    """Each by due time."""

    gained: list[Coming] = field(default_factory=list)
    lost: list[Coming] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)

    def goes_out_more(self) -> Iterator[Coming]:
        yield from self.gained
        yield from (change.after for change in self.changed)

    def goes_out_less(self) -> Iterator[Coming]:
        yield from self.lost
        yield from (change.before for change in self.changed)


class ImportForetold:
    """What a rehearsed import would change. Made before it; told of its end within its transaction, and asked after."""

    def __init__(self, connection: Connection, policy: Policy, now: int) -> None:
        self._connection, self._policy, self._now = connection, policy, now
        self._held_before = subjects_held(connection)
        self._touched = Touched()
        self._after: list[Coming] = []

    def rehearsed(self, first_import: int) -> None:
        touched = touched_since(self._connection, first_import)
        subjects = touched.subjects | self._held_before | subjects_held(self._connection)
        of_others = frozenset(which for which in subjects if which.clinic_id not in touched.clinics)
        self._touched = Touched(of_others, touched.clinics)
        self._after = self._to_be_sent()

    def told(self) -> WhatIf:
        with one_view(self._connection):
            return what_if(self._to_be_sent(), self._after)

    def _to_be_sent(self) -> list[Coming]:
        connection, policy, now = self._connection, self._policy, self._now
        notices = to_be_sent(connection, policy, now, of=self._touched.subjects)
        for clinic in sorted(self._touched.clinics):
            notices += to_be_sent(connection, policy, now, WhoseSubjects(clinic))
        return notices


def what_if(before: Iterable[Coming], after: Iterable[Coming]) -> WhatIf:
    """Of notices to be sent, before something and after. A moved appointment's reminder changes."""
    was, will_be = _by_key(before), _by_key(after)
    lost: Plan = {key: was[key] for key in was.keys() - will_be.keys()}
    gained: Plan = {key: will_be[key] for key in will_be.keys() - was.keys()}
    changes = [Change(was[key], will_be[key]) for key in was.keys() & will_be.keys()]
    changed = [change for change in changes if _told(change.before) != _told(change.after)]
    earlier = {which: (which, key) for which, key in lost if key.event == "reminder"}
    moved = [(which, key) for which, key in gained if key.event == "reminder" and which in earlier]
    changed += [Change(lost.pop(earlier[which]), gained.pop((which, key))) for which, key in moved]
    return WhatIf(
        sorted(gained.values(), key=_order),
        sorted(lost.values(), key=_order),
        sorted(changed, key=lambda change: _order(change.after)),
    )


def _by_key(notices: Iterable[Coming]) -> Plan:
    return {(notice.which, notice.key): notice for notice in notices}


def _told(notice: Coming) -> tuple[object, ...]:
    return notice.patient, notice.due_at, set(notice.channels), notice.says


def _order(notice: Coming) -> tuple[int, Subject, Key]:
    return notice.due_at, notice.which, notice.key
