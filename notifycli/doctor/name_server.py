"""Asks a name server for texts: the machine's own, or the one that [doctor] nameserver names.

Must not know what the texts are for. Needs dnspython, of the extra `dns`. Source: RFC 1035 (TXT), RFC 2308 (no such
name, no such record).
"""

import asyncio

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rcode
import dns.resolver

from notifycli.config.errors import shown
from notifycli.domain.errors import NotifyError
from notifycli.domain.hosts import address_and_port

PATIENCE = 5.0  # seconds for one answer, however often it is asked for
MOST_AT_ONCE = 16
DNS_PORT = 53


class NotAnswered(NotifyError):
    """Nothing is known of the name that was asked for."""


class NameServer:
    """`given`: as [doctor] nameserver has it, "" for the machine's own. Raises NotAnswered where that has none."""

    def __init__(self, given: str) -> None:
        self._whose = f"the name server {given}" if given else "this machine's name server"
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not given)
        except dns.exception.DNSException:
            advice = "name one in [doctor] nameserver"
            raise NotAnswered("this machine has no name server (/etc/resolv.conf)", advice) from None
        if named := address_and_port(given):
            address, port = named
            self._resolver.nameservers, self._resolver.port = [address], port or DNS_PORT
        self._resolver.lifetime = PATIENCE
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def texts(self, name: str) -> list[str] | None:
        """The TXT records of a name, each whole; None where there is no such name. Raises NotAnswered."""
        try:
            absolute = dns.name.from_text(name.rstrip(".") + ".")
            async with self._places:
                answer = await self._resolver.resolve(absolute, "TXT", search=False)
        except dns.resolver.NXDOMAIN:
            return None
        except dns.resolver.NoAnswer:
            return []
        except dns.resolver.NoNameservers as refusal:
            answers = (error[-1] for error in refusal.kwargs.get("errors", []))  # None: it could not even be sent to
            says = next((dns.rcode.to_text(answer.rcode()) for answer in answers if answer is not None), "nothing")
            raise NotAnswered(f"{self._whose} says {says} of {shown(name)}", "ask again later") from None
        except dns.exception.Timeout:
            advice = "look at the network, or name another in [doctor] nameserver"
            message = f"{self._whose} did not answer in {PATIENCE:g} s"
            raise NotAnswered(message, advice) from None
        except (dns.exception.DNSException, UnicodeError):
            raise NotAnswered(f"{shown(name)} cannot be asked for at {self._whose}", "look at the sender") from None
        return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
