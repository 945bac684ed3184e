"""Takes the resources out of a file one after the other: a line of NDJSON, an entry of a Bundle, or a single one.

Raises Unreadable, and nothing else. Must not know what resources mean. Source: SPEC section 3.
"""

import re
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from typing import Any, BinaryIO, Literal

import msgspec
from msgspec.structs import replace

from notifycli.domain.sentences import N_
from notifycli.intake.formats.blocks import CHUNK, EMPTY, Unreadable
from notifycli.intake.formats.fhir.bundles import BUNDLE, Entries, has_next_page
from notifycli.intake.formats.fhir.recognising import MARK
from notifycli.intake.formats.fhir.resources import DECODING, RESOURCE, PlacedResource, Resource, decode

LARGEST = 256 * 1024 * 1024  # bytes of a Bundle, which is held in memory
NO_OBJECT = "it is no JSON object; write one resource a line, each as JSON without line breaks"
CUT_OFF = N_("it ends in the middle; export it anew, and import it when the export is finished")
TOO_LARGE = N_("it is a Bundle of more than 256 MiB; export it as NDJSON (FHIR Bulk Data), one resource a line")
IN_BYTE = re.compile(r"\(byte (\d+)\)")


class _Kind(msgspec.Struct):
    resourceType: Any = None


KIND = msgspec.json.Decoder(_Kind)


class Lines:
    """NDJSON: a resource a line, or a Bundle."""

    unit: Literal["line", "entry"] = "line"

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.read_so_far = 0
        self.has_next_page = False

    def resources(self, wanted: Collection[str]) -> Iterator[PlacedResource]:
        """All resources from the beginning; those of other types than `wanted` with nothing but their type."""
        self._file.seek(0)
        self.read_so_far = number = 0
        while line := _line(self._file):
            self.read_so_far += len(line)
            number += 1
            if number == 1:
                line = line.removeprefix(MARK)
            if not line or line.isspace():
                continue
            try:
                kind = decode(KIND, line).resourceType
                if type(kind) is not str:
                    kind = ""
                resource = decode(RESOURCE, line) if kind in wanted else Resource(kind)
                bundle = decode(BUNDLE, line) if kind == "Bundle" else None
            except DECODING as error:
                what = CUT_OFF if "truncated" in str(error) else NO_OBJECT
                raise Unreadable(f"line {number}: {what}") from error
            if bundle is None:
                yield PlacedResource(number, "", kind, resource)
                continue
            self.has_next_page = has_next_page(bundle)
            for bundled in Entries(bundle, f"line {number}: ").resources():
                yield replace(bundled, place=number)


class Document:
    """One resource or Bundle, held in memory."""

    unit: Literal["line", "entry"] = "entry"

    def __init__(self, content: bytes, looks_like_lines: bool) -> None:
        self.read_so_far = len(content)
        content = content.removeprefix(MARK)
        try:
            kind = decode(KIND, content).resourceType
            bundle = decode(BUNDLE, content) if kind == "Bundle" else None
            self.has_next_page = bundle is not None and has_next_page(bundle)
            self._bundle = Entries(bundle, "") if bundle is not None else None
            self._single = Resource() if self._bundle else decode(RESOURCE, content)
        except DECODING as error:
            if looks_like_lines:
                raise Unreadable(f"line 1: {NO_OBJECT}") from error
            if "truncated" in str(error):
                raise Unreadable(CUT_OFF) from error
            byte = IN_BYTE.search(str(error))
            line = content[: int(byte[1])].count(b"\n") + 1 if byte else 0
            where = f"line {line}: " if line else ""
            raise Unreadable(f"{where}it is no JSON that can be read; export it anew") from error

    def resources(self, wanted: Collection[str]) -> Iterator[PlacedResource]:
        if self._bundle is not None:
            yield from self._bundle.resources()
            return
        kind = self._single.resourceType
        yield PlacedResource(1, "", kind if type(kind) is str else "", self._single)


def content_of(file: BinaryIO, size: int) -> Lines | Document:
    """Finds out which of the two it is, by whether the first line is an object by itself that others follow."""
    file.seek(0)
    first = b""
    while not first.removeprefix(MARK).strip():
        first = _line(file)
        if not first:
            raise Unreadable(EMPTY)
    has_more = any(not chunk.isspace() for chunk in iter(lambda: _read(file.read, CHUNK), b""))
    if has_more:
        with suppress(*DECODING):
            decode(KIND, first.removeprefix(MARK))
            return Lines(file)
    if size > LARGEST:
        raise Unreadable(TOO_LARGE)
    file.seek(0)
    content = _read(file.read, LARGEST + 1)
    if len(content) > LARGEST:
        raise Unreadable(TOO_LARGE)
    return Document(content, looks_like_lines=has_more and first.rstrip().endswith(b"}"))


def _line(file: BinaryIO) -> bytes:
    line = _read(file.readline, LARGEST + 1)
    if len(line) > LARGEST:
        raise Unreadable(TOO_LARGE)
    return line


def _read(reading: Callable[[int], bytes], size: int) -> bytes:
    try:
        return reading(size)
    except (OSError, EOFError, zlib.error) as error:  # a gzip file that is damaged says so in its own ways
        raise Unreadable(N_("it cannot be read to its end; copy or export it anew")) from error
