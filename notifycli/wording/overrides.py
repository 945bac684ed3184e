"""The wording of one clinic: the files of a folder, each in place of one default text, checked when they are loaded.

Knows file names and what may stand in the files; not how a message is put together. Source: SPEC section 6.
"""

from difflib import get_close_matches
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from notifycli.domain.words import EVENTS
from notifycli.wording.templates import compiled
from notifycli.wording.values import LANGUAGES, PARTS, By, Particulars, Piece, WordingError, fields_of

if TYPE_CHECKING:
    from jinja2 import Template

PIECES = {piece.file_name: piece for piece in (Piece(*names) for names in product(LANGUAGES, EVENTS, PARTS))}
MOST_BYTES = 100_000
UTC = ZoneInfo("UTC")
BY: tuple[By | None, ...] = ("clinic", "patient", None)


def load(folder: Path) -> "dict[Piece, Template]":
    """Each piece that the folder has a file for. WordingError: of the first file that is wrong."""
    return dict(map(own_text, files_in(folder)))


def files_in(folder: Path) -> list[Path]:
    """By name; files whose name begins with a dot are left alone."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise WordingError(
            f"{folder}: this folder of wordings cannot be read ({error.strerror}).", "Make it, or mend `wording`."
        ) from None


def own_text(path: Path) -> "tuple[Piece, Template]":
    """What a file is for, and its template, checked."""
    piece, source = piece_of(path), source_of(path)
    if piece.part == "email.subject.txt" and "\n" in source.strip():
        raise WordingError(f"{path}: a subject is one line; this file has several.", "Leave one.")
    template = compiled(source, piece, str(path))
    every_text = (  # with and without each of what can be missing
        template.render(
            fields_of(piece.event, piece.language, Particulars(clinic, url, 0, UTC, location, by, phone, *was))
        )
        for clinic, url, location, phone in product(("", "x"), repeat=4)
        for by, was in product(BY, ((None, ""), (1, "y")))
    )
    if not all(text.strip() for text in every_text):  # an empty message is a lost one
        raise WordingError(f"{path}: it would be empty for some notices", "give it words outside of {% if %}.")
    return piece, template


def piece_of(path: Path) -> Piece:
    if path.name in PIECES:
        return PIECES[path.name]
    nearest = get_close_matches(path.name, PIECES, 1, cutoff=0)[0]
    language, _, rest = path.name.partition(".")
    event, _, part = rest.partition(".")
    words = (("language", language, LANGUAGES), ("event", event, EVENTS), ("text", part, PARTS))
    what, word, known = next(of_name for of_name in words if of_name[1] not in of_name[2])
    wrong = f'"{word}" is no {what} of messages ({", ".join(known)})'
    raise WordingError(f"{path}: {wrong}.", f'Did you mean "{nearest}"?')


def source_of(path: Path) -> str:
    if not path.is_file():
        raise WordingError(f"{path}: is not a file.", "Remove it.")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise WordingError(f"{path}: a wording has at most {MOST_BYTES} bytes; this file is larger.", "Shorten it.")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise WordingError(f"{path}: cannot be read ({error.strerror}).", "Mend it or remove it.") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise WordingError(f"{path}, line {line}: is not UTF-8.", "Save it as UTF-8 in your editor.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
