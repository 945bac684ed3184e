"""What is a workbook, and which are refused before they fill the memory, end the process or are read for ever."""

import io
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifycli.intake.formats.blocks import Unreadable
from notifycli.intake.formats.excel import is_workbook
from tests.intake.test_excel import HEADER, blocks, ods, rows, xls, xlsx


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def edited(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    return zipped(**{part: change(text) if part == name else text for part, text in parts.items()})


SHEET = "xl/worksheets/sheet1.xml"
SMALL, SMALL_ODS, SMALL_XLS = (write(HEADER, ["A1", "x", "y"]) for write in (xlsx, ods, xls))
FAR_CELL = b'<table:table-cell table:number-columns-repeated="90000000" '
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def with_size(content: bytes, size: int) -> bytes:
    """What the archive's directory says that its first part is when unpacked."""
    place = content.index(b"PK\x01\x02") + 24
    return content[:place] + size.to_bytes(4, "little") + content[place + 4 :]


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        pytest.param(SMALL, True, id="xlsx"),
        pytest.param(SMALL_XLS, True, id="xls"),
        pytest.param(SMALL_ODS, True, id="ods"),
        pytest.param(zipped(**{"xl/workbook.bin": b""}), True, id="xlsb"),
        pytest.param(zipped(**{"timer.csv": b"Timenr"}), False, id="a zip of CSV files"),
        pytest.param(zipped(), False, id="an empty zip"),
        pytest.param(zipped(**{"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b""}), False),
        pytest.param(SMALL[:1_000], False, id="a zip that is cut short"),
        pytest.param(b"Timenr;Dato", False, id="a CSV"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_a_workbook_is_known_by_what_is_in_it(content, is_one):
    file = io.BytesIO(content)
    file.seek(0, io.SEEK_END)
    assert is_workbook(file) is is_one


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(OLE2 + bytes(2_000), "it is no workbook that can be read", id="an old Word document"),
        pytest.param(OLE2 + "EncryptedPackage".encode("utf-16-le"), "it is protected by a password", id="xlsx, locked"),
        pytest.param(
            edited(SMALL_ODS, "META-INF/manifest.xml", lambda text: text + b"<manifest:encryption-data/>"),
            "it is protected by a password",
            id="ods, locked",
        ),
        pytest.param(zipped(**{"xl/workbook.bin": b"x"}), "it is a binary workbook (.xlsb)", id="xlsb"),
        pytest.param(with_size(SMALL, 2**30 + 1), "it would be larger than 1 GiB when unpacked", id="a bomb"),
        pytest.param(SMALL[:-30], "it is no workbook that can be read", id="cut short"),
        pytest.param(b"Timenr;Dato", "it is no workbook that can be read", id="a CSV"),
        pytest.param(edited(SMALL, SHEET, lambda text: text[:-20]), "it is no workbook", id="a sheet cut short"),
        pytest.param(
            edited(SMALL_ODS, "content.xml", lambda text: text.replace(b"</table:table>", b"")),
            "it is no workbook",
            id="ods without an end, which calamine would read for ever",
        ),
        pytest.param(
            edited(SMALL, SHEET, lambda text: text.replace(b'r="C2"', b'r="XFD1048576"')),
            "it is broken, or its sheet is too large",
            id="a cell far away",
        ),
        pytest.param(
            edited(SMALL_ODS, "content.xml", lambda text: text.replace(b"<table:table-cell ", FAR_CELL)),
            "it has 16,384 columns, more than 1,000",
            id="ods, a cell many times",
        ),
        pytest.param(xlsx(), "it is empty", id="empty"),
        pytest.param(xlsx([f"n{number}" for number in range(1_001)]), "line 1: it has 1,001 columns", id="wide"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(content, says):
    with pytest.raises(Unreadable, match=re.escape(says)):
        blocks(content)


def test_formats_may_reach_as_far_as_they_like():
    far = b'</row><row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    content = edited(SMALL, SHEET, lambda text: text.replace(b"</row></sheetData>", far))
    assert rows(content)[0] == ["A1", "x", "y"]


def test_a_broken_xls_that_would_end_the_process_is_refused():
    """Its last cell claims to stand in column 65,535, of row 65,535: a rectangle of 160 GiB."""
    content = xls(HEADER, [1.5, 2.5, 3.14159])
    record = b"\x03\x02\x0e\x00\x01\x00\x02\x00"  # NUMBER, 14 bytes, row 1, column 2
    assert content.count(record) == 1
    with pytest.raises(Unreadable, match="it is broken, or its sheet is too large"):
        blocks(content.replace(record, b"\x03\x02\x0e\x00\xff\xff\xff\xff"))


BYTES = st.sampled_from([b"9", b"0", b"-", b"", b"<", b'"', b"99999", b"e", b"\xff"])


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_nothing_but_unreadable_comes_of_a_damaged_workbook(data):
    whole, name = data.draw(
        st.sampled_from(
            [(SMALL, SHEET), (SMALL, "xl/workbook.xml"), (SMALL, "xl/styles.xml"), (SMALL_ODS, "content.xml")]
        )
    )

    def damaged(text: bytes) -> bytes:
        for place in data.draw(st.lists(st.integers(0, len(text) - 1), min_size=1, max_size=4)):
            text = text[:place] + data.draw(BYTES) + text[place + 1 :]
        return text

    with suppress(Unreadable):
        assert all(len(block.rows) == len(block.lines) for block in blocks(edited(whole, name, damaged)))
