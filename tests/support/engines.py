"""On which engine the tests' databases are: files of SQLite, or, with `pytest --postgres`, databases on a server.

Knows how a test's folder becomes a database; must not know any test.
"""

import hashlib
import shutil
from pathlib import Path

from tests.support import postgres_server

server: str | None = None  # the address of its databases, with {} for a name


def address_in(folder: Path) -> Path | str:
    """Of the database that belongs to a folder; on a server it is made where it is not there yet."""
    if server is None:
        return folder / "notify.db"
    name = _name_of(folder)
    if not (mark := folder / f".{name}").exists():
        postgres_server.execute(server, f"CREATE DATABASE {name}")
        mark.touch()
    return server.format(name)


def copy(folder: Path, other: Path) -> None:
    """Of the database of a folder, for another folder that has none yet."""
    if server is None:
        (other / "notify.db").touch(mode=0o600)
        shutil.copyfile(folder / "notify.db", other / "notify.db")
        return
    name = _name_of(other)
    postgres_server.execute(server, f"CREATE DATABASE {name} TEMPLATE {_name_of(folder)} STRATEGY FILE_COPY")
    (other / f".{name}").touch()


def _name_of(folder: Path) -> str:
    return "t" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:20]
