"""What the screen needs from whoever reads the logs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from logscope.model.files import LineRef
from logscope.model.kinds import GroupSummary, Kind
from logscope.model.lines import Detail, LogLine, Progress, Spot
from logscope.model.severity import Severity
from logscope.model.snapshot import Note, Snapshot
from logscope.model.trying import Tried
from logscope.report.sections import Options
from logscope.runner.proof import Proof
from logscope.sources.nearby import NearbyFile
from logscope.ui.log_pane import Lines


class Trial(Protocol):
    """Formats that are tried on the lines of a log."""

    @property
    def names(self) -> tuple[str, ...]:
        """All that can be said; first the empty one: as it is learned."""
        ...

    def try_as(self, name: str) -> Tried:
        """What the lines would be in a format."""
        ...

    def rank(self) -> tuple[Tried, ...]:
        """All of `names` but the first, the likeliest first. Takes up to a second: not for the screen's thread."""
        ...


class Feed(Lines, Protocol):
    """Where Snapshots come from and intents go."""

    def start(self, publish: Callable[[Snapshot], None], failed: Callable[[str], None]) -> None:
        """Begin; both callbacks may be called from another thread.

        Args:
            publish: Takes each Snapshot.
            failed: Takes the traceback of what ended the reading.
        """
        ...

    def stop(self) -> None:
        """End soon."""
        ...

    @property
    def state(self) -> str:
        """One word for how new lines are seen: LIVE, POLLING, ENDED, SAVED, REPLAY; empty where nothing is followed."""
        ...

    @property
    def troubles(self) -> tuple[tuple[str, str], ...]:
        """Paths behind which nothing new can be read now, each with the reason. Asked at each tick of the screen."""
        ...

    @property
    def left_out(self) -> tuple[str, ...]:
        """Text files of a folder that were taken for no logs: no times and no levels were found in them."""
        ...

    @property
    def remark(self) -> str:
        """What there is to say that no line tells; empty mostly. Asked at each tick of the screen."""
        ...

    def stop_reading(self) -> None:
        """Do not read the files to their end."""
        ...

    def add_note(self, note: Note) -> None:
        """Remember a note or a fix.

        Raises:
            ExportError: It counts, but could not be saved.
        """
        ...

    def remove_note(self, note: Note) -> None:
        """Forget a note or a fix.

        Raises:
            ExportError: It is gone now, but that could not be saved.
        """
        ...

    @property
    def muted(self) -> frozenset[Kind]:
        """Kinds that a person called known noise."""
        ...

    def mute(self, kind: Kind) -> bool:
        """Call a kind known noise, or no longer; True when it is muted now.

        Raises:
            ExportError: It counts, but could not be saved.
        """
        ...

    def bind(self, name: str, service: str) -> None:
        """A name or an address in the logs means a service.

        Raises:
            ExportError: It counts, but could not be saved.
        """
        ...

    def unbind(self, name: str) -> None:
        """Forget what a name or an address was last said to mean.

        Raises:
            ExportError: It counts, but could not be saved.
        """
        ...

    def also_written(self, snapshot: Snapshot, *, everywhere: bool) -> tuple[NearbyFile, ...]:
        """Logs written since shortly before the onset that were not given: by stat only. May take long.

        Args:
            snapshot: What is known.
            everywhere: In the usual folders, too, not only beside the given ones.
        """
        ...

    def look_at(self, span: tuple[int, int] | None) -> None:
        """A span is looked at closely: give it finer lanes; None for the incident's."""
        ...

    def add_log(self, path: str) -> str | None:
        """Read another log as well; why it cannot be read, None when it will be. May take long."""
        ...

    @property
    def named_formats(self) -> Mapping[str, str]:
        """By the key of a log the format that it was said to be written in."""
        ...

    @property
    def is_reading_anew(self) -> bool:
        """What is shown does not yet follow from the format that was named last."""
        ...

    def try_formats(self, key: str) -> Trial | str:
        """The formats that a log may be said to be in, to be tried on its lines; why it cannot be read anew."""
        ...

    def read_as(self, key: str, name: str) -> bool:
        """Read a log anew in a format; with an empty name as it is learned. Whether it holds at the next start, too.

        Raises:
            ExportError: It is read so, but that could not be saved.
        """
        ...

    def export(self, snapshot: Snapshot, options: Options | None, path: str | None) -> str:
        """Write the report and return its path.

        Raises:
            ExportError: It cannot be written.
        """
        ...

    def keep(self, snapshot: Snapshot) -> None:
        """Keep the incident of a report among the saved ones. May take seconds: not for the screen's thread.

        Raises:
            ExportError: It cannot be written.
        """
        ...

    def save(self, snapshot: Snapshot) -> str:
        """Save the whole incident and return its path. May take seconds: not for the screen's thread.

        Raises:
            ExportError: It cannot be written.
        """
        ...

    def report_name(self, snapshot: Snapshot) -> str:
        """Where a report goes when no path is given."""
        ...

    def preview(self, snapshot: Snapshot, options: Options | None = None) -> str:
        """The Markdown report as it would be written, without secrets."""
        ...

    def brief(self, snapshot: Snapshot) -> str:
        """Three lines for the incident channel."""
        ...

    def clean(self, text: str) -> str:
        """A text without secrets, for the clipboard."""
        ...

    def end_of(self, spot: Spot) -> Spot:
        """The last line of a line's log."""
        ...

    def edge_of(self, spot: Spot, direction: int, *, is_merged: bool) -> LogLine | None:
        """The first line (the last, with direction -1) of a line's log, or of all by time; may take long."""
        ...

    def spot_at(self, key: str, time: int) -> Spot | None:
        """The first line of a log at or behind a time."""
        ...

    def find_text(
        self, spot: Spot, text: str, direction: int, progress: Progress, until: Spot | None = None
    ) -> LogLine | None:
        """The next line that holds a text; where it begins at an edge, not behind another line. May take long."""
        ...

    def find_level(self, spot: Spot, least: Severity, direction: int, progress: Progress) -> LogLine | None:
        """The next record of at least a level; may take long."""
        ...

    def find_text_anywhere(
        self, line: LogLine, text: str, direction: int, progress: Progress, until: LogLine | None = None
    ) -> LogLine | None:
        """The next line of all logs by time that holds a text, not behind another line; may take long."""
        ...

    def find_level_anywhere(self, line: LogLine, least: Severity, direction: int, progress: Progress) -> LogLine | None:
        """The next record of all logs by time of at least a level; may take long."""
        ...

    def find_kind(
        self, spot: Spot, kinds: Sequence[GroupSummary], direction: int, progress: Progress
    ) -> LogLine | None:
        """The next record of a log that belongs to some kinds; may take long."""
        ...

    def find_kind_anywhere(
        self, line: LogLine, kinds: Sequence[GroupSummary], direction: int, progress: Progress
    ) -> LogLine | None:
        """The next record of all logs by time that belongs to some kinds; may take long."""
        ...

    def kind_of(self, line: LogLine, kinds: Sequence[GroupSummary]) -> GroupSummary | None:
        """Which of some kinds the record of a head line is; None where it is none."""
        ...

    def matching(self, spot: Spot, text: str, before: int, after: int, progress: Progress) -> list[LogLine]:
        """Lines around a line that hold a text; may take long."""
        ...

    def matching_anywhere(self, text: str, time: int, progress: Progress) -> list[LogLine]:
        """Lines of all logs near a time that hold a text, in order of time; may take long."""
        ...

    def detail(self, spot: Spot) -> Detail | None:
        """The record of a line: its fields, its text, its ids."""
        ...

    def prove(self, group: str, ref: LineRef | None, snapshot: Snapshot) -> tuple[Proof, ...]:
        """The shell commands that show the same without logscope.

        Args:
            group: Id of the kind whose count is asked for; empty for none.
            ref: The line; None for none.
            snapshot: What is shown.
        """
        ...
