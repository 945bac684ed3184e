"""Looks up what the rows of a batch refer to, and warns: of unknown patients and types, and of patients whom no notice
can reach.

Changes nothing. Must not know files. Source: SPEC section 3, "An appointment of an unknown patient or type is kept".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from notifycli.intake.kinds.cleaning import Clean, Trouble
from notifycli.store import importing
from notifycli.store.engine import Connection
from notifycli.store.importing import TABLES, Key

REMEMBERED = 100_000  # patients of a clinic
MANY = 10_000  # patients looked up one by one, after whom all of a clinic are looked up at once
UNKNOWN = "unknown"
NEEDS_NO_TYPE = ("", "migrated")


class Neighbours:
    """Serves the batches of one file: of patients, or of what refers to them.

    `unreachable`: patients with something to come whom no notice can reach, and why (`no_consent`, `no_contact`).
    """

    def __init__(self, connection: Connection, kind: str, now: int) -> None:
        self.unreachable: dict[Key, str] = {}
        self._connection = connection
        self._kind = kind
        self._now = now
        self._types = importing.known_types(connection)
        self._seen: dict[str, set[str]] = defaultdict(set)
        self._out_of_reach: dict[str, dict[str, str]] = defaultdict(dict)
        self._looked_up_at_once: set[str] = set()
        self._is_nothing_to_come = all(importing.is_empty(connection, TABLES[of]) for of in ("appointments", "dialogs"))

    def note_patients(self, keys: Sequence[Key]) -> None:
        """Of patients who were just written, those with something to come whom no notice can reach."""
        if self._is_nothing_to_come:
            return
        if self.unreachable:
            for key in keys:
                self.unreachable.pop(key, None)  # a later row of the file may have mended it
        reasons = importing.reach_of(self._connection, keys)
        out = {key: reason for key, reason in reasons.items() if reason is not None}
        if out:
            to_come = importing.with_something_to_come(self._connection, out, self._now)
            self.unreachable.update({key: out[key] for key in to_come})

    def doubtful_rows(self, clean: Clean, clinic_ids: Sequence[str]) -> set[int]:
        """The rows that refer to something unknown; each has got its warning."""
        doubtful: set[int] = set()
        for clinic_id in set(clinic_ids):
            rows: Sequence[int] = range(len(clinic_ids))
            if clinic_ids.count(clinic_id) < len(clinic_ids):
                rows = [row for row, whose in enumerate(clinic_ids) if whose == clinic_id]
            doubtful |= self._rows_of_unknown_patients(clean, clinic_id, rows)
            types = clean.columns.get("type_id", [])
            unknown = {
                type_id
                for type_id in set(types)
                if type_id not in NEEDS_NO_TYPE and (clinic_id, type_id) not in self._types
            }
            if unknown:
                untyped = {row for row in rows if types[row] in unknown and row not in clean.rejects}
                _warn(clean, untyped, "type_id", "is no type that is known; it is off")
                doubtful |= untyped
        return doubtful

    def _rows_of_unknown_patients(self, clean: Clean, clinic_id: str, rows: Sequence[int]) -> set[int]:
        of_rows = clean.columns["patient_id"]
        out = self._out_among({of_rows[row] for row in rows} if len(rows) < len(of_rows) else set(of_rows), clinic_id)
        if not out:
            return set()
        without_notices = [row for row in rows if of_rows[row] in out]
        unknown = {row for row in without_notices if out[of_rows[row]] == UNKNOWN and row not in clean.rejects}
        to_come = without_notices if self._kind == "dialogs" else []
        if self._kind == "appointments":
            statuses, starts = clean.columns["status"], clean.columns["starts_at"]
            future = [row for row in without_notices if (starts[row] or 0) > self._now]
            to_come = [row for row in future if (statuses[row] or ("",))[0] == "booked"]
        for row in to_come:
            if out[of_rows[row]] != UNKNOWN:
                self.unreachable[(clinic_id, of_rows[row])] = out[of_rows[row]]
        _warn(clean, unknown, "patient_id", "is no patient that is known yet; notices wait")
        return unknown

    def _out_among(self, patients: set[str], clinic_id: str) -> dict[str, str]:
        """Those of the patients whom no notice can reach, with the reason."""
        seen, out = self._seen[clinic_id], self._out_of_reach[clinic_id]
        if len(seen) > REMEMBERED:
            seen.clear()
            out.clear()
        if len(seen) > MANY and clinic_id not in self._looked_up_at_once:
            self._looked_up_at_once.add(clinic_id)
            self._remember(clinic_id, importing.reach_of_all_patients(self._connection, clinic_id, REMEMBERED))
        not_seen = patients - seen
        if not_seen:
            known = importing.reach_of_patients(self._connection, clinic_id, not_seen)
            self._remember(clinic_id, {patient: known.get(patient, UNKNOWN) for patient in not_seen})
        return {patient: out[patient] for patient in out.keys() & patients}

    def _remember(self, clinic_id: str, reasons: Mapping[str, str | None]) -> None:
        self._seen[clinic_id].update(reasons)
        self._out_of_reach[clinic_id] |= {patient: reason for patient, reason in reasons.items() if reason is not None}


def _warn(clean: Clean, rows: Iterable[int], column: str, text: str) -> None:
    clean.warnings += [Trouble(row, column, text) for row in sorted(rows)]
