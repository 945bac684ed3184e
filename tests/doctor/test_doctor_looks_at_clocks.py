"""notify doctor and the time: this machine's clock against what mail servers, gateways and Firebase say that it is."""

import json
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

from notifycli.cli.main import main
from tests.delivery.test_gateways_from_the_run import gateway
from tests.doctor.test_doctor_asks_services import begun, section, with_firebase
from tests.support import engines
from tests.support.fcm_server import Google, Said, google
from tests.support.gateways import Cuts, Says, sveve_usual
from tests.support.one_clinic import Clinic, in_a_thread, mail_server
from tests.support.smtp_server import Script

IN_OSLO = timezone(timedelta(hours=2))
NOBODY_TELLS = ("ok", "no service told its time, so nothing is known of ours; see it with: timedatectl")


def away(seconds: float, zone: timezone = UTC) -> str:
    """A date so far from now, as headers and greetings have it."""
    moment = datetime.now(zone) + timedelta(seconds=seconds)
    return format_datetime(moment, usegmt=zone is UTC)


def clocks(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[tuple[str, str]]:
    """What is said of the clock beyond its own time; at the real time, unless told otherwise."""
    capsys.readouterr()
    ours = ["--db", str(engines.address_in(folder)), "--config", str(folder / "notify.toml")]
    main([*ours, *options, "doctor", "--json"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    return [(one["state"], one["text"]) for one in checks if one["name"] == "clock"][1:]


@pytest.mark.parametrize(
    ("greeting", "seconds", "state", "words"),
    [
        pytest.param("mail.example ESMTP Sendmail 8.17.1/8.17.1; {}", 0, "ok", "agrees with that of 127.0.0.1",
                     id="sendmail"),
        pytest.param("mail.example ESMTP Exim 4.96 {}", 20, "ok", "agrees with that of", id="exim"),
        pytest.param("mail.example Microsoft ESMTP MAIL Service ready at {}", 200, "look",
                     "is 3 minutes behind that of 127.0.0.1; type: timedatectl set-ntp true", id="exchange, behind"),
        pytest.param("mail.example ESMTP Exim 4.96 {}", -45, "look", "is 45 seconds ahead of that", id="ahead"),
        pytest.param("mail.example ESMTP Exim 4.96 {}", -9 * 3600, "look", "is 9 hours ahead of that", id="hours"),
        pytest.param("mail.example ESMTP Postfix (Debian/GNU)", 0, *NOBODY_TELLS, id="postfix"),
        pytest.param("mail.example since 31 Jun 2026 12:00:00 +0200", 0, *NOBODY_TELLS, id="no such day"),
        pytest.param("mail.example 7 Jun 2026 12:00:00", 0, *NOBODY_TELLS, id="without an offset"),
        pytest.param("mail.example 7 Jun 2026 12:00:00 +9999", 0, *NOBODY_TELLS, id="no such offset"),
    ],
)  # fmt: skip
def test_the_greeting_of_a_mail_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], greeting: str, seconds: int, state: str, words: str
) -> None:
    script = Script({"GREETING": [f"220 {greeting.format(away(seconds, IN_OSLO))}"]})
    with mail_server(script) as (_, config):
        Clinic.begun_in(tmp_path, config)
        [(found, text)] = clocks(tmp_path, capsys)
    assert (found, words in text) == (state, True), text


def test_a_server_that_refuses_the_sender_has_told_its_time_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Script({"GREETING": [f"220 mail.example {away(-300)}"], "MAIL": ["550 5.7.1 not yours"]})
    with mail_server(script) as (_, config):
        Clinic.begun_in(tmp_path, config)
        [(state, text)] = clocks(tmp_path, capsys)
    assert (state, "5 minutes ahead" in text) == ("look", True)


@pytest.mark.parametrize(
    ("told", "state", "words"),
    [
        pytest.param(lambda: Says(200, "4711", {"Date": away(2)}), "ok", "agrees with that of sveve", id="right"),
        pytest.param(lambda: Says(200, "4711", {"Date": away(600)}), "look", "10 minutes behind", id="ours is behind"),
        pytest.param(lambda: Says(503, "", {"Date": away(600)}), "look", "10 minutes behind", id="it is overloaded"),
        pytest.param(lambda: Says(200, "4711", {"Date": "yesterday"}), *NOBODY_TELLS, id="no date"),
        pytest.param(Cuts, *NOBODY_TELLS, id="no answer"),
    ],
)  # fmt: skip
def test_the_date_of_a_gateway(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], told, state: str, words: str
) -> None:
    with gateway(sveve_usual, told(), told()) as server:
        keys = {"transport": "sveve", "url": server.url, "username": "nidelv", "password_file": "password"}
        begun(tmp_path, section("sms", **keys))
        [(found, text)] = clocks(tmp_path, capsys)
    assert (found, words in text) == (state, True), text


def test_the_date_of_firebase(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = Said(200, b'{"name": "projects/p/messages/1"}', {"Date": away(-7200)})
    with in_a_thread(google(Google(answers=[answer]))) as it:
        with_firebase(tmp_path, it.url)
        [(state, text)] = clocks(tmp_path, capsys)
    assert (state, "2 hours ahead of that of fcm" in text) == ("look", True)


def test_where_clocks_differ_it_may_be_theirs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = Script({"GREETING": [f"220 mail.example {away(-300)}"]})
    with gateway(sveve_usual, Says(200, "4711", {"Date": away(0)})) as server, mail_server(script) as (_, config):
        keys = {"transport": "sveve", "url": server.url, "username": "nidelv", "password_file": "password"}
        begun(tmp_path, config + section("sms", **keys))
        [(state, text)] = clocks(tmp_path, capsys)
    assert (state, "127.0.0.1" in text, text.endswith(", or theirs is wrong")) == ("look", True, True)


@pytest.mark.parametrize("options", [("--now", "2026-06-03T12:00"), ()], ids=["another clock", "nobody is asked"])
def test_nothing_is_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]) -> None:
    with mail_server(Script({"GREETING": [f"220 mail.example {away(-300)}"]})) as (_, config):
        Clinic.begun_in(tmp_path, config if options else "")
        assert clocks(tmp_path, capsys, *options) == []
