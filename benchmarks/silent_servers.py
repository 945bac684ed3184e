"""How long the others' mails take where three of 300 clinics' mail servers are silent and three refuse.

python -m benchmarks.silent_servers [CLINICS] [EACH]    by default 300, with 10 messages each; the troubled have 100
"""

import asyncio
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median

from benchmarks.importing import NOTIFY, notify_import
from benchmarks.sink import TAKEN, Talk

SILENT, REFUSING, OF_TROUBLED = 3, 3, 100
BEFORE, DUE = "2026-06-03T08:00:00+02:00", "2026-06-03T12:00:00+02:00"
SECTION = '[clinic.{clinic}.email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
GOAL = 1.25
ROUNDS = 3
LONGEST = 120.0  # seconds


class Servers:
    """Mail servers on ports of their own, which note when each message came."""

    def __init__(self) -> None:
        self.arrivals: list[float] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @contextmanager
    def on_ports(self, count: int) -> Iterator[list[int]]:
        self._thread.start()
        try:
            yield asyncio.run_coroutine_threadsafe(self._open(count), self._loop).result()
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    async def _open(self, count: int) -> list[int]:
        opened = [await self._loop.create_server(lambda: Noting(self.arrivals), "127.0.0.1", 0) for _ in range(count)]
        return [one.sockets[0].getsockname()[1] for one in opened]


class Noting(Talk):
    """One connection, of which each message is noted."""

    def __init__(self, arrivals: list[float]) -> None:
        super().__init__()
        self._arrivals = arrivals

    def _answer(self) -> bytes | None:
        answer = super()._answer()
        if answer is TAKEN:
            self._arrivals.append(time.perf_counter())
        return answer


def main(clinics: int, each: int) -> None:
    others = clinics - SILENT - REFUSING
    servers = Servers()
    with ExitStack() as stack, tempfile.TemporaryDirectory() as name:
        ports = stack.enter_context(servers.on_ports(others))
        troubled = [stack.enter_context(closing(socket.socket())) for _ in range(SILENT + REFUSING)]
        for place, one in enumerate(troubled):
            one.bind(("127.0.0.1", 0))
            if place < SILENT:
                one.listen(128)  # connections stand, and nobody ever speaks; the rest refuses them
        ports = [one.getsockname()[1] for one in troubled] + ports
        print(f"{clinics} clinics with servers of their own, {others * each:,} mails of the {others} in order")
        found: dict[str, list[float]] = {"without the six in trouble": [], "with them": []}
        for number in range(ROUNDS):
            for what, of_troubled in zip(found, (0, OF_TROUBLED), strict=True):
                folder = Path(name) / f"{number}-{of_troubled}"
                folder.mkdir()
                due = {f"c{place:03}": each if place >= SILENT + REFUSING else of_troubled for place in range(clinics)}
                prepare(folder, dict(zip(due, ports, strict=True)), due)
                found[what].append(until_all_have_come(folder, servers, others * each))
        for what, seconds in found.items():
            print(f"{what:<28} {median(seconds):6.2f} s until the last of the others' mails")
    without, with_them = map(median, found.values())
    print(f"{with_them / without:.2f} times as long, median of {ROUNDS} rounds in turn; goal: at most {GOAL}")


def prepare(folder: Path, ports: Mapping[str, int], due: Mapping[str, int]) -> None:
    """The clinics in trouble come first in the order of due times."""
    sections = "".join(SECTION.format(clinic=clinic, port=port) for clinic, port in ports.items())
    (folder / "notify.toml").write_text(f"[limits]\nmax_due = 0\nmax_upset = 0\n{sections}")
    numbered = [(clinic, number) for clinic, count in due.items() for number in range(count)]
    tables = {
        "clinics": ["clinic_id;name;portal_url;sender_email;post"]
        + [f"{clinic};Clinic;https://{clinic}.example;post@{clinic}.example;yes" for clinic in due],
        "patients": ["clinic_id;patient_id;email;consent;preferred_method"]
        + [f"{clinic};P{number};p{number}@post.example;yes;email" for clinic, number in numbered],
        "dialogs": ["clinic_id;dialog_id;patient_id;kind;sent_at"]
        + [f"{clinic};D{number};P{number};dialog;{DUE}" for clinic, number in numbered],
    }
    for kind, rows in tables.items():
        path = folder / f"{kind}.csv"
        path.write_text("\n".join(rows))
        notify_import(folder, [path], DUE if kind == "dialogs" else BEFORE)


def until_all_have_come(folder: Path, servers: Servers, expected: int) -> float:
    """Seconds from the run's beginning; then it is told to end, which those in trouble cannot hold up."""
    servers.arrivals.clear()
    begun = time.perf_counter()
    with subprocess.Popen(
        [NOTIFY, "--db", "notify.db", "--now", DUE, "run"], cwd=folder, stderr=subprocess.DEVNULL
    ) as run:
        while len(servers.arrivals) < expected and time.perf_counter() < begun + LONGEST:
            time.sleep(0.01)
        run.terminate()
    if len(servers.arrivals) != expected:
        raise RuntimeError(f"{len(servers.arrivals)} of {expected} mails came")
    return max(servers.arrivals) - begun


if __name__ == "__main__":
    main(*[int(one) for one in sys.argv[1:]] or [300, 10])
