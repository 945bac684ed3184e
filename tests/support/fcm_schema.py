"""Whether a JSON value is as Google's discovery document says; see tests/data/README.md."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.support.places import TESTS

DOCUMENT = TESTS / "data" / "fcm.v1.json"
TYPES = {"string": str, "boolean": bool, "integer": int, "number": (int, float), "object": dict, "array": list}
FORMATS = {"google-duration": re.compile(r"\d{1,12}(\.\d{1,9})?s")}


@cache
def schemas() -> dict[str, Any]:
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))["schemas"]


def wrong_in(value: Any, name: str) -> list[tuple[str, str]]:
    """(path, what is wrong) of each mistake; the path as Google writes it, "message.token"."""
    return list(_mistakes(value, {"$ref": name}, ""))


def _mistakes(value: Any, schema: dict, path: str) -> Iterator[tuple[str, str]]:
    if "$ref" in schema:
        schema = schemas()[schema["$ref"]]
    if schema["type"] == "any":
        return
    if not isinstance(value, TYPES[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean"):
        yield path, f"is no {schema['type']}"
    elif isinstance(value, dict):
        yield from _mistakes_of_object(value, schema, path)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _mistakes(one, schema["items"], f"{path}[{number}]")
    elif "enum" in schema and value not in schema["enum"]:
        yield path, "is none of the words"
    elif schema.get("format") in FORMATS and not FORMATS[schema["format"]].fullmatch(value):
        yield path, f"is no {schema['format']}"


def _mistakes_of_object(value: dict, schema: dict, path: str) -> Iterator[tuple[str, str]]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties")
    for key, one in value.items():
        place = f"{path}.{key}".lstrip(".")
        if key in properties:
            yield from _mistakes(one, properties[key], place)
        elif others is not None:
            yield from _mistakes(one, others, place)
        else:
            yield place, "is unknown"
