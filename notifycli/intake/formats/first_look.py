"""Opens a file and reads it through once: what it is, its encoding, its SHA-256. Refuses what is no text of rows.

Must not know rows or columns. Source: SPEC section 3, "A file that cannot be read as a whole".
"""

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from notifycli.intake.formats.blocks import CHUNK, LONGEST_ROW, Unreadable
from notifycli.intake.formats.encoding import GUESSED, Utf8Test, encoding_by_mark, encoding_named

AS_CSV = 'save it as "CSV UTF-8" and import that'
NO_TABLES = (  # how files begin that are taken for a table
    (b"PK\x03\x04", f"it is an Excel workbook or a ZIP archive; {AS_CSV}, or unpack it"),
    (b"\xd0\xcf\x11\xe0", f"it is an old Excel or Word document; {AS_CSV}"),
    (b"%PDF-", "it is a PDF; export the list as CSV and import that"),
    (b"\x1f\x8b", "it is compressed with gzip; unpack it with gunzip and import that"),
    (b"\xfd7zXZ", "it is compressed with xz; unpack it with unxz and import that"),
    (b"7z\xbc\xaf", "it is a 7-Zip archive; unpack it and import what is in it"),
    (b"SQLite format 3", "it is an SQLite database; export the table as CSV and import that"),
)
MARKUP = (b"<?xml", b"<html", b"<!doctype", b"<table")


class FirstLook(NamedTuple):
    """What the first pass tells of a file: a name in CODECS, bytes, and the SHA-256 in hexadecimal digits."""

    encoding: str
    size: int
    sha256: str


def open_file(path: Path) -> io.FileIO:
    """Raises Unreadable for what is missing, barred or no ordinary file."""
    with _trouble_told():
        try:
            _refuse_what_is_no_file(path.stat().st_mode)
        except ValueError as error:
            raise Unreadable("no file can have this name") from error
        return open(path, "rb", buffering=0, opener=_open_without_waiting)


def read_chunk(file: io.FileIO) -> bytes:
    """At most CHUNK bytes; none at the end of the file. Raises Unreadable where the disk fails."""
    with _trouble_told():
        return file.read(CHUNK) or b""


def line_at(file: io.FileIO, offset: int) -> int:
    """The number of the line in which a byte stands. For error messages: reads the file anew up to there."""
    file.seek(0)
    feeds = returns = 0
    while offset > 0 and (chunk := read_chunk(file)[:offset]):
        offset -= len(chunk)
        feeds += chunk.count(b"\n")
        returns += chunk.count(b"\r")
    return 1 + (feeds or returns)


def too_long(line: int) -> Unreadable:
    return Unreadable(
        f"line {line}: it is longer than 1 MiB; is this an export of rows? Give each row a line of its own"
    )


def holds_nul(line: int) -> Unreadable:
    return Unreadable(
        f"line {line}: a NUL byte, so it is no text; export it as CSV (UTF-16? Then --encoding utf-16-le)"
    )


def first_look(file: io.FileIO, given: str | None) -> FirstLook:
    """Reads the whole file once. `given` is the encoding that the user names. Raises Unreadable for what is no text."""
    encoding = encoding_named(given) if given else None
    digest, test, size, open_line = hashlib.sha256(), Utf8Test(), 0, 0
    file.seek(0)
    while chunk := read_chunk(file):
        if not size:
            for magic, what_it_is in NO_TABLES:
                if chunk.startswith(magic):
                    raise Unreadable(what_it_is)
            if chunk.removeprefix(b"\xef\xbb\xbf").lstrip()[:10].lower().startswith(MARKUP):
                raise Unreadable(f"it is HTML or XML, whatever its name says; open it in Excel, {AS_CSV}")
            encoding = encoding or encoding_by_mark(chunk)
        if b"\0" in chunk and encoding not in ("utf-16", "utf-16-le", "utf-16-be"):
            raise holds_nul(line_at(file, size + chunk.index(b"\0")))
        ends = [end for end in (chunk.find(b"\n"), chunk.find(b"\r")) if end >= 0]
        if open_line + min(ends, default=len(chunk)) > LONGEST_ROW:  # no other line is longer than a chunk
            raise too_long(line_at(file, size - open_line))
        last_end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        open_line = open_line + len(chunk) if last_end < 0 else len(chunk) - last_end - 1
        digest.update(chunk)
        size += len(chunk)
        if encoding in (None, "utf-8"):
            test.take(chunk)
    if encoding in (None, "utf-8"):
        encoding = _decided(test, file, encoding)
    return FirstLook(encoding, size, digest.hexdigest())


def _decided(test: Utf8Test, file: io.FileIO, given: str | None) -> str:
    test.take(b"", final=True)
    if test.failed_at is None:
        return "utf-8"
    guess = None if given else test.guess()
    if guess:
        return guess
    line = line_at(file, test.failed_at)
    if given:
        raise not_in(given, line)
    raise Unreadable(
        f"line {line}: neither UTF-8 nor clearly {' or '.join(GUESSED)}; name its encoding with --encoding"
    )


def not_in(encoding: str, line: int) -> Unreadable:
    return Unreadable(f"line {line}: a byte that is not {encoding}; name the right encoding with --encoding")


def _open_without_waiting(path: str, flags: int) -> int:
    """A pipe that took the file's place a moment ago would wait for its writer."""
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    try:
        _refuse_what_is_no_file(os.fstat(descriptor).st_mode)
    except Unreadable:
        os.close(descriptor)
        raise
    return descriptor


def _refuse_what_is_no_file(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise Unreadable("it is a folder; name the files in it, as in FOLDER/*.csv")
    if not stat.S_ISREG(mode):
        raise Unreadable("it is a pipe or a device, and those cannot be read twice; write it to a file and import that")


@contextmanager
def _trouble_told() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Unreadable("there is no such file; look at the name and the folder") from error
    except PermissionError as error:
        raise Unreadable("it may not be read by this user; see its permissions with ls -l") from error
    except OSError as error:
        raise Unreadable(f"it cannot be read ({error.strerror}); copy it to another place and import that") from error
