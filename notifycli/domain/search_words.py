"""By which words a patient is found, and what a typed text looks for; both in one spelling.

Knows no database: a word is what its index holds. The first letter of a word tells what it is: "@" an e-mail address,
"+" a phone number from its end to its beginning, "#" an id; a name has none.
"""

import re
import unicodedata
from dataclasses import dataclass

# Letters that Unicode takes for letters of their own, as people without that key type them
PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ŋ": "n", "ŧ": "t", "'": "", "’": "", "`": ""}
)
ONE_SPELLING = (("aa", "a"), ("ae", "a"), ("oe", "o"))  # Aas is Ås, Saether is Sæther, Bjoern is Bjørn
NAME = re.compile(r"[^\W_]+")
NUMBER = re.compile(r"[+(]*\d[\d()./+-]*")  # of what may be one part of a phone number that was typed in groups
TRUNK_ZERO = "(0)"  # +47 (0)910 ...: not dialled from abroad
LONG_ENOUGH = 3  # letters of an e-mail address or id that are looked for as its beginning
LONG_NUMBER = 5  # digits behind zeros that are dialled before a country or an area


@dataclass(frozen=True)
class Beginning:
    """Words that all begin so; `is_whole`: that are so."""

    words: tuple[str, ...]
    is_whole: bool = False


Wanted = tuple[tuple[Beginning, ...], ...]  # each of them by one of its alternatives


def words_of(given_name: str, family_name: str, email: str | None, mobile: str | None, patient_id: str) -> str:
    """The words by which a patient is found, parted by spaces. `mobile` as E.164."""
    given = NAME.findall(plain_spelling(given_name))
    id_ = "".join(NAME.findall(plain_spelling(patient_id)))
    words = [*given, *NAME.findall(plain_spelling(family_name)), f"#{id_}"]
    if len(given) > 1:
        words.append("".join(given))  # Anne Marie is also found as Annemarie
    if email:
        words.append(f"@{plain_spelling(email)}")
    if mobile:
        words.append(f"+{mobile[:0:-1]}")
    return " ".join(words)


def wanted_words(text: str, *, whole_names: bool = False) -> Wanted:
    """What a patient must have of a text that was typed; () where there is nothing to look for.

    `whole_names`: names, addresses and ids that are so, not those that only begin so.
    """
    wanted: list[tuple[Beginning, ...]] = []
    digits = ""
    for part in [*text.replace(TRUNK_ZERO, "").replace(",", " ").replace(";", " ").split(), ""]:
        if NUMBER.fullmatch(part):
            digits += "".join(letter for letter in part if letter.isdecimal())
            continue
        if digits:
            dialled = digits.lstrip("0")  # a phone number is looked for by its end; it may be an id or part of a name
            ends = dict.fromkeys([digits, dialled] if len(dialled) >= LONG_NUMBER else [digits])
            phones = (Beginning((f"+{end[::-1]}",)) for end in ends)
            id_, in_name = _from_its_beginning(f"#{digits}", whole_names), Beginning((digits,), whole_names)
            wanted.append((*phones, id_, in_name))
            digits = ""
        if alternatives := _word(plain_spelling(part), whole_names):
            wanted.append(alternatives)
    return tuple(wanted)


def plain_spelling(text: str) -> str:
    """Without case and accents, and with one spelling of what people spell in two ways."""
    plain = text.casefold().translate(PLAIN_LETTERS)
    if not plain.isascii():
        plain = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    for two, alone in ONE_SPELLING:
        plain = plain.replace(two, alone)
    return plain


def _word(word: str, is_whole: bool) -> tuple[Beginning, ...]:
    if "@" in word:
        return (Beginning((f"@{word}",), is_whole),)
    names = tuple(NAME.findall(word))
    if not names:
        return ()
    address, id_ = _from_its_beginning(f"@{word}", is_whole), _from_its_beginning(f"#{''.join(names)}", is_whole)
    return (Beginning(names, is_whole), address, id_)


def _from_its_beginning(word: str, is_whole: bool) -> Beginning:
    return Beginning((word,), is_whole or len(word) <= LONG_ENOUGH)
