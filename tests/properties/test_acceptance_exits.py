"""SPEC section 8, exit codes: each situation that the contract names, command by command."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.one_clinic import Clinic

NOON, DUE, THEN = (f"2026-06-03T12:{minutes}:00+02:00" for minutes in ("00", "05", "20"))
HEADER = "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at;changed_at"
LOG = "clinic_id;external_id;patient_id;sender;event;channel;sent_at;status"
FILES = {
    "same.csv": (HEADER, "nidelv;A1;P2;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;"),
    "warns.csv": (HEADER, "nidelv;W1;P404;NOPE;2026-06-18T10:00;booked;2026-06-03T12:00;"),
    "rejects.csv": (HEADER, "nidelv;R1;P2;KONS;soon;booked;;", "nidelv;R2;P2;KONS;2026-06-18T10:00;booked;;"),
    "unknown.csv": ("alpha;beta", "1;2"),
    "empty.csv": (),
    "quote.csv": (HEADER, 'nidelv;"Q1;P2;KONS;2026-06-18T10:00;booked;;'),
    "upset.csv": (HEADER, *(f"nidelv;B{n};P1;KONS;2026-07-18T10:00;cancelled;;2026-06-03T12:06" for n in range(30))),
    "agrees.csv": (LOG, "nidelv;1;P2;convene;confirmation;email;2026-06-03T12:06;sent"),
    "differs.csv": (LOG, "nidelv;2;P6;convene;reminder;sms;2026-06-03T12:06;sent"),
    "elvebyen.csv": ("clinic_id;name;timebook", "elvebyen;Elvebyen;yes"),
    "twins.csv": (HEADER, "elvebyen;A1;P2;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;"),
    "stop.toml": ("[limits]", "max_due = 1"),
    "wrong.toml": ("[emial]",),
    "text.db": ("this is no database",),
}
DONE, LOOK, USAGE, CANNOT, STOP = range(5)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    clinic = Clinic.begun_in(tmp_path_factory.mktemp("clinic"), "[limits]\nmax_due = 0\n")
    for name, lines in FILES.items():
        (clinic.folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    clinic.book("A1;P2;KONS;2026-06-18T10:00;booked;2026-06-03T12:00;Rom 2", at=NOON)
    clinic.call("run", at=DUE)
    assert clinic.call("backup", str(clinic.folder / "copy.db"), at=DUE).exit == 0
    content = (clinic.folder / "copy.db").read_bytes()
    (clinic.folder / "damaged.db").write_bytes(content.replace(b"ola@post.example", b"ole@post.example"))
    return clinic


@pytest.fixture
def clinic(begun: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """A copy, since one call must not change what another finds."""
    from tests.support import engines

    for path in begun.folder.iterdir():
        if path.name in FILES or path.name in ("copy.db", "damaged.db", "notify.toml"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    engines.copy(begun.folder, tmp_path)
    monkeypatch.chdir(tmp_path)
    return Clinic(tmp_path)


CASES = [
    (DONE, "history", (), ()),
    (DONE, "history of nothing", (), ("history", "--status", "failed")),
    (DONE, "patient find of nobody", (), ("patient", "find", "xyzzy")),
    (DONE, "check of one who can be reached", (), ("check", "--patient", "P2")),
    (DONE, "an import that changes nothing", (), ("import", "same.csv")),
    (DONE, "an import with warnings", (), ("import", "warns.csv")),
    (DONE, "a rehearsed import", (), ("import", "--dry-run", "same.csv")),
    (DONE, "a run with nothing to do", (), ("run",)),
    (DONE, "a run with skipped notices", (("import", "warns.csv"),), ("run",)),
    (DONE, "calls, where somebody has to be phoned", (("import", "warns.csv"),), ("calls", "--until", "+1w")),
    (DONE, "gaps, where there are some", (), ("gaps",)),
    (DONE, "report", (), ("report",)),
    (DONE, "status, where all is well", (), ("status",)),
    (DONE, "an export that agrees", (), ("compare", "agrees.csv")),
    (DONE, "a backup", (), ("backup", "new.db")),
    (DONE, "restore", (), ("restore", "copy.db", "--yes")),
    (DONE, "a switch that is on already", (), ("module", "enable", "nidelv", "timebook")),
    (DONE, "a foreseen stop", (), ("--config", "stop.toml", "run", "--dry-run", "--until", "+3w")),
    (LOOK, "rejected rows", (), ("import", "rejects.csv")),
    (LOOK, "rejected rows that stay open", (("import", "rejects.csv"),), ("status",)),
    (LOOK, "an unknown header", (), ("import", "unknown.csv")),
    (LOOK, "an empty file", (), ("import", "empty.csv")),
    (LOOK, "an unbalanced quote", (), ("import", "quote.csv")),
    (LOOK, "one file of two is not there", (), ("import", "same.csv", "absent.csv")),
    (LOOK, "somebody who cannot be reached", (), ("check",)),
    (LOOK, "one who cannot be reached", (), ("check", "--patient", "P8")),
    (LOOK, "an export that differs", (), ("compare", "differs.csv")),
    (LOOK, "what doctor finds", (), ("doctor",)),
    (USAGE, "no command", (), ("",)),
    (USAGE, "an unknown command", (), ("hitsory",)),
    (USAGE, "an unknown option", (), ("history", "--foo")),
    (USAGE, "an unknown notice", (), ("show", "404")),
    (USAGE, "an unknown appointment", (), ("why", "appointment", "A404")),
    (USAGE, "an unknown clinic", (), ("upcoming", "--clinic", "nowhere")),
    (USAGE, "an unknown patient", (), ("why", "patient", "nidelv", "P404")),
    (USAGE, "an unknown import", (), ("imports", "settle", "404")),
    (USAGE, "an unknown call", (), ("calls", "done", "abc")),
    (USAGE, "an unknown delivery", (), ("resolve", "404", "--sent")),
    (USAGE, "a delivery that is not uncertain", (), ("resolve", "1", "--resend")),
    (USAGE, "an id that several clinics have", (("import", "elvebyen.csv"), ("import", "twins.csv")),
     ("why", "appointment", "A1")),
    (USAGE, "a question without a terminal", (), ("restore", "copy.db")),
    (USAGE, "--until without --dry-run", (), ("run", "--until", "tomorrow")),
    (USAGE, "no month", (), ("report", "--month", "2026-13")),
    (USAGE, "no time", (), ("gaps", "--since", "some day")),
    (USAGE, "an address that is none", (), ("patient", "set", "nidelv", "P1", "--email", "nobody")),
    (CANNOT, "no database", (), ("--db", "text.db", "history")),
    (CANNOT, "a folder as a database", (), ("--db", ".", "history")),
    (CANNOT, "bad configuration", (), ("--config", "wrong.toml", "run")),
    (CANNOT, "no configuration where one was named", (), ("--config", "absent.toml", "run")),
    (CANNOT, "restore of a damaged file", (), ("restore", "damaged.db", "--yes")),
    (CANNOT, "restore of nothing", (), ("restore", "absent.db", "--yes")),
    (CANNOT, "restore of a text", (), ("restore", "text.db", "--yes")),
    (CANNOT, "compare with nothing", (), ("compare", "absent.csv")),
    (CANNOT, "compare with another table", (), ("compare", "unknown.csv")),
    (CANNOT, "compare with an empty file", (), ("compare", "empty.csv")),
    (CANNOT, "a move of nothing", (), ("db", "move", "absent.db", "new.db")),
    (CANNOT, "a move of a text", (), ("db", "move", "text.db", "new.db")),
    (CANNOT, "a move into a text", (), ("db", "move", "copy.db", "text.db")),
    (CANNOT, "metrics into no folder", (), ("status", "--prometheus", "nowhere/notify.prom")),
    (STOP, "a run of too many", (), ("--config", "stop.toml", "run")),
    (STOP, "a file that cancels too many", (), ("import", "upset.csv")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "calls", "arguments"), [pytest.param(code, calls, last, id=name) for code, name, calls, last in CASES]
)
def test_the_exit_code_is_that_of_the_contract(
    clinic: Clinic, code: int, calls: Sequence[Sequence[str]], arguments: Sequence[str]
) -> None:
    if code == STOP:
        booked = (f"B{number};P{1 + number % 6};KONS;2026-07-18T10:00;booked;2026-06-03T12:05;" for number in range(40))
        clinic.book(*booked, at="2026-06-03T12:06:00+02:00")
    for call in calls:
        assert clinic.call(*call, at=THEN).exit in (DONE, LOOK)
    answer = clinic.call(*(arguments or ("history",)), at=THEN)
    assert answer.exit == code, answer
    assert "Traceback" not in answer.err
    if code in (USAGE, CANNOT):
        assert answer.out == ""
        assert 1 <= len(answer.err.splitlines()) <= 2, answer
