"""Reads a text file as blocks of rows, be it CSV or NDJSON.

Must not know what columns mean. Source: SPEC section 3.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from notifycli.intake.formats.blocks import EMPTY, Block, Unreadable, cut, skipped_in_words
from notifycli.intake.formats.csv_rows import Layout, csv_blocks, layout_of
from notifycli.intake.formats.first_look import FirstLook
from notifycli.intake.formats.ndjson_rows import ndjson_blocks
from notifycli.intake.formats.text import Beside, Text

NDJSON = (".ndjson", ".jsonl")


class Source:
    """A file of rows, which its owner closes. `size` and `read_so_far` are bytes; `separator` is empty for NDJSON."""

    kind = None  # its columns tell
    unit = "line"

    def __init__(
        self,
        file: io.FileIO,
        encoding: str | None,
        is_named_ndjson: bool,
        is_header: Callable[[Sequence[str]], bool] = lambda cells: False,
        look: FirstLook | None = None,
        layout: Layout | None = None,
    ) -> None:
        """`look`, `layout`: what is known already. Raises Unreadable for what is no table."""
        self.text = Text(file, encoding, look)
        self.encoding, self.size, self.sha256 = self.text.look
        beginning = next(self.text.pieces(), "")
        if not beginning.strip():
            raise Unreadable(EMPTY)
        is_ndjson = is_named_ndjson or beginning.lstrip().startswith("{")
        self.format: Literal["csv", "ndjson"] = "ndjson" if is_ndjson else "csv"
        self.layout = layout or (Layout("") if is_ndjson else layout_of(beginning, is_header))
        self.text.read_so_far = 0

    def blocks(self, size: int = 10_000) -> Iterator[Block]:
        """Reads the file from its beginning, in blocks of at most `size` rows, one reading at a time.

        A block holds what one chunk of bytes does, some 1,300 rows of 100 bytes. Raises Unreadable at the first thing
        that makes the file unreadable as a whole, which may come after many rows.
        """
        pieces = self.text.pieces()
        parts = ndjson_blocks(pieces) if self.format == "ndjson" else csv_blocks(pieces, self.layout)
        return cut(parts, size)

    def again(self) -> "Source":
        """Another reader of the same file, which does not disturb this one."""
        file, is_ndjson = Beside(self.text.descriptor), self.format == "ndjson"
        return Source(file, None, is_ndjson, look=self.text.look, layout=self.layout)

    @property
    def separator(self) -> str:
        return self.layout.separator

    @property
    def read_so_far(self) -> int:
        return self.text.read_so_far

    def notes(self) -> list[str]:
        return skipped_in_words(self.layout.above)

    def doubt(self) -> str:
        """None: a file that ends too early cannot be told from one that is whole."""
        return ""
