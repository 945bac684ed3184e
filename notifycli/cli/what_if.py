"""How what a dry run foretells is shown: the notices that come, go and change by it, and what their SMS cost."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from notifycli.cli.coming import as_values

if TYPE_CHECKING:
    from notifycli.config import Settings
    from notifycli.delivery.costs import Cost
    from notifycli.queries.upcoming import Coming
    from notifycli.queries.what_if import WhatIf

PLURALS = {"reply": "replies"}


def cost_of(settings: "Settings", notices: "Iterable[Coming]") -> "Cost":
    from notifycli.delivery.costs import cost_of_sms

    return cost_of_sms(settings, (notice.says for notice in notices if "sms" in notice.channels))


def more_cost_of(settings: "Settings", told: "WhatIf") -> "Cost":
    """How much more the SMS cost than without it; less than 0: less."""
    return cost_of(settings, told.goes_out_more()).less(cost_of(settings, told.goes_out_less()))


def as_value(settings: "Settings", told: "WhatIf") -> dict[str, Any]:
    """Notices as `upcoming` has them, `segments` and `cost` as differences."""
    befores = as_values(change.before for change in told.changed)
    afters = as_values(change.after for change in told.changed)
    changed = [{"before": before, "after": after} for before, after in zip(befores, afters, strict=True)]
    notices = {"gained": list(as_values(told.gained)), "lost": list(as_values(told.lost)), "changed": changed}
    cost = more_cost_of(settings, told)
    return notices | {"segments": cost.segments, "cost": cost.kroner}


def in_words(told: "WhatIf") -> Iterator[str]:
    """2 confirmations and 1 reminder would come"""
    changed = [change.after for change in told.changed]
    parts = (("come", told.gained), ("not come", told.lost), ("change", changed))
    for what, notices in parts:
        if notices:
            yield f"{counted(Counter(notice.event for notice in notices))} would {what}"


def cost_in_words(settings: "Settings", told: "WhatIf") -> str:
    """; 2 segments of SMS (0.78 kr) more: where a segment has a price"""
    cost = more_cost_of(settings, told)
    if cost.kroner is None or not cost.segments:
        return ""
    return f"; {in_segments(cost)} {'more' if cost.segments > 0 else 'less'}"


def in_segments(cost: "Cost") -> str:
    """12 segments of SMS (4.68 kr)"""
    number = abs(cost.segments)
    segments = f"{number:,} {'segment' if number == 1 else 'segments'} of SMS"
    return segments if cost.kroner is None else f"{segments} ({abs(cost.kroner):,.2f} kr)"


def counted(notices: Counter[Any]) -> str:
    """2 confirmations, 1 reply and 23 reminders"""
    parts = [
        f"{number:,} {event if number == 1 else PLURALS.get(event, event + 's')}"
        for event, number in sorted(notices.items())
    ]
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
