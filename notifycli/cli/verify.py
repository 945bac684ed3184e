"""notify verify: the history held against the stored facts, its own chain of hashes, and a transport's log."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli.pager import paged
from notifycli.cli.progress import counted
from notifycli.cli.render import plain, print_json, table
from notifycli.cli.shell import Done, Shell, complain, say
from notifycli.domain.errors import LOOK, NotifyError
from notifycli.domain.sentences import Sentence

if TYPE_CHECKING:
    from notifycli.domain.verifying import Discrepancy
    from notifycli.queries.verifying import Verification

app = typer.Typer(add_completion=False, rich_markup_mode=None)
HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})\s*\Z")
FIELDS = ("kind", "notice", "delivery", "subject", "subject_id", "detail")


@app.command(epilog="Example: notify verify --head /media/elsewhere/notify.head")
def verify(
    context: typer.Context,
    head: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the chain's head there; where the file has an earlier one, look for it first."
        ),
    ] = None,
    outbox: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Look in this outbox for each message that is said to be written to one."),
    ] = None,
    gateway_log: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Look in this log or invoice (CSV) for each SMS that was sent in its time."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Hold the history against the stored facts and its chain of hashes; exit 1 with what differs."""
    from notifycli.queries.verifying import Verification

    shell: Shell = context.obj
    earlier = _head_in(head) if head is not None else None
    verification = Verification(shell.connection, shell.policy, shell.now())
    with counted(shell, "verifying", "rows are checked") as on_checked:
        findings = list(verification.findings(earlier, on_checked))
        is_head_good = not findings
        findings += _of_transports(shell, outbox, gateway_log)
    if head is not None and is_head_good:
        _write_head(head, verification.head)
    if as_json:
        values = [{field: getattr(finding, field) for field in FIELDS} for finding in findings]
        print_json({"checked": verification.checked, "head": verification.head or None, "findings": values})
    else:
        _show(shell, verification, findings)
    if head is not None and not is_head_good:
        complain(Sentence("{path}: was left as it is, since the history is not as it must be", path=head))
    if findings:
        raise Done(LOOK)


def _of_transports(shell: Shell, outbox: Path | None, gateway_log: Path | None) -> "Iterator[Discrepancy]":
    if outbox is not None:
        from notifycli.cli.transports_logs import not_in_outbox

        yield from not_in_outbox(shell, outbox)
    if gateway_log is not None:
        from notifycli.cli.transports_logs import not_in_gateway_log

        yield from not_in_gateway_log(shell, gateway_log)


def _head_in(path: Path) -> tuple[int, bytes] | None:
    """None where there is no file yet, or an empty one. Raises NotifyError for what is no head."""
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise NotifyError(Sentence("{path}: cannot be read as the head of a chain.", path=path)) from error
    if not text.strip():
        return None
    match = HEAD.match(text)
    if match is None:
        advice = Sentence("Name the file that verify --head wrote, or a new one.")
        raise NotifyError(Sentence("{path}: is not the head of a chain.", path=path), advice)
    return int(match[1]), bytes.fromhex(match[2])


def _write_head(path: Path, head: str) -> None:
    """Over the earlier one only when the new one is on the disk."""
    new = path.with_name(f"{path.name}.new")
    try:
        with open(new, "w", encoding="ascii") as stream:
            stream.write(f"{head}\n" if head else "")
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(new, path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise NotifyError(Sentence("{path}: cannot be written ({reason}).", path=path, reason=reason)) from error


def _show(shell: Shell, verification: "Verification", findings: "list[Discrepancy]") -> None:
    number = "1 notice" if verification.checked == 1 else f"{verification.checked:,} notices"
    if not findings:
        say(f"{number} checked; nothing differs")
        return
    shown = table("what", "notice", "delivery", "of", "detail~")
    for finding in findings:
        whose = f"{finding.subject} {finding.subject_id}" if finding.subject else ""
        shown.add_row(
            *(plain(_cell(cell)) for cell in (finding.kind, finding.notice, finding.delivery, whose)),
            plain(finding.detail),
        )
    with paged(shell) as screen:
        screen.print(shown)
    differences = "1 difference" if len(findings) == 1 else f"{len(findings):,} differences"
    say(f"{number} checked; {differences}")


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
