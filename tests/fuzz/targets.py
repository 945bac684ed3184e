"""What must hold of each reader, for any bytes: no exception but Unreadable, no row lost, the same however it is cut.

Takes bytes and raises where something does not hold; knows nothing of who makes the bytes.
"""

import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from functools import cache
from io import FileIO
from pathlib import Path

from notifycli.intake.formats.blocks import Block, Unreadable, lines_of
from notifycli.intake.formats.csv_rows import csv_blocks, layout_of
from notifycli.intake.formats.excel import Workbook
from notifycli.intake.formats.fhir import FhirFile, Reading, is_fhir
from notifycli.intake.formats.hl7 import Hl7File, is_hl7
from notifycli.intake.formats.ndjson_rows import ndjson_blocks
from notifycli.intake.formats.text import Text
from notifycli.intake.formats.workbook_parts import OLE2
from notifycli.intake.importing.headers import Headers
from notifycli.intake.importing.options import Options
from notifycli.store.sqlite.connection import SqliteConnection
from notifycli.store.sqlite.opening import open_file
from tests.fuzz.holding import an_import_holds, imported
from tests.fuzz.packing import packed

Rows = list[tuple[int, tuple[str, ...], list[str]]]  # line, header, cells
Pieces = Callable[[], Iterable[str]]
NOW = 1_780_488_000  # 2026-06-03T12:00:00Z
COUNTRIES = {"nidelv": "NO", "vik": "IS"}
CLINICS = (
    "clinic_id;name;timezone;timebook;post;economy\nnidelv;Nidelv;Europe/Oslo;yes;yes;yes\n"
    "vik;Vik;Atlantic/Reykjavik;yes;yes;yes\n"
)
TYPES = "clinic_id;type_id;notifications\nnidelv;KONS;yes\nvik;KONS;no\n"


def csv(content: bytes) -> None:
    with suppress(Unreadable), _file_of(content) as file:
        text = Text(file, None)
        layout = layout_of(next(text.pieces(), ""), Headers(Options()).is_header)
        _the_same_in_one_piece_and_by_lines(text, lambda pieces: csv_blocks(pieces(), layout))


def ndjson(content: bytes) -> None:
    with suppress(Unreadable), _file_of(content) as file:
        _the_same_in_one_piece_and_by_lines(Text(file, None), lambda pieces: ndjson_blocks(pieces()))


def hl7(content: bytes) -> None:
    is_hl7(content)

    def blocks(pieces: Pieces) -> Iterator[Block]:
        file = Hl7File(lambda: iter(pieces()), NOW)
        assert all(map(str.isprintable, file.notes())), "notes that break a line"
        for kind in file.kinds:
            for clinic_given in (False, True):
                yield from file.blocks(kind, clinic_given, COUNTRIES)

    with suppress(Unreadable), _file_of(content) as file:
        _the_same_in_one_piece_and_by_lines(Text(file, None), blocks)


def fhir(content: bytes) -> None:
    is_fhir(content)
    with suppress(Unreadable), _file_of(content) as given, open(given.fileno(), "rb", closefd=False) as file:
        found = FhirFile(file, len(content))
        for kind in found.kinds:
            for reading in (Reading(NOW, False, COUNTRIES), Reading(NOW, True, {"": "NO"}, frozenset({"varsel"}))):
                _rows(found.blocks(kind, found.directory, reading))
        assert all(map(str.isprintable, found.notes())), "notes that break a line"


def workbook(content: bytes) -> None:
    """Old workbooks are left out: each would start a process."""
    content = packed(content)
    if content.startswith(OLE2):
        return
    with suppress(Unreadable), _file_of(content) as given, open(given.fileno(), "rb", closefd=False) as file:
        found = Workbook(file, None, Headers(Options()).is_header)
        once, again = _rows(found.blocks()), _rows(found.blocks(7))
        assert once == again, "rows that depend on the size of blocks"


def whole_import(content: bytes) -> None:
    """All the way into a database, twice: the second time changes nothing."""
    content = packed(content)
    if content.startswith(OLE2):
        return
    with tempfile.TemporaryDirectory() as folder, closing(_database()) as connection:
        path = Path(folder, "export.bin")
        path.write_bytes(content)
        an_import_holds(connection, path, NOW)


@cache
def _content_of_database() -> bytes:
    """Two clinics and their types, in the journal mode that a database in memory can have."""
    with tempfile.TemporaryDirectory() as folder, closing(open_file(Path(folder, "notify.db"))) as connection:
        for name, text in (("clinics", CLINICS), ("types", TYPES)):
            path = Path(folder, f"{name}.csv")
            path.write_text(text, encoding="utf-8")
            assert [one.rejected for one in imported(connection, path, NOW)] == [0]
        connection.execute("PRAGMA journal_mode = DELETE")
        return connection.serialize()


def _database() -> SqliteConnection:
    connection = sqlite3.connect(":memory:", isolation_level=None, factory=SqliteConnection)
    connection.deserialize(_content_of_database())
    return connection


def _file_of(content: bytes) -> FileIO:
    file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - its caller closes it
    assert isinstance(file, FileIO)
    file.write(content)
    file.seek(0)
    return file


def _the_same_in_one_piece_and_by_lines(text: Text, blocks: Callable[[Pieces], Iterable[Block]]) -> None:
    whole = "".join(text.pieces())
    at_once, by_lines = (_outcome(blocks, pieces) for pieces in ([whole], list(lines_of(whole))))
    assert at_once == by_lines, "rows that depend on where the text is cut"


def _outcome(blocks: Callable[[Pieces], Iterable[Block]], pieces: list[str]) -> Rows | str:
    try:
        return _rows(blocks(lambda: pieces))
    except Unreadable as error:
        return str(error)


def _rows(blocks: Iterable[Block]) -> Rows:
    """The rows of blocks, each of which is as blocks have to be."""
    found: Rows = []
    for block in blocks:
        assert len(block.rows) == len(block.lines), "rows without a line"
        assert all(0 <= row < len(block.rows) for row, _, _ in block.warnings), "a warning of no row"
        for line, cells in zip(block.lines, block.rows, strict=True):
            assert "\0" not in "".join((*block.header, *cells)), "a NUL in a cell"
            "".join((*block.header, *cells)).encode()
            found.append((line, block.header, list(cells)))
    return found


TARGETS: dict[str, Callable[[bytes], None]] = {
    "csv": csv,
    "ndjson": ndjson,
    "fhir": fhir,
    "hl7": hl7,
    "workbook": workbook,
    "packed": whole_import,
    "import": whole_import,
}
