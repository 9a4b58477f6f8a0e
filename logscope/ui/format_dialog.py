"""Which log is written how: chosen by name, with what its first lines would be then."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from logscope.model.trying import Tried
from logscope.text.safe_text import safe_text
from logscope.ui.feeding import Feed, Trial
from logscope.ui.formatting import Look
from logscope.ui.prompt import Prompt
from logscope.ui.rows import RowList
from logscope.ui.search import Searcher
from logscope.ui.views.formats import AS_LEARNED, LogChoice, choice_rows, format_rows, preview_rows

_BESIDE = 110
"""From this many cells on the lines are shown beside the formats."""
_SHARE, _FRAME, _LIST = 96, 5, 50
"""Of the screen in a hundred; cells around the lines, with their scroll bar; cells of the formats beside them."""


class FormatDialog(ModalScreen[tuple[LogChoice, str] | None]):
    """First the log, where there are several, then the format. Gives both; an empty name is for as it is learned."""

    AUTO_FOCUS = "#wanted"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "step_back", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("enter", "take", show=False, priority=True),
    ]

    def __init__(self, feed: Feed, searcher: Searcher, choices: Sequence[LogChoice], look: Look) -> None:
        """Choose among some logs.

        Args:
            feed: Where formats are tried.
            searcher: Runs what takes long.
            choices: The logs, in the order in which they are offered.
            look: Colours and marks.
        """
        super().__init__()
        self._feed = feed
        self._searcher = searcher
        self._choices = choices
        self._look = look
        self._said: Mapping[str, str] = feed.named_formats
        self._log: LogChoice | None = None
        """Whose format is chosen; None while that is asked."""
        self._trial: Trial | None = None
        self._names: Sequence[str] = ()
        self._known: dict[str, Tried] = {}
        self._told = ""

    def compose(self) -> ComposeResult:
        """What is asked, what is typed, the list, the lines."""
        with Vertical(id="formats", classes="dialog"):
            yield Static("", id="asked", markup=False)
            yield Prompt("", id="wanted")
            with Container(id="both"):
                yield RowList(self._look.palette, id="names")
                yield RowList(self._look.palette, id="tried")
            yield Static("", id="said", markup=False)

    def on_mount(self) -> None:
        """A single log needs no choice."""
        self.query_one("#tried").can_focus = self._list.can_focus = False
        self._list.is_led = True
        if len(self._choices) == 1:
            self._choose_log(self._choices[0])
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        """The lines beside the formats, or below them."""
        self.query_one("#both").set_class(self.size.width >= _BESIDE, "-beside")
        self.call_after_refresh(self._show)

    @on(Input.Changed)
    def _typed(self) -> None:
        self._show()

    @on(RowList.Moved)
    def _moved(self, message: RowList.Moved) -> None:
        message.stop()
        self._show()

    @on(RowList.Chosen)
    def _clicked(self, message: RowList.Chosen) -> None:
        message.stop()
        self.action_take()

    def action_move(self, step: int) -> None:
        """Another row."""
        self._list.action_move(step)

    def action_page(self, step: int) -> None:
        """A page of rows."""
        self._list.action_page(step)

    def action_step_back(self) -> None:
        """Ask for the log again; where that was not asked, leave."""
        if self._log is None or len(self._choices) == 1:
            self.dismiss(None)
        else:
            self._log, self._trial, self._told = None, None, ""
            self._ask_again()

    def action_take(self) -> None:
        """Take the log, or the format, under the cursor."""
        row = self._list.current()
        if row is None:
            return
        if self._log is None:
            self._choose_log(next(one for one in self._choices if one.key == row.key))
            return
        tried = self._try(row.key[1:])
        if tried is None or not tried.is_readable:
            self._told = "no line of this log can be read so"
            self._show()
        else:
            self.dismiss((self._log, tried.name))

    @property
    def _list(self) -> RowList:
        return self.query_one("#names", RowList)

    def _preview_cells(self) -> int:
        """Cells of a line that is tried. The widget knows its own width only after the next layout."""
        inside = self.size.width * _SHARE // 100 - _FRAME
        return inside - (_LIST + 1 if self.size.width >= _BESIDE else 0)

    def _choose_log(self, log: LogChoice) -> None:
        trial = self._feed.try_formats(log.key)
        if isinstance(trial, str):
            self._told = f"{log.name}: {trial}"
            self._show()
            return
        self._log, self._trial, self._names, self._told = log, trial, trial.names, ""
        self._known = {}
        self._ask_again()
        self._searcher.run_quietly(trial.rank, lambda found, _: self._take_ranked(trial, found))

    def _ask_again(self) -> None:
        """Another question: nothing is typed yet, and the cursor is on its first row."""
        self._list.was_moved = False
        wanted = self.query_one("#wanted", Input)
        if wanted.value:
            wanted.value = ""
        else:
            self._show()

    def _take_ranked(self, trial: Trial, found: Sequence[Tried]) -> None:
        if self._trial is not trial or not self.is_attached:
            return
        self._known = {one.name: one for one in found}
        self._names = ["", *self._known]
        self._known[""] = trial.try_as("")
        self._show()

    def _try(self, name: str) -> Tried | None:
        if self._trial is None:
            return None
        self._known[name] = self._trial.try_as(name)
        return self._known[name]

    def _show(self) -> None:
        if not self.is_attached:
            return
        wanted, names, tried = self.query_one("#wanted", Input).value, self._list, self.query_one("#tried", RowList)
        tried.display = self._log is not None
        asked = Text("Name the format of a log", style="bold")
        if self._log is None:
            asked.append("   which log?", "none")
            names.show(choice_rows(self._choices, self._said, wanted, names.size.width, self._look))
            keys = "type a part of its name   Enter chooses it   Esc leaves"
        else:
            said = self._said.get(self._log.key, "")
            asked.append(f"   {safe_text(self._log.name)}, read as {safe_text(self._log.format)}", "none")
            names.show(format_rows(self._names, self._known, said, wanted, self._look))
            row = names.current()
            chosen = self._try(row.key[1:]) if row is not None else None
            tried.show(preview_rows(chosen, self._preview_cells(), self._look))
            keys = f"type to choose   Enter takes it   '{AS_LEARNED}' undoes it   Esc leaves"
        self.query_one("#asked", Static).update(asked)
        self.query_one("#said", Static).update(Text(self._told or keys, "bold" if self._told else "dim"))
