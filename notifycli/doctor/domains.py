"""What notify doctor looks at of each sender's domain: whether the world lets our mail server send in its name.

Asks a name server, and only about senders whose mail goes to a mail server. Whether SPF holds the address from which
that server sends is not known here. Sources: RFC 7208, 6376, 7489; RFC 2606 and 6761 (names for examples).
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from notifycli.config import Email, Settings
from notifycli.config.errors import shown
from notifycli.doctor.checks import Check
from notifycli.doctor.sender_policies import (
    LOOKUPS,
    MOST_LOOKUPS,
    Judgement,
    dmarc_records,
    of_dkim,
    of_dmarc,
    of_spf,
    spf_records,
    terms_of_spf,
)
from notifycli.doctor.services import distinct_sections, mailbox_in, senders_of

if TYPE_CHECKING:
    from notifycli.doctor.name_server import NameServer

MOST_SHOWN = 12
FOR_EXAMPLES = {"example", "test", "invalid", "localhost"}
DOMAINS_FOR_EXAMPLES = {"example.com", "example.net", "example.org"}
NO_SELECTOR = "DKIM was not looked at, since [email] dkim_selector is empty; your mail server's provider knows it"
FEWEST_LABELS = 2  # of a domain that can have a policy for those below it


async def of_domains(settings: Settings, clinics: Sequence[dict[str, Any]]) -> list[Check]:
    """`clinics`: as store.health.clinics gives them. Where many domains are in order, they share a line."""
    domains = _domains_of(settings, clinics)
    if not domains:
        return [Check("DNS", "ok", 'nobody is asked, since e-mail becomes files (transport = "outbox")')]
    examples = {
        domain for domain in domains if domain.rpartition(".")[2] in FOR_EXAMPLES or domain in DOMAINS_FOR_EXAMPLES
    }
    asked = domains.keys() if settings.doctor.nameserver else domains.keys() - examples
    left_out = [
        Check("DNS", "ok", f"{domain} is a name for examples, so nobody is asked") for domain in domains.keys() - asked
    ]
    if not asked:
        return left_out
    try:
        from notifycli.doctor.name_server import NameServer, NotAnswered
    except ModuleNotFoundError:
        words = "SPF, DKIM and DMARC were not looked at, since that needs dnspython"
        return [*left_out, Check("DNS", "look", f"{words}; type: pip install 'notifycli[dns]'")]
    try:
        server = NameServer(settings.doctor.nameserver)
    except NotAnswered as problem:
        return [*left_out, Check("DNS", "look", str(problem))]
    of_each = await asyncio.gather(
        *(_of_domain(server, domain, domains[domain]) for domain in domains if domain in asked)
    )
    wanting = [checks for checks in of_each if any(check.state != "ok" for check in checks)]
    in_order = len(of_each) - len(wanting)
    if in_order > MOST_SHOWN:
        left_out.append(Check("DNS", "ok", f"{in_order} of {len(of_each)} sender domains are in order"))
        of_each = wanting
    # A silent name server is told of once, whatever it was asked for.
    return [*left_out, *dict.fromkeys(check for checks in of_each for check in checks)]


def _domains_of(settings: Settings, clinics: Sequence[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """Each domain from which mail goes to a mail server: its selectors of DKIM, and where a sender of it is written."""
    domains: dict[str, dict[str, str]] = {}
    for section, users in distinct_sections(settings, "email").items():
        if not isinstance(section, Email) or section.transport == "outbox":
            continue
        for header, place in senders_of(settings, "email", section, users, clinics).items():
            if (mailbox := mailbox_in(header)) is not None:
                domain = mailbox.address.rpartition("@")[2].lower()
                domains.setdefault(domain, {}).setdefault(section.dkim_selector, place)
    return domains


async def _of_domain(server: "NameServer", domain: str, selectors: Mapping[str, str]) -> list[Check]:
    from notifycli.doctor.name_server import NotAnswered

    checks: list[Check] = []
    try:
        texts = await server.texts(domain)
        if texts is None:
            place = next(iter(selectors.values()))
            words = f"there is no domain {domain}, so its mail is refused; mend {place}"
            return [Check("DNS", "broken", words)]
        spf = of_spf(texts)
        if spf.state != "broken" and (records := spf_records(texts)):
            wrong = await _wrong_with_includes(server, records[0])
            spf = Judgement("broken", f"{wrong}, which makes its SPF record void; mend it") if wrong else spf
        checks.append(_check("SPF", domain, spf))
        for selector in selectors:
            dkim = Judgement("ok", NO_SELECTOR)
            if selector:
                dkim = of_dkim(selector, await server.texts(f"{selector}._domainkey.{domain}"))
            checks.append(_check("DKIM", domain, dkim))
        checks.append(_check("DMARC", domain, await _dmarc(server, domain)))
    except NotAnswered as problem:
        checks.append(Check("DNS", "look", str(problem)))
    return checks


def _check(name: str, domain: str, judgement: Judgement) -> Check:
    return Check(name, judgement.state, f"{domain}: {judgement.words}")


async def _wrong_with_includes(server: "NameServer", record: str) -> str | None:
    """What RFC 7208 calls a permanent error in what a record leads to; a target with a macro is not followed."""
    lookups, waiting = 0, [record]
    while waiting:
        for term in terms_of_spf(waiting.pop()):
            if isinstance(term, str):
                return f"what it includes has {shown(term)}, which is no term"
            if term.name not in LOOKUPS:
                continue
            lookups += 1
            if lookups > MOST_LOOKUPS:
                return f"it takes more than {MOST_LOOKUPS} look-ups"
            if term.name in ("include", "redirect") and "%" not in term.target:
                records = spf_records(await server.texts(term.target) or [])
                if len(records) != 1:
                    return f"{term.name} leads to {shown(term.target)}, which has {len(records) or 'no'} SPF records"
                waiting += records
    return None


async def _dmarc(server: "NameServer", domain: str) -> Judgement:
    """Of the domain itself, else of the nearest above it that has a record."""
    labels = domain.split(".")
    for cut in range(max(1, len(labels) - FEWEST_LABELS + 1)):
        records = dmarc_records(await server.texts(f"_dmarc.{'.'.join(labels[cut:])}") or [])
        if records:
            return of_dmarc(records, is_of_parent=cut > 0)
    return of_dmarc([], is_of_parent=False)
