"""notify module and notify type: one piece, which lists switches and turns them. Knows neither by name."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from notifycli.cli import completing
from notifycli.cli.codes import spellings, word_for
from notifycli.cli.finding import known_clinic
from notifycli.cli.giving import give
from notifycli.cli.groups import Commands
from notifycli.cli.language import _, in_words
from notifycli.cli.render import local_short, plain, print_json, table, utc
from notifycli.cli.shell import Shell, say
from notifycli.cli.styled import Styled
from notifycli.config import nearest
from notifycli.domain.errors import UsageError
from notifycli.domain.sentences import N_, Sentence
from notifycli.domain.words import MODULES
from notifycli.store import audit, switches
from notifycli.store.engine import Connection, of_clinic, rehearsal, writing

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from notifycli.config import Settings
    from notifycli.queries.what_if import WhatIf

Clinic = Annotated[str, typer.Argument(metavar="CLINIC", autocompletion=completing.clinics, help="The clinic's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would follow, and turn nothing.")]
COUNTED = {
    "confirmation": (N_("{number} confirmation"), N_("{number} confirmations")),
    "change": (N_("{number} change"), N_("{number} changes")),
    "cancellation": (N_("{number} cancellation"), N_("{number} cancellations")),
    "reminder": (N_("{number} planned reminder"), N_("{number} planned reminders")),
    "dialog": (N_("{number} dialog"), N_("{number} dialogs")),
    "reply": (N_("{number} reply"), N_("{number} replies")),
    "receipt": (N_("{number} receipt"), N_("{number} receipts")),
}


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
        rows = what.rows(shell.connection, of_clinic)
        shown = partial(in_lines, rows, what.scope, shell.settings.timezone)
        give(shell, [as_value(row, what.scope) for row in rows], shown, as_json=as_json)

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
                typed = {"clinic": clinic, what.scope: name, "on": is_on, "dry_run": dry_run}
                print_json(typed | turned.as_value(shell.settings, is_rehearsal=dry_run))
            else:
                shown = word_for(name) if what.scope == "module" else name
                say(_in_words(shell, turned, clinic, shown, is_on, dry_run))

    add("enable", "on", True)
    add("disable", "off", False)
    return app


class Turned(NamedTuple):
    """Whether the switch was turned, and which notices come, go and change because of it."""

    turned: bool
    told: "WhatIf | None" = None

    @property
    def will_be_sent(self) -> Mapping[str, int]:
        return Counter(notice.event for notice in (self.told.gained if self.told else ()))

    @property
    def will_not_be_sent(self) -> Mapping[str, int]:
        return Counter(notice.event for notice in (self.told.lost if self.told else ()))

    def as_value(self, settings: "Settings", *, is_rehearsal: bool) -> dict[str, Any]:
        """A rehearsal names the notices."""
        from notifycli.cli.what_if import as_value as of_notices

        counts = {"will_be_sent": self.will_be_sent, "will_not_be_sent": self.will_not_be_sent}
        value: dict[str, Any] = {"turned": self.turned, **counts}
        return value | ({"notices": of_notices(settings, self.told)} if is_rehearsal and self.told else {})

    def followed(self) -> str:
        """2 confirmations and 23 planned reminders will not be sent"""
        changed = Counter[str](change.after.event for change in (self.told.changed if self.told else ()))
        becomes: list[tuple[Mapping[str, int], str]] = [
            (self.will_be_sent, N_("{notices} will be sent")),
            (self.will_not_be_sent, N_("{notices} will not be sent")),
            (changed, N_("{notices} change")),
        ]
        told: list[str] = [Sentence(sentence, notices=_counted(some)) for some, sentence in becomes if some]
        return reduce(lambda first, second: Sentence("{first}; {second}", first=first, second=second), told or [""])


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
    from notifycli.queries.upcoming import to_be_sent
    from notifycli.queries.what_if import what_if
    from notifycli.store.subjects import WhoseSubjects

    connection, now, whose = shell.connection, shell.now(), WhoseSubjects(clinic)
    before = to_be_sent(connection, shell.policy, now, whose)
    with rehearsal(connection, alone=of_clinic(clinic)):
        if not switches.turn(connection, clinic, scope, name, is_on, now, None):
            return Turned(False)
        after = to_be_sent(connection, shell.policy, now, whose)
    turned = Turned(True, what_if(before, after))  # as the one decision says before and after
    if is_rehearsal:
        return turned
    did = f"{scope} {'enable' if is_on else 'disable'}"
    followed = turned.followed()
    action = audit.Action(did, scope, name, f"{scope} {name}" + (f": {followed}" if followed else ""), clinic)
    with writing(connection, alone=of_clinic(clinic)):
        now = shell.now()
        if not switches.turn(connection, clinic, scope, name, is_on, now, None):
            return Turned(False)  # somebody was quicker
        audit.note(connection, now, shell.user, action)
    return turned


def _in_words(shell: Shell, turned: Turned, clinic: str, name: str, is_on: bool, is_rehearsal: bool) -> str:
    names: dict[str, object] = {"name": name, "state": Sentence("on") if is_on else Sentence("off"), "clinic": clinic}
    if not turned.turned:
        return _("{name} was {state} at {clinic} already", **names)
    begins = _("{name} is {state} at {clinic} from now on", **names)
    if is_rehearsal:
        begins = _("{name} would be {state} at {clinic}", **names)
    if turned.told is not None and (followed := turned.followed()):
        from notifycli.cli.what_if import cost_in_words

        return f"{begins}: {in_words(followed)}{cost_in_words(shell.settings, turned.told)}"
    return _("{begins}; nothing that is planned changes by it", begins=begins)


def _counted(notices: Mapping[str, int]) -> str:
    *others, last = (
        Sentence(COUNTED[event][number != 1], number=format(number, ",")) for event, number in sorted(notices.items())
    )
    if not others:
        return last
    first: str = reduce(lambda first, second: Sentence("{first}, {second}", first=first, second=second), others)
    return Sentence("{first} and {second}", first=first, second=last)


def in_lines(rows: Sequence[dict[str, Any]], scope: str, zone: str, screen: "Console") -> "Iterator[RenderableType]":
    """A table of switches."""
    of_type = (_("name") + "~", _("in use")) if scope == "type" else ()
    since = [row["since"] for row in rows if row["since"] is not None]
    year, times = local_short(since, zone)
    time_of = dict(zip(since, times, strict=True))
    shown = table(_("clinic"), _(scope), _("notices"), _("since") + year, _("by"), *of_type)
    for row in rows:
        state = Styled((_("on"), "green") if row["is_on"] else (_("off"), "dim"))
        more = (plain(row["title"] or "–"), _("no") if row["active"] == 0 else _("yes")) if scope == "type" else ()
        shown.add_row(
            plain(row["clinic"]),
            plain(word_for(row["name"]) if scope == "module" else row["name"]),
            state,
            plain(time_of.get(row["since"])),
            plain(_turned_by(row)),
            *more,
        )
    yield shown


def _turned_by(row: dict[str, Any]) -> str | None:
    """import 12, or who; None where nobody has turned it, or it was before notify kept who did."""
    return row["by"] if row["import"] is None else f"import {row['import']}"


def as_value(row: dict[str, Any], scope: str) -> dict[str, Any]:
    """The contract's."""
    value = {"clinic": row["clinic"], scope: row["name"], "on": bool(row["is_on"]), "since": utc(row["since"])}
    value |= {"by": _turned_by(row)}
    return value | ({"name": row["title"], "active": row["active"] != 0} if scope == "type" else {})
