"""What describes a kind of record: its columns, and what becomes of its rows.

Must not know any kind in particular, files or the database. Source: SPEC section 3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from notifycli.intake.kinds.cell_times import CellTimes
from notifycli.intake.kinds.circumstances import Circumstances, Record
from notifycli.intake.kinds.columns import Column, Time
from notifycli.store.rows import AppointmentRow, DialogRow, ReceiptRow

ImportEvent = Literal["booking", "change", "cancellation", "dialog", "reply", "receipt"]
IMPORT_EVENTS: tuple[ImportEvent, ...] = ("booking", "change", "cancellation", "dialog", "reply", "receipt")
Fields = dict[str, Sequence[Any]]  # of rows of a table, by the names of its columns
Row = TypeVar("Row", AppointmentRow, DialogRow, ReceiptRow)
AT_ONCE = 0  # next_check_at: before everything that is known to be due


@dataclass(frozen=True)
class Kind:
    """`key`: the column that tells one record of a clinic from another.

    `meet(before, record, about)`: the row that stands once a row of a file has met the stored one (None: there is
    none). `event_between(before, after)`: what an import made happen to it, told from how it stood before (None: not
    at all) and stands now. `with_earlier(record, before, earlier)`: a row of a file and, in the columns that it lacks,
    what an earlier row of that file said of the same key; `before`: as it stood before the file, `earlier`: as that row
    left it. `new_rows(columns, row_hashes, about)`: the quick way where there are millions: the fields, by column, of
    rows that are all seen for the first time. `cell_times`: of kinds of which an older file may give some cells still,
    those that no newer one has given. `traces`: fields that say nothing of the record itself.
    """

    name: str
    key: str
    columns: tuple[Column, ...]
    meet: Callable[[Any, Record, Circumstances], Any]
    event_between: Callable[[Any, Any], ImportEvent | None] = lambda before, after: None
    with_earlier: Callable[[Record, Any, Any], Record] = lambda record, before, earlier: record
    new_rows: Callable[[Mapping[str, Sequence[Any]], Sequence[int | None], Circumstances], Fields] | None = None
    traces: tuple[str, ...] = ()
    cell_times: CellTimes | None = None

    def merged(self, before: Any, record: Record, row_hash: int | None, about: Circumstances) -> Any:
        """The row that stands now. `before`: the stored row of the same key, None where there is none."""
        return self.meet(before, record, about)._replace(row_hash=row_hash, import_id=about.import_id)

    def is_same(self, before: Any, after: Any) -> bool:
        """Whether a row says what was stored already."""
        if before is None:
            return False
        without = dict.fromkeys(("row_hash", "import_id", *self.traces))
        return bool(before._replace(**without) == after._replace(**without))

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def is_time(self, column: str) -> bool:
        return isinstance(self.column(column).meaning, Time)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.is_required)


def looked_at_again(before: Row, after: Row) -> Row:
    """What waited for a patient (R16) is looked at again when anything about it is another."""
    if not before.waits_for_patient or after == before:
        return after
    return after._replace(next_check_at=AT_ONCE, waits_for_patient=0)
