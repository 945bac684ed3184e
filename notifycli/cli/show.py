"""notify show: one notice with its deliveries, attempts and every change of status."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.pager import paged
from notifycli.cli.render import (
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
from notifycli.domain.explanations import CHANNELS_IN_WORDS, METHODS_IN_WORDS
from notifycli.domain.grounds import is_instant
from notifycli.domain.reasons import short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from notifycli.cli.listing import Listing
    from notifycli.cli.styled import Styled

app = typer.Typer(add_completion=False, rich_markup_mode=None)
LARGEST = 2**63 - 1  # that SQLite can hold
TIMES = ("due_at", "happened_at", "written_at")
DONE_BY = ("at", "by", "did", "detail")
TIMES_OF_DELIVERY = ("status_at", "sent_at", "next_attempt_at")


@app.command(epilog="Example: notify show 4711")
def show(
    context: typer.Context,
    notice: Annotated[
        int,
        typer.Argument(
            metavar="NOTICE",
            autocompletion=completing.notices,
            min=1,
            max=LARGEST,
            help="Its number, as history and why have it.",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Show one notice: why it was sent or not, each delivery as it was sent and answered, every change of status."""
    from notifycli.delivery.composing import Composer
    from notifycli.queries.one_notice import notice_told
    from notifycli.store import journal

    shell: Shell = context.obj
    composer = Composer(shell.settings, journal.database_id(shell.connection))
    told = notice_told(shell.connection, shell.policy, composer, notice, shell.now())
    if told is None:
        raise UsageError(f"there is no notice {notice}.", "See: notify history")
    if as_json:
        print_json(_as_value(told))
    else:
        with paged(shell) as screen:
            for line in in_lines(told):
                screen.print(line)


def _as_value(told: dict[str, Any]) -> dict[str, Any]:
    deliveries = [
        delivery | {name: utc(delivery[name]) for name in TIMES_OF_DELIVERY} for delivery in told["deliveries"]
    ]
    changes = [change | {"at": utc(change["at"])} for change in told["changes"]]
    facts = {name: utc(fact) if is_instant(name, fact) else fact for name, fact in told["facts"].items()}
    actions = [
        {name: utc(action[name]) if name == "at" else action[name] for name in DONE_BY} for action in told["actions"]
    ]
    value = {name: utc(told[name]) if name in TIMES else told[name] for name in told if name != "zone"}
    return value | {"facts": facts, "deliveries": deliveries, "changes": changes, "actions": actions}


def in_lines(told: dict[str, Any]) -> "Iterator[RenderableType]":
    """A notice's whole life, as notice_told has it, for whoever prints or shows it."""
    yield from headline(told)
    yield facts(told)
    for delivery in told["deliveries"]:
        yield from delivery_in_lines(delivery, told["zone"])
    yield from changes(told)


def headline(told: dict[str, Any]) -> "Iterator[Styled]":
    head = f"notice {told['notice']}: {told['event']} of {told['subject']} {told['subject_id']} at {told['clinic']}"
    yield patient_text(f"{head}, patient {told['patient']}", told["active_user"]).in_bold()
    reason = f" ({short(told['reason'])})" if told["reason"] else ""
    yield status_text(told["verdict"], f"{reason}. {told['explanation']}")


def facts(told: dict[str, Any]) -> "Listing":
    zone = told["zone"]
    times = [(label, local(told[name], zone)) for label, name in
             (("it happened", "happened_at"), ("due", "due_at"), ("written", "written_at"))]  # fmt: skip
    return _pairs([*times, *_facts_in_words(told["facts"], zone)])


def _facts_in_words(facts: "Mapping[str, Any]", zone: str) -> "Iterator[tuple[str, str]]":
    """By what it was decided; nothing of notices that kept no facts."""
    if not facts:
        return
    yield "looked at", local(facts["looked_at"], zone)
    if "starts_at" in facts:
        yield "the appointment", f"{local(facts['starts_at'], zone)}, {facts['status']}"
    for what in ("module", "type"):
        if what in facts:
            stood = next((how for how in ("on", "off") if f"{what}_{how}_since" in facts), None)
            since = f"{stood} since {local(facts[f'{what}_{stood}_since'], zone)}" if stood else "never switched on"
            yield f"{what} {facts[what]}", since
    if "consent" in facts:
        yield "consent", "yes" if facts["consent"] else "no"
        yield "preference", METHODS_IN_WORDS[facts["method"]]
        yield "possible", ", ".join(CHANNELS_IN_WORDS[channel] for channel in facts["possible"]) or "nothing"


def delivery_in_lines(delivery: dict[str, Any], zone: str) -> "Iterator[RenderableType]":
    yield ""
    name = f"{CHANNELS_IN_WORDS[delivery['channel']]}, delivery {delivery['delivery']}: "
    reason = f" ({short(delivery['reason'])})" if delivery["reason"] else ""
    yield plain(name) + status_text(delivery["status"], f"{reason} {local(delivery['status_at'], zone)}")
    pairs = [
        ("to", delivery["address"]),
        ("from", delivery["sent_from"]),
        ("subject", delivery["subject_line"]),
        ("segments", str(delivery["segments"]) if delivery["segments"] is not None else None),
        ("attempts", str(delivery["attempts"])),
        ("answer", delivery["detail"]),
        ("reference", delivery["reference"]),
        ("next attempt", local(delivery["next_attempt_at"], zone) if delivery["next_attempt_at"] is not None else None),
    ]
    yield _pairs([(label, fact) for label, fact in pairs if fact])
    if delivery["as_it"] is not None:
        yield panel(delivery["text"], f"as it {delivery['as_it']}")


def changes(told: dict[str, Any]) -> "Iterator[RenderableType]":
    """Each change of status, and what staff did."""
    yield ""
    rows = table("when", "delivery", "status", "attempts>", "why~")
    for change in told["changes"]:
        rows.add_row(
            local_to_the_second(change["at"], told["zone"]),
            plain(_name_of(told, change["delivery"])),
            status_text(change["status"]),
            str(change["attempts"]),
            plain(": ".join(part for part in (short(change["reason"] or ""), change["detail"]) if part)),
        )
    yield rows
    for action in told["actions"]:
        when = local(action["at"], told["zone"])
        yield plain(f"{action['did']} by {action['by']}, {when}: {action['detail']}")


def _name_of(notice: dict[str, Any], delivery: int | None) -> str | None:
    return next(
        (f"{change['channel']} {delivery}" for change in notice["deliveries"] if change["delivery"] == delivery), None
    )


def _pairs(pairs: list[tuple[str, str]]) -> "Listing":
    rows = table("", "~")
    rows.show_header = False
    for label, words in pairs:
        rows.add_row(f"  [dim]{label}[/]", plain(words))
    return rows
