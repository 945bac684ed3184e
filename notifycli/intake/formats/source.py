"""Text with rows becomes blocks, whether separators stand between its cells or JSON around them.

Knows formats, no columns. Source: SPEC section 3.
"""

import io
from collections.abc import Iterator
from typing import Literal

from notifycli.intake.formats.blocks import EMPTY, Block, Unreadable, cut
from notifycli.intake.formats.csv_rows import csv_blocks, separator_of
from notifycli.intake.formats.first_look import Look
from notifycli.intake.formats.ndjson_rows import ndjson_blocks
from notifycli.intake.formats.text import Text

NDJSON = (".ndjson", ".jsonl")


class Source:
    """A file of rows, which its owner closes. `size` and `read_so_far` are bytes; `separator` is empty for NDJSON."""

    kind = None  # its columns tell
    unit = "line"

    def __init__(self, file: io.FileIO, encoding: str | None, is_named_ndjson: bool, look: Look | None = None) -> None:
        """Raises Unreadable for what is no table. `look`: what is known already."""
        self.text = Text(file, encoding, look)
        self.encoding, self.size, self.sha256 = self.text.look
        beginning = next(self.text.pieces(), "")
        if not beginning.strip():
            raise Unreadable(EMPTY)
        is_ndjson = is_named_ndjson or beginning.lstrip().startswith("{")
        self.format: Literal["csv", "ndjson"] = "ndjson" if is_ndjson else "csv"
        self.separator = "" if is_ndjson else separator_of(beginning)
        self.text.read_so_far = 0

    def blocks(self, size: int = 10_000) -> Iterator[Block]:
        """Reads the file from its beginning, in blocks of at most `size` rows, one reading at a time.

        A block holds what one chunk of bytes does, some 1,300 rows of 100 bytes. Raises Unreadable at the first thing
        that makes the file unreadable as a whole, which may come after many rows.
        """
        pieces = self.text.pieces()
        parts = ndjson_blocks(pieces) if self.format == "ndjson" else csv_blocks(pieces, self.separator)
        return cut(parts, size)

    @property
    def read_so_far(self) -> int:
        return self.text.read_so_far

    def notes(self) -> list[str]:
        """Nothing that a reader of rows alone would have to say."""
        return []

    def doubt(self) -> str:
        """None: a file that ends too early cannot be told from one that is whole."""
        return ""
