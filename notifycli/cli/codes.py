"""The codes of the contract as people read and type them: `reminder`, in Norwegian also "påminnelse".

On a screen a code is a word of the reader's language; as an argument it is taken in every language, whatever the
screen's. The words stand in the catalogues (see language); what else people type for a code stands here.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from notifycli.cli.language import _, catalogue, is_english, languages
from notifycli.config import nearest
from notifycli.domain.errors import UsageError
from notifycli.domain.reasons import FAILED, SKIPPED, short
from notifycli.domain.sentences import N_

Code = TypeVar("Code", bound=str)

FOR_TRANSLATORS = (
    *(N_("confirmation"), N_("change"), N_("cancellation"), N_("reminder"), N_("dialog"), N_("reply"), N_("receipt")),
    *(N_("app invite"), N_("booking"), N_("migration"), N_("takeover")),
    *(N_("appointment"), N_("patient"), N_("external")),
    *(N_("module"), N_("type"), N_("timebook"), N_("post"), N_("economy")),
    *(N_("email"), N_("sms"), N_("push"), N_("both"), N_("default"), N_("yes"), N_("no")),
    *(N_("queued"), N_("sending"), N_("sent"), N_("delivered"), N_("failed"), N_("uncertain"), N_("skipped")),
    *(N_("planned"), N_("never"), N_("waits"), N_("will not be sent")),
    *(N_("booked"), N_("proposed"), N_("pending"), N_("waitlist"), N_("cancelled"), N_("entered-in-error")),
    *(N_("fulfilled"), N_("noshow"), N_("arrived"), N_("checked-in")),
    *(N_("ended"), N_("open"), N_("paid"), N_("unpaid")),
    *(N_("third party"), N_("superseded"), N_("too late"), N_("module off"), N_("type off"), N_("unknown patient")),
    *(N_("no consent"), N_("no contact"), N_("covered"), N_("held"), N_("method changed"), N_("migrated")),
    *(N_("rehearsal"), N_("forgotten")),
    *(N_("booked late"), N_("activated late"), N_("not booked"), N_("seen late"), N_("gave up"), N_("expired")),
    *(N_("unknown mailbox"), N_("mailbox disabled"), N_("bad address"), N_("no address"), N_("refused"), N_("blocked")),
    *(N_("smtputf8 not offered"), N_("number not in use"), N_("bad number"), N_("not delivered"), N_("token gone")),
    *(N_("bad token"), N_("other sender"), N_("given away"), N_("email gone"), N_("mobile gone"), N_("push gone")),
    # why a notice went out later than its minute
    *(N_("import late"), N_("import stopped"), N_("patient late"), N_("contact late"), N_("cron silent")),
    *(N_("safety stop"), N_("server down"), N_("retry"), N_("server slow"), N_("opened again"), N_("busy")),
    # what a delivery's detail says where no server spoke
    *(N_("staff sent it again"), N_("sent again, since its arrival is uncertain")),
)
ALSO_TYPED = {
    **dict.fromkeys(("time", "timeavtale", "avtale"), "appointment"),
    **dict.fromkeys(("epost", "e-mail", "mail"), "email"),
    **dict.fromkeys(("tekstmelding", "melding på sms"), "sms"),
    **dict.fromkeys(("app", "appvarsel"), "push"),
    **dict.fromkeys(("avbestilling", "avlyst time"), "cancellation"),
    **dict.fromkeys(("flytting", "endret time"), "change"),
    **dict.fromkeys(("melding", "ny melding"), "dialog"),
    **dict.fromkeys(("okonomi", "betaling"), "economy"),
    **dict.fromkeys(("paminnelse", "paaminnelse"), "reminder"),
    **dict.fromkeys(("mottatt", "kommet fram"), "delivered"),
    **dict.fromkeys(("begge deler",), "both"),
}


def word_for(code: str | None) -> str:
    """As it stands on a screen: no consent. The code itself is typed with its underscores."""
    return _(short(code)) if code else ""


def code_typed(given: str, codes: Iterable[Code], what: str) -> Code:
    """The one of `codes` that was typed, in any language and in capitals or not. Raises UsageError, with `what` it was.

    The error lists the codes in the words of the reader, and says which word may have been meant.
    """
    known = {str(code): code for code in codes}
    word = given.strip().casefold()
    if word in known:
        return known[word]
    of_word = {spelled.casefold(): code for spelled, code in spellings(known)}
    if word in of_word:
        return known[of_word[word]]
    near = nearest(given, [spelled for spelled, _code in spellings(known)])
    in_words = ", ".join(known if is_english() else map(word_for, known))
    message = _("{what}: '{given}' is none of {known}", what=what, given=given, known=in_words)
    raise UsageError(message, _("did you mean {near}?", near=near) if near else "")


def reason_typed(given: str) -> str:
    """The code of a reason; another word as it stands, since a program that sends SMS may fail with one of its own."""
    word = given.strip().casefold()
    of_word = {spelled.casefold(): code for spelled, code in spellings((*SKIPPED, *FAILED))}
    return of_word.get(word, given.strip().replace(" ", "_"))


def spellings(codes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Every word that is taken, and the code that it is for; the codes themselves come last, since they count."""
    codes = list(codes)
    for language in languages():
        for code in codes:
            yield catalogue(language).gettext(short(code)), code
    yield from ((spelled, code) for spelled, code in ALSO_TYPED.items() if code in codes)
    yield from ((short(code), code) for code in codes)
    yield from ((code, code) for code in codes)
