"""What is said of a rehearsal that is on, by whoever sums up: run, status, doctor. Source: SPEC section 9."""

from collections.abc import Collection

from notifycli.config import Settings

MOST_NAMED = 5  # clinics


def rehearsal_in_words(settings: Settings) -> str | None:
    """A rehearsal is on for all but nidelv: only 2 addresses are written to, ...; None where there is none."""
    rehearse = [clinic_id for clinic_id, own in settings.clinic.items() if own.rehearsal.only]
    if not settings.rehearsal.only and not rehearse:
        return None
    live = settings.clinic.keys() - set(rehearse)
    of_whom = ""
    if not settings.rehearsal.only:
        of_whom = f" for {_named(rehearse)}"
    elif live:
        of_whom = f" for all but {_named(live)}"
    listed = {*settings.rehearsal.only}.union(*(own.rehearsal.only for own in settings.clinic.values()))
    addresses = "1 entry" if len(listed) == 1 else f"{len(listed)} entries"
    return (
        f"a rehearsal is on{of_whom}: only who is on the list of [rehearsal] ({addresses}) is written to, and all else"
        " becomes files in the outbox"
    )


def _named(clinics: Collection[str]) -> str:
    names = sorted(clinics)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"
