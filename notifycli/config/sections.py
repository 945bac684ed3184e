"""The sections of notify.toml, each once: its name, its keys, what is checked of them, and whose it is.

What reads, checks and explains a file goes by this list. A new section is a line here, and its place in Settings.
Source: SPEC section 9.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from notifycli.config.checks import check_doctor, check_email, check_push, check_receipts, check_rehearsal, check_sms
from notifycli.config.settings import Doctor, Email, Import, Limits, Push, Receipts, Rehearsal, Sms, ThirdParty


class Section(Struct, frozen=True):
    """`attribute`: what Settings calls it. `is_of_clinics`: a clinic can have its own, as [clinic.ID.name].

    `check`: of several keys together; gets the section and its table's name, raises Mistake.
    """

    name: str
    attribute: str
    kind: type[Struct]
    check: Callable[[Any, str], None] = lambda section, table: None
    is_of_clinics: bool = True


SECTIONS = (
    Section("email", "email", Email, check_email),
    Section("sms", "sms", Sms, check_sms),
    Section("push", "push", Push, check_push),
    Section("receipts", "receipts", Receipts, check_receipts, is_of_clinics=False),
    Section("limits", "limits", Limits, is_of_clinics=False),
    Section("doctor", "doctor", Doctor, check_doctor, is_of_clinics=False),
    Section("third_party", "third_party", ThirdParty),
    Section("import", "imports", Import),
    Section("rehearsal", "rehearsal", Rehearsal, check_rehearsal),
)
OF_CLINICS = tuple(section for section in SECTIONS if section.is_of_clinics)
