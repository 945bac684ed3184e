"""The words that clinics use for the status of an appointment (SPEC section 3). Knows no format and no column."""

from notifycli.domain.model import STATE_OF_STATUS

# What the status is, and who cancelled, where the word says it.
STATUS_WORDS: dict[str, tuple[str, str | None]] = {
    **{status: (status, None) for status in STATE_OF_STATUS},
    **dict.fromkeys(("avtalt", "bestilt", "oppsatt", "oppsett", "bekreftet", "stadfesta"), ("booked", None)),
    **dict.fromkeys(("confirmed", "scheduled"), ("booked", None)),
    **dict.fromkeys(("avlyst", "kansellert"), ("cancelled", "clinic")),
    "avbestilt": ("cancelled", "patient"),
    "canceled": ("cancelled", None),
    **dict.fromkeys(("fullført", "møtt", "utført", "completed"), ("fulfilled", None)),
    **dict.fromkeys(("ikke møtt", "ikkje møtt", "no-show", "no show"), ("noshow", None)),
    **dict.fromkeys(("ankommet", "ankommen"), ("arrived", None)),
    "entered in error": ("entered-in-error", None),
    "checked in": ("checked-in", None),
}
