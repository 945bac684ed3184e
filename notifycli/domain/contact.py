"""Whether a text is a phone number or an e-mail address that a notice can go to, in the one form that is stored.

Knows nothing of patients or files. Asks no network: an address is judged by its form alone. Source: SPEC section 3.
The libraries take some 30 µs a call; what is plain is answered without them, and always as they would. They are
imported where they are called: that takes a tenth of a second, and a file of appointments needs neither.
"""

import re
from functools import lru_cache

CACHED = 20_000  # exports repeat themselves
PLAIN_LOCAL_PART = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*", re.ASCII)
LONGEST_PLAIN_ADDRESS = 100


def phone_number(text: str, country: str = "NO") -> str | None:
    """The number as E.164 (+4791000001), of `country` (ISO 3166) unless it says otherwise; None if it is none."""
    if plain := _plain_mobile(country):
        digits = text.replace(" ", "").removeprefix(plain[1])
        if plain[0].fullmatch(digits):
            return plain[1] + digits
    return _phone_number(text, country)


def can_get_sms(number: str) -> bool:
    """Whether an E.164 number is one that receives SMS; a landline is not."""
    plain = _plain_mobile("NO")
    if plain and number.startswith(plain[1]) and plain[0].fullmatch(number[len(plain[1]) :]):
        return True
    return _can_get_sms(number)


def email_address(text: str) -> str | None:
    """The address with its domain in lower case; None if mail cannot be addressed to it."""
    stripped = text.strip()
    local, _, domain = stripped.rpartition("@")
    if len(stripped) <= LONGEST_PLAIN_ADDRESS and len(local) <= 64 and PLAIN_LOCAL_PART.fullmatch(local):
        known = _domain(domain)
        return f"{local}@{known}" if known else None
    return _email_address(stripped)


def is_country(code: str) -> bool:
    """Whether phone numbers of that country (ISO 3166, two capitals) are known."""
    import phonenumbers

    return code in phonenumbers.SUPPORTED_REGIONS


@lru_cache(CACHED)
def _phone_number(text: str, country: str) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(CACHED)
def _can_get_sms(number: str) -> bool:
    import phonenumbers

    gets_sms = phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE
    return phonenumbers.number_type(phonenumbers.parse(number)) in gets_sms


@lru_cache(10)
def _plain_mobile(country: str) -> tuple[re.Pattern[str], str] | None:
    """The library's own pattern of mobile numbers of a country and its prefix, where no trunk prefix confuses it."""
    if country != "NO":
        return None
    import phonenumbers

    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
    if metadata is None or metadata.mobile is None or metadata.national_prefix is not None:
        return None
    pattern = metadata.mobile.national_number_pattern
    return (re.compile(pattern, re.ASCII), f"+{metadata.country_code}") if pattern else None


@lru_cache(CACHED)
def _domain(domain: str) -> str | None:
    address = _email_address(f"a@{domain}")
    return address.removeprefix("a@") if address else None


@lru_cache(CACHED)
def _email_address(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None
