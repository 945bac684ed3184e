"""Takes the resources out of a Bundle of any type, each version after the one before it.

Must not know files or columns. Source: https://hl7.org/fhir/R4/bundle.html.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from notifycli.intake.formats.fhir.elements import fhir_moment
from notifycli.intake.formats.fhir.resources import RESOURCE, PlacedResource, Resource, decoded

DEEPEST = 4  # Bundles within Bundles


class Bundle(msgspec.Struct):
    type: Any = None
    link: Any = None
    entry: msgspec.Raw = msgspec.Raw(b"null")


def has_next_page(bundle: Bundle) -> bool:
    links = bundle.link if type(bundle.link) is list else []
    return any(type(link) is dict and link.get("relation") == "next" for link in links)


class _Entry(msgspec.Struct):
    fullUrl: Any = None
    resource: msgspec.Raw = msgspec.Raw(b"null")
    request: Any = None
    response: Any = None


class _Place(NamedTuple):
    """An entry that is not decoded yet: its own number, URL and JSON, or what was deleted."""

    number: int
    url: str
    kind: str
    content: msgspec.Raw | Resource
    key: tuple[str, str]
    at: float | None


BUNDLE = msgspec.json.Decoder(Bundle)
ENTRY = msgspec.json.Decoder(_Entry)
RAW_LIST = msgspec.json.Decoder(list[msgspec.Raw])
NO_RESOURCE = msgspec.Raw(b"{}")


class Entries:
    """The entries of a Bundle in the order in which they count; `where` begins what is said of one."""

    def __init__(self, bundle: Bundle, where: str, depth: int = 0) -> None:
        self._where = where
        self._depth = depth
        is_list = bytes(memoryview(bundle.entry)[:1]) == b"["
        entries = decoded(RAW_LIST, bundle.entry, "") if is_list else []
        places = [place for number, raw in enumerate(entries, 1) if (place := self._place(number, raw))]
        self._places = _oldest_version_first(places, bundle.type == "history")

    def resources(self) -> Iterator[PlacedResource]:
        for place in self._places:
            if isinstance(place.content, Resource):
                yield PlacedResource(
                    place.number, place.url, place.kind, place.content, is_bundled=True, is_deleted=True
                )
            elif place.kind == "Bundle" and self._depth < DEEPEST:
                within = Entries(
                    decoded(BUNDLE, place.content, self._where_in(place.number)), self._where, self._depth + 1
                )
                yield from (replace(resource, place=place.number) for resource in within.resources())
            else:
                resource = decoded(RESOURCE, place.content, self._where_in(place.number))
                yield PlacedResource(place.number, place.url, place.kind, resource, is_bundled=True)

    def _where_in(self, number: int) -> str:
        return self._where or f"entry {number}: "

    def _place(self, number: int, raw: msgspec.Raw) -> _Place | None:
        """None for an entry that brings nothing, such as a mere answer."""
        if bytes(memoryview(raw)[:1]) != b"{":
            return _Place(number, "", "", NO_RESOURCE, ("", ""), None)
        entry = decoded(ENTRY, raw, self._where_in(number))
        url = entry.fullUrl if type(entry.fullUrl) is str else ""
        changed = entry.response.get("lastModified") if type(entry.response) is dict else None
        beginning = bytes(memoryview(entry.resource)[:1])
        if beginning != b"{":
            request = entry.request if type(entry.request) is dict else {}
            deleted = request.get("url") if request.get("method") == "DELETE" else None
            parts = deleted.partition("/_history")[0].strip("/").split("/") if type(deleted) is str else []
            if len(parts) < 2 or "?" in parts[-1]:
                return None if beginning == b"n" else _Place(number, "", "", NO_RESOURCE, ("", ""), None)
            kind, own = parts[-2:]
            resource = Resource(kind, own, {"lastUpdated": changed})
            return _Place(number, url, kind, resource, (kind, own), fhir_moment(changed))
        resource = decoded(RESOURCE, entry.resource, self._where_in(number))
        kind = resource.resourceType if type(resource.resourceType) is str else ""
        own = resource.id if type(resource.id) is str else url
        at = fhir_moment(resource.meta.get("lastUpdated")) if type(resource.meta) is dict else None
        return _Place(number, url, kind, entry.resource, (kind, own), at if at is not None else fhir_moment(changed))


def _oldest_version_first(places: list[_Place], is_history: bool) -> list[_Place]:
    """Versions of one resource by their times; where not all have one, a history is the newest first."""
    versions: dict[tuple[str, str], list[int]] = {}
    for index, place in enumerate(places):
        if place.key[1]:
            versions.setdefault(place.key, []).append(index)
    ordered = list(places)
    for indexes in versions.values():
        if len(indexes) == 1:
            continue
        several = [places[index] for index in (reversed(indexes) if is_history else indexes)]
        if all(version.at is not None for version in several):
            several.sort(key=lambda version: version.at or 0.0)
        for index, place in zip(indexes, several, strict=True):
            ordered[index] = place
    return ordered
