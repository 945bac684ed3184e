"""Each verdict and reason in a plain sentence, with the rule's number in SPEC.md. Decides nothing."""

from notifycli.domain.words import Event, NoticeVerdict, Reason

WHEN_DUE: dict[str, str] = {
    "confirmation": "R1: due 5 minutes after the booking",
    "change": "R2: due 5 minutes after the change",
    "cancellation": "R3: due 5 minutes after the cancellation",
    "reminder": "R4, R5: due 48 hours before the appointment, or at once when notices were switched on later",
    "dialog": "R6: due at once",
    "reply": "R6: due at once",
    "receipt": "R7: due at once when the bill card is paid",
}
WHY_SKIPPED: dict[str, str] = {
    "third_party": "R10: the system that the appointment comes from sends its own notices, or says that it wants none",
    "cancelled": "R11: the appointment is not booked any more",
    "superseded": "R12: something newer has overtaken it, or the appointment was given to another patient",
    "ended": "R13: the appointment has ended",
    "too_late": "R14: it was too late for it",
    "module_off": "R15: the module is switched off now",
    "type_off": "R15: notices are switched off now for this type of appointment",
    "unknown_patient": "R16: the clinic has told of no such patient; it waits until it is too late",
    "no_consent": "R17: the patient has not given consent, or withdrew it",
    "no_contact": "R18: the patient has neither an e-mail address nor a mobile number",
    "covered": "R19: the last that the patient was told is the same time and place",
    "held": "it waits, since a file that was stopped would cancel or move the appointment; see: notify imports",
    "method_changed": "the patient is to be reached in another way now",
}
WHY_NEVER: dict[str, str] = {
    "module_off": "the module was off when it happened, so no rule made it due",
    "type_off": "notices were off for this type of appointment when it happened, so no rule made it due",
    "migrated": "the appointment came from another system and was not booked here, so it is not confirmed",
    "booked_late": "R4: it was registered less than 48 hours before it starts; the confirmation is enough",
    "activated_late": "R5: notices were switched on the day before it starts or later",
    "unpaid": "R7: the bill card is not paid",
    "not_booked": "the appointment is not booked",
    "seen_late": "the appointment was cancelled or had ended when it was first seen",
}
WHY_FAILED: dict[str, str] = {
    "gave_up": "it was tried until it was nearly too late, without success",
    "unknown_mailbox": "the mail server knows no such mailbox",
    "bad_address": "the address cannot be delivered to",
    "no_address": "the patient's address for this channel was removed, or is known to be no more",
    "mailbox_disabled": "the mailbox is disabled",
    "refused": "the receiving server refused the message",
    "expired": "it was tried on the way until it expired",
    "not_delivered": "the operator could not deliver it to the phone",
    "smtputf8_not_offered": "the mail server cannot write to that address",
    "bad_number": "that is no number that can get an SMS",
    "number_not_in_use": "the number is not in use",
    "blocked": "by e-mail, the receiving side refuses our mail server or sender, so that is what to look at, and not "
    "the patient's address; by SMS, the phone's owner or operator has blocked such messages",
    "token_gone": "the app is gone from that device",
    "bad_token": "the app's token is none",
    "other_sender": "the app belongs to another Firebase project",
}


def explanation(event: Event, verdict: NoticeVerdict, reason: Reason | str | None, *, is_due: bool = True) -> str:
    """One sentence for staff; never a patient's name or address."""
    if verdict == "never":
        return _sentence(WHY_NEVER.get(reason or "", reason or ""))
    if verdict == "skipped":
        return _sentence(f"not sent; {WHY_SKIPPED.get(reason or '', reason or '')}")
    if verdict == "failed":
        return _sentence(f"could not be delivered: {WHY_FAILED.get(reason or '', reason or '')}")
    if verdict == "uncertain":
        return "It may have arrived or not; settle it with notify resolve."
    if verdict == "sent":
        return _sentence(WHEN_DUE[event])
    if reason:
        return _sentence(f"{WHEN_DUE[event]}; as things stand it will not be sent: {WHY_SKIPPED.get(reason, reason)}")
    return _sentence(f"{WHEN_DUE[event]}" + ("; the next run sends it" if is_due else ""))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
