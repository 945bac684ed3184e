"""notify help: pages of docs/, or parts of them, in the terminal. Knows where they lie, not what stands in them."""

import re
import sys
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from notifycli.cli import completing
from notifycli.cli.options import AsJson
from notifycli.cli.pager import paged
from notifycli.cli.render import print_json
from notifycli.domain.errors import NotifyError, UsageError

app = typer.Typer(add_completion=False, rich_markup_mode=None)
PACKAGE = Path(__file__).parents[1]
PLACES = (PACKAGE / "docs", PACKAGE.parent / "docs")  # in an installed package, in the repository
COMMENT = re.compile(r"^<!--.*?-->\n", re.MULTILINE)  # where a table is made from the program
WIDEST = 140  # columns; longer lines are hard to read


class Topic(NamedTuple):
    """A page, and the beginnings of the headings (##) whose sections are shown; none: all of it."""

    page: str
    headings: tuple[str, ...] = ()


TOPICS = {
    "columns": Topic("files.md", ("## Columns", "## Words", "## Times")),
    "reasons": Topic("reasons.md"),
    "rules": Topic("contract.md", ("## 4.", "## 5.")),
}


@app.command("help", epilog="Example: notify help reasons")
def help_(
    context: typer.Context,
    topic: Annotated[
        str,
        typer.Argument(
            metavar="columns|reasons|rules", autocompletion=completing.words(*TOPICS), help="What to look up."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Show every column and word of the files, every reason with what to do, or the rules that decide."""
    if topic not in TOPICS:
        raise UsageError(f"'{topic}' is none of {', '.join(TOPICS)}", "for a command: notify COMMAND --help")
    text = text_of(topic)
    if as_json:
        print_json({"topic": topic, "text": text})
        return
    if not sys.stdout.isatty():
        sys.stdout.write(text)
        return
    from rich.markdown import Markdown
    from rich.theme import Theme

    bold_code = Theme({"markdown.code": "bold"})  # rich's own has a black ground
    with paged(context.obj) as screen, screen.use_theme(bold_code):
        screen.width = min(screen.width, WIDEST)
        screen.print(Markdown(text, hyperlinks=False))


def text_of(topic: str) -> str:
    """As Markdown. Raises NotifyError where the pages were left out."""
    page, headings = TOPICS[topic]
    path = next((place / page for place in PLACES if (place / page).is_file()), None)
    if path is None:
        raise NotifyError(f"{PLACES[0] / page}: the page is not there", "install notifycli anew")
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    if not headings:
        return text
    parts = [f"## {part}" for part in text.split("\n## ")[1:]]
    return "\n".join(f"{part.strip()}\n" for part in parts if part.startswith(headings))
