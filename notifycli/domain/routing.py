"""On which channel a notice goes, and where it falls back to. Knows nothing of why it goes. Source: SPEC section 5."""

from collections.abc import Collection
from typing import Literal

from notifycli.domain.words import CHANNELS, Channel, Method

OTHER_CHANNEL: dict[Channel, Channel] = {"email": "sms", "sms": "email"}


def possible_channels(
    email: str | None, gets_sms: bool, push_token: str | None, push_allowed: bool, gone: Collection[Channel] = ()
) -> frozenset[Channel]:
    """The channels that a patient's contact details allow. `gone`: those whose address is known to be no more."""
    allowed: set[Channel] = {"email"} if email else set()
    if gets_sms:
        allowed.add("sms")
    if push_token and push_allowed:
        allowed.add("push")
    return frozenset(allowed.difference(gone))


def channels_for(preferred: Method | None, possible: Collection[Channel]) -> tuple[Channel, ...]:
    """The channels of a new notice; empty when neither e-mail nor SMS is possible, since push never goes alone."""
    if not {"email", "sms"} & set(possible):
        return ()
    if preferred == "both":
        return tuple(channel for channel in ("email", "sms") if channel in possible)
    wanted: Channel = "sms" if preferred == "sms" else "email"
    first = wanted if wanted in possible else OTHER_CHANNEL[wanted]
    if preferred is None and "push" in possible:
        return (first, "push")
    return (first,)


def why_out_of_reach(consent: bool, possible: Collection[Channel]) -> Literal["no_consent", "no_contact"] | None:
    """Why no notice can reach a patient; None: one can (SPEC R17, R18)."""
    if not consent:
        return "no_consent"
    return None if {"email", "sms"} & set(possible) else "no_contact"


def rerouted(
    given: Collection[Channel], now_given: Collection[Channel], has_gone_out: bool
) -> tuple[frozenset[Channel], frozenset[Channel]]:
    """Of a waiting notice, the channels whose deliveries are not wanted now, and those to be made (SPEC section 5).

    `given`: what preference and contact details gave when its deliveries were made; `now_given`: what they give now.
    While they give the same, a fallback stays what it is.
    """
    if set(given) == set(now_given):
        return frozenset(), frozenset()
    unwanted = frozenset(CHANNELS).difference(now_given)
    return unwanted, frozenset() if has_gone_out else frozenset(now_given)


def goes_by_second(attempts: int, after: int, last_by_second: bool, first_is_out: bool, second_is_out: bool) -> bool:
    """Whether a message that nobody has taken goes by the second gateway: the first is out of order, or has refused it
    for now more than `after` times; from then on they take turns.
    """
    if first_is_out or second_is_out:
        return not second_is_out
    return attempts > after and not last_by_second


def fallback_for(failed: Channel, tried: Collection[Channel], possible: Collection[Channel]) -> Channel | None:
    """Where a notice goes when `failed` failed for good; push only accompanies, so its failure moves nothing."""
    other = OTHER_CHANNEL.get(failed)
    if other is None or other in tried or other not in possible:
        return None
    return other
