"""Why a notice went out later than its minute: what took the longest part of the time between due and sent.

The one table of the causes, of which docs/reasons.md is made. Knows no store: what is known of the time is handed in.
Source: SPEC section 8, `notify gaps`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from notifycli.domain.answers import in_plain_words
from notifycli.domain.reasons import Reason
from notifycli.domain.sentences import N_

IN_TIME = 60  # seconds after its due time in which a notice is to go out
GapCause = Literal[
    "import_late", "import_stopped", "patient_late", "contact_late", "cron_silent", "safety_stop", "server_down",
    "retry", "server_slow", "uncertain", "opened_again", "busy",
]  # fmt: skip
# Among causes that took as long, the first counts.
GAP_CAUSES: dict[str, Reason] = {
    "import_late": Reason(
        N_("no import had told of it yet when it was due"),
        N_("let the clinic's system export, and cron import, more often: `notify imports`"),
    ),
    "import_stopped": Reason(
        N_("a file of the clinic was stopped, since it would cancel, move or book too much"),
        N_("settle stopped files at once; `notify status` tells of them"),
    ),
    "patient_late": Reason(
        N_("no import had told of the patient yet"), N_("export patients before, or with, their appointments")
    ),
    "contact_late": Reason(
        N_("the patient had neither e-mail address nor mobile number, and got one later"),
        N_("ask for contact details at booking: `notify check`"),
    ),
    "cron_silent": Reason(
        N_("no run came: cron, or the machine, was off"), N_("see whether cron runs each minute: `notify status`")
    ),
    "safety_stop": Reason(
        N_("more was due than `limits.max_due`, so nothing went out until somebody let it go"),
        N_("see why so much was due; a limit that is too low for the clinics can be raised"),
    ),
    "server_down": Reason(
        N_("the mail server or gateway did not answer"), N_("`notify doctor`; ask whoever runs the server")
    ),
    "retry": Reason(
        N_("the mail server or gateway answered that it would not take it yet"),
        N_("see its answer: `notify show {notice}`"),
    ),
    "server_slow": Reason(
        N_("the mail server or gateway took long to answer"), N_("`notify doctor`; ask whoever runs the server")
    ),
    "uncertain": Reason(
        N_("the connection broke, or the program was killed, before the answer came"),
        N_("see what killed it: `notify show {notice}`"),
    ),
    "opened_again": Reason(
        N_("it had been skipped, had failed or come back, and was tried anew: another channel, `notify retry`"),
        N_("nothing"),
    ),
    "busy": Reason(
        N_("a run was at work, and its turn had not come"),
        N_("more `connections`, or a higher `rate`, if the server allows it"),
    ),
}  # fmt: skip


class ChangeOfStatus(NamedTuple):
    """As the history has it; `is_of_delivery` is false of a notice that was skipped or opened again."""

    at: int
    status: str
    reason: str | None
    detail: str | None
    attempts: int
    is_of_delivery: bool


class Pause(NamedTuple):
    """A stretch of time in which nothing could go out, whatever was due: `cron_silent`, `safety_stop`, or of one
    clinic `import_stopped`."""

    cause: GapCause
    began_at: int
    ended_at: int


@dataclass(frozen=True, slots=True)
class LateNotice:
    """What is known of a notice from its due time until it went out; instants are UTC epoch seconds.

    `known_at`: when an import told of its event, `patient_known_at`: of its patient; None where that is not known.
    `changes`: of the notice and all of its deliveries, in order.
    """

    due_at: int
    sent_at: int
    known_at: int | None
    patient_known_at: int | None
    changes: Sequence[ChangeOfStatus]


class Wait(NamedTuple):
    """A part of that time, and what it was spent on where no pause was."""

    cause: GapCause
    began_at: int
    ended_at: int


ENDED_BY = {  # which pauses explain a wait better than itself
    **dict.fromkeys(("import_late", "patient_late"), ("import_stopped",)),
    **dict.fromkeys(("busy", "retry", "server_down", "uncertain"), ("cron_silent", "safety_stop", "import_stopped")),
}


def cause_of(late: LateNotice, pauses: Iterable[Pause]) -> GapCause:
    """`pauses`: those that fall into its time; of one kind, none overlaps another."""
    pauses = list(pauses)
    seconds: Counter[str] = Counter()
    for wait in _waits(late):
        left = wait.ended_at - wait.began_at
        for pause in pauses:
            overlap = min(wait.ended_at, pause.ended_at) - max(wait.began_at, pause.began_at)
            if overlap > 0 and pause.cause in ENDED_BY.get(wait.cause, ()):
                seconds[pause.cause] += overlap
                left -= overlap
        seconds[wait.cause] += max(0, left)
    return max(get_args(GapCause), key=lambda cause: seconds[cause])


def _waits(late: LateNotice) -> Iterator[Wait]:
    """From due to sent, each as long as it lasted."""
    known_at = min(max(late.known_at or 0, late.due_at), late.sent_at)
    patient_known_at = min(max(late.patient_known_at or 0, known_at), late.sent_at)
    yield Wait("import_late", late.due_at, known_at)
    yield Wait("patient_late", known_at, patient_known_at)
    cause, since = _BUSY, patient_known_at
    for change in late.changes:
        if change.at > late.sent_at:
            break
        yield Wait(cause, since, max(since, change.at))
        cause, since = _waits_after(change), max(since, change.at)
    yield Wait(cause, since, late.sent_at)


_BUSY: GapCause = "busy"


def _waits_after(change: ChangeOfStatus) -> GapCause:
    if change.status == "queued" and change.attempts:
        return "server_down" if in_plain_words(change.detail).is_of_nobody else "retry"
    if change.status == "queued":
        return "busy"
    if change.status == "sending":
        return "server_slow"
    if change.status == "uncertain":
        return "uncertain"
    return "contact_late" if change.status == "skipped" and change.reason == "no_contact" else "opened_again"
