"""domain/reasons.py is the one table of codes: each that the program can write has its words there."""

import ast
import string
from collections.abc import Iterator

import pytest

from notifycli.domain.reasons import (
    FAILED,
    FAILED_BY_CHANNEL,
    IN_GENERAL,
    NEVER,
    OUT_OF_REACH,
    SKIPPED,
    TROUBLES,
    Reason,
    told_of,
)
from notifycli.store.facts import GONE
from tests.support.places import REPOSITORY

PACKAGE = REPOSITORY / "notifycli"
GIVES_REASONS = ("reason_of", "_word_for", "_skip_reason", "_appointment_reason", "why_off_at", "_never_booked",
                 "why_out_of_reach", "_reason")  # fmt: skip
TAKES_A_REASON = {"CodeMeaning": 1, "_never": 1, "fail": 3, "fail_for_good": 4, "mark_skipped": 3}  # by position
GROUPS = {"skipped": SKIPPED, "never": NEVER, "failed": FAILED, "out of reach": OUT_OF_REACH, "troubles": TROUBLES}
EACH = [
    pytest.param(reason, id=f"{group} {code}") for group, reasons in GROUPS.items() for code, reason in reasons.items()
]
EACH += [pytest.param(reason, id=" ".join(key)) for key, reason in FAILED_BY_CHANNEL.items()]


def words_in(node: ast.AST | None) -> Iterator[str]:
    for part in ast.walk(node) if node is not None else ():
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.isidentifier():
            yield part.value


def branches(node: ast.expr | None) -> Iterator[str]:
    """The words that an expression can be, but not those that it asks about."""
    if isinstance(node, ast.Constant):
        yield from words_in(node)
    elif isinstance(node, ast.IfExp):
        yield from [*branches(node.body), *branches(node.orelse)]
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from branches(value)


def codes_written() -> set[str]:
    """Wherever a room hands on a reason: as keyword, in a table of reasons, by position, or from a function."""
    found: set[str] = set()
    for room in ("channels", "delivery", "domain", "store"):
        for path in sorted((PACKAGE / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.keyword) and node.arg == "reason":
                    found.update(branches(node.value))
                elif isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    place = TAKES_A_REASON.get(name)
                    if place is not None and len(node.args) > place:
                        found.update(branches(node.args[place]))
                elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
                    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                    if getattr(target, "id", "").startswith("REASON_"):
                        found.update(word for value in node.value.values for word in branches(value))
                elif isinstance(node, ast.FunctionDef) and node.name.startswith(GIVES_REASONS):
                    returns = (part for part in ast.walk(node) if isinstance(part, ast.Return))
                    found.update(word for part in returns for word in branches(part.value))
    return found


@pytest.mark.slow
def test_every_code_that_the_program_can_write_has_its_words() -> None:
    written = codes_written()
    assert written - {*SKIPPED, *NEVER, *FAILED} == set()
    assert {*SKIPPED, *NEVER, *FAILED} - written == set()  # none is left over, and the search finds them all


def test_every_address_that_may_be_gone_has_its_words() -> None:
    assert set(GONE) | {"no_consent", "no_contact"} == set(OUT_OF_REACH)


@pytest.mark.parametrize("reason", EACH)
def test_each_says_what_it_means_and_what_to_do(reason: Reason) -> None:
    assert reason.means
    assert reason.to_do
    for text in (reason.means, reason.to_do, reason.to_do_before, *reason.told, *reason.foreseen):
        assert not text.endswith(".")
        assert text.count("`") % 2 == 0
    assert told_of(reason, {}) == reason.means or not named_in(reason.told[-1])


@pytest.mark.parametrize("reason", EACH)
def test_what_to_do_names_what_a_list_of_codes_can_name(reason: Reason) -> None:
    assert named_in(reason.to_do) | named_in(reason.to_do_before) <= IN_GENERAL.keys()


def named_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
