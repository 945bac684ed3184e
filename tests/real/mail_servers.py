"""Postfix and Dovecot: mail is handed in over TLS with a login, delivered or bounced, and read over IMAP.

Postfix has two doors. `submission` takes mail of who logs in; `refusing` plays the server of other domains, and refuses
what comes for them, so that Postfix itself has to write the bounce.
"""

import imaplib
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import trustme

from tests.real.servers import LOOPBACK, free_ports, must_be_on_loopback, program, running, scratch, until

CLINIC = "post@nidelv.example"
LOCAL = (CLINIC, "kari@post.example")
PASSWORD = "open sesame"
NOBODY, NOGROUP = 65534, 65534  # who owns delivered mail, since Postfix writes none as root

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.nidelv.example
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
biff = no
disable_dns_lookups = yes
smtp_host_lookup = native

virtual_mailbox_domains = nidelv.example post.example
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
transport_maps = inline:{{
  {{ gone.example = smtp:[127.0.0.1]:{refusing} }},
  {{ full.example = smtp:[127.0.0.1]:{refusing} }} }}
default_transport = error:5.7.1 this server writes to nobody else

smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {folder}/server.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/sasl/postfix
smtpd_tls_auth_only = yes
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject

# What cannot be delivered at its first attempt has expired.
maximal_queue_lifetime = 0
"""

MASTER_CF = """\
127.0.0.1:{submission} inet n - n - - smtpd
127.0.0.1:{refusing} inet n - n - - smtpd
  -o myhostname=mx.gone.example
  -o smtpd_tls_security_level=none
  -o smtpd_sasl_auth_enable=no
  -o smtpd_relay_restrictions=
  -o {{ smtpd_recipient_restrictions = check_recipient_access inline:{{
  {{ gone.example = 550 5.1.1 mailbox unknown }},
  {{ full.example = 452 4.2.2 mailbox full }} }}, reject }}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT_CONF = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
disable_plaintext_auth = yes
auth_mechanisms = plain login
auth_username_format = %Lu
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%d/%n
first_valid_uid = {uid}
last_valid_uid = {uid}
first_valid_gid = {gid}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%d/%n
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
# Otherwise each wrong password makes the next login wait longer.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {folder}/sasl/postfix {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
"""


@dataclass(frozen=True)
class MailServers:
    """`submission`, `imap`, `imaps`: ports. `cafile`: who signed the certificate of them all, which names 127.0.0.1."""

    folder: Path
    submission: int
    imap: int
    imaps: int

    @property
    def cafile(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def logs(self) -> tuple[Path, Path]:
        return self.folder / "postfix.log", self.folder / "dovecot.log"

    def maildir(self, address: str) -> Path:
        name, _, domain = address.partition("@")
        return self.folder / "mail" / domain / name

    def letters(self, address: str) -> list[EmailMessage]:
        """What is in that mailbox; nothing is marked as read."""
        with self._inbox(address) as (server, count):
            fetched = [server.fetch(str(number + 1), "(BODY.PEEK[])") for number in range(count)]
        return [message_from_bytes(data[0][1], policy=policy.default) for _, data in fetched]

    def unseen(self, address: str) -> int:
        with self._inbox(address) as (server, _):
            return len(server.search(None, "UNSEEN")[1][0].split())

    @contextmanager
    def _inbox(self, address: str) -> Iterator[tuple[imaplib.IMAP4, int]]:
        with imaplib.IMAP4(LOOPBACK, self.imap, timeout=10) as server:
            server.starttls(ssl.create_default_context(cafile=self.cafile))
            server.login(address, PASSWORD)
            _, (count,) = server.select("INBOX", readonly=True)
            assert count is not None
            yield server, int(count)

    def wait_for_letters(self, address: str, number: int = 1) -> list[EmailMessage]:
        new = self.maildir(address) / "new"
        until(lambda: new.is_dir() and len(list(new.iterdir())) >= number, f"mail for {address}", *self.logs)
        return self.letters(address)

    def empty(self) -> None:
        """By hand: what is in new/ and cur/ is all that a Maildir holds."""
        for address in LOCAL:
            for name in ("new", "cur"):
                for letter in (self.maildir(address) / name).glob("*"):
                    letter.unlink()


@contextmanager
def postfix_and_dovecot() -> Iterator[MailServers]:
    submission, refusing, imap, imaps = free_ports(4)
    with scratch("mail") as folder:
        servers = MailServers(folder, submission, imap, imaps)
        _write(folder, submission=submission, refusing=refusing, imap=imap, imaps=imaps)
        command = [program("dovecot"), "-F", "-c", str(folder / "dovecot.conf")]
        with running(command, folder / "dovecot.out", imap, imaps), _postfix(folder):
            must_be_on_loopback(submission, refusing)
            yield servers


@contextmanager
def _postfix(folder: Path) -> Iterator[None]:
    """It goes into the background itself, and knows its own process by the file in its queue directory."""
    postfix = [program("postfix"), "-c", str(folder / "postfix")]
    begun = subprocess.run([*postfix, "start"], capture_output=True, text=True, timeout=60)
    assert begun.returncode == 0, begun.stderr
    try:
        yield
    finally:
        subprocess.run([*postfix, "stop"], capture_output=True, timeout=60)


def _write(folder: Path, **ports: int) -> None:
    _write_certificates(folder)
    for name in ("postfix", "queue", "data", "mail", "sasl", "run"):
        (folder / name).mkdir()
    subprocess.run(["chown", "postfix", str(folder / "data")], check=True)
    subprocess.run(["chown", f"{NOBODY}:{NOGROUP}", str(folder / "mail")], check=True)
    values: dict[str, object] = {"folder": folder, "uid": NOBODY, "gid": NOGROUP, **ports}
    (folder / "postfix" / "main.cf").write_text(MAIN_CF.format(**values))
    (folder / "postfix" / "master.cf").write_text(MASTER_CF.format(**values))
    (folder / "dovecot.conf").write_text(DOVECOT_CONF.format(**values))
    (folder / "users").write_text("".join(f"{address}:{PASSWORD}\n" for address in LOCAL))
    (folder / "mailboxes").write_text("".join(f"{address} {_maildir_of(address)}\n" for address in LOCAL))


def _maildir_of(address: str) -> str:
    """The slash at its end makes Postfix write a Maildir."""
    name, _, domain = address.partition("@")
    return f"{domain}/{name}/"


def _write_certificates(folder: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert(LOOPBACK).private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    (folder / "server.pem").chmod(0o600)
