"""SPEC section 8, `backup` and `restore`: a sound copy while all goes on, and back with nothing lost on the way."""

import json
import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from notifycli.store.lock import run_lock
from notifycli.store.sqlite import copying
from tests.support.one_clinic import Clinic

NOON, DUE, LATER = (f"2026-06-03T12:{minutes}:00+02:00" for minutes in ("00", "06", "30"))


def begun(folder: Path) -> Clinic:
    clinic = Clinic.begun_in(folder)
    clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;;Rom 2", at=NOON)
    clinic.json("run", at=DUE)
    return clinic


def rows(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def beside(clinic: Clinic) -> list[str]:
    return sorted(path.name for path in clinic.folder.iterdir() if "replaced" in path.name or path.name[0] == ".")


def backed_up(clinic: Clinic, name: str = "backup.db", at: str = DUE) -> Path:
    path = clinic.folder / name
    assert clinic.call("backup", str(path), at=at).exit == 0
    return path


def restored(clinic: Clinic, path: Path, at: str = LATER) -> Any:
    return clinic.call("restore", str(path), "--yes", at=at)


def test_a_backup_is_a_sound_copy_for_its_owner_alone(tmp_path: Path) -> None:
    clinic = begun(tmp_path)
    path = backed_up(clinic)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert rows(path, "PRAGMA quick_check") == [("ok",)]
    assert rows(path, "SELECT status FROM delivery") == [("sent",)]
    assert beside(clinic) == []
    [action] = clinic.json("audit", at=LATER)[:1]
    assert (action["did"], action["detail"]) == ("backup", f"to {path}")


def test_a_backup_that_was_looked_into_and_worked_in_can_be_restored(tmp_path: Path) -> None:
    """SQLite itself, and a rehearsal in the copy; what guards its bytes neither disturbs them nor outlives a change."""
    clinic = begun(tmp_path)
    path = backed_up(clinic)
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert clinic.call("--db", str(path), "history", at=DUE).exit == 0
    assert restored(clinic, path).exit == 0
    assert clinic.call("--db", str(path), "module", "disable", "nidelv", "post", at=DUE).exit == 0
    clinic.book(*(f"B{number};P2;KONS;2026-07-18T10:00;booked;;" for number in range(200)), at=DUE)
    assert clinic.call("--db", str(path), "import", str(tmp_path / "appointments.csv"), at=DUE).exit == 0
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert restored(clinic, path).exit == 0
    assert rows(tmp_path / "notify.db", "PRAGMA integrity_check") == [("ok",)]
    assert rows(tmp_path / "notify.db", "SELECT count(*) FROM appointment") == [(201,)]


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    clinic = begun(tmp_path)
    (tmp_path / "backup.db").write_text("what was here before")
    answer = clinic.call("backup", str(tmp_path / "backup.db"), at=DUE)
    assert answer.exit == 3
    assert "is there already" in answer.err
    assert (tmp_path / "backup.db").read_text() == "what was here before"


@pytest.mark.parametrize("place", ["nowhere/backup.db", "notify.toml/backup.db"])
def test_a_place_that_cannot_be_is_told(tmp_path: Path, place: str) -> None:
    answer = begun(tmp_path).call("backup", str(tmp_path / place), at=DUE)
    assert (answer.exit, len(answer.err.splitlines())) == (3, 1)


def test_a_backup_holds_up_no_import_and_is_of_one_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others write between any two of its steps; none of it is in the copy, and it does not begin anew."""
    monkeypatch.setattr(copying, "PAGES_AT_ONCE", 1)
    clinic = begun(tmp_path)
    steps: list[int] = []

    def write(copied: int, of: int) -> None:
        steps.append(copied)
        with closing(sqlite3.connect(tmp_path / "notify.db", timeout=5)) as other:
            other.execute("INSERT INTO state VALUES (?, '1')", (f"written_{len(steps)}",))
            other.commit()

    with closing(
        sqlite3.connect(tmp_path / "notify.db", isolation_level=None, factory=copying.SqliteConnection)
    ) as source:
        copying.copy_to_new_file(source, tmp_path / "backup.db", write)
    assert steps == sorted(steps)
    assert len(steps) > 5
    assert rows(tmp_path / "backup.db", "SELECT count(*) FROM state WHERE name LIKE 'written_%'") == [(0,)]
    assert clinic.call("status", at=LATER).exit in (0, 1)


def test_restored_it_is_as_it_was_and_what_it_replaced_is_kept(tmp_path: Path) -> None:
    clinic = begun(tmp_path)
    path = backed_up(clinic)
    clinic.book("A2;P2;KONS;2026-06-19T10:00;booked;;Rom 2", at="2026-06-03T12:10:00+02:00")
    clinic.json("run", at="2026-06-03T12:16:00+02:00")
    answer = restored(clinic, path)
    assert answer.exit == 0
    [kept] = beside(clinic)
    assert str(tmp_path / kept) in " ".join(answer.err.split())
    assert [row["subject_id"] for row in clinic.json("history", at=LATER)] == ["A1"]
    assert len(clinic.json("--db", str(tmp_path / kept), "history", at=LATER)) == 2
    assert stat.S_IMODE((tmp_path / kept).stat().st_mode) == 0o600
    did = [action["did"] for action in clinic.json("audit", at=LATER)]
    assert did[0] == "restore"
    assert kept in clinic.json("audit", at=LATER)[0]["detail"]
    assert rows(tmp_path / "notify.db", "PRAGMA journal_mode") == [("wal",)]


def test_whoever_has_it_open_sees_what_was_restored(tmp_path: Path) -> None:
    """A listener for receipts lives for months: it must not go on writing to what was replaced."""
    clinic = begun(tmp_path)
    path = backed_up(clinic)
    with closing(sqlite3.connect(tmp_path / "notify.db", timeout=5)) as listener:
        clinic.book("A2;P2;KONS;2026-06-19T10:00;booked;;Rom 2", at=DUE)
        assert listener.execute("SELECT count(*) FROM appointment").fetchone() == (2,)
        assert restored(clinic, path).exit == 0
        assert listener.execute("SELECT count(*) FROM appointment").fetchone() == (1,)
        listener.execute("INSERT INTO state VALUES ('heard', '1')")
        listener.commit()
    assert rows(tmp_path / "notify.db", "SELECT value FROM state WHERE name = 'heard'") == [("1",)]


def test_what_was_being_sent_is_uncertain_and_waits_for_staff(tmp_path: Path) -> None:
    """E-mail, too, which on_uncertain = "resend" would send again: it went out long since, as far as anyone knows."""
    clinic = begun(tmp_path)
    with closing(sqlite3.connect(tmp_path / "notify.db")) as connection:
        connection.execute("UPDATE delivery SET status = 'sending', sent_at = NULL")
        connection.commit()
    path = backed_up(clinic)
    answer = restored(clinic, path)
    assert "1 delivery was being sent then" in " ".join(answer.err.split())
    clinic.call("run", at=LATER)
    [row] = clinic.json("history", at=LATER)
    assert row["status"] == "uncertain"
    assert "when the backup was made" in " ".join(clinic.call("why", "appointment", "A1", at=LATER).out.split())
    assert clinic.call("resolve", str(row["delivery"]), "--sent", at=LATER).exit == 0


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE other (a)")
        connection.commit()


def damaged(path: Path) -> None:
    octets = bytearray(path.read_bytes())
    for at in range(3 * 16_384, len(octets) - 16_384, 16_384):
        octets[at : at + 4_000] = os.urandom(4_000)
    path.write_bytes(octets)


def changed(path: Path, share: float, octets: bytes) -> None:
    """In its middle, its head or its tail, where SQLite's own checks see nothing: free room, or the text of a row."""
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * share))
        file.write(octets)


def one_letter_changed(path: Path) -> None:
    content = path.read_bytes()
    assert b"ola@post.example" in content
    path.write_bytes(content.replace(b"ola@post.example", b"ole@post.example"))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: changed(path, 0.5, os.urandom(512)), id="a sector of noise in the middle"),
        pytest.param(lambda path: changed(path, 0.33, os.urandom(4_096)), id="a page of noise"),
        pytest.param(lambda path: changed(path, 0.99, b"\xff"), id="one byte near the end"),
        pytest.param(one_letter_changed, id="one letter of an address"),
        pytest.param(lambda path: path.write_text("no database at all" * 100), id="a text"),
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:50_000]), id="cut off"),
        pytest.param(damaged, id="damaged pages"),
        pytest.param(lambda path: (path.unlink(), foreign(path)), id="of another program"),
        pytest.param(lambda path: path.unlink(), id="not there"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), id="a folder"),
    ],
)
def test_a_file_that_cannot_be_restored_changes_nothing(tmp_path: Path, spoil: Any) -> None:
    clinic = begun(tmp_path)
    path = backed_up(clinic)
    spoil(path)
    before = rows(tmp_path / "notify.db", "SELECT * FROM state") + rows(tmp_path / "notify.db", "SELECT * FROM action")
    answer = restored(clinic, path)
    assert answer.exit == 3
    assert str(path) in answer.err
    assert len(answer.err.splitlines()) <= 2
    after = rows(tmp_path / "notify.db", "SELECT * FROM state") + rows(tmp_path / "notify.db", "SELECT * FROM action")
    assert after == before
    assert beside(clinic) == []


def test_the_database_itself_is_no_backup_of_it(tmp_path: Path) -> None:
    clinic = begun(tmp_path)
    answer = restored(clinic, tmp_path / "notify.db")
    assert answer.exit == 3
    assert beside(clinic) == []


@pytest.mark.parametrize("state", ["gone", "empty", "damaged", "a text"])
def test_a_database_that_is_lost_comes_back(tmp_path: Path, state: str) -> None:
    clinic = begun(tmp_path)
    path = backed_up(clinic)
    database = tmp_path / "notify.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spoiled = {"empty": lambda: database.write_bytes(b""), "a text": lambda: database.write_text("ruined " * 9_000)}
    spoiled |= {"gone": database.unlink, "damaged": lambda: damaged(database)}
    spoiled[state]()
    assert restored(clinic, path).exit == 0
    assert [row["subject_id"] for row in clinic.json("history", at=LATER)] == ["A1"]
    assert len(beside(clinic)) == (state in ("damaged", "a text"))


def test_without_a_terminal_it_wants_to_be_told(tmp_path: Path) -> None:
    clinic = begun(tmp_path)
    path = backed_up(clinic)
    answer = clinic.call("restore", str(path), at=LATER)
    assert answer.exit == 2
    assert "--yes" in answer.err
    assert beside(clinic) == []


@pytest.mark.slow
def test_a_run_under_way_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifycli.store.backups.LONGEST_WAIT", 0.2)
    clinic = begun(tmp_path)
    path = backed_up(clinic)
    with run_lock(tmp_path / "notify.db") as is_ours:
        assert is_ours
        answer = restored(clinic, path)
    assert answer.exit == 3
    assert "a run is under way" in answer.err
    assert beside(clinic) == []
    assert restored(clinic, path).exit == 0


@pytest.mark.slow
def test_an_import_under_way_is_waited_for(tmp_path: Path) -> None:
    clinic = begun(tmp_path)
    path = backed_up(clinic)
    with closing(sqlite3.connect(tmp_path / "notify.db", isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO state VALUES ('imported', '1')")
        timer = threading.Timer(1.0, lambda: other.execute("COMMIT"))
        timer.start()
        answer = restored(clinic, path)
        timer.join()
    assert answer.exit == 0
    assert [row["subject_id"] for row in clinic.json("history", at=LATER)] == ["A1"]
    [kept] = beside(clinic)
    assert rows(tmp_path / kept, "SELECT value FROM state WHERE name = 'imported'") == [("1",)]
    assert rows(tmp_path / "notify.db", "SELECT value FROM state WHERE name = 'imported'") == []


def test_a_database_of_another_program_is_not_written_over(tmp_path: Path) -> None:
    clinic = begun(tmp_path)
    path = backed_up(clinic)
    foreign(tmp_path / "other.db")
    answer = clinic.call("--db", str(tmp_path / "other.db"), "restore", str(path), "--yes", at=LATER)
    assert answer.exit == 3
    assert "another program" in answer.err
    assert rows(tmp_path / "other.db", "SELECT count(*) FROM other") == [(0,)]
    assert sorted(entry.name for entry in tmp_path.glob(".*")) == []


def test_a_backup_of_an_earlier_version_is_brought_forward(tmp_path: Path) -> None:
    kept = Path(__file__).parent / "kept" / "schema-1.sql"
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript(kept.read_text(encoding="utf-8"))
    clinic = begun(tmp_path)
    assert restored(clinic, old, at="2026-06-05T12:00:00+02:00").exit == 0
    assert len(clinic.json("history", "--limit", "0", at="2026-06-05T12:00:00+02:00")) > 5
    assert json.loads(clinic.call("status", "--json", at="2026-06-05T12:00:00+02:00").out)
    assert rows(old, "PRAGMA user_version") == [(1,)], "the backup itself is left as it is"
