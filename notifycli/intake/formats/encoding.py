"""Finds out which encoding the bytes of a file are in.

Must not know files or columns. Source: SPEC section 3.
"""

import codecs
import re
from collections import Counter
from itertools import islice

from notifycli.intake.formats.blocks import Unreadable

CODECS = {  # what --encoding takes, and what Python calls it
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "windows-1252": "cp1252",
    "iso-8859-1": "iso8859-1",
    "iso-8859-10": "iso8859-10",
    "iso-8859-15": "iso8859-15",
    "cp437": "cp437",
    "cp850": "cp850",
    "cp865": "cp865",
    "mac-roman": "mac-roman",
}
GUESSED = ("windows-1252", "cp850", "mac-roman")  # of equal scores the first wins
POOR = 0.4
SAMPLE = 8 * 1024
BEYOND_ASCII = re.compile(rb"[\x00-\x7f]?[\x80-\xff]", re.DOTALL)  # with what stands before it
# How likely a letter is in what Norwegian clinics write. Ã and Â are what UTF-8 looks like in Windows-1252.
WEIGHTS = {
    **dict.fromkeys("æøå", 1.0),
    **dict.fromkeys("ÆØÅ§–—“”‘’«»°´\u00a0", 0.75),
    **dict.fromkeys("éüöä", 0.7),
    **dict.fromkeys("ÉÜÖÄ", 0.6),
    "…": 0.5,
    **dict.fromkeys("èêàáâóòôçñ", 0.4),
    **dict.fromkeys("ÃÂ", 0.0),
}
ANY_OTHER_LETTER = 0.1
A_CAPITAL_WITHIN_A_WORD = 0.2  # of its weight: ’ in Windows-1252 is Æ in cp850


def encoding_named(name: str) -> str:
    """The name in CODECS of what the user calls an encoding; raises Unreadable, which lists them."""
    try:
        codec = codecs.lookup(name).name.replace("-sig", "")
    except (LookupError, ValueError):
        codec = ""
    for known, its_codec in CODECS.items():
        if codec == its_codec:
            return known
    raise Unreadable(f"--encoding {name!r} is not known; choose one of {', '.join(CODECS)}")


def encoding_by_mark(beginning: bytes) -> str | None:
    """What the byte order mark says, if there is one."""
    if beginning.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return None


class Utf8Test:
    """Takes a file chunk by chunk; tells where it ceased to be UTF-8 and keeps bytes by which to guess what it is."""

    def __init__(self) -> None:
        self.failed_at: int | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._seen = 0
        self._sample: Counter[bytes] = Counter()
        self._room = SAMPLE

    def take(self, chunk: bytes, final: bool = False) -> None:
        if self.failed_at is None:
            try:
                self._decoder.decode(chunk, final)
            except UnicodeDecodeError as error:
                self.failed_at = self._seen + len(chunk) - len(error.object) + error.start
                self._room = SAMPLE  # the bytes from here on say more than those that passed for UTF-8
        if self._room > 0 and not chunk.isascii():
            beyond_ascii = [match[0] for match in islice(BEYOND_ASCII.finditer(chunk), self._room)]
            self._sample.update(beyond_ascii)
            self._room -= len(beyond_ascii)
        self._seen += len(chunk)

    def guess(self) -> str | None:
        """The encoding of one byte a character that makes most sense of the sample; None if none makes much."""
        best = max(GUESSED, key=lambda encoding: score(self._sample, encoding))
        return best if score(self._sample, best) >= POOR else None


def score(sample: Counter[bytes], encoding: str) -> float:
    """From 0 to 1, how well bytes beyond ASCII read as Norwegian; 0 where one of them has no meaning at all.

    The sample counts such bytes, each behind the ASCII character that it follows, if it follows one.
    """
    total = 0.0
    for seen, count in sample.items():
        try:
            text = seen.decode(CODECS[encoding])
        except UnicodeDecodeError:
            return 0.0
        letter = text[-1]
        weight = WEIGHTS.get(letter, ANY_OTHER_LETTER if letter.isalpha() else 0.0)
        is_within_a_word = letter.isupper() and text[0].islower()
        total += count * weight * (A_CAPITAL_WITHIN_A_WORD if is_within_a_word else 1.0)
    return total / max(sample.total(), 1)
