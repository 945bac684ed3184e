"""How fast messages may follow each other. Knows no clock but the loop's."""

import asyncio
import logging

log = logging.getLogger(__name__)
WORTH_TELLING = 1.0  # seconds


class Pace:
    """At most `rate` turns a second, in the order in which they were asked for, never two at once; 0: no limit."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate if rate > 0 else 0.0
        self._next = 0.0

    async def turn(self) -> None:
        if not self._gap:
            return
        clock = asyncio.get_running_loop().time
        mine = max(clock(), self._next)
        self._next = mine + self._gap
        if mine - clock() > WORTH_TELLING:
            log.info("waits %.1f s for its turn, by the rate", mine - clock())
        while (wait := mine - clock()) > 0:
            await asyncio.sleep(wait)
