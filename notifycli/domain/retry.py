"""When a delivery in temporary trouble is tried again, and when it is given up. Source: SPEC section 7."""

MINUTE, HOUR = 60, 3600
FIRST_WAITS = (1 * MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE)
LONGEST = 24 * HOUR
MARGIN_BEFORE_TOO_LATE = 3 * HOUR
FEWEST_RETRIES = 3


def resend_at(attempts: int, now: int) -> int | None:
    """When an attempt that a killed run left without an answer is made again; None where staff have to look.

    At once, but hourly after three, and no more after a day of that: a run that always dies must not send for ever.
    """
    if attempts <= FEWEST_RETRIES:
        return now
    return now + HOUR if attempts <= FEWEST_RETRIES + LONGEST // HOUR else None


def next_attempt_at(attempts: int, first_attempt_at: int, failed_at: int, too_late_at: int) -> int | None:
    """The instant of the next attempt after `attempts` (1 or more) failed ones; None when it is given up.

    Gives up 24 hours after the first attempt or 3 hours before the notice is too late, so that a fallback still has
    time, but never before three retries.
    """
    wait = FIRST_WAITS[attempts - 1] if attempts <= len(FIRST_WAITS) else HOUR
    deadline = min(first_attempt_at + LONGEST, too_late_at - MARGIN_BEFORE_TOO_LATE)
    if failed_at + wait > deadline and attempts > FEWEST_RETRIES:
        return None
    return failed_at + wait
