"""How a gateway's callback is read, for whoever listens. Must not know sockets, the store or any one gateway.

Source: SPEC section 7: a receipt says that a message arrived.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from notifycli.channels.base import Report, Transport


@dataclass(frozen=True, slots=True)
class Callback:
    """`methods`: of HTTP. `read`: where the fields are.

    "query": in the address; "form": in the address and in the body, together; "json": the body, parsed. `reports` takes
    whatever comes and never raises; what it does not know gives no report.
    """

    methods: tuple[str, ...]
    read: Literal["query", "form", "json"]
    reports: Callable[[Any], list[Report]]


class GatewayModule(Protocol):
    """What a gateway's module has for those who know the gateway by its name alone."""

    CALLBACK: Callback

    def make(self, **settings: Any) -> Transport:
        """`settings`: of GatewaySettings, and the gateway's own keys. Raises ConfigError for what cannot be meant."""
        ...
