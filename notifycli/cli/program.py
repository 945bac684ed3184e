"""Where the program that runs lies, and how its user types it: `notify` need not be on the PATH.

Knows the process and the PATH; must not know commands.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path

NAMES = ("notify", "notify.exe")


def path_of_program() -> Path | None:
    """The whole path of the running `notify`, else of the one beside the Python that runs; None where there is none.

    Asked before anything changes the working directory: it may have been called by a path that begins there.
    """
    beside = (Path(sys.executable).parent / name for name in NAMES)
    candidates = [Path(sys.argv[0]), *beside] if Path(sys.argv[0]).name in NAMES else list(beside)
    there = next((path for path in candidates if path.is_file()), None)
    if there is None:
        on_the_path = shutil.which("notify")
        return Path(on_the_path) if on_the_path else None
    return Path(os.path.abspath(there))


def as_typed_here() -> str:
    """`notify` where that leads to this program, else its whole path, quoted for a shell."""
    program, on_the_path = path_of_program(), shutil.which("notify")
    if program is None or (on_the_path is not None and os.path.samefile(program, on_the_path)):
        return "notify"
    return shlex.quote(str(program))
