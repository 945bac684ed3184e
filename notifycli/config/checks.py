"""What the schema cannot say of a value, and what only several keys together show. Opens no file, asks no network.

`table` is the table's name, such as "email" or "clinic.nidelv.email". Source: SPEC sections 3 and 9.
"""

import re
from zoneinfo import ZoneInfo, available_timezones

from notifycli.config.columns import CONTRACT_COLUMNS
from notifycli.config.database import has_password, is_of_server
from notifycli.config.errors import Mistake, nearest, shown
from notifycli.config.gateways import GATEWAYS
from notifycli.config.settings import Doctor, Email, General, Push, Receipts, Rehearsal, SecondSms, Sms
from notifycli.domain.hosts import address_and_port, is_this_machine
from notifycli.domain.model import STATE_OF_STATUS

LABEL = r"[^\W_]+(?:-+[^\W_]+)*"
ATOM = r'[^\s<>@"(),:;\\\[\].]+'
ADDRESS = rf"{ATOM}(?:\.{ATOM})*@(?:(?:{LABEL}\.)+{LABEL}|localhost)"
# The form alone: email-validator would cost every run of every minute 30 ms.
FROM_HEADER = re.compile(rf"\s*(?:[^<>]*<\s*{ADDRESS}\s*>|{ADDRESS})\s*")
HOST = re.compile(r"[^\s/@:\[\]]+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
SERVICE_URL = re.compile(r"(https?)://(\[[0-9A-Fa-f:.]+\]|[^\s/@?#:\[\]]+)(?::\d+)?(?:/[^\s?#]*)?")
PUBLIC_URL = re.compile(r"https?://[^\s/@?#]+(/[^\s?#]*)?")
SELECTOR = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_general(general: General) -> None:
    """The keys at the top of the file."""
    if not general.database:
        raise Mistake("database is empty", 'write database = "notify.db".')
    if is_of_server(general.database) and has_password(general.database):
        raise Mistake("database holds a password", "write it into a file, and name that as database_password_file.")
    if general.database_password_file and general.database_password_env:
        raise Mistake("both database_password_file and database_password_env are set", "take one of them out.")
    if general.database_password_env and not VARIABLE.fullmatch(general.database_password_env):
        raise Mistake('database_password_env must be the name of an environment variable, such as "PGPASSWORD"')
    if general.timezone == General().timezone:
        return
    try:
        ZoneInfo(general.timezone)
    except (OSError, ValueError, LookupError):  # a folder of zones; a name out of the folder; no such zone
        meant = nearest(general.timezone, sorted(available_timezones()))
        hint = f"did you mean '{meant}'?" if meant else "write one such as 'Europe/Oslo'."
        raise Mistake(f"timezone {shown(general.timezone)} is not known", hint) from None


def check_email(email: Email, table: str) -> None:
    """[email], everybody's or as it is for a clinic."""
    _check_password(email, table)
    if not FROM_HEADER.fullmatch(email.sender):
        raise Mistake(f"[{table}] from is no address", 'write from = "Nidelv legesenter <post@nidelv.example>".')
    if email.transport == "smtp" and not email.host:
        raise Mistake(f'[{table}] transport = "smtp" needs a host', 'write host = "mail.nidelv.example".')
    if email.host and not HOST.fullmatch(email.host):
        raise Mistake(f"[{table}] host must be the name or the address of a server alone", "the port has its own key.")
    if email.tls == "none" and email.host and not is_this_machine(email.host):
        raise Mistake(
            f'[{table}] tls = "none" is for this machine only, and host = {shown(email.host)} is another',
            'write tls = "starttls" or "tls".',
        )
    if email.transport == "smtp" and email.username and not (email.password_file or email.password_env):
        raise Mistake(f"[{table}] has a username and no password", "set password_file or password_env.")
    if email.dkim_selector and not SELECTOR.fullmatch(email.dkim_selector):
        raise Mistake(f"[{table}] dkim_selector is none", 'write the selector alone, as in dkim_selector = "s1".')


def check_sms(sms: Sms, table: str) -> None:
    """[sms], everybody's or as it is for a clinic."""
    _check_gateway(sms, table)
    if not sms.sender.strip():
        raise Mistake(f"[{table}] from is empty", 'write from = "Nidelv", a name of at most 11 letters, or a number.')
    _check_gateway(sms.second, f"{table}.second")
    if table == "sms" and sms.second.transport == "none" and sms.second != SecondSms():
        raise Mistake(f"[{table}.second] names no gateway", 'write transport = "sveve", or another as in [sms].')


def _check_gateway(sms: Sms | SecondSms, table: str) -> None:
    _check_password(sms, table)
    if sms.transport == "command" and not (sms.command and sms.command[0]):
        raise Mistake(
            f'[{table}] transport = "command" needs a program', 'write command = ["/usr/local/bin/send-sms"].'
        )
    gateway = GATEWAYS.get(sms.transport)
    if gateway is not None and not all(getattr(sms, key) for key in gateway.needs):
        raise Mistake(f'[{table}] transport = "{sms.transport}" needs {gateway.asks_for}.')
    _check_url(sms.url, table)
    if gateway is not None and not (sms.username and (sms.password_file or sms.password_env)):
        raise Mistake(f'[{table}] transport = "{sms.transport}" needs a username, and password_file or password_env.')


def check_push(push: Push, table: str) -> None:
    """[push], everybody's or as it is for a clinic."""
    _check_url(push.url, table)
    if push.transport == "fcm" and not push.credentials_file:
        raise Mistake(f'[{table}] transport = "fcm" needs credentials_file, the service account\'s JSON file.')


def check_receipts(receipts: Receipts, table: str) -> None:
    """[receipts]: a mailbox of one kind, reached without showing its password to the network."""
    _check_password(receipts, table)
    if receipts.secret_file and receipts.secret_env:
        raise Mistake(f"[{table}] has both secret_file and secret_env", "take one of them out.")
    if receipts.maildir and receipts.host:
        raise Mistake(f"[{table}] has both maildir and host", "name the one of them in which bounces arrive.")
    if receipts.host and not HOST.fullmatch(receipts.host):
        raise Mistake(f"[{table}] host must be the name or the address of a server alone", "the port has its own key.")
    if receipts.tls == "none" and receipts.host and not is_this_machine(receipts.host):
        raise Mistake(
            f'[{table}] tls = "none" is for this machine only, and host = {shown(receipts.host)} is another',
            'write tls = "tls" or "starttls".',
        )
    if receipts.host and not (receipts.username and (receipts.password_file or receipts.password_env)):
        raise Mistake(f"[{table}] has a host", "it needs a username, and password_file or password_env, too.")
    if receipts.public_url and not PUBLIC_URL.fullmatch(receipts.public_url):
        raise Mistake(f'[{table}] public_url must be an address such as "https://notify.nidelv.example".')
    if receipts.public_url and not (receipts.secret_file or receipts.secret_env):
        raise Mistake(f"[{table}] has a public_url", "it needs secret_file or secret_env, too.")


def check_doctor(doctor: Doctor, table: str) -> None:
    """[doctor]: a name server is named by its address, since its name would have to be asked for."""
    if doctor.nameserver and address_and_port(doctor.nameserver) is None:
        hint = 'write one such as "192.0.2.53" or "127.0.0.1:5353".'
        raise Mistake(f"[{table}] nameserver {shown(doctor.nameserver)} is no IP address", hint)


def check_rehearsal(rehearsal: Rehearsal, table: str) -> None:
    """[rehearsal]: each of its entries is something that a message can go to; only a rehearsal pays for the look."""
    if not rehearsal.only:
        return
    from notifycli.domain.rehearsing import listed_as

    for entry in rehearsal.only:
        if listed_as(entry) is None:
            raise Mistake(
                f"[{table}] only: {shown(entry)} is no phone number, e-mail address or @domain",
                'write it as in only = ["+4791000001", "kari@nidelv.example", "@nidelv.example"].',
            )


def check_columns(columns: dict[str, str], table: str) -> None:
    """A clinic's own column names stand for the contract's."""
    for own, column in columns.items():
        if not own.strip():
            raise Mistake(f"[{table}] columns: an own name of a column is empty", "take it out.")
        if column not in CONTRACT_COLUMNS:
            meant = nearest(column, CONTRACT_COLUMNS)
            hint = f"did you mean '{meant}'?" if meant else "write one such as 'patient_id'."
            raise Mistake(f"[{table}] columns: {shown(own)} stands for {shown(column)}, which is no column", hint)


def check_statuses(statuses: dict[str, str], table: str) -> None:
    """A clinic's own words for what an appointment is stand for the contract's."""
    for own, status in statuses.items():
        if not own.strip():
            raise Mistake(f"[{table}] statuses: an own word for a status is empty", "take it out.")
        if status not in STATE_OF_STATUS:
            meant = nearest(status, STATE_OF_STATUS)
            hint = f"did you mean '{meant}'?" if meant else f"they are {', '.join(STATE_OF_STATUS)}."
            raise Mistake(f"[{table}] statuses: {shown(own)} stands for {shown(status)}, which is no status", hint)


def _check_url(url: str, table: str) -> None:
    """Of a service that gets patients' numbers and messages."""
    if not url:
        return
    parts = SERVICE_URL.fullmatch(url)
    if not parts:
        raise Mistake(
            f"[{table}] url must begin with https://, or with http:// for this machine, and name no password."
        )
    from urllib.parse import urlsplit  # only a gateway's own address needs it

    try:
        _ = urlsplit(url).port
    except ValueError:
        advice = "mend it, as in https://sms.example:8443/send."
        raise Mistake(f"[{table}] url names a host or a port that cannot be", advice) from None
    if parts[1] == "http" and not is_this_machine(parts[2].strip("[]")):
        raise Mistake(f"[{table}] url begins with http://, which is for this machine only", "write https://.")


def _check_password(section: Email | Sms | SecondSms | Receipts, table: str) -> None:
    if section.password_file and section.password_env:
        raise Mistake(f"[{table}] has both password_file and password_env", "take one of them out.")
    if section.password_env and not VARIABLE.fullmatch(section.password_env):
        raise Mistake(f'[{table}] password_env must be the name of an environment variable, such as "SMTP_PASSWORD".')
