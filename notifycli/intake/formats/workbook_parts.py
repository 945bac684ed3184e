"""What a workbook's container tells of it: whether it is one, what would fail, how far its cells reach, its errors.

Knows the parts of .xlsx and .ods as bytes; cells are read elsewhere. calamine tells no error from an empty cell, gives
memory to the whole rectangle that a sheet spans (and ends the process where there is too little), and may read XML that
is cut short for ever; so all that is looked for here, before it gets the file. Source: SPEC section 3.
"""

import posixpath
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from notifycli.intake.formats.blocks import Unreadable

OLE2, ZIP, ZIP_OF_NOTHING = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"PK\x05\x06"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
XLSX, XLSB = "xl/workbook.xml", "xl/workbook.bin"
ENCRYPTED_XLSX = "EncryptedPackage".encode("utf-16-le")  # the name of a stream of the OLE2 file that such a one is
ENCRYPTED_ODS = b"encryption-data"
MOST_UNPACKED = 1024**3  # bytes
MOST_CELLS = 30_000_000  # of the rectangle that holds a sheet's cells, some 32 bytes each
CHUNK = 1024 * 1024
LONGEST_LIST_OF_PARTS = 16 * CHUNK
LARGEST_XLS = 256 * CHUNK
SECONDS_FOR_XLS = 120
# Opens an .xls as far as calamine can; what ends this process, or panics, would have done so to ours.
TRIAL = """
import io, sys
from python_calamine import load_workbook
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (3 * 1024**3, resource.RLIM_INFINITY))
except (ImportError, OSError, ValueError):  # Windows, or a lower limit already
    pass
try:
    load_workbook(io.BytesIO(sys.stdin.buffer.read()))
except Exception:
    pass
"""

AS_XLSX = "save it as .xlsx and import that"
BROKEN = f"it is no workbook that can be read, or has a password; open it in Excel, {AS_XLSX}"
LOCKED = f"it is protected by a password; open it in Excel, remove the password, {AS_XLSX}"
TOO_LARGE = "its sheet is too large, or has a cell far away from the others; copy the list into a new workbook"

# A cell of .xlsx that holds something, its place first or not; and one that makes a sheet worth measuring.
XLSX_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]+)([0-9]+)"([^>]*)>')
XLSX_FAR = re.compile(rb'\sr="(?:[A-Z]{2,}[0-9]|[A-Z][0-9]{7})')
# A cell whose place is not written as Excel does; XLSX_CELL does not know it, or not where it is.
XLSX_ODD = re.compile(rb'<(?:[^\s<>/:]+:)?c(?! r="[A-Z]{1,3}[0-9]{1,7}")[\s/>]')
ODD_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})", re.ASCII)
XLSX_ERROR = re.compile(rb'<(?:\w+:)?c\s([^>]*?\bt="e"[^>]*)>')
PLACE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
ODS_TAG = re.compile(rb"""<table:(table|table-row|table-cell|covered-table-cell)(\s(?:[^>"']|"[^"]*"|'[^']*')*|/?)>""")
ODS_REPEATED = re.compile(rb"""repeated\s*=\s*["']\s*\+?(\d+)""")

Place = tuple[int, int]  # row and column, from 0


def is_workbook(file: IO[bytes]) -> bool:
    """Whether an open, seekable file is a workbook by its contents; any OLE2 file counts, as Word's old ones do."""
    file.seek(0)
    beginning = file.read(len(OLE2))
    if beginning == OLE2:
        return True
    if not beginning.startswith((ZIP, ZIP_OF_NOTHING)):
        return False
    try:
        with zipfile.ZipFile(file) as parts:
            return bool({XLSX, XLSB} & set(parts.namelist())) or _is_ods(parts)
    except Exception:  # zipfile raises all sorts for what is no archive
        return False


def refuse_what_would_fail(file: IO[bytes]) -> None:
    """Raises Unreadable for what has a password, would fill the memory, or is of a format that is not read."""
    file.seek(0)
    if file.read(len(OLE2)) == OLE2:
        _refuse_old_workbook(file)
        return
    with zipfile.ZipFile(file) as parts:
        if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
            raise Unreadable("it would be larger than 1 GiB when unpacked; export the list as CSV and import that")
        names = parts.namelist()
        if XLSB in names:
            raise Unreadable(f"it is a binary workbook (.xlsb); open it in Excel, {AS_XLSX}")
        manifest = "META-INF/manifest.xml"
        if manifest in names and ENCRYPTED_ODS in _part(parts, manifest):
            raise Unreadable(LOCKED)
        if "content.xml" in names:  # beside a broken .xlsx too: then calamine takes the file for an .ods
            _refuse_if_too_large(_cells_of_ods(parts))
        for name in names:
            if name.startswith("xl/") and name.endswith((".xml", ".rels")) and "/worksheets/sheet" not in name:
                for _ in _pieces_of(parts, name):  # is it whole?
                    pass


def _refuse_old_workbook(file: IO[bytes]) -> None:
    file.seek(0)
    content = file.read(LARGEST_XLS + 1)
    if ENCRYPTED_XLSX in content:
        raise Unreadable(LOCKED)
    if len(content) > LARGEST_XLS:
        raise Unreadable(TOO_LARGE)
    trial = [sys.executable, "-P", "-c", TRIAL]
    quiet = subprocess.DEVNULL
    ended = subprocess.run(trial, input=content, stdout=quiet, stderr=quiet, timeout=SECONDS_FOR_XLS, check=False)
    if ended.returncode:
        raise Unreadable(BROKEN)


def _refuse_if_too_large(cells: int) -> None:
    if cells > MOST_CELLS:
        raise Unreadable(TOO_LARGE)


def _is_ods(parts: zipfile.ZipFile) -> bool:
    names = parts.namelist()
    return {"mimetype", "content.xml"} <= set(names) and _part(parts, "mimetype").startswith(ODS)


def _part(parts: zipfile.ZipFile, name: str) -> bytes:
    with parts.open(name) as part:
        return part.read(LONGEST_LIST_OF_PARTS)


def errors_of(file: IO[bytes], sheet: str) -> frozenset[Place]:
    """Where an .xlsx has errors; those of other workbooks cannot be told. Raises Unreadable for what is too large."""
    file.seek(0)
    if file.read(len(OLE2)) == OLE2:
        return frozenset()
    with trouble_told(), zipfile.ZipFile(file) as parts:
        return _errors_of_xlsx(parts, _part_of_sheet(parts, sheet)) if XLSX in parts.namelist() else frozenset()


def _part_of_sheet(parts: zipfile.ZipFile, sheet: str) -> str:
    """Where a sheet of .xlsx is kept."""
    book = ElementTree.fromstring(_part(parts, XLSX))
    links = ElementTree.fromstring(_part(parts, "xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for one in book.iter():
        if one.tag.endswith("}sheet") and one.get("name") == sheet:
            link = next((value for name, value in one.items() if name.endswith("}id")), None)
            return posixpath.normpath(posixpath.join("/xl", targets.get(link, ""))).lstrip("/")
    raise Unreadable(BROKEN)


def _errors_of_xlsx(parts: zipfile.ZipFile, part: str) -> frozenset[Place]:
    errors: set[Place] = set()
    is_far = is_odd = False
    for text in _pieces_of(parts, part):
        is_far = is_far or XLSX_FAR.search(text) is not None
        is_odd = is_odd or XLSX_ODD.search(text) is not None
        if b't="e"' in text:
            places = (PLACE.search(found) for found in XLSX_ERROR.findall(text))
            errors |= {_place(place[1], place[2]) for place in places if place}
    if is_odd:
        _refuse_if_too_large(_cells_of_odd_xlsx(parts, part))
    elif is_far:
        _refuse_if_too_large(_cells_of_xlsx(parts, part))
    return frozenset(errors)


def _cells_of_xlsx(parts: zipfile.ZipFile, part: str) -> int:
    """Measures by the cells that hold something: formats alone may reach as far as they like."""
    rows: set[int] = set()
    columns: set[int] = set()
    for text in _pieces_of(parts, part):
        places = {_place(column, row) for column, row, rest in XLSX_CELL.findall(text) if not rest.endswith(b"/")}
        rows = _ends(rows | {row for row, _ in places})
        columns = _ends(columns | {column for _, column in places})
    return _span(rows) * _span(columns)


def _cells_of_odd_xlsx(parts: zipfile.ZipFile, part: str) -> int:
    """The same for cells however their places are written, or that have none; slower, as each tag is looked at."""
    measure = _Measure()
    for _ in _pieces_of(parts, part, measure.take):
        pass
    return _span(measure.rows) * _span(measure.columns)


class _Measure:
    """Follows the tags of a sheet; a cell without a place is right of the one before it."""

    def __init__(self) -> None:
        self.rows: set[int] = set()
        self.columns: set[int] = set()
        self._row = self._column = -1

    def take(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "row":
            said = attributes.get("r", "")
            self._row, self._column = int(said) - 1 if said.isdecimal() and len(said) < 10 else self._row + 1, -1
        elif tag == "c":
            self._move_to(attributes.get("r"))
        elif tag in ("v", "is", "f"):
            self.rows, self.columns = _ends(self.rows | {self._row}), _ends(self.columns | {self._column})

    def _move_to(self, said: str | None) -> None:
        place = ODD_PLACE.fullmatch(said) if said is not None else None
        if place:
            self._row, self._column = _place(place[1].upper().encode(), place[2].encode())
        elif said is None:
            self._column += 1
        else:  # calamine would count with numbers that have run over
            raise Unreadable(BROKEN)


def _ends(numbers: set[int]) -> set[int]:
    return {min(numbers), max(numbers)} if numbers else numbers


def _span(numbers: set[int]) -> int:
    return max(numbers) - min(numbers) + 1 if numbers else 0


def _place(letters: bytes, row: bytes) -> Place:
    """From a name such as B12, of which nothing longer than Excel's own counts in full."""
    column = 0
    for letter in letters[:5]:
        column = column * 26 + letter - ord("A") + 1
    return int(row[:9]) - 1, column - 1


def _cells_of_ods(parts: zipfile.ZipFile) -> int:
    """Of the largest sheet. Rows and cells are written once and repeated by a number."""
    most = rows = width = position = column = 0
    for text in _pieces_of(parts, "content.xml"):
        for tag, attributes in ODS_TAG.findall(text):
            repeated = ODS_REPEATED.search(attributes)
            times = int(repeated[1][:9]) if repeated else 1
            if tag == b"table":
                rows = width = position = 0
            elif tag == b"table-row":
                position, column = position + times, 0
            else:
                column += times
                if b"value-type" in attributes:
                    rows, width = position, max(width, column)
                    most = max(most, rows * width)
    return most


def _pieces_of(
    parts: zipfile.ZipFile, name: str, take: Callable[[str, dict[str, str]], None] | None = None
) -> Iterator[bytes]:
    """Its XML, cut where a tag begins; `take` gets each tag. Raises ExpatError where it is not well-formed."""
    parser, rest = expat.ParserCreate(), b""
    parser.StartElementHandler = take
    with parts.open(name) as part:
        while chunk := part.read(CHUNK):
            parser.Parse(chunk, False)
            rest += chunk
            end = rest.rfind(b"<")
            yield rest[:end] if end > 0 else rest
            rest = rest[end:] if end > 0 else b""
    parser.Parse(b"", True)
    yield rest


@contextmanager
def trouble_told() -> Iterator[None]:
    """Whatever goes wrong inside a broken workbook; a panic of calamine is no Exception."""
    try:
        yield
    except (Unreadable, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise Unreadable(BROKEN) from error
