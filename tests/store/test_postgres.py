"""What is PostgreSQL's alone: a server that is lost, two that make the schema at once, and what it refuses."""

import contextlib
import threading

import pytest

from notifycli.store import journal
from notifycli.store.engine import StoreError, StoreLost, named_address, open_store, open_to_read, reading, writing
from notifycli.store.postgres.dialect import in_postgres_words
from tests.store.conftest import connections_to
from tests.support import postgres_server
from tests.support.stored import a_delivery, log_of, value


@pytest.fixture
def two(on_server):
    with connections_to(on_server) as opened:
        yield opened(), opened()


def lose(connection, by):
    """The server ends that connection, as when it is restarted."""
    pid = value(connection, "SELECT pg_backend_pid()")
    value(by, f"SELECT pg_terminate_backend({pid})")


def test_a_server_that_was_lost_between_two_transactions_is_asked_anew(two):
    here, there = two
    lose(here, there)
    with pytest.raises(StoreLost):
        value(here, "SELECT 1")
    assert value(here, "SELECT 1") == 1


def test_what_is_lost_within_a_transaction_is_undone_as_a_whole(two):
    here, there = two

    def lost_in_its_midst():
        with writing(here):
            journal.set_state(here, "before", 1)
            lose(here, there)
            journal.set_state(here, "after", 1)

    with pytest.raises(StoreLost):
        lost_in_its_midst()
    with writing(here):
        journal.set_state(here, "again", 1)
    assert [journal.state(there, name, None) for name in ("before", "after", "again")] == [None, None, 1]


def test_what_is_caught_within_a_lost_transaction_does_not_go_on_without_it(two):
    here, there = two

    def goes_on():
        with writing(here):
            lose(here, there)
            for _ in range(2):
                with contextlib.suppress(StoreLost):
                    journal.set_state(here, "alone", 1)

    with pytest.raises(StoreLost):
        goes_on()
    assert journal.state(there, "alone", None) is None


def test_of_many_that_begin_one_makes_the_schema(on_server):
    connections, troubles = [], []

    def begin():
        try:
            connections.append(open_store(on_server))
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=begin) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert len({journal.database_id(connection) for connection in connections}) == 1
    for connection in connections:
        connection.close()


def test_a_newer_schema_is_left_alone(on_server):
    open_store(on_server).close()
    postgres_server.execute(on_server, "UPDATE notify_schema SET version = 99")
    with pytest.raises(StoreError, match="newer notify"):
        open_store(on_server)


@pytest.mark.parametrize("sql", ["DELETE FROM status_log", "UPDATE status_log SET at = 0", "TRUNCATE status_log"])
def test_the_history_is_append_only(two, sql):
    here, there = two
    delivery = a_delivery(here)
    with pytest.raises(StoreError, match="append-only"):
        here.execute(sql)
    assert len(log_of(there, delivery)) == 1


def test_a_view_does_not_change_while_it_is_read(two):
    here, there = two
    with reading(here):
        before = value(here, "SELECT count(*) FROM delivery")
        a_delivery(there)
        assert value(here, "SELECT count(*) FROM delivery") == before
    assert value(here, "SELECT count(*) FROM delivery") == before + 1


def test_who_only_reads_makes_nothing(on_server):
    connection = open_to_read(on_server, 1.0)
    with pytest.raises(StoreError):
        connection.execute("CREATE TABLE a (b int)")
    connection.close()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://notify:secret@db.example/notify", "postgresql://notify@db.example/notify"),
        ("postgresql://db.example/notify?user=a&password=secret&x=1", "postgresql://db.example/notify?user=a&x=1"),
        ("postgresql://notify@a.example,b.example/notify", "postgresql://notify@a.example,b.example/notify"),
        ("postgresql://db.example/notify?password=secret", "postgresql://db.example/notify"),
    ],
)  # fmt: skip
def test_no_secret_is_shown_of_an_address(address, shown):
    assert named_address(address) == shown


def test_a_server_that_is_not_there_is_said_in_one_line(tmp_path):
    with pytest.raises(StoreLost) as caught:
        open_store(f"postgresql://notify:secret@/notify?host={tmp_path}")
    assert "secret" not in f"{caught.value.message} {caught.value.advice}"
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("shared", "theirs"),
    [
        ("SELECT ? FROM a WHERE b = :c", "SELECT %s FROM a WHERE b = %(c)s"),
        ("SELECT 'why? :so 100%'", "SELECT 'why? :so 100%%'"),
        ("SELECT a::bigint % 2", "SELECT a::bigint %% 2"),
        ("SELECT 'it''s ?', ?", "SELECT 'it''s ?', %s"),
    ],
)
def test_parameters_in_psycopgs_words(shared, theirs):
    assert in_postgres_words(shared) == theirs
