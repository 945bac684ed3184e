"""Databases on each engine, for tests of what both can."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from notifycli.store.engine import Connection, open_store, rehearsal
from tests.support import engines, postgres_server

Open = Callable[[], Connection]
ENGINES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)


@pytest.fixture(autouse=True)
def _each_says_itself_which_engine_it_means(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "server", None)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of databases on a PostgreSQL of the tests' own, with {} for a name."""
    if (address := os.environ.get(engines.SERVER)) is not None:
        yield address
        return
    if postgres_server.programs() is None:
        postgres_server.without()
    with postgres_server.running_server() as address:
        yield address


@pytest.fixture
def on_server(server: str) -> Iterator[str]:
    """The address of an empty database."""
    with postgres_server.new_database(server) as address:
        yield address


@pytest.fixture(scope="session")
def with_schema(server: str) -> Iterator[str]:
    """The name of a database to make others of, which takes a quarter of the time that the schema takes."""
    with postgres_server.new_database(server) as address:
        open_store(address).close()
        yield postgres_server.name_in(address)


@pytest.fixture(params=ENGINES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Makes one connection after the other to a database of the engine; all are closed in the end."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            address: Path | str = tmp_path / "notify.db"
        else:
            server, template = request.getfixturevalue("server"), request.getfixturevalue("with_schema")
            address = stack.enter_context(postgres_server.new_database(server, template))
        opened = stack.enter_context(connections_to(address))
        opened().close()  # it was there already, as it mostly is
        yield opened


@pytest.fixture(scope="session", params=ENGINES)
def _shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            address: Path | str = tmp_path_factory.mktemp("shared") / "notify.db"
        else:
            address = stack.enter_context(postgres_server.new_database(request.getfixturevalue("server")))
        yield stack.enter_context(closing(open_store(address)))


@pytest.fixture
def undone(_shared: Connection) -> Iterator[Connection]:
    """A connection to an empty database of the engine, in a transaction of which nothing is kept."""
    with rehearsal(_shared):
        yield _shared


@pytest.fixture(scope="session")
def both(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Connection, Connection]]:
    """A database in a file and one on a server, with today's schema; what a test leaves there, others find."""
    with (
        postgres_server.new_database(server) as address,
        closing(open_store(tmp_path_factory.mktemp("both") / "notify.db")) as in_a_file,
        closing(open_store(address)) as on_a_server,
    ):
        yield in_a_file, on_a_server


@contextmanager
def connections_to(address: Path | str) -> Iterator[Open]:
    with ExitStack() as stack:

        def opened() -> Connection:
            connection = open_store(address)
            stack.callback(connection.close)
            return connection

        yield opened
