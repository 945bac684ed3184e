"""`notify browse` in bokmål: what stands on its screens, what its keys are called, and that all of it fits."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("textual", reason="the browser needs the extra browse, textual")

from notifycli.cli import language
from tests.support import engines
from tests.support.browsing import NARROW, WIDE, Screen, browse
from tests.support.one_clinic import Clinic

BOOKED, DUE, LATER = (f"2026-06-03T{clock}:00+02:00" for clock in ("12:00", "12:05", "12:36"))
DEAD = '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'
OF_HELP = 64  # columns that its box has for words


@pytest.fixture(params=["nb", "en"])
def in_language(request: pytest.FixtureRequest) -> Iterator[str]:
    """Keys have their names when they are imported, as in a call of notify."""
    of_browser = [name for name in sys.modules if name.startswith("notifycli.cli.browse.")]
    kept = {name: sys.modules.pop(name) for name in of_browser}
    language.choose(request.param, {})
    yield request.param
    language.choose("en", {})
    for name in [name for name in sys.modules if name.startswith("notifycli.cli.browse.")]:
        del sys.modules[name]
    sys.modules.update(kept)


def browser_of(*of_shell: Any) -> Any:
    return importlib.import_module("notifycli.cli.browse.browser").Browser(*of_shell)


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """P4 was told of A1; P8 has not consented; the delivery about A5 is uncertain; A9 was given away; A10 waits."""
    begun = Clinic.begun_in(tmp_path)
    begun.book(
        "A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2",
        "A2;P8;KONS;2026-06-18T11:00;booked;2026-06-03T12:00;",
        "A5;P3;KONS;2026-06-18T12:00;booked;2026-06-03T12:00;",
        "A9;P2;KONS;2026-06-05T13:00;booked;2026-06-03T12:00;Rom 3",
    )
    begun.call("run", at=DUE)
    with engines.connected(tmp_path) as connection:
        connection.execute("UPDATE delivery SET status = 'uncertain' WHERE address = '+4791000003'")
    (tmp_path / "notify.toml").write_text(DEAD, encoding="utf-8")
    begun.book("A9;P5;KONS;2026-06-05T13:00;booked;2026-06-03T12:00;Rom 3", at="2026-06-03T12:20:00+02:00")
    begun.book("A10;P1;KONS;2026-06-19T10:00;booked;2026-06-03T12:21;Rom 1", at="2026-06-03T12:21:00+02:00")
    begun.call("run", at="2026-06-03T12:30:00+02:00")
    return begun


async def screens_of(screen: Screen) -> dict[str, str]:
    """Each list and pane, a question, the help."""
    seen = {"begun": screen.seen(), "found": await screen.type("hansen")}
    seen |= {"history": await screen.press("enter")}
    for name, key in (("why", "w"), ("patient", "p"), ("upcoming", "u"), ("back", "h"), ("read", "enter")):
        seen[name] = await screen.press(key)
    seen["help"] = await screen.press("escape", "question_mark")
    await screen.press("escape", "slash", *["backspace"] * 6)
    seen["calls"] = await screen.press("tab", "c")
    seen["done?"] = await screen.press("d")
    seen["nothing comes"] = await screen.press("escape", "slash", *"lunde", "enter", "u")
    await screen.press("slash", *["backspace"] * 5, *"vik", "enter")
    seen["skipped"] = await screen.press("h", "w")
    seen["retry?"] = await screen.press("r")
    await screen.press("escape", "slash", *["backspace"] * 3, *"næss", "enter")
    seen["settle?"] = await screen.press("s")
    seen["export?"] = await screen.press("escape", "e")
    return seen


WORDS = re.compile(r"[a-zæøå]{2,}")
ENGLISH = {
    *WORDS.findall(
        "and appointment arrived about back booked busy by call calls cancellation change channel clinic "
        "comes confirmation consent covered delivered done due email event export failed find from goes "
        "history how keys language leave look message mobile never next nobody nothing notice notices number "
        "of off on once patient planned queued quit read reason reminder reply retry rows say search sending "
        "sent settle skipped the they this uncertain upcoming waits what when whom why will with write yes "
        "yet you "
    )
}
OF_MACHINES = "outbox/email refuses connections (on connecting) notify-history.csv"


def english_words(seen: str, folder: Path) -> set[str]:
    """Of what the program says; commands, files, and what a server said are what they are."""
    told = re.sub(r"notify (patient|history|calls|resolve|retry|doctor|why)\b[^.;,]*", "", seen.lower())
    return set(WORDS.findall(told)) & ENGLISH - set(WORDS.findall(f"{folder} {OF_MACHINES}".lower()))


@pytest.mark.slow
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "160x45"])
def test_each_screen_is_whole_and_in_the_language_of_its_reader(
    clinic: Clinic, in_language: str, size: tuple[int, int]
) -> None:
    seen: dict[str, str] = {}

    async def story(screen: Screen) -> None:
        seen.update(await screens_of(screen))

    browse(clinic.folder, story, LATER, size=size, browser_of=browser_of)
    words = {name: english_words(told, clinic.folder) for name, told in seen.items()}
    if in_language == "en":
        assert all(words.values()), words
    else:
        assert {name: told for name, told in words.items() if told} == {}
    quit_ = {"nb": "q slutt", "en": "q quit"}[in_language]
    for name in ("history", "why", "patient", "upcoming", "back", "calls", "nothing comes", "skipped"):
        assert quit_ in seen[name].splitlines()[-1], name


@pytest.mark.slow
def test_it_answers_in_norwegian_and_asks_for_a_norwegian_key(clinic: Clinic, in_language: str) -> None:
    key = {"nb": "j", "en": "y"}[in_language]

    async def story(screen: Screen) -> None:
        await screen.type("lunde")
        asked = await screen.press("enter", "c", "d")
        assert f"  {key}    " in asked
        await screen.press(key)
        await screen.until({"nb": "er tatt", "en": "is done"}[in_language])

    browse(clinic.folder, story, LATER, browser_of=browser_of)
    assert clinic.json("calls", at=LATER) == []


def test_each_line_of_the_help_has_room(in_language: str) -> None:
    keys = importlib.import_module("notifycli.cli.browse.keys").KEYS
    assert max(map(len, language._(keys).splitlines())) <= OF_HELP
