"""Looks into a workbook before calamine gets it: whether it is one, whether reading would fail, which cells are errors.

calamine tells no error from an empty cell, gives memory to the whole rectangle that a sheet spans (and ends the process
where there is too little), and may read XML that is cut short for ever. Must not know what cells hold. Source: SPEC
section 3.
"""

import posixpath
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat

from notifycli.domain.sentences import N_
from notifycli.intake.formats.blocks import Unreadable

OLE2, ZIP, ZIP_OF_NOTHING = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04", b"PK\x05\x06"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
XLSX, XLSB = "xl/workbook.xml", "xl/workbook.bin"
ENCRYPTED_XLSX = "EncryptedPackage".encode("utf-16-le")  # the name of a stream of the OLE2 file that such a one is
ENCRYPTED_ODS = b"encryption-data"
MOST_UNPACKED = 1024**3  # bytes
CHUNK = 1024 * 1024
LONGEST_LIST_OF_PARTS = 16 * CHUNK
LARGEST = 256 * CHUNK  # bytes, packed
SECONDS = 120
# Reads all sheets with as much memory as 30 million cells need; what ends this process would have ended ours.
TRIAL = """
import io, resource, sys
from contextlib import suppress
from python_calamine import load_workbook
with suppress(OSError, ValueError):  # a lower limit already
    resource.setrlimit(resource.RLIMIT_AS, (1536 * 1024**2, resource.RLIM_INFINITY))
try:
    book = load_workbook(io.BytesIO(sys.stdin.buffer.read()))
    for name in book.sheet_names:
        book.get_sheet_by_name(name)
except Exception:
    pass
"""

AS_XLSX = "save it as .xlsx and import that"
BROKEN = f"it is no workbook that can be read, or has a password; open it in Excel, {AS_XLSX}"
LOCKED = f"it is protected by a password; open it in Excel, remove the password, {AS_XLSX}"
TOO_LARGE = N_(
    "it is broken, or its sheet is too large or has a cell far away from the others; copy the list into a new workbook"
)

XLSX_ERROR = re.compile(rb'<(?:\w+:)?c\s([^>]*?\bt="e"[^>]*)>')
PLACE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')

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
            names = set(parts.namelist())
            if {XLSX, XLSB} & names:
                return True
            return {"mimetype", "content.xml"} <= names and _part(parts, "mimetype").startswith(ODS)
    except Exception:  # zipfile raises all sorts for what is no archive
        return False


def refuse_what_would_fail(file: IO[bytes]) -> None:
    """Raises Unreadable for what has a password, would fill the memory, or is of a format that is not read."""
    file.seek(0)
    if file.read(len(OLE2)) == OLE2:
        _refuse_what_ends_a_process(file)
        return
    with zipfile.ZipFile(file) as parts:
        if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
            raise Unreadable(N_("it would be larger than 1 GiB when unpacked; export the list as CSV and import that"))
        names = parts.namelist()
        if XLSB in names:
            raise Unreadable(f"it is a binary workbook (.xlsb); open it in Excel, {AS_XLSX}")
        manifest = "META-INF/manifest.xml"
        if manifest in names and ENCRYPTED_ODS in _part(parts, manifest):
            raise Unreadable(LOCKED)
        for name in names:  # content.xml: beside a broken .xlsx, too, which calamine then takes for an .ods
            if name == "content.xml" or (name.startswith("xl/") and name.endswith((".xml", ".rels"))):
                for _ in _pieces_of(parts, name):  # is it whole?
                    pass
    _refuse_what_ends_a_process(file)


def _refuse_what_ends_a_process(file: IO[bytes]) -> None:
    file.seek(0)
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Unreadable(TOO_LARGE)
    if content.startswith(OLE2) and ENCRYPTED_XLSX in content:
        raise Unreadable(LOCKED)
    trial, quiet = [sys.executable, "-P", "-c", TRIAL], subprocess.DEVNULL
    try:
        subprocess.run(trial, input=content, stdout=quiet, stderr=quiet, timeout=SECONDS, check=True)
    except subprocess.SubprocessError as error:
        raise Unreadable(TOO_LARGE) from error


def _part(parts: zipfile.ZipFile, name: str) -> bytes:
    with parts.open(name) as part:
        return part.read(LONGEST_LIST_OF_PARTS)


def errors_of(file: IO[bytes], sheet: str) -> frozenset[Place]:
    """Where an .xlsx has errors; those of other workbooks cannot be told."""
    file.seek(0)
    if file.read(len(OLE2)) == OLE2:
        return frozenset()
    errors: set[Place] = set()
    with trouble_told(), zipfile.ZipFile(file) as parts:
        pieces = _pieces_of(parts, _part_of_sheet(parts, sheet)) if XLSX in parts.namelist() else ()
        for text in pieces:
            for cell in XLSX_ERROR.findall(text) if b't="e"' in text else ():
                place = PLACE.search(cell)
                if place is None:
                    continue
                column = 0
                for letter in place[1][:5]:  # of a name such as B12 nothing longer than Excel's own counts in full
                    column = column * 26 + letter - ord("A") + 1
                errors.add((int(place[2][:9]) - 1, column - 1))
    return frozenset(errors)


def _part_of_sheet(parts: zipfile.ZipFile, sheet: str) -> str:
    """Where a sheet of .xlsx is kept."""
    book = ElementTree.fromstring(_part(parts, XLSX))
    links = ElementTree.fromstring(_part(parts, "xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for element in book.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            link = next((value for name, value in element.items() if name.endswith("}id")), None)
            return posixpath.normpath(posixpath.join("/xl", targets.get(link, ""))).lstrip("/")
    raise Unreadable(BROKEN)


def _pieces_of(parts: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Its XML, cut where a tag begins. Raises ExpatError where it is not well-formed."""
    parser, rest = expat.ParserCreate(), b""
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
