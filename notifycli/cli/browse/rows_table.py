"""A table whose last column has what room the others leave. Knows no notice."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

WIDEST = 24  # columns of what is no last column
NARROWEST = 12  # of the last one


class RowsTable(DataTable[Text]):
    """Its cells stay on one line; what has no room ends in an ellipsis."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.read", "read"),
        Binding("home", "scroll_top", show=False),
        Binding("end", "scroll_bottom", show=False),
    ]

    def fill(self, headings: Sequence[str], rows: Sequence[tuple[Text, ...]]) -> None:
        """In place of what was there."""
        self.clear(columns=True)
        for heading, width in zip(headings, self._widths(headings, rows), strict=True):
            self.add_column(Text(heading, "bold"), width=width)
        self.extend(rows)

    def extend(self, rows: Iterable[tuple[Text, ...]]) -> None:
        for cells in rows:
            for cell in cells:
                cell.no_wrap, cell.overflow = True, "ellipsis"
            self.add_row(*cells)

    def _widths(self, headings: Sequence[str], rows: Sequence[tuple[Text, ...]]) -> list[int]:
        widths = [
            min(WIDEST, max(cell_len(heading), *(cells[column].cell_len for cells in rows), 0))
            for column, heading in enumerate(headings)
        ]
        room = self.size.width - 2 * self.cell_padding * len(headings)
        return [*widths[:-1], max(NARROWEST, room - sum(widths[:-1]))]
