"""Decodes JSON into resources, as far as their elements are used.

Must not know files, nor what the elements mean. Source: https://hl7.org/fhir/R4/json.html.
"""

import re
from typing import Any, TypeVar

import msgspec

from notifycli.intake.formats.blocks import Unreadable

DECODING = (msgspec.MsgspecError, UnicodeError, RecursionError)
HALF = re.compile(rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)")  # what is whole goes before it
T = TypeVar("T")


class Resource(msgspec.Struct, gc=False):
    """Every element that is read of any resource, whatever its type; the rest is passed over unread."""

    resourceType: Any = None
    id: Any = None
    meta: Any = None
    identifier: Any = None
    contained: Any = None
    status: Any = None
    appointmentType: Any = None
    serviceType: Any = None
    start: Any = None
    end: Any = None
    created: Any = None
    participant: Any = None
    supportingInformation: Any = None
    cancelationReason: Any = None
    cancellationReason: Any = None
    name: Any = None
    telecom: Any = None
    address: Any = None
    communication: Any = None
    deceasedBoolean: Any = None
    deceasedDateTime: Any = None
    managingOrganization: Any = None
    partOf: Any = None
    scope: Any = None
    category: Any = None
    patient: Any = None
    subject: Any = None
    dateTime: Any = None
    date: Any = None
    organization: Any = None
    provision: Any = None
    decision: Any = None


class PlacedResource(msgspec.Struct, frozen=True, gc=False):
    """A resource with its place (line, or entry of a Bundle, 1-based) and the fullUrl of its entry, if any.

    `is_deleted`: a Bundle says that it was deleted; then there is its type, its id, and perhaps when.
    """

    place: int
    url: str
    kind: str
    resource: Resource
    is_bundled: bool = False
    is_deleted: bool = False


RESOURCE = msgspec.json.Decoder(Resource)


def decode(decoder: "msgspec.json.Decoder[T]", raw: bytes | msgspec.Raw) -> T:
    """Half a character, as is left where an export cuts texts short, is replaced. Raises one of DECODING."""
    try:
        return decoder.decode(raw)
    except DECODING:
        mended = HALF.sub(lambda half: b"\\ufffd" if half[1] else half[0], bytes(raw))
        return decoder.decode(mended)


def decoded(decoder: "msgspec.json.Decoder[T]", raw: bytes | msgspec.Raw, where: str) -> T:
    """Raises Unreadable, which begins with `where`."""
    try:
        return decode(decoder, raw)
    except DECODING as error:
        raise Unreadable(
            f"{where}it is no JSON that can be read: brackets or a number without end, or no UTF-8; export it anew"
        ) from error
