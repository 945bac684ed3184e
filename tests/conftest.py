"""Where tests write: to memory where there is room, since what they call waits for the disk at each commit; or, with
--postgres, to a server of their own. That none waits for a reader. And which are slow because they are many."""

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import engines, postgres_server

os.environ["NOTIFY_LANG"] = "en"  # whatever the locale; tests of Norwegian say so
MEMORY = Path("/dev/shm")
ROOM_NEEDED = 2 * 1024**3  # bytes
ours = pytest.StashKey[str]()
servers = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", action="store_true", help="databases on a PostgreSQL server of the tests' own")


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


def pytest_sessionstart(session: pytest.Session) -> None:
    """One server for all workers, which have it from the process that starts them."""
    if not session.config.getoption("--postgres"):
        return
    if "PYTEST_XDIST_WORKER" in os.environ:
        engines.server = os.environ[engines.SERVER]
        return
    if postgres_server.programs() is None:
        if postgres_server.must_be_there():
            raise pytest.UsageError(f"--postgres: {postgres_server.IS_MISSING}")
        pytest.exit(f"skipped: {postgres_server.IS_MISSING}", returncode=0)
    session.config.stash[servers] = ExitStack()
    engines.server = session.config.stash[servers].enter_context(postgres_server.running_server())
    os.environ[engines.SERVER] = engines.server


MANY = 6  # sets of parameters
QUICK = 3  # of so many sets one is played by `make test`


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    _mark_most_of_many_as_slow(items)
    if not config.getoption("--postgres"):
        return
    for item in items:
        for mark in item.iter_markers("sqlite"):
            item.add_marker(pytest.mark.skip(reason=f"of a file alone: {mark.args[0]}"))


def _mark_most_of_many_as_slow(items: list[pytest.Item]) -> None:
    """A test on a database costs some 50 ms: of a long table of them a sample is quick, and `make slow` has the rest.

    The worked cases that several projects may share are all quick.
    """
    tables = defaultdict[str, list[pytest.Item]](list)
    for item in items:
        if {"tmp_path", "clinic"} & set(getattr(item, "fixturenames", ())):
            tables[item.nodeid.partition("[")[0]].append(item)
    for table in tables.values():
        if len(table) < MANY:
            continue
        for number, item in enumerate(table):
            if number % QUICK:
                item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def _databases_go_with_the_test_that_made_them() -> Iterator[None]:
    before = set(engines.made)
    yield
    engines.drop(engines.made - before)


def pytest_unconfigure(config: pytest.Config) -> None:
    if servers in config.stash:
        config.stash[servers].close()
    if ours in config.stash:
        shutil.rmtree(config.stash[ours], ignore_errors=True)
