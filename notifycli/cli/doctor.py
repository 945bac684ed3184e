"""notify doctor: settings, database, servers and DNS, looked at one by one. What is broken hides nothing else."""

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli.rehearsing import rehearsal_in_words
from notifycli.cli.render import console, local, plain, print_json
from notifycli.cli.shell import Done, Shell, opened
from notifycli.config import Settings
from notifycli.domain.errors import LOOK, ConfigError, UsageError
from notifycli.store.engine import Connection, StoreError, is_no_database

if TYPE_CHECKING:
    from notifycli.doctor.checks import Check

app = typer.Typer(add_completion=False, rich_markup_mode=None)
STYLES = {"ok": "green", "look": "bold yellow", "broken": "bold red"}
NAME_WIDTH, STATE_WIDTH = 16, 6
LARGE = 1 << 30  # bytes; reading so many takes a while


@app.command(epilog="Example: notify doctor --send-test kari@post.example")
def doctor(
    context: typer.Context,
    send_test: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Send a real test message, too, to this e-mail address or number."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Look at settings, database, servers and DNS one by one, and say what to do. Exit code 1 if one wants a look.

    Mail servers, gateways and Firebase are really asked, as far as the login; nothing is sent without --send-test.
    """
    from notifycli.cli.named import database_beside, named_config

    without_settings = database_beside(context, named_config(context) or Path("notify.toml"))
    address = None if send_test is None else _address(send_test)
    checks = []
    for check in _Visit(context.obj, without_settings, address).checks():
        checks.append(check)
        if not as_json:
            _show(check)
    if as_json:
        print_json({"checks": [{"name": check.name, "state": check.state, "text": check.text} for check in checks]})
    else:
        broken, look = (sum(1 for check in checks if check.state == state) for state in ("broken", "look"))
        numbers = ", ".join(
            f"{number} {state}" for number, state in ((broken, "broken"), (look, "to look at")) if number
        )
        screen = console()
        screen.print()
        screen.print(numbers or "[green]All is in order.[/]")
    if any(check.state != "ok" for check in checks):
        raise Done(LOOK)


class _Visit:
    """What cannot be had because it is broken stays as it is here.

    `without_settings`: where the database would be if the settings cannot be read. `address`: of a test message.
    """

    def __init__(self, shell: Shell, without_settings: Path | str, address: str | None) -> None:
        self._shell = shell
        self._without_settings = without_settings
        self._address = address
        self._settings: Settings | None = None
        self._clinics: list[dict[str, Any]] = []

    def checks(self) -> "Iterator[Check]":
        """In the order in which one would mend things."""
        from notifycli.doctor import checks
        from notifycli.doctor.services import send_test

        yield from checks.of_machine()
        if self._shell.has_own_clock:
            text = "another clock is set, with --now or NOTIFY_NOW; for more than a rehearsal type: unset NOTIFY_NOW"
            yield checks.Check("clock", "look", text)
        else:
            yield checks.Check("clock", "ok", f"it is {local(self._shell.now(), 'UTC')} UTC")
        yield from self._of_settings()
        place = self._without_settings if self._settings is None else self._shell.address_of_database()
        if self._settings is None and is_no_database(place):
            yield checks.Check("database", "look", "it was not looked at, since the settings name it")
        else:
            if isinstance(place, Path):
                yield from checks.of_database_file(place)
            yield from self._of_database(place)
        outbox = self._shell.outbox() if self._settings is not None else Path("outbox")
        yield from checks.of_outbox(outbox, beside=place)
        yield from self._of_channels(outbox)
        if self._address is not None and self._settings is not None:
            yield asyncio.run(send_test(self._settings, outbox, self._address, self._shell.now()))

    def _of_settings(self) -> "Iterator[Check]":
        from notifycli.doctor import checks

        try:
            self._settings = self._shell.settings
        except ConfigError as error:
            yield checks.Check("settings", "broken", str(error))
            return
        yield from checks.of_settings(self._settings, os.environ)
        if told := rehearsal_in_words(self._settings):
            yield checks.Check("rehearsal", "look", f"{told}; going live: docs/going-live.md")

    def _of_database(self, place: Path | str) -> "Iterator[Check]":
        from notifycli.doctor.checks import Check

        if isinstance(place, Path) and not os.path.lexists(place):
            return
        try:
            connection = opened(place)
        except StoreError as error:
            yield Check("database", "broken", str(error))
            return
        try:
            for checks in self._of_open_database(connection, place):
                yield from _guarded(checks)
        finally:
            connection.close()

    def _of_open_database(self, connection: Connection, place: Path | str) -> "Iterator[Iterator[Check]]":
        """Each part by itself: a damaged page need not hide the others."""
        from notifycli.doctor import database
        from notifycli.doctor.checks import in_bytes

        yield database.of_connection(connection)
        size = place.stat().st_size if isinstance(place, Path) else 0
        reading = f"reading all of the database, {in_bytes(size)}{'; that takes a while' if size > LARGE else ''}"
        with _busy(reading if isinstance(place, Path) else "asking the database"):
            soundness = list(_guarded(database.of_soundness(connection)))
        yield iter(soundness)
        yield database.of_runs(connection, None if self._shell.has_own_clock else self._shell.now())
        yield self._of_imports(connection)
        yield database.of_clinics(connection)
        yield self._of_sections(connection)

    def _of_imports(self, connection: Connection) -> "Iterator[Check]":
        from notifycli.doctor.database import of_imports
        from notifycli.queries.health import silent_since
        from notifycli.store.rejected import last_import_at

        if self._settings is None:  # which say how old it may be
            return
        now, hours = self._shell.now(), self._settings.limits.max_hours_without_import
        silent = silent_since(connection, now, hours)
        yield from of_imports(last_import_at(connection), silent, now, hours)

    def _of_sections(self, connection: Connection) -> "Iterator[Check]":
        from notifycli.doctor.checks import of_sections
        from notifycli.store import health

        self._clinics = health.clinics(connection)
        if self._settings is not None:
            yield from of_sections(self._settings, [row["clinic"] for row in self._clinics])

    def _of_channels(self, outbox: Path) -> "Iterator[Check]":
        from notifycli.doctor.checks import Check
        from notifycli.doctor.domains import of_domains
        from notifycli.doctor.services import of_channels, of_receipts

        if self._settings is None:
            yield Check("channels", "look", "they were not looked at, since the settings name them")
            return
        settings, clinics, now = self._settings, self._clinics, self._shell.now()
        is_real_time = not self._shell.has_own_clock

        async def asked() -> "list[Check]":
            channels = of_channels(settings, outbox, clinics, now, is_real_time=is_real_time)
            return [check async for check in channels] + await of_domains(settings, clinics)

        with _busy("asking mail servers, gateways and the name server"):
            answers = asyncio.run(asked())
        yield from answers
        yield from of_receipts(settings, os.environ)


def _address(given: str) -> str:
    from notifycli.domain.contact import email_address, phone_number

    address = email_address(given) if "@" in given else phone_number(given.strip())
    if address is None:
        raise UsageError("--send-test: that is neither an e-mail address nor a phone number")
    return address


def _guarded(checks: "Iterable[Check]") -> "Iterator[Check]":
    from notifycli.doctor.checks import Check

    try:
        yield from checks
    except StoreError as error:
        yield Check("database", "broken", str(error))


@contextmanager
def _busy(with_what: str) -> Iterator[None]:
    """Tells a terminal what is being waited for."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(with_what):
        yield


def _show(check: "Check") -> None:
    from rich.table import Table
    from rich.text import Text

    line = Table.grid(padding=(0, 2))
    line.add_column(width=STATE_WIDTH)
    line.add_column(width=NAME_WIDTH, overflow="fold")
    line.add_column(overflow="fold")
    line.add_row(Text(check.state, style=STYLES[check.state]), plain(check.name), plain(check.text))
    console().print(line)
    sys.stdout.flush()
