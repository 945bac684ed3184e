"""Messages of one channel that are claimed and not recorded yet, as many at once as their servers can take.

So the connections go on while a batch is recorded and the next is claimed, and a server that is silent keeps nothing
but its own share. What has not begun to leave can be taken back. Must not know the database or the rules.
"""

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from notifycli.channels.base import Outcome, Outgoing, Transport
from notifycli.channels.leaving import Leaving, leaving_anew
from notifycli.delivery.queues import Queue
from notifycli.store.deliveries import Delivery

SILENT_AFTER = 2.0  # seconds without an answer, after which a server gets no more and others get its share
# Seconds that what is on its way is waited for once the run is told to end. SPEC section 7 allows 10, after which
# containers are killed: the last is for writing down what came of it.
LONGEST_END = 9.0
CALLED_OFF_EVERY = 0.1  # seconds
CUT_OFF = Outcome("uncertain", "the run was told to end, and no answer had come in time")


class OnItsWay:
    """Who is told of messages on their way; may raise CancelledError for one that must not leave any more."""

    def leaves(self, delivery: int) -> None:
        """Right before it may leave."""

    def answered(self, delivery: int, outcome: Outcome) -> None:
        """Before the answer is recorded."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one message; `outcome` is None where nothing of it had left when it was taken back."""

    queue: Queue
    delivery: Delivery
    message: Outgoing
    outcome: Outcome | None


@dataclass(eq=False)
class _Lane:
    """What is handed over for one server. `in_hand`: not taken back by the caller yet; `heard_at`: by the loop."""

    waiting: deque[tuple[Delivery, Outgoing]] = field(default_factory=deque)
    sending: dict[asyncio.Task[None], Leaving] = field(default_factory=dict)
    workers: set[asyncio.Task[None]] = field(default_factory=set)
    in_hand: int = 0
    heard_at: float = 0.0

    @property
    def unanswered(self) -> int:
        return len(self.waiting) + len(self.sending)


class InFlight:
    """What is handed over for a server is sent in that order. len() counts what was handed over and not taken back.

    `at_once`: so many in all are shared by the servers that answer; each gets one at the least. `trace`: is told of
    each message that leaves, and of its answer.
    """

    def __init__(self, at_once: int, trace: "OnItsWay | None" = None) -> None:
        self._at_once = at_once
        self._trace = trace or OnItsWay()
        self._share = self._free = at_once
        self._lanes: dict[Queue, _Lane] = {}
        self._in_hand = 0
        self._answered: list[Answered] = []
        self._broken: BaseException | None = None
        self._news = asyncio.Event()
        self._is_stopped = False

    def __len__(self) -> int:
        return self._in_hand

    def has(self, queue: Queue) -> bool:
        return queue in self._lanes and self._lanes[queue].in_hand > 0

    def share_among(self, queues: Collection[Queue]) -> None:
        """Among those that have something to send, and those that are sending; servers that are silent have theirs."""
        at_work = {*queues, *(queue for queue, lane in self._lanes.items() if lane.in_hand)}
        answering = [queue for queue in at_work if not self._is_silent(queue)]
        self._share = max(1, self._at_once // max(1, len(answering)))
        self._free = self._at_once - sum(self._lanes[queue].in_hand for queue in answering if queue in self._lanes)

    def room(self, queue: Queue, claimed: int) -> int:
        """How many more may be handed over for that server, where so many are claimed for others just now."""
        if self._is_stopped or self._is_silent(queue):
            return 0
        has = self._lanes[queue].in_hand if queue in self._lanes else 0
        free = max(self._free - claimed, 0 if has else 1)
        return max(0, min(self._share - has, free))

    def hand_over(self, queue: Queue, delivery: Delivery, message: Outgoing) -> None:
        """Where there is no way out, its reason is the answer at once."""
        way, lane = queue.way_for(message.sender), self._lanes.setdefault(queue, _Lane())
        lane.in_hand += 1
        self._in_hand += 1
        if self._is_stopped:
            return self._answer(queue, delivery, message, None)
        if isinstance(way, Outcome):
            return self._answer(queue, delivery, message, way)
        if not lane.unanswered:
            lane.heard_at = self._now()
        lane.waiting.append((delivery, message))
        if len(lane.workers) < way.concurrency:  # a task for each message would cost half as much again
            worker = asyncio.create_task(self._send_what_waits(queue, way, lane))
            lane.workers.add(worker)
            worker.add_done_callback(partial(self._note_end, lane))

    async def answers(self, longest: float) -> Sequence[Answered]:
        """Those that are there when some server has little left to do, or all have, or after so many seconds.

        Raises what a transport raised.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), longest)
        self._news.clear()
        if self._broken is not None:
            raise self._broken
        return self._taken()

    def wake(self) -> None:
        """Whoever waits for answers gets those that are there."""
        self._news.set()

    def stop(self) -> None:
        """Nothing more begins: what has not begun to leave is taken back, the rest has some seconds to be answered."""
        if self._is_stopped:
            return
        self._is_stopped = True
        asyncio.get_running_loop().call_later(LONGEST_END, self.cut)
        for queue, lane in self._lanes.items():
            while lane.waiting:
                self._answer(queue, *lane.waiting.popleft(), None)
        self._call_off()
        self.wake()

    def _call_off(self) -> None:
        """Again and again: asyncio's own wait_for may miss a cancellation that comes as its wait ends."""
        sending = [item for lane in self._lanes.values() for item in lane.sending.items()]
        not_begun = [(worker, leaving) for worker, leaving in sending if not leaving.has_begun]
        for worker, leaving in not_begun:
            leaving.is_called_off = True
            worker.cancel()
        if not_begun:
            asyncio.get_running_loop().call_later(CALLED_OFF_EVERY, self._call_off)

    def cut(self) -> None:
        """Nothing is waited for any more."""
        for lane in self._lanes.values():
            for worker in lane.sending:
                worker.cancel()

    async def end(self) -> Sequence[Answered]:
        """Stops, and gives all that is left."""
        self.stop()
        workers = [worker for lane in self._lanes.values() for worker in lane.workers]
        await asyncio.gather(*workers, return_exceptions=True)
        return self._taken()

    def _taken(self) -> Sequence[Answered]:
        taken, self._answered = self._answered, []
        for answered in taken:
            self._lanes[answered.queue].in_hand -= 1
        self._in_hand -= len(taken)
        return taken

    def _is_silent(self, queue: Queue) -> bool:
        lane = self._lanes.get(queue)
        return lane is not None and lane.unanswered > 0 and self._now() - lane.heard_at > SILENT_AFTER

    async def _send_what_waits(self, queue: Queue, way: Transport, lane: _Lane) -> None:
        worker = asyncio.current_task()
        assert worker is not None
        while lane.waiting:
            delivery, message = lane.waiting.popleft()
            leaving = lane.sending[worker] = leaving_anew(partial(self._trace.leaves, delivery.id))
            outcome: Outcome | None
            try:
                outcome = await way.send(message)
            except asyncio.CancelledError:
                outcome = CUT_OFF if leaving.has_begun else None
            finally:
                del lane.sending[worker]
            lane.heard_at = self._now()
            if outcome is not None:
                self._trace.answered(delivery.id, outcome)
            self._answer(queue, delivery, message, outcome)

    def _answer(self, queue: Queue, delivery: Delivery, message: Outgoing, outcome: Outcome | None) -> None:
        self._answered.append(Answered(queue, delivery, message, outcome))
        self._wake_if_wanted(self._lanes[queue])

    def _note_end(self, lane: _Lane, worker: asyncio.Task[None]) -> None:
        lane.workers.discard(worker)
        if not worker.cancelled() and worker.exception() is not None:
            self._broken = worker.exception()
        self._wake_if_wanted()

    def _wake_if_wanted(self, lane: _Lane | None = None) -> None:
        wants_more = lane is not None and lane.unanswered <= self._share // 4
        are_many = len(self._answered) >= self._at_once - self._at_once // 4
        if wants_more or are_many or self._broken or len(self._answered) == self._in_hand:
            self.wake()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
