"""Compares how fresh a row of an import and a stored one are.

Must not know where rows stand in a file. Source: SPEC section 3, freshness of rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from notifycli.domain.freshness import wins_within_file
from notifycli.intake.importing.steps import LooksStale
from notifycli.intake.kinds.circumstances import Circumstances
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
        """By the row's own stamp, or its file's time; of rejects, by the newest stamp of their import, too, and by no
        stamp that lay ahead then."""
        origin = self.about.origin(record)
        at = origin.freshness_of(self.about.latest_stamp_of(record))
        if origin.import_id != self.about.import_id:
            return max(at, importing.newest_stamp(self.connection, origin.import_id, record["clinic_id"]))
        return at

    def of_row(self, row: AppointmentRow) -> int:
        """Of the row of this file that says what stands there, by itself."""
        return self.of(row._asdict())

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
        mine = (self.of(waiting.record), waiting.record["status"][0] == "booked")
        others = (self.of_row(stored), stored.status == "booked")
        if waiting.line > line_of_stored:
            return wins_within_file(*mine, *others)
        return not wins_within_file(*others, *mine)
