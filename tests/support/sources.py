"""A file of rows, opened as the program opens one that was named."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notifycli.intake.formats.first_look import open_file
from notifycli.intake.formats.source import NDJSON, Source


@contextmanager
def open_source(path: Path, encoding: str | None = None) -> Iterator[Source]:
    with open_file(path) as file:
        yield Source(file, encoding, path.suffix.lower() in NDJSON)
