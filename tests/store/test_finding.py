"""The index of patients: it is brought up to date slice by slice."""

import pytest

from notifycli.store import finding, journal
from notifycli.store.engine import writing


def add(connection, *ids, family_name="Hansen"):
    connection.executemany(
        "INSERT INTO patient (clinic_id, patient_id, given_name, family_name, mobile_gets_sms, push_allowed, consent,"
        " known_since, cell_times, import_id) VALUES ('nidelv', ?, 'Kari', ?, 0, 0, 1, 0, '{}', 1)",
        [(id_, family_name) for id_ in ids],
    )


def ids_found(connection, text, **how):
    return [one.patient for one in finding.patients(connection, text, **how)]


@pytest.fixture
def connection(opened):
    return opened()


def test_a_run_indexes_some_and_a_search_all(connection, monkeypatch):
    monkeypatch.setattr(finding, "AT_ONCE", 10)
    monkeypatch.setattr(finding, "SLICES_A_RUN", 2)
    ids = [f"P{number}" for number in range(35)]
    with writing(connection):
        add(connection, *ids)
        finding.note(connection, [("nidelv", id_) for id_ in ids])
    finding.index_some(connection)
    assert len(ids_found(connection, "hansen")) == 20
    told = []
    finding.index_all(connection, lambda done, of: told.append((done, of)))
    assert told == [(10, 15), (15, 15)]
    assert sorted(ids_found(connection, "hansen")) == sorted(ids)
    assert not journal.is_anything_to_index(connection)


def test_notes_of_few_are_indexed_together(connection, monkeypatch):
    monkeypatch.setattr(finding, "SLICES_A_RUN", 1)
    ids = [f"P{number}" for number in range(50)]
    add(connection, *ids)
    for id_ in ids:
        finding.note(connection, [("nidelv", id_)])
    finding.index_some(connection)
    assert not journal.is_anything_to_index(connection)


def test_what_an_import_gave_up_is_not_noted(connection):
    def import_that_fails():
        with writing(connection):
            add(connection, "P1")
            finding.note(connection, [("nidelv", "P1")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        import_that_fails()
    assert not journal.is_anything_to_index(connection)


@pytest.mark.slow
def test_a_run_leaves_the_index_alone_while_another_program_writes(connection, opened):
    with writing(connection):
        add(connection, "P1")
        finding.note(connection, [("nidelv", "P1")])
    with writing(opened()):
        finding.index_some(connection)
    assert journal.is_anything_to_index(connection)
    finding.index_some(connection)
    assert ids_found(connection, "hansen") == ["P1"]


def test_a_patient_is_found_once_however_often_noted(connection):
    add(connection, "P1")
    for _ in range(3):
        finding.note(connection, [("nidelv", "P1"), ("nidelv", "P1"), ("nidelv", "unknown")])
    finding.index_all(connection)
    assert ids_found(connection, "hansen") == ["P1"]
    assert connection.execute("SELECT count(*) FROM patient_search").fetchone() == (1,)


def test_a_limit_leaves_the_very_names(connection):
    add(connection, *(f"P{number}" for number in range(100, 160)), family_name="Hansenius")
    add(connection, "P900", "P901")
    finding.note(connection, connection.execute("SELECT clinic_id, patient_id FROM patient").fetchall())
    finding.index_all(connection)
    assert ids_found(connection, "hansen", limit=3)[:2] == ["P900", "P901"]
    assert len(ids_found(connection, "hansen", limit=3)) == 3
    assert len(ids_found(connection, "hansen")) == 62
