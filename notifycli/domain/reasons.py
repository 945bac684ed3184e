"""Every code that stands where something did not go out, in plain words: the one table of them.

docs/reasons.md and `notify help reasons` are made from it, and what `why` and `show` say of a notice. Decides nothing.
Each text is a sentence of its own, without its capital and full stop, so that it can be translated as a whole;
commands stand between backquotes, as in Markdown.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """`means`: in general. `told`: of one notice, with the facts by which it was decided in braces; the first counts
    whose facts are all known, else `means`. `foreseen`: the same of a notice that is to come, where it reads otherwise.

    `to_do`: what to do and to type next; "" where there is nothing; `to_do_before`: while there is no notice yet.
    `rule`: its number in SPEC section 4.
    """

    means: str
    to_do: str = ""
    told: tuple[str, ...] = ()
    foreseen: tuple[str, ...] = ()
    rule: str = ""
    to_do_before: str = ""


ENABLE_MODULE = "if that was a mistake: `notify module enable {clinic} {module}`"
ENABLE_TYPE = "if that was a mistake: `notify type enable {clinic} {type}`"
NEW_ADDRESS = "ask the patient for the right address, and type: `notify patient set {clinic} {patient} --email ADDRESS`"
NEW_NUMBER = "ask the patient for the right number, and type: `notify patient set {clinic} {patient} --mobile NUMBER`"
LOOK_AT_ANSWER = "see the answer: `notify show {notice}`; phone the patient if it matters"

SKIPPED: dict[str, Reason] = {
    "third_party": Reason(
        "the system that the appointment comes from sends its own notices (DigiCare, Helsenorge), or its export wants"
        " none of this appointment (`no_notices`)",
        "nothing; if that system does not send, set it to `false` under `[third_party]` or"
        " `[clinic.{clinic}.third_party]`",
        ("the appointment comes from {source}, which sends its own notices",
         "the export wants no such notice of this appointment (no_notices: {no_notices})"),
        rule="R10",
    ),
    "cancelled": Reason(
        "the appointment is not booked any more",
        "nothing; the cancellation tells the patient",
        ("the appointment was cancelled, {cancelled_at}, before this went out",
         "the appointment was not booked any more (it was {status}) when this was looked at, {looked_at}"),
        ("the appointment was cancelled, {cancelled_at}", "the appointment is not booked any more (it is {status})"),
        rule="R11",
    ),
    "superseded": Reason(
        "something newer overtook it before it went out, or the appointment was given to another patient",
        "nothing; the newer notice goes out at its own time",
        ("the appointment was given to another patient, {given_away_at}, before this went out",
         "the appointment was moved to {moved_to}; that time has a reminder of its own",
         "the patient has a booked appointment at that time, {booked_for}, after all",
         "a newer {event}, {newer_at}, overtook it before it went out, and has a notice of its own"),
        ("the appointment was given to another patient, {given_away_at}",
         "the appointment was moved to {moved_to}; that time has a reminder of its own",
         "the patient has a booked appointment at that time, {booked_for}, after all",
         "a newer {event}, {newer_at}, has overtaken it, and has a notice of its own"),
        rule="R12",
    ),
    "ended": Reason(
        "the appointment has ended",
        "nothing; if it has not ended, the status in the export is wrong",
        ("the appointment had ended (status {status}) when this was looked at, {looked_at}",),
        ("the appointment has ended (status {status})",),
        rule="R13",
    ),
    "too_late": Reason(
        "the appointment has begun, a cancellation is a day past it, or a dialog, reply or receipt is older than"
        " `limits.max_age_days`",
        "see whether cron and the imports run in time: `notify status`",
        ("it became known, {known_at}, when it was too late already: from {too_late_at} on",
         "the appointment began, {began_at}, before this went out",
         "the appointment had begun, {began_before_at}, when it was cancelled",
         "the appointment was a day past, {day_past_at}, before this went out",
         "{days} days were over, {too_late_at}, before this went out"),
        ("it became known, {known_at}, when it was too late already: from {too_late_at} on",
         "the appointment began, {began_at}",
         "the appointment had begun, {began_before_at}, when it was cancelled",
         "the appointment was a day past, {day_past_at}",
         "{days} days were over, {too_late_at}"),
        rule="R14",
    ),
    "held": Reason(
        "a file that was stopped would cancel or move this appointment, so it waits until that is settled",
        "see: `notify imports show {held_by}`; then import with `--force`, or type: `notify imports settle {held_by}`",
        ("import {held_by} was stopped, and would cancel or move this appointment",),
    ),
    "module_off": Reason(
        "the clinic has switched the module off since it happened",
        ENABLE_MODULE,
        ("the module {module} was switched off, {module_off_since}",),
        rule="R15",
    ),
    "type_off": Reason(
        "notices of this type of appointment were switched off since it happened",
        ENABLE_TYPE,
        ("notices of the type {type} were switched off, {type_off_since}",
         "notices of the type {type}, which the appointment was given, are off"),
        rule="R15",
    ),
    "unknown_patient": Reason(
        "the clinic's exports have no such patient; it waited for them until it was too late",
        "import the patient; see why the clinic's export of patients lacks them",
        ("no export told of the patient {patient} before it was too late, {too_late_at}",),
        ("no export has told of the patient {patient} yet; it will be too late for it, {too_late_at}",),
        rule="R16",
    ),
    "no_consent": Reason(
        "the patient has not given consent, or withdrew it",
        "ask the patient; then type: `notify patient set {clinic} {patient} --consent yes`, and"
        " `notify retry {notice}`",
        ("the patient's consent was no when this was looked at, {looked_at}",),
        ("the patient's consent is no",),
        rule="R17",
        to_do_before="ask the patient; then type: `notify patient set {clinic} {patient} --consent yes`",
    ),
    "no_contact": Reason(
        "neither e-mail nor SMS is possible: no address or number, one that cannot be written to, or one that is known"
        " to be no more",
        "phone the patient; then type: `notify patient set {clinic} {patient} --email ADDRESS` (or `--mobile NUMBER`),"
        " and what is not too late goes out by itself",
        ("neither e-mail ({email_lacks}) nor SMS ({sms_lacks}) was possible when this was looked at, {looked_at}",),
        ("neither e-mail ({email_lacks}) nor SMS ({sms_lacks}) is possible",),
        rule="R18",
    ),
    "covered": Reason(
        "the last that the patient was told is the same time and place",
        "nothing; they know",
        ("the patient was told the same time and place by the {told_event}, {told_at}",),
        rule="R19",
    ),
    "method_changed": Reason(
        "a delivery waited on a channel that the patient's preference and contact details do not give any more",
        "nothing; it goes out on the channel that they give now",
        ("the patient's preference and contact details gave {channels} when this was looked at, {looked_at}",),
        ("the patient's preference and contact details give {channels} now",),
    ),
}  # fmt: skip

NEVER: dict[str, Reason] = {
    "module_off": Reason(
        "the module was off when it happened; for a reminder: 48 hours before, and since",
        "switch it on for what comes: `notify module enable {clinic} {module_to_enable}`",
        ("the module {module} was off at that moment, {happened_at}: it was switched off, {module_off_since}",
         "the module {module} was off at that moment, {happened_at}: it was first switched on {module_first_on_at}",
         "the module {module} was never switched on until that moment, {happened_at}"),
        ("the module {module} is off since {module_off_since}; it counts how it stands 48 hours before the appointment,"
         " {happened_at}",
         "the module {module} was never switched on; it counts how it stands 48 hours before the appointment,"
         " {happened_at}"),
    ),
    "type_off": Reason(
        "notices of this type, or of an unknown or missing type, were off at that moment",
        "switch it on for what comes: `notify type enable {clinic} {type_to_enable}`",
        ("notices of the type {type} were off at that moment, {happened_at}: switched off {type_off_since}",
         "notices of the type {type} were off at that moment, {happened_at}: first switched on {type_first_on_at}",
         "notices of the type {type} were never switched on until that moment, {happened_at}",
         "the appointment named no type at that moment, {happened_at}, and none counts as off"),
        ("notices of the type {type} are off since {type_off_since}; it counts how they stand 48 hours before the"
         " appointment, {happened_at}",
         "notices of the type {type} were never switched on; it counts how they stand 48 hours before the appointment,"
         " {happened_at}",
         "the appointment names no type, and none counts as off; it counts what it has 48 hours before it starts,"
         " {happened_at}"),
    ),
    "migrated": Reason(
        "the appointment came from another system and was not booked here, so it is not confirmed",
        "nothing; it is reminded of like any other",
        ("the appointment came from another system, {happened_at}, and was not booked here, so it is not confirmed",),
    ),
    "booked_late": Reason(
        "registered less than 48 hours before it starts: no reminder",
        "nothing",
        ("the appointment was booked {booked_at}, less than 48 hours before it starts, {starts_at}",
         "the appointment was moved {moved_at}, less than 48 hours before it starts, {starts_at}",
         "the appointment came from another system {migrated_at}, less than 48 hours before it starts, {starts_at}"),
        rule="R4",
    ),
    "activated_late": Reason(
        "notices were switched on the day before the appointment or later: no reminder",
        "nothing",
        ("notices were switched on {activated_at}, less than two calendar days before the appointment, {starts_at}",),
        rule="R5",
    ),
    "unpaid": Reason("the bill card is not paid", "nothing; the receipt comes when it is", rule="R7"),
    "not_booked": Reason(
        "the appointment is not booked: only proposed, pending or on a waiting list, or not any more",
        "nothing",
        ("the appointment was cancelled, {cancelled_at}", "the appointment is {status}, not booked"),
    ),
    "seen_late": Reason(
        "it was cancelled or had ended when it was first seen",
        "nothing; import more often",
        ("the appointment is {never_theirs}, and was never booked for this patient",
         "the appointment was {first_seen} already when an import first told of it"),
    ),
}  # fmt: skip

FAILED: dict[str, Reason] = {
    "gave_up": Reason(
        "it was tried for a day, or until it was nearly too late, without success",
        "a server or a setting is out of order: `notify doctor`; when it is mended: `notify retry {notice}`",
        ("it was given up after {attempts} attempts, at last {answer}",),
    ),
    "expired": Reason(
        "a server on the way, or the operator, tried until its own time was out: a full mailbox, a phone that is off",
        "phone the patient if it matters",
    ),
    "unknown_mailbox": Reason(
        "the mailbox does not exist; the address counts as gone, where nothing else can be meant",
        NEW_ADDRESS,
        ("the mailbox does not exist",),
    ),
    "mailbox_disabled": Reason("the mailbox was closed", NEW_ADDRESS),
    "bad_address": Reason("the address, or its domain, cannot be delivered to", NEW_ADDRESS),
    "no_address": Reason(
        "the address or number was removed, or became known to be no more, while it waited",
        "ask the patient for the right one; then as for `no_contact`",
    ),
    "smtputf8_not_offered": Reason(
        "the address has letters such as å before the @, and the mail server cannot write to it",
        "ask the patient for another address, and type: `notify patient set {clinic} {patient} --email ADDRESS`",
    ),
    "refused": Reason("the receiving side refused the message and does not say why", LOOK_AT_ANSWER),
    "blocked": Reason(
        "by e-mail: the receiving side refuses our mail server or sender, not the patient's address; by SMS: the"
        " phone's owner or operator blocks such messages",
        "e-mail: whoever runs the mail server looks at its reputation, SPF, DKIM and DMARC. SMS: phone the patient",
    ),
    "bad_number": Reason("that is no number that can get an SMS", NEW_NUMBER),
    "number_not_in_use": Reason("the number is not in use", NEW_NUMBER),
    "not_delivered": Reason(
        "the operator could not deliver it to the phone, and does not say why", "phone the patient if it matters"
    ),
    "token_gone": Reason("the app is gone from that device", "nothing; the next login in the app mends it"),
    "bad_token": Reason("the app's token is none", "see where the export gets the token from"),
    "other_sender": Reason(
        "the app belongs to another Firebase project", "`[push] credentials_file` is another project's: `notify doctor`"
    ),
}

OUT_OF_REACH: dict[str, Reason] = {
    "no_consent": Reason("no consent", "`notify patient set {clinic} {patient} --consent yes`"),
    "no_contact": Reason(
        "neither e-mail nor mobile", "`notify patient set {clinic} {patient} --email ADDRESS` (or `--mobile NUMBER`)"
    ),
    "email_gone": Reason("the e-mail address is no more", "set the right one, or the same again if it is right"),
    "mobile_gone": Reason("the mobile number is no more", "set the right one, or the same again if it is right"),
    "push_gone": Reason("the app is no more on that device", "nothing; the next login in the app mends it"),
}

# Of a failed delivery, where its channel tells more than the code.
FAILED_BY_CHANNEL: dict[tuple[str, str], Reason] = {
    ("blocked", "email"): Reason(
        "the receiving side refuses our mail server or sender, not the patient's address",
        "whoever runs the mail server looks at its reputation, SPF, DKIM and DMARC",
    ),
    ("blocked", "sms"): Reason("the phone's owner or operator blocks such messages", "phone the patient"),
    ("no_address", "email"): Reason("the e-mail address was removed, or is known to be no more", NEW_ADDRESS),
    ("no_address", "sms"): Reason("the mobile number was removed, or is known to be no more", NEW_NUMBER),
    ("no_address", "push"): Reason("the app was removed from that device", "nothing; the next login mends it"),
}
TROUBLES: dict[str, Reason] = {
    "no_import": Reason("nothing was imported yet", "`notify import FILE...`"),
    "no_appointments": Reason(
        "no appointments came for longer than `limits.max_hours_without_import`, of all or of one clinic",
        "see whether the export still runs; `notify imports`",
    ),
    "safety_stop": Reason(
        "more is due than `limits.max_due`", "look: `notify run --dry-run`; let it go: `notify run --release`"
    ),
    "no_run": Reason("something is due and no run has come", "see whether cron runs; type `notify run`"),
    "retrying": Reason("a server does not take what waits", "`notify doctor`"),
    "uncertain": Reason(
        "deliveries that may have arrived or not", "`notify history --status uncertain`, then `notify resolve DELIVERY`"
    ),
    "failed": Reason("notices that reached nobody in the last 24 hours", "`notify history --status failed`"),
    "import_failed": Reason("a file was not imported", "mend it and import it, or `notify imports settle N`"),
    "import_stopped": Reason(
        "a file would cancel, move or book too much",
        "look: `notify import --dry-run FILE`; then `--force`, or `notify imports settle N`",
    ),
    "rows_rejected": Reason(
        "rejected rows are open", "mend and import `FILE.rejects.csv`, or `notify imports settle N`"
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


def without_marks(text: str) -> str:
    """As a terminal shows it: commands stand between the marks of Markdown in the texts."""
    return text.replace("`", "")


def told_of(reason: Reason, facts: Mapping[str, str], *, is_foreseen: bool = False) -> str:
    """Of one notice, by its facts in words; in general, where they are not known."""
    texts = reason.foreseen if is_foreseen and reason.foreseen else reason.told
    return next((told for text in texts if (told := filled(text, facts)) is not None), reason.means)


def filled(text: str, facts: Mapping[str, str]) -> str | None:
    """None where a fact is not known."""
    try:
        return text.format_map(facts)
    except KeyError:
        return None
