"""The safety stop: whether one file would cancel, move or book more of a clinic's appointments than it may.

Knows counts; must not know rows, or what becomes of a file that is stopped. Source: SPEC section 3.
"""

from collections.abc import Mapping
from decimal import Decimal

from notifycli.intake.importing.opening import Opened
from notifycli.intake.importing.options import Options
from notifycli.intake.importing.report import Stop
from notifycli.intake.importing.tally import Tally
from notifycli.store import importing
from notifycli.store.engine import Connection

FEWEST_UPSET = 20


def stops_of(
    connection: Connection, opened: Opened, options: Options, tally: Tally, gained_before: Mapping[str, int], now: int
) -> list[Stop]:
    """Judges what one file has done within its transaction; `now` is UTC epoch seconds.

    `gained_before`: by clinic, future appointments that the files before it in the call have brought.
    """
    if options.force:
        return []
    stops: list[Stop] = []
    share = Decimal(str(options.max_upset))  # 0.29 of 100 is 28.999999999999996 by floats
    for clinic in dict.fromkeys([*tally.cancelled, *tally.postponed]) if share > 0 else ():
        cancelled, moved, missing = tally.cancelled[clinic], tally.postponed[clinic], tally.missing[clinic]
        if cancelled + moved < FEWEST_UPSET and not missing:
            continue
        future = importing.future_appointments(connection, clinic, now) - tally.gained[clinic]
        if cancelled + moved >= FEWEST_UPSET and cancelled + moved > share * future:
            stops.append(Stop(clinic, cancelled, moved, missing, future))
            continue
        # Of what is missing fewer than 20 are too many, too, and those count that there were before the whole call.
        before_call = future - gained_before.get(clinic, 0)
        if missing and missing > share * before_call:
            stops.append(Stop(clinic, cancelled, moved, missing, before_call))
    # A table that tells only what is booked may hold what was booked long ago.
    is_table = opened.header.kind == "appointments" and opened.source.kind is None
    if is_table and "booked_at" not in opened.header.places and not options.migrated:
        for clinic, booked in tally.booked.items():
            before = importing.count_appointments(connection, clinic) - tally.new_of[clinic]
            if booked >= FEWEST_UPSET and booked > before:
                stops.append(Stop(clinic, 0, 0, 0, before, booked))
    return stops
