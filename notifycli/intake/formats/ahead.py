"""Reads a large CSV file in a process of its own, while the rows before are brought into the database.

Cutting text into cells takes a third of an import's time, and Python does one thing at a time. Knows blocks, no
columns' meanings. The other process is this module run by itself: it gets the open file, and answers on its standard
output. What it says is the same as `Source.blocks` says, so nothing but the time tells which way a file was read.
"""

import marshal
import os
import subprocess
import sys
from array import array
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any

from notifycli.intake.formats.blocks import Block, ByColumn, Rows, Unreadable, columns_of, hashes_of
from notifycli.intake.formats.csv_rows import Layout
from notifycli.intake.formats.first_look import FirstLook
from notifycli.intake.formats.source import Source

LARGE = 8 * 1024 * 1024  # bytes from which on another process is worth its start of a tenth of a second
ROOM = 1024 * 1024  # bytes that the other process may be ahead
BETWEEN = "\0"  # cells: a text that holds one is refused before it is cut
ENDED = "the process that reads it ended before its time (killed, or out of memory?), so none of it was imported"


def blocks_of(source: Rows, salt: bytes, large: int = LARGE) -> Generator[Block, None, None]:
    """The blocks of a source, read ahead where that is worth it; `salt` goes into their hashes. Raises Unreadable.

    Close it, or the other process may stay until this one ends.
    """
    if not isinstance(source, Source) or source.format != "csv" or source.size < large or _processors() < 2:
        yield from source.blocks()
        return
    yield from _read_by_another(source, salt)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _read_by_another(source: Source, salt: bytes) -> Iterator[Block]:
    """A session of its own keeps the terminal's Ctrl-C from the other process, which ends with this one's pipe."""
    job = [source.text.descriptor, list(source.text.look), list(source.layout), salt.hex()]
    with subprocess.Popen(
        [sys.executable, "-m", "notifycli.intake.formats.ahead", repr(job)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        pass_fds=[source.text.descriptor],
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        _give_room(process.stdout)
        try:
            yield from _blocks_from(process.stdout, source)
        finally:
            process.kill()  # it has nothing to lose


def _give_room(pipe: IO[bytes]) -> None:
    with suppress(ImportError, AttributeError, OSError):  # Linux alone can; elsewhere it is a block ahead
        import fcntl

        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, ROOM)


def _blocks_from(pipe: IO[bytes], source: Source) -> Iterator[Block]:
    while True:
        try:
            said, read_so_far, content = marshal.load(pipe)
        except (EOFError, ValueError, TypeError) as error:
            raise Unreadable(ENDED) from error
        source.text.read_so_far = read_so_far
        if said == "block":
            yield _unpacked(content)
        elif said == "unreadable":
            raise Unreadable(content)
        else:
            source.text.refuse_if_changed()
            return


def _packed(block: Block, salt: bytes) -> tuple[Any, ...]:
    """Cells of regular rows as one text, which costs the least to take apart; of others as they are."""
    lines = block.lines
    places: Any = (lines.start, lines.stop) if isinstance(lines, range) else array("q", lines).tobytes()
    if not block.rows or set(map(len, block.rows)) != {len(block.header)}:
        return block.header, places, [list(row) for row in block.rows], None
    text = BETWEEN.join([BETWEEN.join(column) for column in columns_of(block.rows)])
    return block.header, places, text.encode(), array("q", hashes_of(block.rows, salt)).tobytes()


def _unpacked(packed: tuple[Any, ...]) -> Block:
    header, places, content, hashes = packed
    lines: Sequence[int] = range(*places) if isinstance(places, tuple) else array("q", places)
    if hashes is None:
        return Block(header, content, lines)
    cells = content.decode().split(BETWEEN)
    size = len(cells) // len(header)
    columns = [cells[first : first + size] for first in range(0, len(cells), size)]
    return Block(header, ByColumn(columns), lines, list(array("q", hashes)))


def _read(job: str, out: IO[bytes]) -> None:
    from ast import literal_eval

    descriptor, look, layout, salt = literal_eval(job)
    with open(descriptor, "rb", buffering=0) as file:
        source = Source(file, None, False, look=FirstLook(*look), layout=Layout(*layout))
        try:
            for block in source.blocks():
                out.write(marshal.dumps(("block", source.read_so_far, _packed(block, bytes.fromhex(salt)))))
                out.flush()
            last: tuple[Any, ...] = ("end", source.read_so_far, None)
        except Unreadable as error:
            last = ("unreadable", source.read_so_far, str(error))
        out.write(marshal.dumps(last))
        out.flush()


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        _read(sys.argv[1], sys.stdout.buffer)
    os._exit(0)  # what is still to be written has nobody to read it
