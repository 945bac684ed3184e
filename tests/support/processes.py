"""`notify` in processes of its own, for tests in which processes matter: killed, confined, two at once."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import engines
from tests.support.case_runner import Answer

NOTIFY = (sys.executable, "-c", "from notifycli.cli.main import run_from_shell; run_from_shell()")
LONGEST = 60  # seconds
NAMESPACE = ("unshare", "--map-root-user", "--mount")


def answer_of(command: list[str], folder: Path) -> Answer:
    """What a command comes to, called in `folder` in English, without any other NOTIFY_ variable."""
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=LONGEST)
    return Answer(done.returncode, done.stdout, done.stderr)


def notify(folder: Path, *arguments: str) -> Answer:
    return answer_of([*NOTIFY, *arguments], folder)


def notify_within(limits: str, folder: Path, *arguments: str) -> Answer:
    """`limits` are a shell's, such as `ulimit -f 0`."""
    return answer_of(["sh", "-c", f'{limits}; exec "$@"', "sh", *NOTIFY, *arguments], folder)


def notify_on_disks(before: str, folder: Path, *arguments: str, after: str = ":") -> Answer:
    """`before` and `after` are a shell's, in a namespace of its own: what is mounted there is gone when it ends."""
    if not can_mount():
        pytest.skip("this user may not mount a file system, not even in a namespace of its own")
    script = f'set -e\n{before}\nset +e\n"$@"\ncode=$?\nset -e\n{after}\nexit $code'
    return answer_of([*NAMESPACE, "sh", "-c", script, "sh", *NOTIFY, *arguments], folder)


def environment(folder: Path | None = None) -> dict[str, str]:
    """`folder`: whose database it is."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("NOTIFY_")}
    return ours | {"NOTIFY_LANG": "en"} | (engines.variables(folder) if folder else {})


@functools.cache
def can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True)
    return tried.returncode == 0
