"""What a report does to a delivery that stands as it does. Source: SPEC section 7: a status never moves backwards."""

from notifycli.domain.words import DeliveryStatus, ReportEffect, ReportState


def effect_of(
    reported: ReportState, status: DeliveryStatus, attempts: int, *, is_of_this_attempt: bool
) -> ReportEffect:
    """The status that it takes; `early` while its answer is still to be written, `none` where it says nothing new.

    What waits to be sent again may be found to have arrived. That an earlier attempt failed says nothing of a later.
    """
    if status == "sending":
        return "early"
    if status in ("delivered", "failed", "skipped") or (status == "queued" and not attempts):
        return "none"
    if reported == "sent":
        return "none" if status == "sent" else "sent"
    if reported == "failed" and not is_of_this_attempt:
        return "none"
    return reported
