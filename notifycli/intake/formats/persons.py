"""What formats that name persons share: systems of national numbers, which number is the mobile one, and what is left
out of the dead.

Must not know any format. Source: SPEC section 3, and the Norwegian identifier systems.
"""

from collections.abc import Iterable

from notifycli.domain.contact import can_get_sms, phone_number

NORWEGIAN = "2.16.578.1.12.4.1.4."
NATIONAL = tuple(f"{NORWEGIAN}{number}" for number in (1, 2, 3))  # fødselsnummer, D-nummer, felles hjelpenummer
HAS_DIED = "has died; contact details were left out"


def mobile_among(candidates: Iterable[str], country: str) -> str:
    """The first that gets SMS, else the first number, else the first, for the common cleaning to warn of; "" of none.

    A number is judged by what it is, whatever it is called.
    """
    first = first_number = ""
    for text in candidates:
        first = first or text
        number = phone_number(text, country)
        if number and can_get_sms(number):
            return text
        first_number = first_number or (text if number else "")
    return first_number or first
