"""The chain of hashes on each engine: every transaction seals what it wrote, in whatever order they end."""

from typing import Any

import pytest

from notifycli.config import Settings
from notifycli.delivery.policy import policy_of
from notifycli.queries.verifying import Verification
from notifycli.store.engine import Connection, StoreError, writing
from notifycli.store.forgetting import forget
from notifycli.store.purging import purge
from tests.store.conftest import Open

NOW = 1_780_000_000
CLINIC = (
    "INSERT INTO clinic VALUES ('nidelv', 'Nidelv', '', '', '', '', 'Europe/Oslo', 'NO', 'nb', '', '', NULL, NULL,"
    " NULL, '{}', 0, 1)"
)


def begun(store: Connection, notice: int) -> None:
    """A notice that is queued; within the caller's transaction."""
    store.execute(
        "INSERT INTO notice (id, clinic_id, patient_id, subject, subject_id, event, number, due_at, happened_at,"
        " written_at) VALUES (?, 'nidelv', 'P1', 'dialog', ?, 'dialog', 1, ?, ?, ?)",
        (notice, f"D{notice}", NOW, NOW, NOW),
    )
    store.execute(
        "INSERT INTO delivery (id, notice_id, channel, clinic_id, due_at, status, status_at)"
        " VALUES (?, ?, 'email', 'nidelv', ?, 'queued', ?)",
        (notice, notice, NOW, NOW),
    )


def sent(store: Connection, notice: int) -> None:
    change = "UPDATE delivery SET status = ?, status_at = ?, attempts = 1"
    values: tuple[Any, ...] = ("sending", NOW + 1, "kari@post.example", "Hei!", notice)
    with writing(store):
        store.execute(f"{change}, address = ?, text = ? WHERE id = ?", values)
    with writing(store):
        store.execute(f"{change}, detail = ? WHERE id = ?", ("sent", NOW + 2, "250 taken", notice))


def differences(store: Connection) -> list[str]:
    return [found.detail for found in Verification(store, policy_of(Settings()), NOW + 60).findings(None)]


@pytest.fixture
def store(opened: Open) -> Connection:
    store = opened()
    with writing(store):
        store.execute(CLINIC)
        begun(store, 1)
        begun(store, 2)
    sent(store, 1)
    return store


def test_every_row_is_sealed_by_the_transaction_that_wrote_it(store: Connection) -> None:
    [rows] = store.execute("SELECT count(*) FROM status_log").fetchone()
    assert store.execute("SELECT max(position) FROM chain").fetchone() == (rows,) == (4,)
    assert differences(store) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE chain SET position = position + 100",
        "UPDATE chain SET hashes = told",
        "DELETE FROM chain",
        "UPDATE status_log SET detail = 'another' WHERE detail IS NOT NULL",
        "UPDATE status_log SET at = at",
    ],
)
def test_the_database_refuses_to_change_it(store: Connection, change: str) -> None:
    with pytest.raises(StoreError), writing(store):
        store.execute(change)
    assert differences(store) == []


def test_a_changed_text_is_named(store: Connection) -> None:
    with writing(store):
        store.execute("UPDATE delivery SET text = 'Hallo!' WHERE id = 1")
    assert differences(store) == ["what row 3 of the history told has changed"]


def test_transactions_that_end_in_another_order(
    opened: Open, store: Connection, request: pytest.FixtureRequest
) -> None:
    """On a server, the numbers of rows do not rise with the transactions."""
    if "sqlite" in request.node.name:
        pytest.skip("one transaction writes at a time")
    other = opened()
    with writing(store, alone="one"):
        begun(store, 3)
        with writing(other, alone="another"):
            begun(other, 4)
        begun(store, 5)
    sent(other, 3)
    assert differences(store) == []
    assert store.execute("SELECT count(*) FROM unsealed").fetchone() == (0,)


def test_who_is_forgotten_and_what_is_purged_is_no_difference(store: Connection) -> None:
    with writing(store):
        forgotten = forget(store, "nidelv", "P1", NOW + 10, "kari")
    assert store.wipe_free_space()
    assert forgotten.deliveries == (1, 2)
    assert store.execute("SELECT status, text FROM delivery ORDER BY id").fetchall() == [
        ("sent", None),
        ("skipped", None),
    ]
    with writing(store):
        begun(store, 3)
    sent(store, 3)
    assert sum(map(len, purge(store, NOW + 30))) == 1
    assert store.execute("SELECT text, detail FROM delivery WHERE id = 3").fetchone() == (None, None)
    assert differences(store) == []
