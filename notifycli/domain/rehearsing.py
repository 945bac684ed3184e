"""Who is written to for real while a system is rehearsed: the list of [rehearsal], and whether an address is on it.

Knows no file and no channel's way. Source: SPEC section 9.
"""

import re
from collections.abc import Iterable

from notifycli.domain.contact import email_address, phone_number

# What Firebase gives an app: far longer than any number, without a word's ends.
PUSH_TOKEN = re.compile(r"[A-Za-z0-9_:-]{32,4096}", re.ASCII)


def listed_as(entry: str) -> str | None:
    """An entry as addresses are compared with it: E.164, an address or "@domain" in lower case, a push token as it is.

    A number without its country is a Norwegian one. None where it is nothing of these.
    """
    text = entry.strip()
    if text.startswith("@"):
        address = email_address(f"a{text}")
        return address.removeprefix("a").casefold() if address else None
    if "@" in text:
        address = email_address(text)
        return address.casefold() if address else None
    if number := phone_number(text):
        return number
    return text if PUSH_TOKEN.fullmatch(text) and not text.isdecimal() else None


def as_listed(entries: Iterable[str]) -> frozenset[str]:
    """The list, for `is_listed`; what is none of these is left out."""
    return frozenset(listed for entry in entries if (listed := listed_as(entry)) is not None)


def is_listed(address: str, listed: frozenset[str]) -> bool:
    """Whether a stored address, E.164 number or push token is written to for real."""
    if "@" not in address:
        return address in listed
    whole = address.casefold()
    return whole in listed or whole[whole.rindex("@") :] in listed
