"""What the texts in DNS say of who may send mail in a domain's name: SPF, DKIM and DMARC, judged by their form.

Asks nobody and knows no server. Sources: RFC 7208 (SPF), RFC 6376 and 8301 (DKIM), RFC 7489 (DMARC). Each judgement is
a state of doctor's with its words.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from notifycli.config.errors import shown

MOST_LOOKUPS = 10  # RFC 7208, 4.6.4
LEAST_KEY = 160  # bytes of an RSA key of 1024 bits in its DER form, which has 162; RFC 8301 wants no shorter one
LOOKUPS = {"include", "a", "mx", "ptr", "exists", "redirect"}
TERM = re.compile(
    r"(?P<qualifier>[+?~-]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)(?P<target>[:/]\S+)?"
    r"|(?P<modifier>[a-z][a-z0-9_.-]*)=(?P<value>\S*)",
    re.IGNORECASE,
)
POLICIES = ("none", "quarantine", "reject")


class Judgement(NamedTuple):
    """`state`: as Check has it. `words`: what the record says, and what to do where it wants that."""

    state: Literal["ok", "look", "broken"]
    words: str


class SpfTerm(NamedTuple):
    """One of a record's, in lower case; of a modifier without a qualifier. `target`: "" where it has none."""

    qualifier: str
    name: str
    target: str


def spf_records(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if re.match(r"v=spf1(?: |\Z)", text, re.IGNORECASE)]


def dmarc_records(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if re.match(r"v\s*=\s*DMARC1\s*(?:;|\Z)", text)]


def terms_of_spf(record: str) -> Iterator[SpfTerm | str]:
    """Each term, or its text where it is none, which makes the whole record void."""
    for text in record.split()[1:]:
        term = TERM.fullmatch(text)
        if term is None:
            yield text
        elif term["modifier"] is not None:
            yield SpfTerm("", term["modifier"].lower(), term["value"].lower())
        else:
            yield SpfTerm(term["qualifier"] or "+", term["name"].lower(), (term["target"] or "").lstrip(":").lower())


def of_spf(texts: Sequence[str]) -> Judgement:
    """Of the domain's own texts; what it includes is not looked at here."""
    records = spf_records(texts)
    if not records:
        words = "no SPF record, so others may take our mail for forged; add the TXT record that your mail server's"
        return Judgement("look", f'{words} provider names, such as "v=spf1 mx -all"')
    if len(records) > 1:
        return Judgement("broken", f"{len(records)} SPF records, which count as none; make one of them (RFC 7208, 3.2)")
    terms = list(terms_of_spf(records[0]))
    if wrong := next((term for term in terms if isinstance(term, str)), None):
        return Judgement("broken", f"its SPF record has {shown(wrong)}, which is no term and makes it void; mend it")
    named = {
        term.name: term.qualifier for term in reversed(terms) if isinstance(term, SpfTerm)
    }  # the first `all` ends it
    if named.get("all") in ("+", "?") or not named.keys() & {"all", "redirect"}:
        return Judgement("look", "its SPF record lets everybody send in its name; end it with -all or ~all")
    ending = f"{named['all']}all" if "all" in named else "redirect"
    return Judgement("ok", f"SPF says who may send ({ending})")


def of_dkim(selector: str, texts: Sequence[str] | None) -> Judgement:
    """Of the texts at SELECTOR._domainkey.DOMAIN; None: there is no such name."""
    if not texts:
        advice = "let whoever runs the mail server publish it, or mend [email] dkim_selector"
        return Judgement("broken", f"no DKIM key under the selector {selector}; {advice}")
    if len(texts) > 1:
        return Judgement("broken", f"{len(texts)} DKIM keys under the selector {selector}; take all but one out")
    tags = _tags_of(texts[0])
    if tags.get("v", "DKIM1") != "DKIM1" or "p" not in tags:
        return Judgement("broken", f"what stands under the selector {selector} is no DKIM key; publish it anew")
    key = re.sub(r"\s", "", tags["p"])
    if not key:
        return Judgement(
            "broken", f"the DKIM key under the selector {selector} was withdrawn; mend [email] dkim_selector"
        )
    try:
        octets = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        return Judgement("broken", f"the DKIM key under the selector {selector} is cut or garbled; publish it anew")
    if tags.get("k", "rsa") == "rsa" and len(octets) < LEAST_KEY:
        return Judgement(
            "broken", f"the DKIM key under the selector {selector} is shorter than 1024 bits; make another"
        )
    if "y" in tags.get("t", "").split(":"):
        return Judgement("look", f"the DKIM key under the selector {selector} is being tried out (t=y); take that out")
    return Judgement("ok", f"the DKIM key under the selector {selector} is there")


def of_dmarc(records: Sequence[str], *, is_of_parent: bool) -> Judgement:
    """Of the nearest domain that has any; `is_of_parent`: one above the sender's, whose `sp` counts."""
    if not records:
        words = "no DMARC record, so whoever forges its name is not refused; add the TXT record"
        return Judgement("look", f'{words} "v=DMARC1; p=none; rua=mailto:..." at _dmarc, and read the reports')
    if len(records) > 1:
        return Judgement(
            "broken", f"{len(records)} DMARC records, which count as none; make one of them (RFC 7489, 6.6.3)"
        )
    tags = _tags_of(records[0])
    policy = tags.get("p", "").lower()
    if is_of_parent:
        policy = tags.get("sp", policy).lower()
    if policy not in POLICIES:
        return Judgement("broken", "its DMARC record has no policy; write p=quarantine or p=reject into it")
    if policy == "none":
        words = "DMARC asks for no more than reports (p=none), so whoever forges its name is not refused"
        return Judgement("look", f"{words}; once the reports are clean, write p=quarantine")
    return Judgement("ok", f"DMARC says what becomes of forged mail ({policy})")


def _tags_of(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
