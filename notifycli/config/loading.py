"""Finds the configuration and reads its text. Knows no key; without a file it imports nothing more.

Source: SPEC section 8, first paragraph.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from notifycli.config.errors import Mistake
from notifycli.config.places import path_of, places, present_folder
from notifycli.config.settings import Settings
from notifycli.domain.errors import ConfigError

LARGEST = 1024 * 1024


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings of `path` (--config), else of NOTIFY_CONFIG, else of the first of `places`, else the defaults.

    An empty variable counts as none. Raises ConfigError.
    """
    if path is not None:
        file, told_by = path, "--config"
    elif environ.get("NOTIFY_CONFIG"):
        file, told_by = path_of(environ["NOTIFY_CONFIG"], Path(), environ), "NOTIFY_CONFIG"
    else:
        # A broken link counts: a configuration is missing there. What lies in a folder that is closed to us does not.
        present = [place for place in places(environ) if os.path.lexists(place)]
        if not present:
            return Settings(folder=present_folder())
        file, told_by = present[0], "that file"
    from notifycli.config.document import settings_in  # the schema's checks and tomllib, only where there is a file

    data = _bytes_of(file, told_by)
    try:
        return settings_in(data, file, environ)
    except Mistake as mistake:
        raise mistake.in_file(file) from None


def _bytes_of(path: Path, told_by: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        if path.is_symlink():
            raise ConfigError(f"{path} is a link to a file that is not there", "mend or remove it.") from None
        raise ConfigError(f"{path}: no such file", f'mend {told_by}, or write one with "notify init".') from None
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder", f"name the file in it, such as {path / 'notify.toml'}.") from None
    except PermissionError:
        raise ConfigError(f"{path}: no permission to read it", "give it to the user that runs notify.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such name is possible"
        raise ConfigError(f"{path} cannot be read ({reason})", f"mend {told_by}.") from None
    if len(data) > LARGEST:
        raise ConfigError(f"{path} is larger than any notify.toml (1 MiB)", f"mend {told_by}.")
    return data
