"""Who we are to Google: a service account's file, and the access tokens that it can be exchanged for.

Must not know messages. Nothing of the file but the project's id may reach a detail, an error or a repr. Source: SPEC
section 9, `credentials_file`; RFC 7523 (a signed assertion becomes a token).
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from google.auth import jwt
from google.auth.crypt import RSASigner

from notifycli.channels.base import Outcome
from notifycli.channels.fcm_answers import UNTIL_SOMEBODY_MENDS_IT, outcome_without_token, token_in
from notifycli.domain.errors import ConfigError, NotifyError
from notifycli.domain.hosts import is_this_machine

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_LASTS = 3600  # seconds; the longest that Google takes
RENEWED_BEFORE_ITS_END = 300.0  # seconds
NEEDED = ("project_id", "client_email", "private_key", "token_uri")
PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:-]{0,99}")
MEND_IT = "download it again from the Firebase console (Project settings, Service accounts)"


@dataclass(frozen=True, slots=True)
class FcmAnswer:
    """An HTTP answer, read whole."""

    status: int
    body: bytes = field(repr=False)
    retry_after: str | None


class RequestFailed(NotifyError):
    """What was asked for came to nothing; `outcome` is what that means for a delivery."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A service account of a Firebase project, with its key."""

    project: str
    email: str = field(repr=False)
    token_uri: str = field(repr=False)
    signer: RSASigner = field(repr=False)

    @classmethod
    def in_file(cls, path: Path) -> Self:
        """Raises ConfigError, which names what is missing and no value."""
        try:
            account = json.loads(path.read_bytes())
        except OSError as problem:
            reason = problem.strerror or type(problem).__name__
            raise ConfigError(f"push.credentials_file {path} cannot be read: {reason}.") from None
        except (ValueError, RecursionError):
            raise _wrong(path, "it is not JSON") from None
        if not isinstance(account, dict) or account.get("type") != "service_account":
            raise _wrong(path, 'it is no service account: "type" is not "service_account"')
        missing = [name for name in NEEDED if not (isinstance(account.get(name), str) and account[name])]
        if missing:
            raise _wrong(path, "it has no " + " and no ".join(f'"{name}"' for name in missing))
        if not PROJECT.fullmatch(account["project_id"]):
            raise _wrong(path, 'its "project_id" is none')
        if not is_private(account["token_uri"]):
            raise _wrong(path, 'its "token_uri" is no https:// address')
        return cls(account["project_id"], account["client_email"], account["token_uri"], _signer_of(account, path))

    def assertion(self, now: int) -> bytes:
        """A signed claim to be this account, good for an hour from `now` (UTC epoch seconds)."""
        claims = {"iss": self.email, "scope": SCOPE, "aud": self.token_uri, "iat": now, "exp": now + ASSERTION_LASTS}
        return bytes(jwt.encode(self.signer, claims))  # type: ignore[no-untyped-call]


class AccessToken:
    """The present token, fetched when it is first needed, anew before its end, and by one at a time.

    `post` sends a form to an address; it raises RequestFailed where no answer came.
    """

    def __init__(self, account: ServiceAccount, post: Callable[[str, bytes], Awaitable[FcmAnswer]]) -> None:
        self._account = account
        self._post = post
        self._token: str | None = None
        self._ends = 0.0
        self._one_at_a_time = asyncio.Lock()
        self._failures = 0
        self._latest: Outcome | None = None

    async def present(self, now: int) -> str:
        """Raises RequestFailed. `now`: UTC epoch seconds, right to some minutes."""
        failures = self._failures
        async with self._one_at_a_time:
            if self._token is not None and asyncio.get_running_loop().time() < self._ends:
                return self._token
            if self._latest and self._failures > failures:  # while we stood in line
                raise RequestFailed(self._latest)
            asked_at = asyncio.get_running_loop().time()
            form = {"grant_type": GRANT, "assertion": self._account.assertion(now).decode("ascii")}
            try:
                answer = await self._post(self._account.token_uri, urlencode(form).encode("ascii"))
                if answer.status != 200:
                    raise RequestFailed(outcome_without_token(answer.status, answer.body, answer.retry_after))
                token = token_in(answer.body)
                if token is None:
                    detail = "Google's answer holds no access token; look at the token_uri of push.credentials_file"
                    raise RequestFailed(Outcome("temporary", detail, wait=UNTIL_SOMEBODY_MENDS_IT))
                self._token, lasts = token
                self._ends = asked_at + lasts - RENEWED_BEFORE_ITS_END
                return self._token
            except RequestFailed as trouble:
                self._failures += 1
                self._latest = trouble.outcome
                raise

    def forget(self, token: str) -> None:
        """That one is taken no more; another may have its place already."""
        if self._token == token:
            self._token = None


def is_private(url: str) -> bool:
    """Whether what is sent there is hidden from the network: by TLS, or since it stays on this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if (
        parts.username
        or parts.password
        or parts.query
        or parts.fragment
        or not host
        or re.search(r"[\s\x00-\x1f]", url)
    ):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host))


def _signer_of(account: dict[str, Any], path: Path) -> RSASigner:
    key_id = account.get("private_key_id")
    try:
        signer: RSASigner = RSASigner.from_string(  # type: ignore[no-untyped-call]
            account["private_key"], key_id if isinstance(key_id, str) else None
        )
        signer.sign(b"")  # a key of another kind is found out here only
    except (ValueError, TypeError, AttributeError, UnsupportedAlgorithm):
        raise _wrong(path, 'its "private_key" is no RSA key in PEM form') from None
    return signer


def _wrong(path: Path, what: str) -> ConfigError:
    return ConfigError(f"push.credentials_file {path} cannot be used: {what}", f"{MEND_IT}.")
