"""A notice's words become a message for one channel. Source: SPEC section 6.

Knows templates and fields; must not know patients, stores or how a message travels.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from notifycli.domain.gsm import ONE_SEGMENT, is_gsm7, septets
from notifycli.domain.words import Channel, Event
from notifycli.wording.gsm import address_in_gsm7, in_gsm7, shortened
from notifycli.wording.templates import default_template
from notifycli.wording.values import Message, Part, Particulars, Piece, fields_of, in_one_line, language_for

if TYPE_CHECKING:
    from jinja2 import Template

    Own = Mapping[Piece, Template]

Fields = Mapping[str, str | None]
BLANK_LINES = re.compile(r"\n{3,}")
PHONE = re.compile(r"\+?[0-9][0-9 ().\u00a0-]{3,}")
NOT_DIALLED = re.compile(r"\(0\)|[^0-9+]")  # the 0 of "+47 (0)73" is for those who call from within the country
WITH_HYPHEN = re.compile(r"[^\s\0]+-[^\s\0]+")
LONGEST_UNBROKEN = 40  # characters; what is longer would run out of a narrow screen
CLINIC_WITHOUT_NAME = {"nb": "Klinikken", "nn": "Klinikken", "en": "The clinic"}

# No colours, so that light and dark both work; the language stands on the div too, since web mail drops <html>.
PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body>
<div lang="{language}" dir="ltr" style="max-width:36em;font-family:Arial,sans-serif;font-size:16px;line-height:1.5">
<p>{body}</p>
</div>
</body>
</html>
"""


def message(own: "Own", event: Event, channel: Channel, language: str, particulars: Particulars) -> Message:
    """The message; `own` holds the clinic's templates in place of the default ones."""
    language = language_for(language)
    fields = fields_of(event, language, particulars)
    if channel == "sms":
        return Message("", _sms(own, event, language, fields), None)

    def rendered(part: Part) -> str:
        piece = Piece(language, event, part)
        return (own.get(piece) or default_template(piece)).render(fields)

    if channel == "push":
        return Message(fields["clinic"] or CLINIC_WITHOUT_NAME[language], rendered("push.txt").strip(), None)
    subject = in_one_line(rendered("email.subject.txt"))
    text = BLANK_LINES.sub("\n\n", rendered("email.txt").strip())
    has_own_html = Piece(language, event, "email.html") in own
    html = rendered("email.html") if has_own_html else _page(language, subject, text, fields)
    return Message(subject, text + "\n", html)


def _page(language: str, subject: str, text: str, fields: Fields) -> str:
    """The plain text as HTML, so that the two parts cannot differ, the clinic's own text included."""
    when, phone = fields.get("when"), fields.get("phone") or ""
    url = escape(fields["portal_url"] or "")
    markup = {}  # what stands out or can be pressed, as it stands in escaped text -> its HTML
    if url.lower().startswith(("https://", "http://")):
        markup[url] = f'<a href="{url}">{url}</a>'
    if when:
        markup[when] = f"<strong>{when}</strong>"
    if PHONE.fullmatch(phone):
        markup[phone] = f'<a href="tel:{NOT_DIALLED.sub("", phone)}" style="white-space:nowrap">{phone}</a>'
    body = escape(text)
    for number, shown in enumerate(markup):  # a mark first, so that no value is looked for within another's markup
        body = body.replace(shown, f"\0{number}\0")
    body = _laid_out(body)
    for number, marked_up in enumerate(markup.values()):
        body = body.replace(f"\0{number}\0", marked_up)
    return PAGE.format(language=language, title=escape(subject), body=body)


@lru_cache(256)  # with marks for its time, a clinic's text is mostly the same
def _laid_out(marked: str) -> str:
    """In paragraphs, its words whole."""
    unbroken = WITH_HYPHEN.sub(_unbroken, marked)
    return "</p>\n<p>".join(part.replace("\n", "<br>\n") for part in unbroken.split("\n\n"))


def _unbroken(word: re.Match[str]) -> str:
    """A word such as "e-post", or an address, stays on one line: mail programs break lines at any hyphen."""
    if len(word[0]) > LONGEST_UNBROKEN or "://" in word[0]:
        return word[0]
    return f'<span style="white-space:nowrap">{word[0]}</span>'


def _sms(own: "Own", event: Event, language: str, fields: Fields) -> str:
    """A clinic's own is as long as it likes."""
    piece = Piece(language, event, "sms.txt")
    template = own.get(piece) or default_template(piece)

    def render(clinic: str, location: str, url: str) -> str:
        return template.render({**fields, "clinic": clinic, "location": location, "portal_url": url})

    if piece not in own:
        return fitting(render, fields["clinic"] or "", fields.get("location") or "", fields["portal_url"] or "")
    # One foreign letter makes every segment hold 70 characters instead of 160: if the clinic's own words do without,
    # its name and places are written without, too.
    spelled = {name: in_gsm7(value) if value else value for name, value in fields.items()}
    spelled["portal_url"] = address_in_gsm7(fields["portal_url"] or "") or fields["portal_url"]
    text = template.render(spelled).strip()
    return text if is_gsm7(text) else template.render(fields).strip()


def fitting(render: Callable[[str, str, str], str], clinic: str, location: str, url: str) -> str:
    """One segment of GSM-7 with as much of the clinic's name, the location and the address as it holds.

    First the location gives way, then the clinic's name; the address is whole, or, if nothing else helps, not there.
    """
    clinic, location, url = in_gsm7(clinic), in_gsm7(location).rstrip(" ,.;"), address_in_gsm7(url)
    text = _with_address(render, clinic, location, url)
    return text if septets(text) <= ONE_SEGMENT else _with_address(render, clinic, location, "")


def _with_address(render: Callable[[str, str, str], str], clinic: str, location: str, url: str) -> str:
    text = render(clinic, location, url)
    surplus = septets(text) - ONE_SEGMENT
    if surplus <= 0:
        return text
    if place := shortened(location, septets(location) - surplus):
        return render(clinic, place, url)
    surplus = septets(render(clinic, "", url)) - ONE_SEGMENT
    if surplus <= 0:
        return render(clinic, "", url)
    return render(shortened(clinic, septets(clinic) - surplus), "", url).replace("....", "...")
