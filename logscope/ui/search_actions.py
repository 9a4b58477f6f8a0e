"""What the keys find in the logs: a text, the incident's own records, levels; and only the lines that hold a text."""

from collections.abc import Callable
from functools import partial

from logscope.model.kinds import GroupSummary
from logscope.model.lines import LogLine, Progress, Spot
from logscope.model.severity import Severity
from logscope.model.snapshot import Snapshot
from logscope.text.cutting import tell
from logscope.ui.feeding import Feed
from logscope.ui.finding import find_round
from logscope.ui.key_order import KeysInOrder
from logscope.ui.log_pane import LogPane
from logscope.ui.search import Searcher
from logscope.ui.timeline import Timeline
from logscope.ui.views import incident_kinds

_AROUND = 500
"""Matches shown before and behind the cursor line."""


class SearchActions(KeysInOrder[int]):
    """The part of the application that finds lines, and shows those that hold a text."""

    feed: Feed
    snapshot: Snapshot | None
    searcher: Searcher
    _pane: str

    def _say(self, text: str, *, stays: bool = False) -> None:
        raise NotImplementedError

    def action_pane(self, name: str) -> None:
        """Show a pane and go there."""
        raise NotImplementedError

    @property
    def logs(self) -> LogPane:
        """The log pane."""
        return self.query_one("#logs", LogPane)

    def _spot(self) -> Spot | None:
        """The cursor line; without one, the first line of the first log."""
        line = self.logs.current()
        if line is not None:
            return line.spot
        if self.snapshot is None or self.snapshot.as_of is None:
            self._say("no lines yet")
            return None
        lines = self.feed.merged(self.snapshot.as_of, 1, 1)
        return lines[0].spot if lines else None

    # Search

    def find(self, text: str, direction: int) -> None:
        """Go to the next line with a text, round the end: in the log, or in all where they are shown by time."""
        self.logs.needle = text.lower()
        self.logs.refresh()
        spot, line = self._spot(), self._merged_line()
        if spot is None or not text:
            return
        searched = self._searched(spot)

        def arrive(found: tuple[LogLine | None, bool], was_stopped: bool) -> None:
            self._arrive(f"{text}: not found in {searched}")(found[0], was_stopped)
            if found[0] is None:
                return
            ends = ("end", "begin") if direction > 0 else ("begin", "end")
            if found[0].spot == spot:
                self._say(f"{text}: no other line holds it in {searched}")
            elif found[1]:
                self._say(f"{text}: went on from the {ends[1]}, behind the {ends[0]}   n next   N previous")
            else:
                self._say(f"{text}   n next   N previous")

        self.searcher.run(
            f"find {text}", lambda progress: find_round(self.feed, spot, line, text, direction, progress), arrive
        )

    def _merged_line(self) -> LogLine | None:
        """The cursor line, where the logs are shown by time; None where one log is shown."""
        line = self.logs.current()
        return line if self.logs.is_merged and line is not None and line.time is not None else None

    def _searched(self, spot: Spot) -> str:
        """What a search went through, in words."""
        if self._merged_line() is not None:
            return "any log"
        others = "; A searches all logs" if self.snapshot is not None and len(self.snapshot.files) > 1 else ""
        return f"{self.feed.path_of(spot).rsplit('/', 1)[-1]}{others}"

    def action_find(self, direction: int) -> None:
        """Next or previous line with the text that was searched for."""
        if self.logs.needle:
            self.find(self.logs.needle, direction)
        else:
            self._say("nothing was searched for yet: / finds")

    def action_step_incident(self, direction: int) -> None:
        """Next or previous record of what the incident consists of, at any level; without an incident, error."""
        kinds = incident_kinds(self.snapshot, self.feed.muted) if self.snapshot is not None else ()
        if not kinds:
            self.action_step_level("error", direction)
            return
        spot, line = self._spot(), self._merged_line()
        if spot is None:
            return

        def work(progress: Progress) -> tuple[LogLine | None, GroupSummary | None]:
            if line is not None:
                found = self.feed.find_kind_anywhere(line, kinds, direction, progress)
            else:
                found = self.feed.find_kind(spot, kinds, direction, progress)
            return found, self.feed.kind_of(found, kinds) if found is not None else None

        def arrive(found: tuple[LogLine | None, GroupSummary | None], was_stopped: bool) -> None:
            told = f"no {'further' if direction > 0 else 'earlier'} line of the incident in {self._searched(spot)}"
            self._arrive(f"{told}; w W any warning")(found[0], was_stopped)
            if found[1] is not None:
                count = f"  x{found[1].count:,}" if found[1].count > 1 else ""
                self._say(f"{tell(found[1].service, found[1].headline)}{count}")

        self.searcher.run("next of the incident", work, arrive)

    def action_step_level(self, level: str, direction: int) -> None:
        """Next or previous record of a level in the log."""
        least = Severity.ERROR if level == "error" else Severity.WARN
        spot, line = self._spot(), self._merged_line()
        if spot is None:
            return
        if line is not None:
            work = partial(self.feed.find_level_anywhere, line, least, direction)
        else:
            work = partial(self.feed.find_level, spot, least, direction)
        way, key = ("further", "E" if level == "error" else "W") if direction > 0 else ("earlier", level[0])
        told = f"no {way} {level} in {self._searched(spot)}; {key} looks the other way"
        self.searcher.run(f"next {level}", work, self._arrive(told))

    def _arrive(self, otherwise: str) -> Callable[[LogLine | None, bool], None]:
        def arrive(line: LogLine | None, was_stopped: bool) -> None:
            if line is None:
                self._say("stopped" if was_stopped else otherwise)
                return
            if self.logs.is_merged and line.time is not None and not self.logs.filter:
                self.logs.open_merged(line.time, line.spot)
            else:
                self.logs.open_spot(line.spot)
            self._say("")

        return arrive

    def filter_lines(self, text: str) -> None:
        """Show only lines that hold a text, or with `!` do not; without a text all lines again."""
        spot = self._spot()
        if spot is None:
            return
        if not text:
            self.leave_matches()
            return
        if self._merged_line() is not None:
            self.show_everywhere(text)
            return

        def show(lines: list[LogLine], was_stopped: bool) -> None:
            self.logs.show_matches(lines, text, spot, merged=False)
            found = "1 line" if len(lines) == 1 else f"{len(lines):,} lines"
            self._say(f"{found} around here{', stopped' if was_stopped else ''}; Esc shows all lines")

        self.searcher.run(
            f"only {text}", lambda progress: self.feed.matching(spot, text, _AROUND, _AROUND, progress), show
        )

    def show_everywhere(self, text: str) -> None:
        """All lines of all logs near the cursor time that hold a text, an id say."""
        line = self.logs.current()
        time = line.time if line is not None else self.query_one(Timeline).cursor_time
        spot = self._spot()
        if time is None or spot is None:
            return

        def show(lines: list[LogLine], was_stopped: bool) -> None:
            services = len({one.service for one in lines})
            self.logs.show_matches(lines, text, spot, merged=True)
            found = "1 line" if len(lines) == 1 else f"{len(lines):,} lines"
            self._say(
                f"{found} with {text} in {services} service{'' if services == 1 else 's'}"
                f"{', stopped' if was_stopped else ''}; Esc shows all lines"
            )

        self.searcher.run(f"all with {text}", lambda go: self.feed.matching_anywhere(text, time, go), show)

    def leave_matches(self) -> bool:
        """From a filtered view back to all lines; False when nothing is filtered."""
        line = self.logs.current()
        if not self.logs.filter:
            return False
        if line is not None and self.logs.was_merged and line.time is not None:
            self.logs.open_merged(line.time, line.spot)
        elif line is not None:
            self.logs.open_spot(line.spot)
        self.logs.filter = ""
        self._say("")
        return True
