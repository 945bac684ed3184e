"""Whether a message that is being sent may have left already: the channel says when, whoever takes it back asks.

Must not know channels. It goes along with the task that sends, since a message passes through libraries on its way.
"""

from asyncio import CancelledError
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Leaving:
    """`has_begun`: from here on only an answer tells. `is_called_off`: what has not begun must not begin any more.

    `on_begin`: is told right before it begins, and may raise CancelledError if it must not any more.
    """

    on_begin: Callable[[], None]
    has_begun: bool = False
    is_called_off: bool = False


_of_this_task: ContextVar[Leaving | None] = ContextVar("leaving", default=None)


def leaving_anew(on_begin: Callable[[], None] = lambda: None) -> Leaving:
    """Of the message that this task sends next."""
    leaving = Leaving(on_begin)
    _of_this_task.set(leaving)
    return leaving


def it_leaves_now() -> None:
    """A channel calls this right before the message, or what carries it, may leave. Raises CancelledError if it must
    not any more: a cancellation may have come while a library had no ear for it."""
    leaving = _of_this_task.get()
    if leaving is None:
        return
    if leaving.is_called_off:
        raise CancelledError
    if not leaving.has_begun:
        leaving.on_begin()
    leaving.has_begun = True
