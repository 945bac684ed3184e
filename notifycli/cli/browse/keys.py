"""Which keys the browser has, and what its help says of them. Knows no widget but the one where letters are typed."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from notifycli.cli.language import _
from notifycli.domain.sentences import N_

KEYS = N_(
    """\
type            search: a name, a number, an address, an id
Up, Down        choose a patient; then Enter goes to the rows
Enter           read the pane on the whole screen; Esc goes back
Home, End       the first row, the last one that has come
Tab             from the rows to the pane and on
w               why: every notice of the patient, sent or not
p               the patient: contact, consent, appointments
u  c  h         what comes next; whom to phone; the history
r               look at a failed or skipped notice again (asks)
s               settle an uncertain delivery (asks)
d               a call is done (asks)
e               export these rows as CSV (asks for a file)
t               light, dark, or the terminal's own colours
/               search again
Esc             back
q               quit
"""
)
# Imported when the language is chosen already.
OF_SCREEN: list[BindingType] = [
    Binding("enter", "read", _("read")),
    Binding("w", "pane('why')", _("why")),
    Binding("p", "pane('patient')", _("patient")),
    Binding("h", "list('history')", _("history")),
    Binding("u", "list('upcoming')", _("upcoming")),
    Binding("c", "list('calls')", _("calls")),
    Binding("r", "retry", _("retry")),
    Binding("s", "resolve", _("settle")),
    Binding("d", "done", _("done")),
    Binding("e", "export", _("export"), show=False),  # the help has it; all keys are to fit on 80 columns
    Binding("t", "theme", _("colours"), show=False),
    Binding("slash", "search", _("find"), key_display="/"),
    Binding("escape", "go_back", _("back"), show=False),
    Binding("question_mark", "keys", _("keys"), key_display="?"),
    Binding("q", "leave", _("quit")),
]
# Actions whose keys are letters to be typed while one searches
OF_ROWS = ("read", "pane", "list", "retry", "resolve", "done", "export", "theme", "search", "go_back", "keys", "leave")


class SearchInput(Input):
    """Where one types whom one looks for; the arrows choose among those who are found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.next_patient(1)", _("next")),
        Binding("up", "app.next_patient(-1)", _("previous"), show=False),
        Binding("enter", "app.to_rows", _("to the rows")),
        Binding("escape", "app.clear_search", _("clear")),
    ]
