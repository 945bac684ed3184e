"""Decides whether a Consent is about notices, and whether it is given: what is not clearly about notices counts for
nothing.

Must not know files. Source: SPEC R17, and https://hl7.org/fhir/R4/consent.html.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Literal

from notifycli.intake.formats.fhir.directory import Directory
from notifycli.intake.formats.fhir.elements import (
    NOTHING,
    an_object,
    has_ended,
    has_not_begun,
    last_updated,
    objects,
    text,
)
from notifycli.intake.formats.fhir.references import NOWHERE, Reference, reference_of
from notifycli.intake.formats.fhir.resources import PlacedResource, Resource
from notifycli.intake.formats.fhir.rows import FhirRow, Reading

COLUMNS = ("clinic_id", "patient_id", "consent", "fresh_at")
DEEPEST = 10  # exceptions to exceptions
OF_NOTICES = re.compile(r"(?:^|[\W_])(?:varsl|varsel|påminn|notif|remind|notices?(?![a-z])(?!\W*of\W*privacy))", re.I)
CONCEPTS = (("purpose", False), ("action", True), ("code", True), ("class", False))  # of a provision; codings or not
ConsentVerdict = Literal["yes", "no", "about other things", "not in force"]


def verdict_on(consent: Resource, reading: Reading, odd: list[str]) -> ConsentVerdict:
    provisions = list(_about_notices(consent, reading.consent_codes, odd))
    if not provisions:
        return "about other things"
    if consent.status in ("inactive", "rejected"):
        return "no"
    if consent.status != "active":
        return "not in force"
    periods = [
        period for provision in (*provisions, *_top(consent, odd)) if (period := provision.get("period")) is not None
    ]
    if consent.decision == "deny" or any(provision.get("type") == "deny" for provision in provisions):
        return "no"
    if any(has_ended(period, "provision", odd, reading.now) for period in periods):
        return "no"
    return "not in force" if any(has_not_begun(period, reading.now) for period in periods) else "yes"


def consent_row(placed: PlacedResource, verdict: ConsentVerdict, directory: Directory, odd: list[str]) -> FhirRow:
    consent = placed.resource
    patient_id = directory.target(_whose(consent, odd))[1]
    cells = [clinic_of_consent(placed, directory), patient_id, verdict, last_updated(consent.meta)]
    return FhirRow(placed.place, cells, odd, [])


def clinic_of_consent(placed: PlacedResource, directory: Directory) -> str:
    """That of the patient where it is known, else the organisation that keeps the consent."""
    consent = placed.resource
    if clinic := directory.clinic_of_patient(directory.target(_whose(consent, []))[1]):
        return clinic
    for organisation in objects(consent.organization, "organization", []):
        if clinic := directory.clinic(reference_of(organisation, consent.contained, "organization", [])):
            return clinic
    return ""


def _whose(consent: Resource, odd: list[str]) -> Reference:
    whose = reference_of(consent.patient, consent.contained, "patient", odd)
    if whose is NOWHERE:  # R5
        whose = reference_of(consent.subject, consent.contained, "subject", odd)
    return whose if whose.kind in ("Patient", "") else NOWHERE


def _about_notices(consent: Resource, own_codes: frozenset[str], odd: list[str]) -> Iterator[dict[str, Any]]:
    """The provisions that count: the whole where scope or category tell, else those that tell themselves."""
    top = _top(consent, odd)
    categories = objects(consent.category, "category", odd)
    if any(_tells(part, own_codes, "category", odd) for part in (an_object(consent.scope, "scope", odd), *categories)):
        yield from top or [NOTHING]
        return
    level = top
    for _ in range(DEEPEST):
        for part in level:
            by_name = ((objects(part.get(name), "provision", odd), is_concept) for name, is_concept in CONCEPTS)
            concepts = (
                concept
                for elements, is_concept in by_name
                for concept in (elements if is_concept else [{"coding": elements}])
            )
            if any(_tells(concept, own_codes, "provision", odd) for concept in concepts):
                yield part
        level = [inner for part in level for inner in objects(part.get("provision"), "provision", odd)]


def _top(consent: Resource, odd: list[str]) -> list[dict[str, Any]]:
    """R4 has one provision, R5 a list of them."""
    if type(consent.provision) is list:
        return objects(consent.provision, "provision", odd)
    provision = an_object(consent.provision, "provision", odd)
    return [provision] if provision else []


def _tells(concept: dict[str, Any], own_codes: frozenset[str], element: str, odd: list[str]) -> bool:
    texts = [text(concept.get("text"), element, odd)]
    for coding in objects(concept.get("coding"), element, odd):
        code = text(coding.get("code"), element, odd)
        if code in own_codes:
            return True
        texts += [code, text(coding.get("display"), element, odd)]
    return any(OF_NOTICES.search(unicodedata.normalize("NFC", written)) for written in texts if written)
