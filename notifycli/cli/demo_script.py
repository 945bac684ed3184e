"""The story that notify demo tells: where the sample data lies, its steps, when each happens and how it must end.

Plays nothing. What a step is stands at the head of sample_data/demo.toml.
"""

import shlex
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from notifycli.domain.errors import NotifyError

PACKAGE = Path(__file__).parents[1]
PLACES = (PACKAGE / "sample_data", PACKAGE.parent / "sample_data")  # in an installed package, in the repository
MAY_WANT_A_LOOK = ("import", "run")
CONTINUED = " \\\n    "


@dataclass(frozen=True)
class TourStep:
    """`arguments` of one call of notify, to be made at each of `times` (ISO 8601), ending with one of `exits`."""

    say: str
    arguments: tuple[str, ...]
    times: tuple[str, ...]
    exits: tuple[int, ...]
    every_minutes: int | None = None

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.times[0])


def sample_data() -> Path:
    """The folder that comes with the program. Raises NotifyError where it was left out."""
    folder = next((place for place in PLACES if (place / "demo.toml").is_file()), None)
    if folder is None:
        raise NotifyError(f"{PLACES[0]}: the sample data is not there", "install notifycli anew")
    return folder


def story(folder: Path) -> list[TourStep]:
    """The steps of demo.toml in that folder, in the order in which they are played."""
    steps = []
    for given in tomllib.loads((folder / "demo.toml").read_text(encoding="utf-8"))["steps"]:
        run = given.get("run")
        arguments = ("run",) if run else tuple(given["notify"])
        usual = (0, 1) if arguments[0] in MAY_WANT_A_LOOK else 0
        exit_told = given.get("exit", usual)
        exits = (exit_told,) if isinstance(exit_told, int) else tuple(exit_told)
        times = tuple(_times(given["at"], **run)) if run else (given["at"],)
        steps.append(TourStep(given["say"], arguments, times, exits, run["every_minutes"] if run else None))
    return steps


def as_typed(arguments: Sequence[str], width: int) -> str:
    """The command as one would type it at a prompt, continued over lines no longer than `width` where it can be."""
    lines = [["$ notify"]]
    for word in map(shlex.quote, arguments):
        room = width - len(CONTINUED.split("\n")[0]) - (4 if len(lines) > 1 else 0)
        if len(" ".join([*lines[-1], word])) > room:
            lines.append([])
        lines[-1].append(word)
    return CONTINUED.join(" ".join(words) for words in lines)


def _times(at: str, until: str, every_minutes: int) -> Iterator[str]:
    moment, last = datetime.fromisoformat(at), datetime.fromisoformat(until)
    while moment <= last:
        yield moment.isoformat()
        moment += timedelta(minutes=every_minutes)
