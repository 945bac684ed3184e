"""What typer says of wrong usage, in words for people and in the reader's language.

Knows typer's messages by their form; one that it does not know stays as typer wrote it.
"""

import re

from notifycli.cli.language import _
from notifycli.domain.sentences import N_

SAYINGS = (
    (r"No such option: (?P<option>\S+)(?: \(Possible options: (?P<near>.+)\))",
     N_("No such option: {option} (Possible options: {near})")),
    (r"No such option: (?P<option>\S+)", N_("No such option: {option}")),
    (r"No such command (?P<command>.+?)\. Did you mean '(?P<near>.+)'\?",
     N_("No such command {command}. Did you mean '{near}'?")),
    (r"No such command (?P<command>.+)\.", N_("No such command {command}.")),
    (r"Missing argument '?(?P<argument>.+?)'?\.", N_("Missing argument '{argument}'.")),
    (r"Missing option '?(?P<option>.+?)'?\.", N_("Missing option '{option}'.")),
    (r"Missing command\.", N_("Missing command.")),
    (r"Option '(?P<option>.+)' requires an argument\.", N_("Option '{option}' requires an argument.")),
    (r"Got unexpected extra argument\(s\) \((?P<arguments>.+)\)", N_("Got unexpected extra argument(s) ({arguments})")),
    (r"Invalid value for (?P<argument>.+?): (?:Input should be a valid|Unable to parse input string as an) integer, .+",
     N_("{argument} has to be a whole number.")),
    (r"Invalid value for (?P<argument>.+?): Input should be greater than or equal to (?P<least>\d+)",
     N_("{argument} has to be {least} or more.")),
    (r"Invalid value for (?P<argument>.+?): Input should be less than or equal to (?P<most>\d+)",
     N_("{argument} has to be {most} or less.")),
)  # fmt: skip


def in_words_of_reader(message: str) -> str:
    for pattern, template in SAYINGS:
        if fits := re.fullmatch(pattern, message, re.DOTALL):
            return _(template, **fits.groupdict())
    return message
