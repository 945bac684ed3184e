"""A few conversations with one mail server, opened as load asks for them and used again.

Must not know what is said in them. A server that cannot be reached is asked once, not once a message: for a while
everyone gets the same answer, so that a dead server does not hold up a run, nor a wrong password lock an account.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from notifycli.channels.base import Outcome
from notifycli.channels.smtp_connection import ConnectionFailed, SmtpConnection

TROUBLE_LASTS = 10.0  # seconds in which no other connection is opened


class ConnectionPool:
    """At most `limit` connections at once. Its state changes between awaits only, so it needs no lock."""

    def __init__(self, open_one: Callable[[], Awaitable[SmtpConnection]], limit: int) -> None:
        self._open_one = open_one
        self._limit = limit
        self._idle: list[SmtpConnection] = []
        self._busy = 0
        self._opening = 0
        self._changed = asyncio.Event()
        self._trouble: Outcome | None = None
        self._trouble_ends = 0.0

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[SmtpConnection]:
        """One that is ours for the block; raises ConnectionFailed where none can be had."""
        connection = await self._take()
        try:
            yield connection
        finally:
            self._busy -= 1
            if connection.is_usable:
                self._idle.append(connection)
            else:
                connection.close()
            self._changed.set()

    def forget_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def note_trouble(self, outcome: Outcome) -> None:
        """For the next seconds new connections are not opened, and who would need one gets this outcome."""
        self._trouble = outcome
        self._trouble_ends = asyncio.get_running_loop().time() + TROUBLE_LASTS

    async def close(self) -> None:
        """A goodbye on each idle connection."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.quit() for connection in idle))

    async def _take(self) -> SmtpConnection:
        while True:
            while self._idle:  # the one used last, since it is the least likely to have been dropped
                connection = self._idle.pop()
                if connection.is_usable:
                    self._busy += 1
                    return connection
                connection.close()
            # The first one alone, to see whether it works; then as many as are asked for.
            may_open = self._busy + self._opening < self._limit if self._busy else not self._opening
            if self._trouble and asyncio.get_running_loop().time() < self._trouble_ends:
                if not (self._busy or self._opening):
                    raise ConnectionFailed(self._trouble)
            elif may_open:
                self._opening += 1
                try:
                    self._idle.append(await self._open_one())
                except ConnectionFailed as trouble:
                    self.note_trouble(trouble.outcome)
                finally:
                    self._opening -= 1
                    self._changed.set()
                continue
            # The connections that stand will serve: the server may allow no more of them.
            self._changed.clear()
            await self._changed.wait()
