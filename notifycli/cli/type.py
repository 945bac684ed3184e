"""notify type: switch the notices of a type of appointment on and off."""

from notifycli.cli.switches import Switchable, switch_commands
from notifycli.domain.sentences import N_
from notifycli.store import switches

app = switch_commands(
    Switchable(
        scope="type",
        rows=switches.types,
        argument="The type's id; migrated: appointments without a type that were migrated.",
        example="KONS",
        help="List and switch the notices of a clinic's types of appointment.",
        help_list="List the types of one clinic or all, and whether their notices are on.",
        turned="a type's notices",
        unknown=N_("Was it imported? See: notify type list {clinic}"),
    )
)
