"""How fresh the rows of one import are, beside what is stored. Source: SPEC section 3, freshness of rows.

Knows records of appointments, not where they stand in a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from notifycli.domain.freshness import freshness_of_row, wins_within_file
from notifycli.intake.new_rows import Circumstances
from notifycli.intake.steps import LooksStale
from notifycli.store import importing
from notifycli.store.engine import Connection
from notifycli.store.rows import AppointmentRow


@dataclass(frozen=True)
class Freshness:
    """Instants are UTC epoch seconds. `least`: no row of the files is less fresh (--complete)."""

    connection: Connection
    about: Circumstances
    is_table: bool
    least: int

    def of(self, record: Mapping[str, Any]) -> int:
        """By the row's own stamp, or its file's time; of rejects, by the newest stamp of their import, too."""
        origin = self.about.origin(record)
        at = freshness_of_row(self.about.latest_stamp_of(record), origin.file_at)
        if origin.import_id != self.about.import_id:
            return max(at, importing.newest_stamp(self.connection, origin.import_id, record["clinic_id"]))
        return at

    def looks_stale(self, stored: AppointmentRow | None, record: Mapping[str, Any]) -> bool:
        """Whether a row must wait for the end of its file.

        The newest stamp may make it fresh enough. At equal freshness, another row may say what is stored, and win.
        """
        if stored is None:
            return False
        at = max(self.of(record), self.least)
        may_be_beaten = self.is_table and stored.status == "booked" and record["status"][0] != "booked"
        return stored.fresh_at > at or (stored.fresh_at == at and may_be_beaten)

    def wins_over_stored(self, waiting: LooksStale, stored: AppointmentRow, line_of_stored: int) -> bool:
        """Over another row of the file, which says what is stored already."""
        stored_at = self.of(
            {"clinic_id": stored.clinic_id} | {column: getattr(stored, column) for column in self.about.stamp_columns}
        )
        mine = (self.of(waiting.record), waiting.record["status"][0] == "booked")
        others = (stored_at, stored.status == "booked")
        if waiting.line > line_of_stored:
            return wins_within_file(*mine, *others)
        return not wins_within_file(*others, *mine)
