"""Reads a Reference: the kind and id of its target, a URL, an identifier or a mere name.

Must not know what lies at its other end. Source: https://hl7.org/fhir/R4/references.html, and the Norwegian identifier
systems.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import msgspec

from notifycli.intake.formats.fhir.elements import text
from notifycli.intake.formats.persons import NATIONAL, NORWEGIAN

OF_PERSONS = (*NATIONAL, "https://fhir.nhs.uk/Id/nhs-number")
OF_ORGANISATIONS = (f"{NORWEGIAN}101", f"{NORWEGIAN}102")  # Enhetsregisteret, RESH
KIND = re.compile(r"[A-Z][A-Za-z]*", re.ASCII)
CONDITIONAL = re.compile(r"(?:.*/)?([A-Z][A-Za-z]*)\?identifier=(?:([^|&]*)\|)?([^|&]+)", re.ASCII)
PLAIN = re.compile(r"[A-Z][A-Za-z]*/[A-Za-z0-9.-]+", re.ASCII)
VERSION = re.compile(r"/_history(/.*)?$", re.DOTALL)


class Reference(msgspec.Struct, frozen=True, gc=False):
    """Empty where it is not told. `url`: by which the entry of a Bundle may be known; `inside`: the contained one."""

    kind: str = ""
    id: str = ""
    url: str = ""
    system: str = ""
    value: str = ""
    display: str = ""
    inside: dict[str, Any] | None = None


NOWHERE = Reference()


def reference_of(value: Any, contained: Any, element: str, odd: list[str]) -> Reference:
    """Reads a Reference; `contained` is that of its resource. NOWHERE for what is none."""
    if type(value) is not dict:
        if value is not None:
            odd.append(element)
        return NOWHERE
    literal = value.get("reference")
    display = value.get("display")
    if display is not None:
        display = text(display, element, odd)
    if type(literal) is str and PLAIN.fullmatch(literal):  # nearly all of them
        kind, _, last = literal.partition("/")
        return Reference(kind, last, "", "", "", display or "")
    literal = text(literal, element, odd)
    if literal.startswith("#") and type(contained) is list:
        names = (literal[1:], literal)
        for inside in contained:
            if type(inside) is dict and inside.get("id") in names:
                return _to_contained(inside, literal[1:], display or "", odd)
    target = _read(literal) if literal else NOWHERE
    kind = target.kind or _kind(text(value.get("type"), element, odd))
    system, number = target.system, target.value
    if "identifier" in value and not target.id and not number:
        system, number = _identifier(value["identifier"], element, odd)
    if not kind and plain_system(system) in OF_PERSONS:
        kind = "Patient"
    if not kind and plain_system(system) in OF_ORGANISATIONS:
        kind = "Organization"
    return Reference(kind, target.id, target.url, system, number, display or "")


def best_identifier(identifiers: Sequence[dict[str, Any]], odd: list[str]) -> tuple[str, str]:
    """System and value: one in use before an old one, any before the number of a person in the national register."""
    ranked = [
        (identifier.get("use") == "old", plain_system(pair[0]) in NATIONAL, pair)
        for identifier in identifiers
        if (pair := _identifier(identifier, "identifier", odd))[1]
    ]
    return min(ranked, key=lambda ranks: ranks[:2])[2] if ranked else ("", "")


def plain_system(system: str) -> str:
    return system.removeprefix("urn:oid:")


def url_key(url: str) -> str:
    """URLs that lead to the same: without version, UUIDs in small letters."""
    url = VERSION.sub("", url.strip()).rstrip("/")
    return url.lower() if url[:4].lower() == "urn:" else url


def id_in_url(url: str) -> str:
    """The id of an entry, by its fullUrl."""
    return _read(url.strip()).id if ":" in url else ""


@lru_cache(10_000)
def _read(literal: str) -> Reference:
    if literal[:9].lower() == "urn:uuid:" or literal[:8].lower() == "urn:oid:":
        return Reference(id=literal.split(":", 2)[2], url=url_key(literal))
    if conditional := CONDITIONAL.fullmatch(literal):
        kind, system, value = conditional.groups()
        return Reference(kind, system=unquote(system or ""), value=unquote(value).strip())
    if literal.startswith("#"):  # contained, but not there
        return NOWHERE
    url = url_key(literal) if "://" in literal else ""
    parts = (url or VERSION.sub("", literal)).split("/")
    return Reference(_kind(parts[-2]) if len(parts) > 1 else "", parts[-1].strip(), url)


def _kind(word: str) -> str:
    """`type` may be the URL of a type's definition."""
    last = word.rpartition("/")[2]
    return last if KIND.fullmatch(last) else ""


def _identifier(value: Any, element: str, odd: list[str]) -> tuple[str, str]:
    if type(value) is not dict:
        if value is not None:
            odd.append(element)
        return "", ""
    return text(value.get("system"), element, odd), text(value.get("value"), element, odd)


def _to_contained(inside: dict[str, Any], name: str, display: str, odd: list[str]) -> Reference:
    """A contained resource has an id of its own only where an identifier gives it one; else its name there must do."""
    kind = inside.get("resourceType")
    identifiers = inside.get("identifier")
    objects = (
        [identifier for identifier in identifiers if type(identifier) is dict] if type(identifiers) is list else []
    )
    system, value = best_identifier(objects, odd)
    known_kind = _kind(kind) if type(kind) is str else ""
    return Reference(known_kind, "" if value else name, "", system, value, display, inside)
