"""What the screen needs from whoever reads the logs."""

from collections.abc import Callable
from typing import Protocol

from logscope.model.severity import Severity
from logscope.model.snapshot import LineRef, Note, Snapshot
from logscope.runner.log_view import Detail, LogLine, Progress, Spot
from logscope.state.notes import Kind
from logscope.ui.log_pane import Lines


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

    def stop_reading(self) -> None:
        """Do not read the files to their end."""
        ...

    def add_note(self, note: Note) -> None:
        """Remember a note or a fix.

        Raises:
            ExportError: It counts, but could not be saved.
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

    def export(self, snapshot: Snapshot) -> str:
        """Write the report and return its path.

        Raises:
            ExportError: It cannot be written.
        """
        ...

    def save(self, snapshot: Snapshot) -> str:
        """Save the whole incident and return its path.

        Raises:
            ExportError: It cannot be written.
        """
        ...

    def render(self, snapshot: Snapshot) -> str:
        """The report as it would be written."""
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

    def spot_at(self, key: str, time: int) -> Spot | None:
        """The first line of a log at or behind a time."""
        ...

    def find_text(self, spot: Spot, text: str, direction: int, progress: Progress) -> LogLine | None:
        """The next line that holds a text; may take long."""
        ...

    def find_level(self, spot: Spot, least: Severity, direction: int, progress: Progress) -> LogLine | None:
        """The next record of at least a level; may take long."""
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

    def proof(self, row_key: str, ref: LineRef | None, snapshot: Snapshot) -> str:
        """The shell command that shows the same without logscope."""
        ...
