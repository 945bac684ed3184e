"""Asks before what cannot be taken back."""

import sys

from notifycli.cli.language import _
from notifycli.domain.errors import UsageError


def agreed(question: str) -> bool:
    """By the one at the terminal. Raises UsageError where there is none: then --yes says so."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(_("this asks before it does it, and there is no terminal."), _("Say --yes to do it unasked."))
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes", "j", "ja")
