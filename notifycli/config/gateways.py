"""The SMS gateways, each once: its name, what [sms] has to say for it, and what has to be installed.

channels/ has a module of each name, with `make`, which makes the channel, and `CALLBACK`, how its reports are read. A
new gateway is a line here and that module. Source: SPEC section 9.
"""

from typing import Literal

from msgspec import Struct

GatewayName = Literal["sveve", "link", "twilio", "kannel"]


class Gateway(Struct, frozen=True):
    """Each needs a user name and a password; `needs`: the keys of [sms] that it needs besides, told as `asks_for`.

    `own`: the keys of [sms] that are for it alone. `libraries`: modules of the extra `sms`.
    """

    needs: tuple[str, ...] = ()
    asks_for: str = ""
    own: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ("aiohttp",)


GATEWAYS: dict[str, Gateway] = {
    "sveve": Gateway(),
    "link": Gateway(
        needs=("url", "platform_id", "platform_partner_id"),
        asks_for="url, platform_id and platform_partner_id, as LINK gave them",
        own=("platform_id", "platform_partner_id", "gate"),
    ),
    "twilio": Gateway(),
    "kannel": Gateway(needs=("url",), asks_for='a url, such as "http://localhost:13013/cgi-bin/sendsms"'),
}
