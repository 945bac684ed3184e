"""Messages as a made-up patient would get them: in the terminal, as JSON, and e-mails as one page for a browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notifycli.cli.render import panel
from notifycli.domain.gsm import sms_segments
from notifycli.domain.words import Channel, Event

if TYPE_CHECKING:
    from rich.console import Console

    from notifycli.wording import Message, Particulars

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>notify wording preview</title>
</head>
<body style="font-family:Arial,sans-serif">
{messages}
</body>
</html>
"""
MESSAGE = """<h2>{heading}</h2>
<p>{subject}</p>
<iframe title="{heading}" sandbox srcdoc="{html}" style="width:40em;max-width:100%;height:26em"></iframe>
"""


@dataclass(frozen=True)
class Preview:
    language: str
    event: Event
    channel: Channel
    message: "Message"

    @property
    def segments(self) -> int | None:
        """Of an SMS alone."""
        return sms_segments(self.message.text) if self.channel == "sms" else None


def previews(
    folder: Path | None,
    clinic: "Particulars",
    events: Sequence[Event],
    channels: Sequence[Channel],
    languages: Sequence[str],
    now: int,
) -> list[Preview]:
    """`folder`: the clinic's own texts. `now`: UTC epoch seconds. WordingError: a text of its own is wrong."""
    from notifycli.wording import Wording
    from notifycli.wording.samples import sample

    wording = Wording(folder)
    return [
        Preview(language, event, channel, wording.message(event, channel, language, sample(event, clinic, now)))
        for event, language, channel in product(events, languages, channels)
    ]


def as_value(preview: Preview, clinic_id: str | None) -> dict[str, Any]:
    return {
        "clinic": clinic_id,
        "language": preview.language,
        "event": preview.event,
        "channel": preview.channel,
        "subject": preview.message.subject or None,
        "text": preview.message.text,
        "html": preview.message.html,
        "segments": preview.segments,
    }


def show_previews(screen: "Console", shown: Sequence[Preview]) -> None:
    for preview in shown:
        about = [preview.event, preview.language, preview.channel]
        if preview.segments is not None:
            about.append("1 segment" if preview.segments == 1 else f"{preview.segments} segments")
            about.append(f"{len(preview.message.text)} characters")
        head = f"{preview.message.subject}\n\n" if preview.message.subject else ""
        screen.print(panel(head + preview.message.text, " · ".join(about)))


def page_of(wanted: Sequence[Preview]) -> str:
    """Of the e-mails among them, each in a frame of its own, whose page can neither run a script nor reach ours."""
    shown = (
        MESSAGE.format(
            heading=escape(f"{preview.event}, {preview.language}"),
            subject=escape(preview.message.subject),
            html=escape(preview.message.html),
        )
        for preview in wanted
        if preview.message.html is not None
    )
    return PAGE.format(messages="".join(shown))
