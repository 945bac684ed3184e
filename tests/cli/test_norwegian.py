"""Each screen that staff read, in English and in Norwegian bokmål; what machines read is the same in both."""

import re
from pathlib import Path

import pytest

from tests.support.case_runner import Answer
from tests.support.one_clinic import Clinic

DUE, LATER = "2026-06-03T12:05:00+02:00", "2026-06-03T12:30:00+02:00"
DEAD = '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
SCREENS = {
    "history": ("history",),
    "nothing in the history": ("history", "--search", "xyzzy"),
    "the newest": ("history", "--limit", "2"),
    "show sent": ("show", "{sent}"),
    "show skipped": ("show", "{skipped}"),
    "show retrying": ("show", "{queued}"),
    "why sent": ("why", "appointment", "A1"),
    "why skipped": ("why", "appointment", "A2"),
    "why retrying": ("why", "appointment", "A4"),
    "why moved": ("why", "appointment", "A5"),
    "why cancelled": ("why", "appointment", "A6"),
    "why never": ("why", "appointment", "A7"),
    "why patient": ("why", "patient", "nidelv", "P1"),
    "why nobody": ("why", "patient", "nidelv", "P6"),
    "upcoming": ("upcoming", "--until", "2026-06-30"),
    "nothing upcoming": ("upcoming", "--until", "2026-06-03T12:31"),
    "check": ("check",),
    "check one": ("check", "--clinic", "nidelv", "--patient", "P1"),
    "calls": ("calls", "--until", "2026-07-30"),
    "no calls": ("calls",),
    "patient": ("patient", "show", "nidelv", "P1"),
    "find": ("patient", "find", "hansen"),
    "nobody found": ("patient", "find", "xyzzy"),
    "status": ("status",),
    "modules": ("module", "list"),
}
WRONG = {
    "no appointment": ("why", "appointment", "A404"),
    "no notice": ("show", "404"),
    "no clinic": ("history", "--clinic", "nidelf"),
    "no patient": ("check", "--clinic", "nidelv", "--patient", "P404"),
    "no event": ("history", "--event", "xyzzy"),
    "no time": ("history", "--since", "yesterdayish"),
    "no option": ("history", "--evnt", "reminder"),
    "no command": ("histroy",),
    "no value": ("history", "--event"),
    "no argument": ("show",),
    "no number": ("show", "x"),
    "too many": ("check", "A1"),
    "no call": ("calls", "done", "abc"),
    "too many ids": ("why", "patient", "nidelv", "P1", "P2"),
    "too small": ("show", "0"),
}
# Words of both languages, names, and what servers and programs are called.
SAME = {
    *("a", "dialog", "import", "mail", "r", "rom", "status", "til", "sms", "smtp", "min", "push", "kons", "nidelv"),
    *("notify", "clinic", "id", "patient", "show", "history", "calls", "why", "type", "done", "help", "event"),
    *("option", "timebook", "p", "d", "h", "t", "until", "notice", "doctor", "retry", "set", "consent", "limit"),
}


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """Sent, skipped, tried again, moved, cancelled, never made."""
    folder = tmp_path_factory.mktemp("clinic")
    begun = Clinic.begun_in(folder)
    begun.book(
        "A1;P2;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2",
        "A2;P8;KONS;2026-06-18T11:00;booked;2026-06-03T12:00;",
        "A5;P2;KONS;2026-06-20T10:00;booked;2026-06-03T12:00;Rom 1",
        "A6;P2;KONS;2026-06-21T10:00;booked;2026-06-03T12:00;Rom 1",
        "A7;P2;KONS;2026-06-04T10:00;booked;2026-06-03T12:00;Rom 1",
        "A8;P7;KONS;2026-06-22T10:00;booked;2026-06-03T12:00;Rom 1",
    )
    begun.call("run", at=DUE)
    begun.book(
        "A5;P2;KONS;2026-06-21T14:00;booked;2026-06-03T12:00;Rom 2",
        "A6;P2;KONS;2026-06-21T10:00;cancelled;2026-06-03T12:00;Rom 1",
        at="2026-06-03T12:20:00+02:00",
    )
    begun.call("run", at="2026-06-03T12:26:00+02:00")
    (folder / "notify.toml").write_text(DEAD, encoding="utf-8")
    begun.book("A4;P1;KONS;2026-06-19T10:00;booked;2026-06-03T12:21;Rom 1", at="2026-06-03T12:21:00+02:00")
    begun.call("run", at="2026-06-03T12:27:00+02:00")
    return begun


@pytest.fixture
def numbers(clinic: Clinic) -> dict[str, str]:
    rows = clinic.json("history", "--limit", "0", at=LATER)
    return {row["status"]: str(row["notice"]) for row in rows}


def in_language(clinic: Clinic, language: str, arguments: tuple[str, ...], *more: str) -> Answer:
    from tests.support.case_runner import Program

    class InLanguage(Program):
        def _global_options(self, at: str) -> list[str]:
            return [*super()._global_options(at), "--lang", language]

    return InLanguage(clinic.folder).call(LATER, [*arguments, *more])


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-zæøå]+", text.lower()))


@pytest.mark.parametrize("arguments", SCREENS.values(), ids=SCREENS)
@pytest.mark.parametrize("columns", ["80", "160"])
def test_no_english_word_is_left_on_a_norwegian_screen(
    clinic: Clinic,
    numbers: dict[str, str],
    arguments: tuple[str, ...],
    columns: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    arguments = tuple(argument.format_map(numbers) for argument in arguments)
    english, norwegian = (in_language(clinic, language, arguments) for language in ("en", "nb"))
    assert (english.exit, english.err) == (norwegian.exit, norwegian.err)
    assert english.out != norwegian.out
    assert max(map(len, norwegian.out.splitlines())) <= int(columns)
    late = norwegian.out.replace("for sent", "")  # too late
    told = (words_of(late) & words_of(english.out)) - SAME - words_in_data(clinic)
    assert {word for word in told if word not in str(clinic.folder / "outbox" / "email")} == set(), norwegian.out


def words_in_data(clinic: Clinic) -> set[str]:
    """Names, addresses, texts (a confirmation to come, too) and the answers of servers are what they are."""
    rows = clinic.json("history", "--limit", "0", at=LATER)
    calls = clinic.json("calls", "--until", "2026-07-30", at=LATER)
    told = [str(call[field]) for call in calls for field in ("id", "name", "tell")]
    names = [patient["name"] for typed in ("kari", "hansen") for patient in clinic.json("patient", "find", typed)]
    texts = [str(row[field]) for row in rows for field in ("address", "text", "patient")]
    notices = {str(row["notice"]) for row in rows if row["notice"]}
    answers = [
        f"{row['detail']} {row['reference']}"
        for notice in notices
        for row in clinic.json("show", notice, at=LATER)["deliveries"]
    ]
    files = [record["path"] for record in clinic.json("imports", at=LATER)]
    return {"bekreftelse"} | words_of(" ".join([*names, *texts, *answers, *told, *files]))


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_in_norwegian(clinic: Clinic, arguments: tuple[str, ...]) -> None:
    english, norwegian = (in_language(clinic, language, arguments) for language in ("en", "nb"))
    assert (english.exit, norwegian.exit) == (2, 2)
    typed = words_of(" ".join(arguments))
    told = words_of(norwegian.err) & words_of(english.err) - SAME - typed
    assert told == set(), norwegian.err


@pytest.mark.parametrize(
    "arguments",
    [*(SCREENS[name] for name in SCREENS), ("patient", "show", "nidelv", "P1"), ("module", "list", "nidelv")],
    ids=[*SCREENS, "patient", "modules"],
)
def test_what_machines_read_is_the_same_in_both(
    clinic: Clinic, numbers: dict[str, str], arguments: tuple[str, ...]
) -> None:
    arguments = tuple(argument.format_map(numbers) for argument in arguments)
    assert in_language(clinic, "en", arguments, "--json") == in_language(clinic, "nb", arguments, "--json")
    if arguments[0] in ("history", "calls"):
        assert in_language(clinic, "en", arguments, "--csv") == in_language(clinic, "nb", arguments, "--csv")


def test_what_is_said_of_a_notice_that_went_out(clinic: Clinic) -> None:
    shown = re.sub(r"\s+", " ", in_language(clinic, "nb", ("why", "appointment", "A1")).out)
    assert "time A1 hos nidelv, pasient P2" in shown
    assert "bekreftelse, ons. 03.06.2026 12:05: sendt på" in shown
    assert (
        "R1: skal sendes 5 minutter etter bestillingen, i dag 12:00; Timebok og KONS på siden man. 05.01. 08:00."
        in shown
    )


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("NOTIFY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


NORWEGIAN, ENGLISH = "Alle pasienter kan nås.", "Every patient can be reached."


@pytest.mark.parametrize(
    ("set_", "shown"),
    [
        pytest.param({}, ENGLISH, id="nothing"),
        pytest.param({"LANG": "C.UTF-8"}, ENGLISH, id="C"),
        pytest.param({"LANG": "en_GB.UTF-8"}, ENGLISH, id="English"),
        pytest.param({"LANG": "de_DE.UTF-8"}, ENGLISH, id="German"),
        pytest.param({"LANG": "nb_NO.UTF-8"}, NORWEGIAN, id="bokmål"),
        pytest.param({"LANG": "nn_NO"}, NORWEGIAN, id="nynorsk"),
        pytest.param({"LANG": "no"}, NORWEGIAN, id="Norwegian"),
        pytest.param({"LANG": "nb_NO", "LC_ALL": "C"}, ENGLISH, id="LC_ALL before LANG"),
        pytest.param({"LANG": "C", "LC_MESSAGES": "nb_NO"}, NORWEGIAN, id="LC_MESSAGES before LANG"),
        pytest.param({"LC_MESSAGES": "nb_NO", "LC_ALL": "en_US"}, ENGLISH, id="LC_ALL before LC_MESSAGES"),
        pytest.param({"LANG": "nb_NO", "LC_ALL": ""}, NORWEGIAN, id="an empty one does not count"),
        pytest.param({"LANG": "nb_NO", "NOTIFY_LANG": "en"}, ENGLISH, id="NOTIFY_LANG before the locale"),
        pytest.param({"NOTIFY_LANG": "NB"}, NORWEGIAN, id="in capitals"),
    ],
)
def test_which_language(tmp_path: Path, environment: pytest.MonkeyPatch, set_: dict[str, str], shown: str) -> None:
    for name, value in set_.items():
        environment.setenv(name, value)
    assert Clinic(tmp_path).call("--config", str(_empty(tmp_path)), "check").out == f"{shown}\n"


def test_lang_comes_before_the_environment(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("NOTIFY_LANG", "en")
    answer = Clinic(tmp_path).call("--config", str(_empty(tmp_path)), "--lang", "nb", "check")
    assert answer.out == f"{NORWEGIAN}\n"
    wrong = Clinic(tmp_path).call("--lang", "se", "check")
    assert (wrong.exit, wrong.err) == (2, "notify: --lang: 'se' is none of nb, en\n")
    environment.setenv("NOTIFY_LANG", "klingon")
    assert Clinic(tmp_path).call("check").err == "notify: NOTIFY_LANG: 'klingon' is none of nb, en\n"


@pytest.mark.sqlite("a file that is made")
def test_a_plain_run_takes_it_too(tmp_path: Path) -> None:
    answer = Clinic(tmp_path).call("--config", str(_empty(tmp_path)), "--lang", "nb", "run")
    assert (answer.exit, answer.out) == (0, "")
    assert "en ny, tom database er laget" in answer.err


def _empty(folder: Path) -> Path:
    (folder / "notify.toml").write_text("", encoding="utf-8")
    return folder / "notify.toml"


def test_where_a_message_was_written_is_translated(tmp_path: Path) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2")
    clinic.call("run", at="2026-06-03T12:05:00+02:00")
    shown = in_language(clinic, "nb", ("show", "1")).out
    assert "skrevet til" in shown
    assert "written to" not in shown


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(
            ("type", "disable", "nidelv", "KONS", "--dry-run"),
            "KONS ville vært av hos nidelv: 1 bekreftelse og 3 planlagte påminnelser blir ikke sendt\n",
            id="a type",
        ),
        pytest.param(
            ("module", "disable", "nidelv", "Post", "--dry-run"),
            "Post ville vært av hos nidelv; det endrer ingenting av det som er planlagt\n",
            id="a module",
        ),
        pytest.param(
            ("module", "enable", "nidelv", "økonomi"), "Økonomi var på hos nidelv fra før\n", id="as it is already"
        ),
    ],
)
def test_what_a_switch_brings_is_told_in_norwegian(clinic: Clinic, arguments: tuple[str, ...], told: str) -> None:
    answer = in_language(clinic, "nb", arguments)
    assert (answer.exit, answer.out, answer.err) == (0, "", told)


def test_types_are_listed_in_norwegian(clinic: Clinic) -> None:
    heading, _rule, *rows = in_language(clinic, "nb", ("type", "list", "nidelv")).out.splitlines()
    assert " ".join(heading.split()) == "klinikk timetype varsler siden 2026 av navn i bruk"
    assert [row.split()[2] for row in rows] == ["på", "av", "på", "av"]
