"""The full screen of `notify browse`: whom one looks for, their rows, and a pane with all of the one under the cursor.

Knows keys and widgets; what rows and panes say, and what keys change, others know.
"""

import asyncio
from collections.abc import Callable
from typing import ClassVar, TypeVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Footer, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from notifycli.cli.browse import acting, questions
from notifycli.cli.browse.asking import Asker
from notifycli.cli.browse.dialogs import AskFirst, Keys, WhereTo
from notifycli.cli.browse.keys import KEYS, OF_ROWS, OF_SCREEN, SearchInput
from notifycli.cli.browse.lists import ID_COLUMNS, LISTS, Asked, History, Row, RowsOf
from notifycli.cli.browse.panes import NOTICE, Panes
from notifycli.cli.browse.questions import QuestionOfKey
from notifycli.cli.browse.rows_table import RowsTable
from notifycli.cli.browse.themes import theme_after, theme_of_terminal
from notifycli.cli.found_patients import findable_in_words
from notifycli.cli.language import _, error_in_words
from notifycli.cli.render import ACTIVE_USER
from notifycli.cli.shell import Shell
from notifycli.cli.visible import visible, visible_lines
from notifycli.domain.errors import NotifyError
from notifycli.store import clinics, finding, journal
from notifycli.store.engine import Connection
from notifycli.store.finding import FoundPatient
from notifycli.store.subjects import WhoseSubjects

PAGE = 60
MOST_KEPT = 600  # rows that are read again where something has changed
MOST_PATIENTS = 20
WIDE = 140
EACH_SECOND = 1.0
PAUSE = 0.1  # seconds for which the cursor rests before the pane is made: a layout and a footer cost as much
RETRIABLE = ("failed", "skipped")
Answer = TypeVar("Answer")


def in_a_line(patient: FoundPatient) -> Text:
    """1043  Bjarne Leinås  +4791000043  nidelv"""
    dot = f" {ACTIVE_USER}" if patient.is_active_user else ""
    parts = (patient.mobile or patient.email, patient.clinic)
    line = Text(f"{visible(patient.name)}  {visible(patient.patient)}")
    return line.append(dot, "green").append("".join(f"  {visible(part)}" for part in parts if part))


class Browser(App[None]):
    """One screen; `clinic` limits all of it."""

    CSS_PATH = "browser.tcss"
    TITLE = "notify browse"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - textual has it of instances, too
    BINDINGS: ClassVar[list[BindingType]] = OF_SCREEN

    def __init__(self, shell: Shell, clinic: str | None) -> None:
        super().__init__()
        self.shell = shell
        self.reader = Asker(shell.address_of_database())
        self.doer = Asker(shell.address_of_database())
        self._panes = Panes(shell)
        self._clinic = clinic
        self._patients: list[FoundPatient] = []
        self._patient: FoundPatient | None = None
        self._search: str | None = None
        self._has_clinics = False
        self._kind = History.name
        self._list: RowsOf | None = None
        self._rows: list[Row] = []
        self._is_whole = False
        self._pane_kind = NOTICE
        self._pane_row: str | None = None
        self._pane_shown = (NOTICE, "")
        self._typed = ""
        self._change_counter: int | None = None

    def compose(self) -> ComposeResult:
        with Horizontal(id="asked"):
            yield Label(_("search"))
            yield SearchInput(id="search", compact=True, placeholder=_("a name, a number, an address, an id"))
        yield OptionList(id="patients", compact=True, markup=False)
        with Vertical(id="body"):
            yield RowsTable(id="rows", cursor_type="row")
            with VerticalScroll(id="pane"):
                yield Static(id="content", markup=False)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self.theme = theme_of_terminal()
        self.query_one("#patients").can_focus = False
        self.query_one("#search").focus()
        self.begin()
        self.set_interval(EACH_SECOND, self.look_for_changes)

    def on_unmount(self) -> None:
        self.reader.close()
        self.doer.close()

    def on_resize(self) -> None:
        if self._list is not None:
            self.call_after_refresh(self.load_rows, keep=True)

    @property
    def row(self) -> Row | None:
        """The one under the cursor."""
        place = self.query_one(RowsTable).cursor_row
        return self._rows[place] if place < len(self._rows) else None

    @property
    def whose(self) -> WhoseSubjects:
        if self._patient is not None:
            return WhoseSubjects(self._patient.clinic, self._patient.patient)
        return WhoseSubjects(self._clinic)

    async def _answer(self, question: Callable[[Connection], Answer]) -> Answer | None:
        """None where the database has trouble, which is said, and where the screen was left meanwhile."""
        try:
            answer = await self.reader.ask(question)
        except NotifyError as error:
            self.notify(visible_lines(error_in_words(error)), severity="error", markup=False)
            return None
        return answer if self.is_running else None

    @work(group="begin")
    async def begin(self) -> None:
        # before the first rows are read, so that nothing that changes behind them is missed
        self._change_counter = await self._answer(lambda connection: connection.change_counter())
        self._has_clinics = len(await self._answer(clinics.clinic_ids) or ()) > 1
        self.load_rows()

    @work(exclusive=True, group="rows")
    async def load_rows(self, keep: bool = False) -> None:
        """`keep`: what was read before is read again, and the cursor stays on its row."""
        asked = Asked(self.shell, self.whose, self._search, self._has_clinics)
        rows_of = LISTS[self._kind](asked)
        size = max(PAGE, min(len(self._rows), MOST_KEPT)) if keep else PAGE
        rows = await self._answer(lambda connection: rows_of.page(connection, size))
        if rows is None:
            return
        kept, table = self.row.key if keep and self.row else None, self.query_one(RowsTable)
        place, top = table.cursor_row, table.scroll_y
        new_place = next((place for place, row in enumerate(rows) if row.key == kept), place if kept else 0)
        self._list, self._rows, self._is_whole = rows_of, rows, len(rows) < size
        table.fill(rows_of.headings, [row.cells for row in rows], {_(name) for name in ID_COLUMNS})
        table.move_cursor(row=new_place, scroll=False)
        if kept and top:
            table.scroll_to(y=top + new_place - place, animate=False)
        table.border_title = visible(f"{_(rows_of.name)}{self._of_whom()}{'' if rows else f': {_(rows_of.otherwise)}'}")
        self.refresh_bindings()
        self.load_pane()

    def _of_whom(self) -> str:
        if self._patient is not None:
            whom = f"{self._patient.patient} {self._patient.name}".rstrip()
            return _(" of {whom}", whom=whom)
        if self._search is not None:
            return f": {self._search}"
        return _(" of {whom}", whom=self._clinic) if self._clinic is not None else ""

    @work(exclusive=True, group="more")
    async def load_more(self) -> None:
        rows_of, last = self._list, self._rows[-1]
        assert rows_of is not None  # whose rows these are
        rows = await self._answer(lambda connection: rows_of.page(connection, PAGE, last))
        if rows is None or rows_of is not self._list or self._rows[-1] is not last:
            return
        self._is_whole = len(rows) < PAGE
        self._rows += rows
        self.query_one(RowsTable).extend([row.cells for row in rows])

    @work(exclusive=True, group="pane")
    async def load_pane(self, pause: float = 0) -> None:
        """Another call within `pause`, in seconds, takes its place."""
        kind, row, whose = self._pane_kind, self.row, self.whose
        self._pane_row = row.key if row is not None else None
        await asyncio.sleep(pause)
        pane = await self._answer(lambda connection: self._panes.pane(connection, kind, row, whose))
        if pane is None:
            return
        box = self.query_one("#pane", VerticalScroll)
        box.border_title = visible(pane.title)
        self.query_one("#content", Static).update(pane.content)
        if (kind, pane.about) != self._pane_shown:
            box.scroll_home(animate=False)
        self._pane_shown = kind, pane.about
        self.refresh_bindings()

    def on_data_table_row_highlighted(self) -> None:
        row = self.row
        if row is not None and row.key != self._pane_row:
            self.load_pane(PAUSE)
        if not self._is_whole and self._rows and self.query_one(RowsTable).cursor_row > len(self._rows) - PAGE // 2:
            self.load_more()

    @work(exclusive=True, group="live")
    async def look_for_changes(self) -> None:
        counter = await self._answer(lambda connection: connection.change_counter())
        is_changed = counter != self._change_counter
        self._change_counter = counter
        if is_changed and self._list is not None:
            self.load_rows(keep=True)

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input.id == "search":
            self.find_patients(event.value.strip())

    @work(exclusive=True, group="patients")
    async def find_patients(self, text: str) -> None:
        patients = await self._answer(
            lambda connection: finding.patients(connection, text, self._clinic, MOST_PATIENTS)
        )
        if patients is None:
            return
        self._patients, self._typed = patients, text
        box = self.query_one("#patients", OptionList)
        box.clear_options()
        box.set_class(bool(text), "-some")
        if text:
            box.add_options([Option(in_a_line(patient)) for patient in patients])
            box.add_option(Option(Text(_("anything found by “{text}”", text=visible(text)), "italic")))
            box.highlighted = 0
        self.choose(0)
        if await self._answer(journal.is_anything_to_index):
            self.make_findable()

    @work(exclusive=True, group="index")
    async def make_findable(self) -> None:
        """Patients just imported; what was typed is then searched for again."""
        box = self.query_one("#search", SearchInput)

        def tell(done: int, of: int) -> None:
            words = findable_in_words(done, of)
            self.call_from_thread(self.query_one(RowsTable).__setattr__, "border_subtitle", words)

        try:
            await self.doer.ask(lambda connection: finding.index_all(connection, tell))
        except NotifyError as error:
            self.notify(visible_lines(error_in_words(error)), severity="warning", markup=False)
            return
        self.query_one(RowsTable).border_subtitle = ""
        self.find_patients(box.value.strip())

    def choose(self, place: int) -> None:
        """A patient of those found; behind them what else is found by what was typed."""
        chosen = self._patients[place] if place < len(self._patients) else None
        search = self._typed if self._typed and chosen is None else None
        if (chosen, search) != (self._patient, self._search):
            self._patient, self._search = chosen, search
            self.load_rows()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.choose(event.option_index)
        self.action_to_rows()

    def action_next_patient(self, by: int) -> None:
        box = self.query_one("#patients", OptionList)
        if not box.option_count:
            self.action_to_rows()
            return
        box.highlighted = min(max((box.highlighted or 0) + by, 0), box.option_count - 1)
        self.choose(box.highlighted)

    def on_descendant_focus(self) -> None:
        self.screen.set_class(isinstance(self.focused, SearchInput), "-searching")

    def action_to_rows(self) -> None:
        self.query_one(RowsTable).focus()

    def action_search(self) -> None:
        self.screen.remove_class("-reading")
        self.query_one("#search").focus()

    def action_clear_search(self) -> None:
        box = self.query_one("#search", SearchInput)
        if box.value:
            box.value = ""
        else:
            self.action_to_rows()

    def action_list(self, kind: str) -> None:
        self._kind = kind
        self.load_rows()

    def action_pane(self, kind: str) -> None:
        self._pane_kind = NOTICE if kind == self._pane_kind else kind
        self.load_pane()

    def action_read(self) -> None:
        self.screen.add_class("-reading")
        self.query_one("#pane").focus()

    def action_go_back(self) -> None:
        if self.screen.has_class("-reading"):
            self.screen.remove_class("-reading")
            self.action_to_rows()
        elif self._pane_kind != NOTICE:
            self.action_pane(NOTICE)
        elif self._kind != History.name:
            self.action_list(History.name)
        else:
            self.query_one("#search", SearchInput).value = ""
            self.action_search()

    def action_theme(self) -> None:
        self.theme = theme_after(self.theme)

    def action_keys(self) -> None:
        self.push_screen(Keys(_(KEYS)))

    def action_leave(self) -> None:
        self.exit()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only keys that do something now stand in the footer; of letters that are typed, none."""
        row = self.row if self._list is not None else None
        if action in OF_ROWS and isinstance(self.focused, SearchInput):
            return False
        if action == "list":
            return parameters[0] != self._kind and parameters[0] in LISTS
        if action == "retry":
            return row is not None and row.notice is not None and row.status in RETRIABLE
        if action == "resolve":
            return row is not None and row.delivery is not None and row.status == "uncertain"
        if action == "done":
            return row is not None and row.call is not None
        if action in ("read", "export"):
            return row is not None and not self.screen.has_class("-reading")
        return True

    async def _do(self, act: Callable[[Connection], str]) -> None:
        """What was asked and is to be done; the rows show it as they show what others change."""
        try:
            self.notify(visible_lines(await self.doer.ask(act)), markup=False)
        except NotifyError as error:
            self.notify(visible_lines(error_in_words(error)), severity="error", markup=False)
        self.load_rows(keep=True)

    @work
    async def action_retry(self) -> None:
        await self._ask_first(questions.of_retry(self.shell, self.row))

    @work
    async def action_resolve(self) -> None:
        await self._ask_first(questions.of_resolve(self.shell, self.row))

    @work
    async def action_done(self) -> None:
        await self._ask_first(questions.of_done(self.shell, self.row))

    async def _ask_first(self, question: QuestionOfKey | None) -> None:
        if question is None:
            return
        answer = await self.push_screen_wait(AskFirst(question.text, question.answers))
        if answer is not None:
            await self._do(lambda connection: question.act(connection, answer))

    @work
    async def action_export(self) -> None:
        rows_of = self._list
        if rows_of is None:
            return
        these = f"{_(rows_of.name)}{self._of_whom()}"
        text = _("Export all rows of this list ({rows}) as CSV to this new file?", rows=these)
        name = await self.push_screen_wait(WhereTo(visible_lines(text), f"notify-{rows_of.name}.csv"))
        if name is None:
            return
        try:
            await self._do(lambda connection: acting.export(connection, rows_of, name))
        except FileExistsError:
            is_there = _("{path} is there already; name another file", path=name)
            self.notify(visible_lines(is_there), severity="error", markup=False)
        except OSError as error:
            no_file = _("{path} cannot be written ({why}); name another file", path=name, why=error.strerror)
            self.notify(visible_lines(no_file), severity="error", markup=False)
