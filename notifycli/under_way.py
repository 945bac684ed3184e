"""Messages of one channel that are claimed and not recorded yet, as many at once as their ways can take.

So the connections go on while a batch is recorded and the next is claimed. Must not know the database or the rules.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from notifycli.channels.base import Outcome, Outgoing, Transport
from notifycli.store.deliveries import Delivery


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one message; `way` is an Outcome where there was none to take."""

    delivery: Delivery
    way: Transport | Outcome
    message: Outgoing
    outcome: Outcome


class UnderWay:
    """What is handed over here is sent in that order. len() counts what was handed over and not taken back."""

    def __init__(self) -> None:
        self._waiting: dict[Transport, deque[tuple[Delivery, Outgoing]]] = {}
        self._at_work: dict[Transport, int] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._unanswered = 0
        self._answered: list[Answered] = []
        self._broken: BaseException | None = None
        self._enough = 0
        self._is_enough = asyncio.Event()

    def __len__(self) -> int:
        return self._unanswered + len(self._answered)

    def hand_over(self, delivery: Delivery, way: Transport | Outcome, message: Outgoing) -> None:
        """An Outcome in place of a way is the answer at once."""
        if isinstance(way, Outcome):
            self._answered.append(Answered(delivery, way, message, way))
            return
        self._unanswered += 1
        self._waiting.setdefault(way, deque()).append((delivery, message))
        if self._at_work.get(way, 0) < way.concurrency:
            self._put_another_to_work(way)

    async def answers(self, enough: int, longest: float) -> Sequence[Answered]:
        """When so many are there, or all, or after so many seconds those that are. Raises what a transport raised."""
        self._enough = enough
        self._is_enough.clear()
        self._wake()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._is_enough.wait(), longest)
        if self._broken is not None:
            raise self._broken
        return self.taken()

    def taken(self) -> Sequence[Answered]:
        """The answers that came since; they are the caller's to record now."""
        taken, self._answered = self._answered, []
        return taken

    async def end(self, *, is_cut_short: bool) -> None:
        """Waits for what was handed over, or has it break off, which leaves it without an answer."""
        if is_cut_short:
            for worker in self._workers:
                worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    def _put_another_to_work(self, way: Transport) -> None:
        """As many at most as the way takes messages at once: a task for each message would cost half as much again."""
        self._at_work[way] = self._at_work.get(way, 0) + 1
        worker = asyncio.create_task(self._send_what_waits(way))
        self._workers.add(worker)
        worker.add_done_callback(self._note_end)

    async def _send_what_waits(self, way: Transport) -> None:
        waiting = self._waiting[way]
        try:
            while waiting:
                delivery, message = waiting.popleft()
                try:
                    outcome = await way.send(message)
                finally:
                    self._unanswered -= 1
                self._answered.append(Answered(delivery, way, message, outcome))
                self._wake()
        finally:
            self._at_work[way] -= 1

    def _note_end(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled() and worker.exception() is not None:
            self._broken = worker.exception()
        self._wake()

    def _wake(self) -> None:
        if self._broken or not self._unanswered or len(self._answered) >= self._enough:
            self._is_enough.set()
