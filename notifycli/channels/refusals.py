"""What a mail server's refusal for good says of a recipient: one table for sessions of ours and for bounces.

Must not know sockets, stages or what a bounce looks like. The text comes without addresses, whose parts could be
mistaken for words. Sources: SPEC section 7; RFC 5321 (codes), RFC 3463, RFC 5248 and RFC 7372 (enhanced codes).
"""

import re

from notifycli.domain.words import FailReason

# Subject and detail of an enhanced code, or the subject alone; None: it may pass, however the first digit reads.
REASON_OF_ENHANCED: dict[str, FailReason | None] = {
    "1": "bad_address",
    "1.1": "unknown_mailbox",
    "1.6": "unknown_mailbox",  # it was one once
    "1.10": "unknown_mailbox",  # a null MX (RFC 7505)
    "2": "refused",
    "2.1": "mailbox_disabled",
    "2.2": None,  # full: RFC 3463 wants it used as a persistent transient failure, since its owner can make room
    "3": "refused",
    "3.1": None,  # their disk is full: useful only as a persistent transient error, says RFC 3463
    "3.5": None,  # a server is not set up rightly
    "4": "refused",
    "4.1": None,  # 4.1, 4.2, 4.3, 4.5: useful only as persistent transient errors, says RFC 3463
    "4.2": None,
    "4.3": None,
    "4.4": "bad_address",  # no route to the domain
    "4.5": None,
    "5": None,  # we and the server do not understand each other
    "6": "refused",
    "6.7": "smtputf8_not_offered",
    "7": "refused",
}
# Where no enhanced code tells more; any other 5xx at RCPT TO (a command that is not understood, a login that is
# missing) is about us.
REASON_OF_CODE: dict[int, FailReason | None] = {
    501: "bad_address",
    521: "bad_address",
    550: "unknown_mailbox",
    551: "unknown_mailbox",
    552: None,  # full, or too many recipients, which RFC 5321 (4.5.3.1.10) wants treated as temporary
    553: "bad_address",
    554: "refused",
    556: "unknown_mailbox",  # the domain takes no mail (RFC 7504)
}
OURS_TO_MEND = {"5.1.7", "5.1.8"}  # the sender's address, the sender's domain
ABOUT_OUR_COMMANDS = {500, 502, 503, 504, 530, 534, 535, 538, 555}
# Postfix keeps what it thinks of the client, its EHLO and the sender until RCPT TO (smtpd_delay_reject), and a server
# that will not relay for us says so there: no fault of the recipient's.
ABOUT_US = re.compile(
    r"(client host|helo command|sender address) rejected"
    r"|relay(ing)? (access )?(denied|not permitted|prohibited)|(unable|not permitted|not allowed) to relay"
    r"|\brcpthosts\b",
    re.IGNORECASE,
)
# Exchange Online says so with 5.4.1, which RFC 3463 keeps for hosts that do not answer, of mailboxes that do not exist;
# Postfix with 5.7.1 of every recipient, where we have not logged in.
ACCESS_DENIED = re.compile(r"recipient address rejected: access denied", re.IGNORECASE)

# An address that is gone gets nothing more until somebody mends it, so only what cannot mean anything else counts.
# Not 5.1.2 and 5.4.4: a domain that lapsed, or whose DNS is ill, comes back in days. Not 5.1.3: servers say so of what
# they merely dislike. Not Exchange's 5.4.1: it also means that a new mailbox is not known everywhere yet.
GONE_BY_CODE = {"5.1.1", "5.1.6", "5.1.10"}
# These mean it only with words that do: they say "something else" (x.0), or several things. Gmail says 5.2.1 of a
# mailbox that gets too much mail, too; Exchange Online 5.1.351 of whatever another server answered.
GONE_BY_WORDS = {None, "5.0.0", "5.1.0", "5.2.0", "5.2.1", "5.3.0", "5.5.0", "5.1.351"}
MAILBOX = r"(user|recipient|addressee|mailbox|account|address|person|alias|local[ -]part)"
NOT_OF_ANOTHER = r"(?! (error|domain|host|agent)\b)"  # Cisco's "Unknown address error 550-'…'"
SAYS_GONE = re.compile(
    rf"\b(unknown|no such|non-?existent) (local )?{MAILBOX}\b{NOT_OF_ANOTHER}"
    rf"|\binvalid (user|recipient|mailbox|account)\b{NOT_OF_ANOTHER}"
    rf"|\b{MAILBOX}\b[^.;:]{{0,40}}"
    r"\b(unknown|not (found|exist|known)|does ?n[o'’]t exist|does not exist|disabled|deactivated|discontinued"
    r"|no longer (exists?|available|active|valid|in use|on (the |this )?server|with us|works|here))\b"
    r"|\b(user|mailbox|account|address)( (has been|was|is))? (closed|deleted|removed|terminated|cancell?ed)\b"
    r"|\bno (mailbox|user|account) (here )?by that name\b"
    rf"|\bnot an? (valid|known|local) {MAILBOX}\b"
    r"|(?<![\w.])5\.1\.1(?!\d|\.\d)"  # quoted by a server that says something else itself
    r"|\bdoes(n['’]?t| not) have an? [\w.-]{1,60} account\b"
    r"|\bnot listed in (the )?([\w&'-]+ ){0,4}(directory|address book)\b"
    r"|\bRESOLVER\.ADR\.\w{0,20}Recip\w{0,20}NotFound\b"
    r"|\bukjent (bruker|mottaker)|\b(bruker|mottaker|adresse|postboks)\w{0,3} (finnes|eksisterer) ikke\b",
    re.IGNORECASE,
)
DISABLED = re.compile(r"\b(disabled|deactivated|discontinued)\b", re.IGNORECASE)
# Outlook.com's words for a mailbox that does not exist; others say the same of one that is locked, with other codes.
UNAVAILABLE = re.compile(r"\bmailbox unavailable\b", re.IGNORECASE)

# The receiving side refuses our server, our sender or how much we send, whatever code stands before it.
REFUSES_US = re.compile(
    r"\bsenders?\b|\bmail ?from\b|\bfrom address\b|\bsending (host|server|ip|domain)\b|\bclient (host|ip|address)\b"
    r"|\brate\b|\blimit\w*|\btoo (many|much|fast)\b|\bthrottl\w*|\bexcessive\b|\btarpit\w*|\bcap reached\b"
    r"|\bexceed\w*.{0,40}\b(number|recipients|connections|messages)\b|\bper (second|minute|hour|day|connection)\b"
    r"|\b(hourly|daily|sending) quota\b|\babus(e|ive)\b|\bban(ned)?\b|\b(dictionary|harvest\w*) attack"
    r"|\bblock(ed|ing|list\w*)?\b|\b(black|deny) ?list\w*|\b\w*(rbl|dnsbl)\b|\bspamhaus\b|\bspamcop\b"
    r"|\bbarracudacentral\b|(?<!\bnot )\blisted\b|\bon a (\w+ )?list\b|\breputation\b|\bunsolicited\b"
    r"|\b(dmarc|spf|dkim)\b|\bunauthenticated\b|\bauthenticat\w+ (checks?|fail\w*|required)\b"
    r"|\breverse (dns|hostname|lookup)\b|\bptr\b|\bip address\b|\b(ips?|from) \[?\d{1,3}\.\d"
    r"|\byour (ip|server|host|domain|network|provider|isp|organi[sz]ation|connection)\b",
    re.IGNORECASE,
)
# The same words where they are about the mailbox or the message instead.
OF_THE_MAILBOX = re.compile(
    r"\b(user|recipient|mailbox|account)( \w+){0,3} blocked\b|(?<!hourly )(?<!daily )(?<!sending )\b(over ?)?quota\b"
    r"|\bfull\b|\bstorage\b|\b(mailbox|size|disk) (size )?limit|\b(message|mail)\b.{0,20}\b(size|large|big)\b"
    r"|\blines? (length|too long)\b",
    re.IGNORECASE,
)
REFUSES_US_BY_CODE = re.compile(r"5\.1\.[78]|5\.7\.2[0-9]")  # the sender's address; DKIM, SPF, reverse DNS, DMARC
MAY_REFUSE_US = re.compile(r"5\.(0\.0|1\.\d+|3\.0|5\.0|7\.\d+)")  # the codes with which the words above can be meant

# What makes even a plain "user unknown" uncertain. Exim, asked to take mail of a sender it cannot verify, says "No such
# user" of the sender.
LEAVES_DOUBT = re.compile(
    r"verif(y|i)|\btemporar\w*|\b(over ?)?quota\b|\bfull\b|\bspam\b|\bvirus\b|\bpolic(y|ies)\b|\bblock\w*|\bsuspen\w*"
    r"|\blimit\w*|\bexceed\w*|\bgr[ae]y ?list\w*|\blater\b|\bretry\b|\b(may|might) not\b|\bpermission\b|\bsuppress\w*"
    r"|\bnot (allowed|permitted|authori[sz]ed)\b|\bunauthori[sz]ed\b|\bprohibited\b|\brestrict\w*"
    r"|\brelay(ing)?\b(?!=| recipient table)|\baccess denied\b|\bcontents?\b|\bsecurity\b|\battachments?\b"
    r"|\bloop\w*|\bhops?\b|\bdns\b|\bname service\b|\bmx record\b"
    r"|\b(unknown|no such) (host|domain|server)\b|\b(host|domain)\b[^.;:]{0,20}\b(unknown|not (known|found|exist))\b"
    r"|(?<![\w.])(4\.\d{1,3}\.\d{1,3}|5\.(2\.2|3\.[1-9]|4\.\d{1,3}|6\.\d{1,3}|7\.\d{1,3}))(?!\d|\.\d)",
    re.IGNORECASE,
)


def is_gone(enhanced: str | None, text: str) -> bool:
    """Whether a refusal for good means that the mailbox does not exist, or is disabled for good."""
    if LEAVES_DOUBT.search(text) or ABOUT_US.search(text) or REFUSES_US.search(text):
        return False
    if enhanced == "5.5.0" and UNAVAILABLE.search(text):
        return True
    last_server = text.rpartition("->")[2]  # Exchange Online quotes it behind words of its own
    return enhanced in GONE_BY_CODE or (enhanced in GONE_BY_WORDS and bool(SAYS_GONE.search(last_server)))


def may_be_gone(enhanced: str) -> bool:
    """Whether a code leaves room for that, whoever bears it beside the words."""
    return enhanced in GONE_BY_CODE or needs_words(enhanced)


def needs_words(enhanced: str) -> bool:
    """Whether a code means that only with words that do, so that whoever bears it adds nothing to them."""
    return enhanced in GONE_BY_WORDS


def refuses_us(enhanced: str | None, text: str) -> bool:
    """Whether it is about our server or sender, and so about every message of ours to that place."""
    if enhanced and REFUSES_US_BY_CODE.fullmatch(enhanced):
        return True
    if enhanced and not MAY_REFUSE_US.fullmatch(enhanced):
        return False
    return bool(REFUSES_US.search(text)) and not OF_THE_MAILBOX.search(text)


def reason_of_refusal(code: int, enhanced: str | None, text: str, *, by_code: bool) -> FailReason | None:
    """The word for a 5xx answer; None where it is tried again. `by_code`: the code alone says something, too."""
    if code in ABOUT_OUR_COMMANDS or enhanced in OURS_TO_MEND or ABOUT_US.search(text):
        return None
    if ACCESS_DENIED.search(text) and enhanced in ("5.4.1", "5.7.1"):
        return "unknown_mailbox" if enhanced == "5.4.1" else None
    if is_gone(enhanced, text):
        is_disabled = enhanced == "5.2.1" or (enhanced not in GONE_BY_CODE and DISABLED.search(text))
        return "mailbox_disabled" if is_disabled else "unknown_mailbox"
    if code != 552 and refuses_us(enhanced, text):
        return "blocked"
    if enhanced and enhanced.startswith("5."):
        _, subject, detail = enhanced.split(".")
        for known in (f"{subject}.{detail}", subject):
            if known in REASON_OF_ENHANCED:
                return REASON_OF_ENHANCED[known]
    return REASON_OF_CODE.get(code) if by_code else "refused"


def reason_of_bounce(enhanced: str | None, text: str) -> FailReason:
    """The word for mail that came back for good: a word in any case, since nobody tries it again."""
    reason = reason_of_refusal(550, enhanced, text, by_code=False)
    return reason or ("blocked" if refuses_us(enhanced, text) else "refused")
