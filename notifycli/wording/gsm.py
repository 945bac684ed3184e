"""A text is made to fit in an SMS: what stands for letters that GSM-7 has not, and how it is shortened.

Knows nothing of events and wording. How long a text is, domain.gsm says. Source: 3GPP TS 23.038.
"""

import unicodedata
from functools import lru_cache
from itertools import accumulate
from urllib.parse import quote, urlsplit, urlunsplit

from notifycli.domain.gsm import ONE_SEGMENT, is_gsm7, septets

ELLIPSIS = "..."
SHORTEST = 8  # septets; what is shorter than this tells nobody anything

# What has no decomposition in Unicode; ê, á, č and their like have one.
STANDS_FOR = {
    **dict.fromkeys("‘’‚‛′´`ʹʻʼˈ‹›", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−•·", "-"),
    **{"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ŋ": "n", "Ŋ": "N", "ŧ": "t", "Ŧ": "T", "ł": "l", "Ł": "L", "ħ": "h"},
    **{"þ": "th", "Þ": "Th", "œ": "oe", "Œ": "OE", "ẞ": "SS", "ı": "i", "ʒ": "z", "Ʒ": "Z", "ǥ": "g", "Ǥ": "G"},
    **{"⁄": "/", "×": "x", "©": "(c)", "®": "(R)"},
}


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
    if len(url) > ONE_SEGMENT:
        return ""
    try:
        scheme, place, *rest = urlsplit(url)
        host, parts = place.encode("idna").decode(), [quote(part, "/%:=&?+,;@!$'()*~") for part in rest]
    except ValueError:
        return ""
    address = urlunsplit((scheme, host, *parts)) if place else ""
    return address if is_gsm7(address) and " " not in address else ""


def shortened(text: str, room: int) -> str:
    """The first words of a GSM-7 text and an ellipsis, in at most `room` septets; "" where no more than a scrap fits.

    A number is not cut, since half a house number is another house, and a word only where the text begins with it.
    """
    filled = accumulate(map(septets, text))
    kept = text[: sum(taken + len(ELLIPSIS) <= room for taken in filled)]
    words = kept if text[len(kept) :].startswith(" ") else kept.rpartition(" ")[0]
    if not words and any(map(str.isdigit, kept)):
        return ""
    words = words or kept
    head, comma, tail = words.rpartition(",")
    is_loose_end = comma and not any(map(str.isalpha, tail))  # the "2." of a "2. etasje" that did not fit
    words = (head if is_loose_end else words).rstrip(" ,.;:-")
    return words + ELLIPSIS if septets(words) + len(ELLIPSIS) >= SHORTEST else ""
