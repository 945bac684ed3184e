"""A list that may grow to millions in bounded memory: its first in memory, the others in a file without a name.

Must not know what it keeps.
"""

import json
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Any, Generic, TypeVar

One = TypeVar("One", bound=tuple[Any, ...])


class Kept(Generic[One]):
    """Tuples of JSON's values, in the order in which they came. `make` makes one of its values again.

    Those beyond `in_memory` wait on the disk. Where it has no room for them they are counted and no
    longer kept: then this is not `is_whole`.
    """

    def __init__(self, make: Callable[..., One], in_memory: int) -> None:
        self.count = 0
        self._make = make
        self._in_memory = in_memory
        self._first: list[One] = []
        self._others: IO[str] | None = None
        self.is_whole = True

    def add(self, kept: One) -> None:
        self.count += 1
        if len(self._first) < self._in_memory:
            self._first.append(kept)
            return
        if not self.is_whole:
            return
        try:
            if self._others is None:
                self._others = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - it lives as long as this
                weakref.finalize(self, _close, self._others)
            self._others.write(json.dumps(kept) + "\n")
        except OSError:
            self.is_whole, self._others = False, None

    def __iter__(self) -> Iterator[One]:
        yield from self._first
        if self._others is not None:
            self._others.seek(0)
            yield from (self._make(*json.loads(line)) for line in self._others)


def _close(file: IO[str]) -> None:
    with suppress(OSError):  # on a full disk, what is still to be written
        file.close()
