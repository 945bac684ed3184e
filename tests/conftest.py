"""Where tests write: to memory where there is room, since what they call waits for the disk at each commit. And that
none waits for a reader."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

os.environ["NOTIFY_LANG"] = "en"  # whatever the locale; tests of Norwegian say so
MEMORY = Path("/dev/shm")
ROOM_NEEDED = 2 * 1024**3  # bytes
ours = pytest.StashKey[str]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    os.environ["PAGER"] = "cat"  # on a terminal of a test, nobody would leave another
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if is_worker or "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ROOM_NEEDED:
        config.stash[ours] = os.environ["TMPDIR"] = tempfile.mkdtemp(prefix="notifycli-tests-", dir=MEMORY)
        Path(config.stash[ours]).chmod(0o755)  # tests that act as another user come in
        tempfile.tempdir = None


def pytest_unconfigure(config: pytest.Config) -> None:
    if ours in config.stash:
        shutil.rmtree(config.stash[ours], ignore_errors=True)
