"""Feeds the screen from a saved incident: what was known, and the records that were kept; the logs may be gone.

What people say is judged anew from what was kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, tzinfo
from typing import Final

from logscope.analysis.story.noting import add_notes, remove_note
from logscope.errors import ExportError, SourceError
from logscope.knowledge.rule import RuleSet
from logscope.model.files import LineRef
from logscope.model.kinds import GroupSummary, Kind
from logscope.model.lines import Detail, LogLine, Progress, Spot
from logscope.model.severity import Severity
from logscope.model.snapshot import Note, Snapshot
from logscope.runner.naming_formats import SAVED, Trial
from logscope.runner.resuming import Resumed, judge_again, resume
from logscope.runner.telling import Telling
from logscope.sources.nearby import NearbyFile
from logscope.state.incident import Saved, name_incident, save_incident
from logscope.state.session import keep_session
from logscope.state.suffix import SUFFIX

_AS_JUDGED: Final = "a saved incident takes no other logs; open them beside its own"


class SavedFeed(Telling):
    """A saved incident that nobody reads on."""

    def __init__(
        self, saved: Saved, path: str, *, rules: RuleSet | None = None, zone: tzinfo = UTC, zone_name: str = "UTC"
    ) -> None:
        """Take over what was saved.

        Args:
            saved: What was known.
            path: Of the file, for errors.
            rules: What is known of lines by now; None takes the rules that ship with logscope.
            zone: Of the times in reports.
            zone_name: Its name.
        """
        super().__init__(zone, zone_name)
        snapshot = self._snapshot = saved.snapshot
        self._saved = saved
        self._path = path
        self._rules = rules
        self._resumed: Resumed | None = None
        """Made when something is to be judged anew."""
        self._muted: frozenset[Kind] = frozenset()
        self._lines = _kept_lines(snapshot)
        self._publish: Callable[[Snapshot], None] | None = None

    def start(self, publish: Callable[[Snapshot], None], failed: Callable[[str], None]) -> None:
        """Show it, once."""
        del failed
        self._publish = publish
        publish(self._snapshot)

    def stop(self) -> None:
        """Nothing runs."""

    @property
    def state(self) -> str:
        """Nothing is followed."""
        return "SAVED"

    @property
    def troubles(self) -> tuple[tuple[str, str], ...]:
        """Nothing is followed."""
        return ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """It holds what was read."""
        return ()

    @property
    def remark(self) -> str:
        """Nothing happens any more."""
        return ""

    def stop_reading(self) -> None:
        """Nothing is read."""

    def add_note(self, note: Note) -> None:
        """A note or the mark of a fix: judged anew. Saving it again keeps it.

        Raises:
            ExportError: It marks a fix, and the file holds the answer alone.
        """
        if self._saved.session is None and not note.is_fix:
            self._show(add_notes(self._snapshot, [note]))
            return
        self._live().session.add_note(note)
        self._judge()

    def remove_note(self, note: Note) -> None:
        """Forget a note or the mark of a fix: judged anew.

        Raises:
            ExportError: It marks a fix, and the file holds the answer alone.
        """
        if self._saved.session is None and not note.is_fix:
            self._show(remove_note(self._snapshot, note))
            return
        self._live().session.remove_note(note)
        self._judge()

    @property
    def muted(self) -> frozenset[Kind]:
        """Kinds that a person called known noise: for as long as it is open."""
        return self._muted

    def mute(self, kind: Kind) -> bool:
        """Call a kind known noise, or no longer; True when it is muted now."""
        self._muted ^= {kind}
        return kind in self._muted

    def bind(self, name: str, service: str) -> None:
        """A name or an address in the logs means a service: judged anew.

        Raises:
            ExportError: The file holds the answer alone.
        """
        self._live().session.bind(name, service)
        self._judge()

    def unbind(self, name: str) -> None:
        """Forget what a name or an address was said to mean: judged anew.

        Raises:
            ExportError: The file holds the answer alone.
        """
        self._live().session.unbind(name)
        self._judge()

    def _live(self) -> Resumed:
        if self._resumed is None:
            try:
                self._resumed = resume(self._saved, self._path, self._rules)
            except SourceError as error:
                raise ExportError(str(error)) from error
        return self._resumed

    def _judge(self) -> None:
        self._show(judge_again(self._saved, self._live()))

    def _show(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        if self._publish is not None:
            self._publish(snapshot)

    def _whole(self, snapshot: Snapshot) -> Saved:
        """The answer as it is by now, with what it was judged from."""
        kept = self._saved.session
        if self._resumed is None or kept is None:
            return replace(self._saved, snapshot=snapshot)
        return Saved(snapshot, keep_session(self._resumed.session, kept.readings, kept.now))

    def also_written(self, snapshot: Snapshot, *, everywhere: bool) -> tuple[NearbyFile, ...]:
        """Nothing: what was written since then says nothing about what was saved."""
        del snapshot, everywhere
        return ()

    def look_at(self, span: tuple[int, int] | None) -> None:
        """A span is looked at closely: the next Snapshot has finer lanes of it."""
        if self._saved.session is not None:
            with suppress(ExportError):
                self._live().session.look_at(span)
                self._judge()

    def add_log(self, path: str) -> str | None:
        """Refused: what was saved is of its own logs."""
        del path
        return _AS_JUDGED

    @property
    def named_formats(self) -> Mapping[str, str]:
        """What was read of the logs stays as it was read."""
        return {}

    @property
    def is_reading_anew(self) -> bool:
        """Nothing is read."""
        return False

    def try_formats(self, key: str) -> Trial | str:
        """Refused: the lines are not there."""
        del key
        return SAVED

    def read_as(self, key: str, name: str) -> bool:
        """Refused.

        Raises:
            ExportError: Always.
        """
        del key, name
        raise ExportError(SAVED)

    def keep(self, snapshot: Snapshot) -> None:
        """It is kept already."""

    def save(self, snapshot: Snapshot) -> str:
        """Save it once more, under the next free name.

        Raises:
            ExportError: It cannot be written.
        """
        return save_incident(f"{name_incident(snapshot)}{SUFFIX}", self._whole(snapshot), replace=False)

    # Kept records, for the log pane. A spot is (path, 0, line number).

    @property
    def is_whole(self) -> bool:
        """Only the lines that the incident quotes were kept."""
        return False

    def spot_of(self, ref: LineRef) -> Spot | None:
        """Where a cited line stands among the kept ones."""
        known = any(line.offset == ref.line for line in self._lines.get(ref.file, ()))
        return (ref.file, 0, ref.line) if known else None

    def path_of(self, spot: Spot) -> str:
        """The file that held a line."""
        return spot[0]

    def around(self, spot: Spot, before: int, after: int) -> list[LogLine]:
        """Kept lines of one log around a line."""
        lines = self._lines.get(spot[0], [])
        above = [line for line in lines if line.offset < spot[2]]
        below = [line for line in lines if line.offset >= spot[2]]
        return above[max(0, len(above) - before) :] + below[:after]

    def message_of(self, line: LogLine) -> str:
        """Nothing but its text is known."""
        del line
        return ""

    def merged(self, time: int, before: int, after: int) -> list[LogLine]:
        """Kept lines of all logs in order of time."""
        lines = self._by_time()
        above = [line for line in lines if (line.time or 0) < time]
        below = [line for line in lines if (line.time or 0) >= time]
        return above[max(0, len(above) - before) :] + below[:after]

    def spot_at(self, key: str, time: int) -> Spot | None:
        """The first kept line of a log at or behind a time."""
        lines = self._lines.get(key, [])
        return next((line.spot for line in lines if line.time is not None and line.time >= time), None)

    def end_of(self, spot: Spot) -> Spot:
        """The last kept line of a line's log."""
        lines = self._lines.get(spot[0], [])
        return lines[-1].spot if lines else spot

    def edge_of(self, spot: Spot, direction: int, *, is_merged: bool) -> LogLine | None:
        """The first kept line (the last, with direction -1) of a line's log, or of all by time."""
        lines = self._by_time() if is_merged else self._lines.get(spot[0], [])
        return lines[0 if direction > 0 else -1] if lines else None

    def find_text(
        self, spot: Spot, text: str, direction: int, progress: Progress, until: Spot | None = None
    ) -> LogLine | None:
        """The next kept line that holds a text: they are few, and where to end is the same to it."""
        del until
        progress(0)
        lines = self._lines.get(spot[0], [])
        return _next(lines, spot, direction, lambda line: line.says(text))

    def find_level(self, spot: Spot, least: Severity, direction: int, progress: Progress) -> LogLine | None:
        """The next kept record of at least a level."""
        progress(0)
        lines = self._lines.get(spot[0], [])
        return _next(lines, spot, direction, lambda line: line.begins_at_least(least))

    def find_text_anywhere(
        self, line: LogLine, text: str, direction: int, progress: Progress, until: LogLine | None = None
    ) -> LogLine | None:
        """The next kept line of all logs by time that holds a text."""
        del until
        progress(0)
        return _next(self._by_time(), line.spot, direction, lambda one: one.says(text))

    def find_level_anywhere(self, line: LogLine, least: Severity, direction: int, progress: Progress) -> LogLine | None:
        """The next kept record of all logs by time of at least a level."""
        progress(0)
        return _next(self._by_time(), line.spot, direction, lambda one: one.begins_at_least(least))

    def find_kind(
        self, spot: Spot, kinds: Sequence[GroupSummary], direction: int, progress: Progress
    ) -> LogLine | None:
        """The next kept record of a log that belongs to some kinds."""
        progress(0)
        lines = self._lines.get(spot[0], [])
        return _next(lines, spot, direction, lambda line: self.kind_of(line, kinds) is not None)

    def find_kind_anywhere(
        self, line: LogLine, kinds: Sequence[GroupSummary], direction: int, progress: Progress
    ) -> LogLine | None:
        """The next kept record of all logs by time that belongs to some kinds."""
        progress(0)
        return _next(self._by_time(), line.spot, direction, lambda one: self.kind_of(one, kinds) is not None)

    def kind_of(self, line: LogLine, kinds: Sequence[GroupSummary]) -> GroupSummary | None:
        """Which of some kinds a kept record is quoted for; None where it is none."""
        return next((one for one in kinds if (line.source, line.offset) in _quoted(one)), None)

    def matching(self, spot: Spot, text: str, before: int, after: int, progress: Progress) -> list[LogLine]:
        """Kept lines around a line that hold a text, or with a leading `!` do not."""
        progress(0)
        return [line for line in self.around(spot, before, after) if _holds(line, text)]

    def matching_anywhere(self, text: str, time: int, progress: Progress) -> list[LogLine]:
        """Kept lines of all logs that hold a text, in order of time."""
        del time
        progress(0)
        return [line for line in self._by_time() if _holds(line, text)]

    def detail(self, spot: Spot) -> Detail | None:
        """The record of a line, as text."""
        lines = self._lines.get(spot[0], [])
        at = next((n for n, line in enumerate(lines) if line.offset == spot[2]), None)
        if at is None:
            return None
        while at > 0 and not lines[at].is_head:
            at -= 1
        record = [lines[at]]
        for line in lines[at + 1 :]:
            if line.is_head:
                break
            record.append(line)
        return Detail((("kept from", spot[0]),), "\n".join(line.text for line in record), ())

    def _by_time(self) -> list[LogLine]:
        lines = [line for kept in self._lines.values() for line in kept]
        return sorted(lines, key=lambda line: (line.time or 0, line.source, line.offset))


def _next(lines: Sequence[LogLine], spot: Spot, direction: int, holds: Callable[[LogLine], bool]) -> LogLine | None:
    """The next line behind one (before it, with direction -1) that is searched for."""
    at = next((n for n, line in enumerate(lines) if line.spot == spot), None)
    if at is None:
        # A line that was not kept: where it would stand in its file.
        at = sum(line.offset < spot[2] for line in lines)
        rest = lines[at:] if direction > 0 else lines[:at][::-1]
    else:
        rest = lines[at + 1 :] if direction > 0 else lines[:at][::-1]
    return next((line for line in rest if holds(line)), None)


def _holds(line: LogLine, text: str) -> bool:
    return line.says(text.removeprefix("!")) != text.startswith("!")


def _quoted(group: GroupSummary) -> set[tuple[str, int]]:
    """File and line of the records that a kind quotes."""
    refs = (LineRef(group.file, group.line), group.onset_ref)
    return {(ref.file, ref.line) for ref in refs if ref is not None}


def _kept_lines(snapshot: Snapshot) -> dict[str, list[LogLine]]:
    """By path the lines of all records that the Snapshot quotes, by line number."""
    found: dict[str, dict[int, LogLine]] = {}
    for record in _records(snapshot):
        for line in record:
            found.setdefault(line.source, {}).setdefault(line.offset, line)
    return {path: [lines[number] for number in sorted(lines)] for path, lines in sorted(found.items())}


def _records(snapshot: Snapshot) -> Iterable[list[LogLine]]:
    for entry in snapshot.timeline:
        if entry.file is not None and entry.line is not None and entry.sample:
            yield _split(entry.file, entry.line, entry.service, entry.sample, entry.severity, entry.time)
    for group in snapshot.groups:
        if group.onset_ref is not None and group.onset_sample:
            ref = group.onset_ref
            yield _split(ref.file, ref.line, group.service, group.onset_sample, group.severity, group.onset)
        yield _split(group.file, group.line, group.service, group.sample, group.severity, group.first_seen)
    for one in snapshot.candidates:
        if one.file is not None and one.line is not None:
            yield _split(one.file, one.line, one.service, one.sample, Severity.UNKNOWN, one.first_seen)
        if one.trigger is not None:
            t = one.trigger
            yield _split(t.file, t.line, t.service, t.sample, Severity.UNKNOWN, t.time)


def _split(path: str, number: int, service: str, sample: str, severity: Severity, time: int | None) -> list[LogLine]:
    return [
        LogLine(path, service, 0, number + n, number + n, text, severity, n == 0, time)
        for n, text in enumerate(sample.split("\n"))
    ]
