"""What lies over the browser's screen until it is answered: a question, where to export to, the keys.

Knows nothing of notices and patients.
"""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from notifycli.cli.language import _

ESCAPE: list[BindingType] = [Binding("escape", "leave", "back", show=False)]


class AskFirst(ModalScreen[str | None]):
    """Asks before anything is changed; gives back the key that was pressed, None where it is left."""

    BINDINGS: ClassVar[list[BindingType]] = ESCAPE

    def __init__(self, text: str, answers: Mapping[str, str]) -> None:
        super().__init__()
        self._text = text
        self._answers = answers

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._text, markup=False)
            for key, meaning in self._answers.items():
                yield Static(f"  {key}    {meaning}", markup=False)
            yield Static(_("  Esc  leave it as it is"), markup=False)

    def on_key(self, event: Key) -> None:
        if event.key in self._answers:
            event.stop()
            self.dismiss(event.key)

    def action_leave(self) -> None:
        self.dismiss(None)


class WhereTo(ModalScreen[str | None]):
    """Asks for the name of a file."""

    BINDINGS: ClassVar[list[BindingType]] = ESCAPE

    def __init__(self, text: str, suggested: str) -> None:
        super().__init__()
        self._text = text
        self._suggested = suggested

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(self._text, markup=False)
            yield Input(self._suggested, compact=True, select_on_focus=False)
            yield Static(_("Enter writes it, Esc does not"), markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)

    def action_leave(self) -> None:
        self.dismiss(None)


class Keys(ModalScreen[None]):
    """What each key does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "leave", "back", show=False)]

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog"):
            yield Static(self._text, markup=False)

    def action_leave(self) -> None:
        self.dismiss(None)
