"""Whichever way rows come in, the same is stored: at once or one by one, in any format, encoding or order of columns.

Goes by the command line, and then reads the database as a whole: that two ways are equal says more than any list of
what should be stored. Source: SPEC section 3.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import engines
from tests.support.three_clinics import HOUR, Notify, database_of_three_clinics

Row = dict[str, str]
NOW = int(datetime(2026, 6, 3, 10, tzinfo=UTC).timestamp())
# Which import it was, and in what bytes; the journal of imports
TRACES = {"import_id", "known_by", "paid_by", "row_hash", "fresh_import", "cell_times"}
TRACES |= {"import", "action", "import_stamp", "file_seen", "open_reject", "appointments_seen", "patient_to_index"}
FEW = settings(max_examples=15, deadline=None, derandomize=True)

STATUSES = ["booked", "booked", "Avtalt", "OPPSATT", "cancelled", "avlyst", "avbestilt", "entered-in-error", "møtt"]
STATUSES += ["ikke møtt", "arrived", "proposed", "waitlist"]
TIMES = ["", "2026-06-03T09:59:00Z", "2026-06-01T08:00", "02.06.2026 14:30", "2026-06-02 14:30:15", "2027-01-01T00:00"]
CELLS = {
    "clinic_id": st.sampled_from(["oslo", "york", "vik"]),
    "patient_id": st.sampled_from(["P1", "0815"]),
    "type_id": st.sampled_from(["KONS", "OFF", "", "ØYE"]),
    "starts_at": st.sampled_from(["2026-06-11T10:00", "11.06.2026 10:00", "2026-10-25T02:30", "2026-06-04T10:00Z"]),
    "ends_at": st.sampled_from(["", "2026-06-11T10:30"]),
    "status": st.sampled_from(STATUSES),
    "booked_at": st.sampled_from(TIMES),
    "booked_by": st.sampled_from(["", "clinic", "pasient"]),
    "changed_at": st.sampled_from(TIMES),
    "cancelled_at": st.sampled_from(TIMES),
    "cancelled_by": st.sampled_from(["", "klinikk"]),
    "location": st.sampled_from(["", "Rom 1", "Bråten, inngang «B»", 'Rom "2"; 3. etasje']),
    "source": st.sampled_from(["", "local", "migrated", "helsenorge"]),
}
REQUIRED = ("clinic_id", "appointment_id", "patient_id", "starts_at", "status")
APPOINTMENTS = st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=9).map(
    lambda rows: [{"appointment_id": f"{place:03}"} | row for place, row in enumerate(rows)]
)
LEFT_OUT = st.sets(st.sampled_from([name for name in CELLS if name not in REQUIRED]))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return database_of_three_clinics(tmp_path_factory.mktemp("base"))


@contextmanager
def a_database(base: Path) -> Iterator[Notify]:
    with tempfile.TemporaryDirectory() as folder:
        engines.copy(base, Path(folder))
        yield Notify(Path(folder))


def all_that_is_stored(notify: Notify) -> dict[str, Any]:
    with engines.connected(notify.program.folder) as connection:
        names = [name for name in engines.tables(connection) if name not in TRACES]
        return {name: sorted(map(told, connection.named(f"SELECT * FROM {name}"))) for name in names}


def told(row: dict[str, Any]) -> str:
    return repr({column: cell for column, cell in row.items() if column not in TRACES})


def as_csv(rows: Sequence[Row], delimiter: str = ";") -> str:
    def line(cells: Sequence[str]) -> str:
        return delimiter.join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\r\n"

    return line(list(rows[0])) + "".join(line([row[column] for column in rows[0]]) for row in rows)


def as_ndjson(rows: Sequence[Row]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def bring(notify: Notify, content: str | bytes, *options: str, name: str = "rows.csv") -> dict[str, Any]:
    path = notify.program.folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    [report] = json.loads(notify.call(NOW, "import", "--json", *options, str(path)))["files"]
    assert report["error"] is None, report
    assert isinstance(report, dict)
    return report


# One file, or many


def at_once(notify: Notify, rows: list[Row], *options: str) -> list[dict[str, Any]]:
    return [bring(notify, as_csv(rows), *options)]


def row_by_row(notify: Notify, rows: list[Row], *options: str) -> list[dict[str, Any]]:
    return [bring(notify, as_csv([row]), *options) for row in rows]


def in_two_halves(notify: Notify, rows: list[Row], *options: str) -> list[dict[str, Any]]:
    halves = [rows[: len(rows) // 2], rows[len(rows) // 2 :]]
    return [bring(notify, as_csv(half), *options) for half in halves if half]


def backwards(notify: Notify, rows: list[Row], *options: str) -> list[dict[str, Any]]:
    return [bring(notify, as_csv(rows[::-1]), *options)]


def beside_a_row_that_is_rejected(notify: Notify, rows: list[Row], *options: str) -> list[dict[str, Any]]:
    """So that the quick way for rows that are all new is barred."""
    report = bring(notify, as_csv([*rows, rows[0] | {"appointment_id": "bad", "starts_at": "soon"}]), *options)
    assert report["rejected"] == 1
    return [report]


def after_one_of_them(notify: Notify, rows: list[Row], *options: str) -> list[dict[str, Any]]:
    """A row that is stored already bars the quick way too. What it gives no time for is as fresh as its last import."""
    return [bring(notify, as_csv(part), *options) for part in (rows[-1:], rows)]


WAYS = [row_by_row, in_two_halves, backwards, beside_a_row_that_is_rejected, after_one_of_them]


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@given(rows=APPOINTMENTS, left_out=LEFT_OUT, options=st.sampled_from([(), (), ("--migrated",)]))
@FEW
def test_new_appointments_are_the_same_however_they_come(
    base: Path, way: Callable[..., list[dict[str, Any]]], rows: list[Row], left_out: set[str], options: tuple[str, ...]
) -> None:
    kept = [{column: cell for column, cell in row.items() if column not in left_out} for row in rows]
    with a_database(base) as one, a_database(base) as other:
        [whole] = at_once(one, kept, *options)
        parts = way(other, kept, *options)
        assert all_that_is_stored(one) == all_that_is_stored(other)
        for count in ("new", "changed"):
            assert sum(part[count] for part in parts) == whole[count]
        for event, number in whole["events"].items():
            assert sum(part["events"][event] for part in parts) == number


# One format, or another

PERSON = {"clinic_id": "oslo", "patient_id": "P1"}
NAMES = {"given_name": "Åse", "family_name": "Sørgård", "email": "ase@post.example", "mobile": "910 00 001"}
TABLES: dict[str, list[Row]] = {
    "clinics": [
        {"clinic_id": "ålesund", "name": "Ålesund «legesenter»", "timezone": "Europe/Oslo", "timebook": "ja"},
        {"clinic_id": "vik", "name": "Vík", "timezone": "Atlantic/Reykjavik", "timebook": "nei"},
    ],
    "types": [{"clinic_id": "oslo", "type_id": one, "name": "Øye, øre", "notifications": "J"} for one in ("ØYE", "2")],
    "patients": [
        PERSON | NAMES | {"consent": "ja", "preferred_method": "begge"},
        PERSON | NAMES | {"patient_id": "08015764937", "consent": "N", "preferred_method": "", "email": "ase"},
    ],
    "appointments": [
        PERSON | {"appointment_id": one, "starts_at": "11.06.2026 10:00", "status": status, "location": "Ålesund; 2"}
        for one, status in (("A1", "avtalt"), ("0A2", "ikke møtt"))
    ],
    "dialogs": [PERSON | {"dialog_id": "Ø1", "kind": "edialog", "sent_at": "2026-06-03T10:00"}],
    "receipts": [PERSON | {"receipt_id": "Ø1", "status": "betalt", "paid_at": ""}],
    "external": [
        PERSON
        | {"external_id": "Ø1", "sender": "convene", "event": "app_invite", "channel": "sms"}
        | {"sent_at": "2026-06-02T10:00", "status": "levert"}
    ],
}
FORMS: dict[str, Callable[[Notify, list[Row]], Any]] = {
    "ndjson": lambda notify, rows: bring(notify, as_ndjson(rows), name="rows.ndjson"),
    "commas": lambda notify, rows: bring(notify, as_csv(rows, ",")),
    "tabs": lambda notify, rows: bring(notify, as_csv(rows, "\t")),
    "bare line feeds": lambda notify, rows: bring(notify, as_csv(rows).replace("\r\n", "\n")),
    "columns turned round": lambda notify, rows: bring(notify, as_csv([dict(reversed(row.items())) for row in rows])),
    "a column that is unknown": lambda notify, rows: bring(notify, as_csv([row | {"Fnr": "1"} for row in rows])),
    "utf-8 with a mark": lambda notify, rows: bring(notify, as_csv(rows).encode("utf-8-sig")),
    "utf-16 with a mark": lambda notify, rows: bring(notify, as_csv(rows).encode("utf-16")),
    "windows-1252": lambda notify, rows: bring(notify, as_csv(rows).encode("cp1252"), "--encoding", "cp1252"),
    "latin-1": lambda notify, rows: bring(notify, as_csv(rows).encode("latin-1"), "--encoding", "latin-1"),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", TABLES)
def test_the_same_cells_are_the_same_in_every_form(base: Path, kind: str, form: str) -> None:
    with a_database(base) as plain, a_database(base) as other:
        report = bring(plain, as_csv(TABLES[kind]))
        assert (report["kind"], report["rejected"]) == (kind, 0)
        FORMS[form](other, TABLES[kind])
        assert all_that_is_stored(plain) == all_that_is_stored(other) != all_that_is_stored_in(base)


def all_that_is_stored_in(base: Path) -> dict[str, Any]:
    with a_database(base) as untouched:
        return all_that_is_stored(untouched)


OPTIONAL = {
    "clinics": "phone address portal_url payments_url timezone country language sender_email sender_sms timebook post",
    "types": "name active",
    "patients": "given_name family_name email mobile push_token push_allowed language preferred_method last_login_at",
    "appointments": "type_id ends_at booked_at booked_by changed_at cancelled_at cancelled_by location source",
    "dialogs": "sent_at",
    "receipts": "paid_at",
}
LEAST: dict[str, Row] = {
    "clinics": {"clinic_id": "new", "name": "New"},
    "types": {"clinic_id": "oslo", "type_id": "NEW", "notifications": "yes"},
    "patients": {"clinic_id": "oslo", "patient_id": "new", "consent": "yes"},
    "appointments": PERSON | {"appointment_id": "new", "starts_at": "2026-06-11T10:00", "status": "booked"},
    "dialogs": PERSON | {"dialog_id": "new", "kind": "dialog"},
    "receipts": PERSON | {"receipt_id": "new", "status": "paid"},
}


@pytest.mark.parametrize("kind", LEAST)
def test_a_new_row_with_empty_cells_is_one_without_those_columns(base: Path, kind: str) -> None:
    with a_database(base) as short, a_database(base) as long:
        reports = [
            bring(short, as_csv([LEAST[kind]])),
            bring(long, as_csv([LEAST[kind] | dict.fromkeys(OPTIONAL[kind].split(), "")])),
        ]
        assert [report["new"] for report in reports] == [1, 1]
        assert all_that_is_stored(short) == all_that_is_stored(long)


@pytest.mark.slow
@given(rows=APPOINTMENTS)
@FEW
def test_the_same_file_an_hour_later_changes_nothing(base: Path, rows: list[Row]) -> None:
    with a_database(base) as notify:
        bring(notify, as_csv(rows))
        before = what_is_known(notify)
        path = notify.program.folder / "rows.csv"
        [report] = json.loads(notify.call(NOW + HOUR, "import", "--json", str(path)))["files"]
        assert (report["unchanged"], sum(report["events"].values())) == (len(rows), 0)
        assert what_is_known(notify) == before


def what_is_known(notify: Notify) -> list[tuple[Any, ...]]:
    """But for when it was last imported, which is how fresh a row without times is."""
    columns = (
        "clinic_id, appointment_id, type_id, starts_at, ends_at, status, booked_at, changed_at, cancelled_at, location,"
        " source, booked_by"
    )
    with engines.connected(notify.program.folder) as connection:
        appointments = connection.execute(f"SELECT {columns} FROM appointment").fetchall()
        return appointments + connection.execute("SELECT * FROM appointment_event").fetchall()
