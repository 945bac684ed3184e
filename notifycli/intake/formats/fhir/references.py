"""What a Reference says of its target: a kind and an id, a URL, an identifier or a mere name. Resolves nothing.

Source: https://hl7.org/fhir/R4/references.html, and the Norwegian identifier systems.
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
    said = value.get("reference")
    display = value.get("display")
    if display is not None:
        display = text(display, element, odd)
    if type(said) is str and PLAIN.fullmatch(said):  # nearly all of them
        kind, _, last = said.partition("/")
        return Reference(kind, last, "", "", "", display or "")
    return _less_plain(value, text(said, element, odd), display or "", contained, element, odd)


def _less_plain(
    value: dict[str, Any], said: str, display: str, contained: Any, element: str, odd: list[str]
) -> Reference:
    if said.startswith("#") and (inside := _contained(said[1:], contained)):
        return _to_contained(inside, said[1:], display, odd)
    found = _read(said) if said else NOWHERE
    kind = found.kind or _kind(text(value.get("type"), element, odd))
    system, number = found.system, found.value
    if "identifier" in value and not found.id and not number:
        system, number = _identifier(value["identifier"], element, odd)
    return Reference(kind or _kind_by_system(system), found.id, found.url, system, number, display)


def best_identifier(identifiers: Sequence[dict[str, Any]], odd: list[str]) -> tuple[str, str]:
    """System and value: one in use before an old one, any before the number of a person in the national register."""
    found = [
        (one.get("use") == "old", plain_system(pair[0]) in NATIONAL, pair)
        for one in identifiers
        if (pair := _identifier(one, "identifier", odd))[1]
    ]
    return min(found, key=lambda one: one[:2])[2] if found else ("", "")


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
def _read(said: str) -> Reference:
    if said[:9].lower() == "urn:uuid:" or said[:8].lower() == "urn:oid:":
        return Reference(id=said.split(":", 2)[2], url=url_key(said))
    if conditional := CONDITIONAL.fullmatch(said):
        kind, system, value = conditional.groups()
        return Reference(kind, system=unquote(system or ""), value=unquote(value).strip())
    if said.startswith("#"):  # contained, but not there
        return NOWHERE
    url = url_key(said) if "://" in said else ""
    parts = (url or VERSION.sub("", said)).split("/")
    return Reference(_kind(parts[-2]) if len(parts) > 1 else "", parts[-1].strip(), url)


def _kind(word: str) -> str:
    """`type` may be the URL of a type's definition."""
    last = word.rpartition("/")[2]
    return last if KIND.fullmatch(last) else ""


def _kind_by_system(system: str) -> str:
    if plain_system(system) in OF_PERSONS:
        return "Patient"
    return "Organization" if plain_system(system) in OF_ORGANISATIONS else ""


def _identifier(value: Any, element: str, odd: list[str]) -> tuple[str, str]:
    if type(value) is not dict:
        if value is not None:
            odd.append(element)
        return "", ""
    return text(value.get("system"), element, odd), text(value.get("value"), element, odd)


def _contained(name: str, contained: Any) -> dict[str, Any] | None:
    if type(contained) is not list:
        return None
    return next((one for one in contained if type(one) is dict and one.get("id") in (name, f"#{name}")), None)


def _to_contained(inside: dict[str, Any], name: str, display: str, odd: list[str]) -> Reference:
    """A contained resource has an id of its own only where an identifier gives it one; else its name there must do."""
    kind = inside.get("resourceType")
    identifiers = inside.get("identifier")
    found = [one for one in identifiers if type(one) is dict] if type(identifiers) is list else []
    system, value = best_identifier(found, odd)
    known_kind = _kind(kind) if type(kind) is str else ""
    return Reference(known_kind, "" if value else name, "", system, value, display, inside)
