"""What the caller of an import asked for, and what the configuration says to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

NOT_TOLD = (
    "own_columns",
    "own_statuses",
    "imported_by",
    "max_upset",
    "dry_run",
    "consent_is_assumed_at",
    "consent_codes",
)


@dataclass(frozen=True)
class Options:
    """`own_columns`, `own_statuses`: names of columns and words for statuses of each clinic's own, by clinic_id.

    `assume_consent` holds for all clinics of the call. `consent_is_assumed_at` is what the configuration says of the
    clinics that it names, and of "" for the others. `consent_codes`: codes of FHIR Consents that are about notices.
    """

    kind: str | None = None
    clinic: str | None = None
    sheet: str | None = None
    migrated: bool = False
    dry_run: bool = False
    encoding: str | None = None
    assume_consent: bool = False
    complete: bool = False
    cancel_missing: bool = False
    force: bool = False
    max_upset: float = 0.10
    imported_by: str = ""
    own_columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    own_statuses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    consent_is_assumed_at: Mapping[str, bool] = field(default_factory=dict)
    consent_codes: frozenset[str] = frozenset()

    @property
    def asks_what_is_missing(self) -> bool:
        """Whether the files are said to hold all future appointments of their clinics."""
        return self.complete or self.cancel_missing

    def given(self) -> dict[str, Any]:
        """What was asked for beyond the ordinary, for those who look at the import later."""
        ordinary = Options()
        values = {option.name: getattr(self, option.name) for option in fields(self) if option.name not in NOT_TOLD}
        return {name: value for name, value in values.items() if value != getattr(ordinary, name)}

    def assumes_consent(self, clinic_id: str) -> bool:
        """Of patients of whom nothing else says whether they consent."""
        at = self.consent_is_assumed_at
        return self.assume_consent or at.get(clinic_id, at.get("", False))

    @property
    def may_assume_consent(self) -> bool:
        """Of some clinic's patients: then a file may be silent of it."""
        return self.assume_consent or any(self.consent_is_assumed_at.values())
