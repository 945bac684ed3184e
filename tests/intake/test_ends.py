"""SPEC section 3: an end beside a date and a clock that stand apart."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support import engines
from tests.support.one_clinic import Clinic


@pytest.mark.parametrize(
    ("day", "end", "ends_at"),
    [
        pytest.param("12.06.2026", "09:50", "12.06.2026 09:50", id="a clock"),
        pytest.param("12.06.2026", "0950", "12.06.2026 09:50", id="four digits"),
        pytest.param("12.06.2026", "", None, id="none"),
        pytest.param("12.06.2026", "12.06.2026 09:50", "12.06.2026 09:50", id="a time of its own"),
        pytest.param("12.06.2026", "13.06.2026 08:00", "13.06.2026 08:00", id="on another day"),
        pytest.param("2026-06-12 00:00:00", "2026-06-12 09:50:00", "12.06.2026 09:50", id="beside a day at midnight"),
        pytest.param("2026-06-12", "1899-12-30 09:50:00", "12.06.2026 09:50", id="a clock as Access writes it"),
        pytest.param("12.06.2026", "30.12.1899 09:50:00", "12.06.2026 09:50", id="and in Norwegian"),
        pytest.param("12.06.2026", "kl. 09.50", "12.06.2026 09:50", id="kl."),
        pytest.param('"=""12.06.2026"""', '"=""09:50"""', "12.06.2026 09:50", id="formulas"),
    ],
)
def test_an_end(tmp_path: Path, day: str, end: str, ends_at: str | None) -> None:
    clinic = Clinic.begun_in(tmp_path)
    (tmp_path / "t.csv").write_text(
        f"Timenr;Pasientnr;Dato;Klokkeslett;Slutt;Status;Bestilt\nA1;P1;{day};09:30;{end};Avtalt;01.06.2026 08:00\n"
    )
    [report] = clinic.json("import", "--clinic", "nidelv", str(tmp_path / "t.csv"))["files"]
    with engines.connected(tmp_path) as connection:
        [(at,)] = connection.execute("SELECT ends_at FROM appointment").fetchall()
    assert (report["warnings"], report["new"]) == (0, 1)
    assert ends_at == (at and f"{datetime.fromtimestamp(at, ZoneInfo('Europe/Oslo')):%d.%m.%Y %H:%M}")
