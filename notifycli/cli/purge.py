"""notify purge: messages, addresses and names go out of what is old; counts and codes stay."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from notifycli.cli.language import _
from notifycli.cli.progress import counted
from notifycli.cli.render import local, print_json, utc
from notifycli.cli.shell import Done, Shell, complain, say
from notifycli.domain.errors import LOOK, UsageError

app = typer.Typer(add_completion=False, rich_markup_mode=None)
AGE = re.compile(r"\s*(\d{1,4})\s*(d|w|m|y|days?|weeks?|months?|years?|dag(?:er)?|uker?|måned(?:er)?|år)\s*", re.I)
MONTHS = {"m": 1, "y": 12, "å": 12}
DAYS = {"d": 1, "w": 7, "u": 7}


@app.command(epilog='Example: notify purge --older-than "18 months"')
def purge(
    context: typer.Context,
    older_than: Annotated[
        str, typer.Option(metavar="AGE", help="What came to its end longer ago, as 12 months, 2 years or 400 days.")
    ] = "12 months",
    is_sure: Annotated[bool, typer.Option("--yes", help="Do it; without it, tell what would go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Take messages, addresses and names out of what is old; counts and codes stay. Tells first, does it with --yes."""
    from notifycli.store.purging import purgeable

    shell: Shell = context.obj
    before = _before(older_than, shell.now())
    old = purgeable(shell.connection, before)
    is_wiped = (
        _purge(shell, before, f"older than {utc(before)}: {old.messages} messages, {old.patients} patients")
        if is_sure
        else True
    )
    if as_json:
        value = {"older_than": utc(before), "messages": old.messages, "patients": old.patients, "done": is_sure}
        print_json(value)
    else:
        _tell(shell, before, old.messages, old.patients, is_sure)
    if not is_wiped:
        complain(
            _("what was removed may be left in the database's files, since another program reads it; call it again")
        )
    if not is_wiped or (not is_sure and (old.messages or old.patients)):
        raise Done(LOOK)


def _tell(shell: Shell, before: int, messages: int, patients: int, is_done: bool) -> None:
    counts = {"messages": f"{messages:,}", "patients": f"{patients:,}", "at": local(before, shell.settings.timezone)}
    if is_done:
        say(_("of what ended before {at}, {messages} messages and the names of {patients} patients are gone", **counts))
    elif messages or patients:
        say(_("of what ended before {at}, {messages} messages and the names of {patients} patients would go", **counts))
        say(_("Do it with: notify purge --yes"))
    else:
        say(_("nothing is left of what ended before {at}", **counts))


def _purge(shell: Shell, before: int, detail: str) -> bool:
    """Whether the database's files have nothing of it any more."""
    from notifycli.channels.outbox import take_out
    from notifycli.store import audit, finding
    from notifycli.store.engine import writing
    from notifycli.store.lock import no_run_meanwhile
    from notifycli.store.purging import purge as purged

    with no_run_meanwhile(shell.address_of_database()), counted(shell, "purging", "messages") as on_purged:
        with writing(shell.connection):
            audit.note(shell.connection, shell.now(), shell.user, audit.Action("purge", "run", "", detail))
        deliveries: set[int] = set()
        for some in purged(shell.connection, before):
            deliveries.update(some)
            on_purged(len(some))
        take_out(shell.outbox(), deliveries)
        finding.index_all(shell.connection)
        return shell.connection.wipe_free_space()


def _before(age: str, now: int) -> int:
    """UTC epoch seconds. Raises UsageError for what is no age."""
    match = AGE.fullmatch(age)
    if match is None:
        message = _("--older-than: '{age}' is no age.", age=age)
        raise UsageError(message, _("Type one as 12 months, 2 years or 400 days."))
    number, unit = int(match[1]), match[2][0].lower()
    moment = datetime.fromtimestamp(now, UTC)
    try:
        if unit in DAYS:
            return int((moment - timedelta(days=number * DAYS[unit])).timestamp())
        months = moment.year * 12 + moment.month - 1 - number * MONTHS[unit]
        first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
        return int((first + timedelta(days=moment.day - 1)).timestamp())
    except (ValueError, OverflowError) as error:
        raise UsageError(_("--older-than: '{age}' is no age.", age=age)) from error
