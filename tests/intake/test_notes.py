"""A message on a terminal is wrapped at words and loses nothing, whatever is in it and however narrow the screen."""

import io
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from notifycli.cli.render import note

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def noted(text: str | Text, width: int, terminal: io.StringIO) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        patch.setenv("TERM", "xterm-256color")
        patch.delenv("NO_COLOR", raising=False)
        patch.setattr(sys, "stderr", terminal)
        note(text)
    return terminal.getvalue()


def test_column_and_place_stand_out_on_a_terminal_and_nowhere_else() -> None:
    text = (
        Text("f.csv: 14 rows: ").append("Mobil", "bold").append(" is no number, first at ").append("line 212", "cyan")
    )
    assert noted(text, 80, io.StringIO()) == "f.csv: 14 rows: Mobil is no number, first at line 212\n"
    shown = noted(text, 80, Terminal())
    assert "\x1b[1mMobil\x1b[0m" in shown
    assert "\x1b[36mline 212\x1b[0m" in shown


@pytest.mark.parametrize("width", [40, 80])
def test_it_is_wrapped_at_words_and_a_path_is_not_broken(width: int) -> None:
    path = "/srv/exports/" + "very-long/" * 9 + "timer.csv.rejects.csv"
    text = f"timer.csv: the 3 rows are in {path}; mend them and import that file, as often as it takes"
    lines = ESCAPES.sub("", noted(text, width, Terminal())).splitlines()
    assert " ".join(line.strip() for line in lines) == text
    assert max(len(line) for line in lines if path not in line) <= width
    assert all(line.startswith("  ") for line in lines[1:])


WORDS = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cf", "Mn", "Zl", "Zp"]) | st.sampled_from("  [/]"), max_size=60
)


@given(WORDS, st.integers(20, 60))
def test_no_text_is_lost(text: str, width: int) -> None:
    assert "".join(ESCAPES.sub("", noted(text, width, Terminal())).split()) == "".join(text.split())
