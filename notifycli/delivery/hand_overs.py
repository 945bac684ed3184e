"""What began to leave and what was answered, in a file that outlives the process: a kill then leaves little uncertain.

A claim is committed for many messages at once; of those, the file tells which had not begun to leave and which were
answered already. It is written without being synced, which a kill cannot undo, but a loss of power can: after another
start of the machine it proves nothing. Knows neither the database nor what becomes of a delivery.
Source: SPEC section 7.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path

from notifycli.channels.base import Outcome
from notifycli.domain.errors import NotifyError

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
LEAVES, ANSWERED = "leaves", "answered"
OUTCOME_FIELDS = tuple(field.name for field in fields(Outcome))


@dataclass(frozen=True)
class LeftBehind:
    """What a dead process wrote: deliveries that began to leave, and what came of those that were answered.

    `is_whole`: of this start of the machine, so that what is not in it did not happen.
    """

    path: Path
    token: int
    is_whole: bool
    began_to_leave: set[int] = field(default_factory=set)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def forget(self) -> None:
        """When all of it is recorded."""
        with suppress(OSError):
            self.path.unlink()


class HandOverLog:
    """The file of this process, which is locked while it lives; `token`: of its claims."""

    def __init__(self, folder: Path, database_id: str, token: int) -> None:
        self.path = folder / f"{_name(database_id)}{token}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND, 0o600)
        except OSError as error:
            raise NotifyError(
                f"{self.path}: cannot be made ({error.strerror})",
                "May this user write to the folder, and has its disk room?",
            ) from error
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._write({"boot": boot_id(), "token": token})

    def leaves(self, delivery: int) -> None:
        """Right before the first byte of it may leave."""
        os.write(self._file, b'{"leaves": %d}\n' % delivery)

    def answered(self, delivery: int, outcome: Outcome) -> None:
        # not by dataclasses.asdict, which takes as long as all else about a message's answer
        told = {name: value for name in OUTCOME_FIELDS if (value := getattr(outcome, name)) not in (None, False)}
        self._write({ANSWERED: delivery, "outcome": told})

    def _write(self, line: dict[str, object]) -> None:
        os.write(self._file, f"{json.dumps(line)}\n".encode())

    def close(self) -> None:
        """All that was claimed is recorded."""
        with suppress(OSError):
            self.path.unlink()
        os.close(self._file)

    def let_go(self) -> None:
        """Where the run broke off, the file stays for the next, which finds it unlocked."""
        os.close(self._file)


def left_behind(folder: Path, database_id: str) -> Iterator[LeftBehind]:
    """The files of processes that are dead: nobody holds their lock any more."""
    begin = _name(database_id)
    for path in sorted(folder.glob(f"{begin}*")):
        with suppress(OSError, ValueError):
            token = int(path.name.removeprefix(begin))
            file = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield _read(path, token)
            finally:
                os.close(file)


def _read(path: Path, token: int) -> LeftBehind:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    whole = [json.loads(line) for line in lines if line.endswith("\n")]
    boot = boot_id()
    left = LeftBehind(path, token, bool(whole) and boot is not None and whole[0].get("boot") == boot)
    for line in whole[1:]:
        if LEAVES in line:
            left.began_to_leave.add(line[LEAVES])
        else:
            left.outcomes[line[ANSWERED]] = Outcome(**line["outcome"])
    return left


def boot_id() -> str | None:
    """Another one after each start of the machine; None where the machine tells none."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None


def _name(database_id: str) -> str:
    return f".notify-{database_id}-hand-overs-"
