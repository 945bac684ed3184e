"""What a shell offers when somebody presses Tab: words, and ids out of the database. Silent, whatever is wrong.

The shell's own script calls notify with _NOTIFY_COMPLETE; `notify --install-completion` writes that script.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from notifycli.domain.words import CHANNELS, DELIVERY_STATUSES, EVENTS, MODULES, SUBJECT_KINDS

if TYPE_CHECKING:
    from notifycli.store.offering import Offered

ASKED_BY_SHELL = "_NOTIFY_COMPLETE"
SAFE = re.compile(r"[\w.,@%+=/-]+")  # what every shell takes as one word
Words = Callable[[str], list[str]]


def words(*choices: str) -> Words:
    """Of a few fixed words; where none begins like that, of what they are called in other languages."""

    def those(incomplete: str) -> list[str]:
        from notifycli.cli.codes import spellings

        begin = incomplete.casefold()
        fitting = [word for word in choices if word.startswith(begin)]
        called = {spelled: code for spelled, code in spellings(choices) if spelled.casefold().startswith(begin)}
        return fitting or [spelled for spelled in called if SAFE.fullmatch(spelled)]

    return those


events, channels, modules, statuses = words(*EVENTS), words(*CHANNELS), words(*MODULES), words(*DELIVERY_STATUSES)
kinds = words("clinics", "types", "patients", "appointments", "dialogs", "receipts", "external")


def languages(incomplete: str) -> list[str]:
    from notifycli.wording.values import LANGUAGES

    return words(*LANGUAGES)(incomplete)


def clinics(context: typer.Context, incomplete: str) -> Iterator[str]:
    return _ids(context, "clinic", incomplete)


def patients(context: typer.Context, incomplete: str) -> Iterator[str]:
    return _ids(context, "patient", incomplete)


def appointments(context: typer.Context, incomplete: str) -> Iterator[str]:
    return _ids(context, "appointment", incomplete)


def types(context: typer.Context, incomplete: str) -> Iterator[str]:
    return _ids(context, "type", incomplete)


def imports(context: typer.Context, incomplete: str) -> Iterator[str]:
    return _ids(context, "import", incomplete)


def notices(context: typer.Context, incomplete: str) -> Iterator[str]:
    return _ids(context, "notice", incomplete)


def uncertain_deliveries(context: typer.Context, incomplete: str) -> Iterator[str]:
    return _ids(context, "delivery", incomplete)


def subjects(context: typer.Context, incomplete: str) -> Iterator[str]:
    """Ids of what was typed before: appointments, dialogs or receipts."""
    kind = context.params.get("subject")
    return _ids(context, kind, incomplete) if kind in SUBJECT_KINDS else iter(())


def _ids(context: typer.Context, what: "Offered", begin: str) -> Iterator[str]:
    """Of the clinic that was typed before, else of all."""
    from notifycli import config
    from notifycli.store.offering import offered

    given: dict[str, Any] = context.find_root().params
    named = given.get("config")
    settings = config.load(Path(named) if named else None, os.environ)
    database = config.database_address(settings, given.get("db"), os.environ)
    for word in offered(database, what, begin, context.params.get("clinic")):
        if word.startswith(begin) and SAFE.fullmatch(word):
            yield word


def answer_shell(instruction: str) -> None:
    """Writes what fits, one a line; nothing where anything is wrong: the line is still being typed."""
    try:
        from typer.completion import shell_complete

        from notifycli.cli.commands import all_commands

        shell_complete(all_commands(), {"obj": None}, "notify", ASKED_BY_SHELL, instruction)
        sys.stdout.flush()
    except Exception:
        return
