"""A service in trouble: its queue waits, the others go on, and cron hears of it once (SPEC section 7)."""

from collections import Counter
from pathlib import Path

import pytest

from tests.delivery.test_hanging_server import import_dialogs
from tests.support import engines
from tests.support.one_clinic import NOON, Clinic, mail_server
from tests.support.smtp_server import Script

pytestmark = pytest.mark.slow

LATER = [f"2026-06-03T12:{minute:02}:00+02:00" for minute in range(1, 9)]
QUEUE = 250
CONNECTIONS = 8
AT_ONCE = 100  # claimed together


def by_status(clinic: Clinic, channel: str) -> Counter[tuple[str, int]]:
    with engines.connected(clinic.folder) as connection:
        rows = connection.execute("SELECT status, attempts FROM delivery WHERE channel = ?", (channel,))
        return Counter(rows.fetchall())


def of_mail_server(section: str, folder: Path) -> Clinic:
    clinic = Clinic.begun_in(folder, section)
    import_dialogs(clinic, *(["P2"] * QUEUE))
    import_dialogs(clinic, "P6", "P6", "P6", numbered_from=QUEUE)
    return clinic


def test_the_queue_of_a_dead_server_waits_by_the_schedule_and_the_others_go_on(tmp_path):
    script = Script({"GREETING": ["421 4.3.2 closed"]})
    with mail_server(script) as (server, section):
        clinic = of_mail_server(section, tmp_path)
        said = clinic.json("run", at=NOON)
        assert (said["due"], said["sent"], said["retrying"]) == (QUEUE + 3, 3, QUEUE)
        assert server.openings == 1, "it is asked once a run"
        assert by_status(clinic, "sms") == {("sent", 1): 3}
        assert by_status(clinic, "email") == {("queued", 1): QUEUE}
        clinic.call("run", at=LATER[0])
        assert server.openings == 2
        assert by_status(clinic, "email") == {("queued", 2): QUEUE}


def test_cron_hears_of_it_once_when_it_begins_and_once_when_it_ends(tmp_path):
    script = Script({"GREETING": ["421 4.3.2 closed"]})
    with mail_server(script) as (server, section):
        clinic = of_mail_server(section, tmp_path)
        begins = clinic.call("run", at=NOON).err
        assert begins.count("\n") == 1
        assert "email: " in begins
        assert server.openings == 1
        assert [clinic.call("run", at=at).err for at in LATER[:2]] == ["", ""]
        script.answers.clear()
        ends = "".join(clinic.call("run", at=at).err for at in LATER[2:])
    assert ends.count("\n") == 1
    assert "email: " in ends
    assert by_status(clinic, "email").keys() <= {("sent", 1), ("sent", 2), ("sent", 3), ("sent", 4)}
    assert len(server.messages) == QUEUE


@pytest.mark.parametrize("words", ["421 4.7.0 too many messages", "421 4.3.2 going down"])
def test_a_server_that_says_421_is_asked_no_more_in_this_run(tmp_path, words):
    script = Script({"MAIL": ["250 ok"] * 5 + [words]})
    with mail_server(script) as (server, section):
        clinic = of_mail_server(section, tmp_path)
        clinic.call("run", at=NOON)
        assert server.uses["MAIL"] <= AT_ONCE + CONNECTIONS, "what was claimed with it, and idle connections once more"
        assert by_status(clinic, "email") == {("sent", 1): 5, ("queued", 1): QUEUE - 5}
    assert by_status(clinic, "sms") == {("sent", 1): 3}


def test_a_dead_server_of_one_clinic_closes_no_others_way(tmp_path):
    with mail_server(Script()) as (server, section):
        dead = '[clinic.nidelv.email]\nhost = "127.0.0.1"\nport = 1\n'
        clinic = Clinic.begun_in(tmp_path, section + dead)
        (tmp_path / "clinics.csv").write_text(
            "clinic_id;name;portal_url;timezone;post\nfjord;Fjord;https://fjord.example;Europe/Oslo;yes\n"
        )
        (tmp_path / "patients.csv").write_text("clinic_id;patient_id;email;consent\nfjord;F1;ola@fjord.example;yes\n")
        (tmp_path / "more.csv").write_text(
            "clinic_id;dialog_id;patient_id;kind\n" + "".join(f"fjord;F{number};F1;dialog\n" for number in range(40))
        )
        names = ("clinics.csv", "patients.csv")
        clinic.call("import", *(str(tmp_path / name) for name in names), at="2026-06-02T12:00:00+02:00")
        import_dialogs(clinic, *(["P2"] * QUEUE), at="2026-06-03T11:50:00+02:00")
        clinic.call("import", str(tmp_path / "more.csv"), at=NOON)
        clinic.call("run", at=NOON)
        assert len(server.messages) == 40
    assert by_status(clinic, "email") == {("queued", 1): QUEUE, ("sent", 1): 40}
