"""Whether whoever runs this program has told it to end. The shell asks for it; those who work look, or are woken.

Must not know signals. Source: SPEC section 7.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Ending:
    """Asked for once; asking again changes nothing."""

    def __init__(self) -> None:
        self.is_asked = False
        self._wakers: list[Callable[[], object]] = []

    def ask(self) -> None:
        """From wherever, also in the midst of a signal."""
        self.is_asked = True
        for wake in tuple(self._wakers):
            wake()

    @contextmanager
    def waking(self, wake: Callable[[], object]) -> Iterator[None]:
        """Calls `wake` when it is asked for within the block, which may be between any two steps."""
        self._wakers.append(wake)
        try:
            yield
        finally:
            self._wakers.remove(wake)
