"""What staff say on the telephone to those whom no notice told: when, where and what, never what for.

Knows nothing of patients or stores. Source: SPEC section 8, `notify calls`.
"""

from zoneinfo import ZoneInfo

from notifycli.wording.dates import date_in_words
from notifycli.wording.values import in_one_line

SENTENCES = {
    "nb": {
        "confirmation": "Du har time {at_clinic}{when}{where}.",
        "change": "Timen din {at_clinic}er endret. Den er nå {when}{where}.",
        "cancellation": "Timen din {at_clinic}{when}{where_within} er avlyst.",
        "takeover": "Timen {at_clinic}{when}{where_within} er ikke din lenger, så du skal ikke møte da.",
    },
    "nn": {
        "confirmation": "Du har time {at_clinic}{when}{where}.",
        "change": "Timen din {at_clinic}er endra. Han er no {when}{where}.",
        "cancellation": "Timen din {at_clinic}{when}{where_within} er avlyst.",
        "takeover": "Timen {at_clinic}{when}{where_within} er ikkje din lenger, så du skal ikkje møte då.",
    },
    "en": {
        "confirmation": "You have an appointment {at_clinic}on {when}{where}.",
        "change": "Your appointment {at_clinic}was changed. It is now on {when}{where}.",
        "cancellation": "Your appointment {at_clinic}on {when}{where_within} is cancelled.",
        "takeover": "The appointment {at_clinic}on {when}{where_within} is no longer yours, so do not come then.",
    },
}
AT = {"nb": "hos", "nn": "hos", "en": "at"}


def what_to_say(event: str, language: str, clinic: str, starts_at: int, zone: ZoneInfo, location: str) -> str:
    """`event`: confirmation, change, cancellation, reminder or takeover; `language`: nb, nn or en.

    `starts_at` in UTC epoch seconds, of a takeover when they would have come.
    """
    name, place = in_one_line(clinic), in_one_line(location)
    sentences = SENTENCES[language]
    return sentences.get(event, sentences["confirmation"]).format(
        at_clinic=f"{AT[language]} {name} " if name else "",
        when=date_in_words(language, starts_at, zone).when,
        where=f", {place}" if place else "",
        where_within=f", {place}," if place else "",
    )
