"""Clinics by the dozen, each with patients of one channel and dialogs that are due, and mail servers for them.

Some servers are in trouble until all that the others are to get has arrived there.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import engines
from tests.support.case_runner import CONFIG_WITHOUT_LIMITS, Answer, Program
from tests.support.smtp_server import Script, ScriptedServer, scripted

BEFORE, NOON, LATER = "2026-06-03T08:00:00+02:00", "2026-06-03T12:00:00+02:00", "2026-06-03T12:30:00+02:00"
LONGEST = 25.0  # seconds, of the half minute in which a run gives a server up
CONTACT = {"email": ("email", "{clinic}-{number}@post.example"), "sms": ("mobile", "91{number:06}")}


@dataclass(frozen=True)
class Clinics:
    """A folder with a database of them."""

    folder: Path

    @classmethod
    def begun_in(cls, folder: Path, config: str, due: Mapping[str, int], channel: str = "email") -> "Clinics":
        """`due`: how many dialogs of each clinic; those of the first are due first of all."""
        (folder / "notify.toml").write_text(CONFIG_WITHOUT_LIMITS + config)
        clinics = cls(folder)
        column, value = CONTACT[channel]
        rows = {
            "clinics": ["clinic_id;name;portal_url;sender_email;post"]
            + [f"{one};{one.title()};https://{one}.example;post@{one}.example;yes" for one in due],
            "patients": [f"clinic_id;patient_id;{column};consent;preferred_method"]
            + [
                f"{one};P{number};{value.format(clinic=one, number=number)};yes;{channel}"
                for one, count in due.items()
                for number in range(count)
            ],
        }
        clinics.bring(rows, BEFORE)
        clinics.say(due)
        return clinics

    def say(self, due: Mapping[str, int], numbered_from: int = 0, at: str = NOON) -> None:
        dialogs = ["clinic_id;dialog_id;patient_id;kind;sent_at"]
        for place, (one, count) in enumerate(due.items()):
            dialogs += [
                f"{one};D{number + numbered_from:06};P{number};dialog;2026-06-03T11:{place:02}:{number % 60:02}+02:00"
                for number in range(count)
            ]
        self.bring({"dialogs": dialogs}, at)

    def bring(self, tables: Mapping[str, Sequence[str]], at: str) -> None:
        for kind, rows in tables.items():
            path = self.folder / f"{kind}.csv"
            path.write_text("\n".join(rows))
            answer = self.call("import", str(path), at=at)
            assert answer.exit == 0, answer

    def call(self, *arguments: str, at: str = NOON) -> Answer:
        engines.let_services_recover(self.folder)
        return Program(self.folder).call(at, arguments)

    def json(self, *arguments: str, at: str = NOON) -> Any:
        return json.loads(self.call(*arguments, "--json", at=at).out)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return engines.rows(self.folder, sql)

    def statuses(self, *clinics: str) -> dict[str, int]:
        marks = ", ".join(f"'{one}'" for one in clinics)
        return dict(
            self.rows(f"SELECT status, count(*) FROM delivery WHERE clinic_id IN ({marks}) GROUP BY status")  # type: ignore[arg-type]
        )


@dataclass
class MailServers:
    """`arrived_first`: whether the others' messages came while the troubled ones were still waited for."""

    troubled: list[ScriptedServer]
    others: list[ScriptedServer]
    arrived_first: bool = False

    def config(self, clinics: Sequence[str]) -> str:
        servers = [*self.troubled, *self.others]
        assert len(servers) == len(clinics)
        return "".join(section(one, server.port) for one, server in zip(clinics, servers, strict=True))  # type: ignore[attr-defined]

    def arrived(self) -> int:
        return sum(len(one.messages) for one in self.others)


def section(clinic: str, port: int, more: str = "") -> str:
    return f'[clinic.{clinic}.email]\ntransport = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n{more}'


@asynccontextmanager
async def mail_servers(trouble: Script, troubled: int, others: int, expected: int) -> AsyncIterator[MailServers]:
    """The trouble ends, and what is held by it breaks, when the others have got `expected` messages."""
    async with AsyncExitStack() as stack:
        one_each = [Script(dict(trouble.answers)) for _ in range(troubled)]
        ill = [await stack.enter_async_context(scripted(script)) for script in one_each]
        servers = MailServers(ill, [await stack.enter_async_context(scripted()) for _ in range(others)])
        watch = asyncio.create_task(_end_trouble(servers, expected))
        try:
            yield servers
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)


async def _end_trouble(servers: MailServers, expected: int) -> None:
    begun = asyncio.get_running_loop().time()
    while servers.arrived() < expected:
        await asyncio.sleep(0.01)
    servers.arrived_first = asyncio.get_running_loop().time() - begun < LONGEST
    for server in servers.troubled:
        server.script.answers.clear()
        for talk in tuple(server.talks):
            talk.transport.abort()
