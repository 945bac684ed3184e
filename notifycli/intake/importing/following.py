"""What follows from rows once they are written: switches are turned, rows read again, patients woken and counted.

Gets each row as it was before the import and as it stands. Must not know files, or how a row came about. Source: SPEC
section 3.
"""

from collections.abc import Mapping, Sequence

from notifycli.intake.importing.neighbours import Neighbours
from notifycli.intake.importing.steps import Step
from notifycli.intake.kinds.circumstances import Circumstances
from notifycli.intake.kinds.clinics import SWITCHES
from notifycli.store import finding, importing, switches
from notifycli.store.engine import Connection
from notifycli.store.importing import Key
from notifycli.store.rows import ClinicRow, PatientRow, TypeRow


class Following:
    """Serves one file; `neighbours` is told of the patients that were written."""

    def __init__(self, connection: Connection, about: Circumstances, neighbours: Neighbours) -> None:
        self._connection = connection
        self._about = about
        self._neighbours = neighbours

    def follow_new_patients(self, keys: Sequence[Key]) -> None:
        """Of patients who are all seen for the first time."""
        finding.note(self._connection, keys)
        importing.wake_who_waited(self._connection, keys)
        self._neighbours.note_patients(keys)

    def follow(self, steps: Mapping[Key, Step]) -> None:
        """Of rows of one kind."""
        patients: dict[Key, Step] = {}
        for key, step in steps.items():
            before, after = step.before, step.after
            if isinstance(after, PatientRow):
                patients[key] = step
            elif isinstance(after, TypeRow):
                self._turn(step, "imported_notifications", "type", after.type_id)
            elif isinstance(after, ClinicRow):
                for module, imported in SWITCHES.items():
                    self._turn(step, imported, "module", module)
                if before and (before.timezone, before.country) != (after.timezone, after.country):
                    importing.read_rows_again(self._connection, after.clinic_id)
        if not patients:
            return
        finding.note(self._connection, [key for key, step in patients.items() if step.is_found_by_other_words])
        importing.wake_who_waited(self._connection, [key for key, step in patients.items() if step.before is None])
        if reached := [key for key, step in patients.items() if step.before and step.gives_a_new_way]:
            self._about.reopen_for(reached)
        import_id = self._about.import_id
        self._neighbours.note_patients([key for key, step in patients.items() if step.after.import_id == import_id])

    def _turn(self, step: Step, imported: str, scope: str, name: str) -> None:
        """Turned only where the cell differs from what was last imported; an earlier row of the file counts no more."""
        is_on, clinic_id = getattr(step.after, imported), step.after.clinic_id
        now, import_id = self._about.now, self._about.import_id
        if step.replaces_written_row:
            switches.undo(self._connection, clinic_id, scope, name, import_id)
        if is_on is not None and (step.before is None or getattr(step.before, imported) != is_on):
            switches.turn(self._connection, clinic_id, scope, name, bool(is_on), now, import_id)

    def follow_another_patient(self, step: Step) -> str:
        """Of a stored appointment that has another patient now: the warning of a takeover.

        Empty of two numbers that are one person's, whose notices move along.
        """
        before, after = step.before, step.after
        if any(event.kind == "takeover" for event in after.events[len(before.events) :]):
            return f"appointment {after.appointment_id} was {before.patient_id}'s and is {after.patient_id}'s now"
        old, new = before.patient_id, after.patient_id
        importing.give_to(self._connection, after.clinic_id, after.appointment_id, old, new)
        return ""
