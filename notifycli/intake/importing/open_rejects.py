"""Which rejected rows are still open: opened by the import that rejects them, closed by one that takes them.

A row is known again by the import and line in which it was rejected first, as its file of rejects has them, or by its
key; one without a usable key by its cells. Source: SPEC sections 3 and 8.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import blake2b

from notifycli.intake.cells.values import Identifiers, Reject
from notifycli.intake.formats.blocks import Block
from notifycli.intake.kinds.circumstances import Origin
from notifycli.intake.mapping.columns import plain
from notifycli.store import rejected
from notifycli.store.engine import Connection
from notifycli.store.importing import TABLES
from notifycli.store.rejected import RejectedRow

Places = Mapping[str, Sequence[int]]
IMPORT, LINE = "rejectimport", "rejectline"


class OpenRejects:
    """Of one file; `clinic` is whose rows without a clinic's column are, `origin_of` as in Circumstances."""

    def __init__(
        self,
        connection: Connection,
        kind: str,
        clinic: str | None,
        own: Origin,
        origin_of: Callable[[str], Origin | None],
    ) -> None:
        self._connection = connection
        self._kind = kind
        self._id_column = TABLES[kind].id_column
        self._clinic = clinic or ""
        self._own = own
        self._origin_of = origin_of
        self._open_ids = rejected.open_ids(connection, kind)

    def take(self, block: Block, places: Places, rejects: Collection[int]) -> None:
        """`rejects`: the indexes of the rows that were not taken. Costs nothing where nothing is or was open."""
        if not (rejects or self._open_ids):
            return
        names = {plain(name): place for place, name in enumerate(block.header)}
        # Of rows that were rejected before, by their indexes: the import that did, and the line that it named.
        origins: dict[int, tuple[Origin, int]] = {}
        for index, row in enumerate(block.rows if IMPORT in names else ()):
            origin, number = self._origin_of(_cell(row, names[IMPORT])), _cell(row, names.get(LINE))
            if origin is not None:
                origins[index] = (origin, int(number) if number.isascii() and number.isdecimal() else 0)
        to_open, own = [], self._own.import_id
        for index in sorted(rejects):
            rejected_by, line = origins.get(index) or (self._own, block.lines[index])
            clinic_id, row_id = self._key(block.rows[index], places)
            cells = "\x1f".join(block.rows[index]).encode()
            content = "" if row_id else blake2b(cells, digest_size=8).hexdigest()
            to_open.append(
                RejectedRow(
                    rejected_by.import_id, line, own, self._kind, clinic_id, row_id, content, rejected_by.file_at
                )
            )
        rejected.open_rows(self._connection, to_open)
        if self._open_ids:
            self._close(block, places, rejects, origins)

    def _close(
        self, block: Block, places: Places, rejects: Collection[int], origins: Mapping[int, tuple[Origin, int]]
    ) -> None:
        taken = [index for index in range(len(block.rows)) if index not in rejects]
        rejected.close_lines(
            self._connection,
            [(origin.import_id, line) for index, (origin, line) in origins.items() if index not in rejects],
        )
        ids = [_identifier(_cell(block.rows[index], *places[self._id_column])) for index in taken]
        if self._open_ids.isdisjoint(ids):
            return
        by_time = defaultdict(list)
        for index, row_id in zip(taken, ids, strict=True):
            if row_id in self._open_ids:
                origin = origins[index][0] if index in origins else self._own
                by_time[origin.file_at].append(self._key(block.rows[index], places))
        for file_at, keys in by_time.items():
            rejected.close_rows(self._connection, self._kind, keys, file_at, self._own.import_id)

    def _key(self, row: Sequence[str], places: Places) -> tuple[str, str]:
        row_id = _identifier(_cell(row, *places[self._id_column]))
        if self._kind == "clinics":
            return "", row_id
        return (_identifier(_cell(row, *places["clinic_id"])) if "clinic_id" in places else self._clinic), row_id


def _cell(row: Sequence[str], place: int | None, *_: int) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _identifier(cell: str) -> str:
    """Empty where it is none."""
    value = Identifiers().of([cell])[0]
    return "" if isinstance(value, Reject) else str(value)
