"""Makes blocks of rows of text with one JSON object a line; its keys are the columns.

A column that a row lacks and an empty cell (here null) are two things. Must not know bytes, or what columns mean.
Source: SPEC section 3.
"""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from typing import Any

import msgspec

from notifycli.intake.formats.blocks import Block, Unreadable, lines_of, refuse_too_many_columns

WORDS = {None: "", True: "true", False: "false"}
LONGEST_EXPONENT = len("-99")  # beyond it a number is left as it is written, or its zeros would fill the memory
NUL_ESCAPED = "\\u0000"


def plain_number(text: str) -> str:
    """A JSON number without exponent and needless zeros: "1.0" and "1e0" are "1"."""
    if len(text.lower().partition("e")[2]) > LONGEST_EXPONENT:
        return text
    number = format(Decimal(text), "f")
    return number.rstrip("0").rstrip(".") if "." in number else number


OBJECT = msgspec.json.Decoder(dict[str, Any], float_hook=plain_number)
NESTED = msgspec.json.Decoder(dict[str, msgspec.Raw])


def ndjson_blocks(pieces: Iterable[str]) -> Iterator[Block]:
    """Blocks in the file's order; a row with other keys than the one before it begins a new one.

    Nested values are cells of JSON text. A file of nothing but empty objects makes one block without columns. Raises
    Unreadable for a line that is no JSON object, with its number.
    """
    first, has_given = 1, False
    for piece in pieces:
        texts = list(lines_of(piece))
        read = ((line, text, _object(text, line)) for line, text in enumerate(texts, first) if not text.isspace())
        for keys, alike in groupby(read, key=lambda row: row[2].keys()):
            rows = [(line, _cells(text, [values[key] for key in keys], keys, line)) for line, text, values in alike]
            filled = [(line, cells) for line, cells in rows if any(cells)]
            if filled:
                refuse_too_many_columns(len(keys), filled[0][0])
                header = tuple(key.strip() for key in keys)
                has_given = True
                yield Block(header, [cells for _, cells in filled], [line for line, _ in filled])
        first += len(texts)
    if not has_given:
        yield Block((), [], ())


def _object(text: str, line: int) -> dict[str, Any]:
    try:
        return OBJECT.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unreadable(
            f"line {line}: it is no JSON object; write one object a line, with the columns as keys"
        ) from error


def _cells(text: str, values: list[Any], keys: Collection[str], line: int) -> list[str]:
    if all(type(value) is str for value in values) and NUL_ESCAPED not in text:
        return values
    cells = [WORDS[value] if value is None or isinstance(value, bool) else str(value) for value in values]
    if any(isinstance(value, dict | list) for value in values):
        as_written = NESTED.decode(text)
        cells = [
            bytes(as_written[key]).decode() if isinstance(value, dict | list) else cell
            for key, value, cell in zip(keys, values, cells, strict=True)
        ]
    if any("\0" in written for written in (*keys, *cells)):
        raise Unreadable(f"line {line}: it holds a NUL character; export the file without it")
    return cells
