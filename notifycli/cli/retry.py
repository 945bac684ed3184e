"""notify retry: look at a failed or skipped notice again."""

from typing import TYPE_CHECKING, Annotated

import typer

from notifycli.cli import completing
from notifycli.cli.codes import word_for
from notifycli.cli.language import _
from notifycli.cli.options import AsJson
from notifycli.cli.parameters import LARGEST
from notifycli.cli.render import print_json
from notifycli.cli.shell import Done, Shell, say
from notifycli.domain.errors import LOOK, UsageError

if TYPE_CHECKING:
    from notifycli.delivery.settling import LookedAgain

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: notify retry 4711")
def retry(
    context: typer.Context,
    notices: Annotated[
        list[int],
        typer.Argument(
            min=1,
            max=LARGEST,
            metavar="NOTICE...",
            autocompletion=completing.notices,
            help="Their numbers, as in history.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Look at failed or skipped notices again; what the rules allow now, the next run sends."""
    from notifycli.delivery.settling import look_again
    from notifycli.store.notices import notice as stored_notice

    shell: Shell = context.obj
    for notice in notices:
        if stored_notice(shell.connection, notice) is None:
            raise UsageError(_("there is no notice {notice}.", notice=notice), _("See: notify history"))
    looked = {notice: look_again(shell.connection, shell.policy, notice, shell.now(), shell.user) for notice in notices}
    if as_json:
        values = [
            {"notice": notice, "outcome": again.outcome, "reason": again.reason, "channels": list(again.channels)}
            for notice, again in looked.items()
        ]
        print_json(values)
    else:
        for notice, looked_at in looked.items():
            say(_("notice {notice}: {what}", notice=notice, what=in_words(looked_at)))
    if any(looked_at.outcome == "on its way" for looked_at in looked.values()):
        raise Done(LOOK)


def in_words(looked_at: "LookedAgain") -> str:
    if looked_at.outcome == "queued":
        return _("the next run sends it by {channels}", channels=", ".join(map(word_for, looked_at.channels)))
    if looked_at.outcome == "skipped":
        return _("still not sent: {reason}", reason=word_for(looked_at.reason))
    return _("it has gone out or is on its way; nothing was done")
