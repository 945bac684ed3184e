"""What a terminal would obey, a reader sees: control characters, line ends and marks that turn the direction of text.

Whatever people read of imported text passes here (render, screen, shell); JSON and CSV stay exact. Every letter stands
for one, so that what is coloured or measured stays in place.
"""

CONTROL_PICTURES = 0x2400  # of the control character 0 ..., in order: ESC is shown as a small "ESC"
PICTURE_OF_DELETE = 0x2421
UNKNOWN = 0xFFFD
C1_CONTROLS = range(0x80, 0xA0)
TURN_THE_DIRECTION = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
ARE_NOT_SEEN = (0x00AD, 0x180E, 0x200B, 0x2028, 0x2029, *range(0x2060, 0x2065), *range(0x206A, 0x2070), 0xFEFF)
TAGS = range(0xE0000, 0xE0080)
LINE_END = 0x0A

ON_ONE_LINE = {
    **{code: CONTROL_PICTURES + code for code in range(0x20)},
    0x7F: PICTURE_OF_DELETE,
    **dict.fromkeys((*C1_CONTROLS, *TURN_THE_DIRECTION, *ARE_NOT_SEEN, *TAGS), UNKNOWN),
}
ON_LINES = {code: shown for code, shown in ON_ONE_LINE.items() if code != LINE_END}


def visible(text: str) -> str:
    """On one line: of a cell, a name, an id."""
    return text if text.isprintable() else text.translate(ON_ONE_LINE)


def visible_lines(text: str) -> str:
    """Of what may have several lines: a message, a sentence of ours."""
    return text if text.isprintable() else text.translate(ON_LINES)
