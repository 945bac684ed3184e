"""How a notice of an appointment stands to those before it: what it takes the place of, and its version.

Pure: facts in, a place or a number out. Must not know words or channels. Source: SPEC section 6.
"""

from notifycli.domain.model import Appointment, Key, Place
from notifycli.domain.rules import index_of_event, last_told


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


def version_told(appointment: Appointment, key: Key) -> int:
    """A number that grows with what a notice tells of the appointment; the same whenever and wherever it is sent.

    A cancellation tells of what it ended; the others of the appointment as it is, whatever made them due.
    """
    if key.event != "cancellation":
        return max(len(appointment.events) - 1, 0)
    index = index_of_event(key, appointment)
    return index if index is not None else len(appointment.events)
