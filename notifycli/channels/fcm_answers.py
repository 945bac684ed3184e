"""What an answer of FCM, or of Google's token service, means for a delivery: pure tables.

Must not know sockets. Each detail is made of words that stand here, since what Google says may repeat a push token or
an address. Sources: SPEC section 7; google.firebase.fcm.v1.ErrorCode and RFC 6749 (5.2).
"""

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from notifycli.channels.base import Outcome

USUAL_WAIT = 60.0  # seconds, where FCM names none; its guide asks for a minute
UNTIL_SOMEBODY_MENDS_IT = 600.0
LONGEST_WAIT = 3600.0  # we try hourly at the least
TOKEN_LASTS = 3600.0  # seconds, at the most

OUTCOME_OF_CODE = {
    "UNREGISTERED": Outcome("permanent", "the app is gone from that device", reason="token_gone", is_gone=True),
    "SENDER_ID_MISMATCH": Outcome(
        "permanent",
        "that device belongs to another Firebase project than push.credentials_file",
        reason="other_sender",  # not gone: a wrong credentials_file would say so of every patient's token
    ),
    "QUOTA_EXCEEDED": Outcome("temporary", "more messages than it allows", wait=USUAL_WAIT),
    "UNAVAILABLE": Outcome("temporary", "it is overloaded", wait=USUAL_WAIT),
    # FCM lets it be tried again; if the message did leave, the collapse key makes one notice of two.
    "INTERNAL": Outcome("temporary", "an error within FCM"),
    "THIRD_PARTY_AUTH_ERROR": Outcome(
        "temporary",
        "Apple or the browser's push service does not take the project's key; mend it in the Firebase console, "
        "Cloud Messaging",  # no wait: Android's messages go on
    ),
}
BAD_TOKEN = Outcome("permanent", "that is no push token", reason="bad_token", is_gone=True)
# The fault is ours or the clinic's wording's, and the next version may mend it: no patient is to lose a notice by it.
BAD_MESSAGE = Outcome("temporary", "it does not take the message; is a push text of the clinic's own too long?")
NOT_ALLOWED = Outcome(
    "temporary",
    "it does not let the service account of push.credentials_file send; look at its roles and at the Firebase "
    "Cloud Messaging API in the Google Cloud console",
    wait=UNTIL_SOMEBODY_MENDS_IT,
)
NOT_THERE = Outcome(
    "temporary",
    "nothing there takes messages; look at push.url and the project of push.credentials_file",
    wait=UNTIL_SOMEBODY_MENDS_IT,
)
BUSY = Outcome("temporary", "it is overloaded", wait=USUAL_WAIT)
LOST_ON_THE_WAY = Outcome("uncertain", "a server before it lost the answer", wait=USUAL_WAIT)

# Where no code of FCM's tells more.
OUTCOME_OF_STATUS = {
    400: BAD_MESSAGE,
    401: NOT_ALLOWED,
    403: NOT_ALLOWED,
    408: BUSY,
    413: BAD_MESSAGE,
    429: OUTCOME_OF_CODE["QUOTA_EXCEEDED"],
    500: OUTCOME_OF_CODE["INTERNAL"],
    502: LOST_ON_THE_WAY,
    503: BUSY,
    504: LOST_ON_THE_WAY,
}

# FCM says in words alone whether it was the token that it did not understand, or names its field besides.
ABOUT_THE_TOKEN = re.compile(r"registration token", re.IGNORECASE)
FIELD_OF_THE_TOKEN = "message.token"

WHY_NO_TOKEN = {
    "invalid_grant": "the key was withdrawn, or the clock of this machine is wrong",
    "invalid_client": "the service account is not known any more",
    "unauthorized_client": "the service account may not send messages",
    "invalid_scope": "the service account may not send messages",
    "access_denied": "the service account may not send messages",
    "disabled_client": "the service account is switched off",
}


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What a body says went wrong. `code`: FCM's own, where it gives one that we know."""

    code: str | None
    is_about_the_token: bool


def outcome_of_answer(status: int, body: bytes, retry_after: str | None) -> Outcome:
    """What FCM's answer to messages:send means; never raises. `retry_after`: that header's value."""
    if 200 <= status < 300:
        name = _object(_parsed(body)).get("name")
        if isinstance(name, str) and re.fullmatch(r"projects/[!-~]{1,300}", name):
            return Outcome("sent", "FCM took it", reference=name)
        return Outcome("uncertain", f"FCM: {status}, without the name of a message")
    refusal = _refusal(body)
    if refusal.code in OUTCOME_OF_CODE:
        outcome = OUTCOME_OF_CODE[refusal.code]
    elif status == 400 and refusal.is_about_the_token:
        outcome = BAD_TOKEN
    else:
        outcome = OUTCOME_OF_STATUS.get(status, BUSY if status >= 500 else NOT_THERE)
    detail = " ".join(str(part) for part in ("FCM:", status, refusal.code) if part)
    wait = seconds_in(retry_after) if outcome.wait == USUAL_WAIT and status in (429, 503) else outcome.wait
    named = wait if retry_after and status in (429, 503) else None
    return replace(outcome, detail=f"{detail}, {outcome.detail}", wait=wait, retry_after=named)


def wants_another_token(status: int, body: bytes) -> bool:
    """Whether a fresh access token may help: FCM knows ours no more."""
    return status in (401, 403) and _refusal(body).code is None


def is_about_the_device(outcome: Outcome) -> bool:
    """Whether FCM took us for who we are, and refused the push token alone."""
    return outcome.kind == "permanent"


def outcome_without_token(status: int, body: bytes, retry_after: str | None) -> Outcome:
    """What it means that Google's token service gave no token: nothing was handed over."""
    if status == 429 or status >= 500:
        detail, wait = "it is overloaded", seconds_in(retry_after)
    else:
        word = _object(_parsed(body)).get("error")
        known = word if isinstance(word, str) and word in WHY_NO_TOKEN else None
        why = WHY_NO_TOKEN[known] if known else "look at push.credentials_file"
        detail, wait = f"{known}, {why}" if known else why, UNTIL_SOMEBODY_MENDS_IT
    return Outcome("temporary", f"Google gave no access token: {status} {detail}", wait=wait)


def token_in(body: bytes) -> tuple[str, float] | None:
    """An access token and the seconds for which it holds, None where the answer has none that fits in a header."""
    answer = _object(_parsed(body))
    token, lasts = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
        return None
    return token, float(max(0, min(lasts, TOKEN_LASTS))) if isinstance(lasts, int | float) else TOKEN_LASTS


def seconds_in(retry_after: str | None) -> float:
    """A date, which would need a clock, is taken for no answer."""
    if retry_after is None or not re.fullmatch(r"[0-9]{1,9}", retry_after.strip()):
        return USUAL_WAIT
    return min(float(retry_after), LONGEST_WAIT)


def _refusal(body: bytes) -> _Refusal:
    error = _object(_object(_parsed(body)).get("error"))
    given = error.get("details")
    details = [_object(detail) for detail in given] if isinstance(given, list) else []
    codes = [detail.get("errorCode") for detail in details]
    known = [code for code in codes if isinstance(code, str) and code in (*OUTCOME_OF_CODE, "INVALID_ARGUMENT")]
    listed = [detail.get("fieldViolations") for detail in details]
    violations = [_object(violation) for of_detail in listed if isinstance(of_detail, list) for violation in of_detail]
    words = error.get("message")
    is_about_the_token = isinstance(words, str) and bool(ABOUT_THE_TOKEN.search(words))
    if violations:
        is_about_the_token = any(violation.get("field") == FIELD_OF_THE_TOKEN for violation in violations)
    return _Refusal(known[0] if known else None, is_about_the_token)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
