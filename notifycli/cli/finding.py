"""Finds what an id that was typed means; ids are unique within one clinic only."""

from notifycli.cli.shell import Shell, Trouble
from notifycli.config import nearest


def clinic_of(shell: Shell, which: str, id_: str, clinic: str | None) -> str:
    """The one clinic that has it. Ends the command where there is none or several (exit 2)."""
    if clinic is not None:
        known_clinic(shell, clinic)
    found = exists(shell, which, id_, clinic)
    if len(found) > 1:
        raise Trouble(f"{len(found)} clinics have a {which} {id_}: {', '.join(found[:5])}. Say which with --clinic ID")
    return found[0]


def exists(shell: Shell, which: str, id_: str, clinic: str | None) -> list[str]:
    """The clinics that have it. Ends the command where there is none (exit 2)."""
    from notifycli.store import reading

    found = reading.clinics_with(shell.connection, which, id_, clinic)
    if not found:
        where = f" at {clinic}" if clinic is not None else ""
        raise Trouble(f"there is no {which} {id_}{where}. Was it imported?")
    return found


def known_clinic(shell: Shell, clinic: str) -> str:
    from notifycli.store import reading

    if reading.has_clinic(shell.connection, clinic):
        return clinic
    near = nearest(clinic, reading.clinic_ids(shell.connection))
    meant = f" Did you mean {near}?" if near else " Was it imported?"
    raise Trouble(f"there is no clinic {clinic}.{meant}")
