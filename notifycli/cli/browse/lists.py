"""The lists of the browser, page by page: what went out, what comes, whom to phone. Each row in its command's words.

Knows queries and the words of commands; must not know Textual.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from notifycli.cli.calls import FIELDS as CALL_FIELDS
from notifycli.cli.calls import as_value as as_call_value
from notifycli.cli.calls import why_call
from notifycli.cli.codes import word_for
from notifycli.cli.coming import as_values, goes_to
from notifycli.cli.history import for_machines, what_became_of
from notifycli.cli.language import _
from notifycli.cli.render import local_with_year, patient_text, plain
from notifycli.cli.shell import Shell
from notifycli.cli.styled import Styled
from notifycli.domain.rules import ORDER_WHEN_EQUAL
from notifycli.domain.sentences import N_
from notifycli.queries.calls import PhoneCall, calls_to_make
from notifycli.queries.upcoming import Coming, coming_notices
from notifycli.store.engine import Connection
from notifycli.store.facts import Subject
from notifycli.store.history import HISTORY_FIELDS, HistoryFilter, history, place_of
from notifycli.store.subjects import WhoseSubjects

HOUR = 3600
AHEAD = (HOUR, 6 * HOUR, 48 * HOUR)  # of everybody's, as far as a page needs
AHEAD_OF_PATIENT = (366 * 24 * HOUR,)
ID_COLUMNS = (N_("clinic"), N_("patient"), N_("about"))  # the pane has ids whole
UPCOMING_FIELDS = (
    "clinic", "patient", "event", "subject", "subject_id", "due_at", "channels", "reason", "active_user",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A line of a list. `key` tells it from any other; `source` is what was read of it.

    `notice`, `delivery`: their numbers, where they exist; `status`: of the history alone.
    """

    key: str
    cells: tuple[Text, ...]
    which: Subject
    patient: str
    source: Any
    notice: int | None = None
    delivery: int | None = None
    status: str = ""
    call: PhoneCall | None = None


@dataclass(frozen=True)
class Asked:
    """Of what a list is asked for. `search`: as history --search has it."""

    shell: Shell
    whose: WhoseSubjects
    search: str | None
    has_clinics: bool

    def headings(self, first: str, *others: str) -> tuple[str, ...]:
        clinic = (_("clinic"),) if self._shows_clinic else ()
        patient = (_("patient"),) if self.whose.patient is None else ()
        return (_(first), *clinic, *patient, *map(_, others))

    def cells(
        self, at: int | None, clinic: str, patient: str, is_active_user: bool, *others: Styled | str | None
    ) -> tuple[Text, ...]:
        zone = self.shell.settings.timezone
        when = plain(None if at is None else local_with_year(at, zone))
        of_clinic = (plain(clinic),) if self._shows_clinic else ()
        of_patient = (patient_text(patient, is_active_user),) if self.whose.patient is None else ()
        more = (cell if isinstance(cell, Styled) else plain(cell) for cell in others)
        return tuple(cell.__rich__() for cell in (when, *of_clinic, *of_patient, *more))

    @property
    def _shows_clinic(self) -> bool:
        return self.has_clinics and self.whose.clinic is None


class RowsOf(ABC):
    """A list of rows, and how it is exported: as CSV by `fields`. `otherwise`: what is said where it has no row."""

    name: str
    fields: Sequence[str]
    otherwise: str
    columns: tuple[str, ...]

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.headings = asked.headings(*self.columns)

    @abstractmethod
    def page(self, connection: Connection, size: int, after: Row | None = None) -> list[Row]:
        """At most so many rows, those behind `after`."""

    @abstractmethod
    def as_record(self, row: Row) -> list[Any]:
        """By `fields`."""


class History(RowsOf):
    """What went out and what did not, newest first."""

    name = N_("history")
    fields = HISTORY_FIELDS
    otherwise = N_("nothing yet")
    columns = (N_("when"), N_("event"), N_("about"), N_("what became of it"))

    def page(self, connection: Connection, size: int, after: Row | None = None) -> list[Row]:
        whose = self.asked.whose
        wanted = HistoryFilter(
            clinic=whose.clinic,
            patient=whose.patient,
            search=self.asked.search,
            limit=size,
            after=place_of(after.source) if after is not None else None,
        )
        return [self._row(row) for row in history(connection, wanted)]

    def as_record(self, row: Row) -> list[Any]:
        record = for_machines(row.source)
        return [record[field] for field in self.fields]

    def _row(self, row: dict[str, Any]) -> Row:
        shell = self.asked.shell
        became = what_became_of(row, shell.settings.timezone, shell.now())
        whose = (row["clinic"], row["patient"], row["active_user"])
        return Row(
            key=f"{row['notice']} {row['delivery']} {row['clinic']} {row['subject_id']}",
            cells=self.asked.cells(row["status_at"], *whose, word_for(row["event"]), row["subject_id"], became),
            which=Subject(row["subject"] or "external", row["clinic"], row["subject_id"]),
            patient=row["patient"],
            source=row,
            notice=row["notice"],
            delivery=row["delivery"],
            status=row["status"],
        )


class Upcoming(RowsOf):
    """What will be sent, the next first."""

    name = N_("upcoming")
    fields = UPCOMING_FIELDS
    otherwise = N_("nothing will be sent")
    columns = (N_("due"), N_("event"), N_("about"), N_("goes to"))

    def page(self, connection: Connection, size: int, after: Row | None = None) -> list[Row]:
        shell, whose, behind = self.asked.shell, self.asked.whose, list[Coming]()
        now = shell.now()
        for ahead in AHEAD if whose.patient is None else AHEAD_OF_PATIENT:
            coming = coming_notices(connection, shell.policy, now, now + ahead, with_waiting=True, whose=whose)
            behind = [notice for notice in coming if after is None or _order(notice) > _order(after.source)]
            if len(behind) >= size:
                break
        return [self._row(notice, now) for notice in behind[:size]]

    def as_record(self, row: Row) -> list[Any]:
        [record] = as_values([row.source])
        return [",".join(cell) if isinstance(cell, list) else cell for cell in (record[name] for name in self.fields)]

    def _row(self, notice: Coming, now: int) -> Row:
        which, to = notice.which, goes_to(notice, self.asked.shell.settings.timezone, now)
        whose = (which.clinic_id, notice.patient, notice.is_active_user)
        return Row(
            key=f"{which} {notice.event} {notice.due_at}",
            cells=self.asked.cells(notice.due_at, *whose, word_for(notice.event), which.subject_id, to),
            which=which,
            patient=notice.patient,
            source=notice,
        )


def _order(notice: Coming) -> tuple[int, int, Subject]:
    return notice.due_at, ORDER_WHEN_EQUAL.index(notice.event), notice.which


class Calls(RowsOf):
    """Whom to phone, by the time of the appointment."""

    name = N_("calls")
    fields = CALL_FIELDS
    otherwise = N_("nobody has to be phoned")
    columns = (N_("appointment"), N_("mobile"), N_("about"), N_("why"))

    def page(self, connection: Connection, size: int, after: Row | None = None) -> list[Row]:
        if after is not None:
            return []  # they are few, and all stand on the first page
        shell, whose = self.asked.shell, self.asked.whose
        now = shell.now()
        calls = calls_to_make(connection, shell.policy, now, now + AHEAD[-1], whose.clinic)
        return [self._row(call) for call in calls if whose.patient in (None, call.patient)]

    def as_record(self, row: Row) -> list[Any]:
        record = as_call_value(row.source)
        return [record[field] for field in self.fields]

    def _row(self, call: PhoneCall) -> Row:
        whose = (call.which.clinic_id, call.patient, call.is_active_user)
        mobile = call.mobile or _("no number")
        return Row(
            key=call.id,
            cells=self.asked.cells(call.starts_at, *whose, mobile, call.which.subject_id, why_call(call)),
            which=call.which,
            patient=call.patient,
            source=call,
            call=call,
        )


LISTS: dict[str, type[RowsOf]] = {rows_of.name: rows_of for rows_of in (History, Upcoming, Calls)}
