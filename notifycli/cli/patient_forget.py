"""notify patient export and forget: all that is stored of a patient is shown, or taken away, out of files, too."""

import csv
from pathlib import Path
from typing import Any

from notifycli.cli.asking import agreed
from notifycli.cli.finding import known_clinic
from notifycli.cli.language import _
from notifycli.cli.render import print_json, utc
from notifycli.cli.shell import Done, Shell, complain, say
from notifycli.domain.errors import LOOK, UsageError
from notifycli.domain.grounds import is_instant
from notifycli.store.forgetting import Forgotten, forget, is_forgotten, is_known


def export_patient(shell: Shell, clinic: str, patient: str) -> None:
    from notifycli.store import audit
    from notifycli.store.engine import writing
    from notifycli.store.patient_export import export

    _known(shell, clinic, patient)
    stored = export(shell.connection, clinic, patient)
    with writing(shell.connection):
        rows = sum(map(len, stored.values()))
        action = audit.Action("patient export", "patient", "", f"{rows} rows", clinic, patient)
        audit.note(shell.connection, shell.now(), shell.user, action)
    tables = {table: list(map(_readable, of_table)) for table, of_table in stored.items()}
    print_json({"clinic": clinic, "patient": patient, "stored": tables})


def _readable(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _readable(cell, key) for key, cell in value.items()}
    return utc(value) if name == "at" or is_instant(name, value) else value


def forget_patient(shell: Shell, clinic: str, patient: str, *, is_sure: bool, as_json: bool) -> None:
    """Ends with exit code 1 where something is left that may know them."""
    from notifycli.store.engine import writing
    from notifycli.store.lock import no_run_meanwhile

    names = {"patient": patient, "clinic": clinic}
    if is_forgotten(shell.connection, clinic, patient):
        with no_run_meanwhile(shell.address_of_database()):
            is_wiped = shell.connection.wipe_free_space()
        say(_("patient {patient} at {clinic} was forgotten before", **names))
        _end(is_wiped, [])
        return
    _known(shell, clinic, patient)
    question = _("Forget patient {patient} at {clinic}, with all that is stored of them?", **names)
    if not is_sure and not agreed(question):
        say(_("nothing was done"))
        return
    with no_run_meanwhile(shell.address_of_database()):
        with writing(shell.connection, durable=True):
            forgotten = forget(shell.connection, clinic, patient, shell.now(), shell.user)
        files = _take_out_of_files(shell, forgotten)
        is_wiped = shell.connection.wipe_free_space()
    left = _files_that_may_know(shell, forgotten)
    if as_json:
        value = {"clinic": clinic, "forgotten_as": forgotten.alias, "removed": forgotten.counts, "files": files}
        print_json(value | {"may_know": list(map(str, left)), "wiped": is_wiped})
    else:
        say(
            _(
                "patient {patient} at {clinic} is forgotten; the history calls them {alias}",
                alias=forgotten.alias,
                **names,
            )
        )
    _end(is_wiped, left)


def _end(is_wiped: bool, left: list[Path]) -> None:
    if not is_wiped:
        still = _("what was removed may be left in the database's files, since another program reads it; call it again")
        complain(still)
    for path in left:
        complain(_("{path} may hold the patient still; delete it where it is not needed", path=path))
    if left or not is_wiped:
        raise Done(LOOK)


def _known(shell: Shell, clinic: str, patient: str) -> None:
    known_clinic(shell, clinic)
    if not is_known(shell.connection, clinic, patient):
        raise UsageError(_("nothing is stored of patient {patient} at {clinic}.", patient=patient, clinic=clinic))


def _take_out_of_files(shell: Shell, forgotten: Forgotten) -> int:
    """How many messages and rejected rows were in files."""
    from notifycli.channels.outbox import take_out
    from notifycli.intake.importing.rejected_people import files_of_rejects, take_rows_out

    taken = take_out(shell.outbox(), set(forgotten.deliveries))
    for path in files_of_rejects(_imported(shell)):
        try:
            taken += take_rows_out(path, forgotten.markers)
        except (OSError, UnicodeDecodeError, csv.Error):
            continue  # it is named among those that may know them
    return taken


def _files_that_may_know(shell: Shell, forgotten: Forgotten) -> list[Path]:
    from notifycli.intake.importing.rejected_people import files_of_rejects, may_know

    imported = _imported(shell)
    left = []
    for path in [*imported, *files_of_rejects(imported)]:
        try:
            if path.is_file() and may_know(path, forgotten.markers):
                left.append(path)
        except OSError:
            left.append(path)
    return left


def _imported(shell: Shell) -> list[Path]:
    from notifycli.store.imports import paths_imported

    return sorted({Path(path) for path in paths_imported(shell.connection)})
