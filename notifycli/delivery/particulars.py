"""What a notice's messages may name, and in which language, as things are now (SPEC section 6).

Must not know channels, the configuration or when anything is sent.
"""

from notifycli.domain.changes import details_before_change
from notifycli.domain.model import Appointment, Key
from notifycli.domain.rules import details_given
from notifycli.store.facts import Known
from notifycli.wording.values import Particulars, language_for


def language_of(key: Key, known: Known) -> str:
    """The patient's, else the clinic's."""
    return language_for(known.details_for(key).language or "", known.clinic.language)


def particulars_of(key: Key, known: Known) -> Particulars:
    clinic, subject = known.clinic, known.subject
    portal = (clinic.payments_url if key.event == "receipt" else "") or clinic.portal_url
    if not isinstance(subject, Appointment):
        return Particulars(clinic.name, portal, None, clinic.zone)
    place = details_given(subject, key)
    before = details_before_change(subject, key) if key.event == "change" else None
    return Particulars(
        clinic.name,
        portal,
        place.starts_at,
        clinic.zone,
        place.location,
        known.by.get(key.event),  # type: ignore[arg-type]
        clinic.phone,
        before.starts_at if before is not None else None,
        before.location if before is not None else "",
    )
