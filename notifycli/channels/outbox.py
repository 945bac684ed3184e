"""Messages become files in a folder instead of leaving: for trying out, and for other programs to pick up.

E-mail is a Maildir, SMS and push are JSON lines. What is reported as sent is synced to the disk. Must not know why a
message is sent. Source: SPEC section 9, `transport = "outbox"`.
"""

import asyncio
import errno
import json
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from notifycli.channels.base import Outcome, Outgoing
from notifycli.channels.leaving import it_leaves_now
from notifycli.channels.mail import NotAnAddress, NotASender, message_bytes

ONLY_US = 0o600
ONLY_OUR_FOLDER = 0o700


class EmailOutbox:
    """`<outbox>/email`, a Maildir. A delivery has one file, named after it: a resend replaces it."""

    concurrency = 8  # the waits for the disk overlap

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        self._maildir = outbox / "email"
        self._read_already: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        self._read_already = {}
        with suppress(OSError):
            # What a mail reader has moved away since, by the name it had; a reader adds its flags behind a colon.
            names = await asyncio.to_thread(os.listdir, self._maildir / "cur")
            self._read_already = {name.split(":")[0]: name for name in names}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def send(self, message: Outgoing) -> Outcome:
        """`temporary` where the folder takes no file, `permanent` for what is no address."""
        it_leaves_now()  # a thread cannot be stopped
        return await asyncio.to_thread(_outcome_of, self._put, message, self._maildir)

    def _put(self, message: Outgoing) -> str:
        name = f"delivery-{message.delivery}"
        octets = message_bytes(message).replace(b"\r\n", b"\n")  # the line ends of a Maildir
        try:
            self._write(name, octets)
        except FileNotFoundError:
            _make_folders(self._outbox, self._maildir, *(self._maildir / name for name in ("tmp", "new", "cur")))
            self._write(name, octets)
        return name

    def _write(self, name: str, octets: bytes) -> None:
        unfinished, new = self._maildir / "tmp" / name, self._maildir / "new"
        try:
            file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, ONLY_US)
            with open(file, "wb") as stream:
                stream.write(octets)
                stream.flush()
                os.fsync(file)
            os.rename(unfinished, new / name)
        except OSError:
            with suppress(OSError):
                unfinished.unlink()
            raise
        if name in self._read_already:
            (self._maildir / "cur" / self._read_already.pop(name)).unlink(missing_ok=True)
        _sync_folder(new)


class LineOutbox:
    """`<outbox>/sms.jsonl` and `<outbox>/push.jsonl`: one JSON object a line, in the order they were sent."""

    concurrency = 1

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
        self._known: dict[Path, tuple[int, int, int]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    async def send(self, message: Outgoing) -> Outcome:
        """`temporary` where the folder takes no line; the reference is the line's number."""
        async with self._one_at_a_time:
            it_leaves_now()
            return await asyncio.to_thread(_outcome_of, self._put, message, self._outbox)

    def _put(self, message: Outgoing) -> str:
        path = self._outbox / f"{message.channel}.jsonl"
        try:
            return self._append(path, _line(message))
        except FileNotFoundError:
            _make_folders(self._outbox)
            return self._append(path, _line(message))

    def _append(self, path: Path, line: bytes) -> str:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, ONLY_US)
        try:
            status = os.fstat(file)
            size = status.st_size
            is_unfinished = size > 0 and os.pread(file, 1, size - 1) != b"\n"
            inode, known_size, lines = self._known.get(path, (0, 0, 0))
            if (inode, known_size) != (status.st_ino, size):  # another hand has touched or moved it
                with open(path, "rb") as stream:
                    lines = sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))
            lines += is_unfinished + 1
            written = _append_whole(file, b"\n" + line if is_unfinished else line, size)
            self._known[path] = (status.st_ino, size + written, lines)
        finally:
            os.close(file)
        if size == 0:
            _sync_folder(self._outbox)
        return str(lines)


def _outcome_of(put: Callable[[Outgoing], str], message: Outgoing, folder: Path) -> Outcome:
    try:
        reference = put(message)
    except NotASender as problem:
        return Outcome("temporary", str(problem))
    except NotAnAddress as problem:
        return Outcome("permanent", str(problem), reason="bad_address")
    except OSError as problem:
        return Outcome("temporary", f"cannot write to {folder}: {problem.strerror or type(problem).__name__}")
    return Outcome("sent", f"written to {folder}", reference=reference)


def _line(message: Outgoing) -> bytes:
    at = datetime.fromtimestamp(message.sent_on, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields: dict[str, int | str] = {"delivery": message.delivery, "at": at, "to": message.address}
    fields["sender"] = message.sender
    if message.channel == "push":
        fields |= {"title": message.subject, "collapse_key": message.collapse_key}
    fields["text"] = message.text
    return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _append_whole(file: int, octets: bytes, size: int) -> int:
    """Append all or nothing: half a line would be read as a message, or join with the next one."""
    try:
        written = os.write(file, octets)
        if written < len(octets):
            raise OSError(errno.ENOSPC, "the disk took only a part of the line; is it full?")
        os.fsync(file)
    except OSError:
        with suppress(OSError):
            os.ftruncate(file, size)
        raise
    return written


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_folders(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(ONLY_OUR_FOLDER, parents=True, exist_ok=True)


def deliveries_in(outbox: Path) -> Iterator[int]:
    """The delivery of each message in an outbox, e-mail that was read already, too. Raises OSError and ValueError."""
    for folder in ("new", "cur"):
        with suppress(FileNotFoundError):
            for entry in os.scandir(outbox / "email" / folder):
                number = entry.name.split(":")[0].removeprefix("delivery-")
                if number.isdigit():
                    yield int(number)
    for name in ("sms.jsonl", "push.jsonl"):
        with suppress(FileNotFoundError), open(outbox / name, encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield int(json.loads(line)["delivery"])


def take_out(outbox: Path, deliveries: Collection[int]) -> int:
    """Removes the messages of these deliveries from an outbox; how many. No run may write to it meanwhile.

    A line keeps its place, with nothing but the delivery's number, since lines are known by their numbers.
    """
    taken = 0
    for folder in ("tmp", "new", "cur"):
        with suppress(FileNotFoundError):
            for entry in os.scandir(outbox / "email" / folder):
                number = entry.name.split(":")[0].removeprefix("delivery-")
                if number.isdigit() and int(number) in deliveries:
                    os.unlink(entry.path)
                    taken += 1
    for name in ("sms.jsonl", "push.jsonl"):
        with suppress(FileNotFoundError):
            taken += _take_lines_out(outbox / name, deliveries)
    return taken


def _take_lines_out(path: Path, deliveries: Collection[int]) -> int:
    new, taken = path.with_name(f".{path.name}.new"), 0
    with open(path, "rb") as lines, open(new, "wb", opener=_private) as stream:
        for line in lines:
            delivery = _delivery_in(line)
            is_theirs = delivery in deliveries and b'"to"' in line
            taken += is_theirs
            stream.write(json.dumps({"delivery": delivery}).encode() + b"\n" if is_theirs else line)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(new, path) if taken else os.unlink(new)
    return taken


def _delivery_in(line: bytes) -> int | None:
    """None of a line that another hand has written."""
    try:
        return int(json.loads(line)["delivery"])
    except (ValueError, KeyError, TypeError):
        return None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, ONLY_US)
