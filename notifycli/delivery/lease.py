"""The lease under which a run claims, and the trace that its messages leave: see hand_overs.

A run that was not heard of for too long lets no more messages leave, since others settle by then what it had claimed.
Knows no delivery's details. Source: SPEC section 7, DESIGN, idea 9.
"""

import asyncio
import logging
import secrets
from asyncio import CancelledError
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from notifycli.channels.base import Outcome
from notifycli.delivery.busy import LONGEST_WAIT, retry_while_busy
from notifycli.delivery.ending import Ending
from notifycli.delivery.hand_overs import HandOverLog, LeftBehind, left_behind
from notifycli.delivery.in_flight import OnItsWay
from notifycli.store import journal, leases
from notifycli.store.engine import Connection, StoreBusy, writing

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
RENEW_EVERY = 10.0  # seconds
MARGIN = 5.0  # seconds before its end, from which nothing more leaves


class Lease(OnItsWay):
    """Of one run. `token`: what its claims bear."""

    token: int

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._database_id = journal.database_id(connection)
        self._ends_at = 0.0  # by the loop's clock
        self._log: HandOverLog | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def begin(self, ending: Ending) -> None:
        """Raises StoreError, and NotifyError where the folder takes no file."""
        asked_at = self._loop_now()
        begin = partial(self._written, lambda: leases.begin(self._connection, secrets.token_hex(6)))
        self.token = await retry_while_busy(begin, LONGEST_WAIT, ending)
        self._ends_at = asked_at + leases.LASTS - MARGIN
        self._log = HandOverLog(self._folder, self._database_id, self.token)
        if not self._connection.has_one_run_at_a_time:
            self._keeping = asyncio.create_task(self._keep())

    def _written(self, change: Callable[[], Answer]) -> Answer:
        """In a transaction of its own."""
        with writing(self._connection, alone=None):
            return change()

    def left_behind(self) -> dict[int, LeftBehind]:
        """By the token of each dead process of this folder."""
        return {left.token: left for left in left_behind(self._folder, self._database_id)}

    def renew(self) -> None:
        """Within a transaction of what is claimed or recorded under it. Raises LeaseLost."""
        leases.renew(self._connection, self.token)

    def leaves(self, delivery: int) -> None:
        assert self._log is not None, "a lease is begun before anything is claimed"
        if self._keeping is not None and self._loop_now() > self._ends_at:
            raise CancelledError
        self._log.leaves(delivery)

    def answered(self, delivery: int, outcome: Outcome) -> None:
        assert self._log is not None, "a lease is begun before anything is claimed"
        self._log.answered(delivery, outcome)

    async def end(self, *, is_all_recorded: bool) -> None:
        """What is not recorded stays for the next run to settle."""
        if self._keeping is not None:
            self._keeping.cancel()
        if self._log is None:
            return
        if not is_all_recorded:
            self._log.let_go()
            return
        with suppress(StoreBusy):  # its time runs out by itself
            await retry_while_busy(partial(self._written, lambda: leases.end(self._connection, [self.token])), 1.0)
        self._log.close()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            asked_at = self._loop_now()
            try:
                # as long as there may be answers to be recorded under it
                await retry_while_busy(partial(self._written, self.renew))
            except leases.LeaseLost:
                log.info("this run counts as dead, so nothing more leaves")
                self._ends_at = 0.0
                return
            self._ends_at = asked_at + leases.LASTS - MARGIN

    def _loop_now(self) -> float:
        return asyncio.get_running_loop().time()
