"""`notify` on a terminal of its own, a pseudo-terminal, for tests of what only a terminal gets."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from pathlib import Path

from tests.support.case_runner import Answer
from tests.support.processes import LONGEST, NOTIFY, environment


def notify_on_terminal(folder: Path, *arguments: str, lines: int = 24, columns: int = 80, **variables: str) -> Answer:
    """What stands on the terminal in `out`, standard output and standard error alike, its line ends as ours."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    plain = {
        name: value for name, value in environment(folder).items() if name not in ("PAGER", "LESS", "COLUMNS", "LINES")
    }
    settings = plain | {"TERM": "xterm", "NO_COLOR": "1"} | variables
    with subprocess.Popen(
        [*NOTIFY, *arguments], cwd=folder, env=settings, stdin=its, stdout=its, stderr=its
    ) as process:
        os.close(its)
        shown = b"".join(iter(lambda: _read(ours), b""))
        code = process.wait(LONGEST)
    os.close(ours)
    return Answer(code, shown.decode().replace("\r\n", "\n"), "")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:  # the other end was closed
        return b""
