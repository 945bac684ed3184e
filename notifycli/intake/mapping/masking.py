"""Shows cells to those who set up an import: their shape, not their content.

Known words and moments say nothing of anybody, and stay. Must not know columns. Source: SPEC promise 4.
"""

import re
import string
from collections.abc import Sequence

from notifycli.domain.status_words import STATUS_WORDS
from notifycli.intake.cells import words

SAMPLES = 3
LONGEST = 20
DATE = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d{2}-\d{2}", re.ASCII)
CLOCK = re.compile(r"\d{1,2}[:.]\d{2}([:.]\d{2})?", re.ASCII)
MOMENT = re.compile(rf"({DATE.pattern})[T ]+\d{{1,2}}[:.]\d{{2}}([:.]\d{{2}}(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
LONG_NUMBER = re.compile(r"(\d ?){6}")
MIDNIGHT = re.compile(r"[T ]0?0[:.]00([:.]00(\.0+)?)?(Z|[+-]\d\d:?\d\d)?$", re.ASCII)
VOCABULARIES = (
    STATUS_WORDS, words.WHO, words.SOURCES, words.METHODS, words.LANGUAGES, words.DIALOG_KINDS,
    words.RECEIPT_WORDS, words.SENDERS, words.EXTERNAL_EVENTS, words.CHANNEL_WORDS,
)  # fmt: skip
KNOWN = words.YES | words.NO | {word for vocabulary in VOCABULARIES for word in vocabulary}
PLAIN = frozenset(string.punctuation + " ")


def samples(cells: Sequence[str], is_of_times: bool) -> tuple[str, ...]:
    """The first cells that differ, masked. A date, or midnight of one, stands only in a column of times: it may be a
    birthday, and 7.35 a measure.

    A known word stands as it is where most of its column are such: elsewhere it may be a name.
    """
    filled = [cell for cell in dict.fromkeys(map(str.strip, cells)) if cell]
    has_words = 2 * sum(map(is_known_word, filled)) >= len(filled)
    shown: list[str] = []
    for cell in filled[:SAMPLES]:
        if is_of_times:
            is_time = any(form.fullmatch(cell) for form in (DATE, CLOCK, MOMENT))
        elif CLOCK.fullmatch(cell):
            is_time = ":" in cell
        else:
            is_time = MOMENT.fullmatch(cell) is not None and MIDNIGHT.search(cell) is None
        text = cell if is_time or (has_words and is_known_word(cell)) else mask(cell[: LONGEST + 1])
        shown.append(text if len(text) <= LONGEST or is_time else text[: LONGEST - 1] + "…")
    return tuple(shown)


def is_known_word(cell: str) -> bool:
    return " ".join(cell.split()).lower() in KNOWN


def looks_like_a_cell(name: str) -> bool:
    """Whether what stands as a column's name is an address, a number or a time: then there is no header."""
    return "@" in name or LONG_NUMBER.search(name) is not None or DATE.match(name) is not None


def mask(cell: str) -> str:
    """Digits become 9, letters x or X; punctuation stays, and what is neither becomes a dot."""
    masked = ""
    for letter in cell:
        if letter in PLAIN:
            masked += letter
        elif letter.isnumeric():
            masked += "9"
        elif letter.isalpha():
            masked += "X" if letter.isupper() else "x"
        else:
            masked += "·"
    return masked
