"""SPEC section 8: a backup of a database on a server is a file as well, and comes back onto either engine."""

import json
import sqlite3
from contextlib import closing

import pytest

from notifycli.store.engine import open_store
from tests.support.one_clinic import Clinic

DUE, LATER = "2026-06-03T12:06:00+02:00", "2026-06-03T12:30:00+02:00"


@pytest.fixture
def clinic(tmp_path, on_server):
    """Whose file was moved to the server, with a confirmation sent."""
    clinic = Clinic.begun_in(tmp_path)
    clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2")
    assert clinic.call("run", at=DUE).exit == 0
    assert clinic.call("db", "move", str(tmp_path / "notify.db"), on_server, at=DUE).exit == 0
    return clinic


def call(clinic, on_server, *arguments, at=LATER):
    return clinic.call("--db", on_server, *arguments, at=at)


def history(clinic, on_server):
    return json.loads(call(clinic, on_server, "history", "--json").out)


def test_a_backup_is_a_sound_file(clinic, on_server, tmp_path):
    answer = call(clinic, on_server, "backup", str(tmp_path / "backup.db"))
    assert answer.exit == 0, answer
    with closing(sqlite3.connect(tmp_path / "backup.db")) as copy:
        assert copy.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT status FROM delivery").fetchall() == [("sent",)]
    refused = call(clinic, on_server, "backup", str(tmp_path / "backup.db"))
    assert (refused.exit, "is there already" in refused.err) == (3, True)


def test_a_backup_comes_back_onto_the_server(clinic, on_server, tmp_path):
    before = history(clinic, on_server)
    assert call(clinic, on_server, "backup", str(tmp_path / "backup.db")).exit == 0
    clinic.call("--db", on_server, "module", "disable", "nidelv", "timebook", at=LATER)
    answer = call(clinic, on_server, "restore", str(tmp_path / "backup.db"), "--yes")
    assert answer.exit == 0, answer
    assert history(clinic, on_server) == before
    modules = json.loads(call(clinic, on_server, "module", "list", "--json").out)
    assert [module["on"] for module in modules if module["module"] == "timebook"] == [True]
    [kept] = tmp_path.glob("*replaced*")
    with closing(sqlite3.connect(kept)) as replaced:
        assert replaced.execute("SELECT count(*) FROM action WHERE did = 'module disable'").fetchone() == (1,)


def test_what_was_being_sent_is_uncertain_then(clinic, on_server, tmp_path):
    with closing(open_store(on_server)) as server:
        server.execute("UPDATE delivery SET status = 'sending'")
    assert call(clinic, on_server, "backup", str(tmp_path / "backup.db")).exit == 0
    assert call(clinic, on_server, "restore", str(tmp_path / "backup.db"), "--yes").exit == 0
    assert [row["status"] for row in history(clinic, on_server)] == ["uncertain"]


def test_a_backup_of_a_server_comes_back_as_a_file(clinic, on_server, tmp_path):
    before = history(clinic, on_server)
    assert call(clinic, on_server, "backup", str(tmp_path / "backup.db")).exit == 0
    new = tmp_path / "new.db"
    assert clinic.call("--db", str(new), "restore", str(tmp_path / "backup.db"), "--yes", at=LATER).exit == 0
    assert json.loads(clinic.call("--db", str(new), "history", "--json", at=LATER).out) == before


def test_a_damaged_file_changes_nothing_on_the_server(clinic, on_server, tmp_path):
    before = history(clinic, on_server)
    (tmp_path / "backup.db").write_bytes(b"no database at all" * 100)
    assert call(clinic, on_server, "restore", str(tmp_path / "backup.db"), "--yes").exit == 3
    assert history(clinic, on_server) == before
    assert not list(tmp_path.glob("*replaced*"))
