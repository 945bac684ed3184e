"""notify module and notify type: one piece, which lists switches and turns them. Knows neither by name."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple

import typer

from notifycli.cli import completing
from notifycli.cli.codes import spellings
from notifycli.cli.finding import known_clinic
from notifycli.cli.groups import Commands
from notifycli.cli.language import _
from notifycli.cli.pager import paged
from notifycli.cli.render import local, plain, print_json, table, utc
from notifycli.cli.shell import Shell, say
from notifycli.cli.styled import Styled
from notifycli.config import nearest
from notifycli.domain.errors import UsageError
from notifycli.domain.sentences import Sentence
from notifycli.domain.words import MODULES
from notifycli.store import audit, switches
from notifycli.store.engine import Connection, of_clinic, rehearsal, writing

Clinic = Annotated[str, typer.Argument(metavar="CLINIC", autocompletion=completing.clinics, help="The clinic's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would follow, and turn nothing.")]
PLURALS = {"reply": "replies"}


@dataclass(frozen=True)
class Switchable:
    """A kind of switch, and the words for it. `rows`: those of one clinic, or of all.

    `unknown`: what to type next where no name is near, with {clinic}.
    """

    scope: Literal["module", "type"]
    rows: Callable[[Connection, str | None], list[dict[str, Any]]]
    argument: str
    example: str
    help: str
    help_list: str
    turned: str
    unknown: str


def switch_commands(what: Switchable) -> typer.Typer:
    """list, enable and disable."""
    app = typer.Typer(cls=Commands, add_completion=False, rich_markup_mode=None, no_args_is_help=True, help=what.help)
    names = completing.modules if what.scope == "module" else completing.types
    name_ = typer.Argument(metavar=what.scope.upper(), autocompletion=names, help=what.argument)

    @app.command("list", help=what.help_list, epilog=f"Example: notify {what.scope} list nidelv")
    def list_(
        context: typer.Context,
        clinic: Annotated[
            str | None,
            typer.Argument(metavar="[CLINIC]", autocompletion=completing.clinics, help="Of this clinic alone."),
        ] = None,
        as_json: AsJson = False,
    ) -> None:
        shell: Shell = context.obj
        of_clinic = known_clinic(shell, clinic) if clinic is not None else None
        _show(shell, what.rows(shell.connection, of_clinic), what.scope, as_json)

    def add(word: str, state: str, is_on: bool) -> None:
        help_, example = f"Switch {what.turned} {state}, from now on.", f"nidelv {what.example}"

        @app.command(word, help=help_, epilog=f"Example: notify {what.scope} {word} {example}")
        def turn(
            context: typer.Context,
            clinic: Clinic,
            name: Annotated[str, name_],
            dry_run: DryRun = False,
            as_json: AsJson = False,
        ) -> None:
            shell: Shell = context.obj
            known_clinic(shell, clinic)
            name = _name_typed(shell, what, clinic, name)
            turned = _turn(shell, what.scope, clinic, name, is_on, dry_run)
            if as_json:
                print_json({"clinic": clinic, what.scope: name, "on": is_on, "dry_run": dry_run, **turned._asdict()})
            else:
                say(_in_words(turned, clinic, name, is_on, dry_run))

    add("enable", "on", True)
    add("disable", "off", False)
    return app


class Turned(NamedTuple):
    """Whether the switch was turned, and of each event how many notices will go out, or not any more, because of it."""

    turned: bool
    will_be_sent: Mapping[str, int] = {}
    will_not_be_sent: Mapping[str, int] = {}


def _name_typed(shell: Shell, what: Switchable, clinic: str, name: str) -> str:
    """Of a module also in the words of other languages, such as Timebok."""
    names = [row["name"] for row in what.rows(shell.connection, clinic)]
    if name in names:
        return name
    words = dict(spellings(MODULES)) if what.scope == "module" else {}
    meant = next((code for spelled, code in words.items() if spelled.casefold() == name.casefold()), None)
    if meant is not None and meant in names:
        return meant
    near = nearest(name, [*names, *words])
    advice = _("Did you mean {near}?", near=near) if near else _(what.unknown, clinic=clinic)
    absent = _("{clinic} has no {scope} {name}.", clinic=clinic, scope=Sentence(what.scope), name=name)
    raise UsageError(absent, advice)


def _turn(
    shell: Shell, scope: Literal["module", "type"], clinic: str, name: str, is_on: bool, is_rehearsal: bool
) -> Turned:
    """Takes effect from this second (SPEC section 4)."""
    turned = _rehearsed(shell, scope, clinic, name, is_on)
    if is_rehearsal or not turned.turned:
        return turned
    did = f"{scope} {'enable' if is_on else 'disable'}"
    followed = _followed_by(turned.will_be_sent, turned.will_not_be_sent)
    action = audit.Action(did, scope, name, f"{scope} {name}" + (f": {followed}" if followed else ""), clinic)
    with writing(shell.connection, alone=of_clinic(clinic)):
        now = shell.now()
        if not switches.turn(shell.connection, clinic, scope, name, is_on, now, None):
            return Turned(False)  # somebody was quicker
        audit.note(shell.connection, now, shell.user, action)
    return turned


def _rehearsed(shell: Shell, scope: Literal["module", "type"], clinic: str, name: str, is_on: bool) -> Turned:
    """What follows is what the one decision says before the turn and after it."""
    from notifycli.queries.upcoming import to_be_sent

    connection, now = shell.connection, shell.now()
    before = to_be_sent(connection, shell.policy, clinic, now)
    with rehearsal(connection, alone=of_clinic(clinic)):
        if not switches.turn(connection, clinic, scope, name, is_on, now, None):
            return Turned(False)
        after = to_be_sent(connection, shell.policy, clinic, now)
    will, will_not = (Counter(event for _, event, _ in notices) for notices in (after - before, before - after))
    return Turned(True, will, will_not)


def _in_words(turned: Turned, clinic: str, name: str, is_on: bool, is_rehearsal: bool) -> str:
    state = "on" if is_on else "off"
    if not turned.turned:
        return f"{name} was {state} at {clinic} already"
    begins = f"{name} would be {state} at {clinic}" if is_rehearsal else f"{name} is {state} at {clinic} from now on"
    followed = _followed_by(turned.will_be_sent, turned.will_not_be_sent)
    return f"{begins}: {followed}" if followed else f"{begins}; nothing that is planned changes by it"


def _followed_by(will: Mapping[str, int], will_not: Mapping[str, int]) -> str:
    """2 confirmations and 23 planned reminders will not be sent"""
    told = [(will, "will be sent"), (will_not, "will not be sent")]
    return "; ".join(f"{_counted(some)} {becomes}" for some, becomes in told if some)


def _counted(notices: Mapping[str, int]) -> str:
    parts = []
    for event, number in sorted(notices.items()):
        planned = "planned " if event == "reminder" else ""
        parts.append(f"{number:,} {planned}{event if number == 1 else PLURALS.get(event, event + 's')}")
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _show(shell: Shell, rows: Sequence[dict[str, Any]], scope: str, as_json: bool) -> None:
    if as_json:
        print_json([_as_value(row, scope) for row in rows])
        return
    shown = table("clinic", scope, "notices", "since", "by", *(("name~", "in use") if scope == "type" else ()))
    for row in rows:
        state = Styled(("on", "green") if row["is_on"] else ("off", "dim"))
        more = (plain(row["title"] or "–"), "no" if row["active"] == 0 else "yes") if scope == "type" else ()
        shown.add_row(
            plain(row["clinic"]),
            plain(row["name"]),
            state,
            local(row["since"], shell.settings.timezone),
            plain(_turned_by(row)),
            *more,
        )
    with paged(shell) as screen:
        screen.print(shown)


def _turned_by(row: dict[str, Any]) -> str | None:
    """import 12, or who; None where nobody has turned it, or it was before notify kept who did."""
    return row["by"] if row["import"] is None else f"import {row['import']}"


def _as_value(row: dict[str, Any], scope: str) -> dict[str, Any]:
    value = {"clinic": row["clinic"], scope: row["name"], "on": bool(row["is_on"]), "since": utc(row["since"])}
    value |= {"by": _turned_by(row)}
    return value | ({"name": row["title"], "active": row["active"] != 0} if scope == "type" else {})
