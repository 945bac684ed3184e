"""What the SMS of notices to come will cost: segments of their texts, by the price of one in the configuration.

Must not know the database or when anything is sent.
"""

from collections.abc import Iterable
from typing import NamedTuple

from notifycli.config import Settings
from notifycli.domain.gsm import sms_segments
from notifycli.domain.words import Event
from notifycli.wording import Particulars, Wording


class Says(NamedTuple):
    """What a notice says, of whatever channel."""

    clinic: str
    event: Event
    language: str
    particulars: Particulars


class Cost(NamedTuple):
    """`kroner`: None where no clinic concerned has a price."""

    segments: int = 0
    kroner: float | None = None

    def less(self, other: "Cost") -> "Cost":
        prices = [kroner for kroner in (self.kroner, other.kroner) if kroner is not None]
        kroner = round((self.kroner or 0) - (other.kroner or 0), 4) if prices else None
        return Cost(self.segments - other.segments, kroner)


def cost_of_sms(settings: Settings, messages: Iterable[Says]) -> Cost:
    """Of one SMS each."""
    wordings: dict[str, Wording] = {}
    of_clinics: dict[str, int] = {}
    for says in messages:
        if says.clinic not in wordings:
            wordings[says.clinic] = Wording(settings.for_clinic(says.clinic).wording)
        text = wordings[says.clinic].message(says.event, "sms", says.language, says.particulars).text
        of_clinics[says.clinic] = of_clinics.get(says.clinic, 0) + sms_segments(text)
    prices = {clinic: settings.for_clinic(clinic).sms.price for clinic in of_clinics}
    kroner = sum(prices[clinic] * segments for clinic, segments in of_clinics.items())
    return Cost(sum(of_clinics.values()), round(kroner, 4) if any(prices.values()) else None)
