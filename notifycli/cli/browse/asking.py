"""A connection to the database in a thread of its own, so that no question holds up a key that is pressed.

Knows neither the questions nor the screen.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from notifycli.store.engine import Connection, open_store

Answer = TypeVar("Answer")


class Asker:
    """Answers one question after the other; one that is cancelled before its turn is never asked."""

    def __init__(self, address: Path | str) -> None:
        self._address = address
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="browse")
        self._connection: Connection | None = None

    async def ask(self, question: Callable[[Connection], Answer]) -> Answer:
        """Raises what the question raises, and StoreError where the database cannot be opened."""
        return await asyncio.wrap_future(self._thread.submit(self._answer, question))

    def _answer(self, question: Callable[[Connection], Answer]) -> Answer:
        if self._connection is None:
            self._connection = open_store(self._address)
        return question(self._connection)

    def close(self) -> None:
        """What is being read is broken off, and what waits for its turn is left."""
        if self._connection is not None:
            self._connection.interrupt()
        self._thread.submit(self._close)
        self._thread.shutdown(wait=True, cancel_futures=False)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
