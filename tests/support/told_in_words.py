"""One appointment, and what the commands say of it to people."""

import re
from pathlib import Path

from tests.support.one_clinic import Clinic

BOOKED = "A1;{patient};KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2"
DUE, LATER = "2026-06-03T12:05:00+02:00", "2026-06-03T12:30:00+02:00"
WEEKS_LATER = "2026-07-10T10:00:00+02:00"
DEAD = '[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = 9\ntls = "none"\n'


def booked(folder: Path, patient: str = "P1", config: str = "") -> Clinic:
    clinic = Clinic.begun_in(folder, config)
    clinic.book(BOOKED.format(patient=patient))
    return clinic


def explained(clinic: Clinic, event: str = "confirmation", at: str = LATER, subject: str = "appointment A1") -> str:
    notices = clinic.json("why", *subject.split(), at=at)["notices"]
    return next(str(one["explanation"]) for one in notices if one["event"] == event)


def seen(clinic: Clinic, *arguments: str, at: str = LATER) -> str:
    """In one line, as words are broken where the screen ends."""
    out = clinic.call(*arguments, at=at).out
    assert max(map(len, out.splitlines())) <= 80
    return re.sub(r"[\s│]+", " ", out)


def brought(clinic: Clinic, text: str, *options: str, at: str = DUE) -> None:
    (clinic.folder / "rows.csv").write_text(text, encoding="utf-8")
    assert clinic.call("import", str(clinic.folder / "rows.csv"), *options, at=at).exit in (0, 1)
