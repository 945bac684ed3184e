"""Decodes a file into text in pieces of whole lines, without ever holding the whole file.

Must not know rows. What is no text is refused by a first pass, before anything is read from it.
"""

import codecs
import io
import os
from collections.abc import Iterator
from functools import partial
from itertools import chain

from notifycli.intake.formats.blocks import CHUNK, LONGEST_ROW, PassingTrouble
from notifycli.intake.formats.encoding import CODECS
from notifycli.intake.formats.first_look import FirstLook, first_look, holds_nul, line_at, not_in, read_chunk, too_long

CHANGED = "it was changed while it was read; import it again when the export is finished"


class Beside(io.FileIO):
    """Reads an open file from its beginning, and leaves the place at which others read it where it is."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "rb", closefd=False)
        self._place = 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._place = offset
        return offset

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = os.pread(self.fileno(), CHUNK if size is None or size < 0 else size, self._place)
        self._place += len(chunk)
        return chunk


class Text:
    """An open file of text. `size` and `read_so_far` are bytes."""

    def __init__(self, file: io.FileIO, encoding: str | None, look: FirstLook | None = None) -> None:
        """Raises Unreadable for what is no text. `look`: what is known already."""
        self._file = file
        self._written_at = os.fstat(file.fileno()).st_mtime_ns
        self.look = look or first_look(file, encoding)
        self.encoding, self.size, self.sha256 = self.look
        self.read_so_far = 0

    def refuse_if_changed(self) -> None:
        if (self.read_so_far, os.fstat(self._file.fileno()).st_mtime_ns) != (self.size, self._written_at):
            raise PassingTrouble(CHANGED)

    @property
    def descriptor(self) -> int:
        return self._file.fileno()

    def pieces(self) -> Iterator[str]:
        """The text in pieces of whole lines, without its byte order mark."""
        decoder = codecs.getincrementaldecoder(CODECS[self.encoding])()
        self._file.seek(0)
        self.read_so_far, rest = 0, ""
        for chunk in chain(iter(partial(read_chunk, self._file), b""), [b""]):
            text = self._decoded(decoder, chunk)
            rest += text if self.read_so_far else text.removeprefix("\ufeff")
            self.read_so_far += len(chunk)
            end = max(rest.rfind("\n"), rest.rfind("\r", 0, -1)) + 1  # of a CR at the end the LF may be to come
            if end:
                yield rest[:end]
                rest = rest[end:]
            if len(rest) > LONGEST_ROW:  # the first pass counts bytes, and takes some in UTF-16 for line ends
                raise too_long(line_at(self._file, self.read_so_far))
        self.refuse_if_changed()
        if rest:
            yield rest

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
