"""notify wording: the texts of messages, as they stand, as patients get them, and what is wrong with a clinic's own."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli import completing
from notifycli.cli.codes import code_typed
from notifycli.cli.giving import give
from notifycli.cli.groups import Commands
from notifycli.cli.options import AsJson, OfClinicAlone
from notifycli.cli.pager import paged
from notifycli.cli.render import console, plain, print_json, table
from notifycli.cli.shell import Done, Shell, say
from notifycli.cli.wording_clinic import facts_of_clinic, known_or_configured
from notifycli.cli.wording_preview import Preview, as_value, page_of, previews, show_previews
from notifycli.domain.errors import LOOK
from notifycli.domain.words import CHANNELS, EVENTS

if TYPE_CHECKING:
    from rich.console import RenderableType

    from notifycli.wording.catalogue import TextMistake, WordingText

app = typer.Typer(
    cls=Commands,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="See what messages say, as templates and as patients get them, and check a clinic's own texts.",
)
OF_CLINIC = "Of this clinic; else the default texts."
Clinic = Annotated[str | None, typer.Option(metavar="ID", autocompletion=completing.clinics, help=OF_CLINIC)]
Language = Annotated[
    str | None, typer.Option(metavar="nb|nn|en", autocompletion=completing.languages, help="In this language alone.")
]
Given = tuple[str | None, "WordingText"]  # a clinic, None for all without own texts, and a text


@app.command("list", epilog="Example: notify wording list --clinic nidelv")
def list_(
    context: typer.Context,
    clinic: OfClinicAlone = None,
    as_json: AsJson = False,
) -> None:
    """List the texts, and whether a clinic has them from us or a file of its own."""
    from notifycli.wording.catalogue import texts

    shell: Shell = context.obj
    asked: list[str | None] = [None, *_clinics_with_own(shell)]
    if clinic is not None:
        asked = [known_or_configured(shell, clinic)]
    texts_given = [(clinic_id, text) for clinic_id in asked for text in texts(_folder_of(shell, clinic_id))]
    give(shell, map(_as_value, texts_given), lambda screen: in_lines(texts_given), as_json=as_json)


@app.command(epilog="Example: notify wording show reminder sms --language nb > wording/nidelv/nb.reminder.sms.txt")
def show(
    context: typer.Context,
    event: Annotated[
        str,
        typer.Argument(
            metavar="EVENT", autocompletion=completing.events, help="confirmation, change, cancellation, reminder, ..."
        ),
    ],
    channel: Annotated[
        str, typer.Argument(metavar="CHANNEL", autocompletion=completing.channels, help="email, sms or push.")
    ],
    clinic: Clinic = None,
    language: Language = None,
    as_json: AsJson = False,
) -> None:
    """Show the template of a text, from which a clinic can make its own."""
    from notifycli.wording.catalogue import texts

    shell: Shell = context.obj
    about, way = code_typed(event, EVENTS, "EVENT"), code_typed(channel, CHANNELS, "CHANNEL")
    languages = _languages(language)
    clinic_id = known_or_configured(shell, clinic) if clinic is not None else None
    texts_given = [
        (clinic_id, text)
        for text in texts(_folder_of(shell, clinic_id))
        if text.piece.event == about and text.piece.part.startswith(f"{way}.") and text.piece.language in languages
    ]
    if as_json:
        print_json([_as_value(given) | {"template": given[1].template} for given in texts_given])
        return
    for _, text in texts_given:
        if text.template is not None:
            say(f"# {text.file or f'{text.piece.file_name}, the default'}")
            typer.echo(text.template)


@app.command(epilog="Example: notify wording preview reminder --clinic nidelv --open")
def preview(
    context: typer.Context,
    event: Annotated[
        str | None,
        typer.Argument(metavar="[EVENT]", autocompletion=completing.events, help="Of this event; else of all."),
    ] = None,
    clinic: Clinic = None,
    language: Language = None,
    channel: Annotated[
        str | None,
        typer.Option(metavar="email|sms|push", autocompletion=completing.channels, help="On this channel alone."),
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the e-mails as a page to this file.")] = None,
    in_browser: Annotated[bool, typer.Option("--open", help="Show the e-mails in the browser.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show messages as a made-up patient would get them: e-mail, SMS with its segments, push."""
    shell: Shell = context.obj
    events = EVENTS if event is None else (code_typed(event, EVENTS, "EVENT"),)
    channels = CHANNELS if channel is None else (code_typed(channel, CHANNELS, "--channel"),)
    clinic_id = known_or_configured(shell, clinic) if clinic is not None else None
    facts = facts_of_clinic(shell, clinic_id)
    shown = previews(_folder_of(shell, clinic_id), facts, events, channels, _languages(language), shell.now())
    if html is not None or in_browser:
        _give_page(shown, html, in_browser)
    if as_json:
        print_json([as_value(preview_shown, clinic_id) for preview_shown in shown])
    elif html is None and not in_browser:
        with paged(shell) as screen:
            show_previews(screen, shown)


@app.command(epilog="Example: notify wording check --clinic nidelv")
def check(
    context: typer.Context,
    clinic: OfClinicAlone = None,
    as_json: AsJson = False,
) -> None:
    """Check clinics' own texts: unknown fields, missing languages, SMS of several segments. Exit code 1 if any."""
    shell: Shell = context.obj
    asked = _clinics_with_own(shell) if clinic is None else [known_or_configured(shell, clinic)]
    mistakes = [(clinic_id, mistake) for clinic_id in asked for mistake in _mistakes_of(shell, clinic_id)]
    if as_json:
        print_json([_mistake_as_value(clinic_id, mistake) for clinic_id, mistake in mistakes])
    elif mistakes:
        for clinic_id, mistake in mistakes:
            console().print(plain(f"{clinic_id}: {mistake.detail}"), soft_wrap=True)
    else:
        with_own = ", ".join(clinic_id for clinic_id in asked if _folder_of(shell, clinic_id))
        console().print(f"[green]The texts of {with_own} are in order.[/]" if with_own else "No clinic has own texts.")
    if mistakes:
        raise Done(LOOK)


def _languages(given: str | None) -> tuple[str, ...]:
    from notifycli.wording.values import LANGUAGES

    return LANGUAGES if given is None else (code_typed(given, LANGUAGES, "--language"),)


def _clinics_with_own(shell: Shell) -> list[str]:
    return [clinic_id for clinic_id, own in shell.settings.clinic.items() if own.wording is not None]


def _folder_of(shell: Shell, clinic_id: str | None) -> Path | None:
    return shell.settings.for_clinic(clinic_id).wording if clinic_id is not None else None


def _mistakes_of(shell: Shell, clinic_id: str) -> "Iterator[TextMistake]":
    from notifycli.wording.catalogue import TextMistake, mistakes
    from notifycli.wording.values import WordingError

    folder = _folder_of(shell, clinic_id)
    if folder is None:
        return
    try:
        yield from mistakes(folder, facts_of_clinic(shell, clinic_id))
    except WordingError as error:
        yield TextMistake("wrong", folder, None, str(error))


def _as_value(given: Given) -> dict[str, Any]:
    clinic_id, text = given
    return {
        "clinic": clinic_id,
        "language": text.piece.language,
        "event": text.piece.event,
        "text": text.piece.part,
        "from": "default" if text.file is None else "own",
        "file": None if text.file is None else str(text.file),
    }


def _mistake_as_value(clinic_id: str, mistake: "TextMistake") -> dict[str, Any]:
    piece = mistake.piece
    return {
        "clinic": clinic_id,
        "code": mistake.code,
        "file": str(mistake.file),
        "language": piece.language if piece else None,
        "event": piece.event if piece else None,
        "text": piece.part if piece else None,
        "detail": mistake.detail,
    }


def in_lines(texts_given: list[Given]) -> "Iterator[RenderableType]":
    """One line a text, with its languages side by side."""
    from notifycli.wording.values import LANGUAGES

    rows = table("clinic", "event", "text", *LANGUAGES)
    sources: dict[tuple[str | None, str, str], list[str]] = {}
    for clinic_id, text in texts_given:
        source = "by text" if text.template is None else "default" if text.file is None else "own"
        sources.setdefault((clinic_id, text.piece.event, text.piece.part), []).append(source)
    for (clinic_id, event, part), of_languages in sources.items():
        cells = [f"[bold]{source}[/]" if source == "own" else f"[dim]{source}[/]" for source in of_languages]
        rows.add_row(plain(clinic_id or "others"), event, part, *cells)
    yield rows


def _give_page(shown: list[Preview], html: Path | None, in_browser: bool) -> None:
    import os
    import tempfile

    if html is None:
        file, name = tempfile.mkstemp(prefix="notify-preview-", suffix=".html")
        os.close(file)
        html = Path(name)
    html.write_text(page_of(shown), encoding="utf-8")
    say(f"written to {html}")
    if in_browser:
        import webbrowser

        if not webbrowser.open(html.absolute().as_uri()):
            say(f"no browser could be opened here; open {html} yourself")
