"""Whether a text is a phone number or an e-mail address that a notice can go to, in the one form that is stored.

Knows nothing of patients or files. Asks no network: an address is judged by its form alone. Source: SPEC section 3.
"""

from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

CACHED = 20_000  # the libraries take some 30 µs a call, and exports repeat themselves
GETS_SMS = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


@lru_cache(CACHED)
def phone_number(text: str, country: str = "NO") -> str | None:
    """The number as E.164 (+4791000001), of `country` (ISO 3166) unless it says otherwise; None if it is none."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(CACHED)
def can_get_sms(number: str) -> bool:
    """Whether an E.164 number is one that receives SMS; a landline is not."""
    return phonenumbers.number_type(phonenumbers.parse(number)) in GETS_SMS


@lru_cache(CACHED)
def email_address(text: str) -> str | None:
    """The address with its domain in lower case; None if mail cannot be addressed to it."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        return None
