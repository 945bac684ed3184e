"""What one call of `notify import` is to read: files by name, standard input, and of folders what is new and whole.

Knows files, not what is in them; whether a content was seen before, it asks the caller. Source: SPEC section 3.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Literal

from notifycli.intake.blocks import PassingTrouble, Unreadable
from notifycli.intake.given import (
    PIPE,
    Given,
    Readable,
    files_in,
    given_by_pipe,
    given_file,
    is_open_for_writing,
    opened,
    sha256_of,
)

Fate = Literal["imported", "failed"]
YOUNG = 60.0  # seconds since it was last written, within which what is not whole may be on its way
JUST_WRITTEN = 3.0  # seconds, within which a file of a folder is looked at twice
BETWEEN_LOOKS = 0.3  # seconds


@dataclass
class Gathered:
    """`waiting`: files that are still being written; `seen`: those whose content was imported, or failed, before,
    with its SHA-256."""

    given: list[Given] = field(default_factory=list)
    troubles: list[tuple[Path, Unreadable]] = field(default_factory=list)
    waiting: list[Path] = field(default_factory=list)
    seen: list[tuple[Path, Fate, str]] = field(default_factory=list)
    young: set[Path] = field(default_factory=set)

    def refuse(self, path: Path, error: Unreadable) -> None:
        """A young file of a folder that cannot be read may be whole the next time."""
        if path in self.young:
            self.waiting.append(path)
        else:
            self.troubles.append((path, error))


def gather(
    paths: Sequence[Path],
    pipe: Readable,
    fate_of: Callable[[str], Fate | None],
    clock_of_files: float,
    open_ones: ExitStack,
) -> Gathered:
    """`fate_of`: what became of a content, by its SHA-256. `clock_of_files`: the time by which files' go."""
    found = Gathered()
    for path in paths:
        try:
            if path == PIPE:
                found.given += given_by_pipe(pipe, open_ones)
            elif path.is_dir():
                _gather_folder(path, found, fate_of, clock_of_files, open_ones)
            else:
                found.given += given_file(path, opened(path, open_ones), open_ones)
        except Unreadable as error:
            found.troubles.append((path, error))
    return found


def _gather_folder(
    folder: Path,
    found: Gathered,
    fate_of: Callable[[str], Fate | None],
    clock_of_files: float,
    open_ones: ExitStack,
) -> None:
    paths = files_in(folder)
    growing = _growing(paths, clock_of_files)
    for path in paths:
        if path in growing:
            found.waiting.append(path)
            continue
        try:
            _gather_one(path, found, fate_of, clock_of_files, open_ones)
        except Unreadable as error:
            found.refuse(path, error)


def _growing(paths: Sequence[Path], clock_of_files: float) -> set[Path]:
    """Those of the files that another look finds changed."""
    before = {path: _state(path) for path in paths}
    just_written = [path for path, (_, at) in before.items() if clock_of_files - at < JUST_WRITTEN]
    if just_written:
        Event().wait(BETWEEN_LOOKS)
    return {path for path in just_written if _state(path) != before[path]}


def _gather_one(
    path: Path,
    found: Gathered,
    fate_of: Callable[[str], Fate | None],
    clock_of_files: float,
    open_ones: ExitStack,
) -> None:
    file = opened(path, open_ones)
    if is_open_for_writing(file):
        found.waiting.append(path)
        return
    if clock_of_files - os.fstat(file.fileno()).st_mtime < YOUNG:
        found.young.add(path)
    try:
        sha256 = sha256_of(file)
    except OSError as error:
        raise PassingTrouble(f"it cannot be read ({error.strerror}); copy it to another place") from error
    fate = fate_of(sha256)
    if fate is not None:
        found.seen.append((path, fate, sha256))
        file.close()
        return
    found.given += given_file(path, file, open_ones, sha256)


def _state(path: Path) -> tuple[int, float]:
    try:
        found = path.stat()
    except OSError:
        return -1, 0.0
    return found.st_size, found.st_mtime
