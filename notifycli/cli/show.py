"""notify show: one notice with its deliveries, attempts and every change of status."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli.render import (
    console,
    local,
    local_to_the_second,
    panel,
    patient_text,
    plain,
    print_json,
    status_text,
    table,
    utc,
)
from notifycli.cli.shell import Shell
from notifycli.domain.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(add_completion=False, rich_markup_mode=None)
LARGEST = 2**63 - 1  # that SQLite can hold
TIMES = ("due_at", "happened_at", "written_at")
TIMES_OF_DELIVERY = ("status_at", "sent_at", "next_attempt_at")
CHANNELS = {"email": "e-mail", "sms": "SMS", "push": "push"}


@app.command(epilog="Example: notify show 4711")
def show(
    context: typer.Context,
    notice: Annotated[
        int, typer.Argument(metavar="NOTICE", min=1, max=LARGEST, help="Its number, as history and why have it.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Show one notice: why it was sent or not, each delivery as it was sent and answered, every change of status."""
    shell: Shell = context.obj
    stored = _stored_notice(shell, notice)
    if as_json:
        print_json(_as_value(stored))
    else:
        _show(stored)


def _stored_notice(shell: Shell, number: int) -> dict[str, Any]:
    """What is stored of it, with the verdict and sentence that `why` gives, and its clinic's zone."""
    from notifycli.queries.why import explain
    from notifycli.store import reading
    from notifycli.store.facts import Subject

    notice = reading.notice(shell.connection, number)
    if notice is None:
        raise UsageError(f"there is no notice {number}.", "See: notify history")
    which = Subject(notice["subject"], notice["clinic"], notice["subject_id"])
    why = explain(shell.connection, shell.policy, which, shell.now())
    assert why is not None  # whatever made a notice stays stored
    same = next(explained for explained in why.notices if explained.notice == number)
    return notice | {
        "verdict": same.verdict,
        "reason": same.reason,
        "explanation": same.explanation,
        "zone": why.zone,
    }


def _as_value(notice: dict[str, Any]) -> dict[str, Any]:
    deliveries = [
        delivery | {name: utc(delivery[name]) for name in TIMES_OF_DELIVERY} for delivery in notice["deliveries"]
    ]
    changes = [change | {"at": utc(change["at"])} for change in notice["changes"]]
    value = {name: utc(notice[name]) if name in TIMES else notice[name] for name in notice if name != "zone"}
    return value | {"deliveries": deliveries, "changes": changes}


def _show(notice: dict[str, Any]) -> None:
    screen, zone = console(), notice["zone"]
    subject = f"{notice['subject']} {notice['subject_id']} at {notice['clinic']}"
    head = f"notice {notice['notice']}: {notice['event']} of {subject}"
    screen.print(patient_text(f"{head}, patient {notice['patient']}", notice["active_user"]), style="bold")
    reason = f" ({notice['reason']})" if notice["reason"] else ""
    screen.print(status_text(notice["verdict"], f"{reason}. {notice['explanation']}"))
    told = [(label, local(notice[name], zone)) for label, name in
            (("it happened", "happened_at"), ("due", "due_at"), ("written", "written_at"))]  # fmt: skip
    _print_pairs(screen, told)
    for delivery in notice["deliveries"]:
        _show_delivery(screen, delivery, zone)
    _show_changes(screen, notice, zone)


def _show_delivery(screen: "Console", delivery: dict[str, Any], zone: str) -> None:
    screen.print()
    name = f"{CHANNELS[delivery['channel']]}, delivery {delivery['delivery']}: "
    reason = f" ({delivery['reason']})" if delivery["reason"] else ""
    screen.print(plain(name), status_text(delivery["status"], f"{reason} {local(delivery['status_at'], zone)}"), sep="")
    told = [
        ("to", delivery["address"]),
        ("attempts", str(delivery["attempts"])),
        ("answer", delivery["detail"]),
        ("reference", delivery["reference"]),
        ("next attempt", local(delivery["next_attempt_at"], zone) if delivery["next_attempt_at"] is not None else None),
    ]
    _print_pairs(screen, [(label, words) for label, words in told if words])
    if delivery["text"] is not None:
        screen.print(panel(delivery["text"], "as it was sent"))


def _show_changes(screen: "Console", notice: dict[str, Any], zone: str) -> None:
    screen.print()
    changes = table("when", "delivery", "status", "attempts>", "why~")
    for change in notice["changes"]:
        changes.add_row(
            local_to_the_second(change["at"], zone),
            plain(_name_of(notice, change["delivery"])),
            status_text(change["status"]),
            str(change["attempts"]),
            plain(": ".join(part for part in (change["reason"], change["detail"]) if part)),
        )
    screen.print(changes)


def _name_of(notice: dict[str, Any], delivery: int | None) -> str | None:
    return next(
        (f"{sent['channel']} {delivery}" for sent in notice["deliveries"] if sent["delivery"] == delivery), None
    )


def _print_pairs(screen: "Console", pairs: list[tuple[str, str]]) -> None:
    rows = table("", "~")
    rows.show_header = False
    for label, words in pairs:
        rows.add_row(f"  [dim]{label}[/]", plain(words))
    screen.print(rows)
