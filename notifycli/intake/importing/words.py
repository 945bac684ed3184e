"""What an import warns of for a file as a whole, in sentences. Must not know how any of it was found out."""

from collections.abc import Collection, Sequence

NAMED = 10  # appointments in one sentence


def doubts_in_words(doubts: Sequence[str], cancels: bool) -> str:
    nothing = ", so nothing was cancelled as missing" if cancels else ""
    return f"it is not known which appointments are missing{nothing}: {', '.join(doubts)}"


def newer_in_words(appointments: Sequence[str]) -> str:
    more = f" and {len(appointments) - NAMED:,} more" if len(appointments) > NAMED else ""
    named = f"{', '.join(appointments[:NAMED])}{more}"
    return f"not named by the file, and kept, since what is stored of them is newer: {named}"


def silent_of_consent_in_words(patients: int) -> str:
    who = "1 patient is" if patients == 1 else f"{patients:,} patients are"
    return (
        f"it says nothing of consent, so {who} sent nothing; if they have consented: --assume-consent,"
        " or assume_consent in notify.toml"
    )


def unreachable_in_words(reasons: Collection[str]) -> str:
    """`reasons`: `no_consent` or `no_contact`, one a patient."""
    counted = list(reasons)
    words = {"no_consent": "without consent", "no_contact": "without an e-mail address or a mobile number"}
    parts = ", ".join(f"{counted.count(reason):,} {word}" for reason, word in words.items() if reason in counted)
    patients = "1 patient" if len(counted) == 1 else f"{len(counted):,} patients"
    return (
        f"{patients} with a booked appointment or a dialog cannot be reached by any notice ({parts}); see: notify check"
    )
