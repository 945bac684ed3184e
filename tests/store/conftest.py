"""Databases on each engine, for tests of what both can."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from notifycli.store.engine import Connection, open_store
from tests.support import postgres_server

Open = Callable[[], Connection]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of databases on a PostgreSQL of the tests' own, with {} for a name."""
    if postgres_server.programs() is None:
        pytest.skip(postgres_server.IS_MISSING)
    with postgres_server.running_server() as address:
        yield address


@pytest.fixture
def on_server(server: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    with postgres_server.new_database(server) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Makes one connection after the other to a database of the engine; all are closed in the end."""
    is_file = request.param == "sqlite"
    address = tmp_path / "notify.db" if is_file else request.getfixturevalue("on_server")
    with connections_to(address) as opened:
        opened().close()  # it was there already, as it mostly is
        yield opened


@contextmanager
def connections_to(address: Path | str) -> Iterator[Open]:
    with ExitStack() as stack:

        def opened() -> Connection:
            connection = open_store(address)
            stack.callback(connection.close)
            return connection

        yield opened
