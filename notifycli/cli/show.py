"""notify show: one notice with its deliveries, attempts and every change of status."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.codes import word_for
from notifycli.cli.giving import give
from notifycli.cli.language import _, in_words
from notifycli.cli.parameters import LARGEST
from notifycli.cli.render import (
    local,
    local_to_the_second,
    panel,
    patient_text,
    plain,
    status_text,
    table,
    utc,
)
from notifycli.cli.shell import Shell
from notifycli.domain.errors import UsageError
from notifycli.domain.explanations import CHANNELS_IN_WORDS, METHODS_IN_WORDS
from notifycli.domain.grounds import is_instant
from notifycli.domain.sentences import N_, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from notifycli.cli.listing import Listing
    from notifycli.cli.styled import Styled

app = typer.Typer(add_completion=False, rich_markup_mode=None)
STOOD = {"on": N_("on since {since}"), "off": N_("off since {since}")}
AS_IT = {
    "was sent": N_("as it was sent"),
    "was tried": N_("as it was tried"),
    "would be sent": N_("as it would be sent"),
}
WRITTEN_TO = "written to "  # a file or folder, where there is no server
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
        raise UsageError(_("there is no notice {notice}.", notice=notice), _("See: notify history"))
    give(shell, as_value(told), lambda screen: in_lines(told), as_json=as_json)


def as_value(told: dict[str, Any]) -> dict[str, Any]:
    """The contract's."""
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
    names = {name: told[name] for name in ("notice", "subject_id", "clinic", "patient")}
    words = {name: Sentence(told[name]) for name in ("event", "subject")}
    head = _("notice {notice}: {event} of {subject} {subject_id} at {clinic}, patient {patient}", **names, **words)
    yield patient_text(head, told["active_user"]).in_bold()
    reason = f" ({word_for(told['reason'])})" if told["reason"] else ""
    yield status_text(told["verdict"], f"{reason}. {in_words(told['explanation'])}")


def facts(told: dict[str, Any]) -> "Listing":
    zone = told["zone"]
    times = [(_(label), local(told[name], zone)) for label, name in
             ((N_("it happened"), "happened_at"), (N_("due"), "due_at"), (N_("written"), "written_at"))]  # fmt: skip
    return _pairs([*times, *_facts_in_words(told["facts"], zone)])


def _facts_in_words(facts: "Mapping[str, Any]", zone: str) -> "Iterator[tuple[str, str]]":
    """By what it was decided; nothing of notices that kept no facts."""
    if not facts:
        return
    yield _("looked at"), local(facts["looked_at"], zone)
    if "starts_at" in facts:
        yield _("the appointment"), f"{local(facts['starts_at'], zone)}, {word_for(facts['status'])}"
    for what in ("module", "type"):
        if what in facts:
            stood = next((how for how in STOOD if f"{what}_{how}_since" in facts), None)
            since = _("never switched on")
            if stood is not None:
                since = _(STOOD[stood], since=local(facts[f"{what}_{stood}_since"], zone))
            module, type_ = _("module {name}", name=word_for(facts[what])), _("type {name}", name=facts[what])
            yield module if what == "module" else type_, since
    if "consent" in facts:
        yield _("consent"), _("yes") if facts["consent"] else _("no")
        yield _("preference"), _(METHODS_IN_WORDS[facts["method"]])
        yield (
            _("possible"),
            ", ".join(_(CHANNELS_IN_WORDS[channel]) for channel in facts["possible"]) or _("nothing"),
        )


def delivery_in_lines(delivery: dict[str, Any], zone: str) -> "Iterator[RenderableType]":
    yield ""
    channel = Sentence(CHANNELS_IN_WORDS[delivery["channel"]])
    name = _("{channel}, delivery {number}: ", channel=channel, number=delivery["delivery"])
    reason = f" ({word_for(delivery['reason'])})" if delivery["reason"] else ""
    yield plain(name) + status_text(delivery["status"], f"{reason} {local(delivery['status_at'], zone)}")
    next_attempt = local(delivery["next_attempt_at"], zone) if delivery["next_attempt_at"] is not None else None
    pairs = [
        (_("to"), delivery["address"]),
        (_("from"), delivery["sent_from"]),
        (_("subject"), delivery["subject_line"]),
        (_("segments"), str(delivery["segments"]) if delivery["segments"] is not None else None),
        (_("attempts"), str(delivery["attempts"])),
        (_("answer"), _detail_in_words(delivery["detail"])),
        (_("reference"), delivery["reference"]),
        (_("next attempt"), next_attempt),
    ]
    yield _pairs([(label, fact) for label, fact in pairs if fact])
    if delivery["as_it"] is not None:
        yield panel(delivery["text"], _(AS_IT[delivery["as_it"]]))


def changes(told: dict[str, Any]) -> "Iterator[RenderableType]":
    """Each change of status, and what staff did."""
    yield ""
    names = {
        delivery["delivery"]: f"{word_for(delivery['channel'])} {delivery['delivery']}"
        for delivery in told["deliveries"]
    }
    rows = table(_("when"), _("delivery"), _("status"), _("attempts") + ">", _("why") + "~")
    for change in told["changes"]:
        rows.add_row(
            local_to_the_second(change["at"], told["zone"]),
            plain(names.get(change["delivery"])),
            status_text(change["status"]),
            str(change["attempts"]),
            plain(": ".join(filter(None, (word_for(change["reason"]), _detail_in_words(change["detail"]))))),
        )
    yield rows
    for action in told["actions"]:
        when = local(action["at"], told["zone"])
        done = {name: action[name] for name in ("did", "by", "detail")}
        yield plain(_("{did} by {by}, {at}: {detail}", at=when, **done))


def _detail_in_words(detail: str | None) -> str | None:
    """What a server answered as it stands; a note of ours in the reader's language."""
    if detail and detail.startswith(WRITTEN_TO):
        return _("written to {place}", place=detail.removeprefix(WRITTEN_TO))
    return _(detail) if detail else None


def _pairs(pairs: list[tuple[str, str]]) -> "Listing":
    rows = table("", "~")
    rows.show_header = False
    for label, words in pairs:
        rows.add_row(f"  [dim]{label}[/]", plain(words))
    return rows
