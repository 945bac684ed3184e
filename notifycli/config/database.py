"""Where the database is: the path of a file, or a server's address with the password that the configuration names.

Knows no engine. A password never comes from a command line, which other users of a machine can read. Source: SPEC
sections 8 and 9.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from notifycli.config.places import path_of
from notifycli.config.secrets import database_password
from notifycli.config.settings import Settings
from notifycli.domain.errors import UsageError

WITH_PASSWORD = re.compile(r"://[^/?@]*:[^/?@]*@|[?&](ssl)?password=")
SAY_IT_ELSEWHERE = "write database_password_file or database_password_env into notify.toml"


def database_address(settings: Settings, given: Path | str | None, environ: Mapping[str, str]) -> Path | str:
    """The database: `given` (--db), else NOTIFY_DB, both as they stand; else the configuration's.

    A text where it is on a server, as postgresql://…, else the path of its file. The configuration's password is for
    the server that it names, and for no other. Raises UsageError for a password that was typed, and ConfigError.
    """
    if given is None and not environ.get("NOTIFY_DB"):
        if is_of_server(settings.database):
            return _with_password(settings.database, settings, environ)
        return path_of(settings.database, settings.folder, environ)
    if given is not None:
        return typed_address(given, settings, environ)
    address = environ["NOTIFY_DB"]
    return _with_password(address, settings, environ) if is_of_server(address) else path_of(address, Path(), environ)


def typed_address(given: Path | str, settings: Settings, environ: Mapping[str, str]) -> Path | str:
    """A database that was named on the command line. Raises UsageError and ConfigError."""
    if not isinstance(given, str) or not is_of_server(given):
        return Path(given)
    if has_password(given):
        raise UsageError("a password does not belong on a command line, where others can read it", SAY_IT_ELSEWHERE)
    return _with_password(given, settings, environ)


def is_of_server(address: Path | str) -> bool:
    return isinstance(address, str) and address.startswith(("postgresql://", "postgres://"))


def has_password(address: str) -> bool:
    return WITH_PASSWORD.search(address) is not None


def _with_password(address: str, settings: Settings, environ: Mapping[str, str]) -> str:
    password = None if address != settings.database else database_password(settings, environ)
    if password is None:
        return address
    from urllib.parse import quote  # only who has a server pays for it

    return f"{address}{'&' if '?' in address else '?'}password={quote(password, safe='')}"
