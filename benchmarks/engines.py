"""The same work on PostgreSQL and on SQLite in one run: imports, an idle minute, sending by several processes, history.

python -m benchmarks.engines [APPOINTMENTS [DUE]]    by default 100000 and 2000; a tenth as many patients
The server is one of its own on a socket, with all that makes commits safe switched on.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from benchmarks import exports
from benchmarks.importing import NOTIFY
from benchmarks.sending import CONFIG, CONNECTIONS, DUE, write_dialogs, write_patients
from benchmarks.sink import Sink, open_sink
from benchmarks.timing import Timing, median_of, timed
from notifycli.store.engine import open_store
from tests.support import postgres_server

LONG_BEFORE = "2026-04-01T08:00"  # nothing is due yet
PROCESSES = (1, 2, 4)
ROUNDS = 5
SAFE = ("max_connections=60", "shared_buffers=512MB", "max_wal_size=4GB")


class Engine:
    """A folder whose database is on one engine."""

    def __init__(self, name: str, folder: Path, address_of: Callable[[str], str]) -> None:
        self.name, self.folder, self._address_of = name, folder, address_of
        folder.mkdir()

    def call(self, database: str, now: str, *arguments: str) -> list[str]:
        return [NOTIFY, "--db", self._address_of(database), "--config", "notify.toml", "--now", now, *arguments]

    def timed(self, database: str, now: str, *arguments: str, exits: tuple[int, ...] = (0,)) -> Timing:
        return timed(self.call(database, now, *arguments), cwd=str(self.folder), exits=exits)

    def sent(self, database: str) -> int:
        address = self._address_of(database)
        place = address if address.startswith("postgresql") else self.folder / address
        with closing(open_store(place)) as connection:
            sql = "SELECT count(*) FROM delivery WHERE status = 'sent'"
            return int(connection.execute(sql).fetchone()[0])


def main(appointments: int, due: int) -> None:
    if postgres_server.programs() is None:
        print(f"skipped: {postgres_server.IS_MISSING}")
        return
    with tempfile.TemporaryDirectory() as name, open_sink() as sink, postgres_server.running_server(SAFE) as server:
        folder = Path(name)
        engines = (
            Engine("SQLite", folder / "sqlite", lambda database: f"{database}.db"),
            Engine("PostgreSQL", folder / "postgres", lambda database: _made(server, database)),
        )
        print(f"{'what':<44} {'SQLite':>9} {'PostgreSQL':>11} {'times':>6}")
        measure_imports(folder, engines, appointments)
        measure_sending(folder, engines, sink, due)


_known: set[str] = set()


def _made(server: str, database: str) -> str:
    if database not in _known:
        postgres_server.execute(server, f"CREATE DATABASE {database}")
        _known.add(database)
    return server.format(database)


def measure_imports(folder: Path, engines: tuple[Engine, ...], rows: int) -> None:
    clinic = exports.write_clinic(folder)
    patients = exports.write_patients(folder / "patients.csv", rows // 10)
    files = [patients, exports.write_appointments(folder / "appointments.csv", rows, rows // 10)]
    changed = exports.write_appointments(folder / "changed.csv", rows, rows // 10, changed=0.01)
    steps: list[tuple[str, Callable[[Engine], Timing]]] = [
        (f"first import of {rows:,} appointments", lambda engine: _imported(engine, files, exports.IMPORTED)),
        ("again, 1% changed", lambda engine: _imported(engine, [changed], exports.IMPORTED_AGAIN)),
        ("idle minute", lambda engine: _median(engine, LONG_BEFORE, "run")),
        ("history of a patient", lambda engine: _median(engine, exports.IMPORTED_AGAIN, *_history(rows))),
        ("why of an appointment", lambda engine: _median(engine, exports.IMPORTED_AGAIN, *_why(rows))),
    ]
    for engine in engines:
        (engine.folder / "notify.toml").write_text("[limits]\nmax_due = 0\nmax_upset = 0\n")
        _imported(engine, clinic, exports.SWITCHED_ON)
    for what, step in steps:
        show(what, *(step(engine).seconds for engine in engines))


def _history(rows: int) -> list[str]:
    return ["history", "--clinic", "nidelv", "--patient", f"P{rows // 20:06}", "--json"]


def _why(rows: int) -> list[str]:
    return ["why", "appointment", f"A{rows // 2:08}", "--clinic", "nidelv", "--json"]


def _imported(engine: Engine, files: list[Path], now: str) -> Timing:
    return engine.timed("bench", now, "import", *(str(file) for file in files), exits=(0, 1))


def _median(engine: Engine, now: str, *arguments: str) -> Timing:
    return median_of([engine.timed("bench", now, *arguments) for _ in range(ROUNDS)])


def measure_sending(folder: Path, engines: tuple[Engine, ...], sink: Sink, count: int) -> None:
    """A file has one run at a time; hosts that share a server share the work."""
    files = [write_patients(folder / "due.csv", count), write_dialogs(folder / "dialogs.csv", count)]
    clinic = exports.write_clinic(folder)
    alone = 0.0
    for engine in engines:
        (engine.folder / "notify.toml").write_text(CONFIG.format(port=sink.port, connections=CONNECTIONS))
        for processes in PROCESSES if engine.name == "PostgreSQL" else (1,):
            database = f"due{processes}"
            for together, now in ((clinic, exports.SWITCHED_ON), (files, DUE)):
                engine.timed(database, now, "import", *(str(file) for file in together), exits=(0, 1))
            seconds = _sent_by(engine, database, processes)
            if engine.sent(database) != count:
                raise RuntimeError(f"{engine.name}: sent {engine.sent(database)} of {count}")
            if engine.name == "SQLite":
                alone = seconds
            else:
                show(f"{count:,} due sent by {processes} processes (SQLite: 1)", alone, seconds)


def _sent_by(engine: Engine, database: str, processes: int) -> float:
    """Until the last has ended."""
    began = time.perf_counter()
    command = engine.call(database, DUE, "run")
    running = [subprocess.Popen(command, cwd=engine.folder, stdout=subprocess.DEVNULL) for _ in range(processes)]
    for process in running:
        process.wait()
    return time.perf_counter() - began


def show(what: str, on_sqlite: float, on_postgres: float) -> None:
    print(f"{what:<44} {on_sqlite:8.2f}s {on_postgres:10.2f}s {on_postgres / on_sqlite:6.2f}", flush=True)


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:]]
    main(*(numbers + [100_000, 2_000][len(numbers) :]))
