"""Which panes there are, and which of them are shown, how large, on a screen of a size."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from logscope.model.snapshot import Sentence, Snapshot
from logscope.ui import views
from logscope.ui.aligned import AlignedPane
from logscope.ui.events import other_services, story_entries
from logscope.ui.format_actions import FormatActions
from logscope.ui.log_pane import LogPane
from logscope.ui.prompt import Prompt
from logscope.ui.rows import RowList
from logscope.ui.timeline import Timeline
from logscope.ui.views.also import MOST_ALSO

HOME = ("story", "kinds", "logs")
"""Panes that are shown together where there is room."""
ALONE = ("actions", "recovery", "files", "why")
"""Panes that take the whole body."""
PANES = (*HOME, *ALONE)
WIDE, _HUGE = 110, 180
_LOW, _FEW, _ROOMY, _TALL = 20, 28, 32, 50
_TIMELINE_LINES = {"low": 6, "roomy": 11, "tall": 16}
_LOW_LINES = 24
"""Of a low screen; of what one has beyond them the timeline takes half."""
_HEAD_LINES = {"low": (4, 7), "roomy": (5, 8), "tall": (5, 8)}
"""At least and at most; what the sentences need decides. More where the story leaves lines empty."""
_HEAD_BESIDE = 6
"""Lines of the sentences above another pane, where one is shown at a time; where few are left, one each."""
_LIST_TIMELINE = 4
"""Lines of the timeline above what is read and not scrubbed, where few are left: marks, users, errors, times."""
_LEAST_LOG = 6
"""Lines of the log below the story, its title among them; with fewer it is not there."""
_NOTHING = 5
"""Rows of a story that has nothing to tell."""
TABS_LINES = 1
_BARS = TABS_LINES + 1
"""Lines of tabs and footer."""


class PaneLayout(FormatActions):
    """The part of the application that places its panes."""

    _pane = "story"
    """The one that has the keys, and that is shown where one fits."""
    _alone = False
    """It is shown alone although others would fit."""
    _head_for = (0, 0, False, 0)
    """Size of the screen, whether another pane than the story has the room, and the lines of the sentences there."""

    _is_ready = False
    """The screen stands, with the styles of all that is on it."""

    def compose(self) -> ComposeResult:
        """Header, timeline, tabs, panes, footer."""
        yield Static("", id="head", markup=False)
        yield Timeline(self.look, id="timeline")
        yield Static("", id="tabs", markup=False)
        with Vertical(id="body"):
            yield self._title("story")
            yield RowList(self.look.palette, id="story")
            with Horizontal(id="below"):
                with Vertical(id="left"):
                    yield self._title("kinds")
                    yield RowList(self.look.palette, id="kinds")
                with Vertical(id="right"):
                    yield self._title("logs")
                    yield LogPane(self.feed, self.look, id="logs")
                with Vertical(id="side"):
                    yield self._title("line")
                    yield RowList(self.look.palette, id="line")
            yield self._title("aligned")
            yield AlignedPane(self.feed, self.look, id="aligned")
            for name in ALONE:
                yield self._title(name)
                yield RowList(self.look.palette, id=name)
        yield Prompt(id="prompt")
        yield Static("", id="foot", markup=False)

    def _title(self, name: str) -> Static:
        return Static("", id=f"title-{name}", classes="title", markup=False)

    @property
    def is_wide(self) -> bool:
        """Two columns fit."""
        return self.size.width >= WIDE and not self._alone

    @property
    def is_huge(self) -> bool:
        """Three columns fit, with the logs side by side."""
        return self.is_wide and self.size.width >= _HUGE and self.size.height >= _TALL

    def _lay_out(self) -> None:
        wide, huge = self.is_wide, self.is_huge
        is_home = wide and self._pane in HOME
        # Before the screen stands all styles are still to be worked out.
        self.screen.set_class(is_home, "-wide", update=self._is_ready)
        self.screen.set_class(huge, "-huge", update=self._is_ready)
        self.query_one("#timeline").styles.height = self._timeline_lines()
        self._fit_head()
        for name in PANES:
            shown = name in HOME if is_home else name == self._pane
            self.query_one(f"#{name}").display = shown
            self.query_one(f"#title-{name}").display = shown and wide
        self.query_one("#left").display = is_home or self._pane == "kinds"
        self._stack()
        self.query_one("#side").display = huge and is_home
        for name in ("aligned", "title-aligned"):
            self.query_one(f"#{name}").display = huge and is_home
        self._draw()
        # A pane that was hidden has its width only after the layout.
        self.call_after_refresh(self._draw)

    def _stack(self) -> None:
        """Below a story that leaves lines free the log stands at the line of the row under the cursor."""
        is_stacked = self.is_stacked
        is_home = self.is_wide and self._pane in HOME
        self.query_one("#story").styles.height = self._story_lines() if is_stacked else None
        self.query_one("#logs").display = is_stacked or is_home or self._pane == "logs"
        self.query_one("#title-logs").display = is_stacked or is_home
        self.query_one("#right").display = is_stacked or is_home or self._pane == "logs"
        self.query_one("#below").display = is_stacked or is_home or self._pane in ("kinds", "logs")

    @property
    def is_stacked(self) -> bool:
        """The story has the keys, and the log stands below it."""
        if self.is_wide or self._alone or self._pane != "story" or self.snapshot is None:
            return False
        return self._body_lines() - self._rows_of_story() >= _LEAST_LOG

    def _body_lines(self) -> int:
        """Lines between the tabs and the footer."""
        return self.size.height - self._head_for[3] - self._timeline_lines() - _BARS

    def _rows_of_story(self) -> int:
        """Rows of the story where each event has one."""
        assert self.snapshot is not None, "asked only with a snapshot"
        also = min(MOST_ALSO, len(self.snapshot.further)) + bool(other_services(self.snapshot))
        return (len(story_entries(self.snapshot.timeline)) or _NOTHING) + also

    def _story_lines(self) -> int:
        """Lines of the story above the log: two an event, as far as the log keeps its own."""
        rows = self._rows_of_story()
        assert self.snapshot is not None, "asked only with a snapshot"
        wanted = rows + len(story_entries(self.snapshot.timeline))
        return max(rows, min(wanted, self._body_lines() - _LEAST_LOG))

    @property
    def _room(self) -> str:
        height = self.size.height
        return "tall" if height >= _TALL else "roomy" if height >= _ROOMY else "low"

    def _timeline_lines(self) -> int:
        height = self.size.height
        if height < _LOW:
            return max(0, height - 14)
        if height < _FEW and self._pane in ALONE:
            return self.query_one(Timeline).lines_wanted(_LIST_TIMELINE)
        further = max(0, height - _LOW_LINES) // 2 if self._room == "low" else 0
        return self.query_one(Timeline).lines_wanted(_TIMELINE_LINES[self._room] + further)

    def _free_lines(self) -> int:
        """What is left for the sentences when every event of the story has its line."""
        if self.snapshot is None:
            return 0
        also = min(MOST_ALSO, len(self.snapshot.further)) + bool(other_services(self.snapshot))
        story = max(1, len(story_entries(self.snapshot.timeline))) + also
        return self.size.height - self._timeline_lines() - story - _BARS

    def sentences(self, snapshot: Snapshot) -> tuple[Sentence, ...]:
        """The sentences on top, as they hold now."""
        raise NotImplementedError

    def forget_head(self) -> None:
        """The sentences are laid out anew."""
        self._head_for = (0, 0, False, 0)

    def _fit_head(self) -> None:
        """As many lines as the sentences need; it grows and does not shrink, so that nothing jumps."""
        least, most = _HEAD_LINES[self._room]
        is_beside = not self.is_wide and self._pane != "story"
        if is_beside:
            # The pane that was asked for gets the room: the sentences are one key away.
            most = _HEAD_BESIDE if self.size.height >= _FEW else least
        elif not self.is_wide:
            most = max(most, self._free_lines())
        if self.size.height < _LOW:
            # The story keeps its lines before the sentences get theirs.
            most = max(least, min(most, self.size.height - 11))
        if self.size.height < 16:
            least = most = min(4, max(1, self.size.height - 4))
        wanted = 0
        if self.snapshot is not None:
            wanted = views.lines_wanted(self.sentences(self.snapshot), self.size.width, self.look)
        if (self.size.width, self.size.height, is_beside) != self._head_for[:3]:
            self._head_for = (self.size.width, self.size.height, is_beside, least)
        # A blank line sets the sentences off from the timeline where there is room.
        gap = 1 if self._room != "low" else 0
        lines = max(least, min(most, max(wanted + gap, self._head_for[3])))
        if lines != self._head_for[3] or self.query_one("#head").styles.height is None:
            self._head_for = (self.size.width, self.size.height, is_beside, lines)
            # What is below has its size only after the layout.
            self.call_after_refresh(self._draw)
        self.query_one("#head").styles.height = lines
