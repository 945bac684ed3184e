"""Makes plain open files of what was named: those of a folder, what an archive holds, what a pipe brings.

Copies that it needs have no name, so nothing of them stays. Must not know rows or the database.
"""

import errno
import fcntl
import gzip
import hashlib
import io
import os
import shutil
import signal
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from threading import current_thread, main_thread
from typing import Protocol
from zoneinfo import ZoneInfo

from notifycli.intake.formats.blocks import CHUNK, PassingTrouble, Unreadable
from notifycli.intake.formats.excel import is_workbook

GZIP, ZIP = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")  # the last: with nothing in it
PIPE = Path("-")
NEWEST = 2**40  # epoch seconds
MOST_UNPACKED = 64 * 1024**3  # bytes; beyond it is no export but something made to fill a disk
NOT_YET_WHOLE = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp")
EXTENDED_TIMESTAMP = 0x5455
NORWAY = ZoneInfo("Europe/Oslo")
ENDS_IN_THE_MIDDLE = "it ends in the middle of what is packed; export it anew, or wait until it is whole"


@dataclass(frozen=True)
class Given:
    """A plain file, open. `path`: by which people know it. `name`: its own, whose ending may tell what it is.

    `original`: the file that was named, where there is one; `is_packed`: this one was packed in it. `sha256` (of the
    original) is None where nobody needed it yet. `rejects`: the path that the names of files with its rejected rows
    begin with. `written_at`: its time of modification in epoch seconds, of what is packed its own; what comes by a pipe
    is as new as can be.
    """

    path: Path
    name: str
    file: io.FileIO
    original: Path | None
    rejects: Path
    sha256: str | None = None
    is_packed: bool = False
    written_at: int = NEWEST


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def files_in(folder: Path) -> list[Path]:
    """A folder's files by name, but for hidden ones, rejects, and those that bear the ending of what is not whole."""
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise PassingTrouble(f"the folder cannot be read ({error.strerror}); see its permissions with ls -l") from error
    return [path for path in files if not _is_left_alone(path.name)]


def given_file(path: Path, file: io.FileIO, open_ones: ExitStack, sha256: str | None = None) -> list[Given]:
    """A named file, or what is packed in it. Raises Unreadable; `open_ones` closes what was opened."""
    beginning = file.read(4) or b""
    file.seek(0)
    if beginning.startswith(GZIP):
        name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
        copy = open_ones.enter_context(_nameless())
        file.seek(0)
        with _packing_understood(), gzip.GzipFile(fileobj=file) as packed:
            _copy(packed, copy)
        its_own_time = int.from_bytes(os.pread(file.fileno(), 8, 0)[4:8], "little")  # MTIME (RFC 1952, 2.3); 0 is none
        at = its_own_time or _written_at(file)
        return [Given(readable(path), name, copy, path, path, sha256 or sha256_of(file), is_packed=True, written_at=at)]
    if beginning.startswith(ZIP) and not is_workbook(file):
        return list(_unzipped(path, file, open_ones, sha256 or sha256_of(file)))
    file.seek(0)
    return [Given(readable(path), path.name, file, path, path, sha256, written_at=_written_at(file))]


def given_by_pipe(pipe: Readable, open_ones: ExitStack) -> list[Given]:
    """Standard input, read to its end."""
    copy = open_ones.enter_context(_nameless())
    try:
        _copy(pipe, copy)
    except (OSError, ValueError) as error:  # a folder, or closed
        raise Unreadable("it is no pipe that can be read; give it one, as in: cat FILE | notify import -") from error
    packed = given_file(PIPE, copy, open_ones)
    return [
        replace(
            given,
            original=None,
            rejects=Path(f"stdin{given.rejects.name[1:]}"),
            written_at=given.written_at if given.is_packed else NEWEST,
        )
        for given in packed
    ]


def readable(path: Path | str) -> Path:
    """As it can be shown in one line and stored as text: names may hold line ends, escapes, or no text at all."""
    return Path("".join(letter if letter.isprintable() else "\ufffd" for letter in str(path)))


def sha256_of_path(path: Path) -> str | None:
    """Of a file that may not be there, or not be read."""
    try:
        if not path.is_file():
            return None
        with path.open("rb", buffering=0) as file:
            return sha256_of(file)
    except (OSError, ValueError):
        return None


def sha256_of(file: io.FileIO) -> str:
    """In hexadecimal digits; the file is at its beginning afterwards."""
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def ends_its_last_line(file: io.FileIO) -> bool:
    size = os.fstat(file.fileno()).st_size
    last = os.pread(file.fileno(), 1, size - 1) if size else b""
    return last in (b"\n", b"\r", b"\0", b"\x1c")  # UTF-16; a frame of HL7 v2


def is_open_for_writing(file: io.FileIO) -> bool:
    """Whether some program of this machine has it open to write, as far as Linux tells a file's owner."""
    if current_thread() is not main_thread():
        return False
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)  # who opens it in this moment would end us by it
    try:
        fcntl.fcntl(file.fileno(), fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(file.fileno(), fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except (AttributeError, OSError):  # another system than Linux; another owner
        return False
    finally:
        signal.signal(signal.SIGIO, before)
    return False


def _is_left_alone(name: str) -> bool:
    lower = name.lower()
    is_of_rejects = lower.endswith(".csv") and ".rejects" in lower
    return name.startswith((".", "~$")) or lower.endswith(NOT_YET_WHOLE) or is_of_rejects


def _unzipped(path: Path, file: io.FileIO, open_ones: ExitStack, sha256: str) -> Iterator[Given]:
    with _packing_understood(), zipfile.ZipFile(file) as archive:
        # Some programs on Windows write their own slashes.
        files = [(file, file.filename.replace("\\", "/")) for file in archive.infolist() if not file.is_dir()]
        if not all(member.filename for member in archive.infolist()):
            raise Unreadable("it is a ZIP archive with a member of no name: it is broken; export it anew")
        members = [
            (member, name)
            for member, name in files
            if not name.startswith("__MACOSX/") and not _is_left_alone(Path(name).name)
        ]
        if not members:
            raise Unreadable("it is a ZIP archive with nothing in it; export it anew")
        taken: set[str] = set()
        for member, name in members:
            if member.flag_bits & 1:
                raise Unreadable("it is a ZIP archive with a password; unpack it and import what is in it")
            copy = open_ones.enter_context(_nameless())
            with archive.open(member) as packed:
                _copy(packed, copy)
            shown = readable(f"{path}/{name.lstrip('/')}")
            # Two members may bear one name, in different folders or the same; each needs its own file of rejects.
            names = chain([shown.name], (f"{number}.{shown.name}" for number in count(2)))
            free = next(name_to_try for name_to_try in names if name_to_try not in taken)
            taken.add(free)
            rejects = path.with_name(f"{path.name}.{free}")
            at = _time_of_member(member)
            yield Given(shown, shown.name, copy, path, rejects, sha256, is_packed=True, written_at=at)


def _written_at(file: io.FileIO) -> int:
    return int(os.fstat(file.fileno()).st_mtime)


def _time_of_member(member: zipfile.ZipInfo) -> int:
    """The extended timestamp (0x5455) where there is one, which is UTC; else the clock time where it was packed, which
    is taken for a Norwegian one."""
    extra = member.extra
    while len(extra) >= 4:
        tag, size = struct.unpack("<HH", extra[:4])
        if tag == EXTENDED_TIMESTAMP and size >= 5 and extra[4] & 1 and len(extra) >= 9:
            return int(struct.unpack("<i", extra[5:9])[0])
        extra = extra[4 + size :]
    try:
        return int(datetime(*member.date_time, tzinfo=NORWAY).timestamp())
    except ValueError:
        return NEWEST


@contextmanager
def _packing_understood() -> Iterator[None]:
    try:
        yield
    except Unreadable:
        raise
    except EOFError as error:
        raise Unreadable(ENDS_IN_THE_MIDDLE) from error
    except (NotImplementedError, RuntimeError) as error:
        raise Unreadable("it is packed in a way that is not known here; unpack it and import that") from error
    except Exception as error:  # zipfile raises all sorts
        raise Unreadable("it is packed, and broken or not whole; export it anew") from error


def _copy(source: Readable, copy: io.FileIO) -> None:
    """Raises Unreadable where it gets too large or the disk has no room for it."""
    size = 0
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > MOST_UNPACKED:
            raise Unreadable("what is packed in it is larger than 64 GiB; is it an export? Unpack it and look")
        left = memoryview(chunk)
        try:
            while left:
                left = left[copy.write(left) or 0 :]
        except OSError as error:
            room = shutil.disk_usage(tempfile.gettempdir()).free // 1024**2
            raise PassingTrouble(
                f"its copy to read from found no room ({error.strerror}; {room:,} MiB are free);"
                " set TMPDIR to a folder on a larger disk"
            ) from error
    copy.seek(0)


def _nameless() -> io.FileIO:
    try:
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - its caller closes it
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise Unreadable("it holds more files than can be open at once; unpack it and import the folder") from error
        raise PassingTrouble(
            f"no copy can be made to read from ({error.strerror}); set TMPDIR to a folder that can be written"
        ) from error
    assert isinstance(file, io.FileIO)
    return file
