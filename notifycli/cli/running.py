"""notify run: what is due goes out."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli.shell import Done, Shell, complain, say

if TYPE_CHECKING:
    from notifycli.run import RunReport

app = typer.Typer(add_completion=False, rich_markup_mode=None)
SAFETY_STOP, LOOK = 4, 1


@app.command(epilog="Example, in a crontab: * * * * * notify run")
def run(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent now, and send nothing.")] = False,
    release: Annotated[bool, typer.Option("--release", help="Let a backlog go that the safety stop holds.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Send what is due: confirmations, changes, cancellations, reminders, dialogs, replies and receipts."""
    shell: Shell = context.obj
    if dry_run:
        _rehearse(shell, as_json)
        return
    from notifycli.store.lock import run_lock

    with run_lock(shell.path_of_database()) as is_ours:
        if not is_ours:
            _another_run_is_under_way(as_json)
            return
        report = _run(shell, release)
    if as_json:
        _print_json(_counts(report))
    elif sys.stdout.isatty():
        say(_in_words(report))
    if report.stopped:
        raise Done(SAFETY_STOP)
    if report.failed or report.retrying or report.uncertain:
        raise Done(LOOK)


def _run(shell: Shell, release: bool) -> "RunReport":
    from notifycli.run import run as run_now
    from notifycli.store import journal

    connection, settings = shell.connection, shell.settings
    report = run_now(connection, settings, shell.outbox(), shell.now, release=release)
    _tell_troubles(shell, report, journal.told_troubles(connection), journal.troubles_now(connection))
    return report


def _tell_troubles(shell: Shell, report: "RunReport", told: Any, present: dict[str, int]) -> None:
    """A trouble is told once when it begins and once when it ends (SPEC section 7)."""
    from notifycli.store import journal

    if report.stopped:
        present["stopped"] = shell.settings.limits.max_due
    for kind in present.keys() - told.keys():
        complain(_begins(kind, present[kind]))
    for kind in told.keys() - present.keys():
        complain(_ends(kind))
    if present.keys() != told.keys():
        journal.remember_troubles(shell.connection, present)
    if report.failed:
        complain(f"{_deliveries(report.failed)} failed for good; see: notify history --status failed")


def _begins(kind: str, number: int) -> str:
    if kind == "stopped":
        return (
            f"safety stop: more than {number:,} notices are due, so none was sent."
            " Look with notify run --dry-run; let them go with notify run --release"
        )
    channel, what = kind.split("_")
    if what == "waiting":
        return f"{channel}: {_deliveries(number)} could not be handed over and will be tried again; see: notify doctor"
    return f"{channel}: {_deliveries(number)} may have arrived or not; see: notify history --status uncertain"


def _ends(kind: str) -> str:
    if kind == "stopped":
        return "the safety stop has ended"
    channel, what = kind.split("_")
    return (
        f"{channel}: all that waited has gone out or ended"
        if what == "waiting"
        else f"{channel}: nothing is uncertain any more"
    )


def _deliveries(number: int) -> str:
    return "1 delivery" if number == 1 else f"{number:,} deliveries"


def _counts(report: "RunReport") -> dict[str, int]:
    fields = ("due", "sent", "skipped", "failed", "retrying", "uncertain")
    return {field: getattr(report, field) for field in fields}


def _in_words(report: "RunReport") -> str:
    if report.stopped:
        return "nothing was sent"
    told = [f"{number:,} {field}" for field, number in _counts(report).items() if number]
    return ", ".join(told) or "nothing is due"


def _print_json(value: Any) -> None:
    from notifycli.cli.render import print_json

    print_json(value)


def _another_run_is_under_way(as_json: bool) -> None:
    if as_json:
        _print_json(dict.fromkeys(("due", "sent", "skipped", "failed", "retrying", "uncertain"), 0))
    if sys.stderr.isatty():
        say("another run is under way; this one has nothing to do")


def _rehearse(shell: Shell, as_json: bool) -> None:
    from notifycli.cli.coming import as_values, show_coming
    from notifycli.coming import coming_notices

    now = shell.now()
    notices = coming_notices(shell.connection, shell.policy, now, now)
    if not as_json:
        show_coming(notices, shell.settings.timezone, "Nothing is due.")
        return
    counts = {"due": len(notices), "sent": 0, "skipped": sum(1 for one in notices if one.reason), "failed": 0}
    _print_json({**counts, "retrying": 0, "uncertain": 0, "notices": as_values(notices)})
