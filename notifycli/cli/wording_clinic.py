"""Whose texts are looked at: a clinic that is stored, or one that stands in the configuration alone.

Makes no database: texts are written before the first file comes in.
"""

from typing import TYPE_CHECKING

from notifycli.cli.finding import known_clinic
from notifycli.cli.shell import Shell
from notifycli.domain.errors import UsageError

if TYPE_CHECKING:
    from notifycli.wording import Particulars


def known_or_configured(shell: Shell, clinic_id: str) -> str:
    """Ends the command where neither knows it (exit 2)."""
    if clinic_id in shell.settings.clinic:
        return clinic_id
    if not _has_database(shell):
        raise UsageError(f"there is no clinic {clinic_id} in the configuration, and no database yet")
    return known_clinic(shell, clinic_id)


def facts_of_clinic(shell: Shell, clinic_id: str | None) -> "Particulars":
    """What messages say of the clinic; made up where it is not stored."""
    from notifycli.store import clinics
    from notifycli.store.facts import Facts
    from notifycli.wording import Particulars
    from notifycli.wording.samples import NO_CLINIC

    if clinic_id is None or not _has_database(shell) or not clinics.has_clinic(shell.connection, clinic_id):
        return NO_CLINIC
    clinic = Facts(shell.connection, shell.policy).clinic(clinic_id)
    return Particulars(clinic.name, clinic.portal_url, None, clinic.zone, phone=clinic.phone)


def _has_database(shell: Shell) -> bool:
    address = shell.address_of_database()
    return isinstance(address, str) or address.exists()
