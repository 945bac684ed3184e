"""How a mistake in the configuration is told: what, where, and what to type next, in one line and without values
that may be secret. Knows no key and no file.
"""

from collections.abc import Iterable
from pathlib import Path

from notifycli.domain.errors import ConfigError, NotifyError

LONGEST_SHOWN = 40
LONGEST_COMPARED = 100  # difflib is quadratic


class Mistake(NotifyError):
    """What is wrong in a file, told without the file's name; `line` where it is known (1-based)."""

    def __init__(self, message: str, advice: str = "", line: int | None = None) -> None:
        super().__init__(message, advice)
        self.line = line

    def in_file(self, path: Path) -> ConfigError:
        """The whole message."""
        where = f", line {self.line}" if self.line else ""
        return ConfigError(f"{path}{where}: {self.message}", self.advice)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of `known` that `word` was probably meant to be, whatever its capitals; None where none is near."""
    from difflib import get_close_matches

    known_in_lower_case: dict[str, str] = {}
    for name in known:
        known_in_lower_case.setdefault(name.casefold(), name)
    matches = get_close_matches(word[:LONGEST_COMPARED].casefold(), known_in_lower_case, 1)
    return known_in_lower_case[matches[0]] if matches else None


def shown(text: str) -> str:
    """A text of the user's in quotes, short and on one line."""
    return repr(text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…")
