"""What every command uses: the configuration, the database, the clock, and how a command ends."""

import os
import sys
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from notifycli import config
from notifycli.cli.language import _
from notifycli.cli.visible import visible_lines
from notifycli.domain.errors import UsageError
from notifycli.store.engine import Connection, is_no_database, open_store
from notifycli.store.moved import refuse_moved

if TYPE_CHECKING:
    from notifycli.cli.moments import Span
    from notifycli.store.facts import Policy


class Done(Exception):
    """Ends a command that did its work, with an exit code that says more than 0."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(str(exit_code))
        self.exit_code = exit_code


class Shell:
    """One call of notify; opens what is asked for when it is first asked for."""

    is_verbose = False
    wants_pager = True

    def __init__(self, db: str | None, config_path: Path | None, now: str | None) -> None:
        self._db = db
        self._config_path = config_path
        self._now = now if now is not None else os.environ.get("NOTIFY_NOW") or None

    @cached_property
    def settings(self) -> config.Settings:
        return config.load(self._config_path, os.environ)

    @cached_property
    def connection(self) -> Connection:
        return opened(self.address_of_database())

    @cached_property
    def policy(self) -> "Policy":
        from notifycli.delivery.policy import policy_of

        return policy_of(self.settings)

    def address_of_database(self) -> Path | str:
        """The path of its file, or postgresql://…"""
        return config.database_address(self.settings, self._db, os.environ)

    def outbox(self) -> Path:
        """The folder of messages that become files: beside the database, or, of one on a server, beside notify.toml."""
        address = self.address_of_database()
        return (self.settings.folder if isinstance(address, str) else address.parent) / "outbox"

    def now(self) -> int:
        """UTC epoch seconds: the clock, or the one of --now, which stands still."""
        return int(time.time()) if self._now is None else self._given_now

    @cached_property
    def user(self) -> str:
        """Who types: the operating system's user; of root, whoever called sudo."""
        import getpass

        try:
            if os.getuid() == 0 and os.environ.get("SUDO_USER"):
                return os.environ["SUDO_USER"]
            import pwd

            return pwd.getpwuid(os.getuid()).pw_name
        except KeyError:  # a user without a name, as in a container
            return str(os.getuid())
        except (AttributeError, ImportError):  # no POSIX
            return getpass.getuser()

    @property
    def has_own_clock(self) -> bool:
        return self._now is not None

    @cached_property
    def _given_now(self) -> int:
        return self._span_of(self._now or "", "--now", int(time.time())).begins_at

    def time_of(self, text: str, option: str) -> int:
        """UTC epoch seconds of a time that was typed, of a day its midnight; in the configuration's zone."""
        return self._span_of(text, option, self.now()).begins_at

    def end_of(self, text: str, option: str) -> int:
        """The first second that no longer belongs to what was typed: a day is all of it, a time ends as it comes."""
        return self._span_of(text, option, self.now()).ends_at

    def last_second_of(self, text: str, option: str) -> int:
        """The last second that belongs to what was typed."""
        begins_at, ends_at = self._span_of(text, option, self.now())
        return max(begins_at, ends_at - 1)

    def _span_of(self, text: str, option: str, now: int) -> "Span":
        from notifycli.cli.moments import NotAMoment, span_of

        try:
            return span_of(text, self.settings.timezone, now)
        except NotAMoment as error:
            raise UsageError(_("{option}: {why}", option=option, why=error.message), error.advice) from error

    def tell(self, text: str, *values: object) -> None:
        """What is done, for -v; not by a logger, since an idle run has no time to import logging."""

    def close(self) -> None:
        if "connection" in self.__dict__:
            self.connection.close()


def opened(address: Path | str) -> Connection:
    """The database; a new one is told of, since another may have been meant. Raises StoreError."""
    is_new = is_no_database(address)
    connection = open_store(address)
    try:
        refuse_moved(connection)
    except BaseException:
        connection.close()
        raise
    if is_new:
        complain(
            _(
                "{path}: a new, empty database was made, since there was none. If another is meant, name it with --db",
                path=address,
            )
        )
    return connection


def complain(text: str) -> None:
    """Says on standard error what went wrong; the first word says who speaks, since cron mails it."""
    sys.stderr.write(f"notify: {visible_lines(text)}\n")


def say(text: str) -> None:
    """A message to the one who typed, on standard error, since standard output belongs to the result."""
    sys.stderr.write(f"{visible_lines(text)}\n")


def deliveries_in_words(number: int) -> str:
    return "1 delivery" if number == 1 else f"{number:,} deliveries"
