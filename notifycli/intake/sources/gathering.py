"""Gathers what one call of `notify import` is to read: named files, standard input, what is new and whole in folders.

Asks the caller whether a content was seen before. Must not know what is in a file. Source: SPEC section 3.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Literal

from notifycli.intake.formats.blocks import PassingTrouble, Unreadable
from notifycli.intake.formats.first_look import open_file
from notifycli.intake.sources.given import (
    PIPE,
    Given,
    Readable,
    files_in,
    given_by_pipe,
    given_file,
    is_open_for_writing,
    readable,
    sha256_of,
)
from notifycli.intake.sources.open_files import room_for_files

YOUNG = 60.0  # seconds since it was last written, within which what is not whole may be on its way
JUST_WRITTEN = 3.0  # seconds, within which a file of a folder is looked at twice
BETWEEN_LOOKS = 0.3  # seconds
State = tuple[int, int, int, int]
SeenFile = Literal["imported", "failed"]
# Of a content, by its SHA-256, its file's name and when it was written.
FateOf = Callable[[str, str, float], SeenFile | None]


@dataclass
class Gathered:
    """`troubles`: paths that cannot be read, and the SHA-256 of the content where it is known.

    Of folders, `waiting`: files that are still being written; `postponed`: those for which there is no room this time;
    `seen`: those whose content was imported, or failed, before, with its SHA-256; `young`: those that may not be whole
    yet. `stood`: how each file was when it was opened.
    """

    given: list[Given] = field(default_factory=list)
    troubles: list[tuple[Path, Unreadable, str | None]] = field(default_factory=list)
    waiting: list[Path] = field(default_factory=list)
    postponed: list[Path] = field(default_factory=list)
    seen: list[tuple[Path, SeenFile, str]] = field(default_factory=list)
    young: set[Path] = field(default_factory=set)
    stood: dict[Path, State] = field(default_factory=dict)

    def wait_for(self, path: Path) -> None:
        if path not in self.waiting:
            self.waiting.append(path)

    def is_as_it_was(self, path: Path) -> bool:
        """Whether what lies there is what was read."""
        return _state(path) == self.stood[path]


def gather(
    paths: Sequence[Path],
    pipe: Readable,
    fate_of: FateOf,
    clock_of_files: float,
    open_ones: ExitStack,
) -> Gathered:
    """`fate_of`: what became of a content before. `clock_of_files`: the time by which files' go."""
    gathering = _Gathering(fate_of, clock_of_files, open_ones)
    for path in paths:
        if path == PIPE:
            gathering.take_pipe(pipe)
        elif os.path.isdir(path):
            gathering.take_folder(path)
        else:
            gathering.take_file(path)
    return gathering.gathered


class _Gathering:
    def __init__(self, fate_of: FateOf, clock_of_files: float, open_ones: ExitStack) -> None:
        self.gathered = Gathered()
        self._fate_of = fate_of
        self._clock = clock_of_files
        self._open_ones = open_ones
        self._room = room_for_files()
        self._taken: set[tuple[int, int]] = set()

    def take_pipe(self, pipe: Readable) -> None:
        try:
            self.gathered.given += given_by_pipe(pipe, self._open_ones)
        except Unreadable as error:
            self.gathered.troubles.append((PIPE, error, None))

    def take_file(self, path: Path) -> None:
        try:
            file = self._open_ones.enter_context(open_file(path))
            if self._is_taken_already(path, os.fstat(file.fileno())):
                return
            self.gathered.given += given_file(path, file, self._open_ones)
        except Unreadable as error:
            self.gathered.troubles.append((path, error, None))

    def take_folder(self, folder: Path) -> None:
        try:
            paths = files_in(folder)
        except Unreadable as error:
            self.gathered.troubles.append((folder, error, None))
            return
        just_written = {path: _state(path) for path in paths if self._age(path) < JUST_WRITTEN}
        if just_written:
            Event().wait(BETWEEN_LOOKS)
        growing = {path for path, before in just_written.items() if _state(path) != before}
        for path in paths:
            if path in growing:
                self.gathered.wait_for(path)
            elif len(self.gathered.given) >= self._room:
                self.gathered.postponed.append(path)
            else:
                self._take_file_of_folder(path)

    def _take_file_of_folder(self, path: Path) -> None:
        with ExitStack() as here:
            sha256 = None
            try:
                file = here.enter_context(open_file(path))
                if self._is_taken_already(path, os.fstat(file.fileno())):
                    return
                if is_open_for_writing(file):
                    self.gathered.wait_for(path)
                    return
                if abs(self._age(path)) < YOUNG:  # one that bears a time to come must not wait until then
                    self.gathered.young.add(path)
                try:
                    sha256 = sha256_of(file)
                except OSError as error:
                    raise PassingTrouble(f"it cannot be read ({error.strerror}); copy it to another place") from error
                seen_file = self._fate_of(sha256, readable(path).name, self._clock - self._age(path))
                if seen_file is not None:
                    self.gathered.seen.append((path, seen_file, sha256))
                    return
                self.gathered.given += given_file(path, file, here, sha256)
            except Unreadable as error:
                if path in self.gathered.young:  # it may be whole the next time
                    self.gathered.wait_for(path)
                else:
                    self.gathered.troubles.append((path, error, sha256))
                return
            self._open_ones.push(here.pop_all())

    def _is_taken_already(self, path: Path, state: os.stat_result) -> bool:
        """Named twice, or by itself and with its folder."""
        if (state.st_dev, state.st_ino) in self._taken:
            return True
        self._taken.add((state.st_dev, state.st_ino))
        self.gathered.stood[path] = _state_of(state)
        return False

    def _age(self, path: Path) -> float:
        return self._clock - _state(path)[3] / 1e9


def _state(path: Path) -> State:
    try:
        return _state_of(path.stat())
    except OSError:
        return (0, 0, -1, 0)


def _state_of(state: os.stat_result) -> State:
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)
