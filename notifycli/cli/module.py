"""notify module: switch a clinic's modules on and off."""

from notifycli.cli.switches import Switchable, switch_commands
from notifycli.domain.sentences import N_
from notifycli.store import switches

app = switch_commands(
    Switchable(
        scope="module",
        rows=switches.modules,
        argument="timebook, post or economy.",
        example="timebook",
        help="List and switch a clinic's modules: timebook (appointments), post (dialogs and replies),"
        " economy (receipts).",
        help_list="List the modules of one clinic or all, and whether they are on.",
        turned="a module",
        unknown=N_("There are economy, post, timebook."),
    )
)
