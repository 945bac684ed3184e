"""A clinic for the tests with real servers: what it writes into notify.toml, and what it sees of its messages."""

import json
from pathlib import Path
from typing import Any

from tests.real.mail_servers import CLINIC, PASSWORD, MailServers
from tests.support.one_clinic import Clinic

BOOKED = "2026-06-03T12:00:00+02:00"
DUE = "2026-06-03T12:06:00+02:00"
LATER = "2026-06-03T12:20:00+02:00"
KARI = "kari@post.example"


def email_section(servers: MailServers, folder: Path, password: str = PASSWORD, **differing: str | int) -> str:
    """[email] as Postfix takes it, but for what differs."""
    (folder / "password").write_text(password)
    (folder / "password").chmod(0o600)
    keys = {
        "transport": "smtp",
        "host": "127.0.0.1",
        "port": servers.submission,
        "tls": "starttls",
        "cafile": str(servers.cafile),
        "username": CLINIC,
        "password_file": "password",
        "from": f"Nidelv legesenter <{CLINIC}>",
    }
    return section("email", **(keys | differing))


def section(name: str, **keys: str | int) -> str:
    """A table of notify.toml; JSON's way to write texts and numbers is TOML's, too."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    return "\n".join([f"[{name}]", *lines, ""])


def booked_for(clinic: Clinic, patient: str = "P1", appointment: str = "A1", **contact: str) -> None:
    """An appointment whose confirmation is due at DUE; `contact`: email or mobile to be set before."""
    for name, value in contact.items():
        assert clinic.call("patient", "set", "nidelv", patient, f"--{name}", value).exit == 0
    clinic.book(f"{appointment};{patient};KONS;2026-06-18T10:00;booked;;Rom 2", at=BOOKED)


def statuses(clinic: Clinic) -> list[tuple[str, str, str | None]]:
    """(channel, status, reason) of each delivery."""
    return sorted((row["channel"], row["status"], row["reason"]) for row in clinic.json("history", "--limit", "0"))


def counted(answer: dict[str, Any]) -> dict[str, Any]:
    """What is not 0."""
    return {name: value for name, value in answer.items() if value}
