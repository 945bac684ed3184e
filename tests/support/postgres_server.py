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
from typing import Any

SYSTEM_USER = "postgres"  # of Debian's package; PostgreSQL refuses to run as root
IS_MISSING = "no PostgreSQL here; Debian: apt-get install postgresql"
WITHOUT_CARE = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=60",
    "shared_buffers=64MB",
)


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, of the newest version that is installed."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if places:
        return places[-1].parent
    there = shutil.which("initdb")
    return Path(there).parent if there else None


@contextmanager
def running_server(settings: tuple[str, ...] = WITHOUT_CARE) -> Iterator[str]:
    """The address of its databases, with {} for a name."""
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
        initdb = [bin_ / "initdb", "-D", data, "-U", "notify", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        subprocess.run(initdb, check=True, **as_user)
        pg_ctl = [bin_ / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        subprocess.run([*pg_ctl, "-o", " ".join(asked), "start"], check=True, **as_user)
        try:
            yield f"postgresql://notify@/{{}}?host={folder}"
        finally:
            subprocess.run([*pg_ctl, "-m", "immediate", "stop"], check=True, **as_user)


def execute(address: str, sql: str) -> None:
    import psycopg

    with psycopg.connect(address.format("postgres"), autocommit=True) as connection:
        connection.execute(sql.encode())


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The address of an empty database, which is dropped in the end."""
    name = f"d{secrets.token_hex(8)}"
    execute(server, f"CREATE DATABASE {name}")
    try:
        yield server.format(name)
    finally:
        execute(server, f"DROP DATABASE {name} WITH (FORCE)")
