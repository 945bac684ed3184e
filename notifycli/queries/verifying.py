"""Verify: the history held against its own chain of hashes and against what the one decision makes of the stored facts.

Reads only, window by window, each in a view of its own, so that neither memory nor the database's log grows with it.
Has no rule of its own.
"""

from collections.abc import Callable, Iterator

from notifycli.domain.chain import HASH, head_in_words
from notifycli.domain.rules import decide
from notifycli.domain.verifying import ChainCheck, Discrepancy, Links, findings_of_notice, findings_of_subject
from notifycli.domain.words import SUBJECT_KINDS
from notifycli.store import verifying
from notifycli.store.engine import Connection
from notifycli.store.engine import reading as one_view
from notifycli.store.facts import Facts, Policy

SUBJECTS_AT_ONCE = 500
LOWEST = -(2**62)  # before every row's number
Told = Callable[[int], None]


class Verification:
    """`checked`: notices that were looked at; `head`: of the chain, as it is written elsewhere ("" of an empty one)."""

    def __init__(self, connection: Connection, policy: Policy, now: int) -> None:
        self._connection = connection
        self._policy = policy
        self._now = now
        self.checked = 0
        self.head = ""

    def findings(
        self, earlier_head: tuple[int, bytes] | None, on_checked: Told = lambda more: None
    ) -> Iterator[Discrepancy]:
        """All that differs. `earlier_head`: the position and hash that were written elsewhere, to be in the chain."""
        yield from self._of_chain(earlier_head, on_checked)
        yield from self._of_notices(on_checked)
        yield from self._of_subjects(on_checked)

    def _of_chain(self, earlier_head: tuple[int, bytes] | None, on_checked: Told) -> Iterator[Discrepancy]:
        purged_until = verifying.purged_until(self._connection)
        check = ChainCheck(
            lambda notice, at: at < purged_until or verifying.is_forgotten(self._connection, notice),
        )
        last_id, head = LOWEST, b""
        unchained: set[int] = set()
        while True:
            with one_view(self._connection):
                window = verifying.links_after(self._connection, check.position)
                if not window:
                    unchained |= verifying.rows_behind(self._connection, last_id)
                    break
                first_id = min(min(links.log_ids, default=last_id) for links in window)
                newest_id = max(max(links.log_ids, default=last_id) for links in window)
                rows = verifying.chained_rows(self._connection, min(first_id, last_id + 1), newest_id)
                unchained |= {row for row in rows if row > last_id}
                for links in window:
                    yield from check.follow(links, rows)
                    yield from _of_earlier_head(links, earlier_head)
                    unchained.difference_update(links.log_ids)
                    on_checked(len(links.log_ids))
                last_id, head = max(last_id, newest_id), window[-1].hashes[-HASH:]
        for log_id in sorted(unchained):
            yield Discrepancy("altered", f"row {log_id} of the history is not in the chain")
        if earlier_head is not None and earlier_head[0] > check.position:
            yield Discrepancy("deleted", f"the chain ends at link {check.position}, it had {earlier_head[0]} already")
        self.head = head_in_words(check.position, head) if head else ""

    def _of_notices(self, on_checked: Told) -> Iterator[Discrepancy]:
        last = verifying.last_notice(self._connection)
        for after in range(0, last, verifying.NOTICES_AT_ONCE):
            with one_view(self._connection):
                window = list(
                    verifying.notices_between(self._connection, after, min(last, after + verifying.NOTICES_AT_ONCE))
                )
            for notice in window:
                yield from findings_of_notice(*notice)
            self.checked += sum(notice[1] is not None for notice in window)
            on_checked(len(window))

    def _of_subjects(self, on_checked: Told) -> Iterator[Discrepancy]:
        for subject in SUBJECT_KINDS:
            after = ("", "")
            while True:
                with one_view(self._connection):
                    window = verifying.subjects_after(self._connection, subject, after, SUBJECTS_AT_ONCE)
                    known = Facts(self._connection, self._policy).known_all(which for which, _ in window)
                if not window:
                    break
                for which, next_look_at in window:
                    about = known[which]
                    decision = decide(about.subject, about.patient, self._now)
                    written = about.subject.written
                    yield from findings_of_subject(
                        subject, which.subject_id, decision, written, next_look_at, self._now
                    )
                after = window[-1][0][1:]
                on_checked(len(window))


def _of_earlier_head(links: Links, earlier_head: tuple[int, bytes] | None) -> Iterator[Discrepancy]:
    if earlier_head is None:
        return
    position, head = earlier_head
    place = position - links.position + len(links.log_ids) - 1
    if 0 <= place < len(links.log_ids) and links.hashes[HASH * place : HASH * (place + 1)] != head:
        yield Discrepancy("altered", f"link {position} of the chain is not the one that was written elsewhere")
