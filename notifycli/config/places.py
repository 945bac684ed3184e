"""Where the configuration and the files that it names lie. Opens none of them.

Source: SPEC sections 8 and 9.
"""

import os
from collections.abc import Mapping
from pathlib import Path

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
