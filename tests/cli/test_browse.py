"""SPEC section 8, `notify browse`: what one sees and what keys do, on a real database and a screen of 80 by 24."""

import asyncio
import csv
import stat
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("textual", reason="the browser needs the extra browse, textual")

from notifycli.cli.shell import Shell
from tests.support import engines
from tests.support.browsing import WIDE, Screen, browse
from tests.support.one_clinic import Clinic, mail_server
from tests.support.smtp_server import Script

pytestmark = pytest.mark.slow

DUE = "2026-06-03T12:05:00+02:00"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """P4 was told of A1 by e-mail and SMS, P8 not of A2; a reminder of A1 is to come."""
    begun = Clinic.begun_in(tmp_path)
    begun.book("A1;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2", "A2;P8;KONS;2026-06-18T11:00;booked;;")
    begun.call("run", at=DUE)
    return begun


def test_the_newest_rows_stand_there_and_the_pane_tells_the_life_of_the_one_under_the_cursor(clinic: Clinic) -> None:
    async def story(screen: Screen) -> None:
        assert "P8       confirmation  A2     skipped: no consent" in screen.seen()
        assert "R17: the patient's consent was no" in screen.seen()
        seen = await screen.press("tab", "down")
        assert "notice 1: confirmation of appointment A1 at nidelv, patient P4" in seen
        assert "as it was sent" in await screen.press("enter")

    browse(clinic.folder, story, DUE)


def test_the_message_is_read_as_the_patient_saw_it(clinic: Clinic) -> None:
    async def story(screen: Screen) -> None:
        await screen.type("hansen")
        seen = await screen.press("enter", "enter")
        assert "SMS, delivery 2: sent Wed 03.06.2026 12:05" in seen
        assert "18. juni" in seen
        assert "Sted: Rom 2" in seen

    browse(clinic.folder, story, DUE)


def test_one_finds_while_one_types(clinic: Clinic) -> None:
    async def story(screen: Screen) -> None:
        seen = await screen.type("odeg")
        assert "Kari Ødegård  P1  +4791000001  nidelv" in seen
        assert "history of P1 Kari Ødegård: nothing yet" in seen
        assert "mobile" in seen  # the patient stands in the pane, as nothing else is known
        assert "Per Hansen  P4" in await screen.press(*["backspace"] * 4, *"910 00 004".replace(" ", ""))
        assert "history of P4 Per Hansen" in screen.seen()

    browse(clinic.folder, story, DUE)


def test_arrows_choose_among_those_who_are_found(clinic: Clinic) -> None:
    async def story(screen: Screen) -> None:
        assert "history of P5 Liv Sørgård" in await screen.type("s")  # by name
        assert "history of P7 Siv Moen" in await screen.press("down")
        assert "history of" not in await screen.press(*["down"] * 9)
        assert "anything found by “s”" in screen.seen()

    browse(clinic.folder, story, DUE)


def test_an_appointment_is_found_by_its_id(clinic: Clinic) -> None:
    async def story(screen: Screen) -> None:
        seen = await screen.type("A2")
        assert "history: A2" in seen
        assert "skipped: no consent" in seen
        assert "sent by sms" not in seen

    browse(clinic.folder, story, DUE)


QUESTIONS = {
    "why no reminder": ("vik", ("enter", "w"), "confirmation, Wed 03.06.2026 12:05: skipped: no consent"),
    "what comes next": ("hansen", ("enter", "u"), "16.06.26 10:00  reminder  A1     email, sms"),
    "what did he get": ("hansen", ("enter", "enter"), "as it was sent"),
    "who is it": ("hansen", ("enter", "p"), "method      both"),
}


@pytest.mark.parametrize(("typed", "keys", "answer"), QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_on_the_phone_is_answered_in_three_keys(
    clinic: Clinic, typed: str, keys: tuple[str, ...], answer: str
) -> None:
    async def story(screen: Screen) -> None:
        await screen.type(typed)
        assert answer in await screen.press(*keys)

    browse(clinic.folder, story, DUE)


def test_a_bounce_is_seen_without_a_key(tmp_path: Path) -> None:
    with mail_server(Script({"RCPT": ["550 5.1.1 no such user"]})) as (_, config):
        clinic = Clinic.begun_in(tmp_path, config)
        clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
        clinic.call("run", at=DUE)

    async def story(screen: Screen) -> None:
        assert "failed by email: unknown mailbox" in await screen.type("kari")

    browse(clinic.folder, story, DUE)


def test_what_others_sent_says_by_whom(clinic: Clinic) -> None:
    file = clinic.folder / "external.csv"
    file.write_text(
        "clinic_id;external_id;patient_id;sender;event;channel;sent_at\n"
        "nidelv;X1;P2;digicare;reminder;sms;2026-06-02T10:00\n"
    )
    clinic.call("import", str(file))

    async def story(screen: Screen) -> None:
        assert "sent by sms: sent by digicare" in await screen.type("lunde")
        assert "external X1 at nidelv, patient P2" in await screen.press("enter", "enter")

    browse(clinic.folder, story, DUE)


def test_new_rows_come_by_themselves_and_the_cursor_stays_on_its_row(clinic: Clinic) -> None:
    async def story(screen: Screen) -> None:
        await screen.press("tab", "down", "down")
        at = "2026-06-03T12:30:00+02:00"
        await asyncio.to_thread(clinic.book, "A3;P3;KONS;2026-06-19T10:00;booked;2026-06-03T12:10;Rom 2", at=at)
        await asyncio.to_thread(clinic.call, "run", at=at)
        assert "A3     sent by sms" in await screen.until("A3     sent by sms")
        assert screen.browser.row is not None
        assert (screen.browser.row.which.subject_id, screen.browser.row.source["channel"]) == ("A1", "email")
        assert "notice 1: confirmation of appointment A1" in screen.seen()

    browse(clinic.folder, story, DUE)


def test_retry_asks_first_and_says_what_came_of_it(clinic: Clinic) -> None:
    async def story(screen: Screen) -> None:
        await screen.press("tab")
        assert "Look at notice 2 again?" in await screen.press("r")
        await screen.press("escape")
        await asyncio.to_thread(clinic.call, "patient", "set", "nidelv", "P8", "--consent", "yes", at=DUE)
        await screen.press("r", "y")
        assert "notice 2: the next run" in await screen.until("notice 2: the next run")
        assert "queued by email" in await screen.until("queued by email")

    browse(clinic.folder, story, DUE)
    assert clinic.json("history", "--patient", "P8", at=DUE)[0]["status"] == "queued"


def all_that_is_stored(clinic: Clinic) -> Any:
    with engines.connected(clinic.folder) as connection:
        return engines.content(connection)


def test_a_question_that_is_left_changes_nothing(clinic: Clinic) -> None:
    async def story(screen: Screen) -> None:
        before = all_that_is_stored(clinic)
        await screen.press("tab", "r", "escape", "r", "n", "escape", "w", "p", "u", "h", "question_mark", "escape")
        assert all_that_is_stored(clinic) == before

    browse(clinic.folder, story, DUE)
    assert clinic.json("history", "--patient", "P8", at=DUE)[0]["status"] == "skipped"


@pytest.mark.parametrize(("key", "status"), [("a", "sent"), ("s", "queued")], ids=["it arrived", "send again"])
def test_an_uncertain_delivery_is_settled(clinic: Clinic, key: str, status: str) -> None:
    engines.change(clinic.folder, "UPDATE delivery SET status = 'uncertain' WHERE channel = 'sms'")

    async def story(screen: Screen) -> None:
        await screen.type("hansen")
        assert "uncertain by sms" in screen.seen()
        assert "Nobody knows whether delivery 2 arrived" in await screen.press("enter", "s")
        await screen.press(key)
        await screen.until(f"{status} by sms")

    browse(clinic.folder, story, DUE)
    rows = clinic.json("history", "--channel", "sms", at=DUE)
    assert [row["status"] for row in rows] == [status]


def test_keys_that_do_nothing_here_are_not_in_the_footer(clinic: Clinic) -> None:
    async def story(screen: Screen) -> None:
        assert "quit" not in screen.seen().splitlines()[-1]  # it would be typed
        of_skipped = (await screen.press("tab")).splitlines()[-1]
        assert ("retry" in of_skipped, "settle" in of_skipped) == (True, False)
        of_sent = (await screen.press("down")).splitlines()[-1]
        assert ("retry" in of_sent, "quit" in of_sent) == (False, True)

    browse(clinic.folder, story, DUE)


def test_the_rows_are_exported_to_a_new_file_that_others_cannot_read(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(clinic.folder)
    out = clinic.folder / "notify-history.csv"

    async def story(screen: Screen) -> None:
        await screen.type("hansen")
        assert "notify-history.csv" in await screen.press("enter", "e")
        await screen.press("enter")
        assert "2 rows are in notify-history.csv" in await screen.until("rows are in")
        await screen.press("e", "enter")
        assert "notify-history.csv is there already" in await screen.until("is there already")
        await screen.press("e", *["backspace"] * 18, *"~nosuch/x.csv", "enter")
        assert "~nosuch/x.csv cannot be written (No such file" in await screen.until("No such file")

    browse(clinic.folder, story, DUE)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with out.open(encoding="utf-8", newline="") as file:
        assert [row["channel"] for row in csv.DictReader(file)] == ["sms", "email"]


def test_help_says_the_keys_and_escape_goes_back_step_by_step(clinic: Clinic) -> None:
    async def story(screen: Screen) -> None:
        await screen.type("hansen")
        assert "settle an uncertain delivery" in await screen.press("enter", "question_mark")
        assert "settle an uncertain delivery" not in await screen.press("escape")
        await screen.press("u", "w", "enter")
        assert "search hansen" not in screen.seen()  # the pane has the whole screen
        assert "─why, of patient P4" in await screen.press("escape")
        assert "─appointment A1" in await screen.press("escape")
        assert "history of P4" in await screen.press("escape")
        assert "history of" not in await screen.press("escape")
        await screen.press("tab", "q")
        assert not screen.browser.is_running

    browse(clinic.folder, story, DUE)


def test_a_wide_screen_has_the_pane_beside_the_rows(clinic: Clinic) -> None:
    async def story(screen: Screen) -> None:
        assert any("─history" in line and "─ notice 2" in line for line in screen.seen().splitlines())
        await screen.browser.run_action("theme")
        assert "no consent" in await screen.settled()

    browse(clinic.folder, story, DUE, size=WIDE)


def test_what_was_imported_is_no_markup(clinic: Clinic) -> None:
    clinic.book("A4;P4;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;[bold]\u202erom")
    clinic.call("run", at=DUE)

    async def story(screen: Screen) -> None:
        await screen.type("hansen")
        seen = await screen.press("enter", "w")
        assert "[bold] rom" in seen

    browse(clinic.folder, story, DUE)


# Calls


def test_a_call_says_what_to_tell_and_is_done_once_staff_say_so(clinic: Clinic) -> None:
    clinic.book("A5;P7;KONS;2026-06-04T10:00;booked;2026-06-03T12:00;Rom 1")  # P7 has neither e-mail nor mobile
    clinic.call("run", at=DUE)

    async def story(screen: Screen) -> None:
        seen = await screen.press("tab", "c")
        assert "04.06.26 10:00" in seen
        assert "no number  Siv Moen" in seen
        assert "Rom 1" in seen  # what to tell
        assert "Is the call to patient P7 about A5 done?" in await screen.press("d")
        await screen.press("n", "escape")
        assert clinic.json("calls", at=DUE) != []
        await screen.press("d", "y")
        assert "calls: nobody has to be phoned" in await screen.until("nobody has to be phoned")

    [call] = clinic.json("calls", at=DUE)
    browse(clinic.folder, story, DUE)
    assert clinic.json("calls", at=DUE) == []
    who = Shell(engines.address_in(clinic.folder), clinic.folder / "notify.toml", DUE).user
    [act] = [act for act in clinic.json("audit", at=DUE) if call["id"] in str(act)]
    assert (act["by"], act["patient"]) == (who, "P7")


# Several clinics, many rows


@pytest.fixture
def two_clinics(clinic: Clinic) -> Clinic:
    """V1 of clinic vega was written to by others; so was P2 of nidelv, 130 times, last on 2 June."""
    (clinic.folder / "clinics.csv").write_text("clinic_id;name\nvega;Vega legekontor\n")
    (clinic.folder / "patients.csv").write_text(
        "clinic_id;patient_id;given_name;family_name;consent\nvega;V1;Ida;Nes;yes\n"
    )
    rows = [
        f"nidelv;X{number};P2;digicare;reminder;sms;2026-06-02T{number // 60:02}:{number % 60:02}"
        for number in range(130)
    ]
    (clinic.folder / "external.csv").write_text(
        "clinic_id;external_id;patient_id;sender;event;channel;sent_at\n"
        + "".join(f"{row}\n" for row in [*rows, "vega;Y1;V1;digicare;reminder;sms;2026-06-01T10:00"])
    )
    files = (str(clinic.folder / f"{kind}.csv") for kind in ("clinics", "patients", "external"))
    assert clinic.call("import", *files).exit == 0
    return clinic


def test_one_clinic_alone_is_shown_and_found(two_clinics: Clinic) -> None:
    async def story(screen: Screen) -> None:
        assert "history of vega" in screen.seen()
        assert "Y1" in screen.seen()
        assert "A1" not in screen.seen()
        assert "P4" not in await screen.type("hansen")
        assert "Ida Nes  V1" in await screen.press(*["backspace"] * 6, "i", "d", "a")

    browse(two_clinics.folder, story, DUE, clinic="vega")


def test_rows_beyond_the_first_page_come_as_one_goes_down(two_clinics: Clinic) -> None:
    async def story(screen: Screen) -> None:
        assert "nidelv" in screen.seen()  # there are several
        await screen.press("tab")
        for last in ("X73", "X13", "Y1", "Y1"):  # three rows are newer than these, and one is older
            await screen.press("end")
            assert screen.browser.row is not None
            assert screen.browser.row.which.subject_id == last

    browse(two_clinics.folder, story, DUE)
