"""What notify module and notify type have in common: listing and turning switches."""

from collections.abc import Sequence
from typing import Any

from notifycli.cli.finding import known_clinic
from notifycli.cli.render import console, local, plain, print_json, table, utc
from notifycli.cli.shell import Shell, say
from notifycli.store import switches
from notifycli.store.engine import writing


def show_switches(shell: Shell, rows: Sequence[dict[str, Any]], what: str, as_json: bool) -> None:
    if as_json:
        print_json([_as_value(row, what) for row in rows])
        return
    found = table("clinic", what, "notices", "since", *(("name", "in use") if what == "type" else ()))
    for row in rows:
        state = "[green]on[/]" if row["is_on"] else "[dim]off[/]"
        more = (plain(row["title"] or "–"), "no" if row["active"] == 0 else "yes") if what == "type" else ()
        found.add_row(
            plain(row["clinic"]), plain(row["name"]), state, local(row["since"], shell.settings.timezone), *more
        )
    console().print(found)


def _as_value(row: dict[str, Any], what: str) -> dict[str, Any]:
    value = {"clinic": row["clinic"], what: row["name"], "on": bool(row["is_on"]), "since": utc(row["since"])}
    return value | ({"name": row["title"], "active": row["active"] != 0} if what == "type" else {})


def turn_switch(shell: Shell, clinic: str, scope: str, name: str, is_on: bool, as_json: bool) -> None:
    """Takes effect from this second (SPEC section 4)."""
    known_clinic(shell, clinic)
    now = shell.now()
    with writing(shell.connection):
        was_turned = switches.turn(shell.connection, clinic, scope, name, is_on, now, None)
    if as_json:
        print_json({"clinic": clinic, scope: name, "on": is_on, "turned": was_turned})
        return
    state = "on" if is_on else "off"
    say(f"{name} is {state} at {clinic} from now on" if was_turned else f"{name} was {state} at {clinic} already")
