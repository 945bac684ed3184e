"""notify demo: the whole tour in a scratch folder, with its own clock, database and settings.

Calls the commands as a user would; knows nothing behind them.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from shutil import copyfile
from typing import TYPE_CHECKING, Annotated, Any

import typer

from notifycli.cli.options import AsJson
from notifycli.cli.program import as_typed_here
from notifycli.cli.render import console, panel, print_json
from notifycli.cli.shell import Done, complain
from notifycli.cli.signals import INTERRUPTED, TERMINATED, Terminated, broken_off_at_once
from notifycli.config import INIT_TEXT
from notifycli.domain.errors import LOOK, UsageError
from notifycli.store.engine import open_store

if TYPE_CHECKING:
    from rich.console import Console

    from notifycli.cli.demo_script import TourStep

app = typer.Typer(add_completion=False, rich_markup_mode=None)
OURS = ("--db", "notify.db", "--config", "notify.toml")
OTHERS_SETTINGS = ("NOTIFY_DB", "NOTIFY_CONFIG", "NOTIFY_NOW")
WORDS = {"email": "e-mails", "sms.jsonl": "SMS", "push.jsonl": "push messages"}
RUN_WORDS = {
    "due": "notices due",
    "skipped": "skipped",
    "sent": "messages sent",
    "failed": "messages failed",
    "retrying": "to be tried again",
    "uncertain": "uncertain",
}
WIDEST = 100


@app.command(epilog="Example: notify demo")
def demo(
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="PATH", help="Play it here, in a new or an empty folder.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play the whole tour: three days at two invented clinics, in a scratch folder. Needs no server and no settings."""
    from notifycli.cli.demo_script import sample_data, story

    place = _scratch_folder(folder)
    # File by file and without their modes: an installed package may be read-only, and rejects are written beside.
    sample = sample_data()
    for path in sorted(sample.rglob("*")):
        target = place / path.relative_to(sample)
        target.mkdir() if path.is_dir() else copyfile(path, target)
    (place / "notify.toml").write_text(INIT_TEXT, encoding="utf-8")
    open_store(place / "notify.db").close()
    notify = as_typed_here()
    stage = _QuietStage(notify) if as_json else _Stage(notify)
    with contextlib.chdir(place), broken_off_at_once():
        for step in story(place):
            stage.play(step)
        stage.end(place)
    if stage.surprises:
        raise Done(LOOK)


def _scratch_folder(given: Path | None) -> Path:
    if given is None:
        return Path(tempfile.mkdtemp(prefix="notify-demo-"))
    if given.exists() and (not given.is_dir() or any(given.iterdir())):
        raise UsageError(f"{given}: is there already and not an empty folder.", "Name another with --folder")
    given.mkdir(parents=True, exist_ok=True)
    return given.absolute()


@dataclass
class _Stage:
    """Tells each step and plays it. `notify`: how the user types the program, whose folder is another one.

    `surprises`: steps that ended otherwise than told, as texts.
    """

    notify: str
    surprises: list[str] = field(default_factory=list)

    def play(self, step: "TourStep") -> None:
        from notifycli.cli.demo_script import as_typed

        screen = _begin(f"{step.at:%A %d.%m. %H:%M}")
        screen.print(step.say, markup=False)
        screen.print(as_typed(step.arguments, screen.width), style="bold", markup=False, end="")
        if step.every_minutes:
            often = "minute" if step.every_minutes == 1 else f"{step.every_minutes} minutes"
            screen.print(f"[dim]  # every {often} until {step.times[-1][11:16]}[/]")
        else:
            screen.print()
        sys.stdout.flush()
        with contextlib.redirect_stderr(sys.stdout):  # what a command says belongs to what is shown of it
            if step.every_minutes:
                counts, code = _summed_runs(step)
                told = (f"{number} {words}" for word, words in RUN_WORDS.items() if (number := counts[word]))
                console().print(", ".join(told) or "nothing was due")
            else:
                code = _call(step.times[0], step.arguments)
        self._compare(step, code)

    def end(self, place: Path) -> None:
        _show_messages(place)
        ours = f" {' '.join(OURS)}" if any(os.environ.get(name) for name in OTHERS_SETTINGS) else ""
        told = [
            (f"cd {quote(str(place))}", "all of it lies here"),
            (f"{self.notify}{ours} history --patient 1043", "what one patient got"),
            (f"{self.notify}{ours} why appointment A28 --clinic nidelv", "why no reminder"),
            (f"{self.notify}{ours} show 1", "one notice, to the last detail"),
            ("more README.md", "which row shows which rule"),
            (f"cd; {self.notify} init", "begin with your own clinic"),
        ]
        screen = _begin("What to type next")
        for command, why in told:
            screen.print(f"  {command}", style="bold", markup=False, soft_wrap=True, end="")
            screen.print(f"[dim]  # {why}[/]")
        if self.surprises:
            complain(f"{len(self.surprises)} of the steps did not end as they had to; look for: it had to be")

    def _compare(self, step: "TourStep", code: int) -> None:
        if code in step.exits:
            return
        told = " or ".join(map(str, step.exits))
        self.surprises.append(
            f"{step.times[0]} notify {' '.join(step.arguments)}: exit {code}, but it had to be {told}"
        )
        complain(self.surprises[-1])


@dataclass
class _QuietStage(_Stage):
    """Plays each step without a word, and gives all as one JSON value in the end."""

    steps: list[dict[str, Any]] = field(default_factory=list)

    def play(self, step: "TourStep") -> None:
        with _captured(), contextlib.redirect_stderr(io.StringIO()):
            code = _summed_runs(step)[1] if step.every_minutes else _call(step.times[0], step.arguments)
        self.steps.append({"at": step.times[0], "say": step.say, "notify": list(step.arguments), "exit": code})
        self._compare(step, code)

    def end(self, place: Path) -> None:
        print_json({"folder": str(place), "steps": self.steps, "as_told": not self.surprises})


def _call(at: str, arguments: Iterable[str]) -> int:
    """One call of notify, in this process; the given options win over whatever the user has set."""
    from notifycli.cli.main import main

    code = main([*OURS, "--now", at, *arguments])
    if code in (INTERRUPTED, TERMINATED):
        raise Terminated if code == TERMINATED else KeyboardInterrupt
    return code


def _summed_runs(step: "TourStep") -> tuple[Counter[str], int]:
    """What all runs of a step came to, and the first exit code that is not the expected one."""
    counts: Counter[str] = Counter()
    for at in step.times:
        with _captured() as output:
            code = _call(at, [*step.arguments, "--json"])
        if code not in step.exits:
            return counts, code
        counts.update(json.loads(output.getvalue()))
    return counts, code


def _begin(title: str) -> "Console":
    """A screen no wider than is good to read, with a line that sets off what comes."""
    screen = console()
    screen.width = min(screen.width, WIDEST)
    screen.print()
    screen.rule(f"[dim]{title}[/]", style="dim", align="left")
    return screen


def _show_messages(place: Path) -> None:
    from notifycli.cli import demo_messages

    outbox = place / "outbox"
    screen = _begin("What the patients got")
    screen.print(f"The messages lie in {outbox}:", style="bold", markup=False)
    for name, count in demo_messages.counts(outbox).items():
        screen.print(f"  {name:<11} {count:>4} {WORDS[name]}", markup=False)
    pair = _on_both_channels()
    if pair:
        screen.print("One of the notices went out on two channels:", style="bold")
        screen.print(panel(demo_messages.email(outbox, pair["email"]), "e-mail"))
        screen.print(panel(demo_messages.sms(outbox, pair["sms"]), "SMS"))


def _on_both_channels() -> dict[str, int] | None:
    """The deliveries of the first notice that went out by e-mail and by SMS."""
    with _captured() as output:
        code = _call("2026-06-03T15:31:00+02:00", ["history", "--status", "sent", "--limit", "0", "--json"])
    if code:
        return None
    notices: dict[int, dict[str, int]] = {}
    for row in reversed(json.loads(output.getvalue())):
        if row["sender"] == "notify":
            notices.setdefault(row["notice"], {})[row["channel"]] = row["delivery"]
    return next((by_channel for by_channel in notices.values() if {"email", "sms"} <= by_channel.keys()), None)


@contextlib.contextmanager
def _captured() -> Iterator[io.StringIO]:
    with contextlib.redirect_stdout(io.StringIO()) as output:
        yield output
