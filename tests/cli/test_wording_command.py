"""SPEC section 8, `notify wording`: the texts of a clinic, as they stand, as patients get them, and what is wrong."""

import json
import webbrowser
from pathlib import Path
from typing import Any

import pytest

from tests.support.case_runner import Answer, Program
from tests.support.messages import CHANNELS, EVENTS, Read
from tests.support.one_clinic import Clinic
from tests.support.timelines import NO_LIMITS, Timeline

NOW = "2026-06-03T12:00:00+02:00"
OWN = NO_LIMITS + '[clinic.nidelv]\nwording = "own"\n'
LONG = "Husk timen {{ when_short }} hos {{ clinic }}. " + "Vi gleder oss til du kommer. " * 5
LANGUAGES = ("nb", "nn", "en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a clinic that has own texts, and no database."""
    (tmp_path / "own").mkdir()
    (tmp_path / "notify.toml").write_text(OWN, encoding="utf-8")
    return tmp_path


def called(folder: Path, *arguments: str) -> Answer:
    return Program(folder).call(NOW, ["wording", *arguments])


def values(folder: Path, *arguments: str) -> Any:
    return json.loads(called(folder, *arguments, "--json").out)


def write(folder: Path, text: str, *names: str) -> None:
    for name in names:
        (folder / "own" / name).write_text(text, encoding="utf-8")


def test_list_says_where_each_text_comes_from(folder: Path) -> None:
    write(folder, "Husk {{ when_short }}", "nn.reminder.sms.txt")
    rows = values(folder, "list", "--clinic", "nidelv")
    assert len(rows) == len(LANGUAGES) * len(EVENTS) * 5
    [own] = [row for row in rows if row["from"] == "own"]
    assert own == {
        "clinic": "nidelv",
        "language": "nn",
        "event": "reminder",
        "text": "sms.txt",
        "from": "own",
        "file": str(folder / "own" / "nn.reminder.sms.txt"),
    }
    assert {row["clinic"] for row in values(folder, "list")} == {None, "nidelv"}
    line = next(line for line in called(folder, "list").out.splitlines() if "own" in line)
    assert line.split() == ["nidelv", "reminder", "sms.txt", "default", "own", "default"]


def test_show_prints_a_template_that_can_be_a_file(folder: Path) -> None:
    shown = called(folder, "show", "reminder", "sms", "--language", "nb")
    assert shown.err == "# nb.reminder.sms.txt, the default\n"
    write(folder, shown.out, "nb.reminder.sms.txt")
    assert called(folder, "show", "reminder", "sms", "--language", "nb", "--clinic", "nidelv").out == shown.out
    own, default = (
        values(folder, "preview", "reminder", "--channel", "sms", "--language", "nb", *clinic)
        for clinic in (("--clinic", "nidelv"), ())
    )
    assert own[0]["text"] == default[0]["text"]


def test_show_has_each_language_and_part(folder: Path) -> None:
    rows = values(folder, "show", "change", "email")
    assert [(row["language"], row["text"]) for row in rows] == [
        (language, part) for language in LANGUAGES for part in ("email.txt", "email.html", "email.subject.txt")
    ]
    assert all("{{ was_when }}" in row["template"] for row in rows if row["text"] == "email.txt")
    assert all(row["template"] is None for row in rows if row["text"] == "email.html")


def test_preview_shows_every_message_to_a_made_up_patient(folder: Path) -> None:
    rows = values(folder, "preview")
    assert {(row["event"], row["channel"], row["language"]) for row in rows} == {
        (event, channel, language) for event in EVENTS for channel in CHANNELS for language in LANGUAGES
    }
    assert [row["segments"] for row in rows if row["channel"] == "sms"] == [1] * len(EVENTS) * 3
    assert all((row["html"] is not None) == (row["channel"] == "email") for row in rows)
    out = called(folder, "preview", "change", "--language", "nb").out
    assert "change · nb · sms · 1 segment" in out
    assert "er flyttet fra onsdag 10. juni" in out


def test_preview_of_a_stored_clinic_says_its_name(tmp_path: Path) -> None:
    timeline = Timeline.begun_in(tmp_path, OWN)
    (tmp_path / "own").mkdir()
    write(tmp_path, "Husk oss, {{ clinic }}: {{ portal_url }}, {{ phone }}!", "nb.reminder.sms.txt")
    said = timeline.clinic.json("wording", "preview", "reminder", "--clinic", "nidelv", "--channel", "sms")
    assert said[0]["text"].startswith("Husk oss, Nidelv legesenter: https://")


@pytest.mark.parametrize("way", ["--html", "--open"])
def test_the_page_shows_each_email_in_a_frame(folder: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    arguments = [way, str(folder / "page.html")] if way == "--html" else [way]
    answer = called(folder, "preview", "reminder", *arguments)
    assert (answer.exit, answer.out) == (0, "")
    path = Path(answer.err.removeprefix("written to ").strip())
    assert opened == ([path.as_uri()] if way == "--open" else [])
    page = Read(path.read_text(encoding="utf-8"))
    frames = page.attributes_of("iframe")
    assert [frame["title"] for frame in frames] == ["reminder, nb", "reminder, nn", "reminder, en"]
    assert "Nidelv legesenter" in Read(frames[0]["srcdoc"]).shown


def test_no_database_is_made(folder: Path) -> None:
    for arguments in (["list"], ["preview", "reply"], ["check"], ["show", "reply", "push", "--clinic", "nidelv"]):
        assert called(folder, *arguments).exit == 0
    assert not (folder / "notify.db").exists()


@pytest.mark.parametrize(
    ("names", "text", "expected"),
    [
        pytest.param(
            ("nb.reply.sms.txt", "nn.reply.sms.txt", "en.reply.sms.txt"),
            "{{ clinik }}",
            [("wrong", language) for language in sorted(LANGUAGES)],
            id="an unknown field, in each file",
        ),
        pytest.param(
            ("nb.reply.sms.txt",),
            "Svar",
            [("missing_language", "en"), ("missing_language", "nn")],
            id="missing languages",
        ),
        pytest.param(
            tuple(f"{language}.reminder.sms.txt" for language in LANGUAGES),
            LONG,
            [("too_long", language) for language in sorted(LANGUAGES)],
            id="an SMS of two segments",
        ),
        pytest.param(("nb.remindr.sms.txt",), "x", [("wrong", None)], id="a file that is none"),
        pytest.param(tuple(f"{language}.reply.push.txt" for language in LANGUAGES), "Svar!", [], id="nothing"),
    ],
)
def test_check_finds_what_is_wrong(folder: Path, names: tuple[str, ...], text: str, expected: list[Any]) -> None:
    write(folder, text, *names)
    answer = called(folder, "check", "--json")
    found = json.loads(answer.out)
    assert sorted((row["code"], row["language"]) for row in found) == expected
    assert answer.exit == (1 if expected else 0)
    told = called(folder, "check")
    assert told.exit == answer.exit
    assert told.out.count("nidelv: ") == len(expected)


def test_check_of_a_folder_that_is_not_there(folder: Path) -> None:
    (folder / "own").rmdir()
    answer = called(folder, "check")
    assert answer.exit == 1
    assert "cannot be read" in answer.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "remindr", "sms"], "did you mean reminder?"),
        (["show", "reminder", "fax"], "CHANNEL: 'fax' is none of email, sms, push"),
        (["preview", "--language", "se"], "--language: 'se' is none of nb, nn, en"),
        pytest.param(
            *(["list", "--clinic", "lofoten"], "there is no clinic lofoten in the configuration, and no database yet"),
            marks=pytest.mark.sqlite("it is not there yet"),
        ),
    ],
)
def test_a_slip_is_told(folder: Path, arguments: list[str], said: str) -> None:
    answer = called(folder, *arguments)
    assert (answer.exit, answer.out) == (2, "")
    assert said in answer.err


def test_a_clinic_that_nobody_knows(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    answer = clinic.call("wording", "check", "--clinic", "nidelf")
    assert answer.exit == 2
    assert "Did you mean nidelv?" in answer.err
