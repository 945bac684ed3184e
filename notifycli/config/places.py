"""Where the configuration, the database and the files that it names lie. Opens none of them.

Source: SPEC sections 8 and 9.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from notifycli.config.settings import Settings

SYSTEM_FILE = Path("/etc/notifycli/notify.toml")


def places(environ: Mapping[str, str]) -> list[Path]:
    """Where a configuration is looked for when none is given: here, the user's, the system's."""
    base, home = environ.get("XDG_CONFIG_HOME", ""), environ.get("HOME")
    if os.path.isabs(base):  # the standard has a relative one ignored
        return [Path("notify.toml"), Path(base, "notifycli", "notify.toml"), SYSTEM_FILE]
    of_user = [Path(home, ".config", "notifycli", "notify.toml")] if home else []
    return [Path("notify.toml"), *of_user, SYSTEM_FILE]


def present_folder() -> Path:
    """The working directory; where it was removed meanwhile, absolute paths still serve."""
    try:
        return Path.cwd()
    except OSError:
        return Path()


def path_of(text: str, folder: Path, environ: Mapping[str, str]) -> Path:
    """The path that a setting means: relative to `folder`, and with `~/`, which no shell has replaced, the home's."""
    home = environ.get("HOME")
    if home and text.startswith("~/"):
        return Path(home, text[2:])
    return folder / text


def database_address(settings: Settings, given: Path | str | None, environ: Mapping[str, str]) -> Path | str:
    """The database: `given` (--db), else NOTIFY_DB, both as they stand; else the configuration's.

    A text where it is on a server, as postgresql://…, else the path of its file.
    """
    if given is not None:
        return given if is_of_server(given) else Path(given)
    if environ.get("NOTIFY_DB"):
        return _address_of(environ["NOTIFY_DB"], Path(), environ)
    return _address_of(settings.database, settings.folder, environ)


def _address_of(text: str, folder: Path, environ: Mapping[str, str]) -> Path | str:
    return text if is_of_server(text) else path_of(text, folder, environ)


def is_of_server(address: Path | str) -> bool:
    return isinstance(address, str) and address.startswith(("postgresql://", "postgres://"))
