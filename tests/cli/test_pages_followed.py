"""Pages that are followed step by step: every command in their ```sh boxes is typed in order, in an empty folder.

What a box of ```toml says is written into notify.toml, as a person would. Between two commands six minutes pass, so
that what an import books is due at the next run.
"""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import REPOSITORY

DOCS = REPOSITORY / "docs"
BOX = re.compile(r"^```(sh|toml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BEGUN_AT = 1_780_480_800  # 2026-06-03 12:00 in Oslo
DONE_OR_A_LOOK = (0, 1)
NOTIFY = f"""#!/bin/sh
passed=$(cat "$HOME/clock"); echo $((passed + 360)) > "$HOME/clock"
NOTIFY_NOW=$(date -u -d "@$passed" +%Y-%m-%dT%H:%M:%SZ) exec {sys.executable} -m notifycli "$@"
"""
FIRST_FILES = "going-live.md"  # whose first box makes them
FOLLOWED = {  # the page, and what is typed before it
    "going-live.md": "",
    "first-day.md": "",
    "when-something-is-wrong.md": "notify init; notify import exports; notify run",
}


def boxes_of(page: str) -> list[tuple[str, str]]:
    return BOX.findall((DOCS / page).read_text(encoding="utf-8"))


class Newcomer:
    """Types in one shell after the other, and keeps the folder that each ends in."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "work"
        self._folder.mkdir()
        (home / "bin").mkdir()
        (home / "clock").write_text(str(BEGUN_AT))
        program = home / "bin" / "notify"
        program.write_text(NOTIFY)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        path = f"{home / 'bin'}:{os.environ['PATH']}"
        self._environ = {"HOME": str(home), "PATH": path, "PYTHONPATH": str(REPOSITORY), "LC_ALL": "C.UTF-8"}

    def types(self, command: str) -> tuple[int, str]:
        """The exit code, and all that it said."""
        script = f"{command}\ncode=$?; pwd > $HOME/folder; exit $code"
        ended = subprocess.run(
            ["bash", "-c", script], cwd=self._folder, env=self._environ, capture_output=True, text=True, check=False
        )
        self._folder = Path((self._folder.parents[-1] / self._environ["HOME"] / "folder").read_text().strip())
        return ended.returncode, ended.stdout + ended.stderr

    def writes(self, toml: str) -> None:
        """Each key under its table, which is added where there is none."""
        path = self._folder / "notify.toml"
        text = path.read_text(encoding="utf-8")
        table, *lines = toml.strip().splitlines()
        if f"\n{table}\n" not in text:
            text += f"\n{table}\n"
        before, after = text.split(f"\n{table}\n", 1)
        own, rest = re.split(r"^(?=\[|#\[)|\Z", after, maxsplit=1, flags=re.MULTILINE)
        for line in lines:
            key = line.partition(" = ")[0]
            own = re.sub(rf"^{re.escape(key)} = .*\n", "", own, flags=re.MULTILINE)
        path.write_text("\n".join([f"{before}\n{table}", *lines, f"{own}{rest}"]), encoding="utf-8")


def commands_of(box: str) -> list[str]:
    return re.sub(r"\\\n\s*", "", box).strip().splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("page", FOLLOWED)
def test_who_follows_the_page_gets_through(page: str, tmp_path: Path) -> None:
    newcomer = Newcomer(tmp_path)
    if FOLLOWED[page]:
        first_files = boxes_of(FIRST_FILES)[0][1]
        for command in [*commands_of(first_files), *FOLLOWED[page].split("; ")]:
            newcomer.types(command)
    wrong = []
    for language, box in boxes_of(page):
        if language == "toml":
            newcomer.writes(box)
            continue
        for command in commands_of(box):
            code, told = newcomer.types(command)
            if code not in DONE_OR_A_LOOK or "Traceback" in told:
                wrong.append(f"{command}: {code}\n{told}")
    assert wrong == []


@pytest.mark.parametrize("page", FOLLOWED)
def test_there_is_something_to_follow(page: str) -> None:
    commands = [command for language, box in boxes_of(page) if language == "sh" for command in commands_of(box)]
    assert len([command for command in commands if command.startswith("notify ")]) > 15
