"""A server that does not answer holds up only what goes to it: no other channel, no other clinic's server (SPEC 7).

The troubled servers of these tests stay as they are until all that others are to get has arrived: whoever waits for
them waits for ever, or at least until their time-outs of half a minute.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from notifycli.delivery.sender import CLAIMED_AT_ONCE
from notifycli.store import deliveries
from notifycli.store.deliveries import Whose
from tests.config.test_our_own_settings import set_clinic
from tests.delivery.test_gateways_from_the_run import gateway
from tests.delivery.test_hanging_server import comes_to_be, hanging_run
from tests.support import engines
from tests.support.gateways import ACCOUNT, IsSilent, Says
from tests.support.many_clinics import LATER, NOON, Clinics, mail_servers, section
from tests.support.one_clinic import Clinic, in_a_thread
from tests.support.smtp_server import SILENCE, Script, scripted

pytestmark = pytest.mark.slow

IS_LONG = os.environ.get("NOTIFY_LONG_TESTS") == "1"
OTHERS, EACH = 8, 12
BACKLOG = 10_000 if IS_LONG else 1_200
TROUBLES = [
    pytest.param({"GREETING": [SILENCE]}, id="says nothing"),
    pytest.param({"EHLO": [SILENCE]}, id="says nothing to EHLO"),
    pytest.param({"MAIL": [SILENCE]}, id="says nothing to MAIL"),
    pytest.param({"RCPT": ["250 ok", "250 ok", SILENCE]}, id="falls silent after some"),
    pytest.param({"DATA": [SILENCE]}, id="says nothing to DATA"),
    pytest.param({"DOT": [SILENCE]}, id="takes messages and says nothing"),
    pytest.param({"GREETING": ["421 4.3.2 closed"]}, id="refuses"),
    pytest.param({"MAIL": ["421 4.7.0 too many"]}, id="hangs up on each"),
]


def names(count: int) -> list[str]:
    return [f"c{number:02}" for number in range(count)]


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("troubled", [1, 3])
def test_a_server_in_trouble_holds_up_no_other_clinics_server(
    tmp_path: Path, trouble: dict[str, Any], troubled: int
) -> None:
    clinics = names(troubled + OTHERS)
    with in_a_thread(mail_servers(Script(trouble), troubled, OTHERS, OTHERS * EACH)) as servers:
        due = {one: 150 if place < troubled else EACH for place, one in enumerate(clinics)}
        here = Clinics.begun_in(tmp_path, servers.config(clinics), due)
        here.call("run")
        assert servers.arrived_first
        assert here.statuses(*clinics[troubled:]) == {"sent": OTHERS * EACH}
        at = LATER
        for minute in range(31, 36):
            here.call("run", at=at)
            at = f"2026-06-03T12:{minute}:00+02:00"
        assert here.statuses(*clinics) == {"sent": sum(due.values())}


def test_nor_what_goes_where_everybodys_mail_goes(tmp_path: Path) -> None:
    """The others have no section of their own; so many wait for the silent server, and are due before."""
    with in_a_thread(mail_servers(Script({"GREETING": [SILENCE]}), 1, 1, OTHERS * EACH)) as servers:
        everybodys = section("x", servers.others[0].port).replace("[clinic.x.email]", "[email]")
        due = {"silent": BACKLOG} | dict.fromkeys(names(OTHERS), EACH)
        here = Clinics.begun_in(tmp_path, everybodys + section("silent", servers.troubled[0].port), due)
        here.call("run")
        assert servers.arrived_first
        assert here.statuses(*names(OTHERS)) == {"sent": OTHERS * EACH}


def test_nor_clinics_with_a_server_where_everybodys_is_silent(tmp_path: Path) -> None:
    with in_a_thread(mail_servers(Script({"GREETING": [SILENCE]}), 1, OTHERS, OTHERS * EACH)) as servers:
        everybodys = section("x", servers.troubled[0].port).replace("[clinic.x.email]", "[email]")
        own = "".join(section(one, server.port) for one, server in zip(names(OTHERS), servers.others, strict=True))
        due = {"usual": BACKLOG, "as": 3} | dict.fromkeys(names(OTHERS), EACH)
        here = Clinics.begun_in(tmp_path, everybodys + own, due)
        here.call("run")
        assert servers.arrived_first
        assert here.statuses(*names(OTHERS)) == {"sent": OTHERS * EACH}


def test_several_clinics_share_a_server_of_their_own(tmp_path: Path) -> None:
    """With connections that are shared as well, though each has a sender of its own."""
    with in_a_thread(mail_servers(Script({"GREETING": [SILENCE]}), 1, 1, OTHERS * EACH)) as servers:
        [good] = servers.others
        own = "".join(section(one, good.port, f'from = "{one}@post.example"\n') for one in names(OTHERS))
        due = {"silent": 200} | dict.fromkeys(names(OTHERS), EACH)
        here = Clinics.begun_in(tmp_path, section("silent", servers.troubled[0].port) + own, due)
        here.call("run")
        assert servers.arrived_first
        assert good.most_at_once <= 8, "as many connections as are configured"
        assert {f"From: {one}@post.example".encode() for one in names(OTHERS)} == {
            line for message in good.messages for line in message.split(b"\r\n") if line.startswith(b"From: ")
        }


def test_what_goes_to_one_server_keeps_the_order_of_due_times(tmp_path: Path) -> None:
    """Over one connection, from clinics whose dialogs were sent in turn, beside a server that is silent."""
    with in_a_thread(mail_servers(Script({"GREETING": [SILENCE]}), 1, 1, 3 * 40)) as servers:
        one_connection = section("x", servers.others[0].port, "connections = 1\n").replace(
            "[clinic.x.email]", "[email]"
        )
        config = one_connection + section("silent", servers.troubled[0].port)
        here = Clinics.begun_in(tmp_path, config, {"silent": 40} | dict.fromkeys(names(3), 40))
        here.call("run")
        assert servers.arrived_first
        handed_over = [line.split(b"<")[1] for line in servers.others[0].received.split(b"\r\n") if line[:4] == b"RCPT"]
        in_order = here.rows(
            "SELECT d.address FROM delivery d JOIN notice n ON n.id = d.notice_id WHERE d.clinic_id <> 'silent'"
            " ORDER BY n.due_at, n.id"
        )
        assert [one.rstrip(b">").decode() for one in handed_over] == [address for (address,) in in_order]


def test_a_kill_leaves_no_more_than_before(tmp_path: Path) -> None:
    """Counted whenever a message arrives: what is claimed and not recorded, over all servers."""
    clinics = names(12)
    counted = []

    with in_a_thread(mail_servers(Script({"GREETING": [SILENCE]}), 2, 10, 10 * 60)) as servers:
        here = Clinics.begun_in(tmp_path, servers.config(clinics), dict.fromkeys(clinics, 60))
        for server in servers.others:
            usual = server.answer_to

            def answer_to(verb: str, usual: Any = usual) -> Any:
                if verb == "DOT":  # in the servers' thread
                    [(number,)] = engines.rows(tmp_path, "SELECT count(*) FROM delivery WHERE status = 'sending'")
                    counted.append(number)
                return usual(verb)

            server.answer_to = answer_to  # type: ignore[method-assign]
        here.call("run")
    assert servers.arrived_first
    assert len(counted) == 10 * 60
    assert 10 < max(counted) <= CLAIMED_AT_ONCE["email"] + len(clinics)


def sms_section(clinic: str, url: str, more: str = "") -> str:
    return (
        f'[clinic.{clinic}.sms]\ntransport = "twilio"\nurl = "{url}"\nusername = "{ACCOUNT}"\n'
        f'password_file = "password"\n{more}'
    )


def taking(seen: Any, number: int) -> Says:
    return Says(201, {"sid": f"SM{number}", "status": "queued"})


def sms_clinics(folder: Path, config: str, due: dict[str, int]) -> Clinics:
    (folder / "password").write_text("open sesame")
    return Clinics.begun_in(folder, config, due, channel="sms")


def test_a_gateway_that_is_silent_holds_up_no_other(tmp_path: Path) -> None:
    with gateway(taking, *[IsSilent()] * 30) as silent, gateway(taking) as good:
        own = sms_section("a", silent.url) + sms_section("b", good.url) + sms_section("c", good.url)
        sms_clinics(tmp_path, own, {"a": 30, "b": 25, "c": 25})
        with hanging_run(tmp_path, "--now", NOON):
            assert comes_to_be(lambda: len(good.seen) == 50)


def test_a_gateway_that_asks_for_a_pause_makes_no_other_rest(tmp_path: Path) -> None:
    with gateway(taking, Says(429, {"code": 20429}, {"Retry-After": "2"})) as busy, gateway(taking) as good:
        own = sms_section("a", busy.url) + sms_section("b", good.url)
        here = sms_clinics(tmp_path, own, {"a": 25, "b": 40})
        said = here.json("run")
        assert (said["sent"], said["retrying"]) == (64, 1)
        after_the_pause = [seen.at for seen in busy.seen if seen.at > busy.seen[0].at + 1.5]
        assert len(after_the_pause) >= 10
        assert max(seen.at for seen in good.seen) < min(after_the_pause)


def test_a_gateway_that_is_silent_when_it_is_asked_holds_up_no_other(tmp_path: Path) -> None:
    """What is uncertain is asked for before it goes out again; what is new does not wait for that."""
    with gateway(taking, IsSilent(), IsSilent()) as silent, gateway(taking) as good:
        own = sms_section("a", silent.url, 'on_uncertain = "resend"\n') + sms_section("b", good.url)
        here = sms_clinics(tmp_path, own, {"a": 1, "b": 10})
        with engines.connected(tmp_path) as connection:
            connection.execute("UPDATE appointment SET next_check_at = NULL")
        silent.told.clear()
        here.call("run")
        with engines.connected(tmp_path) as connection:
            connection.execute("UPDATE delivery SET status = 'uncertain', next_attempt_at = 0 WHERE clinic_id = 'a'")
        silent.told.extend([IsSilent(), IsSilent()])
        here.say({"a": 0, "b": 10}, numbered_from=100)
        with hanging_run(tmp_path, "--now", LATER):
            assert comes_to_be(lambda: len(good.seen) == 20)
        assert here.statuses("a") == {"uncertain": 1}


def test_a_wrong_sender_of_one_clinic_closes_the_gateway_for_no_other(tmp_path: Path) -> None:
    """Both have the gateway of notify.toml; the wrong one comes first, and is asked about once a run."""

    def taking_all_but(seen: Any, number: int) -> Says:
        if seen.form["From"] == "WrongWrong":
            return Says(400, {"code": 21212, "message": "Invalid From"})
        return Says(201, {"sid": f"SM{number}", "status": "queued"})

    with gateway(taking_all_but) as server:
        (tmp_path / "password").write_text("open sesame")
        clinic = Clinic.begun_in(
            tmp_path,
            f'[sms]\ntransport = "twilio"\nurl = "{server.url}"\nusername = "{ACCOUNT}"\npassword_file = "password"\n',
        )
        (tmp_path / "clinics.csv").write_text("clinic_id;name;portal_url;post\nfjord;Fjord;https://fjord.example;yes\n")
        (tmp_path / "patients.csv").write_text("clinic_id;patient_id;mobile;consent\nfjord;F1;91000099;yes\n")
        assert (
            clinic.call("import", *map(str, sorted(tmp_path.glob("*s.csv"))), at="2026-06-02T12:00:00+02:00").exit == 0
        )
        set_clinic(clinic, "sender_sms", "WrongWrong")
        rows = [f"nidelv;N{number};P6;dialog;{NOON}" for number in range(30)]
        rows += [f"fjord;F{number};F1;dialog;2026-06-03T12:00:01+02:00" for number in range(3)]
        (tmp_path / "dialogs.csv").write_text("\n".join(["clinic_id;dialog_id;patient_id;kind;sent_at", *rows]))
        clinic.call("import", str(tmp_path / "dialogs.csv"), at=LATER)
        said = clinic.json("run", at=LATER)
        assert (said["sent"], said["retrying"], said["failed"]) == (3, 30, 0)
        asked = [seen.form["From"] for seen in server.seen]
        assert asked.count("WrongWrong") <= 10, "no more than are handed over together"


def claimable(folder: Path, whose: Whose, most: int = 100) -> list[int]:
    with engines.connected(folder) as connection:
        return [one.id for one in deliveries.queued(connection, "email", 2_000_000_000, most, whose)]


@pytest.fixture
def queued(tmp_path: Path) -> Clinics:
    """Three clinics, of which the first has most and is due first; nothing is sent."""
    with in_a_thread(scripted(Script({"GREETING": ["421 4.3.2 closed"]}))) as server:
        section_ = section("x", server.port).replace("[clinic.x.email]", "[email]")  # type: ignore[attr-defined]
        here = Clinics.begun_in(tmp_path, section_, {"a": 5, "b": 3, "c": 3})
        assert here.json("run")["retrying"] == 11
        return here


@pytest.mark.parametrize(
    ("whose", "expected"),
    [
        pytest.param(Whose(), "abc", id="everybody's"),
        pytest.param(Whose(("b",), are_left_out=False), "b", id="one clinic's"),
        pytest.param(Whose(("a", "c"), are_left_out=False), "ac", id="two clinics'"),
        pytest.param(Whose(("a",)), "bc", id="all but one"),
        pytest.param(Whose(("a", "b")), "c", id="all but two"),
        pytest.param(Whose(("z",), are_left_out=False), "", id="of one that has nothing"),
    ],
)
def test_a_queue_holds_what_is_its_own_in_its_order(queued: Clinics, whose: Whose, expected: str) -> None:
    rows = queued.rows("SELECT id, clinic_id FROM delivery ORDER BY next_attempt_at, due_at, notice_id")
    in_order = [id_ for id_, clinic in rows if clinic in expected]
    assert claimable(queued.folder, whose) == in_order
    assert claimable(queued.folder, whose, 2) == in_order[:2]


@pytest.mark.parametrize(
    ("status", "next_attempt_at", "waits"),
    [
        pytest.param("sending", None, True, id="it is being sent"),
        pytest.param("queued", 0, True, id="it waits to be sent"),
        pytest.param("uncertain", 0, True, id="it is asked for and then sent again"),
        pytest.param("uncertain", None, False, id="it is held for staff"),
        pytest.param("queued", 3_000_000_000, False, id="it is tried again later"),
        pytest.param("failed", None, False, id="it has failed"),
    ],
)
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_later_notice_of_a_patients_appointments_waits_for_the_earlier_one_on_whatever_channel(
    queued: Clinics, status: str, next_attempt_at: int | None, waits: bool, channel: str
) -> None:
    with engines.connected(queued.folder) as connection:
        connection.execute("UPDATE notice SET subject = 'appointment', patient_id = 'P1' WHERE id IN (1, 2)")
        connection.execute(
            "UPDATE delivery SET status = ?, next_attempt_at = ?, channel = ? WHERE notice_id = 1",
            (status, next_attempt_at, channel),
        )
    of_a = Whose(("a",), are_left_out=False)
    [[later]] = queued.rows("SELECT id FROM delivery WHERE notice_id = 2")
    assert (later not in claimable(queued.folder, of_a)) is waits


def test_dialogs_of_a_patient_do_not_wait_for_each_other(queued: Clinics) -> None:
    with engines.connected(queued.folder) as connection:
        connection.execute("UPDATE notice SET patient_id = 'P1'")
    assert len(claimable(queued.folder, Whose())) == 11
