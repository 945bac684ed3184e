"""notify receipts: what became of messages, from mailboxes, gateways that are asked, or gateways that call back."""

import asyncio
import logging
import os
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli.options import AsJson
from notifycli.cli.render import print_json
from notifycli.cli.shell import Done, Shell, complain, deliveries_in_words, say
from notifycli.config import path_secret
from notifycli.domain.errors import LOOK, ConfigError, NotifyError, UsageError
from notifycli.store.engine import writing

if TYPE_CHECKING:
    from notifycli.channels.base import Outcome, Transport
    from notifycli.delivery.polling import Collected
    from notifycli.domain.words import Channel, Detour

app = typer.Typer(add_completion=False, rich_markup_mode=None)
LOOPBACK = "127.0.0.1"
IN_WORDS = {
    "delivered": "arrived",
    "failed": "failed",
    "sent": "settled as sent",
    "early": "kept until their delivery is known",
    "none": "known already",
    "unknown": "of no delivery of ours",
}


@app.command(epilog="Example: notify receipts --listen 127.0.0.1:8025")
def receipts(
    context: typer.Context,
    listen: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Receive what gateways call back, at [HOST:]PORT, until stopped."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read bounces and delivery receipts, and ask gateways: what arrived, what failed and goes out another way.

    Reads the mailbox and asks the gateways that notify.toml names. Exit code 1 if a delivery failed or one of them
    could not be asked.
    """
    shell: Shell = context.obj
    if listen is not None:
        _listen(shell, listen)
        return
    counts, troubles = _collect(shell)
    if as_json:
        print_json({name: counts[name] for name in IN_WORDS} | {"troubles": list(troubles.values())})
    elif sys.stdout.isatty():
        say(", ".join(f"{counts[name]:,} {words}" for name, words in IN_WORDS.items() if counts[name]) or "nothing new")
    _tell(shell, troubles)
    if counts["failed"]:
        complain(f"{deliveries_in_words(counts['failed'])} failed for good; see: notify history --status failed")
    if counts["failed"] or troubles:
        raise Done(LOOK)


def _collect(shell: Shell) -> tuple[Counter[Any], dict[str, str]]:
    from notifycli.channels.base import Outcome
    from notifycli.delivery.polling import ask_gateways, read_bounces
    from notifycli.delivery.receipts import take_unmatched
    from notifycli.delivery.transports import Transports, check_extras, mailbox_of

    check_extras(shell.settings)
    connection, policy = shell.connection, shell.policy
    mailbox = mailbox_of(shell.settings, os.environ)
    counts: Counter[Any] = Counter(take_unmatched(connection, policy, shell.now()))
    troubles: dict[str, str] = {}
    if mailbox is not None:
        bounced = read_bounces(connection, policy, mailbox, shell.now())
        counts, troubles = counts + bounced.counts, bounced.troubles

    async def asked() -> "Collected":
        async with AsyncExitStack() as open_ones:
            ways = Transports(shell.settings, shell.outbox(), open_ones)

            async def way_of(channel: "Channel", clinic_id: str, detour: "Detour | None") -> "Transport | Outcome":
                try:
                    return await ways.transport(channel, clinic_id, detour)
                except ConfigError as error:  # the trouble of that one alone
                    return Outcome("temporary", f"settings: {error}")

            return await ask_gateways(connection, policy, way_of, shell.now())

    of_gateways = asyncio.run(asked())
    return counts + of_gateways.counts, troubles | of_gateways.troubles


def _tell(shell: Shell, troubles: dict[str, str]) -> None:
    """Once when a trouble begins and once when all have ended, by their sources: cron mails each line."""
    from notifycli.store import journal

    told: list[str] = journal.state(shell.connection, "receipt_troubles", [])
    for source in troubles.keys() - set(told):
        complain(troubles[source])
    if told and not troubles:
        complain("receipts: what could not be asked answers again")
    if set(told) != troubles.keys():
        with writing(shell.connection, alone=None):
            journal.set_state(shell.connection, "receipt_troubles", sorted(troubles))


def _listen(shell: Shell, address: str) -> None:
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise UsageError(f"--listen: '{address}' is no address", "write one such as 127.0.0.1:8025")
    secret = path_secret(shell.settings.receipts, shell.settings.folder, os.environ)
    if secret is None:
        raise NotifyError(
            "--listen needs a secret for its path: set [receipts] secret_file in notify.toml",
            "to make one, type: openssl rand -hex 16",
        )
    try:
        from notifycli.delivery.webhook import Listener
    except ModuleNotFoundError as error:
        raise NotifyError("--listen needs aiohttp", "type: pip install 'notifycli[receipts]'") from error

    logging.getLogger("aiohttp").addHandler(logging.NullHandler())  # what strangers send is no trouble of ours

    async def serve() -> None:
        listener = Listener(shell.connection, shell.policy, shell.now, secret)
        loop = asyncio.get_running_loop()
        for ending_signal in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(ending_signal, listener.stop)
        await listener.serve(host.strip("[]") or LOOPBACK, int(port), _ready)

    try:
        asyncio.run(serve())
    except OSError as error:
        raise NotifyError(f"--listen: {address} cannot be had ({error.strerror})", "name another") from error


def _ready(host: str, port: int) -> None:
    say(f"listening on {host}:{port}; gateways call http://{host}:{port}/SECRET/GATEWAY; Ctrl-C ends it")
