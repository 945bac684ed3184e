"""The alphabet of SMS: what fits in GSM-7, what stands for what does not, how long a text is and how it is shortened.

Knows nothing of events and wording. A septet is the unit of length; 160 make one segment. Source: 3GPP TS 23.038.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"  # two septets each
ONE_SEGMENT, ONE_OF_SEVERAL = 160, 153
ONE_SEGMENT_OF_UCS2, ONE_OF_SEVERAL_OF_UCS2 = 70, 67
ELLIPSIS = "..."
SHORTEST = 8  # septets; what is shorter than this tells nobody anything

IS_GSM7 = re.compile(f"[{re.escape(BASIC + EXTENSION)}]*")
EXTENDED = re.compile(f"[{re.escape(EXTENSION)}]")

# What has no decomposition in Unicode; ê, á, č and their like have one.
STANDS_FOR = {
    **dict.fromkeys("‘’‚‛′´`ʹʻʼˈ‹›", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−•·", "-"),
    **{"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T", "ł": "l", "Ł": "L", "ħ": "h"},
    **{"þ": "th", "Þ": "Th", "œ": "oe", "Œ": "OE", "ẞ": "SS", "ı": "i", "ʒ": "z", "Ʒ": "Z", "ǥ": "g", "Ǥ": "G"},
    **{"⁄": "/", "×": "x", "©": "(c)", "®": "(R)"},
}


def is_gsm7(text: str) -> bool:
    return IS_GSM7.fullmatch(text) is not None


def septets(text: str) -> int:
    """The length of a text that is GSM-7."""
    return len(text) + len(EXTENDED.findall(text))


@lru_cache(10_000)
def in_gsm7(text: str) -> str:
    """One line of text in GSM-7: æøå stay, á becomes a; what nothing stands for, such as an emoji, is left out."""
    if is_gsm7(text):
        return text
    written = "".join(map(_in_gsm7, unicodedata.normalize("NFC", text)))
    return " ".join(written.split())


def _in_gsm7(char: str) -> str:
    if is_gsm7(char):
        return char
    if char in STANDS_FOR:
        return STANDS_FOR[char]
    parts = unicodedata.normalize("NFKD", char)
    return "".join(map(_in_gsm7, parts)) if parts != char else ""


@lru_cache
def address_in_gsm7(url: str) -> str:
    """The same address, as it is or in its ASCII form; "" where there is none: another letter is another place."""
    if is_gsm7(url) and " " not in url:
        return url
    try:
        address = _in_ascii(url) if len(url) <= ONE_SEGMENT else ""
    except ValueError:
        return ""
    return address if is_gsm7(address) and " " not in address else ""


def _in_ascii(url: str) -> str:
    scheme, place, *rest = urlsplit(url)
    if not place:
        return ""
    return urlunsplit((scheme, place.encode("idna").decode(), *(quote(one, "/%:=&?+,;@!$'()*~") for one in rest)))


def shortened(text: str, room: int) -> str:
    """The first words of a GSM-7 text and an ellipsis, in at most `room` septets; "" where no more than a scrap fits.

    A number is not cut, since half a house number is another house, and a word only where the text begins with it.
    """
    kept = _first(text, room - len(ELLIPSIS))
    words = kept if text[len(kept) :].startswith(" ") else kept.rpartition(" ")[0]
    if not words and any(map(str.isdigit, kept)):
        return ""
    words = _without_loose_end(words or kept)
    return words + ELLIPSIS if septets(words) + len(ELLIPSIS) >= SHORTEST else ""


def _without_loose_end(words: str) -> str:
    """Without the "2." of a "2. etasje" that did not fit."""
    head, comma, tail = words.rpartition(",")
    return (head if comma and not any(map(str.isalpha, tail)) else words).rstrip(" ,.;:-")


def _first(text: str, room: int) -> str:
    taken = 0
    for index, char in enumerate(text):
        taken += septets(char)
        if taken > room:
            return text[:index]
    return text


def sms_segments(text: str) -> int:
    """How many messages are paid for this text: one up to 160 septets of GSM-7, or 70 units of UCS-2."""
    if is_gsm7(text):
        return _segments(map(septets, text), ONE_SEGMENT, ONE_OF_SEVERAL)
    units = (2 if ord(char) > 0xFFFF else 1 for char in text)
    return _segments(units, ONE_SEGMENT_OF_UCS2, ONE_OF_SEVERAL_OF_UCS2)


def _segments(lengths: Iterable[int], alone: int, of_several: int) -> int:
    """A character that takes two units is not torn apart, so a segment may end one unit early."""
    segments, taken, total = 1, 0, 0
    for length in lengths:
        total += length
        taken += length
        if taken > of_several:
            segments, taken = segments + 1, length
    return 1 if total <= alone else segments
