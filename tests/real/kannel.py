"""Kannel, as a clinic's own SMS gateway: bearerbox and smsbox, and the operator behind them (smsc.js)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.real.servers import free_ports, program, running, scratch

HERE = Path(__file__).parent
USER, PASSWORD = "nidelv", "sesame-2026"

KANNEL_CONF = """\
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {password}
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
log-file = {folder}/bearerbox.log
log-level = 0
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = operator
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = kannel
smsc-password = kannel
system-type = ""
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = {folder}/smsbox.log
log-level = 0
http-request-retry = 30
http-queue-delay = 1

group = sendsms-user
username = {user}
password = {password}
user-deny-ip = "*.*.*.*"
user-allow-ip = "127.0.0.1"
concatenation = true
max-messages = 3

group = sms-service
keyword = default
text = ""
max-messages = 0
"""


@dataclass(frozen=True)
class Kannel:
    folder: Path
    sendsms: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.sendsms}/cgi-bin/sendsms"

    @property
    def logs(self) -> tuple[Path, ...]:
        return tuple(self.folder / name for name in ("bearerbox.log", "smsbox.log", "smsc.out"))

    def taken(self, to: str) -> list[dict[str, Any]]:
        """What the operator took for a number, in order: id, to, from, coding (8 is UCS-2) and text."""
        lines = (self.folder / "smsc.out").read_text(encoding="utf-8").splitlines()
        return [one for one in map(json.loads, lines) if one["to"].lstrip("+") == to.lstrip("+")]


@contextmanager
def kannel() -> Iterator[Kannel]:
    admin, smsbox, sendsms, smsc = free_ports(4)
    with scratch("kannel") as folder:
        conf = folder / "kannel.conf"
        ports = {"admin": admin, "smsbox": smsbox, "sendsms": sendsms, "smsc": smsc}
        conf.write_text(KANNEL_CONF.format(folder=folder, user=USER, password=PASSWORD, **ports))
        gateway = Kannel(folder, sendsms)
        with (
            running([program("node"), str(HERE / "smsc.js"), str(smsc)], folder / "smsc.out", smsc),
            running([program("bearerbox"), str(conf)], folder / "bearerbox.out", admin, smsbox),
            running([program("smsbox"), str(conf)], folder / "smsbox.out", sendsms),
        ):
            yield gateway
