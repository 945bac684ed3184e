"""Where mail that came back lies: a Maildir, or a mailbox of an IMAP server. Nothing in it is ever deleted.

Must not know what a message says, or what follows from it. Source: SPEC section 7 (a bounce), [receipts] in section 9.
"""

import imaplib
import logging
import os
import re
import socket
import ssl
from binascii import b2a_base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from notifycli.channels.hosts import trusting_context
from notifycli.domain.errors import ConfigError, NotifyError
from notifycli.domain.hosts import is_this_machine

log = logging.getLogger(__name__)
LONGEST = 1 << 20  # bytes; a report stands at the beginning of its message
SEEN, LEFT = "S", "L"  # the flags of a Maildir's file: read, and ours for "looked at"; other programs keep what is ours
BINNED = "T"
KEYWORD_LEFT = "NotifycliLeft"
NOT_ASCII_WORDS = re.compile(r"&|[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class Unread:
    """One message, `content` its first MiB. Say one of the two before asking for the next message.

    `done`: its reports are stored, it counts as read. `leave`: it holds none, so it stays unread for whoever reads this
    mailbox, but is not given out again. If neither is said, it comes again. Both may raise MailboxError.
    """

    content: bytes
    done: Callable[[], None]
    leave: Callable[[], None]


class Postbox(Protocol):
    """A place where mail that came back lies."""

    def unread(self) -> Iterator[Unread]:
        """Raises MailboxError. Waits for a disk or a server, so it is nothing for an event loop."""
        ...


class MailboxError(NotifyError):
    """str() says what happened, where, and what to do; never a password or an address."""


# A Maildir


class Maildir:
    """New messages, and those that another program has moved to cur/ and nobody has read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def unread(self) -> Iterator[Unread]:
        """Goes on past what cannot be read, and says so at the end."""
        refused: list[OSError] = []
        for path in [*self._files_in("new"), *self._files_in("cur")]:
            if path.parent.name == "cur" and {SEEN, LEFT, BINNED} & {*_base_and_flags(path)[1]}:
                continue
            try:
                with open(path, "rb") as file:
                    content = file.read(LONGEST)
            except FileNotFoundError:
                continue  # another program has moved it, and it will be found there
            except OSError as problem:
                refused.append(problem)
                continue
            yield Unread(content, self._marking(path, SEEN), self._marking(path, LEFT))
        if refused:
            raise MailboxError(
                f"{len(refused)} of the messages in {self._folder} cannot be read: {refused[0].strerror}.",
                "Give the user that notify runs as the right to read and rename them.",
            )

    def _files_in(self, name: str) -> list[Path]:
        folder = self._folder / name
        try:
            names = sorted(os.listdir(folder))
        except (FileNotFoundError, NotADirectoryError):
            raise MailboxError(
                f"{self._folder} is not a Maildir: it has no folder {name}/.", "Mend receipts.maildir in notify.toml."
            ) from None
        except OSError as problem:
            raise MailboxError(
                f"{folder} cannot be read: {problem.strerror}.", "Give the user that notify runs as the right to."
            ) from None
        return [path for file_name in names if not file_name.startswith(".") and (path := folder / file_name).is_file()]

    def _marking(self, path: Path, flag: str) -> Callable[[], None]:
        base, flags = _base_and_flags(path)
        marked = self._folder / "cur" / f"{base}:2,{''.join(sorted({*flags, flag}))}"

        def mark() -> None:
            try:
                os.rename(path, marked)
            except FileNotFoundError:
                return  # another program was quicker; a report that is read again does no harm
            except OSError as problem:
                raise MailboxError(
                    f"a message in {self._folder} cannot be marked as read: {problem.strerror}.",
                    "Give the user that notify runs as the right to write there.",
                ) from None

        return mark


def _base_and_flags(path: Path) -> tuple[str, str]:
    base, _, info = path.name.partition(":")
    return base, info[2:] if info.startswith("2,") else ""


# A mailbox of an IMAP server


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """How to reach a mailbox. `timeout`: seconds to wait for each answer. `cafile`: PEM, trusted alone."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    cafile: str | None = None
    timeout: float = 30.0


class Imap:
    """What is UNSEEN there. Raises ConfigError for settings that cannot be meant.

    What is left unread bears a keyword; a server that takes none (Exchange) gives it again each time, so that bounces
    are better sent to a mailbox of their own.
    """

    def __init__(self, settings: ImapSettings) -> None:
        if settings.tls == "none" and not is_this_machine(settings.host):
            raise ConfigError(
                f'receipts.tls = "none" would send the password readable to all over the network to {settings.host}',
                'write "tls" or "starttls" ("none" is for this machine only).',
            )
        self._settings = settings
        self._server = f"{settings.host}:{settings.port}"
        self._context = None if settings.tls == "none" else trusting_context(settings.cafile, "receipts")

    def unread(self) -> Iterator[Unread]:
        """Holds a connection until the last one; nothing may be said of a message after that."""
        with self._conversation() as server:
            takes_keyword = self._select(server)
            criteria = ("UNSEEN", "UNKEYWORD", KEYWORD_LEFT) if takes_keyword else ("UNSEEN",)
            lines = [line for line in self._ask(server, "SEARCH", *criteria) if isinstance(line, bytes)]
            for uid in [uid.decode() for line in lines for uid in line.split() if uid.isdigit()]:
                # PEEK: looking at it marks nothing. Nothing comes of what somebody has deleted meanwhile.
                parts = self._ask(server, "FETCH", uid, f"(BODY.PEEK[]<0.{LONGEST}>)")
                content = next((bytes(part[1])[:LONGEST] for part in parts if isinstance(part, tuple)), None)
                if content is not None:
                    yield Unread(
                        content,
                        self._marking(server, uid, r"\Seen"),
                        self._marking(server, uid, KEYWORD_LEFT if takes_keyword else ""),
                    )

    @contextmanager
    def _conversation(self) -> Iterator[imaplib.IMAP4]:
        host, port, timeout = self._settings.host, self._settings.port, self._settings.timeout
        server: imaplib.IMAP4
        with self._in_words():
            if self._settings.tls == "tls":
                server = imaplib.IMAP4_SSL(host, port, ssl_context=self._context, timeout=timeout)
            else:
                server = imaplib.IMAP4(host, port, timeout=timeout)
        log.info("connected to %s, tls %s", self._server, self._settings.tls)
        try:
            with self._in_words():
                if self._settings.tls == "starttls" and "STARTTLS" not in server.capabilities:
                    raise MailboxError(
                        f"the IMAP server {self._server} offers no STARTTLS, so it gets no password.",
                        'Write receipts.tls = "tls" and its port, 993 as a rule.',
                    )
                if self._settings.tls == "starttls":
                    server.starttls(self._context)
                self._log_in(server)
            yield server
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()
            with suppress(OSError):
                server.shutdown()

    def _log_in(self, server: imaplib.IMAP4) -> None:
        name, password = self._settings.username, self._settings.password
        try:
            if (name + password).isascii() and (name + password).isprintable():
                server.login(_quoted(name), password)
            else:  # LOGIN has no words for it
                server.authenticate("PLAIN", lambda _: f"\0{name}\0{password}".encode())
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:  # its words are not shown, since a server may echo what it was sent
            raise MailboxError(
                f"the IMAP server {self._server} does not take this user name and password.",
                "Mend receipts.username and receipts.password_file (or password_env).",
            ) from None

    def _select(self, server: imaplib.IMAP4) -> bool:
        """Whether the folder takes keywords."""
        with self._in_words():
            try:
                answer, _ = server.select(_quoted(modified_utf7(self._settings.folder)))
            except imaplib.IMAP4.readonly:
                raise MailboxError(
                    f"the folder {self._settings.folder} at {self._server} can only be read.",
                    "Give the user of [receipts] the right to mark messages in it.",
                ) from None
        if answer != "OK":
            raise MailboxError(
                f"the IMAP server {self._server} opens no folder {self._settings.folder}.", "Mend receipts.folder."
            )
        _, lasting = server.response("PERMANENTFLAGS")
        flags = b" ".join(flag for flag in lasting or () if isinstance(flag, bytes))
        return rb"\*" in flags or KEYWORD_LEFT.encode() in flags

    def _marking(self, server: imaplib.IMAP4, uid: str, flag: str) -> Callable[[], None]:
        def mark() -> None:
            if flag:
                self._ask(server, "STORE", uid, "+FLAGS.SILENT", f"({flag})")

        return mark

    def _ask(self, server: imaplib.IMAP4, command: str, *arguments: str) -> list[bytes | tuple[bytes, bytes]]:
        with self._in_words():
            answer, data = server.uid(command, *arguments)
        if answer != "OK":
            raise MailboxError(
                f"the IMAP server {self._server} refuses {command} in {self._settings.folder}.",
                "Look into its log; the messages come again next time.",
            )
        return [part for part in data if part]

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except (imaplib.IMAP4.error, OSError, UnicodeError) as problem:
            advice = "Look at receipts.host, receipts.port and receipts.tls; what is unread there waits."
            if isinstance(problem, ssl.SSLCertVerificationError):
                advice = "Name the authority in receipts.cafile, or mend receipts.host."
            raise MailboxError(f"{self._words_for(problem)}.", advice) from None

    def _words_for(self, problem: Exception) -> str:
        if isinstance(problem, TimeoutError):
            return f"the IMAP server {self._server} did not answer in {self._settings.timeout:g} s"
        if isinstance(problem, ssl.SSLCertVerificationError):
            return f"the certificate of the IMAP server {self._server} is not trusted: {problem.verify_message}"
        if isinstance(problem, ssl.SSLError):
            return f"no TLS with the IMAP server {self._server}: {problem.reason or 'it ended the handshake'}"
        if isinstance(problem, socket.gaierror | UnicodeError):
            return f"there is no host {self._settings.host}"
        if isinstance(problem, OSError) and problem.errno and not isinstance(problem, ConnectionResetError):
            return f"the IMAP server {self._server} cannot be reached: {os.strerror(problem.errno)}"
        if isinstance(problem, imaplib.IMAP4.abort | OSError):
            return f"the IMAP server {self._server} broke the connection"
        return f"the IMAP server {self._server} does not do as it is asked"


def modified_utf7(folder: str) -> str:
    """A folder's name as IMAP writes it (RFC 3501, 5.1.3): "Søppel" is "S&APg-ppel"."""

    def encoded(run: re.Match[str]) -> str:
        if run[0] == "&":
            return "&-"
        word = b2a_base64(run[0].encode("utf-16-be"), newline=False).rstrip(b"=").replace(b"/", b",")
        return f"&{word.decode()}-"

    return NOT_ASCII_WORDS.sub(encoded, folder)


def _quoted(text: str) -> str:
    """imaplib quotes passwords only."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
