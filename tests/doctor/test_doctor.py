"""SPEC section 8, `notify doctor`: settings, database and servers one by one; what is broken hides nothing else."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from notifycli.cli.main import main
from notifycli.store.sqlite.opening import PAGE
from tests.support import engines
from tests.support.config_files import as_nobody
from tests.support.one_clinic import Clinic, mail_server
from tests.support.processes import notify_on_disks
from tests.support.smtp_server import Script

Checks = dict[str, tuple[str, str]]
Visit = Callable[..., Checks]
OURS = ("--db", "notify.db", "--config", "notify.toml")
CLINICS = "clinic_id;name;portal_url;sender_email;sender_sms;timebook;post\n"


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    found = Clinic.begun_in(tmp_path, "[limits]\nmax_hours_without_import = 0\n")
    found.call("run")
    return found


@pytest.fixture
def visit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Visit:
    """The checks of the folder by name, the worst where several have one; at the real time, unless told otherwise."""

    def visited(*options: str) -> Checks:
        ours = ["--db", str(engines.address_in(tmp_path)), "--config", str(tmp_path / "notify.toml")]
        capsys.readouterr()
        code = main([*ours, *options, "doctor", "--json"])
        out, err = capsys.readouterr()
        assert err == ""
        value = json.loads(out)
        assert set(value) == {"checks"}
        assert code == any(one["state"] != "ok" for one in value["checks"])
        rank = sorted(value["checks"], key=lambda one: ("ok", "look", "broken").index(one["state"]))
        return {one["name"]: (one["state"], one["text"]) for one in rank}

    return visited


def test_all_is_in_order(clinic: Clinic, visit: Visit) -> None:
    checks = visit()
    assert {state for state, _ in checks.values()} == {"ok"}
    of_the_engine = {"soundness", "disk space", "lock"} if engines.server is None else {"PostgreSQL", "commits"}
    assert {"settings", "database", "clinic nidelv", "email", "sms", "push"} | of_the_engine <= set(checks)


def test_people_read_lines_and_a_sum(clinic: Clinic, tmp_path: Path) -> None:
    (tmp_path / "notify.toml").write_text("x = [", encoding="utf-8")
    answer = clinic.call("doctor")
    assert answer.exit == 1
    assert "broken  settings" in answer.out
    assert answer.out.splitlines()[-1] == "1 broken, 2 to look at"
    assert answer.err == ""


def test_broken_settings_hide_no_database(clinic: Clinic, visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "notify.toml").write_text('[email]\nhots = "mail.example"\n', encoding="utf-8")
    checks = visit()
    assert checks["settings"][0] == "broken"
    assert "did you mean 'host'" in checks["settings"][1]
    assert (checks["database"][0], checks["clinic nidelv"][0], checks["channels"][0]) == ("ok", "ok", "look")


@pytest.mark.sqlite("a file that is not there")
def test_no_database_is_made_by_looking(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "notify.toml").touch()
    state, text = visit()["database file"]
    assert (state, "notify init" in text) == ("look", True)
    assert [path.name for path in tmp_path.iterdir()] == ["notify.toml"]


@pytest.mark.sqlite("what is no database")
@pytest.mark.parametrize(
    ("content", "word"),
    [
        pytest.param(b"no database at all, though longer than a header " * 10, "not a database", id="a text"),
        pytest.param(None, "another program", id="a database of another program"),
    ],
)
def test_a_broken_database_hides_no_channel(visit: Visit, tmp_path: Path, content: bytes | None, word: str) -> None:
    path = tmp_path / "notify.db"
    (tmp_path / "notify.toml").touch()
    if content is not None:
        path.write_bytes(content)
    else:
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE other (x)")
        other.close()
    path.chmod(0o600)
    checks = visit()
    assert checks["database"][0] == "broken"
    assert word in checks["database"][1]
    assert checks["email"][0] == "ok"


@pytest.mark.sqlite("its folder")
def test_a_folder_that_is_closed_to_us_is_told_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    with TemporaryDirectory() as name:  # pytest's own folders are closed to others as a whole
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "closed").mkdir(mode=0o700)
        (folder / "notify.toml").write_text('database = "closed/notify.db"\n', encoding="utf-8")
        ours = ["--config", str(folder / "notify.toml"), "doctor", "--json"]
        main(ours)  # what is imported late is imported as ourselves
        capsys.readouterr()
        with as_nobody():
            assert main(ours) == 1
    checks = {one["name"]: one["state"] for one in json.loads(capsys.readouterr().out)["checks"]}
    assert (checks["settings"], checks["database file"], checks["email"]) == ("ok", "broken", "broken")


@pytest.mark.sqlite("damage in it")
def test_a_damaged_page_is_found(clinic: Clinic, visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "notify.db"
    root_page = page_of(path, "patient")
    damaged = bytearray(path.read_bytes())
    damaged[(root_page - 1) * PAGE : root_page * PAGE] = b"\xff" * PAGE
    path.write_bytes(damaged)
    checks = visit()
    assert checks["database"][0] == "broken"
    assert "is damaged" in checks["database"][1]
    assert (checks["clinic nidelv"][0], checks["email"][0]) == ("ok", "ok")


def page_of(path: Path, table: str) -> int:
    """Where a table begins; all is written into the file itself first."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert connection.execute("PRAGMA page_size").fetchone() == (PAGE,)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    connection.close()
    return int(page)


@pytest.mark.parametrize(
    ("name", "mode", "check"),
    [
        pytest.param(*("notify.db", 0o644, "database file"), id="the database", marks=pytest.mark.sqlite("its modes")),
        pytest.param("notify.toml", 0o664, "settings", id="notify.toml, to write"),
        pytest.param("outbox", 0o755, "outbox", id="the outbox"),
    ],
)
def test_what_others_may_read_wants_a_look(
    clinic: Clinic, visit: Visit, tmp_path: Path, name: str, mode: int, check: str
) -> None:
    (tmp_path / "outbox").mkdir(mode=0o700)
    assert visit().get(check, ("ok", ""))[0] == "ok"
    (tmp_path / name).chmod(mode)
    state, text = visit()[check]
    assert (state, "chmod" in text) == ("look", True)


@pytest.mark.sqlite("its log")
def test_what_is_written_before_the_database_is_looked_at_too(clinic: Clinic, visit: Visit, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "notify.db")
    other.execute("SELECT count(*) FROM patient").fetchone()  # and it stays open, so the log stays
    (tmp_path / "notify.db-wal").chmod(0o640)
    state, text = visit()["database file"]
    other.close()
    assert (state, text.endswith(f"type: chmod 600 {tmp_path / 'notify.db-wal'}")) == ("look", True)


@pytest.mark.slow
def test_an_outbox_on_a_disk_of_its_own_that_is_full(clinic: Clinic, tmp_path: Path) -> None:
    before = "mkdir outbox && mount -t tmpfs -o size=1m,mode=700 none outbox"
    checks = json.loads(notify_on_disks(before, tmp_path, *OURS, "doctor", "--json").out)["checks"]
    full = [one for one in checks if one["name"] == "disk space" and one["text"].endswith("/outbox; make room")]
    assert [(one["state"], one["text"].startswith("1.0 MB are free at")) for one in full] == [("broken", True)]


@pytest.mark.parametrize(
    ("at", "state", "words"),
    [
        pytest.param("2026-06-04T23:59:00+02:00", "ok", "the last one came 36 hours ago", id="a day and a half"),
        pytest.param("2026-06-05T00:01:00+02:00", "look", "no appointments came for more than 36 hours, of all clinics",
                     id="two minutes more"),
    ],
)  # fmt: skip
def test_how_old_the_last_import_is(tmp_path: Path, at: str, state: str, words: str) -> None:
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P1;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;")
    [found] = [one for one in clinic.json("doctor", at=at)["checks"] if one["name"] == "imports"]
    assert (found["state"], words in found["text"]) == (state, True), found["text"]


def test_no_import_ever(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "notify.toml").touch()
    Clinic(tmp_path).call("run")
    assert visit()["imports"] == ("look", "nothing was imported yet; type: notify import FILE...")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        pytest.param('[sms]\nfrom = "Nidelv legesenter"\n', "[sms] from has more than 11 letters", id="everybody's"),
        pytest.param(
            '[clinic.nidelv.sms]\nfrom = "90000000"\n', "[clinic.nidelv.sms] from is neither", id="a clinic's"
        ),
    ],
)
def test_a_sender_of_sms_that_networks_would_not_take(
    clinic: Clinic, visit: Visit, tmp_path: Path, config: str, words: str
) -> None:
    (tmp_path / "notify.toml").write_text(config, encoding="utf-8")
    state, text = visit()["settings"]
    assert (state, words in text) == ("look", True), text


def test_a_secret_that_all_may_read(clinic: Clinic, visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("open sesame", encoding="utf-8")
    (tmp_path / "secret").chmod(0o644)
    (tmp_path / "notify.toml").write_text('[sms]\npassword_file = "secret"\n', encoding="utf-8")
    state, text = visit()["settings"]
    assert (state, "chmod" in text, "open sesame" in text) == ("look", True, False)


def test_an_outbox_that_takes_no_file(clinic: Clinic, visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file in its place", encoding="utf-8")
    assert visit()["sms"][0] == "broken"


def test_looking_leaves_nothing_in_the_outbox(clinic: Clinic, visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "outbox").mkdir(mode=0o700)
    visit()
    assert list((tmp_path / "outbox").iterdir()) == []


def test_another_clock(clinic: Clinic, visit: Visit) -> None:
    assert visit("--now", "2026-06-03T12:00")["clock"][0] == "look"


def test_a_last_run_that_is_still_to_come(clinic: Clinic, visit: Visit) -> None:
    clinic.call("run", at="2999-01-01T00:00:00Z")
    assert visit()["runs"][0] == "look"


def test_no_run_ever(visit: Visit, tmp_path: Path) -> None:
    Clinic.begun_in(tmp_path)
    state, text = visit()["runs"]
    assert (state, "crontab" in text) == ("look", True)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        pytest.param("bekk;Bekk;;;;yes;no", "no portal_url", id="no portal"),
        pytest.param("bekk;Bekk;https://bekk.example;;;no;no", "notify module enable bekk", id="no module"),
        pytest.param("bekk;Bekk;https://bekk.example;;;yes;no", "notify type list bekk", id="no type"),
        pytest.param("bekk;Bekk;https://bekk.example;;Bekk legekontor;no;yes", "11 letters", id="a long sender"),
    ],
)
def test_a_clinic_that_is_not_in_order(clinic: Clinic, visit: Visit, tmp_path: Path, row: str, word: str) -> None:
    (tmp_path / "more.csv").write_text(f"{CLINICS}{row}\n", encoding="utf-8")
    clinic.call("import", str(tmp_path / "more.csv"))
    state, text = visit()["clinic bekk"]
    assert (state, word in text) == ("look", True), text


def test_clinics_in_order_share_a_line_where_they_are_many(clinic: Clinic, visit: Visit, tmp_path: Path) -> None:
    rows = [f"c{number};Bekk;https://bekk.example;;;no;yes" for number in range(20)]
    (tmp_path / "more.csv").write_text("\n".join([CLINICS.strip(), *rows, "c20;Bekk;;;;no;yes", ""]), encoding="utf-8")
    clinic.call("import", str(tmp_path / "more.csv"))
    checks = visit()
    assert checks["clinics"] == ("ok", "21 of 22 are in order")
    assert [name for name in checks if name.startswith("clinic ")] == ["clinic c20"]


def test_no_clinic_yet(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "notify.toml").touch()
    Clinic(tmp_path).call("run")
    assert visit()["clinics"][0] == "look"


def test_a_section_of_a_clinic_that_nobody_imported(clinic: Clinic, visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "notify.toml").write_text('[clinic.nidlev.sms]\nfrom = "Nidelv"\n', encoding="utf-8")
    state, text = visit()["settings"]
    assert (state, "did you mean [clinic.nidelv]?" in text) == ("look", True)


def test_a_wording_that_cannot_be_used(clinic: Clinic, visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "nb.reminder.sms.txt").write_text("Hei {{ patient }}", encoding="utf-8")
    (tmp_path / "notify.toml").write_text('[clinic.nidelv]\nwording = "words"\n', encoding="utf-8")
    assert visit()["wording of nidelv"][0] == "broken"


def test_a_mail_server_is_asked_up_to_the_sender_and_sent_nothing(visit: Visit, tmp_path: Path) -> None:
    with mail_server(Script()) as (server, config):
        Clinic.begun_in(tmp_path, config + 'from = "post@fjord.example"\n')
        assert visit()["email"][0] == "ok"
    assert [line for line in server.commands if line.startswith(("MAIL", "RCPT", "DATA"))] == [
        "MAIL FROM:<post@fjord.example>",
        "MAIL FROM:<post@nidelv.example>",
    ]
    assert server.commands[-1] == "QUIT"
    assert server.messages == []


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        pytest.param({"GREETING": ["554 5.7.1 go away"]}, "554 5.7.1 go away", id="at the greeting"),
        pytest.param({"MAIL": ["550 5.7.1 not yours"]}, "550 5.7.1 not yours", id="at the sender"),
        pytest.param({"MAIL": ["250 ok", "421 4.3.2 bye"]}, "421 4.3.2 bye", id="at the second sender"),
    ],
)
def test_a_mail_server_that_refuses_us(visit: Visit, tmp_path: Path, answers: dict, word: str) -> None:
    with mail_server(Script(answers)) as (_, config):
        Clinic.begun_in(tmp_path, config + 'from = "post@fjord.example"\n')
        state, text = visit()["email"]
    assert (state, word in text) == ("broken", True), text


def test_a_mail_server_that_is_not_there(visit: Visit, tmp_path: Path) -> None:
    with mail_server(Script()) as (_, config):
        Clinic.begun_in(tmp_path, config)
    state, text = visit()["email"]
    assert (state, "refuses connections" in text) == ("broken", True)


def test_a_login_that_is_not_offered_names_no_password(visit: Visit, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "open sesame")
    with mail_server(Script()) as (_, config):
        Clinic.begun_in(tmp_path, config + 'username = "nidelv"\npassword_env = "SMTP_PASSWORD"\n')
        state, text = visit()["email"]
    assert state == "broken"
    assert "open sesame" not in text


def test_a_password_that_is_nowhere(visit: Visit, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("SMTP_PASSWORD", raising=False)
    Clinic.begun_in(tmp_path, '[email]\ntransport = "smtp"\nusername = "nidelv"\npassword_env = "SMTP_PASSWORD"\n')
    state, text = visit()["email"]
    assert (state, "password_env" in text) == ("broken", True)


def test_each_distinct_setting_is_tried_once(visit: Visit, tmp_path: Path) -> None:
    with mail_server(Script()) as (server, config):
        of_clinics = '[clinic.nidelv.sms]\nfrom = "Nidelv"\n[clinic.fjord.email]\nhost = "localhost"\n'
        Clinic.begun_in(tmp_path, config + of_clinics)
        checks = visit()
    assert (checks["email"][0], checks["email of fjord"][0]) == ("ok", "ok")
    assert server.openings == 2
