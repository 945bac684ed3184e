"""What is longer than the terminal goes through a pager, from the line on at which that is known.

Only commands that show, and end, ask for it. Knows nothing of what is shown.
"""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import TextIOBase
from subprocess import PIPE, Popen
from typing import IO, TYPE_CHECKING, cast

from notifycli.cli.render import console
from notifycli.cli.signals import Terminated

if TYPE_CHECKING:
    from rich.console import Console

    from notifycli.cli.shell import Shell

NO_PAGER = ("", "cat")  # what PAGER says where there shall be none
LESS = "FX"  # where LESS does not say how: end at once what fits, and leave the text on the screen


@contextmanager
def paged(shell: "Shell") -> "Iterator[Console]":
    """A console for what may be long; elsewhere than on a terminal, or with --no-pager, the usual one.

    Whoever leaves the pager has seen enough: what is still to be written is dropped, and the command ends as it would.
    """
    command = pager_of(os.environ) if shell.wants_pager and sys.stdout.isatty() else []
    if not command:
        yield console()
        return
    output = _Output(command)
    try:
        yield console(cast("IO[str]", output))
        output.end()
    except BrokenPipeError:
        if output.pager is None:
            raise
        output.leave()
    except KeyboardInterrupt as end:
        output.leave(is_told_to_end=isinstance(end, Terminated))
        raise
    except BaseException:
        output.end()
        raise


def pager_of(environment: Mapping[str, str]) -> list[str]:
    """The words of the command; none where there shall be no pager, or where there is none."""
    if environment.get("TERM") in ("dumb", "unknown"):
        return []
    if (named := environment.get("PAGER")) is None:
        return ["less", "-R"] if shutil.which("less") else []
    with suppress(ValueError):  # an unbalanced quote
        return [] if named.strip() in NO_PAGER else shlex.split(named)
    return []


class _Output(TextIOBase):
    """What is written is kept until it is longer than the terminal; then the pager is begun, and gets all of it."""

    def __init__(self, command: list[str]) -> None:
        self.pager: Popen[str] | None = None
        self._command = command
        self._kept: list[str] = []
        self._lines_left = shutil.get_terminal_size().lines - 1  # the prompt of the shell takes one
        self._is_straight = False  # the pager could not be begun

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return sys.stdout.encoding

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return sys.stdout.fileno()

    def write(self, text: str) -> int:
        if self._is_straight:
            return sys.stdout.write(text)
        if self.pager is not None and self.pager.stdin is not None:
            return self.pager.stdin.write(text)
        self._kept.append(text)
        self._lines_left -= text.count("\n")
        if self._lines_left < 0:
            environment, encoding = {"LESS": LESS, **os.environ}, sys.stdout.encoding
            try:
                self.pager = Popen(
                    self._command, stdin=PIPE, env=environment, encoding=encoding, errors=sys.stdout.errors
                )
            except (OSError, ValueError):  # no such program, or a name that cannot be one
                self._is_straight = True
            self._show_what_was_kept()
        return len(text)

    def flush(self) -> None:
        if self.pager is not None and self.pager.stdin is not None and not self.pager.stdin.closed:
            self.pager.stdin.flush()

    def end(self) -> None:
        """All is written: what fits is shown as it is, the pager is waited for."""
        if self.pager is None:
            self._show_what_was_kept()
        else:
            self.leave()

    def leave(self, *, is_told_to_end: bool = False) -> None:
        """Writes no more, and waits until the reader has left the pager, whatever is pressed in it."""
        if self.pager is None or self.pager.stdin is None:
            return
        with suppress(BrokenPipeError):
            self.pager.stdin.close()
        if is_told_to_end:
            self.pager.terminate()
        while self.pager.returncode is None:
            try:
                self.pager.wait()
            except Terminated:
                self.pager.terminate()
            except KeyboardInterrupt:
                continue

    def _show_what_was_kept(self) -> None:
        kept, self._kept = "".join(self._kept), []
        if self.pager is not None and self.pager.stdin is not None:
            self.pager.stdin.write(kept)
            self.pager.stdin.flush()
        else:
            sys.stdout.write(kept)
            sys.stdout.flush()
