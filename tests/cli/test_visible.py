"""What a terminal would obey is made visible wherever imported text is shown; --json and --csv stay exact.

The readers keep such characters out (SPEC section 3); what older versions stored may hold them."""

import json
import unicodedata
from pathlib import Path

import pytest

from notifycli.cli.render import console, note, patient_text, plain, status_text, table
from notifycli.cli.shell import complain, say
from notifycli.cli.visible import visible, visible_lines
from tests.support import engines
from tests.support.one_clinic import NOON, Clinic

LATER = "2026-06-03T12:06:00+02:00"
HOSTILE = [
    pytest.param("\x1b[2J\x1b]0;owned\x07", id="escapes of a terminal"),
    pytest.param("\n", id="a line end"),
    pytest.param("\r", id="a carriage return, which writes over the line"),
    pytest.param("\x08\x08\x08", id="backspaces"),
    pytest.param("\u202egro.live", id="a mark that turns the direction"),
    pytest.param("\u2066\u2069", id="isolates"),
    pytest.param("\x9b31m", id="the escape in one byte"),
    pytest.param("\u2028", id="a separator of lines"),
    pytest.param("\x7f\x01", id="delete and another control"),
    pytest.param("\t", id="a tab"),
    pytest.param("\u200b\ufeff", id="what is not seen"),
    pytest.param("[red]\\[/]", id="what the tables take for a colour"),
]
KEPT = {"\u200c", "\u200d"}  # join letters of some scripts


def obeyed(text: str) -> set[str]:
    """Of what was printed, the characters that a terminal obeys or that are not seen, but for ends of lines."""
    return {
        letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") and letter not in KEPT
    } - {"\n"}


@pytest.fixture(params=HOSTILE)
def hostile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def stored_by_an_older_version(clinic: Clinic, hostile: str) -> tuple[str, str, str]:
    """Clinic, patient and appointment, whose ids and texts are hostile; a notice of it failed, another waits."""
    ids = (f"nidelv{hostile}x", f"P1{hostile}x", f"A1{hostile}x")
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;", "A2;P1;KONS;2026-06-18T11:00;booked;;")
    clinic.call("run", at=LATER)
    with engines.connected(clinic.folder) as connection:
        for name in ("clinic", "type", "patient", "appointment", "appointment_event", "notice", "switch_turn"):
            connection.execute(f"UPDATE {name} SET clinic_id = ?", (ids[0],))
        for name in ("patient", "appointment", "notice"):
            connection.execute(f"UPDATE {name} SET patient_id = ? WHERE patient_id = 'P1'", (ids[1],))
        for name in ("appointment", "appointment_event"):
            connection.execute(f"UPDATE {name} SET appointment_id = ? WHERE appointment_id = 'A1'", (ids[2],))
        connection.execute("UPDATE notice SET subject_id = ? WHERE subject_id = 'A1'", (ids[2],))
        connection.execute("UPDATE appointment SET location = ?", (hostile,))
        connection.execute("UPDATE patient SET given_name = ?, email = ?, language = ?", (hostile, hostile, hostile))
        connection.execute("UPDATE clinic SET name = ?, sender_sms = ?", (hostile, hostile))
        connection.execute("UPDATE type SET name = ?, type_id = type_id || ?", (hostile, hostile))
        connection.execute(
            "UPDATE delivery SET address = ?, text = coalesce(text, '') || ?, detail = ?, reason = ?",
            (hostile, hostile, hostile, hostile),
        )
        connection.execute("UPDATE import SET file = file || ?, path = path || ?, error = ?", (hostile,) * 3)
    return ids


def commands(clinic: str, patient: str, appointment: str) -> list[list[str]]:
    return [
        ["history"],
        ["history", "--patient", patient],
        ["history", "--patient", f"{patient}?"],
        ["show", "1"],
        ["why", "appointment", appointment],
        ["why", "appointment", f"{appointment}?"],
        ["patient", "show", clinic, patient],
        ["patient", "set", clinic, patient, "--consent", "no"],
        ["upcoming", "--until", "2026-06-20T00:00"],
        ["check"],
        ["module", "list"],
        ["type", "list"],
        ["module", "disable", clinic, f"{patient}?"],
        ["imports"],
        ["imports", "show", "4"],
        ["status"],
        ["doctor"],
        ["run", "--dry-run"],
        ["retry", "1"],
    ]


@pytest.mark.slow
@pytest.mark.parametrize("columns", ["80", "200"])
def test_no_command_prints_what_a_terminal_obeys(
    tmp_path: Path, hostile: str, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    clinic = Clinic.begun_in(tmp_path)
    ids = stored_by_an_older_version(clinic, hostile)
    for command in commands(*ids):
        answer = clinic.call(*command, at=LATER)
        assert obeyed(answer.out + answer.err) == set(), command
        assert "Traceback" not in answer.err


def test_an_id_with_a_line_end_breaks_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    clinic = Clinic.begun_in(tmp_path)
    ids = stored_by_an_older_version(clinic, "\n")
    out = clinic.call("history", at=LATER).out
    assert len(out.splitlines()) == 2 + len(clinic.json("history", at=LATER))
    assert visible(ids[1]) in out
    assert visible(ids[2]) in out
    assert visible(ids[2]) in clinic.call("upcoming", "--until", "2026-06-20T00:00", at=LATER).out


def test_json_and_csv_stay_exact(tmp_path: Path, hostile: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    ids = stored_by_an_older_version(clinic, hostile)
    assert ids[1] in {one["patient"] for one in clinic.json("history", at=LATER)}
    assert clinic.json("why", "appointment", ids[2], at=LATER)["subject_id"] == ids[2]
    assert clinic.json("patient", "show", ids[0], ids[1], at=LATER)["given_name"] == hostile
    assert clinic.json("show", "1", at=LATER)["patient"] == ids[1]
    assert clinic.json("imports", at=LATER)[0]["path"].endswith(hostile)
    if "\r" not in hostile:
        assert hostile in clinic.call("history", "--csv", at=LATER).out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Kari Ødegård-Łuczak, 東京", "Kari Ødegård-Łuczak, 東京", id="letters stay"),
        pytest.param("a\x1b[31mb", "a␛[31mb", id="an escape"),
        pytest.param("a\nb\r\tc", "a␊b␍␉c", id="line ends and tabs"),
        pytest.param("\u202eabc\u202c", "�abc�", id="directions"),
        pytest.param("a\x7f\x9bb", "a␡�b", id="delete and C1"),
        pytest.param("نمی\u200cدانم 👩\u200d⚕️", "نمی\u200cدانم 👩\u200d⚕️", id="what joins letters stays"),
        pytest.param("\u00a0", "\u00a0", id="a space that does not break"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert len(visible(text)) == len(text)
    assert visible_lines(text) == shown.replace("␊", "\n")


def test_every_way_to_the_screen_shows_it(capsys: pytest.CaptureFixture[str], hostile: str) -> None:
    from rich.text import Text

    screen, rows = console(), table("a", "b~")
    rows.add_row(hostile.replace("[", "("), Text(f"x{hostile}"))
    for shown in (plain(hostile), status_text(hostile, hostile), patient_text(hostile, True), rows, Text(hostile)):
        screen.print(shown)
    screen.print(hostile, markup=False)
    complain(hostile)
    say(hostile)
    note(hostile)
    told = capsys.readouterr()
    assert obeyed(told.out + told.err) == set()


def test_a_cell_that_is_told_of_is_shown_too(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    text = "clinic_id;appointment_id;patient_id;starts_at;status\nnidelv;A1;P1;30.11\x1b[2J\u202e2026;booked\n"
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
    answer = clinic.call("import", str(tmp_path / "rows.csv"), at=NOON)
    assert obeyed(answer.out + answer.err) == set()
    explained = clinic.call("import", "--explain", str(tmp_path / "rows.csv"), at=NOON)
    assert obeyed(explained.out + explained.err) == set()
    assert json.loads(clinic.call("import", "--json", str(tmp_path / "rows.csv"), at=NOON).out)["files"][0]["rejected"]
