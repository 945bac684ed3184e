"""One PostgreSQL on a host of its own, which can be ended and begun again. Knows no test."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.networks import WIRE
from tests.real.servers import free_ports, needs, scratch, without
from tests.support import postgres_server
from tests.support.places import TESTS
from tests.support.processes import NOTIFY, environment

RIGHTS = TESTS.parent / "docs" / "postgres-rights.sql"
SUPERUSER = "postgres"
SETTINGS = ("shared_buffers=64MB", "max_connections=60", "log_checkpoints=off")


@dataclass(frozen=True)
class Server:
    """With the rights of docs/postgres-rights.sql. `prefix` leads to its host."""

    folder: Path
    host: str
    port: int
    prefix: tuple[str, ...]

    @property
    def address(self) -> str:
        """Of the database notify, for who owns nothing in it."""
        return self.address_for("notify_run")

    def address_for(self, user: str, database: str = "notify") -> str:
        return f"postgresql://{user}@{self.host}:{self.port}/{database}"

    def start(self, *settings: str) -> None:
        asked = (*SETTINGS, f"listen_addresses={self.host}", f"port={self.port}", *settings)
        options = " ".join(f"-c {setting}" for setting in (*asked, f"unix_socket_directories={self.folder}"))
        self._pg_ctl("-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, mode: str) -> None:
        self._pg_ctl("-m", mode, "stop")

    def restart(self, mode: str) -> None:
        """With the options that it was started with."""
        self._pg_ctl("-l", str(self.folder / "log"), "-m", mode, "restart")

    def initdb(self) -> None:
        self._run("initdb", "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.0.0.0/24 trust\n")

    def _pg_ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", "-w", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        bin_ = postgres_server.programs()
        assert bin_ is not None
        command = [*self.prefix, *as_system_user(), str(bin_ / program), "-D", str(self.folder / "data"), *arguments]
        with (self.folder / "begun").open("ab") as output:
            subprocess.run(command, check=True, cwd=self.folder, stdout=output, stderr=output)


def as_system_user() -> tuple[str, ...]:
    """Before a command that refuses to run as root."""
    if os.getuid() != 0:
        return ()
    user = postgres_server.SYSTEM_USER
    return ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--")


def make_tables(address: str, prefix: tuple[str, ...], **variables: str) -> None:
    """As their owner does."""
    command = [*prefix, *NOTIFY, "module", "list"]
    environ = environment() | {"NOTIFY_DB": address} | variables
    made = subprocess.run(command, cwd="/", env=environ, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr


@contextmanager
def running_server(prefix: tuple[str, ...] = (), *settings: str) -> Iterator[Server]:
    """On loopback, or at WIRE where a prefix leads into its namespace."""
    needs("psql")
    if postgres_server.programs() is None:
        without(postgres_server.IS_MISSING)
    with scratch("postgres") as folder:
        if os.getuid() == 0:
            shutil.chown(folder, postgres_server.SYSTEM_USER)
        server = Server(folder, WIRE if prefix else "127.0.0.1", free_ports(1)[0], prefix)
        server.initdb()
        server.start(*settings)
        try:
            given = subprocess.run(
                [
                    *prefix,
                    "psql",
                    "-X",
                    "-q",
                    "-v",
                    "ON_ERROR_STOP=1",
                    "-f",
                    str(RIGHTS),
                    server.address_for(SUPERUSER, "postgres"),
                ],
                capture_output=True,
                text=True,
            )
            assert given.returncode == 0, given.stderr
            make_tables(server.address_for("notify"), prefix)
            yield server
        finally:
            server.stop("immediate")
