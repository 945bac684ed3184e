"""What texts a clinic has and where each comes from, and what is wrong with those of its own. Sends nothing.

Knows templates and files; must not know patients, stores or how anything is shown. Source: SPEC section 6.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from notifycli.domain.gsm import sms_segments
from notifycli.domain.words import Event
from notifycli.wording import overrides
from notifycli.wording.render import message
from notifycli.wording.samples import longest
from notifycli.wording.templates import default_source
from notifycli.wording.values import LANGUAGES, Part, Particulars, Piece, WordingError

if TYPE_CHECKING:
    from jinja2 import Template

Code = Literal["wrong", "missing_language", "too_long"]
SMS: Part = "sms.txt"
HTML: Part = "email.html"


@dataclass(frozen=True)
class WordingText:
    """`file`: the clinic's own, None for the default. `template`: None of an HTML page that is made from the text."""

    piece: Piece
    file: Path | None
    template: str | None


@dataclass(frozen=True)
class TextMistake:
    """`piece` is None where the file's name says nothing; `detail` is one line: what is wrong, and what to do."""

    code: Code
    file: Path
    piece: Piece | None
    detail: str


def texts(folder: Path | None) -> list[WordingText]:
    """Every text of a clinic with that folder, or of those without one. WordingError: the folder cannot be read."""
    own = {path.name: path for path in overrides.files_in(folder)} if folder is not None else {}
    texts = []
    for piece in overrides.PIECES.values():
        if file := own.get(piece.file_name):
            texts.append(WordingText(piece, file, overrides.source_of(file)))
        else:
            texts.append(WordingText(piece, None, None if piece.part == HTML else default_source(piece)))
    return texts


def mistakes(folder: Path, clinic: Particulars) -> list[TextMistake]:
    """Of all files of a folder; `clinic`: its name, addresses, phone and zone, by which the length of an SMS goes.

    WordingError: the folder cannot be read.
    """
    own: dict[Piece, Template] = {}
    wrong: list[TextMistake] = []
    paths = overrides.files_in(folder)
    for path in paths:
        try:
            piece, template = overrides.own_text(path)
        except WordingError as error:
            wrong.append(TextMistake("wrong", path, overrides.PIECES.get(path.name), str(error)))
        else:
            own[piece] = template
    there = [overrides.PIECES[path.name] for path in paths if path.name in overrides.PIECES]
    return [*wrong, *_missing_languages(folder, there), *_too_long(folder, own, clinic)]


def _missing_languages(folder: Path, there: Sequence[Piece]) -> Iterator[TextMistake]:
    for event, part in sorted({(piece.event, piece.part) for piece in there}):
        has = [language for language in LANGUAGES if Piece(language, event, part) in there]
        for language in LANGUAGES:
            missing = Piece(language, event, part)
            if language not in has:
                beside = Piece(has[0], event, part).file_name
                detail = f"it is missing beside {beside}, so who reads {language} gets the default text; write it, too."
                file = folder / missing.file_name
                yield TextMistake("missing_language", file, missing, f"{file}: {detail}")


def _too_long(folder: Path, own: "Mapping[Piece, Template]", clinic: Particulars) -> Iterator[TextMistake]:
    for piece in own:
        if piece.part != SMS:
            continue
        most = max(segments_of(own, piece.event, piece.language, facts) for facts in longest(piece.event, clinic))
        if most > 1:
            file = folder / piece.file_name
            detail = f"takes up to {most} segments of SMS, each of which costs; make it shorter, or its letters plain."
            yield TextMistake("too_long", file, piece, f"{file}: {detail}")


def segments_of(own: "Mapping[Piece, Template]", event: Event, language: str, facts: Particulars) -> int:
    return sms_segments(message(own, event, "sms", language, facts).text)
