"""The language in which people read the program: English, in which it is written, or Norwegian bokmål.

Chosen once a call. English reads no catalogue; what machines read (JSON, CSV, codes) never passes here. The catalogues
are gettext's, in locale/; `make messages` brings them up to date.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from notifycli.domain.errors import NotifyError, UsageError
from notifycli.domain.sentences import Paragraph, Sentence, in_a_row

if TYPE_CHECKING:
    from gettext import GNUTranslations

FOLDER = Path(__file__).parent / "locale"
# What names a language, in --lang and NOTIFY_LANG, or begins the name of a locale, such as nn_NO.UTF-8.
NAMES = {"en": "en", "nb": "nb", "no": "nb", "nn": "nb"}
OF_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts

_catalogue: "GNUTranslations | None" = None  # of what is shown in this call; None: English


def choose(given: str | None, environ: Mapping[str, str]) -> None:
    """--lang, else NOTIFY_LANG, else the locale. Raises UsageError for another word than `nb` or `en`."""
    global _catalogue
    _catalogue = None
    for option, text in (("--lang", given), ("NOTIFY_LANG", environ.get("NOTIFY_LANG"))):
        if text:
            language = NAMES.get(text.strip().lower())
            if language is None:
                raise UsageError(Sentence("{option}: '{text}' is none of nb, en", option=option, text=text))
            break
    else:
        language = language_of_locale(environ)
    _catalogue = None if language == "en" else catalogue(language)


def language_of_locale(environ: Mapping[str, str]) -> str:
    """`nb` where the locale is Norwegian, else `en`."""
    locale = next((environ[name] for name in OF_LOCALES if environ.get(name)), "")
    return NAMES.get(re.split(r"[_.@-]", locale.lower())[0], "en")


@lru_cache
def catalogue(language: str) -> "GNUTranslations":
    from gettext import translation

    return translation("notifycli", FOLDER, [language])


def languages() -> list[str]:
    """Those that have a catalogue."""
    return sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def is_english() -> bool:
    return _catalogue is None


def _(template: str, **fields: object) -> str:
    """The template in the reader's language, with its fields, of which sentences are translated, too."""
    if _catalogue is not None and template:  # of "" gettext gives the catalogue's header
        template = _catalogue.gettext(template)
    return _filled(template, fields)


def ngettext(singular: str, plural: str, number: int, **fields: object) -> str:
    """The same by number, which is a field of its own."""
    template = singular if number == 1 else plural
    if _catalogue is not None:
        template = _catalogue.ngettext(singular, plural, number)
    return _filled(template, {"number": figures(number), **fields})


def figures(number: int) -> str:
    """1,000, in Norwegian 1 000."""
    return f"{number:,}" if _catalogue is None else f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


def in_figures(number: float, decimals: int) -> str:
    """1,234.50, in Norwegian 1 234,50."""
    text = f"{number:,.{decimals}f}"
    return text if _catalogue is None else text.translate({ord(","): "\N{NO-BREAK SPACE}", ord("."): ","})


def in_words(text: str) -> str:
    """A text that another room wrote. Only what is a Sentence, or made of them, is translated."""
    if _catalogue is None:
        return text
    if isinstance(text, Paragraph):
        return in_a_row(map(in_words, text.sentences))
    if isinstance(text, Sentence):
        return _(text.template, **text.fields)
    return text


def error_in_words(error: NotifyError) -> str:
    return str(NotifyError(in_words(error.message), in_words(error.advice)))


def all_of(words: Iterable[str]) -> str:
    """Those of several, with "and" before the last: 2 replies, 1 receipt and 3 reminders; "" of none."""
    *others, last = list(words) or [""]
    return _("{first} and {second}", first=", ".join(others), second=last) if others else last


def _filled(template: str, fields: Mapping[str, object]) -> str:
    if not fields:
        return template
    return template.format_map({name: in_words(v) if isinstance(v, str) else v for name, v in fields.items()})
