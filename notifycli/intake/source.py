"""A file's bytes become text, and its text blocks of rows, without ever holding the whole file.

Knows bytes and formats, no columns. What is no table is refused by a first pass, before anything is read from it.
Source: SPEC section 3.
"""

import codecs
import io
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from notifycli.intake.blocks import EMPTY, LONGEST_ROW, Block, Unreadable, cut
from notifycli.intake.csv_rows import csv_blocks, separator_of
from notifycli.intake.encoding import CODECS
from notifycli.intake.first_look import Look, first_look, holds_nul, line_at, not_in, open_file, read_chunk, too_long
from notifycli.intake.ndjson_rows import ndjson_blocks

__all__ = ["Block", "Source", "Unreadable", "open_source"]

NDJSON = (".ndjson", ".jsonl")


class Source:
    """An open file of rows. `size` and `read_so_far` are bytes; `separator` is empty for NDJSON."""

    unit = "line"  # what the numbers of its rows count

    def __init__(self, file: io.FileIO, encoding: str | None, is_named_ndjson: bool, look: Look | None = None) -> None:
        """Raises Unreadable for what is no table; open_source closes the file then. `look`: what is known already."""
        self._file = file
        self._written_at = os.fstat(file.fileno()).st_mtime_ns
        self.look = look or first_look(file, encoding)
        self.encoding, self.size, self.sha256 = self.look
        beginning = next(self._pieces(), "")
        if not beginning.strip():
            raise Unreadable(EMPTY)
        is_ndjson = is_named_ndjson or beginning.lstrip().startswith("{")
        self.format: Literal["csv", "ndjson"] = "ndjson" if is_ndjson else "csv"
        self.separator = "" if is_ndjson else separator_of(beginning)
        self.read_so_far = 0

    def blocks(self, size: int = 10_000) -> Iterator[Block]:
        """Reads the file from its beginning, in blocks of at most `size` rows, one reading at a time.

        A block holds what one chunk of bytes does, some 1,300 rows of 100 bytes. Raises Unreadable at the first thing
        that makes the file unreadable as a whole, which may come after many rows.
        """
        pieces = self._pieces()
        parts = ndjson_blocks(pieces) if self.format == "ndjson" else csv_blocks(pieces, self.separator)
        return cut(parts, size)

    def refuse_if_changed(self) -> None:
        if (self.read_so_far, os.fstat(self._file.fileno()).st_mtime_ns) != (self.size, self._written_at):
            raise Unreadable("it was changed while it was read; import it again when the export is finished")

    @property
    def descriptor(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _pieces(self) -> Iterator[str]:
        """The text in pieces of whole lines."""
        rest = ""
        for text in self._texts():
            rest += text
            end = max(rest.rfind("\n"), rest.rfind("\r", 0, -1)) + 1  # of a CR at the end the LF may be to come
            if end:
                yield rest[:end]
                rest = rest[end:]
            if len(rest) > LONGEST_ROW:  # the first pass counts bytes, and takes some in UTF-16 for line ends
                raise too_long(line_at(self._file, self.read_so_far))
        if rest:
            yield rest

    def _texts(self) -> Iterator[str]:
        """The text in pieces that end anywhere, without its byte order mark."""
        decoder = codecs.getincrementaldecoder(CODECS[self.encoding])()
        self._file.seek(0)
        self.read_so_far = 0
        while chunk := read_chunk(self._file):
            text = self._decoded(decoder, chunk)
            is_first = not self.read_so_far
            self.read_so_far += len(chunk)
            yield text.removeprefix("\ufeff") if is_first else text
        yield self._decoded(decoder, b"")
        self.refuse_if_changed()

    def _decoded(self, decoder: codecs.IncrementalDecoder, chunk: bytes) -> str:
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            kept_back = len(error.object) - len(chunk)
            raise not_in(self.encoding, line_at(self._file, self.read_so_far - kept_back + error.start)) from error
        except UnicodeError as error:  # UTF-16 without a mark
            raise not_in(self.encoding, 1) from error
        if "\0" in text:
            raise holds_nul(line_at(self._file, self.read_so_far) + text[: text.index("\0")].count("\n"))
        return text


def open_source(path: Path, encoding: str | None = None) -> Source:
    """Opens a file of rows, to be used in a `with`. `encoding` is what the user says, None to find it out.

    Passes over the whole file once. Raises Unreadable for what cannot be opened or is no table.
    """
    file = open_file(path)
    try:
        return Source(file, encoding, path.suffix.lower() in NDJSON)
    except BaseException:
        file.close()
        raise
