"""What a message is made from and what comes out, and which fields a template may name. Source: SPEC section 6.

Knows nothing of templates, patients or stores; a field that would give away content does not exist here.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, get_args
from unicodedata import category
from zoneinfo import ZoneInfo

from notifycli.domain.errors import NotifyError
from notifycli.domain.words import Event
from notifycli.wording.dates import date_in_words

LANGUAGES = ("nb", "nn", "en")
APPOINTMENT_EVENTS = ("confirmation", "change", "cancellation", "reminder")
OTHER_NAMES = {"no": "nb"}  # the tag for Norwegian as such

Part = Literal["sms.txt", "email.txt", "email.html", "email.subject.txt", "push.txt"]
PARTS: tuple[Part, ...] = get_args(Part)
By = Literal["clinic", "patient"]

# Controls; soft hyphens and marks that turn the direction of writing; lone surrogates.
INSTEAD_OF = {"Cc": " ", "Cf": "", "Cs": ""}
FIELDS_OF_POST = ("clinic", "portal_url")
FIELDS_OF_APPOINTMENT = (*FIELDS_OF_POST, "when", "when_short", "weekday", "date", "time", "location", "phone")
FIELDS_OF_CHANGE = (*FIELDS_OF_APPOINTMENT, "was_when", "was_when_short", "was_location")


class WordingError(NotifyError):
    """A clinic's wording cannot be used; the text says which file, what is wrong and what is allowed."""


class Message(NamedTuple):
    """`subject`: of an e-mail, or the title of a push, one line; "" for SMS. `html`: of an e-mail only."""

    subject: str
    text: str
    html: str | None


@dataclass(frozen=True, slots=True)
class Particulars:
    """All that a message may name; of a receipt, `portal_url` is the payments_url.

    `starts_at`: UTC epoch seconds, None for dialog, reply and receipt. `by`: who booked (confirmation) or cancelled
    (cancellation), None where that is not known. `was_starts_at` and `was_location`: of a change, what it takes the
    place of; None and "" where that is not known.
    """

    clinic: str
    portal_url: str
    starts_at: int | None
    zone: ZoneInfo
    location: str = ""
    by: By | None = None
    phone: str = ""
    was_starts_at: int | None = None
    was_location: str = ""


class Piece(NamedTuple):
    """The smallest thing that has a wording of its own."""

    language: str
    event: Event
    part: Part

    @property
    def file_name(self) -> str:
        return ".".join(self)


@lru_cache
def language_for(*wished: str) -> str:
    """The first of the wished languages (`nb`, `nn-NO`, `EN` ...) that messages are written in; `nb` if none is."""
    for wish in wished:
        name = re.split("[-_]", wish.strip().lower())[0]
        if OTHER_NAMES.get(name, name) in LANGUAGES:
            return OTHER_NAMES.get(name, name)
    return "nb"


def fields_allowed(event: Event, part: Part) -> tuple[str, ...]:
    """What a template of this event may name. A push lights up a locked screen, so it may name the clinic alone."""
    if part == "push.txt":
        return ("clinic",)
    if event not in APPOINTMENT_EVENTS:
        return FIELDS_OF_POST
    if event in ("confirmation", "cancellation"):
        return (*FIELDS_OF_APPOINTMENT, "by")
    return FIELDS_OF_CHANGE if event == "change" else FIELDS_OF_APPOINTMENT


def fields_of(event: Event, language: str, particulars: Particulars) -> dict[str, str | None]:
    """The fields of an event with their values, each in one line. ValueError: an appointment without starts_at."""
    fields: dict[str, str | None] = {
        "clinic": in_one_line(particulars.clinic),
        "portal_url": in_one_line(particulars.portal_url),
    }
    if event not in APPOINTMENT_EVENTS:
        return fields
    if particulars.starts_at is None:
        raise ValueError(f"a {event} needs starts_at")
    fields.update(date_in_words(language, particulars.starts_at, particulars.zone)._asdict())
    fields["location"] = in_one_line(particulars.location)
    fields["phone"] = in_one_line(particulars.phone)
    fields["by"] = particulars.by
    if event == "change":  # what has not changed is empty, so that a text tells of differences alone
        at, location = particulars.was_starts_at, in_one_line(particulars.was_location)
        was = None if at in (None, particulars.starts_at) else date_in_words(language, at, particulars.zone)
        fields["was_when"] = was.when if was else ""
        fields["was_when_short"] = was.when_short.removeprefix(f"{was.weekday} ") if was else ""
        fields["was_location"] = location if location != fields["location"] else ""
    return fields


@lru_cache(10_000)
def in_one_line(text: str) -> str:
    """The text without line breaks, control characters and halves of characters, so that it cannot start a header."""
    if not text.isprintable():
        text = "".join(INSTEAD_OF.get(category(char), char) for char in text)
    return " ".join(text.split())
