"""A PostgreSQL of the tests' own: in a temporary folder, on a socket there alone, as a user that is not root.

Knows no test. Where PostgreSQL is not installed, `programs` is None.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

SYSTEM_USER = "postgres"  # of Debian's package; PostgreSQL refuses to run as root
IS_MISSING = "no PostgreSQL here; Debian: apt-get install postgresql"
BY_BYTES = ("--locale=C.UTF-8",)
# Careful all the same, or the program would warn of it; it costs nothing where the tests write to memory
LITTLE = (
    "wal_level=minimal",
    "max_wal_senders=0",
    "min_wal_size=32MB",
    "max_wal_size=128MB",
    "max_connections=60",
    "shared_buffers=64MB",
    "autovacuum=off",
)


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, of the newest version that is installed."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if places:
        return places[-1].parent
    there = shutil.which("initdb")
    return Path(there).parent if there else None


@contextmanager
def running_server(settings: tuple[str, ...] = LITTLE, locale: tuple[str, ...] = BY_BYTES) -> Iterator[str]:
    """The address of its databases, with {} for a name. `locale`: options of initdb."""
    bin_ = programs()
    assert bin_ is not None
    with tempfile.TemporaryDirectory(prefix="notifycli-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        as_user: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if os.getuid() == 0:
            user = pwd.getpwnam(SYSTEM_USER)
            as_user |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(folder, user.pw_uid, user.pw_gid)
        data = folder / "data"
        asked = [f"-c {setting}" for setting in (*settings, "listen_addresses=''", f"unix_socket_directories={folder}")]
        initdb = [bin_ / "initdb", "-D", data, "-U", "notify", "-A", "trust", "-E", "UTF8", *locale, "-N"]
        subprocess.run(initdb, check=True, **as_user)
        pg_ctl = [bin_ / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        subprocess.run([*pg_ctl, "-o", " ".join(asked), "start"], check=True, **as_user)
        try:
            yield f"postgresql://notify@/{{}}?host={folder}"
        finally:
            subprocess.run([*pg_ctl, "-m", "immediate", "stop"], check=True, **as_user)


def must_be_there() -> bool:
    """As in CI, where nothing may be skipped for want of a server."""
    return os.environ.get("NOTIFY_REAL_SERVERS") == "1"


def without() -> NoReturn:
    """Skips a test, or fails it."""
    if must_be_there():
        pytest.fail(IS_MISSING, pytrace=False)
    pytest.skip(IS_MISSING)


def execute(address: str, sql: str) -> None:
    import psycopg

    with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
        connection.execute(sql.encode())


@contextmanager
def new_database(server: str, template: str = "template0", options: str = "") -> Iterator[str]:
    """The address of an empty database, or of a copy of another one, which is dropped in the end."""
    name = f"d{secrets.token_hex(8)}"
    execute(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY {options}")
    try:
        yield server.format(name)
    finally:
        execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def name_in(address: str) -> str:
    """Of the database."""
    return address.partition("@/")[2].partition("?")[0]
