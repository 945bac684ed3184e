"""How fast messages may follow each other. Knows no clock but the loop's."""

import asyncio
import logging
from collections.abc import Callable

log = logging.getLogger(__name__)
WORTH_TELLING = 1.0  # seconds


# Of (gap, turns): so many turns, so many seconds apart, that nobody else has; the seconds until the first
Book = Callable[[float, int], float]


class Pace:
    """At most `rate` turns a second, in the order in which they were asked for, never two at once; 0: no limit.

    `book`: where others share the rate, has some of the turns of the next second each time.
    """

    def __init__(self, rate: float, book: Book | None = None) -> None:
        self._gap = 1 / rate if rate > 0 else 0.0
        self._next = 0.0
        self._book = book
        self._at_once = max(1, int(rate))
        self._booked = 0

    async def turn(self) -> None:
        if not self._gap:
            return
        clock = asyncio.get_running_loop().time
        is_late = clock() > self._next + self._gap  # what was booked has gone by
        if self._book is not None and (is_late or not self._booked):
            self._next = clock() + self._book(self._gap, self._at_once)
            self._booked = self._at_once
        self._booked -= 1
        mine = max(clock(), self._next)
        self._next = mine + self._gap
        if mine - clock() > WORTH_TELLING:
            log.info("waits %.1f s for its turn, by the rate", mine - clock())
        while (wait := mine - clock()) > 0:
            await asyncio.sleep(wait)
