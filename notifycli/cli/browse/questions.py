"""What the browser asks before a key changes something, and what is done by which answer.

Must not know Textual, nor how anything is done: see acting.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from notifycli.cli.browse import acting
from notifycli.cli.browse.lists import Row
from notifycli.cli.language import _
from notifycli.cli.shell import Shell
from notifycli.cli.visible import visible
from notifycli.store.engine import Connection


@dataclass(frozen=True)
class QuestionOfKey:
    """`answers`: keys and what they mean. `act`: is given the key that was pressed, and says what came of it."""

    text: str
    answers: Mapping[str, str]
    act: Callable[[Connection, str], str]


def of_retry(shell: Shell, row: Row | None) -> QuestionOfKey | None:
    """None where the row is about no notice."""
    if row is None or row.notice is None:
        return None
    number = row.notice
    text = _("Look at notice {notice} again? What the rules allow now, the next run sends.", notice=number)
    answers = {_("y"): _("yes, look again")}
    return QuestionOfKey(text, answers, lambda connection, _key: acting.look_again_at(connection, shell, number))


def of_resolve(shell: Shell, row: Row | None) -> QuestionOfKey | None:
    """None where the row is about no delivery."""
    if row is None or row.delivery is None:
        return None
    number = row.delivery
    text = _("Nobody knows whether delivery {delivery} arrived. What does the patient say?", delivery=number)
    answers = {"a": _("it arrived"), "s": _("it did not: the next run sends it again")}
    return QuestionOfKey(
        text,
        answers,
        lambda connection, key: acting.settle_delivery(connection, shell, number, was_sent=key == "a"),
    )


def of_done(shell: Shell, row: Row | None) -> QuestionOfKey | None:
    """None where the row is about no call."""
    call = row.call if row is not None else None
    if call is None:
        return None
    whom = {"patient": visible(call.patient), "about": visible(call.which.subject_id)}
    text = _("Is the call to patient {patient} about {about} done?", **whom)
    answers = {_("y"): _("yes, take it off the list")}
    return QuestionOfKey(text, answers, lambda connection, _key: acting.mark_call(connection, shell, call.id))
