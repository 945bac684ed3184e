"""Every code that stands where something did not go out, in plain words: the one table of them.

docs/reasons.md and `notify help reasons` are made from it, and what `why` and `show` say of a notice. Decides nothing.
Each text is a sentence of its own, without its capital and full stop, so that it can be translated as a whole;
commands stand between backquotes, as in Markdown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from notifycli.domain.sentences import N_, Sentence


@dataclass(frozen=True, slots=True)
class Reason:
    """`means`: in general. `told`: of one notice, with the facts by which it was decided in braces; the first counts
    whose facts are all known, else `means`. `foreseen`: the same of a notice that is to come, where it reads otherwise.

    `to_do`: what to do and to type next; where it begins with "nothing", `why` and `show` say none of it, but
    `to_do_if`, which may be to do all the same. `to_do_before`: while there is no notice yet.
    `rule`: its number in SPEC section 4.
    """

    means: str
    to_do: str = ""
    told: tuple[str, ...] = ()
    foreseen: tuple[str, ...] = ()
    rule: str = ""
    to_do_before: str = ""
    to_do_if: str = ""


ENABLE_MODULE = N_("if that was a mistake: `notify module enable {clinic} {module}`")
ENABLE_TYPE = N_("if that was a mistake: `notify type enable {clinic} {type}`")
NEW_ADDRESS = N_(
    "ask the patient for the right address, and type: `notify patient set {clinic} {patient} --email ADDRESS`"
)
NEW_NUMBER = N_(
    "ask the patient for the right number, and type: `notify patient set {clinic} {patient} --mobile NUMBER`"
)
LOOK_AT_ANSWER = N_("see the answer: `notify show {notice}`; phone the patient if it matters")

SKIPPED: dict[str, Reason] = {
    "third_party": Reason(
        N_("the system that the appointment comes from sends its own notices (DigiCare, Helsenorge), or its export"
        " wants none of this appointment (`no_notices`)"),
        N_("nothing"),
        (N_("the appointment comes from {source}, which sends its own notices"),
         N_("the export wants no such notice of this appointment (no_notices: {no_notices})")),
        rule="R10",
        to_do_if=N_("if that system does not send, set it to `false` under `[third_party]` or"
                    " `[clinic.{clinic}.third_party]`"),
    ),
    "cancelled": Reason(
        N_("the appointment is not booked any more"),
        N_("nothing; the cancellation tells the patient"),
        (N_("the appointment was cancelled, {cancelled_at}, before this went out"),
         N_("the appointment was not booked any more (it was {status}) when this was looked at, {looked_at}")),
        (N_("the appointment was cancelled, {cancelled_at}"),
         N_("the appointment is not booked any more (it is {status})")),
        rule="R11",
    ),
    "superseded": Reason(
        N_("something newer overtook it before it went out, or the appointment was given to another patient"),
        N_("nothing; the newer notice goes out at its own time"),
        (N_("the appointment was given to another patient, {given_away_at}, before this went out"),
         N_("the appointment was moved to {moved_to}; that time has a reminder of its own"),
         N_("the patient has a booked appointment at that time, {booked_for}, after all"),
         N_("a newer {event}, {newer_at}, overtook it before it went out, and has a notice of its own")),
        (N_("the appointment was given to another patient, {given_away_at}"),
         N_("the appointment was moved to {moved_to}; that time has a reminder of its own"),
         N_("the patient has a booked appointment at that time, {booked_for}, after all"),
         N_("a newer {event}, {newer_at}, has overtaken it, and has a notice of its own")),
        rule="R12",
    ),
    "ended": Reason(
        N_("the appointment has ended"),
        N_("nothing"),
        (N_("the appointment had ended (status {status}) when this was looked at, {looked_at}"),),
        (N_("the appointment has ended (status {status})"),),
        rule="R13",
        to_do_if=N_("if it has not ended, the status in the export is wrong"),
    ),
    "too_late": Reason(
        N_("the appointment has begun, a cancellation is a day past it, or a dialog, reply or receipt is older than"
        " `limits.max_age_days`"),
        N_("see whether cron and the imports run in time: `notify status`"),
        (N_("it became known, {known_at}, when it was too late already: from {too_late_at} on"),
         N_("the appointment began, {began_at}, before this went out"),
         N_("the appointment had begun, {began_before_at}, when it was cancelled"),
         N_("the appointment was a day past, {day_past_at}, before this went out"),
         N_("{days} days were over, {too_late_at}, before this went out")),
        (N_("it became known, {known_at}, when it was too late already: from {too_late_at} on"),
         N_("the appointment began, {began_at}"),
         N_("the appointment had begun, {began_before_at}, when it was cancelled"),
         N_("the appointment was a day past, {day_past_at}"),
         N_("{days} days were over, {too_late_at}")),
        rule="R14",
    ),
    "held": Reason(
        N_("a file that was stopped would cancel or move this appointment, so it waits until that is settled"),
        N_("see: `notify imports show {held_by}`; then import with `--force`, or type: `notify imports settle"
        " {held_by}`"),
        (N_("import {held_by} was stopped, and would cancel or move this appointment"),),
    ),
    "module_off": Reason(
        N_("the clinic has switched the module off since it happened"),
        ENABLE_MODULE,
        (N_("the module {module} was switched off, {module_off_since}"),),
        rule="R15",
    ),
    "type_off": Reason(
        N_("notices of this type of appointment were switched off since it happened"),
        ENABLE_TYPE,
        (N_("notices of the type {type} were switched off, {type_off_since}"),
         N_("notices of the type {type}, which the appointment was given, are off")),
        rule="R15",
    ),
    "unknown_patient": Reason(
        N_("the clinic's exports have no such patient; it waited for them until it was too late"),
        N_("import the patient; see why the clinic's export of patients lacks them"),
        (N_("no export told of the patient {patient} before it was too late, {too_late_at}"),),
        (N_("no export has told of the patient {patient} yet; it will be too late for it, {too_late_at}"),),
        rule="R16",
    ),
    "no_consent": Reason(
        N_("the patient has not given consent, or withdrew it"),
        N_("ask the patient; then type: `notify patient set {clinic} {patient} --consent yes`, and"
        " `notify retry {notice}`"),
        (N_("the patient's consent was no when this was looked at, {looked_at}"),),
        (N_("the patient's consent is no"),),
        rule="R17",
        to_do_before=N_("ask the patient; then type: `notify patient set {clinic} {patient} --consent yes`"),
    ),
    "no_contact": Reason(
        N_("neither e-mail nor SMS is possible: no address or number, one that cannot be written to, or one that is"
        " known to be no more"),
        N_("phone the patient; then type: `notify patient set {clinic} {patient} --email ADDRESS` (or `--mobile"
        " NUMBER`), and what is not too late goes out by itself"),
        (N_("neither e-mail ({email_lacks}) nor SMS ({sms_lacks}) was possible when this was looked at, {looked_at}"),),
        (N_("neither e-mail ({email_lacks}) nor SMS ({sms_lacks}) is possible"),),
        rule="R18",
    ),
    "covered": Reason(
        N_("the last that the patient was told is the same time and place"),
        N_("nothing; they know"),
        (N_("the patient was told the same time and place by the {told_event}, {told_at}"),),
        rule="R19",
    ),
    "method_changed": Reason(
        N_("a delivery waited on a channel that the patient's preference and contact details do not give any more"),
        N_("nothing; it goes out on the channel that they give now"),
        (N_("the patient's preference and contact details gave {channels} when this was looked at, {looked_at}"),),
        (N_("the patient's preference and contact details give {channels} now"),),
    ),
    "forgotten": Reason(
        N_("the patient was forgotten before it went out (`notify patient forget`)"),
        N_("nothing; nobody is left to be told"),
        (N_("the patient was forgotten before it went out"),),
    ),
    "rehearsal": Reason(
        N_("the address is not among those that a rehearsal writes to (`[rehearsal] only`): the message became a file"
        " in the outbox, and nobody was told"),
        N_("nothing; going live sends none of it"),
        (N_("it was written to the outbox in a rehearsal, and the patient was not told"),),
        to_do_if=N_("if it is to go out all the same, once you are live: `notify retry {notice}`"),
    ),
}  # fmt: skip

NEVER: dict[str, Reason] = {
    "module_off": Reason(
        N_("the module was off when it happened; for a reminder: 48 hours before, and since"),
        N_("switch it on for what comes: `notify module enable {clinic} {module_to_enable}`"),
        (N_("the module {module} was off at that moment, {happened_at}: it was switched off, {module_off_since}"),
         N_("the module {module} was off at that moment, {happened_at}: it was first switched on {module_first_on_at}"),
         N_("the module {module} was never switched on until that moment, {happened_at}")),
        (N_("the module {module} is off since {module_off_since}; it counts how it stands 48 hours before the"
            " appointment,"
         " {happened_at}"),
         N_("the module {module} was never switched on; it counts how it stands 48 hours before the appointment,"
         " {happened_at}")),
    ),
    "type_off": Reason(
        N_("notices of this type, or of an unknown or missing type, were off at that moment"),
        N_("switch it on for what comes: `notify type enable {clinic} {type_to_enable}`"),
        (N_("notices of the type {type} were off at that moment, {happened_at}: switched off {type_off_since}"),
         N_("notices of the type {type} were off at that moment, {happened_at}: first switched on {type_first_on_at}"),
         N_("notices of the type {type} were never switched on until that moment, {happened_at}"),
         N_("the appointment named no type at that moment, {happened_at}, and none counts as off")),
        (N_("notices of the type {type} are off since {type_off_since}; it counts how they stand 48 hours before the"
         " appointment, {happened_at}"),
         N_("notices of the type {type} were never switched on; it counts how they stand 48 hours before the"
            " appointment,"
         " {happened_at}"),
         N_("the appointment names no type, and none counts as off; it counts what it has 48 hours before it starts,"
         " {happened_at}")),
    ),
    "migrated": Reason(
        N_("the appointment came from another system and was not booked here, so it is not confirmed"),
        N_("nothing; it is reminded of like any other"),
        (N_("the appointment came from another system, {happened_at}, and was not booked here, so it is not"
            " confirmed"),),
    ),
    "booked_late": Reason(
        N_("registered less than 48 hours before it starts: no reminder"),
        N_("nothing"),
        (N_("the appointment was booked {booked_at}, less than 48 hours before it starts, {starts_at}"),
         N_("the appointment was moved {moved_at}, less than 48 hours before it starts, {starts_at}"),
         N_("the appointment came from another system {migrated_at}, less than 48 hours before it starts,"
            " {starts_at}")),
        rule="R4",
    ),
    "activated_late": Reason(
        N_("notices were switched on the day before the appointment or later: no reminder"),
        N_("nothing"),
        (N_("notices were switched on {activated_at}, less than two calendar days before the appointment,"
            " {starts_at}"),),
        rule="R5",
    ),
    "unpaid": Reason(N_("the bill card is not paid"), N_("nothing; the receipt comes when it is"), rule="R7"),
    "not_booked": Reason(
        N_("the appointment is not booked: only proposed, pending or on a waiting list, or not any more"),
        N_("nothing"),
        (N_("the appointment was cancelled, {cancelled_at}"), N_("the appointment is {status}, not booked")),
    ),
    "seen_late": Reason(
        N_("it was cancelled or had ended when it was first seen"),
        N_("nothing; import more often"),
        (N_("the appointment is {never_theirs}, and was never booked for this patient"),
         N_("the appointment was {first_seen} already when an import first told of it")),
    ),
}  # fmt: skip

FAILED: dict[str, Reason] = {
    "gave_up": Reason(
        N_("it was tried for a day, or until it was nearly too late, without success"),
        N_("a server or a setting is out of order: `notify doctor`; when it is mended: `notify retry {notice}`"),
        (N_("it was given up after {attempts} attempts, at last {answer}"),),
    ),
    "expired": Reason(
        N_(
            "a server on the way, or the operator, tried until its own time was out: a full mailbox, a phone that is"
            " off"
        ),
        N_("phone the patient if it matters"),
    ),
    "unknown_mailbox": Reason(
        N_("the mailbox does not exist; the address counts as gone, where nothing else can be meant"),
        NEW_ADDRESS,
        (N_("the mailbox does not exist"),),
    ),
    "mailbox_disabled": Reason(N_("the mailbox was closed"), NEW_ADDRESS),
    "bad_address": Reason(N_("the address, or its domain, cannot be delivered to"), NEW_ADDRESS),
    "no_address": Reason(
        N_("the address or number was removed, or became known to be no more, while it waited"),
        N_("ask the patient for the right one; then as for `no_contact`"),
    ),
    "smtputf8_not_offered": Reason(
        N_("the address has letters such as å before the @, and the mail server cannot write to it"),
        N_("ask the patient for another address, and type: `notify patient set {clinic} {patient} --email ADDRESS`"),
    ),
    "refused": Reason(N_("the receiving side refused the message and does not say why"), LOOK_AT_ANSWER),
    "blocked": Reason(
        N_(
            "by e-mail: the receiving side refuses our mail server or sender, not the patient's address; by SMS: the"
            " phone's owner or operator blocks such messages"
        ),
        N_("e-mail: whoever runs the mail server looks at its reputation, SPF, DKIM and DMARC. SMS: phone the patient"),
    ),
    "bad_number": Reason(N_("that is no number that can get an SMS"), NEW_NUMBER),
    "number_not_in_use": Reason(N_("the number is not in use"), NEW_NUMBER),
    "not_delivered": Reason(
        N_("the operator could not deliver it to the phone, and does not say why"),
        N_("phone the patient if it matters"),
    ),
    "token_gone": Reason(N_("the app is gone from that device"), N_("nothing; the next login in the app mends it")),
    "bad_token": Reason(N_("the app's token is none"), N_("see where the export gets the token from")),
    "other_sender": Reason(
        N_("the app belongs to another Firebase project"),
        N_("`[push] credentials_file` is another project's: `notify doctor`"),
    ),
}

OUT_OF_REACH: dict[str, Reason] = {
    "no_consent": Reason(N_("no consent"), N_("`notify patient set {clinic} {patient} --consent yes`")),
    "no_contact": Reason(
        N_("neither e-mail nor mobile"),
        N_("`notify patient set {clinic} {patient} --email ADDRESS` (or `--mobile NUMBER`)"),
    ),
    "email_gone": Reason(
        N_("the e-mail address is no more"), N_("set the right one, or the same again if it is right")
    ),
    "mobile_gone": Reason(
        N_("the mobile number is no more"), N_("set the right one, or the same again if it is right")
    ),
    "push_gone": Reason(N_("the app is no more on that device"), N_("nothing; the next login in the app mends it")),
}

# Of a failed delivery, where its channel tells more than the code.
FAILED_BY_CHANNEL: dict[tuple[str, str], Reason] = {
    ("blocked", "email"): Reason(
        N_("the receiving side refuses our mail server or sender, not the patient's address"),
        N_("whoever runs the mail server looks at its reputation, SPF, DKIM and DMARC"),
    ),
    ("blocked", "sms"): Reason(N_("the phone's owner or operator blocks such messages"), N_("phone the patient")),
    ("no_address", "email"): Reason(N_("the e-mail address was removed, or is known to be no more"), NEW_ADDRESS),
    ("no_address", "sms"): Reason(N_("the mobile number was removed, or is known to be no more"), NEW_NUMBER),
    ("no_address", "push"): Reason(N_("the app was removed from that device"), N_("nothing; the next login mends it")),
}
TROUBLES: dict[str, Reason] = {
    "no_import": Reason(N_("nothing was imported yet"), N_("`notify import FILE...`")),
    "no_appointments": Reason(
        N_("no appointments came for longer than `limits.max_hours_without_import`, of all or of one clinic"),
        N_("see whether the export still runs; `notify imports`"),
    ),
    "safety_stop": Reason(
        N_("more is due than `limits.max_due`"), N_("look: `notify run --dry-run`; let it go: `notify run --release`")
    ),
    "no_run": Reason(N_("something is due and no run has come"), N_("see whether cron runs; type `notify run`")),
    "retrying": Reason(N_("a server does not take what waits"), N_("`notify doctor`")),
    "uncertain": Reason(
        N_("deliveries that may have arrived or not"),
        N_("`notify history --status uncertain`, then `notify resolve DELIVERY`"),
    ),
    "failed": Reason(N_("notices that reached nobody in the last 24 hours"), N_("`notify history --status failed`")),
    "import_failed": Reason(N_("a file was not imported"), N_("mend it and import it, or `notify imports settle N`")),
    "import_stopped": Reason(
        N_("a file would cancel, move or book too much"),
        N_("look: `notify import --dry-run FILE`; then `--force`, or `notify imports settle N`"),
    ),
    "rows_rejected": Reason(
        N_("rejected rows are open"), N_("mend and import `FILE.rejects.csv`, or `notify imports settle N`")
    ),
}
IN_GENERAL = {
    **{"clinic": "CLINIC", "patient": "PATIENT", "notice": "NOTICE", "module": "MODULE", "type": "TYPE"},
    **{"module_to_enable": "MODULE", "type_to_enable": "TYPE"},
    **{"held_by": "N", "delivery": "DELIVERY"},
}


def short(code: str) -> str:
    """As it stands in a table: no consent. The code itself is typed with its underscores."""
    return code.replace("_", " ")


def told_of(reason: Reason, facts: Mapping[str, str], *, is_foreseen: bool = False) -> Sentence:
    """Of one notice, by its facts in words; in general, where they are not known."""
    texts = reason.foreseen if is_foreseen and reason.foreseen else reason.told
    return next((told for text in texts if (told := filled(text, facts)) is not None), Sentence(reason.means))


def filled(text: str, facts: Mapping[str, str]) -> Sentence | None:
    """None where a fact is not known."""
    try:
        return Sentence(text, **facts)
    except KeyError:
        return None
