"""SPEC section 3: of a time that occurs twice the second counts where a row is held against what is stored."""

from pathlib import Path

import pytest

from tests.support import engines
from tests.support.one_clinic import Clinic

HEADER = "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at;changed_at;location"
NOVEMBER = "2026-11-02T12:00:00+01:00"


def location_after(folder: Path, first_change: str, second_change: str) -> str:
    clinic = Clinic.begun_in(folder)
    for place, (changed_at, location) in enumerate(((first_change, "Rom 1"), (second_change, "Rom 2"))):
        path = folder / f"{place}.csv"
        row = f"nidelv;A1;P1;;2026-12-01T10:00;booked;2026-10-01T10:00;{changed_at};{location}"
        path.write_text(f"{HEADER}\n{row}\n", encoding="utf-8")
        assert clinic.call("import", str(path), at=NOVEMBER).exit == 0
    with engines.connected(folder) as connection:
        [(location,)] = connection.execute("SELECT location FROM appointment").fetchall()
    return str(location)


@pytest.mark.parametrize(
    ("first", "second", "location"),
    [
        pytest.param("2026-10-25T02:40", "2026-10-25T02:20", "Rom 2", id="both twice: the later file may be later"),
        pytest.param("2026-10-25T02:20", "2026-10-25T02:40", "Rom 2", id="both twice, in order"),
        pytest.param("2026-10-25T02:40+02:00", "2026-10-25T02:20", "Rom 2", id="an offset, and then twice"),
        pytest.param("2026-10-25T02:40+01:00", "2026-10-25T02:20", "Rom 1", id="later than both of them"),
        pytest.param("2026-10-25T03:10", "25.10.2026 02:40", "Rom 1", id="later in the day"),
        pytest.param("2026-10-25T02:40", "2026-10-25T01:50", "Rom 1", id="earlier than both of them"),
    ],
)
def test_a_row_of_the_doubled_hour(tmp_path: Path, first: str, second: str, location: str) -> None:
    assert location_after(tmp_path, first, second) == location
