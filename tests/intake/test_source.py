"""SPEC section 3: how a file becomes rows, in whatever encoding and form, and which files are refused as a whole."""

import csv
import hashlib
import io
import os
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifycli.intake.formats.blocks import CHUNK, Block, Unreadable
from tests.support.sources import open_source

MANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
MIB = 1024 * 1024
NAMES = "Navn;Sted\nÅse Næss;Bodø\n"


def written(folder: Path, content: bytes | str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def blocks_in(path: Path, encoding: str | None = None, size: int = 10_000) -> list[Block]:
    with open_source(path, encoding) as source:
        return list(source.blocks(size))


def table_in(path: Path, encoding: str | None = None) -> tuple[list[str], list[list[str]], list[int]]:
    """The header, the rows and their lines, of a file with one header."""
    blocks = blocks_in(path, encoding)
    assert {block.header for block in blocks} == {blocks[0].header}
    rows = [row for block in blocks for row in block.rows]
    return list(blocks[0].header), rows, [line for block in blocks for line in block.lines]


def refusal(path: Path, encoding: str | None = None) -> str:
    with pytest.raises(Unreadable) as caught:
        blocks_in(path, encoding)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        pytest.param(NAMES.encode("utf-8"), "utf-8", id="UTF-8"),
        pytest.param(NAMES.encode("utf-8-sig"), "utf-8", id="UTF-8 with a mark"),
        pytest.param(b"\xff\xfe" + NAMES.encode("utf-16-le"), "utf-16", id="UTF-16, little end first"),
        pytest.param(b"\xfe\xff" + NAMES.encode("utf-16-be"), "utf-16", id="UTF-16, big end first"),
        pytest.param(NAMES.encode("cp1252"), "windows-1252", id="Windows"),
        pytest.param(NAMES.encode("cp850"), "cp850", id="DOS"),
        pytest.param(NAMES.encode("mac-roman"), "mac-roman", id="old Macs"),
    ],
)
def test_the_encoding_is_found(tmp_path, content, encoding):
    path = written(tmp_path, content)
    assert table_in(path) == (["Navn", "Sted"], [["Åse Næss", "Bodø"]], [2])
    with open_source(path) as source:
        assert source.encoding == encoding


@pytest.mark.parametrize("encoding", ["windows-1252", "cp850", "mac-roman"])
@pytest.mark.parametrize(
    "names",
    [
        pytest.param("Bjørn", id="one letter"),
        pytest.param("Åse", id="one capital"),
        pytest.param("André", id="an accent"),
        pytest.param("Jürgen Öberg", id="umlauts"),
        pytest.param("Kåre Sæther, Ørjan Ødegård, Ægir, René", id="all sorts"),
    ],
)
def test_a_few_letters_are_enough_to_tell_the_encoding(tmp_path, encoding, names):
    python_name = {"windows-1252": "cp1252"}.get(encoding, encoding)
    assert table_in(written(tmp_path, f"a;b\n{names};1\n".encode(python_name)))[1] == [[names, "1"]]


def test_marks_of_typography_do_not_make_a_file_one_of_dos(tmp_path):
    text = "a;b\nO’Brien;«Fotklinikken» – 2. etg.…\n"
    assert table_in(written(tmp_path, text.encode("cp1252")))[1] == [["O’Brien", "«Fotklinikken» – 2. etg.…"]]


@pytest.mark.slow
def test_letters_after_megabytes_of_ascii_are_found(tmp_path):
    content = b"a;b\n" + b"x;y\n" * (3 * MIB // 4) + "Åse;Bodø\n".encode("cp1252")
    assert table_in(written(tmp_path, content))[1][-1] == ["Åse", "Bodø"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("a;b\n1;2\nПётр;3\n".encode("cp1251"), "line 3: neither UTF-8 nor clearly", id="Cyrillic"),
        pytest.param(
            "a;b\nÅse;Bodø\n".encode() * 50 + b"x\xff;y\n", "line 101: neither UTF-8", id="UTF-8 with a fault"
        ),
        pytest.param(
            "\ufeffa;b\nÅse;2\n".encode() + b"\xe6;3\n", "line 3: a byte that is not utf-8", id="a mark that lies"
        ),
    ],
)
def test_bytes_that_fit_no_encoding_are_refused(tmp_path, content, says):
    message = refusal(written(tmp_path, content))
    assert message.startswith(says)
    assert "--encoding" in message


@pytest.mark.parametrize("name", ["latin1", "ISO-8859-1", "iso8859-1"])
def test_the_encoding_that_the_user_names_wins(tmp_path, name):
    assert table_in(written(tmp_path, "a;b\nÃ¥;2\n".encode("latin-1")), name)[1] == [["Ã¥", "2"]]


def test_utf_16_without_a_mark_can_be_named(tmp_path):
    path = written(tmp_path, NAMES.encode("utf-16-le"))
    assert refusal(path).startswith("line 1: a NUL byte")
    assert table_in(path, "utf-16-le")[1] == [["Åse Næss", "Bodø"]]
    assert "is not utf-16;" in refusal(path, "utf-16") or table_in(path, "utf-16")


@pytest.mark.parametrize("name", ["klingon", "base64", "rot13", "idna", "utf-32", "a\0b", "\ud800"])
def test_an_encoding_that_is_not_known_is_told_with_those_that_are(tmp_path, name):
    message = refusal(written(tmp_path, NAMES), name)
    assert message.endswith("choose one of utf-8, utf-16, utf-16-le, utf-16-be, windows-1252, iso-8859-1, iso-8859-10, "
                            "iso-8859-15, cp437, cp850, cp865, mac-roman")  # fmt: skip


@pytest.mark.slow
def test_what_does_not_fit_the_named_encoding_is_told_with_its_line(tmp_path):
    path = written(tmp_path, b"a;b\n" + b"x;y\n" * MIB + b"\x81;z\n")
    assert refusal(path, "windows-1252") == (
        f"line {MIB + 2}: a byte that is not windows-1252; name the right encoding with --encoding"
    )


@pytest.mark.parametrize(
    ("text", "separator", "row"),
    [
        pytest.param("a;b\n1;2\n", ";", ["1", "2"], id="semicolon"),
        pytest.param("a,b\n1,2\n", ",", ["1", "2"], id="comma"),
        pytest.param("a\tb\n1\t2\n", "\t", ["1", "2"], id="tab"),
        pytest.param("a|b\n1|2\n", "|", ["1", "2"], id="bar"),
        pytest.param("a;b,c;d\n1;2,5;3\n", ";", ["1", "2,5", "3"], id="commas in cells"),
        pytest.param('"a;b;c",d\n"1;2",3\n', ",", ["1;2", "3"], id="semicolons in quotes"),
        pytest.param("a,b|c\n1,2\n", ",", ["1", "2"], id="a bar in the header, which the rows have not"),
        pytest.param("a;b\n", ";", None, id="a header alone"),
        pytest.param("a\n1\n", ";", ["1"], id="one column"),
        pytest.param("sep=,\na,b;c;d\n1,2\n", ",", ["1", "2"], id="Excel's first line"),
        pytest.param("\ufeffSEP=|\r\na|b\r\n1|2\r\n", "|", ["1", "2"], id="Excel's first line after a mark"),
        pytest.param('"sep=^"\na^b\n1^2\n', "^", ["1", "2"], id="Excel's first line in quotes"),
        pytest.param("\ta\tb\n1\t2\t3\n", "\t", ["1", "2", "3"], id="a first column without a name"),
        pytest.param("\n\n;;\na;b\n1;2\n", ";", ["1", "2"], id="blank lines first"),
    ],
)
def test_the_separator_is_found(tmp_path, text, separator, row):
    path = written(tmp_path, text)
    with open_source(path) as source:
        assert (source.format, source.separator) == ("csv", separator)
    assert table_in(path)[1] == ([row] if row else [])


@pytest.mark.parametrize(
    ("text", "rows", "lines"),
    [
        pytest.param("a;b\n1;2\n3;4\n", [["1", "2"], ["3", "4"]], [2, 3], id="LF"),
        pytest.param("a;b\r\n1;2\r\n3;4\r\n", [["1", "2"], ["3", "4"]], [2, 3], id="CRLF"),
        pytest.param("a;b\r1;2\r3;4\r", [["1", "2"], ["3", "4"]], [2, 3], id="CR"),
        pytest.param("a;b\n1;2\r\n3;4\r5;6", [["1", "2"], ["3", "4"], ["5", "6"]], [2, 3, 4], id="all of them"),
        pytest.param("a;b\n\n1;2\n\r\n;\n  ;x\n", [["1", "2"], ["  ", "x"]], [3, 6], id="blank lines are left out"),
        pytest.param('a;b\n"1\n\n";2\n3;4\n', [["1\n\n", "2"], ["3", "4"]], [2, 5], id="line breaks in a cell"),
        pytest.param('a;b\r\n"1\r\n2\r3";4\r\n5;6', [["1\r\n2\r3", "4"], ["5", "6"]], [2, 5], id="all kinds of them"),
        pytest.param('a;b\n"1\r";"\n2"\n3;4\n', [["1\r", "\n2"], ["3", "4"]], [2, 5], id="CR and LF of two cells"),
        pytest.param('"a\nb";c\n1;2\n', [["1", "2"]], [3], id="a line break in the header"),
        pytest.param("sep=;\n\na;b\n1;2\n", [["1", "2"]], [4], id="after Excel's first line"),
        pytest.param("a;b\n1\n2;3;4\n", [["1"], ["2", "3", "4"]], [2, 3], id="short and long rows are rows"),
        pytest.param('a;b\n1;so ""hi"\n"so ""hi""";2\n', [["1", 'so ""hi"'], ['so "hi"', "2"]], [2, 3], id="quotes"),
        pytest.param("a;b\n1\x0b2\x0c\x1c;\x85\u2028\n3;4\n", [["1\x0b2\x0c\x1c", "\x85\u2028"], ["3", "4"]], [2, 3],
                     id="other breaks break nothing"),
    ],
)  # fmt: skip
def test_each_row_knows_its_line(tmp_path, text, rows, lines):
    assert table_in(written(tmp_path, text))[1:] == (rows, lines)


def test_names_are_stripped_and_a_header_alone_is_a_block_without_rows(tmp_path):
    blocks = blocks_in(written(tmp_path, "\n Navn ;\u00a0Sted\t;\n\n"))
    assert [(block.header, block.rows, list(block.lines)) for block in blocks] == [(("Navn", "Sted", ""), [], [])]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "it is empty", id="nothing"),
        pytest.param(b"\xef\xbb\xbf\r\n \r\n", "it is empty", id="a mark and blank lines"),
        pytest.param(b"sep=;\n;;\n", "it is empty", id="nothing but separators"),
        pytest.param(b"PK\x03\x04\x14\x00", "it is an Excel workbook or a ZIP archive; save it as", id="Excel"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1", "it is an old Excel or Word document; save it", id="old Excel"),
        pytest.param(b"%PDF-1.7\n", "it is a PDF; export the list as CSV", id="PDF"),
        pytest.param(b"\x1f\x8b\x08", "it is compressed with gzip; unpack it", id="gzip"),
        pytest.param(b"SQLite format 3\0", "it is an SQLite database; export", id="SQLite"),
        pytest.param(b"\xef\xbb\xbf\n<HTML><table>", "it is HTML or XML, whatever", id="HTML that is named CSV"),
        pytest.param(b"a;b\n1;2\n3;\0\n", "line 3: a NUL byte, so it is no text", id="a NUL byte"),
        pytest.param(b"\x7fELF\x02\x01\x01\0\0\0", "line 1: a NUL byte, so it is no text", id="a program"),
        pytest.param("\ufeffa;b\n1;\0\n".encode("utf-16-le"), "line 2: a NUL byte", id="a NUL character in UTF-16"),
        pytest.param(b'a;b\n1;2\n"3;4\n5;6\n', "line 3: a quote is opened in this row and never closed", id="unclosed"),
        pytest.param(b'a;b\n1;2\n3;"4', "line 3: a quote is opened in this row and never closed", id="unclosed, last"),
        pytest.param(b'a;"b\n1;2\n', "line 1: a quote is opened in this row and never closed", id="unclosed header"),
        pytest.param(b'a;b\n"1"x;2\n', "line 2: a quote is closed and text goes on", id="text after a quote"),
        pytest.param(
            b'a;b\n1;2\n"3;4\n5;6\n"7";8\n',
            "line 3 (noticed on line 5): a quote is closed and text goes on",
            id="one quote too few, noticed later",
        ),
        pytest.param(
            b'a;b\n"3;4\n' + b"5;6\n" * MIB,
            "line 2: a quote is opened in this row and not closed within 1 MiB",
            id="one quote too few, never noticed",
        ),
        pytest.param(b"a;b\n1;" + b"x" * (MIB + 1) + b"\n", "line 2: it is longer than 1 MiB", id="a long row"),
        pytest.param(b"a;b\n1;2\n" + b"x" * (MIB + 1), "line 3: it is longer than 1 MiB", id="a long last row"),
        pytest.param(b";" * 10_000_000 + b"\n", "line 1: it is longer than 1 MiB", id="ten million columns"),
        pytest.param(b"a;b\n" + b";" * 10_000_000, "line 2: it is longer than 1 MiB", id="ten million cells"),
        pytest.param(b"a;b\n" + b'"\n";' * 3_000_000, "line 2: a quote is opened", id="three million cells in quotes"),
        pytest.param(b"a" + b";a" * 1000, "line 1: it has 1,001 columns, more than 1,000", id="1,001 columns"),
        pytest.param(
            b'a;b\n"1\n";2\n3' + b";" * 1000, "line 4: it has 1,001 columns, more than 1,000", id="1,001 cells"
        ),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(tmp_path, content, says):
    assert refusal(written(tmp_path, content)).startswith(says)


def test_a_line_of_utf_16_whose_bytes_look_like_line_ends_is_refused(tmp_path):
    assert "it is longer than 1 MiB" in refusal(written(tmp_path, b"\xff\xfe" + b"\n\n" * 2 * MIB))


def test_a_thousand_columns_and_a_cell_of_nearly_a_mebibyte_are_read(tmp_path):
    limit = csv.field_size_limit()
    long = "x" * (MIB - 10)
    assert len(table_in(written(tmp_path, ";".join("a" * 1000)))[0]) == 1000
    assert table_in(written(tmp_path, f'a;b\n{long};1\n"{long}";2\n'))[1] == [[long, "1"], [long, "2"]]
    assert csv.field_size_limit() == limit


def test_a_refusal_leaves_the_limits_of_csv_as_they_were(tmp_path):
    limit = csv.field_size_limit()
    assert refusal(written(tmp_path, 'a;b\n"1'))
    assert csv.field_size_limit() == limit


def test_what_is_no_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    assert refusal(tmp_path / "none.csv") == "there is no such file; look at the name and the folder"
    assert refusal(tmp_path).startswith("it is a folder; name the files in it")
    assert refusal(tmp_path / "pipe.csv").startswith("it is a pipe or a device")
    assert refusal(Path("/dev/zero")).startswith("it is a pipe or a device")
    assert refusal(tmp_path / "loop.csv").startswith("it cannot be read (Too many levels of symbolic links)")
    assert refusal(tmp_path / ("x" * 300)).startswith("it cannot be read (File name too long)")
    assert refusal(Path("a\0b")) == "no file can have this name"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is barred to root")
def test_a_file_that_is_barred_is_refused(tmp_path):
    path = written(tmp_path, NAMES)
    path.chmod(0)
    assert refusal(path).startswith("it may not be read by this user")


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path):
    path = written(tmp_path, NAMES)
    with open_source(path) as source:
        written(tmp_path, NAMES + "Ola;Oslo\n")
        with pytest.raises(Unreadable, match="it was changed while it was read"):
            list(source.blocks())


@pytest.mark.slow
def test_a_source_tells_its_size_its_sum_and_how_far_it_is(tmp_path):
    content = b"a;b\n" + b"1;2\n" * 200_000
    with open_source(written(tmp_path, content)) as source:
        assert (source.size, source.sha256, source.read_so_far) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
            0,
        )
        progress = [source.read_so_far for _ in source.blocks()]
        assert progress == sorted(progress)
        assert 0 < progress[0] < len(content) == source.read_so_far
        assert sum(len(block.rows) for block in source.blocks(7)) == 200_000
        assert max(len(block.rows) for block in source.blocks(7)) == 7


@pytest.mark.slow
@pytest.mark.parametrize(
    "line", [b"Kari;Bod\xc3\xb8;91000001\n", b'"Kari\n";Oslo;1\n', b'{"a":"1","b":2}\n', b"\n;;\n"]
)
def test_memory_does_not_grow_with_the_file(tmp_path, line):
    def peak(times: int) -> int:
        path = written(tmp_path, b"a;b;c\n" * (not line.startswith(b"{")) + line * times)
        tracemalloc.start()
        with open_source(path) as source:
            for _ in source.blocks():
                pass
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    once = MIB // 4 // len(line)
    assert peak(3 * once) < 1.1 * peak(once)


def test_a_line_without_end_is_refused_before_it_is_read(tmp_path):
    path = written(tmp_path, b"")
    with path.open("wb") as file:
        file.write(b"a;b\n" + b"x" * 2 * MIB)
        file.truncate(5 * 1024 * MIB)  # takes no room on the disk; to read it would take long
    assert refusal(path) == (
        "line 2: it is longer than 1 MiB; is this an export of rows? Give each row a line of its own"
    )


# What always holds

ENCODINGS = {  # how it is written, and what the user has to say
    "utf-8": None,
    "utf-8-sig": None,
    "utf-16": None,
    "utf-16-be": "utf-16-be",
    "cp1252": "windows-1252",
    "cp850": "cp850",
    "mac-roman": "mac-roman",
}
SPECIAL = "aø;,\t|\"\r\n '{=+-@\x0b"


def cells(encoding: str) -> st.SearchStrategy[str]:
    letters = st.characters(codec="utf-8" if encoding.startswith("ut") else encoding, exclude_characters="\0")
    return st.text(st.sampled_from(SPECIAL).filter(lambda letter: letter != "\0") | letters, max_size=6)


@pytest.mark.slow
@given(data=st.data(), encoding=st.sampled_from(sorted(ENCODINGS)), separator=st.sampled_from(";,\t|"))
@MANY
def test_any_rows_come_back_with_their_lines(tmp_path, data, encoding, separator):
    rows = data.draw(st.lists(st.lists(cells(encoding), min_size=1, max_size=4).filter(any), max_size=6))
    end = data.draw(st.sampled_from(["\r\n", "\n", "\r"]))
    # csv.writer leaves an LF unquoted where lines end with CR; the first row lets a chunk end somewhere in the others
    quoting = csv.QUOTE_MINIMAL if end == "\r\n" and data.draw(st.booleans()) else csv.QUOTE_ALL
    rows.insert(0, ["x" * (CHUNK - data.draw(st.integers(0, 150)))])
    out, begins = io.StringIO(newline=""), []
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerow(["a", "b", "c"])
    for row in rows:
        begins.append(1 + len(re.findall("\r\n|\r|\n", out.getvalue())))
        writer.writerow(row)
    path = written(tmp_path, out.getvalue().encode(encoding))
    assert table_in(path, ENCODINGS[encoding]) == (["a", "b", "c"], rows, begins)


FRAGMENTS = [b'"', b";", b",", b"\r", b"\n", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\xe5", b"\x81", b"a"]
FRAGMENTS += [b"a;b\n1;2\n", b"sep=", b"PK\x03\x04", b"\x1f\x8b", b"<html"]
FRAGMENTS += [b'{"a":', b'"b"}', b"1e9", b"[", b"}", b"\\u0000", b"\\ud800"]


@given(
    content=st.binary(max_size=60) | st.lists(st.sampled_from(FRAGMENTS), max_size=30).map(b"".join),
    before=st.sampled_from([b"", b"", b"", b"a;b\n" + b"x" * CHUNK, b'{"a":"' + b"x" * CHUNK]),
    name=st.sampled_from(["file.csv", "file.ndjson"]),
    encoding=st.sampled_from([None, None, "utf-8", "utf-16", "utf-16-le", "windows-1252", "cp850"]),
)
@MANY
def test_any_bytes_are_rows_or_refused(tmp_path, content, before, name, encoding):
    try:
        blocks = blocks_in(written(tmp_path, before + content, name), encoding)
    except Unreadable as error:
        told = str(error)
        assert 10 < len(told) < 240
        return
    assert blocks
    lines = [line for block in blocks for line in block.lines]
    assert lines == sorted(set(lines))
    assert [len(block.rows) for block in blocks] == [len(block.lines) for block in blocks]
    rows = [row for block in blocks for row in block.rows]
    assert all(map(any, rows))
    assert not any("\0" in cell for row in rows for cell in row)
