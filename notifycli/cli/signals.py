"""What SIGTERM, Ctrl-C and a terminal that is closed mean to a command (SPEC section 7). Few commands know of them."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

from notifycli.delivery.ending import Ending

ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM


class Terminated(KeyboardInterrupt):
    """SIGTERM came: what is begun is undone on the way out, as at Ctrl-C."""


def terminate(number: int, frame: FrameType | None) -> None:
    """A handler for commands that change all or nothing."""
    raise Terminated


def _break_off(number: int, frame: FrameType | None) -> None:
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


UNSET = (signal.SIG_DFL, signal.default_int_handler, terminate)


@contextmanager
def told_to_end(ending: Ending) -> Iterator[None]:
    """Within, a signal asks for the end and breaks nothing off; what whoever called us ignores or handles stays so."""

    def ask(number: int, frame: FrameType | None) -> None:
        if not ending.is_asked and sys.stderr.isatty():
            os.write(sys.stderr.fileno(), b"notify: ending; what is on its way is waited for, 10 seconds at most\n")
        ending.ask()

    with _handled_by(ask, [number for number in ENDS if signal.getsignal(number) in UNSET]):
        yield


@contextmanager
def broken_off_at_once() -> Iterator[None]:
    """Within, a signal ends whatever is going on, a run as well: for a tour in which nothing leaves this machine."""
    with _handled_by(_break_off, [signal.SIGTERM, signal.SIGINT]):
        yield


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None], signals: Sequence[signal.Signals]) -> Iterator[None]:
    """Python hears of signals in its main thread alone."""
    heard = signals if current_thread() is main_thread() else ()
    before = {number: signal.signal(number, handler) for number in heard}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
