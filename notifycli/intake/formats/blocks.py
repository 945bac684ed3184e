"""What every reader of a format gives: blocks of rows that share a header, or one sentence that says why it cannot.

Must not know any format, kind or path. Source: SPEC section 3.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from struct import unpack
from typing import Protocol, overload

from notifycli.domain.errors import NotifyError

CHUNK = 128 * 1024  # bytes read at once; larger blocks of rows cost half as much again, in cache misses and collections
LONGEST_ROW = 1024 * 1024  # bytes of a line, or characters of a row whose quoted cells hold line breaks
MOST_COLUMNS = 1_000
BETWEEN = "\x1f"  # the cells of a row that is told from others by its hash
EMPTY = "it is empty, or begins with nothing but blank lines; export it anew"


class Unreadable(NotifyError):
    """The file cannot be read as a whole. str() says what is wrong, on which line, and what to do; it knows no path."""


class PassingTrouble(Unreadable):
    """It is not the file's own fault, or it is not yet whole: another time it may be read."""


class ByColumn(Sequence[list[str]]):
    """Rows of equal length that are kept column by column. `text`: all of them in lines, with BETWEEN their cells."""

    def __init__(self, columns: list[list[str]], text: str | None = None) -> None:
        self.columns = columns
        self.text = text

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, place: int) -> list[str]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[list[str]]: ...
    def __getitem__(self, place: int | slice) -> list[str] | Sequence[list[str]]:
        if isinstance(place, slice):
            return ByColumn([column[place] for column in self.columns])
        return [column[place] for column in self.columns]

    def __iter__(self) -> Iterator[list[str]]:
        return map(list, zip(*self.columns, strict=True))


@dataclass(slots=True)
class Block:
    """Rows that share one header. A row may be shorter or longer than the header.

    `header` holds the names as the file gives them, stripped. `lines` holds the number of the line (1-based, the
    header's line counts) on which each row begins. Blank lines and rows of empty cells alone are left out. `warnings`
    are what the reader itself found odd: index of the row, column (or ""), and a text that never repeats the cell.
    """

    header: tuple[str, ...]
    rows: Sequence[list[str]]
    lines: Sequence[int]
    warnings: Sequence[tuple[int, str, str]] = ()


class Rows(Protocol):
    """Rows of one file and, where the format says which, of one `kind`.

    `unit` is what the numbers in Block.lines count. `format` names the format, `encoding` is empty where it has none
    that matters. `read_so_far` and `size` are bytes.
    """

    @property
    def kind(self) -> str | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def encoding(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...
    @property
    def read_so_far(self) -> int: ...
    def blocks(self) -> Iterator[Block]: ...
    def notes(self) -> list[str]: ...
    def doubt(self) -> str:
        """Once it was read: why it may not hold all that it should, said of it; empty where nothing tells so."""
        ...


def columns_of(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """Rows of equal length, turned."""
    return list(rows.columns) if isinstance(rows, ByColumn) else list(zip(*rows, strict=True))


def widths_of(rows: Sequence[Sequence[str]]) -> set[int]:
    """How many cells its rows have."""
    return {len(rows.columns)} if isinstance(rows, ByColumn) else set(map(len, rows))


def hashes_of(rows: Sequence[Sequence[str]], salt: bytes) -> list[int]:
    """64 bits, signed, that tell a row of cells from any other; `salt` (16 bytes) stands for how they are read."""
    salted = blake2b(digest_size=8, salt=salt)
    if isinstance(rows, ByColumn) and rows.text is not None:
        as_bytes = rows.text.encode().split(b"\n")
    else:
        try:
            as_bytes = [BETWEEN.join(row).encode() for row in rows]
        except UnicodeEncodeError:  # JSON can bring halves of characters
            as_bytes = [BETWEEN.join(row).encode("utf-8", "surrogatepass") for row in rows]
    digests = []
    for row in as_bytes:
        digest = salted.copy()  # in two thirds of the time of a new one
        digest.update(row)
        digests.append(digest.digest())
    return list(unpack(f"<{len(rows)}q", b"".join(digests)))


def lines_of(text: str) -> io.StringIO:
    """Iterates over lines with their ends; unlike str.splitlines, only CR, LF and CRLF end a line."""
    return io.StringIO(text, newline="")


def refuse_too_many_columns(count: int, line: int) -> None:
    if count > MOST_COLUMNS:
        raise Unreadable(f"line {line}: it has {count:,} columns, more than {MOST_COLUMNS:,}; export fewer of them")


def cut(parts: Iterable[Block], size: int) -> Iterator[Block]:
    """The same rows in blocks of at most `size`; a block without rows, as a header alone makes, stays one."""
    for part in parts:
        if len(part.rows) <= size:
            yield part
            continue
        for start in range(0, len(part.rows), size):
            yield Block(part.header, part.rows[start : start + size], part.lines[start : start + size])


def skipped_in_words(above: int) -> list[str]:
    """Of rows before the header."""
    if not above:
        return []
    return ["1 row above the header was skipped" if above == 1 else f"{above} rows above the header were skipped"]
