"""How an SMS is counted: what is GSM-7, how long a text is, how many segments are paid for it.

A septet is the unit of length; 160 make one segment. Source: 3GPP TS 23.038.
"""

import re
from collections.abc import Iterable

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"  # two septets each
ONE_SEGMENT, ONE_OF_SEVERAL = 160, 153
ONE_SEGMENT_OF_UCS2, ONE_OF_SEVERAL_OF_UCS2 = 70, 67

IS_GSM7 = re.compile(f"[{re.escape(BASIC + EXTENSION)}]*")
EXTENDED = re.compile(f"[{re.escape(EXTENSION)}]")


def is_gsm7(text: str) -> bool:
    return IS_GSM7.fullmatch(text) is not None


def septets(text: str) -> int:
    """The length of a text that is GSM-7."""
    return len(text) + len(EXTENDED.findall(text))


def sms_segments(text: str) -> int:
    """How many messages are paid for this text: one up to 160 septets of GSM-7, or 70 units of UCS-2."""
    if is_gsm7(text):
        if septets(text) <= ONE_SEGMENT:  # as nearly every one is, and a month has a million of them
            return 1
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
