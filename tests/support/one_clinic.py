"""One clinic in a folder of its own, through the command line, with a mail server that does as it is told."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tests.support.case_runner import Answer, Program, import_base
from tests.support.places import TESTS
from tests.support.smtp_server import Script, ScriptedServer, scripted

Server = TypeVar("Server")
BASE = TESTS / "cases" / "base"
NOON = "2026-06-03T12:00:00+02:00"
APPOINTMENTS = "clinic_id;appointment_id;patient_id;type_id;starts_at;status;booked_at;location"


@dataclass(frozen=True)
class Clinic:
    """Clinic `nidelv` of the cases' base, with its patients P1 to P8 and its types."""

    folder: Path

    @classmethod
    def begun_in(cls, folder: Path, config: str = "") -> "Clinic":
        (folder / "notify.toml").write_text(config, encoding="utf-8")
        clinic = cls(folder)
        assert import_base(Program(folder), BASE) == []
        return clinic

    def call(self, *arguments: str, at: str = NOON) -> Answer:
        return Program(self.folder).call(at, arguments)

    def json(self, *arguments: str, at: str = NOON) -> Any:
        return json.loads(self.call(*arguments, "--json", at=at).out)

    def book(self, *rows: str, at: str = NOON) -> None:
        """Rows after the clinic's id: appointment, patient, type, starts_at, status, booked_at, location."""
        path = self.folder / "appointments.csv"
        lines = [APPOINTMENTS, *(f"nidelv;{row}" for row in rows)]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        assert self.call("import", str(path), at=at).exit in (0, 1)


@contextmanager
def mail_server(script: Script) -> Iterator[tuple[ScriptedServer, str]]:
    """With the [email] that names it."""
    with in_a_thread(scripted(script)) as server:
        port = server.port  # type: ignore[attr-defined]
        yield server, f'[email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'


@contextmanager
def in_a_thread(opened: AbstractAsyncContextManager[Server]) -> Iterator[Server]:
    """A server in a thread of its own, since the command brings its own loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result(5)
        try:
            yield server
        finally:
            asyncio.run_coroutine_threadsafe(opened.__aexit__(None, None, None), loop).result(5)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
