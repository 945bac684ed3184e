"""The command `notify browse`: what it needs before the screen is taken over."""

import sys

import typer

from notifycli.cli.finding import known_clinic
from notifycli.cli.language import _
from notifycli.cli.options import OfClinicAlone
from notifycli.cli.shell import Shell, opened
from notifycli.domain.errors import NotifyError, UsageError

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: notify browse --clinic nidelv")
def browse(
    context: typer.Context,
    clinic: OfClinicAlone = None,
) -> None:
    """Look at all of this on a full screen: search as you type, what went out and why, what comes, whom to phone.

    It only reads; what a key would change, it asks first. Press ? there for the keys.
    """
    shell: Shell = context.obj
    if not (sys.stdin.isatty() and sys.stderr.isatty()):  # Textual draws on standard error
        raise UsageError(_("browse needs a terminal."), _("In a script: notify history --json"))
    if clinic is not None:
        known_clinic(shell, clinic)
    try:
        from notifycli.cli.browse.browser import Browser
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "textual":
            raise
        raise NotifyError(_("browse needs textual"), _("type: pip install 'notifycli[browse]'")) from error
    opened(shell.address_of_database()).close()  # what cannot be opened is told before the screen is taken over
    Browser(shell, clinic).run()
