"""Finds the clinic and the subject that a typed id means, since ids are unique within one clinic only."""

from notifycli.cli.shell import Shell
from notifycli.config import nearest
from notifycli.domain.errors import UsageError


def clinic_of(shell: Shell, which: str, id_: str, clinic: str | None) -> str:
    """The one clinic that has it. Ends the command where there is none or several (exit 2)."""
    if clinic is not None:
        known_clinic(shell, clinic)
    clinics = exists(shell, which, id_, clinic)
    if len(clinics) > 1:
        raise UsageError(
            f"{len(clinics)} clinics have {which} {id_}: {', '.join(clinics[:5])}.", "Say which with --clinic ID"
        )
    return clinics[0]


def exists(shell: Shell, which: str, id_: str, clinic: str | None) -> list[str]:
    """The clinics that have it. Ends the command where there is none (exit 2)."""
    from notifycli.store.clinics import clinics_with

    clinics = clinics_with(shell.connection, which, id_, clinic)
    if not clinics:
        where = f" at {clinic}" if clinic is not None else ""
        raise UsageError(f"there is no {which} {id_}{where}.", "Was it imported?")
    return clinics


def known_clinic(shell: Shell, clinic: str) -> str:
    from notifycli.store.clinics import clinic_ids, has_clinic

    if has_clinic(shell.connection, clinic):
        return clinic
    near = nearest(clinic, clinic_ids(shell.connection))
    raise UsageError(f"there is no clinic {clinic}.", f"Did you mean {near}?" if near else "Was it imported?")
