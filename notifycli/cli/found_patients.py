"""How patients who were found are shown, and what is to be seen while the index of those just imported is made."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from notifycli.cli.language import _, figures, ngettext
from notifycli.cli.render import patient_text, plain, table
from notifycli.cli.shell import Shell, complain
from notifycli.store.engine import StoreError
from notifycli.store.finding import FoundPatient, index_all
from notifycli.store.journal import is_anything_to_index

if TYPE_CHECKING:
    from rich.console import Console


def with_an_index(shell: Shell) -> None:
    """Brings the index up to date, since no search is to be stale; where that cannot be, it says so.

    On a terminal it shows how far it has come.
    """
    try:
        if not sys.stderr.isatty() or not is_anything_to_index(shell.connection):
            index_all(shell.connection)
            return
        from rich.console import Console

        with Console(stderr=True).status("") as status:
            index_all(shell.connection, lambda done, of: status.update(findable_in_words(done, of)))
    except StoreError as error:
        complain(_("{why} Patients who are new or were changed lately may not be found yet.", why=error.message))


def findable_in_words(done: int, of: int) -> str:
    return _("making new patients findable: {done} of {of}", done=figures(done), of=figures(of))


def as_values(patients: Sequence[FoundPatient]) -> list[dict[str, Any]]:
    """The contract's JSON."""
    return [
        {
            "clinic": patient.clinic,
            "patient": patient.patient,
            "name": patient.name,
            "email": patient.email,
            "mobile": patient.mobile,
            "active_user": patient.is_active_user,
        }
        for patient in patients
    ]


def show_found(screen: "Console", patients: Sequence[FoundPatient], limit: int) -> None:
    if not patients:
        screen.print(_("No patient is found by that. Try less of a name, or the last digits of a number."))
        return
    rows = table(_("clinic"), _("patient"), _("name") + "~", _("mobile"), _("e-mail") + "~")
    for patient in patients:
        rows.add_row(
            plain(patient.clinic),
            patient_text(patient.patient, patient.is_active_user),
            plain(patient.name),
            plain(patient.mobile),
            plain(patient.email),
        )
    screen.print(rows)
    if limit and len(patients) == limit:
        only = ngettext(
            "Only one is shown. Say more of a name, or --clinic ID; all with --limit 0.",
            "Only {number} are shown. Say more of a name, or --clinic ID; all with --limit 0.",
            limit,
        )
        screen.print(f"[dim]{only}[/]")
    elif len(patients) == 1:
        screen.print(plain(f"notify patient show {patients[0].clinic} {patients[0].patient}"), style="dim")
