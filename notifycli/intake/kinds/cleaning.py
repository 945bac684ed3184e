"""Turns a block of raw rows into columns of clean values; what cannot be used is set apart with its reason.

Works by column, since exports repeat themselves. Is told the clinics' zones and countries; must not know the database,
or what a row makes happen. Source: SPEC section 3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from notifycli.domain.status_words import STATUS_WORDS
from notifycli.intake.cells import values
from notifycli.intake.cells.instants import Instants
from notifycli.intake.cells.times import Hours
from notifycli.intake.cells.values import Doubtful, Identifiers, Meanings, Reject
from notifycli.intake.cells.whole_columns import FormsOfTimes
from notifycli.intake.kinds.columns import Phone, Time
from notifycli.intake.kinds.registry import READABLE

UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class Trouble:
    """A row's problem: `row` is its index in the block, `column` the contract's name, `reason` for who mends it."""

    row: int
    column: str
    reason: str


@dataclass
class Clean:
    """Columns by the contract's names, all of one length. `rejects` are rows not to be used, one trouble each."""

    columns: dict[str, list[Any]]
    rejects: dict[int, Trouble] = field(default_factory=dict)
    warnings: list[Trouble] = field(default_factory=list)


class Cleaner:
    """Cleans the blocks of one import. `clinics`: zone and country by clinic_id; `now`: the import's time.

    `forms`: what the file's columns tell of their times. `own_statuses`: a clinic's own words for the contract's.
    """

    def __init__(
        self,
        kind: str,
        clinics: Mapping[str, tuple[str, str]],
        now: int,
        forms: FormsOfTimes | None = None,
        own_statuses: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.kind = kind
        self.clinics = clinics
        self.now = now
        self._forms = forms or FormsOfTimes()
        self._own_statuses = own_statuses or {}
        self._of_statuses = cache(self._statuses_of_clinic)
        self._hours_of = cache(Hours)
        self._of_zone = cache(self._times_of_zone)
        self._of_country = cache(lambda country: Meanings(values.phone(country)))
        self._plain: dict[str, Meanings] = {}
        self._clinic_meanings = Meanings(self._known_clinic)
        self._identifiers = Identifiers()

    def clean(self, raw: Mapping[str, Sequence[str]], clinic_ids: Sequence[str]) -> Clean:
        """`raw`: cells by the contract's column, but for the key's; `clinic_ids`: whose each row is."""
        clean = Clean({})
        for column, of_column in raw.items():
            if column == "patient_id":
                clean.columns[column] = self.identifiers(column, of_column, clean)
                continue
            meanings = self._meanings_for(column)
            if isinstance(meanings, Meanings):
                cells = meanings.of(of_column)
                has_trouble = meanings.has_trouble
            else:
                by_clinic = {clinic: meanings(clinic) for clinic in set(clinic_ids)}
                if len(by_clinic) == 1:
                    cells = next(iter(by_clinic.values())).of(of_column)
                else:
                    rows = zip(clinic_ids, of_column, strict=True)
                    cells = [by_clinic[clinic].of((cell,))[0] for clinic, cell in rows]
                has_trouble = any(of_clinic.has_trouble for of_clinic in by_clinic.values())
            clean.columns[column] = _without_trouble(clean, column, cells, None) if has_trouble else cells
        return clean

    def clinic_ids(self, of_column: Sequence[str], clean: Clean) -> list[str]:
        """The clinic of each row; an unknown one is a reject (of the clinics themselves none is unknown)."""
        if self.kind == "clinics":
            return self.identifiers("clinic_id", of_column, clean)
        cells = self._clinic_meanings.of(of_column)
        return _without_trouble(clean, "clinic_id", cells, "") if self._clinic_meanings.has_trouble else cells

    def identifiers(self, column: str, of_column: Sequence[str], clean: Clean) -> list[str]:
        cells = self._identifiers.of(of_column)
        return _without_trouble(clean, column, cells, "") if self._identifiers.has_trouble else cells

    def _known_clinic(self, cell: str) -> Any:
        clinic_id = values.identifier(cell)
        if type(clinic_id) is Reject:
            return clinic_id
        return clinic_id if clinic_id in self.clinics else Reject("is no clinic that is known")

    def _meanings_for(self, column: str) -> Meanings | Callable[[str], Meanings]:
        meaning = READABLE[self.kind].column(column).meaning
        if isinstance(meaning, Time):
            return lambda clinic: self._of_zone(column, self.clinics.get(clinic, ("UTC", "NO"))[0])
        if isinstance(meaning, Phone):
            return lambda clinic: self._of_country(self.clinics.get(clinic, ("UTC", "NO"))[1])
        if column == "status" and self.kind == "appointments" and self._own_statuses:
            return self._of_statuses
        if column not in self._plain:
            self._plain[column] = Meanings(meaning)
        return self._plain[column]

    def _times_of_zone(self, column: str, zone: str) -> Meanings:
        time = READABLE[self.kind].column(column).meaning
        assert isinstance(time, Time)
        return Instants(
            self._hours_of(values.zone_named(zone) or UTC_ZONE),
            required=time.is_required,
            latest=self.now if time.is_past else None,
            tells=lambda: self._forms.of(column),
        )

    def _statuses_of_clinic(self, clinic: str) -> Meanings:
        own = {values.text(word).lower(): status for word, status in self._own_statuses.get(clinic, {}).items()}
        meant = {word: STATUS_WORDS[values.text(status).lower()] for word, status in own.items()}
        return Meanings(values.one_of(STATUS_WORDS | meant, "status"))


def _without_trouble(clean: Clean, column: str, cells: list[Any], instead: Any) -> list[Any]:
    """The values, with the troubles among them taken note of; the first reject of a row is the one that is told."""
    values = []
    for row, value in enumerate(cells):
        if isinstance(value, Reject):
            clean.rejects.setdefault(row, Trouble(row, column, value.reason))
            value = instead
        elif isinstance(value, Doubtful):
            clean.warnings.append(Trouble(row, column, value.warning))
            value = value.value
        values.append(value)
    return values
