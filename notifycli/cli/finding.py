"""Finds the clinic and the subject that a typed id means, since ids are unique within one clinic only."""

from notifycli.cli.language import _
from notifycli.cli.shell import Shell
from notifycli.config import nearest
from notifycli.domain.errors import UsageError
from notifycli.domain.sentences import Sentence


def clinic_of(shell: Shell, which: str, id_: str, clinic: str | None) -> str:
    """The one clinic that has it. Ends the command where there is none or several (exit 2)."""
    if clinic is not None:
        known_clinic(shell, clinic)
    clinics = exists(shell, which, id_, clinic)
    if len(clinics) > 1:
        message = _(
            "{number} clinics have {which} {id}: {clinics}.",
            number=len(clinics),
            which=Sentence(which),
            id=id_,
            clinics=", ".join(clinics[:5]),
        )
        raise UsageError(message, _("Say which with --clinic ID"))
    return clinics[0]


def exists(shell: Shell, which: str, id_: str, clinic: str | None) -> list[str]:
    """The clinics that have it. Ends the command where there is none (exit 2)."""
    from notifycli.store.clinics import clinics_with

    clinics = clinics_with(shell.connection, which, id_, clinic)
    if not clinics:
        name = {"which": Sentence(which), "id": id_}
        nowhere = _("there is no {which} {id}.", **name)
        not_there = _("there is no {which} {id} at {clinic}.", **name, clinic=clinic)
        near = next(
            (other for other in (id_.upper(), id_.lower()) if clinics_with(shell.connection, which, other, clinic)), ""
        )
        advice = _("Did you mean {near}?", near=near) if near else _("Was it imported?")
        raise UsageError(nowhere if clinic is None else not_there, advice)
    return clinics


def known_clinic(shell: Shell, clinic: str) -> str:
    from notifycli.store.clinics import clinic_ids, has_clinic

    if has_clinic(shell.connection, clinic):
        return clinic
    near = nearest(clinic, clinic_ids(shell.connection))
    advice = _("Did you mean {near}?", near=near) if near else _("Was it imported?")
    raise UsageError(_("there is no clinic {clinic}.", clinic=clinic), advice)
