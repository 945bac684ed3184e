"""Which future appointments the files of one call lack, where they are said to hold all of their clinics' (--complete).

Judged once, after the last file of appointments, by the keys of them all. As long as anything of the call was not
read nobody knows what is missing. Knows no transaction. Source: docs/files.md.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import compress

from notifycli.intake.importing.tally import Affected
from notifycli.intake.kinds.appointments import APPOINTMENTS
from notifycli.intake.kinds.circumstances import Circumstances
from notifycli.store import importing, missing
from notifycli.store.engine import Connection
from notifycli.store.importing import Key
from notifycli.store.rows import AppointmentRow

MOST_DOUBTS = 3  # that are told


class Completeness:
    """`clinics`: those whose appointments the files hold. `gained`: by clinic, future appointments that the files
    before brought beyond what there was. `doubts`: why it is not known what is missing. `file_at`: the time of the
    oldest of the files; what is fresher is not missing, but newer."""

    def __init__(self, connection: Connection, doubts: Sequence[str]) -> None:
        self.clinics: set[str] = set()
        self.file_at: int | None = None
        self.gained: Counter[str] = Counter()
        self._doubts = dict.fromkeys(doubts)
        self._rows_without_id = 0
        self._connection = connection
        missing.begin_naming(connection)

    def take(self, keys: Sequence[Key], rejected: Collection[int]) -> None:
        """The keys of a file's rows; `rejected` are the indexes of those that cannot be read."""
        if rejected:
            self.miss_rows(len(rejected))
            keys = list(compress(keys, (row not in rejected for row in range(len(keys)))))
        self.clinics.update(key[0] for key in keys)
        missing.name(self._connection, keys)

    def miss_rows(self, number: int) -> None:
        self._rows_without_id += number

    def doubt(self, why: str) -> None:
        self._doubts[why] = None

    def doubts(self) -> list[str]:
        rows = "1 row does" if self._rows_without_id == 1 else f"{self._rows_without_id:,} rows do"
        of_rows = [f"{rows} not tell which appointment it is about"] if self._rows_without_id else []
        doubts_told = [*of_rows, *self._doubts]
        more = len(doubts_told) - MOST_DOUBTS
        return [*doubts_told[:MOST_DOUBTS], f"and {more:,} more such things"] if more > 0 else doubts_told

    def find(self, now: int) -> Iterator[Affected]:
        """What is missing, the next to come first."""
        missing.find_missing(self._connection, sorted(self.clinics), now if self.file_at is None else self.file_at, now)
        zones = {clinic: zone for clinic, (zone, _) in importing.clinics(self._connection).items()}
        for clinic, appointment, patient, starts_at in missing.found_missing(self._connection):
            yield Affected(appointment, patient, clinic, zones[clinic], starts_at, None)

    def newer_than_the_files(self) -> list[str]:
        """Of what `find` has looked at, appointments that the files do not name, since they are newer."""
        return [appointment for _, appointment, _, _ in missing.found_missing(self._connection, newer=True)]

    def note_file(self, file_at: int) -> None:
        self.file_at = file_at if self.file_at is None else min(self.file_at, file_at)

    def keys_found(self) -> Iterator[list[Key]]:
        """Of what `find` has found, some hundreds at a time."""
        return missing.missing_keys(self._connection)

    def forget(self) -> None:
        missing.forget_named(self._connection)


def cancelled_as_missing(before: AppointmentRow, about: Circumstances) -> AppointmentRow:
    """A booked appointment of which a complete file says nothing: cancelled now, by whom nobody knows.

    It stays as fresh as the last row that told of it, and has no hash, so that it is booked again by a file that names
    it after all.
    """
    record = {
        "clinic_id": before.clinic_id,
        "appointment_id": before.appointment_id,
        "patient_id": before.patient_id,
        "starts_at": before.starts_at,
        "status": ("cancelled", None),
        "cancelled_at": about.now,
    }
    after = APPOINTMENTS.merged(before, record, None, about)
    assert isinstance(after, AppointmentRow)
    return after._replace(fresh_at=before.fresh_at, fresh_import=before.fresh_import)
