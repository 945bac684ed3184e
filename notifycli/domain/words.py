"""The fixed words of the contract, one list of each: what happened, to what, on which channel, how it stands, and why.

Must not know what follows from a word. Source: SPEC sections 2 to 7; tests hold schema and docs to them.
"""

from typing import Literal, get_args

Module = Literal["timebook", "post", "economy"]
SubjectKind = Literal["appointment", "dialog", "receipt"]
Event = Literal["confirmation", "change", "cancellation", "reminder", "dialog", "reply", "receipt"]
AppointmentEventKind = Literal["booking", "migration", "change", "cancellation", "takeover"]
AppointmentStatus = Literal[
    "booked",
    "proposed",
    "pending",
    "waitlist",
    "cancelled",
    "entered-in-error",
    "fulfilled",
    "noshow",
    "arrived",
    "checked-in",
]
AppointmentState = Literal["booked", "open", "cancelled", "ended"]
AppointmentSource = Literal["local", "migrated", "digicare", "helsenorge"]

Channel = Literal["email", "sms", "push"]
Method = Literal["email", "sms", "both"]
Detour = Literal["second", "rehearsal"]  # how a delivery went that did not go by its channel's own service
DeliveryStatus = Literal["queued", "sending", "sent", "delivered", "failed", "uncertain", "skipped"]
ReportState = Literal["sent", "delivered", "failed"]
ReportEffect = Literal["early", "none", "sent", "delivered", "failed"]
NoticeVerdict = Literal["sent", "planned", "skipped", "failed", "uncertain", "never"]
VerdictOutcome = Literal["send", "skip", "planned", "waits", "written", "never"]

SkipReason = Literal[
    "third_party",
    "cancelled",
    "superseded",
    "ended",
    "too_late",
    "module_off",
    "type_off",
    "unknown_patient",
    "no_consent",
    "no_contact",
    "covered",
    "held",
    "method_changed",
    "rehearsal",
    "forgotten",
]
NeverReason = Literal[
    "module_off",
    "type_off",
    "migrated",
    "booked_late",
    "activated_late",
    "unpaid",
    "not_booked",
    "seen_late",
]
FailReason = Literal[
    "gave_up",
    "expired",
    "unknown_mailbox",
    "mailbox_disabled",
    "bad_address",
    "no_address",
    "refused",
    "blocked",
    "smtputf8_not_offered",
    "number_not_in_use",
    "bad_number",
    "not_delivered",
    "token_gone",
    "bad_token",
    "other_sender",
]
# A program that sends SMS may fail with a word of its own, so a failure is `FailReason | str` where it may be its.
ReasonCode = SkipReason | NeverReason | FailReason

MODULES: tuple[Module, ...] = get_args(Module)
SUBJECT_KINDS: tuple[SubjectKind, ...] = get_args(SubjectKind)
EVENTS: tuple[Event, ...] = get_args(Event)
CHANNELS: tuple[Channel, ...] = get_args(Channel)
METHODS: tuple[Method, ...] = get_args(Method)
DELIVERY_STATUSES: tuple[DeliveryStatus, ...] = get_args(DeliveryStatus)
WENT_OUT: tuple[DeliveryStatus, ...] = ("sent", "delivered")
