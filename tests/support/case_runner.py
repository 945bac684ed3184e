"""Plays a case file, a timeline with the history that must come of it, and says what came out differently.

Knows the command line and its JSON only (SPEC.md, section 8); must not know anything behind `main`.

A case is a JSON object: `says`, `steps` (in order of `at`), `runs`, `history`. A step is an `import` (tables by
kind, as the lines of a `;`-separated file, with `options`) or a `notify` (arguments), with the `exit` and the
`json` that it must give. Every case begins with an import of the three files in `base/` beside it. Beyond the
shared form, the cases here may have:

- `config`: the text of notify.toml, in place of the one without limits;
- `exit`: a list, where the contract leaves the exit code open;
- an argument such as `{"notice": {"event": "confirmation", "subject_id": "A1"}}`: the field `notice` of the first
  history row with these values, for ids that only the program knows.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.support import engines

CONFIG_WITHOUT_LIMITS = "[limits]\nmax_due = 0\nmax_upset = 0\n"
BASE_IMPORTED_AT = "2026-01-05T08:00:00+01:00"
BASE_KINDS = ("clinics", "types", "patients")
MAY_BE_LATE = ("sent_at", "status_at")
SECONDS_LATE = 59
IMPORT_EXITS = (0, 1)

Row = dict[str, str | None]


class Unanswered(Exception):
    """The program did not give what the next step needs; the text says what."""


@dataclass(frozen=True)
class Answer:
    exit: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.exit}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


@dataclass(frozen=True)
class Program:
    """`notify` with the global options of one case: a database and a configuration in a folder of its own."""

    folder: Path

    def call(self, at: str, arguments: Iterable[str]) -> Answer:
        from notifycli.cli.main import main

        out, err = _captured(), _captured()
        whole = [*self._global_options(at), *arguments]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(whole)
        return Answer(code, _text_of(out), _text_of(err))

    def history(self, at: str) -> list[dict[str, Any]]:
        answer = self.call(at, ["history", "--json", "--limit", "0"])
        if answer.exit != 0:
            raise Unanswered(f"history at {at}: {answer}")
        rows = json.loads(answer.out)
        return [row for row in rows if row["sender"] == "notify"]

    def _global_options(self, at: str) -> list[str]:
        return ["--db", str(engines.address_in(self.folder)), "--config", str(self.folder / "notify.toml"), "--now", at]


def play(case_file: Path, folder: Path) -> list[str]:
    """The differences between what a case must give and what it gave, as texts; none when all is well."""
    case = json.loads(case_file.read_text(encoding="utf-8"))
    (folder / "notify.toml").write_text(case.get("config", CONFIG_WITHOUT_LIMITS), encoding="utf-8")
    program = Program(folder)
    base = case_file.parent / "base"
    timeline = timeline_of(case, runs_of(case, base))
    differences = import_base(program, base)
    try:
        for number, step in enumerate(timeline):
            differences += play_step(program, step, folder / f"step-{number:02}")
        differences += history_differences(case["history"], program.history(timeline[-1]["at"]))
    except Unanswered as trouble:
        differences.append(str(trouble))
    return differences


def runs_of(case: dict[str, Any], base: Path) -> list[str]:
    runs = case.get("runs", [])
    if isinstance(runs, str):
        runs = json.loads((base / "runs.json").read_text(encoding="utf-8"))[runs]
    return list(runs)


def timeline_of(case: dict[str, Any], runs: list[str]) -> list[dict[str, Any]]:
    """Steps and runs in order; at the same second imports come first, then commands, then the run."""
    steps = [*case["steps"], *({"at": at, "run": True} for at in runs)]
    return sorted(steps, key=lambda step: (seconds(step["at"]), _rank(step)))


def import_base(program: Program, base: Path) -> list[str]:
    """Imports it once in this process; then its database is copied, which takes a tenth of the time."""
    differences, folder = _base_as_database(base, engines.server)
    engines.copy(folder, program.folder)
    return differences


@functools.cache
def _base_as_database(base: Path, server: str | None) -> tuple[list[str], Path]:
    folder = Path(tempfile.mkdtemp(prefix="base-", dir=os.environ.get("TMPDIR")))
    (folder / "notify.toml").write_text(CONFIG_WITHOUT_LIMITS, encoding="utf-8")
    paths = [str(base / f"{kind}.csv") for kind in BASE_KINDS]
    answer = Program(folder).call(BASE_IMPORTED_AT, ["import", "--json", *paths])
    return _exit_difference("the base", (0, 1), answer), engines.kept(folder)


def play_step(program: Program, step: dict[str, Any], folder: Path) -> list[str]:
    at = step["at"]
    if "run" in step:
        return _exit_difference(f"{at} run", (0, 1), program.call(at, ["run"]))
    arguments = import_arguments(step, folder) if "import" in step else command_arguments(step, program)
    where = f"{at} {' '.join(arguments)}"
    answer = program.call(at, arguments)
    return _exit_difference(where, allowed_exits(step), answer) + _json_difference(where, step, answer)


def command_arguments(step: dict[str, Any], program: Program) -> list[str]:
    return [_resolved(argument, program, step["at"]) for argument in step["notify"]]


def import_arguments(step: dict[str, Any], folder: Path) -> list[str]:
    folder.mkdir()
    return ["import", "--json", *step.get("options", []), *(str(path) for path in _files_written(step, folder))]


def allowed_exits(step: dict[str, Any]) -> tuple[int, ...]:
    """What the step names; else 0, and for an import 0 or 1."""
    given = step.get("exit", IMPORT_EXITS if "import" in step else 0)
    return (given,) if isinstance(given, int) else tuple(given)


def mismatches(expected: Any, actual: Any, where: str = "$") -> list[str]:
    """What of `expected`, a value with matchers, `actual` does not fulfil; none when it fits."""
    if expected == "*":
        return []
    if isinstance(expected, dict) and set(expected) == {"has"}:
        return _array_mismatches(expected["has"], actual, where, others_allowed=True)
    if isinstance(expected, dict) and set(expected) == {"contains"}:
        fits = isinstance(actual, str) and expected["contains"] in actual
        return [] if fits else [f"{where}: {expected['contains']!r} is not in {_short(actual)}"]
    if isinstance(expected, dict):
        return _object_mismatches(expected, actual, where)
    if isinstance(expected, list):
        return _array_mismatches(expected, actual, where, others_allowed=False)
    same = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
    return [] if same else [f"{where}: expected {_short(expected)}, got {_short(actual)}"]


def history_differences(lines: list[str], actual: list[dict[str, Any]]) -> list[str]:
    """Compares rows of the fields that the first line names, in any order; no lines at all: no rows at all."""
    if not lines:
        return [f"history: no row expected, but there is {_short(row)}" for row in actual]
    fields, *expected = csv.reader(lines, delimiter=";")
    wanted: list[Row] = [dict(zip(fields, (cell or None for cell in cells), strict=True)) for cells in expected]
    got: list[Row] = [{field: _cell(row[field]) for field in fields} for row in actual]
    missing, unexpected = unpaired(wanted, got, row_fits)
    if not missing and not unexpected:
        return []
    return [
        "\n".join(
            [
                f"history            {';'.join(fields)}",
                *(f"  expected, absent {_line(row)}" for row in missing),
                *(f"  not expected     {_line(row)}" for row in unexpected),
            ]
        )
    ]


def row_fits(expected: Row, actual: Row) -> bool:
    return all(_cell_fits(field, value, actual[field]) for field, value in expected.items())


def unpaired(expected: list[Any], actual: list[Any], fits: Callable[[Any, Any], bool]) -> tuple[list[Any], list[Any]]:
    """Pairs as many as can be paired one to one, and gives what is left of each side."""
    candidates = [[i for i, value in enumerate(actual) if fits(pattern, value)] for pattern in expected]
    owner: dict[int, int] = {}

    def paired(pattern: int, tried: set[int]) -> bool:
        for index in candidates[pattern]:
            if index in tried:
                continue
            tried.add(index)
            if index not in owner or paired(owner[index], tried):
                owner[index] = pattern
                return True
        return False

    missing = [value for number, value in enumerate(expected) if not paired(number, set())]
    return missing, [value for index, value in enumerate(actual) if index not in owner]


def seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def _rank(step: dict[str, Any]) -> int:
    return 0 if "import" in step else 1 if "notify" in step else 2


def _files_written(step: dict[str, Any], folder: Path) -> list[Path]:
    paths = []
    for kind, lines in step["import"].items():
        path = folder / f"{kind}.csv"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        paths.append(path)
    return paths


def _resolved(argument: Any, program: Program, at: str) -> str:
    if isinstance(argument, str):
        return argument
    ((field, pattern),) = argument.items()
    for row in program.history(at):
        if not mismatches(pattern, row):
            return str(row[field])
    raise Unanswered(f"{at}: no history row to take {field} from fits {pattern}")


def _exit_difference(where: str, allowed: tuple[int, ...], answer: Answer) -> list[str]:
    if answer.exit in allowed:
        return []
    return [f"{where}: exit code expected {' or '.join(map(str, allowed))}, got {answer}"]


def _json_difference(where: str, step: dict[str, Any], answer: Answer) -> list[str]:
    if "json" not in step:
        return []
    try:
        actual = json.loads(answer.out)
    except ValueError:
        return [f"{where}: standard output is not one JSON value: {answer}"]
    found = mismatches(step["json"], actual)
    if not found:
        return []
    whole = json.dumps(actual, ensure_ascii=False, indent=1)
    return ["\n".join([f"{where}:", *(f"  {line}" for line in found), f"  in {whole}"])]


def _object_mismatches(expected: dict[str, Any], actual: Any, where: str) -> list[str]:
    if not isinstance(actual, dict):
        return [f"{where}: expected an object, got {_short(actual)}"]
    found = []
    for key, value in expected.items():
        if key not in actual:
            found.append(f"{where}.{key}: is absent")
            continue
        found += mismatches(value, actual[key], f"{where}.{key}")
    return found


def _array_mismatches(expected: list[Any], actual: Any, where: str, *, others_allowed: bool) -> list[str]:
    if not isinstance(actual, list):
        return [f"{where}: expected an array, got {_short(actual)}"]
    missing, unexpected = unpaired(expected, actual, lambda pattern, value: not mismatches(pattern, value))
    if len(missing) == len(unexpected) == 1 and not others_allowed:
        return mismatches(missing[0], unexpected[0], f"{where}[…]")
    found = [f"{where}: expected, absent {_short(value)}" for value in missing]
    return found if others_allowed else found + [f"{where}: not expected {_short(value)}" for value in unexpected]


def _cell_fits(field: str, expected: str | None, actual: str | None) -> bool:
    if field not in MAY_BE_LATE or expected is None or actual is None:
        return expected == actual
    return 0 <= seconds(actual) - seconds(expected) <= SECONDS_LATE


def _cell(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _line(row: Row) -> str:
    return ";".join(value or "" for value in row.values())


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _captured() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")


def _text_of(stream: io.TextIOWrapper) -> str:
    stream.flush()
    written = stream.buffer
    assert isinstance(written, io.BytesIO)
    return written.getvalue().decode("utf-8")
