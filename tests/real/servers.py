"""Real servers for the tests: each a process in a scratch folder, on loopback, ended by its id.

Where one is not installed the test is skipped, but where NOTIFY_REAL_SERVERS is 1 (CI) it fails instead.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import pytest

LOOPBACK = "127.0.0.1"
ANOTHER_LOOPBACK = "127.0.0.2"  # answers only where a server listens on every address
PLACES = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
PATIENCE = 20.0  # seconds for a server to begin, to end, or to do what it was asked
END_OF_LOG = 2000  # characters


def needs(*programs: str) -> None:
    missing = [name for name in programs if shutil.which(name, path=PLACES) is None]
    if missing:
        without(f"{' and '.join(missing)}: not installed; .ci/servers does it")


def needs_root(server: str) -> None:
    if os.geteuid() != 0:
        without(f"{server} is started by root alone, since each of its processes has a user of its own")


def without(reason: str) -> NoReturn:
    if os.environ.get("NOTIFY_REAL_SERVERS") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def program(name: str) -> str:
    found = shutil.which(name, path=PLACES)
    assert found is not None, name
    return found


def free_ports(number: int) -> list[int]:
    """All are held until the last is found, so that no two are the same."""
    held = [socket.create_server((LOOPBACK, 0)) for _ in range(number)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


@contextmanager
def scratch(server: str) -> Iterator[Path]:
    """A folder that the server's own users may enter, unlike those of pytest, with a path short enough for sockets."""
    folder = Path(tempfile.mkdtemp(prefix=f"{server}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(command: Sequence[str], log: Path, *ports: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A server in the foreground, from when it listens on all ports. What it prints is in `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        until(lambda: process.poll() is not None or all(map(listens, ports)), command[0], log)
        assert process.poll() is None, f"{command[0]} ended at once:\n{end_of(log)}"
        must_be_on_loopback(*ports)
        yield process
    finally:
        ended(process)


def ended(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def until(holds: Callable[[], object], what: str, *logs: Path) -> None:
    """Fails with the logs' ends if that does not come to hold."""
    latest = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > latest:
            pytest.fail(f"{what}: not in {PATIENCE:g} s\n" + "\n".join(map(end_of, logs)), pytrace=False)
        time.sleep(0.05)


def listens(port: int, address: str = LOOPBACK) -> bool:
    with suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False


def must_be_on_loopback(*ports: int) -> None:
    assert not [port for port in ports if listens(port, ANOTHER_LOOPBACK)], "a server listens on every address"


def end_of(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-END_OF_LOG:] if log.exists() else f"{log.name}: none"
