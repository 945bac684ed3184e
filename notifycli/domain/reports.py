"""What a report does to a delivery that stands as it does. Source: SPEC section 7: a status never moves backwards."""

from typing import Literal

State = Literal["sent", "delivered", "failed"]
Effect = Literal["early", "none", "sent", "delivered", "failed"]


def effect_of(said: State, status: str, attempts: int, *, is_of_this_attempt: bool) -> Effect:
    """The status that it takes; `early` while its answer is still to be written, `none` where it says nothing new.

    What waits to be sent again may be found to have arrived. That an earlier attempt failed says nothing of a later.
    """
    if status == "sending":
        return "early"
    if status in ("delivered", "failed", "skipped") or (status == "queued" and not attempts):
        return "none"
    if said == "sent":
        return "none" if status == "sent" else "sent"
    if said == "failed" and not is_of_this_attempt:
        return "none"
    return said
