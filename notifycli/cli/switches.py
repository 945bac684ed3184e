"""notify module and notify type: one piece, which lists switches and turns them. Knows neither by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import typer

from notifycli.cli import completing
from notifycli.cli.finding import known_clinic
from notifycli.cli.groups import Commands
from notifycli.cli.render import console, local, plain, print_json, table, utc
from notifycli.cli.shell import Shell, say
from notifycli.config import nearest
from notifycli.domain.errors import UsageError
from notifycli.store import switches
from notifycli.store.engine import Connection, writing

Clinic = Annotated[str, typer.Argument(metavar="CLINIC", autocompletion=completing.clinics, help="The clinic's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]


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
        def turn(context: typer.Context, clinic: Clinic, name: Annotated[str, name_], as_json: AsJson = False) -> None:
            _turn(context.obj, what, clinic, name, is_on, as_json)

    add("enable", "on", True)
    add("disable", "off", False)
    return app


def _turn(shell: Shell, what: Switchable, clinic: str, name: str, is_on: bool, as_json: bool) -> None:
    """Takes effect from this second (SPEC section 4)."""
    known_clinic(shell, clinic)
    names = [row["name"] for row in what.rows(shell.connection, clinic)]
    if name not in names:
        near = nearest(name, names)
        next_ = f"Did you mean {near}?" if near else what.unknown.format(clinic=clinic)
        raise UsageError(f"{clinic} has no {what.scope} {name}.", next_)
    now = shell.now()
    with writing(shell.connection):
        was_turned = switches.turn(shell.connection, clinic, what.scope, name, is_on, now, None)
    if as_json:
        print_json({"clinic": clinic, what.scope: name, "on": is_on, "turned": was_turned})
        return
    state = "on" if is_on else "off"
    say(f"{name} is {state} at {clinic} from now on" if was_turned else f"{name} was {state} at {clinic} already")


def _show(shell: Shell, rows: Sequence[dict[str, Any]], scope: str, as_json: bool) -> None:
    if as_json:
        print_json([_as_value(row, scope) for row in rows])
        return
    shown = table("clinic", scope, "notices", "since", *(("name", "in use") if scope == "type" else ()))
    for row in rows:
        state = "[green]on[/]" if row["is_on"] else "[dim]off[/]"
        more = (plain(row["title"] or "–"), "no" if row["active"] == 0 else "yes") if scope == "type" else ()
        shown.add_row(
            plain(row["clinic"]), plain(row["name"]), state, local(row["since"], shell.settings.timezone), *more
        )
    console().print(shown)


def _as_value(row: dict[str, Any], scope: str) -> dict[str, Any]:
    value = {"clinic": row["clinic"], scope: row["name"], "on": bool(row["is_on"]), "since": utc(row["since"])}
    return value | ({"name": row["title"], "active": row["active"] != 0} if scope == "type" else {})
