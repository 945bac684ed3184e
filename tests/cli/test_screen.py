"""Tables on narrow screens: no text is lost, words stay whole where they can, nothing is wider than the screen."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.padding import Padding

from notifycli.cli.render import local_short, plain, table
from notifycli.cli.screen import Screen
from tests.support.one_clinic import NOON, Clinic
from tests.support.processes import notify
from tests.support.terminals import notify_on_terminal

CELLS = st.text(st.sampled_from("abcdefghij "), min_size=1, max_size=30).map(str.strip)
OSLO = "Europe/Oslo"


def shown(rows: list[list[str]], width: int, *columns: str) -> list[str]:
    found = table(*columns)
    for row in rows:
        found.add_row(*map(plain, row))
    out = io.StringIO()
    Screen(file=out, width=width, color_system=None).print(found)
    return out.getvalue().splitlines()


@pytest.mark.slow
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=4), st.integers(12, 60))
def test_no_text_is_lost_and_no_line_is_too_wide(rows, width):
    lines = shown([list(row) for row in rows], width, "one", "two~", "three>")
    assert max(map(len, lines)) <= width
    letters = sorted("".join("".join(row) for row in rows).replace(" ", ""))
    body = "".join(lines[next(place for place, line in enumerate(lines) if "─" in line) + 1 :])
    assert sorted(body.replace(" ", "").replace("–", "")) == letters


@pytest.mark.parametrize("width", [0, 1, 4, 11])
def test_no_screen_is_too_narrow_for_words(width):
    assert shown([["a word"]], width, "what~") == ["what", "──────", "a word"]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        pytest.param(
            40,
            ["who    what                    number", "─" * 37, "kari   a long walk by the sea      12"],
            id="wide enough",
        ),
        pytest.param(
            26,
            ["who    what         number", "─" * 26, "kari   a long walk      12", "       by the sea"],
            id="one column is wrapped, at words",
        ),
    ],
)
def test_only_the_marked_column_is_wrapped(width, expected):
    lines = shown([["kari ", "a long walk by the sea", "12"]], width, "who", "what~", "number>")
    assert [line.rstrip() for line in lines] == expected


@pytest.mark.parametrize(
    ("instants", "expected"),
    [
        pytest.param([1_780_000_000, 1_790_000_000], (" 2026", ["28.05. 22:26", "21.09. 16:13"]), id="one year"),
        pytest.param([1_780_000_000, 1_800_000_000], ("", ["28.05.26 22:26", "15.01.27 09:00"]), id="two years"),
        pytest.param([1_767_222_000, 1_767_221_999], ("", ["01.01.26 00:00", "31.12.25 23:59"]), id="at midnight"),
    ],
)
def test_short_times_lose_no_year(instants, expected):
    assert local_short(instants, OSLO) == expected


UUIDS = [f"{number:08x}-d8f1-4adf-91b7-584a2265b1f5" for number in range(600)]
NAMES = ("due", "clinic", "patient", "event", "about", "goes to~")


@pytest.mark.parametrize("width", [40, 80, 100, 120, 160])
def test_a_long_id_is_never_cut_nor_wrapped(width):
    row = ["03.06. 12:05", UUIDS[0], UUIDS[1], "confirmation", UUIDS[2], "will not be sent: no consent"]
    lines = shown([row], width, *NAMES)
    assert max(map(len, lines)) <= width
    assert [sum(id_ in line for line in lines) for id_ in UUIDS[:3]] == [1, 1, 1]
    assert "will not be sent: no consent" in " ".join(" ".join(lines).split())


@pytest.mark.parametrize("width", [80, 160])
def test_short_ids_have_a_line_a_row(width):
    rows = [["03.06. 12:05", "nidelv", f"P{number}", "reminder", f"A{number}", "email, sms"] for number in range(3)]
    assert len(shown(rows, width, *NAMES)) == 2 + 3


def test_a_later_row_that_is_wider_than_the_first_is_as_whole():
    rows = [["nidelv", f"P{number}", "email"] for number in range(1_000)] + [["nidelv", UUIDS[0], UUIDS[1]]]
    lines = shown(rows, 60, "clinic", "patient", "about")
    assert [sum(id_ in line for line in lines) for id_ in UUIDS[:2]] == [1, 1]
    assert max(map(len, lines)) <= 60


def test_the_first_rows_are_shown_before_the_last_are_known():
    out = io.StringIO()

    def rows():
        for number in range(1_200):
            if number == 1_100:
                assert "P0 " in out.getvalue()
            yield (plain("nidelv"), plain(f"P{number} "))

    Screen(file=out, width=80, color_system=None).print(table("clinic", "patient", rows=rows()))
    assert len(out.getvalue().splitlines()) == 2 + 1_200


def test_two_long_ids_have_two_lines_a_row():
    row = ["03.06. 08:05", f"{UUIDS[0]} ●", "confirmation", UUIDS[1], "failed by email: unknown mailbox", "8"]
    lines = shown([row], 80, "when 2026", "patient", "event", "about", "what became of it~", "notice>")
    assert lines[-1] == f"    {UUIDS[1]}  failed by email: unknown mailbox"


def test_a_row_with_a_long_id_among_others_does_not_break_theirs():
    rows = [["03.06. 12:05", "nidelv", f"P{number}", "reminder", f"A{number}", "email, sms"] for number in range(4)]
    rows.insert(1, ["03.06. 12:05", "nidelv", UUIDS[0], "reminder", UUIDS[1], "email, sms"])
    lines = shown(rows, 80, *NAMES)
    assert lines[0].endswith("goes to")
    assert [sum(f"P{number} " in line and "email, sms" in line for line in lines) for number in range(4)] == [1] * 4
    assert [sum(id_ in line for line in lines) for id_ in UUIDS[:2]] == [1, 1]


def test_a_long_word_among_short_ones_is_not_cut():
    rows = [["P1", "ola@post.example", f"sent {number}"] for number in range(4)]
    rows.append([UUIDS[0], "anne-grethe.asheim-jorgensen@et-langt-navn.post.example", "sent"])
    lines = shown(rows, 80, "patient", "address~", "status")
    assert sum(rows[-1][1] in line for line in lines) == 1
    assert len(lines) == 2 + 4 + 2


def test_a_line_without_a_word_is_left_out():
    rows = [["e-mail", "a" * 60, "import 6, Mon 01.06.2026 07:02"], ["goes to", "email", ""]]
    found = table("", "", "~")
    found.show_header = False
    for row in rows:
        found.add_row(*row)
    out = io.StringIO()
    Screen(file=out, width=80, color_system=None).print(found)
    assert out.getvalue().splitlines()[2:] == ["goes to  email"]


def test_no_line_ends_with_spaces_but_on_a_terminal():
    out = io.StringIO()
    screen = Screen(file=out, width=12, color_system=None)
    screen.print(Padding("a word and more", (0, 0, 1, 4), expand=False))
    screen.print("Sted: ", end="")
    assert out.getvalue() == "    a word\n    and more\n\nSted: "


@pytest.fixture
def told_in_ascii(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """Where standard output has no letter beyond ASCII, as with a locale of long ago."""
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Møterom")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    return clinic


@pytest.mark.slow
def test_a_letter_that_the_terminal_lacks_is_a_question_mark(told_in_ascii):
    answer = notify(told_in_ascii.folder, "--now", NOON, "why", "appointment", "A1")
    assert (answer.exit, answer.err) == (0, "")
    assert "Thu 18.06.2026 10:00, M?terom, KONS, booked" in answer.out


@pytest.mark.slow
def test_nor_does_a_pager_stumble_over_it(told_in_ascii):
    at = ("--now", NOON, "why", "appointment", "A1")
    assert "M?terom" in notify_on_terminal(told_in_ascii.folder, *at, lines=3, PAGER="tee").out


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "nb"])
def test_no_letter_is_lost_for_machines(told_in_ascii, language):
    at = ("--lang", language, "--now", NOON, "why", "appointment", "A1", "--json")
    answer = notify(told_in_ascii.folder, *at)
    assert (answer.exit, answer.err.count("\n")) == (3, 1)
    assert "PYTHONUTF8=1" in answer.err
