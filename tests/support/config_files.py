"""Configurations for tests: written into a folder, loaded, and read as a user who may not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from notifycli.config import Settings, load

NOBODY = 65534


def written(folder: Path, content: str | bytes, name: str = "notify.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def settings_of(folder: Path, content: str | bytes) -> Settings:
    return load(written(folder, content), {})


@contextmanager
def as_nobody() -> Iterator[None]:
    """Where root runs the tests, as another user, whom root's temporary folders are closed to."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
