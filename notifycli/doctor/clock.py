"""This machine's clock against those of the services that tell their time.

What is due goes out by our clock, so a wrong one makes every notice late or early. SMTP asks no server for its time;
where none tells it, that is said.
"""

from collections.abc import Iterator, Mapping

from notifycli.doctor.checks import Check, in_time

MOST_APART = 30  # seconds; an answer may be on its way for some
SET_IT = "type: timedatectl set-ntp true"


def of_clock(seconds_ahead: Mapping[str, float]) -> Iterator[Check]:
    """`seconds_ahead`: by how much our clock is before that of each service; below 0, behind it."""
    apart = {who: seconds for who, seconds in seconds_ahead.items() if abs(seconds) > MOST_APART}
    for who, seconds in apart.items():
        side = "ahead of" if seconds > 0 else "behind"
        text = f"this machine's clock is {in_time(abs(seconds))} {side} that of {who}"
        yield Check(
            "clock", "look", f"{text}; {SET_IT}" + ("" if len(apart) == len(seconds_ahead) else ", or theirs is wrong")
        )
    if not seconds_ahead:
        yield Check("clock", "ok", "no service told its time, so nothing is known of ours; see it with: timedatectl")
    elif not apart:
        yield Check("clock", "ok", f"this machine's agrees with that of {', '.join(seconds_ahead)}")
