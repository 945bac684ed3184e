"""How each gateway's callback is read, for whoever listens. Must not know sockets or the store.

Source: SPEC section 7: a receipt says that a message arrived.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from notifycli.channels import kannel, link, sveve, twilio
from notifycli.channels.base import Report


@dataclass(frozen=True, slots=True)
class Callback:
    """`methods`: of HTTP. `read`: where the fields are.

    "query": in the address; "form": in the address and in the body, together; "json": the body, parsed. `reports` takes
    whatever comes and never raises; what it does not know gives no report.
    """

    methods: tuple[str, ...]
    read: Literal["query", "form", "json"]
    reports: Callable[[Any], list[Report]]


CALLBACKS: dict[str, Callback] = {
    "sveve": Callback(("GET", "POST"), "form", sveve.reports_in),  # the account says which of both
    "link": Callback(("POST",), "json", link.reports_in),
    "twilio": Callback(("POST",), "form", twilio.reports_in),
    "kannel": Callback(("GET",), "query", kannel.reports_in),
}
