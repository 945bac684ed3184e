"""notify calls: whom to phone, and what to tell them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli.codes import word_for
from notifycli.cli.finding import known_clinic
from notifycli.cli.giving import give
from notifycli.cli.groups import Commands
from notifycli.cli.language import _
from notifycli.cli.options import DEFAULT_AHEAD, AsCsv, AsJson, OfClinic
from notifycli.cli.render import local, patient_text, plain, print_json, utc
from notifycli.cli.shell import Shell, say
from notifycli.cli.styled import Styled
from notifycli.domain.errors import UsageError
from notifycli.domain.sentences import N_, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from notifycli.queries.calls import PhoneCall
    from notifycli.store.engine import Connection
    from notifycli.store.facts import Policy

    Done = dict[str, tuple[str, int]]

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    rich_markup_mode=None,
    invoke_without_command=True,
    epilog="Example: notify calls --clinic nidelv",
)
FIELDS = (
    "id", "clinic", "patient", "name", "mobile", "subject", "subject_id", "starts_at", "event", "reason", "tell",
    "active_user",
)  # fmt: skip

WHY = {
    "given_away": N_("it was given to another patient"),
    "no_contact": N_("no {event} could go out, since neither e-mail nor SMS is possible"),
    "uncertain": N_("nobody knows whether the {event} arrived"),
}
COULD_NOT = N_("the {event} could not be delivered ({reason})")


@app.callback()
def calls(
    context: typer.Context,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Whose appointment is before this time, or by the end of this day; 48 hours ahead by default.",
        ),
    ] = None,
    clinic: OfClinic = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Say whom to phone, and what to tell them: whose appointment was given to another, or whose notice reached nobody.

    Those whose appointment was given away are listed at once, however far ahead it is.
    """
    from notifycli.queries.calls import calls_to_make

    shell: Shell = context.obj
    if context.invoked_subcommand is not None:
        return
    now = shell.now()
    end = now + DEFAULT_AHEAD if until is None else shell.last_second_of(until, "--until")
    of_clinic = known_clinic(shell, clinic) if clinic is not None else None
    to_phone = calls_to_make(shell.connection, shell.policy, now, end, of_clinic)
    values = map(as_value, to_phone)
    give(shell, values, lambda screen: in_lines(to_phone), as_json=as_json, as_csv=as_csv, fields=FIELDS)


@app.command(epilog="Example: notify calls done k7f2qa9d")
def done(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="As notify calls has them.")],
    as_json: AsJson = False,
) -> None:
    """Mark calls as done. What changes about the appointment afterwards brings a call back, under another id."""
    shell: Shell = context.obj
    done_before, done_now = mark_done(shell.connection, shell.policy, ids, shell.now(), shell.user)
    if as_json:
        print_json([{"id": id_, "by": by, "at": utc(at)} for id_, (by, at) in done_now.items()])
        return
    for id_, (by, at) in done_now.items():
        when = local(at, shell.settings.timezone)
        already = _("call {id} is done already, by {by} {at}", id=id_, by=by, at=when)
        say(already if id_ in done_before else _("call {id} is done", id=id_))


def mark_done(connection: "Connection", policy: "Policy", ids: list[str], now: int, by: str) -> tuple["Done", "Done"]:
    """Those that were done before, and all: by id, who did so and when. Raises UsageError for an unknown id."""
    from notifycli.queries.calls import known_calls
    from notifycli.store import audit
    from notifycli.store.engine import writing

    known = known_calls(connection, policy, now)
    with writing(connection, alone=None):
        done_before = audit.calls_done(connection, ids)
        for id_ in ids:
            if id_ not in known and id_ not in done_before:
                raise UsageError(_("there is no call {id}.", id=id_), _("See: notify calls"))
        for id_ in dict.fromkeys(ids):
            if id_ not in done_before:
                call = known[id_]
                detail = f"call {id_}: {call.which.subject} {call.which.subject_id}, {call.event}, {call.reason}"
                action = audit.Action("calls done", "call", id_, detail, call.which.clinic_id, call.patient)
                audit.note(connection, now, by, action)
        return done_before, audit.calls_done(connection, ids)


def as_value(call: "PhoneCall") -> dict[str, Any]:
    """The contract's, by FIELDS."""
    return {
        "id": call.id,
        "clinic": call.which.clinic_id,
        "patient": call.patient,
        "name": call.name,
        "mobile": call.mobile,
        "subject": call.which.subject,
        "subject_id": call.which.subject_id,
        "starts_at": utc(call.starts_at),
        "event": call.event,
        "reason": call.reason,
        "tell": what_to_tell(call),
        "active_user": call.is_active_user,
    }


def what_to_tell(call: "PhoneCall") -> str:
    """In the patient's language."""
    from notifycli.wording import language_for
    from notifycli.wording.phone import what_to_say

    language = language_for(call.language or "", call.clinic.language)
    return what_to_say(call.event, language, call.clinic.name, call.starts_at, call.clinic.zone, call.location)


def in_lines(to_phone: "list[PhoneCall]") -> "Iterator[RenderableType]":
    """For whoever phones: whom, why, and what to say."""
    from rich.padding import Padding

    if not to_phone:
        yield "[green]" + _("Nobody has to be phoned.") + "[/]"
        return
    for call in to_phone:
        head = ((call.id, "cyan"), ("  ", ""), (call.mobile or _("no number"), "bold"), ("  ", ""))
        patient = patient_text(call.patient, call.is_active_user).parts
        yield Styled(*head, *patient, (f" {call.name}".rstrip(), ""), (f", {call.which.clinic_id}", "dim"))
        why = f"{word_for(call.which.subject)} {call.which.subject_id}: {why_call(call)}"
        yield Padding(plain(why), (0, 0, 0, 10), expand=False)
        yield Padding(plain(what_to_tell(call)), (0, 0, 1, 10), expand=False)
    yield "[dim]" + _("Mark what is done: notify calls done ID...") + "[/]"


def why_call(call: "PhoneCall") -> str:
    return _(WHY.get(call.reason, COULD_NOT), event=Sentence(call.event), reason=word_for(call.reason))
