"""Messages of one channel that are claimed and not recorded yet, as many at once as their ways can take.

So the connections go on while a batch is recorded and the next is claimed. Must not know the database or the rules.
"""

import asyncio
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
        self._answered: list[Answered] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._gates: dict[Transport, asyncio.Semaphore] = {}
        self._broken: BaseException | None = None
        self._enough = 0
        self._is_enough = asyncio.Event()

    def __len__(self) -> int:
        return len(self._sending) + len(self._answered)

    def hand_over(self, delivery: Delivery, way: Transport | Outcome, message: Outgoing) -> None:
        """An Outcome in place of a way is the answer at once."""
        if isinstance(way, Outcome):
            self._answered.append(Answered(delivery, way, message, way))
            return
        task = asyncio.create_task(self._send(delivery, way, message))
        self._sending.add(task)
        task.add_done_callback(self._note_end)

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
            for task in self._sending:
                task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _send(self, delivery: Delivery, way: Transport, message: Outgoing) -> None:
        async with self._gate_of(way):
            outcome = await way.send(message)
        self._answered.append(Answered(delivery, way, message, outcome))

    def _gate_of(self, way: Transport) -> asyncio.Semaphore:
        if way not in self._gates:
            self._gates[way] = asyncio.Semaphore(way.concurrency)
        return self._gates[way]

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._broken = task.exception()
        self._wake()

    def _wake(self) -> None:
        if self._broken or not self._sending or len(self._answered) >= self._enough:
            self._is_enough.set()
