"""Tells by its first bytes whether a file is FHIR.

Looks for brackets and one key; decodes nothing. Source: https://hl7.org/fhir/R4/json.html: every resource names its
type in `resourceType`, in any place.
"""

import re

MARK = b"\xef\xbb\xbf"
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\Z)|[{}\[\]]', re.DOTALL)
TYPE_FOLLOWS = re.compile(rb'\s*:\s*"[A-Z]')
KEY_FOLLOWS = re.compile(rb"\s*:")
RESOURCE = (b"{",)
RESOURCE_IN_BUNDLE = (b"{", b"[", b"{", b"{")  # where servers sort their keys, a Bundle's own type stands last


def is_fhir(beginning: bytes) -> bool:
    """`beginning`: the first 64 KiB of a file, in UTF-8 with or without its mark."""
    text = beginning.removeprefix(MARK).lstrip()
    if not text.startswith(b"{"):
        return False
    around: list[bytes] = []
    key_of_file = b""
    for token in TOKEN.finditer(text):
        word = token[0]
        if word in (b"{", b"["):
            around.append(word)
        elif word in (b"}", b"]"):
            around = around[:-1]
            if not around:
                return False
        elif len(around) == 1 and KEY_FOLLOWS.match(text, token.end()) and word != b'"resourceType"':
            key_of_file = word
        elif word == b'"resourceType"' and TYPE_FOLLOWS.match(text, token.end()):
            place = tuple(around)
            if place == RESOURCE or (place == RESOURCE_IN_BUNDLE and key_of_file == b'"entry"'):
                return True
    return False
