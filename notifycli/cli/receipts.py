"""notify receipts: what became of messages, from mailboxes, gateways that are asked, or gateways that call back."""

import asyncio
import os
import signal
import sys
from collections import Counter
from contextlib import AsyncExitStack
from typing import Annotated, Any

import typer

from notifycli.cli.render import print_json
from notifycli.cli.shell import Done, Shell, Trouble, complain, say

app = typer.Typer(add_completion=False, rich_markup_mode=None)
LOOK, CANNOT_WORK = 1, 3
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
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
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
        print_json({name: counts[name] for name in IN_WORDS} | {"troubles": troubles})
    elif sys.stdout.isatty():
        say(_in_words(counts))
    _tell(shell, troubles)
    if counts["failed"]:
        complain(f"{_deliveries(counts['failed'])} failed for good; see: notify history --status failed")
    if counts["failed"] or troubles:
        raise Done(LOOK)


def _collect(shell: Shell) -> tuple[Counter[Any], list[str]]:
    from notifycli.channels.mailboxes import MailboxTrouble
    from notifycli.collecting import ask_gateways, read_bounces
    from notifycli.transports import Transports, check_extras, mailbox_of

    counts: Counter[Any] = Counter()
    troubles: list[str] = []
    check_extras(shell.settings)
    mailbox = mailbox_of(shell.settings, os.environ)
    connection, policy = shell.connection, shell.policy
    if mailbox is not None:
        try:
            counts += read_bounces(connection, policy, mailbox, shell.now())
        except MailboxTrouble as trouble:
            troubles.append(str(trouble))

    async def asked() -> tuple[Counter[Any], list[str]]:
        async with AsyncExitStack() as open_ones:
            ways = Transports(shell.settings, shell.outbox(), open_ones)
            return await ask_gateways(connection, policy, ways.transport, shell.now())

    of_gateways, silent = asyncio.run(asked())
    return counts + of_gateways, troubles + silent


def _tell(shell: Shell, troubles: list[str]) -> None:
    """Once when a trouble begins and once when it ends: cron mails each line."""
    from notifycli.store import journal
    from notifycli.store.engine import writing

    told: list[str] = journal.state(shell.connection, "receipt_troubles", [])
    for trouble in troubles:
        if trouble not in told:
            complain(trouble)
    if told and not troubles:
        complain("receipts: what could not be asked answers again")
    if told != troubles:
        with writing(shell.connection):
            journal.set_state(shell.connection, "receipt_troubles", troubles)


def _listen(shell: Shell, address: str) -> None:
    from notifycli.config import path_secret

    host, port = _host_and_port(address)
    secret = path_secret(shell.settings.receipts, shell.settings.folder, os.environ)
    if secret is None:
        raise Trouble(
            "--listen needs a secret for its path: set [receipts] secret_file in notify.toml;"
            " to make one, type: openssl rand -hex 16",
            CANNOT_WORK,
        )
    try:
        from notifycli.listening import Listener
    except ModuleNotFoundError as error:
        raise Trouble("--listen needs aiohttp; type: pip install 'notifycli[receipts]'", CANNOT_WORK) from error

    async def serve() -> None:
        listener = Listener(shell.connection, shell.policy, shell.now, secret)
        loop = asyncio.get_running_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(one, listener.stop)
        await listener.serve(host, port, _ready)

    try:
        asyncio.run(serve())
    except OSError as error:
        raise Trouble(f"--listen: {address} cannot be had ({error.strerror}); name another", CANNOT_WORK) from error


def _ready(host: str, port: int) -> None:
    say(f"listening on {host}:{port}; gateways call http://{host}:{port}/SECRET/GATEWAY; Ctrl-C ends it")


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise Trouble(f"--listen: '{address}' is no address; write one such as 127.0.0.1:8025")
    return host.strip("[]") or LOOPBACK, int(port)


def _in_words(counts: Counter[Any]) -> str:
    return ", ".join(f"{counts[name]:,} {said}" for name, said in IN_WORDS.items() if counts[name]) or "nothing new"


def _deliveries(number: int) -> str:
    return "1 delivery" if number == 1 else f"{number:,} deliveries"
