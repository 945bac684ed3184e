"""What the configuration says to the rules. Must not know what is decided by it.

Apart from the run, since those who only ask (notify why) would wait for all that sends: 60 to 100 ms.
"""

from notifycli.config import Settings
from notifycli.store.facts import Policy


def policy_of(settings: Settings) -> Policy:
    """By clinic: which third parties send their own notices; and how old a dialog, a reply or a receipt may be."""

    def third_party_sends(clinic_id: str, source: str) -> bool:
        return settings.for_clinic(clinic_id).third_party.get(source, False)

    return Policy(third_party_sends, settings.limits.max_age_days * 24 * 3600)
