"""What the pane beside a list says: a notice's whole life, why, a patient. In the words of show, why and patient show.

Knows queries and the words of commands; must not know Textual.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text

from notifycli.cli import patient_card, show, why
from notifycli.cli.browse.lists import Row
from notifycli.cli.calls import what_to_tell, why_call
from notifycli.cli.codes import word_for
from notifycli.cli.language import _
from notifycli.cli.render import panel, plain
from notifycli.cli.shell import Shell
from notifycli.queries.one_notice import notice_told
from notifycli.queries.patient_card import card_of
from notifycli.queries.why import explain, explain_patient
from notifycli.store import journal
from notifycli.store.engine import Connection
from notifycli.store.subjects import WhoseSubjects

if TYPE_CHECKING:
    from notifycli.delivery.composing import Composer

NOTICE, WHY, PATIENT = "notice", "why", "patient"


@dataclass(frozen=True)
class Pane:
    """`about` tells one pane's content from another, whatever was updated in it."""

    about: str
    title: str
    content: RenderableType


NOTHING = Pane("", "", "")


class Panes:
    """Makes panes on the thread of whoever asks."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._composer: Composer | None = None

    def pane(self, connection: Connection, kind: str, row: Row | None, whose: WhoseSubjects) -> Pane:
        """Of a row; where there is none, of the patient whose rows these would be."""
        clinic = row.which.clinic_id if row is not None else whose.clinic
        patient = row.patient if row is not None else whose.patient
        if clinic is None or patient is None:
            return NOTHING
        if kind == WHY:
            return self._why(connection, clinic, patient, row)
        if kind == PATIENT or row is None:
            return self._patient(connection, clinic, patient)
        return self._notice(connection, row)

    def _notice(self, connection: Connection, row: Row) -> Pane:
        shell = self._shell
        if row.notice is not None:
            if self._composer is None:
                from notifycli.delivery.composing import Composer

                self._composer = Composer(shell.settings, journal.database_id(connection))
            told = notice_told(connection, shell.policy, self._composer, row.notice, shell.now())
            return _pane(row.key, _("notice {notice}", notice=row.notice), _notice_in_lines(told, row) if told else ())
        if row.call is not None:
            mobile = row.call.mobile or _("no number")
            head = plain(f"{mobile}  {row.call.name}")
            return _pane(
                row.key,
                _("call {id}", id=row.call.id),
                (head, plain(why_call(row.call)), "", panel(what_to_tell(row.call), _("say"))),
            )
        subject = f"{word_for(row.which.subject)} {row.which.subject_id}"
        if row.which.subject == "external":
            of_patient = explain_patient(connection, shell.policy, row.which.clinic_id, row.patient, shell.now())
            lines = [line for told in of_patient if told.which == row.which for line in why.in_lines(told)]
            return _pane(row.key, subject, lines)
        explained = explain(connection, shell.policy, row.which, shell.now())
        return _pane(row.key, subject, why.in_lines(explained) if explained else ())

    def _why(self, connection: Connection, clinic: str, patient: str, row: Row | None) -> Pane:
        """All that is known of the patient; what the row is about stands first."""
        shell = self._shell
        everything = explain_patient(connection, shell.policy, clinic, patient, shell.now())
        everything.sort(key=lambda of_subject: row is None or of_subject.which != row.which)
        about = f"{clinic} {patient} {row.which if row else ''}"
        return _pane(
            about, _("why, of patient {patient}", patient=patient), why.patient_in_lines(everything, clinic, patient)
        )

    def _patient(self, connection: Connection, clinic: str, patient: str) -> Pane:
        shell = self._shell
        card = card_of(connection, shell.policy, clinic, patient, shell.now())
        title = _("patient {patient}", patient=patient)
        if card is None:
            names = {"patient": patient, "clinic": clinic}
            unknown = _("Nothing is known of patient {patient} at {clinic}; not imported yet.", **names)
            return _pane(title, title, [Text(unknown)])
        return _pane(f"{clinic} {patient}", title, patient_card.in_lines(card, shell.settings.timezone, shell.now()))


def _notice_in_lines(told: dict[str, Any], row: Row) -> Iterator[RenderableType]:
    """As show has it, but what the patient saw comes first, the row's own message before the other."""
    yield from show.headline(told)
    for delivery in sorted(told["deliveries"], key=lambda delivery: bool(delivery["delivery"] != row.delivery)):
        yield from show.delivery_in_lines(delivery, told["zone"])
    yield ""
    yield show.facts(told)
    yield from show.changes(told)


def _pane(about: str, title: str, lines: Iterable[RenderableType]) -> Pane:
    return Pane(about, title, Group(*lines))
