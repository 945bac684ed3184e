"""A table whose last column has what room the others leave. Knows no notice."""

from collections.abc import Collection, Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from notifycli.cli.language import _

WIDEST = 24  # columns of what is no last column
NARROWEST = 12  # of the last one
READABLE = 28  # of the last one, where others may be cut for it
NARROWEST_CUT = 9  # of those: a UUID's first group


class RowsTable(DataTable[Text]):
    """Its cells stay on one line; what has no room ends in an ellipsis."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.read", _("read")),  # imported when the language is chosen already
        Binding("home", "scroll_top", show=False),
        Binding("end", "scroll_bottom", show=False),
    ]

    def fill(self, headings: Sequence[str], rows: Sequence[tuple[Text, ...]], may_be_cut: Collection[str] = ()) -> None:
        """In place of what was there. `may_be_cut`: headings of columns that yield to the last one."""
        self.clear(columns=True)
        for heading, width in zip(headings, self._widths(headings, rows, may_be_cut), strict=True):
            self.add_column(Text(heading, "bold"), width=width)
        self.extend(rows)

    def extend(self, rows: Iterable[tuple[Text, ...]]) -> None:
        for cells in rows:
            for cell in cells:
                cell.no_wrap, cell.overflow = True, "ellipsis"
            self.add_row(*cells)

    def _widths(
        self, headings: Sequence[str], rows: Sequence[tuple[Text, ...]], may_be_cut: Collection[str]
    ) -> list[int]:
        wanted = [
            max(cell_len(heading), *(cells[column].cell_len for cells in rows), 0)
            for column, heading in enumerate(headings)
        ]
        widths, last = [min(WIDEST, width) for width in wanted[:-1]], min(READABLE, wanted[-1])
        room = self.size.width - 2 * self.cell_padding * len(headings)
        yielding = [column for column, heading in enumerate(headings[:-1]) if heading in may_be_cut]
        while sum(widths) + last > room and yielding:
            widest = max(yielding, key=widths.__getitem__)
            if widths[widest] <= NARROWEST_CUT:
                break
            widths[widest] -= 1
        return [*widths, max(NARROWEST, room - sum(widths))]
