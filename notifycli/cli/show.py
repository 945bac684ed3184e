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
    found = _found(shell, notice)
    if as_json:
        print_json(_as_value(found))
    else:
        _show(found)


def _found(shell: Shell, number: int) -> dict[str, Any]:
    """What is stored of it, with the verdict and sentence that `why` gives, and its clinic's zone."""
    from notifycli.queries.why import explain
    from notifycli.store import reading
    from notifycli.store.facts import Subject

    found = reading.notice(shell.connection, number)
    if found is None:
        raise UsageError(f"there is no notice {number}.", "See: notify history")
    which = Subject(found["subject"], found["clinic"], found["subject_id"])
    why = explain(shell.connection, shell.policy, which, shell.now())
    assert why is not None  # whatever made a notice stays stored
    same = next(one for one in why.notices if one.notice == number)
    return found | {
        "verdict": same.verdict,
        "reason": same.reason,
        "explanation": same.explanation,
        "zone": why.zone,
    }


def _as_value(found: dict[str, Any]) -> dict[str, Any]:
    deliveries = [one | {name: utc(one[name]) for name in TIMES_OF_DELIVERY} for one in found["deliveries"]]
    changes = [one | {"at": utc(one["at"])} for one in found["changes"]]
    value = {name: utc(found[name]) if name in TIMES else found[name] for name in found if name != "zone"}
    return value | {"deliveries": deliveries, "changes": changes}


def _show(found: dict[str, Any]) -> None:
    screen, zone = console(), found["zone"]
    head = (
        f"notice {found['notice']}: {found['event']} of {found['subject']} {found['subject_id']} at {found['clinic']}"
    )
    screen.print(patient_text(f"{head}, patient {found['patient']}", found["active_user"]), style="bold")
    reason = f" ({found['reason']})" if found["reason"] else ""
    screen.print(status_text(found["verdict"], f"{reason}. {found['explanation']}"))
    told = [(label, local(found[name], zone)) for label, name in
            (("it happened", "happened_at"), ("due", "due_at"), ("written", "written_at"))]  # fmt: skip
    _print_pairs(screen, told)
    for delivery in found["deliveries"]:
        _show_delivery(screen, delivery, zone)
    _show_changes(screen, found, zone)


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
    _print_pairs(screen, [(label, said) for label, said in told if said])
    if delivery["text"] is not None:
        screen.print(panel(delivery["text"], "as it was sent"))


def _show_changes(screen: "Console", found: dict[str, Any], zone: str) -> None:
    screen.print()
    changes = table("when", "delivery", "status", "attempts>", "why~")
    for one in found["changes"]:
        changes.add_row(
            local_to_the_second(one["at"], zone),
            plain(_name_of(found, one["delivery"])),
            status_text(one["status"]),
            str(one["attempts"]),
            plain(": ".join(part for part in (one["reason"], one["detail"]) if part)),
        )
    screen.print(changes)


def _name_of(found: dict[str, Any], delivery: int | None) -> str | None:
    return next((f"{one['channel']} {delivery}" for one in found["deliveries"] if one["delivery"] == delivery), None)


def _print_pairs(screen: "Console", pairs: list[tuple[str, str]]) -> None:
    rows = table("", "~")
    rows.show_header = False
    for label, said in pairs:
        rows.add_row(f"  [dim]{label}[/]", plain(said))
    screen.print(rows)
