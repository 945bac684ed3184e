"""Everything moves from one engine to the other and back, checked, and what broke off goes on (SPEC section 8)."""

import json
import sqlite3
from contextlib import closing

import pytest

from notifycli.store import journal
from notifycli.store.engine import open_store, writing
from notifycli.store.moved import CannotMove, refuse_moved, retire
from notifycli.store.moving import move
from tests.store.conftest import connections_to
from tests.support.one_clinic import Clinic
from tests.support.stored import a_delivery, log_of, value

BOOKED = "A1;P2;KONS;2026-06-12T09:00:00+02:00;booked;2026-06-03T11:00:00+02:00;Room 2"
CHANGED = "A1;P2;KONS;2026-06-13T09:00:00+02:00;booked;2026-06-03T11:00:00+02:00;Rom Å \\ 3"


@pytest.fixture
def clinic(tmp_path):
    """With some of everything in its file."""
    folder = tmp_path / "here"
    folder.mkdir()
    clinic = Clinic.begun_in(folder)
    clinic.book(BOOKED)
    clinic.call("run", at="2026-06-03T12:10:00+02:00")
    clinic.book(CHANGED, at="2026-06-03T13:00:00+02:00")
    clinic.call("run", at="2026-06-03T13:10:00+02:00")
    clinic.call("patient", "find", "Kari", at="2026-06-03T13:20:00+02:00")
    return clinic


@pytest.fixture
def file(clinic):
    return clinic.folder / "notify.db"


def rows_of(connection):
    """Of every table all rows, but for the progress of moves."""
    return {
        table.name: sorted(
            (row for row in connection.execute(f"SELECT {', '.join(table.columns)} FROM {table.name}")
             if table.name != "state" or row[0] not in ("move", "moved_to")),
            key=repr,
        )
        for table in connection.tables()
    }  # fmt: skip


def moved(old, new) -> dict[str, int]:
    with closing(open_store(old)) as source, closing(open_store(new)) as target:
        return {name: of_table.rows for name, of_table in move(source, target).items()}


def test_there_and_back_again_it_is_the_same(file, on_server, tmp_path):
    back = tmp_path / "back.db"
    counts = moved(file, on_server)
    assert counts["delivery"] > 1
    assert counts == moved(on_server, back)
    with connections_to(file) as old, connections_to(on_server) as server, connections_to(back) as new:
        assert rows_of(old()) == rows_of(server()) == rows_of(new())
        assert journal.database_id(old()) == journal.database_id(new())


def test_after_a_move_the_program_goes_on_where_it_was(clinic, file, on_server):
    before = clinic.json("history", at="2026-06-03T13:20:00+02:00")
    moved(file, on_server)
    there = [*("--db", on_server), *("history", "--json")]
    assert clinic.call(*there, at="2026-06-03T13:20:00+02:00").out
    after = json.loads(clinic.call(*there, at="2026-06-03T13:20:00+02:00").out)
    assert after == before
    answer = clinic.call("--db", on_server, "run", "--json", at="2026-06-11T12:00:00+02:00")
    assert (answer.exit, json.loads(answer.out)["sent"]) == (0, 1), answer


def test_numbers_go_on_behind_those_that_came(file, on_server):
    moved(file, on_server)
    with closing(open_store(on_server)) as server:
        last = value(server, "SELECT max(id) FROM delivery")
        assert a_delivery(server, 1_000) == last + 1
        assert len(log_of(server, last + 1)) == 1, "the triggers stand again"


def test_a_move_that_broke_off_goes_on(file, on_server, monkeypatch):
    class Breaks(Exception):
        pass

    rows = []

    def note(number):
        rows.append(number)
        if len(rows) == 4:
            raise Breaks

    with closing(open_store(file)) as source, closing(open_store(on_server)) as target:
        with pytest.raises(Breaks):
            move(source, target, note)
        with pytest.raises(CannotMove, match="half moved"):
            refuse_moved(target)
    counts = moved(file, on_server)
    with connections_to(file) as old, connections_to(on_server) as server:
        assert rows_of(old()) == rows_of(server())
        assert counts == {name: len(rows) for name, rows in rows_of(old()).items()}
        refuse_moved(server())


def test_what_was_written_meanwhile_is_noticed(file, on_server):
    with closing(open_store(file)) as source, closing(open_store(on_server)) as target:

        def meddle(rows):
            target.execute("UPDATE clinic SET name = 'Another'")

        with pytest.raises(CannotMove, match="clinic"):
            move(source, target, meddle)


def test_another_half_moved_database_is_told_apart(file, on_server, tmp_path):
    other = tmp_path / "other.db"
    open_store(other).close()
    with closing(open_store(on_server)) as target, writing(target):
        journal.set_state(target, "move", {"from": "another", "tables": {}})
    with pytest.raises(CannotMove, match="Another database"):
        moved(file, on_server)


def test_it_moves_into_an_empty_one_alone(file, on_server):
    moved(file, on_server)
    with pytest.raises(CannotMove, match="not empty"):
        moved(file, on_server)


def test_nothing_goes_out_by_a_database_that_was_moved(clinic, file):
    with closing(open_store(file)) as connection, writing(connection):
        retire(connection, "postgresql://db.example/notify", 0)
    answer = clinic.call("run")
    assert answer.exit == 3
    assert "moved to postgresql://db.example/notify" in answer.err


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_moves_and_retires(clinic, file, on_server, as_json):
    answer = clinic.call("db", "move", str(file), on_server, *(["--json"] if as_json else []))
    assert answer.exit == 0, answer
    assert "delivery" in answer.out
    assert clinic.call("history").exit == 3
    assert clinic.call("--db", on_server, "history").exit == 0
    again = clinic.call("db", "move", str(file), on_server)
    assert (again.exit, "moved to" in again.err) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        pytest.param(("nowhere.db", "new.db"), 3, id="no such file"),
        pytest.param(("notify.db", "notify.db"), 2, id="the same"),
        pytest.param(("notify.toml", "new.db"), 3, id="no database"),
    ],
)
def test_what_cannot_be_moved(clinic, monkeypatch, arguments, exit_code):
    monkeypatch.chdir(clinic.folder)
    (clinic.folder / "notify.toml").write_text("[email]\n", encoding="utf-8")
    answer = clinic.call("db", "move", *arguments)
    assert answer.exit == exit_code, answer
    assert not any((clinic.folder / name).exists() for name in ("nowhere.db", "new.db"))


def test_while_a_run_is_under_way_nothing_moves(clinic, file, tmp_path):
    from notifycli.store.lock import run_lock

    with run_lock(file):
        answer = clinic.call("db", "move", str(file), str(tmp_path / "new.db"))
    assert (answer.exit, "a run is under way" in answer.err) == (3, True)


def test_triggers_of_a_file_stand_after_a_move_into_it(file, tmp_path):
    moved(file, tmp_path / "new.db")
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(tmp_path / "new.db")) as new:
        assert old.execute(names).fetchall() == new.execute(names).fetchall()
