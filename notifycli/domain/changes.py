"""What a change tells beside the time and place that hold now: those that it takes the place of (SPEC section 6).

Pure: facts in, a place out. Must not know words or channels.
"""

from notifycli.domain.model import Appointment, Key, Place
from notifycli.domain.rules import last_told


def details_before_change(appointment: Appointment, key: Key) -> Place | None:
    """The time and place that the patient of that notice goes by until it reaches them.

    What they were told last; where nothing has gone out to them, how it stood before the first change since it was
    booked. None where nobody knows.
    """
    last = last_told(appointment, key)
    if last is not None and not last.is_certain:
        return None
    if last is not None and last.key.event != "cancellation":
        return last.place
    before: Place | None = None
    is_changed = False
    for appointment_event in appointment.events_of_tenure:
        if appointment_event.kind != "change":
            is_changed = False
        elif not is_changed:
            before, is_changed = appointment_event.before, True
    return before
