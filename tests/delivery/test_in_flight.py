"""Messages that are handed over go out, whenever they are (SPEC section 7)."""

import asyncio
from collections.abc import Callable

from notifycli.channels.base import Outcome, Outgoing
from notifycli.delivery.in_flight import InFlight
from notifycli.delivery.queues import Queue
from notifycli.store.deliveries import Whose
from tests.channels.test_leaving import MESSAGE, delivery

LONGEST = 5.0  # seconds


class EndsWith:
    """Sends one at a time; right after the first nothing is waiting, and `then` comes before anybody else."""

    concurrency = 1

    def __init__(self) -> None:
        self.sent = 0
        self.then: Callable[[], None] = lambda: None

    async def send(self, message: Outgoing) -> Outcome:
        self.sent += 1
        if self.sent == 1:
            asyncio.get_running_loop().call_soon(self.then)
        return Outcome("sent", "")


def test_what_is_handed_over_just_as_the_last_worker_ends_goes_out() -> None:
    async def talk() -> int:
        way = EndsWith()
        queue, in_flight = Queue("sms", Whose(), "nidelv", way), InFlight(10)  # type: ignore[arg-type]
        way.then = lambda: in_flight.hand_over(queue, delivery(2, "sms"), MESSAGE)
        in_flight.hand_over(queue, delivery(1, "sms"), MESSAGE)
        until = asyncio.get_running_loop().time() + LONGEST
        while way.sent < 2 and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.01)
        await in_flight.end()
        return way.sent

    assert asyncio.run(talk()) == 2
