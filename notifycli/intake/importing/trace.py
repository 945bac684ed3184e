"""Records what an import leaves behind beside its rows: its counts, whose rows they were, which of them were rejected.

Must not know transactions, nor what a row means. Source: SPEC section 8, `notify imports` and `notify status`.
"""

from collections.abc import Callable, Collection, Iterable

from notifycli.intake.formats.blocks import Block
from notifycli.intake.importing.open_rejects import OpenRejects
from notifycli.intake.importing.opening import Opened
from notifycli.intake.importing.options import Options
from notifycli.intake.importing.report import FileReport
from notifycli.intake.importing.summary import summary_of
from notifycli.intake.kinds.circumstances import Origin
from notifycli.intake.mapping.columns import Mapping as Header
from notifycli.store import importing, imports, rejected
from notifycli.store.engine import Connection


class Trace:
    """Of one file whose import stands as `own`; `origin_of` as in Circumstances."""

    def __init__(
        self,
        connection: Connection,
        opened: Opened,
        options: Options,
        own: Origin,
        origin_of: Callable[[str], Origin | None],
    ) -> None:
        self._connection = connection
        self._options = options
        self._own = own
        self._is_of_rejects = "reject_import" in opened.header.places
        self._open_rejects = OpenRejects(connection, opened.header.kind, options.clinic, own, origin_of)
        self._clinics: set[str] = set()

    def take(self, block: Block, header: Header, rejects: Collection[int], clinics: Iterable[str]) -> None:
        """`rejects`: the indexes of the block's rows that were not taken. `clinics`: the cells that name them."""
        self._open_rejects.take(block, header.places, rejects)
        self._clinics.update(map(str.strip, set(clinics)))

    def end(self, report: FileReport, now: int) -> None:
        """Of a file that was imported, or is about to be stopped."""
        given = self._options.clinic
        clinics = (self._clinics or {given or ""}) & importing.clinics(self._connection).keys()
        clinic = given or (next(iter(clinics)) if len(clinics) == 1 else None)
        summary = summary_of(report, self._options.given())
        imports.end_import(self._connection, self._own.import_id, report.kind, clinic, report.counts(), None, summary)
        rejected.settle_failed_before(self._connection, self._own.import_id)
        is_all_rejected = 0 < report.rejected == report.rows
        if report.kind == "appointments" and not self._is_of_rejects and not is_all_rejected:
            rejected.note_appointments(self._connection, self._own.import_id, clinics, now)
