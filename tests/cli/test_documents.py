"""README and docs/ say what is: links lead somewhere, commands exist, every code, column and word stands there.

The contract speaks of commands to come, too, so what it names in passing is not tried.
"""

import ast
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
import typer

from notifycli.cli.codes import spellings
from notifycli.cli.commands import app
from notifycli.cli.main import main
from notifycli.cli.metrics import METRICS
from notifycli.cli.signals import INTERRUPTED, TERMINATED
from notifycli.config import INIT_TEXT
from notifycli.domain.errors import CANNOT_WORK, DONE, LOOK, SAFETY_STOP, WRONG_USAGE
from notifycli.domain.gap_causes import GAP_CAUSES
from notifycli.domain.reasons import FAILED, NEVER, OUT_OF_REACH, SKIPPED, TROUBLES
from notifycli.domain.status_words import STATUS_WORDS
from notifycli.domain.verifying import DifferenceKind
from notifycli.intake.cells import words
from notifycli.intake.kinds.registry import KINDS
from notifycli.intake.mapping.columns import COLUMNS, REQUIRED, names_of, plain
from tests.support.case_runner import Program
from tests.support.places import PACKAGE, REPOSITORY

DOCS = REPOSITORY / "docs"
README = REPOSITORY / "README.md"
PAGES = [README, *sorted(DOCS.glob("*.md"))]
CONTRACT = DOCS / "contract.md"
EXPECTED = (
    *("contract", "files", "fhir-hl7", "services", "operations", "monitoring", "reasons", "support", "commands"),
    "many-hosts",
    *("contributing", "glossary", "wording", "comparing", "going-live", "first-day", "when-something-is-wrong"),
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
PATHS = re.compile(r"`((?:notifycli|tests|docs)/[^`\s]*|[\w.-]+\.example)`")
PLACEHOLDER = re.compile(r"\b[A-Z]{3,}\b")
GLOBAL = ("--db", "--config", "--now")
ALONE = ("--install-completion", "--show-completion")
LIST_OF_WORDS = (
    *(STATUS_WORDS, words.WHO, words.SOURCES, words.NO_NOTICES, words.METHODS, words.LANGUAGES),
    *(words.DIALOG_KINDS, words.RECEIPT_WORDS, words.SENDERS, words.EXTERNAL_EVENTS, words.CHANNEL_WORDS),
)


class Typed(NamedTuple):
    """A command as it stands on a page, without the program's name."""

    page: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: notify {' '.join(self.words)}"


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def code_lines(text: str) -> Iterator[str]:
    """Of fenced blocks and indented ones."""
    for block in FENCE.findall(text):
        yield from block.splitlines()
    for line in FENCE.sub("", text).splitlines():
        if line.startswith("    ") and not line.lstrip().startswith(("- ", "| ")):
            yield line.strip()


def commands_in(page: Path) -> Iterator[Typed]:
    """In code blocks; in passing, too, but for the contract."""
    text = text_of(page)
    places = [*code_lines(text)]
    if page != CONTRACT:
        places += CODE.findall(FENCE.sub("", text))
    for place in places:
        for call in re.findall(r"(?:^|[\s|$;/])notify ([^|;#]*)", place.replace("\\|", "/")):
            yield Typed(page.name, tuple(shlex.split(re.sub(r"[\[\]]", "", call))))


ALL_TYPED = sorted({typed for page in PAGES for typed in commands_in(page)})


def option_names(command: Any) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts} | {"--help"}


def why_not(typed: Typed) -> str:
    """What of it does not exist; nothing where all does."""
    command: Any = typer.main.get_command(app)
    options = {*GLOBAL}
    rest = list(typed.words)
    while rest:
        word = rest.pop(0)
        if PLACEHOLDER.fullmatch(word) and options == {*GLOBAL}:  # notify COMMAND --help
            return ""
        if word in GLOBAL and options == {*GLOBAL}:
            del rest[:1]
        elif word in ALONE and typed.words == (word,):
            return ""
        elif word.startswith("--"):
            name = word.split("=")[0].split("/")[0]
            if name not in options:
                return f"there is no option {name}"
            if "=" not in word and takes_a_value(command, name):
                del rest[:1]
        elif hasattr(command, "get_command") and not PLACEHOLDER.fullmatch(word):
            command = command.get_command(None, word)
            if command is None:
                return f"there is no command {word}"
            options = option_names(command)
        elif (refusal := refusal_of_choice(command, typed.words)) is not None:
            return refusal
    return ""


def takes_a_value(command: Any, option: str) -> bool:
    return any(option in parameter.opts and not getattr(parameter, "is_flag", True) for parameter in command.params)


def refusal_of_choice(command: Any, given: tuple[str, ...]) -> str | None:
    """Where the first argument is one of a few words (appointment|dialog|receipt), whether it is."""
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    choices = str(arguments[0].metavar or "") if arguments else ""
    if "|" not in choices or choices.replace("|", "/") in given:
        return None
    words = {spelled for spelled, _ in spellings(choices.split("|"))}
    return None if words & set(given) else f"it needs one of {choices}"


@pytest.mark.parametrize("name", EXPECTED)
def test_every_page_is_there_and_the_readme_leads_to_it(name: str) -> None:
    assert f"(docs/{name}.md)" in text_of(README)


def test_the_readme_is_short() -> None:
    assert len(text_of(README).splitlines()) <= 100


@pytest.mark.parametrize("page", [*PAGES, REPOSITORY / "ARCHITECTURE.md"], ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(FENCE.sub("", text_of(page)))]
    near = [link for link in links if link and not re.match(r"\w+:", link)]
    assert [link for link in near if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [*PAGES, REPOSITORY / "ARCHITECTURE.md"], ids=lambda page: page.name)
def test_every_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    parted = [link.partition("#") for link in LINK.findall(FENCE.sub("", text_of(page))) if not re.match(r"\w+:", link)]
    pages = [(page.parent / name if name else page, anchor) for name, _, anchor in parted if anchor]
    assert [anchor for target, anchor in pages if anchor not in headings_of(target)] == []


def headings_of(page: Path) -> set[str]:
    """As links name them: small letters, hyphens for spaces, no other marks."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [page for page in PAGES if page != CONTRACT], ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = [path for path in PATHS.findall(text_of(page)) if not PLACEHOLDER.search(path)]
    assert [path for path in named if not (REPOSITORY / path).exists()] == []


@pytest.mark.parametrize("typed", ALL_TYPED, ids=str)
def test_every_command_exists_with_its_options(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    assert why_not(typed) == ""
    path = [word for word in typed.words if re.fullmatch(r"[a-z]+", word)][:1]
    assert main([*path, "--help"]) == 0
    assert "Usage: notify" in capsys.readouterr().out


def test_every_line_of_the_crontab_can_be_taken_in() -> None:
    lines = re.findall(r"^#?[\d*/]+(?: [\d*/]+){4} .*", text_of(REPOSITORY / "crontab.example"), re.MULTILINE)
    calls = [re.findall(r'"\$NOTIFY" ((?:[^">&;]|"[^"]*")*)', line) for line in lines]
    assert len(lines) == 8
    assert [why_not(Typed("crontab", tuple(shlex.split(call)))) for (call,) in calls] == [""] * len(lines)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("phone", "there is no command phone"),
        ("patient lose Kari", "there is no command lose"),
        ("import --template-of clinics", "there is no option --template-of"),
        ("--config notify.toml history --pasient 1", "there is no option --pasient"),
        ("why letter A1", "it needs one of appointment|dialog|receipt|patient"),
        ("import FILE --complete", ""),
        ("--db x.db --now 2026-06-03 run --dry-run", ""),
    ],
)
def test_what_does_not_exist_would_be_noticed(typed: str, why: str) -> None:
    assert why_not(Typed("a page", tuple(typed.split()))) == why


def test_commands_are_looked_for_where_they_stand() -> None:
    assert {"README.md", "support.md", "operations.md", "files.md", "commands.md"} <= {one.page for one in ALL_TYPED}
    assert len(ALL_TYPED) > 100


@pytest.mark.parametrize("reason", sorted({*SKIPPED, *NEVER, *FAILED, *OUT_OF_REACH, *TROUBLES, *GAP_CAUSES}))
def test_every_reason_and_trouble_stands_with_what_to_do(reason: str) -> None:
    rows = [line for line in text_of(DOCS / "reasons.md").splitlines() if re.match(rf"\| `{reason}` ", line)]
    assert rows
    assert [row for row in rows if not row.rstrip(" |").rpartition("|")[2].strip()] == []


@pytest.mark.parametrize("kind", get_args(DifferenceKind))
def test_every_finding_of_verify_stands_with_what_it_means(kind: str) -> None:
    assert re.search(rf"^\| `{kind}` \| \w", text_of(DOCS / "operations.md"), re.MULTILINE)
    assert f"`{kind}`" in text_of(DOCS / "when-something-is-wrong.md").partition("## Codes")[2].partition("\n## ")[0]


@pytest.mark.parametrize("page", ["commands.md", "when-something-is-wrong.md"])
@pytest.mark.parametrize(
    "code", [DONE, LOOK, WRONG_USAGE, CANNOT_WORK, SAFETY_STOP, INTERRUPTED, TERMINATED], ids="exit {}".format
)
def test_every_exit_code_stands_where_one_looks_for_it(page: str, code: int) -> None:
    rows = text_of(DOCS / page).partition("## Exit codes")[2].partition("\n## ")[0]
    assert re.search(rf"^\| (\d+, )?{code}\b", rows, re.MULTILINE)


def names_of_checks() -> set[str]:
    """As doctor's sources have them: of a Check or a Finding what comes before its state; {place} for a part of it."""
    calls = [
        node
        for room in ("doctor", "cli", "store")
        for path in (PACKAGE / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MAKES_A_CHECK
    ]
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


MAKES_A_CHECK = ("Check", "_check", "Finding")
NAMED_BY_WHAT_THEY_ARE_OF = {"email", "sms", "second sms", "push", "clinic ID", "wording of CLINIC"}


@pytest.mark.slow
def test_every_line_of_doctor_is_explained() -> None:
    page = text_of(DOCS / "when-something-is-wrong.md").partition("## What doctor looks at")[2].partition("\n## ")[0]
    explained = {name for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for name in CODE.findall(row)}
    assert len(names_of_checks()) > 15
    assert explained - {"of CLINIC"} == names_of_checks() | NAMED_BY_WHAT_THEY_ARE_OF


@pytest.mark.parametrize("reason", sorted(NEVER.keys() & SKIPPED.keys()))
def test_a_reason_that_skips_and_that_makes_nothing_due_stands_twice(reason: str) -> None:
    assert len(re.findall(rf"^\| `{reason}` ", text_of(DOCS / "reasons.md"), re.MULTILINE)) >= 2


def section_of(kind: str) -> str:
    return text_of(DOCS / "files.md").partition(f"\n### {kind}\n")[2].partition("\n### ")[0].partition("\n## ")[0]


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_column_stands_in_its_kinds_table_the_required_ones_bold(kind: str) -> None:
    rows = re.findall(r"^\| (\**)`(\w+)`\** \|", section_of(kind), re.MULTILINE)
    internal = {"reject_import", "fresh_at"}
    assert {column for _, column in rows} == set(COLUMNS[kind]) - internal
    assert {column for bold, column in rows if bold} == set(REQUIRED[kind])
    assert [column for column in internal if f"`{column}`" not in text_of(DOCS / "files.md")] == []


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_other_name_of_a_column_is_known_as_that_one(kind: str) -> None:
    wrong = []
    known = names_of(kind)
    for column, others in re.findall(r"^\| \**`(\w+)`\** \| ([^|]*) \|", section_of(kind), re.MULTILINE):
        if others and others != "as above":
            names = [name for name in re.split(r", |; or | and ", others) if name]
            wrong += [f"{column}: {name}" for name in names if plain(name) not in known[column]]
    no_names_of_their_own = {f"starts_at: {name}" for name in ("Dato", "Klokkeslett")}
    assert set(wrong) - no_names_of_their_own == set()


def test_every_word_that_a_cell_may_hold_stands_there() -> None:
    text = text_of(DOCS / "files.md").lower()
    everything = {*words.YES, *words.NO, *(word for of_column in LIST_OF_WORDS for word in of_column)}
    assert [word for word in sorted(everything) if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)] == []


def test_every_key_of_the_settings_that_a_page_shows_is_one() -> None:
    sections = re.findall(r"^#?\[([a-z_]+)", INIT_TEXT, re.MULTILINE)
    for page in PAGES:
        if page != CONTRACT:
            named = re.findall(r"`\[([a-z_]+)(?:\.ID[.\w]*)?\]", text_of(page))
            assert [name for name in named if name not in sections] == []


def test_the_first_files_of_the_readme_do_what_it_says(tmp_path: Path) -> None:
    files = re.findall(r"^printf '%s\\n' .*?> (\S+)$", text_of(README), re.MULTILINE | re.DOTALL)
    assert files == ["clinics.csv", "types.csv", "patients.csv", "appointments.csv"]
    typed = re.findall(r"^printf.*?> \S+$", text_of(README), re.MULTILINE | re.DOTALL)
    subprocess.run(["sh", "-c", "\n".join(typed)], cwd=tmp_path, check=True)
    (tmp_path / "notify.toml").touch()
    program = Program(tmp_path)
    imported = program.call("2026-06-03T12:00:00Z", ["import", *(str(tmp_path / name) for name in files)])
    assert imported.exit == 0
    assert "warning" not in imported.out + imported.err
    program.call("2026-06-03T12:05:00Z", ["run"])
    history = program.call("2026-06-03T12:05:00Z", ["history", "--csv"]).out
    assert re.search(r"confirmation,appointment,A1,email,kari@post.example", history)
    why = program.call("2026-06-03T12:05:00Z", ["why", "appointment", "A1"])
    assert "R1: due 5 minutes after the booking" in why.out


def test_the_page_on_monitoring_knows_every_metric_and_no_other() -> None:
    page = text_of(DOCS / "monitoring.md")
    for metric in METRICS:
        assert f"| `notify_{metric.name}{{{metric.label}}}` |".replace("{}", "") in page
    named = set(re.findall(r"\bnotify_([a-z_]+)", page))
    assert named - {metric.name for metric in METRICS} == set()
