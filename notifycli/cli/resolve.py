"""notify resolve: settle an uncertain delivery."""

from typing import Annotated

import typer

from notifycli.cli import completing
from notifycli.cli.language import _
from notifycli.cli.options import AsJson
from notifycli.cli.parameters import LARGEST
from notifycli.cli.render import print_json
from notifycli.cli.shell import Shell, say
from notifycli.domain.errors import UsageError
from notifycli.domain.sentences import Sentence

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: notify resolve 4712 --sent")
def resolve(
    context: typer.Context,
    delivery: Annotated[
        int,
        typer.Argument(
            min=1,
            max=LARGEST,
            metavar="DELIVERY",
            autocompletion=completing.uncertain_deliveries,
            help="Its number, as in history --json.",
        ),
    ],
    sent: Annotated[bool, typer.Option("--sent", help="It arrived.")] = False,
    resend: Annotated[bool, typer.Option("--resend", help="Send it again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say of an uncertain delivery that it arrived, or have it sent again by the next run."""
    from notifycli.delivery.settling import settle

    shell: Shell = context.obj
    if sent == resend:
        raise UsageError(_("say one of --sent and --resend"))
    try:
        status = settle(shell.connection, delivery, shell.now(), shell.user, was_sent=sent)
    except KeyError as error:
        raise UsageError(
            _("there is no delivery {delivery}.", delivery=delivery), _("See: notify history --status uncertain")
        ) from error
    if status is not None:
        raise UsageError(is_settled(delivery, status))
    if as_json:
        print_json({"delivery": delivery, "status": "sent" if sent else "queued"})
        return
    say(in_words(delivery, sent))


def in_words(delivery: int, was_sent: bool) -> str:
    arrived = _("delivery {delivery} counts as sent", delivery=delivery)
    return arrived if was_sent else _("the next run sends delivery {delivery} again", delivery=delivery)


def is_settled(delivery: int, status: str) -> str:
    names = {"delivery": delivery, "status": Sentence(status)}
    return _("delivery {delivery} is {status}, not uncertain; there is nothing to settle", **names)
