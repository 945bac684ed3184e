"""What -v adds to a call: each step on standard error, as the modules below tell it to their loggers.

Knows no step. What is told holds ids, counts, hosts and codes; never what a cell, a message or an answer says, nor a
secret: it is made to be sent to others.
"""

import logging
import platform
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TextIO

from notifycli import __version__
from notifycli.cli.shell import Shell
from notifycli.cli.visible import visible
from notifycli.config import Settings
from notifycli.store.engine import named_address
from notifycli.store.sqlite import soundness

OURS = logging.getLogger("notifycli")
log = logging.getLogger(__name__)


class VerboseShell(Shell):
    """A shell that says what it opens, and has everything told until it is closed."""

    is_verbose = True

    def __init__(self, db: str | None, config_path: Path | None, now: str | None, command: str | None) -> None:
        super().__init__(db, config_path, now)
        self._handler = _Lines(sys.stderr)
        OURS.addHandler(self._handler)
        OURS.setLevel(logging.DEBUG)
        log.info(
            "notifycli %s, Python %s, %s: %s",
            *(__version__, platform.python_version(), soundness.name_and_version(), command or "no command"),
        )
        if self.has_own_clock:
            log.info("the clock stands still, by --now or NOTIFY_NOW")

    @cached_property
    def settings(self) -> Settings:
        settings = super().settings
        if settings.path is None:
            log.info("no notify.toml, so the defaults hold")
        else:
            log.info("settings of %s", settings.path.absolute())
        return settings

    @cached_property
    def _address(self) -> Path | str:
        address = super().address_of_database()
        log.info("database %s", named_address(address))
        return address

    def address_of_database(self) -> Path | str:
        return self._address

    def tell(self, text: str, *values: object) -> None:
        log.info(text, *values)

    def close(self) -> None:
        super().close()
        log.info("done")
        OURS.setLevel(logging.NOTSET)
        OURS.removeHandler(self._handler)


class _Lines(logging.Handler):
    """A line each; that nobody reads them breaks nothing off."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self.setFormatter(logging.Formatter("%(relativeCreated)6d ms  %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(f"{visible(self.format(record))}\n")
