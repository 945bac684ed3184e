"""What a message says: seven events, three channels, three languages, and a clinic's own words. Source: SPEC section 6.

Imports notifycli.domain only; must not know patients, stores or how a message travels.

A clinic's own wording is a folder of text files (UTF-8), each in place of one default text and named
LANGUAGE.EVENT.TEXT: `nb.reminder.sms.txt`, `nb.reminder.email.txt`, `nb.reminder.email.html` (a whole page; without
it the HTML is made from the text), `nb.reminder.email.subject.txt` (one line), `nb.reminder.push.txt`. What has no
file keeps the default. A text can print `{{ clinic }}` and `{{ portal_url }}` (a push: the clinic alone), and of an
appointment `{{ when }}` ("torsdag 11. juni 2026 kl. 10.00"), `{{ when_short }}` (without the year), the parts
`{{ weekday }}`, `{{ date }}` and `{{ time }}`, and `{{ location }}` and `{{ phone }}`, which can be empty. It can ask
`{% if location %}...{% endif %}`; a confirmation and a cancellation also `{% if by == "clinic" %}...
{% elif by == "patient" %}...{% else %}...{% endif %}`. A change has `{{ was_when }}`, `{{ was_when_short }}` and
`{{ was_location }}`, each empty where that is not known or is as it was. Nothing else is allowed.
"""

from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from notifycli.domain.words import Channel, Event
from notifycli.wording import overrides, render
from notifycli.wording.values import LANGUAGES, Message, Particulars, WordingError, language_for

if TYPE_CHECKING:
    from jinja2 import Template

    from notifycli.wording.values import Piece

__all__ = ["LANGUAGES", "Message", "Particulars", "Wording", "WordingError", "language_for"]

MESSAGES_KEPT = 256


class Wording:
    """The words of one clinic. A default text is compiled when it is first used, for all clinics together."""

    def __init__(self, override: Path | None = None) -> None:
        """Reads and checks every file of the folder `override`. WordingError: file, what is wrong, what is allowed."""
        own: dict[Piece, Template] = {} if override is None else overrides.load(override)
        # Of a dialog, all patients of a clinic get the same words; of appointments, those of the same time and place.
        self._message = lru_cache(MESSAGES_KEPT)(partial(render.message, own))

    def message(self, event: Event, channel: Channel, language: str, particulars: Particulars) -> Message:
        """The message for one delivery. A language that is not written here becomes `nb` (see `language_for`).

        ValueError: an appointment's notice without starts_at.
        """
        return self._message(event, channel, language, particulars)
