"""Looks up what a reference points to: who is meant, what a place is called, which clinic it belongs to.

Learns it from Organizations, Locations and Patients. Directories of several files are merged, since Bulk Data has one
file for each type. Must not know files or columns.
"""

from dataclasses import dataclass, field

import msgspec

from notifycli.intake.formats.fhir.elements import objects, text
from notifycli.intake.formats.fhir.references import (
    NOWHERE,
    OF_PERSONS,
    Reference,
    best_identifier,
    id_in_url,
    plain_system,
    reference_of,
    url_key,
)
from notifycli.intake.formats.fhir.resources import PlacedResource

KINDS_WITH_IDENTIFIERS = ("Patient", "Location", "Organization")
DEEPEST = 10  # places within places
CONTRADICTED = Reference(kind="nobody")
Target = tuple[str, str]  # kind and id, "" where they are not known


@dataclass
class Directory:
    """`ids`: kind and id by the fullUrl of a Bundle's entry. `numbers`: ids by kind, system and value of an identifier.

    `names`: of Locations, by id. `owners` and `wholes`: the managing organisation (NOWHERE: a Patient that has none),
    and what a Location is part of.
    """

    ids: dict[str, Target] = field(default_factory=dict)
    numbers: dict[tuple[str, str, str], tuple[str, ...]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    owners: dict[Target, Reference] = field(default_factory=dict)
    wholes: dict[str, Reference] = field(default_factory=dict)

    def __or__(self, other: "Directory") -> "Directory":
        """Both; where they contradict each other, as those of two servers may, nothing tells whose it is."""
        merged = other.before(self)
        for kind, known_id in self.owners.keys() & other.owners.keys():
            mine, theirs = self.owners[kind, known_id], other.owners[kind, known_id]
            if theirs is NOWHERE:
                merged.owners[kind, known_id] = mine
            elif mine is not NOWHERE and self.clinic(mine) != other.clinic(theirs):
                merged.owners[kind, known_id] = CONTRADICTED
                if kind == "Location":
                    merged.names.pop(known_id, None)
        return merged

    def before(self, other: "Directory") -> "Directory":
        """Both; where they contradict each other, this one is right."""
        return Directory(
            other.ids | self.ids,
            other.numbers
            | {key: tuple(dict.fromkeys((*ids, *other.numbers.get(key, ())))) for key, ids in self.numbers.items()},
            other.names | self.names,
            other.owners | self.owners,
            other.wholes | self.wholes,
        )

    def learn(self, placed: PlacedResource) -> None:
        """Takes note of a resource. Of Patients only those of a Bundle are to be learnt: a file may hold millions."""
        odd: list[str] = []
        resource, kind = placed.resource, placed.kind
        resource_id = id_of(placed, odd)
        if placed.url:
            self.ids[url_key(placed.url)] = (kind, resource_id)
        if kind not in KINDS_WITH_IDENTIFIERS or not resource_id:
            return
        for identifier in objects(resource.identifier, "identifier", odd):
            if value := text(identifier.get("value"), "identifier", odd):
                system = plain_system(text(identifier.get("system"), "identifier", odd))
                known = self.numbers.get((kind, system, value), ())
                if resource_id not in known:
                    self.numbers[kind, system, value] = (*known, resource_id)
        owner = reference_of(resource.managingOrganization, resource.contained, "", odd)
        owner = msgspec.structs.replace(owner, inside=None, display="")  # neither is asked for, and there are many
        if owner != NOWHERE:
            self.owners[kind, resource_id] = owner
        elif kind == "Patient":
            self.owners[kind, resource_id] = NOWHERE
        if kind != "Location":
            return
        if name := text(resource.name, "name", odd):
            self.names[resource_id] = name
        if whole := reference_of(resource.partOf, resource.contained, "", odd).id:
            self.wholes[resource_id] = Reference("Location", whole)

    def target(self, reference: Reference) -> Target:
        """Kind and id of what is meant; an id that is nobody's in the files is taken as it is written."""
        if reference.url and (known := self.ids.get(reference.url)):
            return known
        if reference.id or not reference.value:
            return reference.kind, reference.id
        system = plain_system(reference.system)
        for kind in (reference.kind,) if reference.kind else KINDS_WITH_IDENTIFIERS:
            if ids := self.numbers.get((kind, system, reference.value)):
                return kind, ids[0]
        return reference.kind, reference.value

    def patient_at(self, reference: Reference, clinic: str) -> str:
        """The patient of a clinic whom an identifier means: several clinics may give one number to a patient of theirs.

        "" where these may be several persons and the clinic is not known.
        """
        system = plain_system(reference.system)
        known = self.numbers.get(("Patient", system, reference.value), (reference.value,))
        clinics = list(map(self.clinic_of_patient, known))
        if clinic in clinics:
            return known[clinics.index(clinic)]
        return known[0] if system in OF_PERSONS or len(set(clinics)) == 1 else ""

    def clinic(self, reference: Reference) -> str:
        """The id of the organisation that is meant, "" where it is no organisation."""
        kind, organisation_id = self.target(reference)
        return organisation_id if kind in ("Organization", "") else ""

    def clinic_of_place(self, reference: Reference, odd: list[str]) -> str:
        """Whose a Location is, or the nearest that it is part of."""
        if reference.inside is not None:
            inside = reference.inside
            return self.clinic(reference_of(inside.get("managingOrganization"), None, "participant", odd))
        for _ in range(DEEPEST):
            _, place = self.target(reference)
            if owner := self.owners.get(("Location", place)):
                return self.clinic(owner)
            if place not in self.wholes:
                return ""
            reference = self.wholes[place]
        return ""

    def clinic_of_patient(self, patient_id: str) -> str:
        owner = self.owners.get(("Patient", patient_id))
        return self.clinic(owner) if owner else ""

    def place_name(self, reference: Reference, odd: list[str]) -> str:
        """What a Location is called: by itself, else by who refers to it."""
        if reference.inside is not None and (name := text(reference.inside.get("name"), "participant", odd)):
            return name
        return self.names.get(self.target(reference)[1]) or reference.display


def id_of(placed: PlacedResource, odd: list[str]) -> str:
    """The resource's id, else that in the URL of its entry, else one of its identifiers."""
    resource = placed.resource
    if own := text(resource.id, "id", odd):
        return own
    if by_url := id_in_url(placed.url):
        return by_url
    return best_identifier(objects(resource.identifier, "identifier", odd), odd)[1]
