"""What `notify run` does and says; reads no command line, so that an idle minute needs none of what reads it."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from notifycli.cli.shell import Done, Shell, complain, deliveries_in_words, say
from notifycli.cli.signals import told_to_end
from notifycli.delivery.ending import Ending
from notifycli.domain.errors import LOOK, SAFETY_STOP
from notifycli.store import journal
from notifycli.store.journal import RunCounts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

BEGINS = {  # a trouble, of what it is
    "stopped": "safety stop: more than {number:,} notices are due, so none was sent."
    " Look with notify run --dry-run; let them go with notify run --release",
    "commits": "{commits}; see: notify doctor",
    "second": "{channel}: {deliveries} went by the second gateway, since the first takes none for now;"
    " see: notify doctor",
    "waiting": "{channel}: {deliveries} could not be handed over and will be tried again; see: notify doctor",
    "uncertain": "{channel}: {deliveries} may have arrived or not; see: notify history --status uncertain",
}
ENDS = {
    "stopped": "the safety stop has ended",
    "commits": "what is committed outlives a failover again",
    "second": "{channel}: the first gateway takes messages again",
    "waiting": "{channel}: all that waited has gone out or ended",
    "uncertain": "{channel}: nothing is uncertain any more",
}


def run_once(shell: Shell, *, release: bool, as_json: bool) -> None:
    """One run, under the lock. Ends with Done where the exit code is not 0; told to end, as with less that was due."""
    ending = Ending()
    with told_to_end(ending):
        _run_once(shell, release, as_json, ending)


def _run_once(shell: Shell, release: bool, as_json: bool, ending: Ending) -> None:
    from notifycli.store.lock import run_lock

    _ = shell.connection  # a database that cannot be opened says so better than a lock that cannot be made
    with run_lock(shell.address_of_database()) as is_ours:
        if not is_ours:
            if as_json:
                _print_json(dict.fromkeys(("due", "sent", "skipped", "failed", "retrying", "uncertain"), 0))
            if sys.stderr.isatty():
                say("another run is under way; this one has nothing to do")
            return
        if release:
            from notifycli.store import audit
            from notifycli.store.engine import writing

            with writing(shell.connection, alone=None):
                audit.note(shell.connection, shell.now(), shell.user, audit.Action("run --release", "run"))
        report = _run(shell, release, ending)
        if not ending.is_asked and journal.is_anything_to_index(shell.connection):
            from notifycli.store import finding

            finding.index_some(shell.connection)
    if as_json:
        _print_json(_counts(report) | _rehearsing(shell))
    elif sys.stdout.isatty():
        numbers = [f"{number:,} {field}" for field, number in _counts(report).items() if number]
        say("nothing was sent" if report.stopped else ", ".join(numbers) or "nothing is due")
        _tell_rehearsal(shell)
    if report.stopped:
        raise Done(SAFETY_STOP)
    if report.failed or report.retrying or report.uncertain:
        raise Done(LOOK)


def _tell_rehearsal(shell: Shell) -> None:
    """To who looks on; cron is told nothing of what is as it was set."""
    from notifycli.cli.rehearsing import rehearsal_in_words

    if told := rehearsal_in_words(shell.settings):
        say(told)


def _rehearsing(shell: Shell) -> dict[str, bool]:
    """Of --json: the key is there while a rehearsal is on."""
    from notifycli.cli.rehearsing import rehearsal_in_words

    return {"rehearsal": True} if rehearsal_in_words(shell.settings) else {}


def _run(shell: Shell, release: bool, ending: Ending) -> RunCounts:
    if journal.is_anything_to_do(shell.connection, shell.now()):
        from notifycli.cli.progress import counted
        from notifycli.delivery.run import run

        with counted(shell, "sending", "deliveries are through") as on_handled:
            where = (shell.connection, shell.settings, shell.outbox(), shell.now)
            report: RunCounts = run(*where, release=release, on_handled=on_handled, ending=ending)
    else:
        report = RunCounts()
        shell.tell("nothing is due, waits for an answer or is left of a killed run")
        journal.note_idle_run(shell.connection, shell.now())
    _tell_troubles(shell, report, journal.told_troubles(shell.connection), journal.troubles_now(shell.connection))
    return report


def _tell_troubles(shell: Shell, report: RunCounts, told: Mapping[str, int], present: dict[str, int]) -> None:
    """A trouble is told once when it begins and once when it ends (SPEC section 7)."""
    if report.stopped:
        present["stopped"] = shell.settings.limits.max_due
    commits = shell.connection.why_commits_may_be_lost()
    if commits is not None:
        present["commits"] = 1
    if report.by_second or ("sms_second" in told and not report.by_first):
        present["sms_second"] = report.by_second
    for kind in present.keys() - told.keys():
        channel, _, trouble = kind.rpartition("_")
        words = deliveries_in_words(present[kind])
        complain(BEGINS[trouble].format(channel=channel, deliveries=words, number=present[kind], commits=commits))
    for kind in told.keys() - present.keys():
        channel, _, trouble = kind.rpartition("_")
        complain(ENDS[trouble].format(channel=channel))
    if present.keys() != told.keys():
        journal.remember_troubles(shell.connection, present)
    if report.failed:
        complain(f"{deliveries_in_words(report.failed)} failed for good; see: notify history --status failed")


def _counts(report: RunCounts) -> dict[str, int]:
    fields = ("due", "sent", "skipped", "failed", "retrying", "uncertain")
    return {field: getattr(report, field) for field in fields}


def _print_json(value: Any) -> None:
    from notifycli.cli.render import print_json

    print_json(value)


def rehearse(shell: Shell, until: int, as_json: bool) -> None:
    """What the runs up to `until` (UTC epoch seconds) would send, as upcoming shows it; sends nothing."""
    from notifycli.cli.coming import as_values, in_lines
    from notifycli.cli.giving import give
    from notifycli.cli.what_if import cost_of, in_segments
    from notifycli.queries.upcoming import coming_notices

    now = shell.now()
    notices = coming_notices(shell.connection, shell.policy, now, max(now, until))
    cost = cost_of(shell.settings, notices)
    counts = {"due": len(notices), "sent": 0, "skipped": sum(1 for notice in notices if notice.reason), "failed": 0}
    counts |= {"retrying": 0, "uncertain": 0}
    told = {"notices": as_values(notices), "segments": cost.segments, "cost": cost.kroner}

    def lines(screen: "Console") -> "Iterator[RenderableType]":
        yield from in_lines(screen, notices, shell.settings.timezone, now, "Nothing is due.")
        if cost.kroner is not None:
            yield f"\n[dim]{in_segments(cost)}[/]"

    give(shell, {**counts, **_rehearsing(shell), **told}, lines, as_json=as_json)
    if not as_json and sys.stdout.isatty():
        _tell_rehearsal(shell)
