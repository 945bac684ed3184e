"""Makes a row of the kind clinics of an Organization.

Must not know files, nor which Organizations are clinics. Source: SPEC section 3, and
https://hl7.org/fhir/R4/organization.html.
"""

from notifycli.intake.formats.fhir.elements import is_in_use, last_updated, objects, text, texts
from notifycli.intake.formats.fhir.resources import Resource
from notifycli.intake.formats.fhir.telecom import phone_of, points_in_use


def clinic_columns(clinic_id: str, organisation: Resource, odd: list[str], now: int) -> dict[str, str]:
    """Cells by column; what the resource says nothing of has none, so that what is stored stays."""
    phone = phone_of(points_in_use(organisation.telecom, odd, now))
    line = ""  # the first address that is in use
    for address in objects(organisation.address, "address", odd):
        if line or not is_in_use(address, "address", odd, now):
            continue
        place = " ".join(filter(None, (text(address.get(part), "address", odd) for part in ("postalCode", "city"))))
        parts = [*texts(address.get("line"), "address", odd), place]
        line = ", ".join(filter(None, parts)) or text(address.get("text"), "address", odd)
    columns = {"phone": phone, "address": " ".join(line.split()), "fresh_at": last_updated(organisation.meta)}
    name = text(organisation.name, "name", odd)
    return {"clinic_id": clinic_id, "name": name} | {column: cell for column, cell in columns.items() if cell}
