"""An Organization becomes a row of the kind clinics. Knows no files, and not which of them are clinics.

Source: SPEC section 3, and https://hl7.org/fhir/R4/organization.html.
"""

from typing import Any

from notifycli.intake.formats.fhir.elements import is_in_use, last_updated, objects, text, texts
from notifycli.intake.formats.fhir.resources import Resource
from notifycli.intake.formats.fhir.telecom import phone_of, points_in_use


def clinic_columns(clinic_id: str, organisation: Resource, odd: list[str], now: int) -> dict[str, str]:
    """Cells by column; what the resource says nothing of has none, so that what is stored stays."""
    columns = {
        "phone": phone_of(points_in_use(organisation.telecom, odd, now)),
        "address": _address(organisation.address, odd, now),
        "fresh_at": last_updated(organisation.meta),
    }
    name = text(organisation.name, "name", odd)
    return {"clinic_id": clinic_id, "name": name} | {column: cell for column, cell in columns.items() if cell}


def _address(addresses: Any, odd: list[str], now: int) -> str:
    """The first that is in use, as one line."""
    for address in objects(addresses, "address", odd):
        if not is_in_use(address, "address", odd, now):
            continue
        place = " ".join(filter(None, (text(address.get(part), "address", odd) for part in ("postalCode", "city"))))
        parts = [*texts(address.get("line"), "address", odd), place]
        line = ", ".join(filter(None, parts)) or text(address.get("text"), "address", odd)
        if line:
            return " ".join(line.split())
    return ""
