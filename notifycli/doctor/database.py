"""What notify doctor looks at in the database: whether it is sound, its runs, and each clinic. Changes nothing.

Source: SPEC section 8.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from notifycli.doctor.checks import Check, in_time
from notifycli.doctor.services import mailbox_in
from notifycli.domain.sms_senders import wrong_with_sms_sender
from notifycli.store import health, journal, switches
from notifycli.store.engine import Connection

MOST_SHOWN = 12
A_MINUTE = 60
SETTINGS = "whom notify.toml names"


def of_connection(connection: Connection) -> Iterator[Check]:
    for finding in connection.findings():
        yield Check(*finding)


def of_soundness(connection: Connection) -> Iterator[Check]:
    """May read all of the database."""
    for finding in connection.findings_of_all():
        yield Check(*finding)


def of_runs(connection: Connection, now: int | None) -> Iterator[Check]:
    """`now` is None where it is not the real time."""
    last = journal.state(connection, "last_run_at", None)
    if last is None:
        yield Check("runs", "look", "notify run was never called here; put it in the crontab: * * * * * notify run")
    elif now is not None and last > now + A_MINUTE:
        yield Check("runs", "look", "the last run was later than now: the clock was set back, or was another one")
    else:
        yield Check("runs", "ok", "notify run has been here; see: notify status")


def of_imports(last_at: int | None, silent_since: Mapping[str, int], now: int, hours: int) -> Iterator[Check]:
    """How old the last import is. `silent_since`: as Health has it. `hours`: limits.max_hours_without_import."""
    if last_at is None:
        yield Check("imports", "look", "nothing was imported yet; type: notify import FILE...")
        return
    silent = ", ".join(sorted(clinic or "all clinics" for clinic in silent_since))
    if silent:
        text = f"no appointments came for more than {hours} hours, of {silent}; does the export still run?"
        yield Check("imports", "look", f"{text} Type: notify imports")
    else:
        yield Check("imports", "ok", f"the last one came {in_time(max(0, now - last_at))} ago")


def of_clinics(connection: Connection) -> Iterator[Check]:
    """One check a clinic; where there are many, those in order share one."""
    rows = health.clinics(connection)
    if not rows:
        yield Check("clinics", "look", "none yet; type: notify import clinics.csv types.csv patients.csv")
        return
    types = Counter(type_["clinic"] for type_ in switches.types(connection, None) if type_["is_on"])
    modules: dict[str, list[str]] = {}
    for module in switches.modules(connection, None):
        modules.setdefault(module["clinic"], []).extend([module["name"]] if module["is_on"] else [])
    checks = [_of_clinic(row, modules[row["clinic"]], types[row["clinic"]]) for row in rows]
    in_order = [check for check in checks if check.state == "ok"]
    yield from (check for check in checks if check.state != "ok")
    if len(in_order) > MOST_SHOWN:
        yield Check("clinics", "ok", f"{len(in_order)} of {len(rows)} are in order")
    else:
        yield from in_order


def _of_clinic(row: dict[str, Any], modules: list[str], types: int) -> Check:
    name = f"clinic {row['clinic']}"
    try:
        ZoneInfo(row["timezone"])
    except (OSError, ValueError, LookupError):
        text = f"its time zone {row['timezone']} is not known here; mend it in clinics.csv and import that"
        return Check(name, "broken", text)
    wrong = []
    if not row["portal_url"]:
        wrong.append("it has no portal_url, so its messages lead nowhere; import it with its clinics.csv")
    if not modules:
        wrong.append(f"no module is on, so nothing is sent; type: notify module enable {row['clinic']} timebook")
    elif "timebook" in modules and not types:
        wrong.append(f"no type of appointment is on; type: notify type list {row['clinic']}")
    if row["sender_email"] and mailbox_in(row["sender_email"]) is None:
        wrong.append("its sender_email is no address; mend it in clinics.csv and import that")
    if row["sender_sms"] and (wrong_sender := wrong_with_sms_sender(row["sender_sms"])) is not None:
        wrong.append(f"its sender_sms {wrong_sender}; mend it in clinics.csv and import that")
    if wrong:
        return Check(name, "look", "; ".join(wrong))
    on = f"{', '.join(modules)}, {types} {'type' if types == 1 else 'types'}"
    senders = f"e-mail from {row['sender_email'] or SETTINGS}, SMS from {row['sender_sms'] or SETTINGS}"
    return Check(name, "ok", f"{row['name']}, {row['timezone']}; on: {on}; {senders}")
