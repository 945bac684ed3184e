"""Messages for the tests of the wording: an ordinary appointment, of which a test names what differs."""

from html.parser import HTMLParser
from itertools import product
from typing import get_args

import pytest

from notifycli.domain.words import Channel, Event
from notifycli.wording import LANGUAGES, Message, Particulars, Wording
from tests.support.facts import OSLO, oslo

EVENTS = get_args(Event)
CHANNELS = get_args(Channel)
APPOINTMENTS = ("confirmation", "change", "cancellation", "reminder")
POST = ("dialog", "reply", "receipt")
BY = ("clinic", "patient", None)
PORTAL = "https://nidelv.example/portal"
PHONE = "73 00 00 00"
DEFAULT = Wording()

every_event_and_language = pytest.mark.parametrize(("event", "language"), list(product(EVENTS, LANGUAGES)))


def particulars(event: Event, **facts) -> Particulars:
    """Thursday 11 June at ten, at Nidelv legesenter, unless told otherwise; post has neither time nor place."""
    usual = {"clinic": "Nidelv legesenter", "portal_url": PORTAL, "starts_at": None, "zone": OSLO}
    if event in APPOINTMENTS:
        usual |= {"starts_at": oslo("2026-06-11 10:00"), "location": "Storgata 1"}
    return Particulars(**(usual | facts))


def said(event: Event, channel: Channel, language: str = "nb", own: Wording = DEFAULT, **facts) -> Message:
    return own.message(event, channel, language, particulars(event, **facts))


def sms(event: Event, language: str = "nb", own: Wording = DEFAULT, **facts) -> str:
    return said(event, "sms", language, own, **facts).text


class Read(HTMLParser):
    """A page as it was read: its title, what it shows, and its tags; each tag is closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shown, self.title, self.tags, self.open = "", "", [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if "title" in self.open:
            self.title += text
        if "div" in self.open:
            self.shown += text

    def attributes_of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]
