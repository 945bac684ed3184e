"""Reads a FHIR file as blocks of clinics, patients and appointments.

A first pass finds what is in the file and what references point to; each kind is then a pass of its own, so that NDJSON
of any size is never held in memory. Must not know paths, the store or a clock. Source: SPEC section 3.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import BinaryIO

from notifycli.intake.formats.blocks import Block
from notifycli.intake.formats.fhir import appointments, consents, notes, patients
from notifycli.intake.formats.fhir.clinics import clinic_columns
from notifycli.intake.formats.fhir.content import content_of
from notifycli.intake.formats.fhir.directory import Directory, id_of
from notifycli.intake.formats.fhir.elements import fhir_moment, text
from notifycli.intake.formats.fhir.resources import PlacedResource
from notifycli.intake.formats.fhir.rows import FhirRow, Reading, blocks_of

TELL_WHO_IS_WHO = ("Organization", "Location")
OF_NO_ACCOUNT = ("Organization", "Location", "OperationOutcome")  # beside which a file is one of clinics alone
USED = ("Patient", "Appointment", "Consent", "Organization", "Location")


class FhirFile:
    """One resource, a Bundle or NDJSON, of `size` bytes; the file must stay open. Raises Unreadable, and nothing else.

    `kinds`: the contract's kinds that it brings, in the order of import ("patients" also where it has Consents alone,
    which may turn out to be about other things). `directory`: what it tells of references. `unit`: what places in
    its blocks count, lines or entries of a Bundle.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._content = content_of(file, size)
        self.unit = self._content.unit
        self.directory = Directory()
        self._counts: Counter[str] = Counter()
        self._deleted: Counter[str] = Counter()
        self._organisations: dict[str, PlacedResource] = {}
        self._organisation_ids: list[str] = []
        self._consents: Counter[consents.ConsentVerdict] = Counter()
        self._take_a_first_look()
        self._clinics = self._those_that_are_clinics()
        brought = {
            "clinics": bool(self._clinics),
            "patients": self._counts["Patient"] + self._counts["Consent"] > 0,
            "appointments": self._counts["Appointment"] + self._deleted["Appointment"] > 0,
        }
        self.kinds = [kind for kind, is_there in brought.items() if is_there]

    @property
    def read_so_far(self) -> int:
        """Bytes of the present pass."""
        return self._content.read_so_far

    @property
    def has_next_page(self) -> bool:
        """Whether the last Bundle that was read says that there is more than it holds."""
        return self._content.has_next_page

    def notes(self) -> list[str]:
        """What was not used, in sentences; of Consents once the blocks of patients were read."""
        unused = Counter({kind: count for kind, count in self._counts.items() if kind not in USED})
        no_clinics = sum(organisation_id not in self._clinics for organisation_id in self._organisation_ids)
        deleted = Counter({kind: count for kind, count in self._deleted.items() if kind != "Appointment"})
        if not self._counts and not self._deleted:
            return ["it holds no resources"]
        return [
            *notes.unused_types(unused),
            *notes.unused_organisations(no_clinics),
            *notes.unused_consents(self._consents["about other things"], self._consents["not in force"]),
            *notes.deleted_types(deleted),
        ]

    def blocks(self, kind: str, directory: Directory, reading: Reading) -> Iterator[Block]:
        """The rows of one of `kinds` in blocks of at most 1,000; `directory`: of this file and those that go with it.

        There is no clinic_id where the clinic is given, or where no row names one.
        """
        if kind == "patients":
            yield from self._blocks_of_patients(directory, reading)
            return
        if kind == "clinics":
            rows = []
            for clinic_id, placed in self._clinics.items():
                odd: list[str] = []
                cells = clinic_columns(clinic_id, placed.resource, odd, reading.now)
                rows.append((tuple(cells), FhirRow(placed.place, list(cells.values()), odd, [])))
            for header, alike in groupby(rows, key=lambda row: row[0]):
                yield from blocks_of(header, (row for _, row in alike))
            return
        has_clinics = not reading.clinic_given and self._any_names(
            ("Appointment",), lambda placed: appointments.clinic_of_appointment(placed, directory)
        )
        yield from _without_clinic_unless(has_clinics, appointments.COLUMNS, self._appointment_rows(directory))

    def _take_a_first_look(self) -> None:
        for placed in self._content.resources(TELL_WHO_IS_WHO):
            if placed.is_deleted:
                self._deleted[placed.kind] += 1
                continue
            self._counts[placed.kind] += 1
            if placed.is_bundled or placed.kind in TELL_WHO_IS_WHO:
                self.directory.learn(placed)
            if placed.kind != "Organization":
                continue
            organisation_id = id_of(placed, [])
            self._organisation_ids.append(organisation_id)
            if organisation_id and text(placed.resource.name, "name", []):
                self._organisations[organisation_id] = placed

    def _those_that_are_clinics(self) -> dict[str, PlacedResource]:
        """Those that the places, patients and appointments of this file name."""
        if not self._organisations or not self._counts.keys() - set(OF_NO_ACCOUNT):
            return self._organisations
        owners, resources = self.directory.owners.items(), self._content.resources(("Patient", "Appointment"))
        used = {self.directory.clinic(owner) for (kind, _), owner in owners if kind == "Location"}
        while not used >= self._organisations.keys() and (placed := next(resources, None)) is not None:
            if placed.kind == "Patient":
                used.add(patients.clinic_of_patient(placed, self.directory))
            elif placed.kind == "Appointment" and not placed.is_deleted:
                used.add(appointments.clinic_of_appointment(placed, self.directory))
        return {
            organisation_id: placed
            for organisation_id, placed in self._organisations.items()
            if organisation_id in used
        }

    def _blocks_of_patients(self, directory: Directory, reading: Reading) -> Iterator[Block]:
        def clinic_of(placed: PlacedResource) -> str:
            if placed.kind == "Patient":
                return patients.clinic_of_patient(placed, directory)
            return consents.clinic_of_consent(placed, directory)

        has_clinics = not reading.clinic_given and self._any_names(("Patient", "Consent"), clinic_of)
        rows = (patients.patient_row(placed, directory, reading) for placed in self._living("Patient"))
        for width, alike in groupby(rows, key=lambda row: len(row.cells)):
            columns = patients.COLUMNS_OF_THE_DEAD[:width]
            yield from _without_clinic_unless(has_clinics, columns, alike)
        if self._counts["Consent"]:
            rows_of_consent = self._consent_rows(directory, reading)
            yield from _without_clinic_unless(has_clinics, consents.COLUMNS, rows_of_consent)

    def _consent_rows(self, directory: Directory, reading: Reading) -> Iterator[FhirRow]:
        """Of a patient who has said no in one of them, they are taken by their times, the others as they come."""
        refusing = {whose for verdict, whose, _, _ in self._verdicts(directory, reading) if verdict == "no"}
        theirs: list[tuple[float, FhirRow]] = []
        self._consents.clear()
        for verdict, whose, at, row in self._verdicts(directory, reading):
            self._consents[verdict] += 1
            if row is not None and whose in refusing:
                theirs.append((at, row))
            elif row is not None:
                yield row
        newest: dict[tuple[str, ...], str] = {}  # their order tells: none is left out for its time of storing
        theirs.sort(key=lambda dated: dated[0])
        for _, row in theirs:
            whose, at_last = tuple(row.cells[:2]), row.cells[-1]
            newest[whose] = max(newest.get(whose, ""), at_last, key=lambda text: fhir_moment(text) or 0.0)
        for _, row in theirs:
            yield row._replace(cells=[*row.cells[:-1], newest[tuple(row.cells[:2])]])

    def _verdicts(
        self, directory: Directory, reading: Reading
    ) -> Iterator[tuple[consents.ConsentVerdict, tuple[str, ...], float, FhirRow | None]]:
        """Of each Consent: whose it is (clinic, patient), its time, its row if any. A no without time is the last."""
        for placed in self._living("Consent"):
            odd: list[str] = []
            verdict = consents.verdict_on(placed.resource, reading, odd)
            if verdict not in ("yes", "no"):
                yield verdict, (), 0.0, None
                continue
            row = consents.consent_row(placed, verdict, directory, odd)
            at = fhir_moment(placed.resource.dateTime or placed.resource.date)
            unknown = float("inf") if verdict == "no" else float("-inf")
            yield verdict, tuple(row.cells[:2]), unknown if at is None else at, row

    def _appointment_rows(self, directory: Directory) -> Iterator[FhirRow]:
        if not self._deleted["Appointment"]:
            for placed in self._living("Appointment"):
                yield appointments.appointment_row(placed, directory)
            return
        last: dict[str, FhirRow] = {}
        for placed in self._content.resources(("Appointment",)):
            if placed.kind != "Appointment":
                continue
            if placed.is_deleted:
                yield appointments.deleted_row(placed, last.get(placed.resource.id))
                continue
            row = appointments.appointment_row(placed, directory)
            last[row.cells[1]] = row._replace(cells=list(row.cells))
            yield row

    def _living(self, kind: str) -> Iterator[PlacedResource]:
        return (placed for placed in self._content.resources((kind,)) if placed.kind == kind and not placed.is_deleted)

    def _any_names(self, kinds: tuple[str, ...], clinic_of: Callable[[PlacedResource], str]) -> bool:
        placed = (placed for placed in self._content.resources(kinds) if placed.kind in kinds and not placed.is_deleted)
        return any(map(clinic_of, placed))


def _without_clinic_unless(has_clinics: bool, columns: tuple[str, ...], rows: Iterator[FhirRow]) -> Iterator[Block]:
    """The clinic is the first of the columns."""
    if has_clinics:
        return blocks_of(columns, rows)
    return blocks_of(columns[1:], (row._replace(cells=row.cells[1:]) for row in rows))
