"""The rows of one opened file under the contract's columns: which cell is what, and which rows are none.

Must not know what becomes of a row. Source: SPEC section 3.
"""

from collections.abc import Iterator, Sequence

from notifycli.intake.cells.values import unwrapped
from notifycli.intake.formats.blocks import Block, Unreadable, columns_of, widths_of
from notifycli.intake.formats.source import Source
from notifycli.intake.importing.joining import cells_of
from notifycli.intake.importing.opening import Opened
from notifycli.intake.importing.options import Options
from notifycli.intake.kinds.cleaning import Clean, Trouble
from notifycli.intake.kinds.registry import READABLE
from notifycli.intake.mapping.columns import Mapping as Header
from notifycli.intake.mapping.columns import recognise


class RowsOfFile:
    """Of the kind that the file was opened as."""

    def __init__(self, opened: Opened, options: Options) -> None:
        self._opened = opened
        self._options = options
        self._headers: dict[tuple[str, ...], Header] = {opened.names: opened.header}

    def header_of(self, block: Block) -> Header:
        """In NDJSON, rows may have other keys than those before them."""
        if block.header not in self._headers:
            kind, is_given = self._opened.header.kind, self._options.clinic is not None
            is_silent = self._opened.source.kind is not None or self._options.may_assume_consent
            is_asked_for = self._options.kind is not None
            self._headers[block.header] = recognise(
                block.header, kind, is_given, self._opened.own, is_silent, is_asked_for
            )
        return self._headers[block.header]

    def cells_of_times(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Those of the whole file, beside the reading that is under way."""
        source = self._opened.source
        for block in (source.again() if isinstance(source, Source) else source).blocks():
            rows, _ = rows_as_long_as_the_header(block, Clean({}))
            columns = columns_of(rows)
            places = self.header_of(block).places
            for column in filter(READABLE[self._opened.header.kind].is_time, places if columns else ()):
                yield column, cells_of(column, columns, places)

    def refuse_rows_of_others(self, block: Block, header: Header) -> None:
        """A file read with one clinic's own column names must not bring another clinic's rows further down."""
        whose, places = self._opened.own_of, header.places.get("clinic_id", ())
        if whose is None or len(places) != 1:
            return
        if any(len(row) > places[0] and unwrapped(row[places[0]]).strip() != whose for row in block.rows):
            raise Unreadable(
                f"its columns have names that notify.toml gives for {whose}, but it has rows of other clinics;"
                " import each clinic's rows by themselves"
            )


def rows_as_long_as_the_header(block: Block, outcome: Clean) -> tuple[Sequence[list[str]], Sequence[int]]:
    """The rows that have a cell for each column, and their indexes in the block; cells too many may be blank."""
    width = len(block.header)
    if widths_of(block.rows) <= {width}:
        return block.rows, range(len(block.rows))
    rows, places = [], []
    for place, row in enumerate(block.rows):
        if len(row) == width or (len(row) > width and not any(cell.strip() for cell in row[width:])):
            rows.append(row[:width])
            places.append(place)
            continue
        outcome.rejects[place] = Trouble(place, "", f"has {len(row)} cells, but the header has {width}")
    return rows, places
