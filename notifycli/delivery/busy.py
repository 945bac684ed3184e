"""Waits while another program writes, without holding up what else goes on. Knows the store's word for it alone."""

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from notifycli.delivery.ending import Ending
from notifycli.domain.errors import NotifyError
from notifycli.store.engine import StoreBusy

log = logging.getLogger(__name__)
PAUSE = 1.0  # seconds between tries
LONGEST_WAIT = 50.0  # of a run; then the next, a minute after it, tries instead
Result = TypeVar("Result")


class GivenUp(NotifyError):
    """Nothing was done: another program writes, and this one is told to end."""


async def retry_while_busy(
    attempt: Callable[[], Result], longest: float | None = None, ending: Ending | None = None
) -> Result:
    """Tries again while another program writes, for `longest` seconds or as long as it takes.

    So an answer in hand is never dropped: what has been sent must not be sent again. With `ending`, for what may as
    well be left undone, it raises GivenUp once the end is asked for.
    """
    waited = 0.0
    while True:
        try:
            return attempt()
        except StoreBusy:
            if longest is not None and waited >= longest:
                raise
        if ending is not None and ending.is_asked:
            raise GivenUp
        log.info("another program writes; tried again in %g s", PAUSE)
        await asyncio.sleep(PAUSE)
        waited += PAUSE
