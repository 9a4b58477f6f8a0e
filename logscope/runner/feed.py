"""What the screen talks to: a live loop in a thread, lines of files on demand, reports and commands."""

import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Final

from logscope.model.severity import Severity
from logscope.model.snapshot import LineRef, Note, Snapshot
from logscope.model.times import MINUTE_US
from logscope.report.files import write_report
from logscope.report.handoff import render_handoff
from logscope.report.page import Options
from logscope.report.rendering import render_report
from logscope.report.volumes import find_full_paths
from logscope.runner.batch import Opened, Request
from logscope.runner.commands import write_proof
from logscope.runner.live import LiveLoop
from logscope.runner.log_view import Detail, LogLine, OpenLog, Progress, Spot, merge_around
from logscope.sources.pages import PagePart, PageReader
from logscope.state.incident import SUFFIX, keep_incident, name_incident, save_incident
from logscope.state.notes import Kind, Memory, Remembered
from logscope.text.redact import Redactor

_COUNT_MOST: Final = 1024 * 1024 * 1024
"""Bytes that are counted through to find a line by its number alone: a second."""
_NEAR_US: Final = 5 * MINUTE_US
"""How far before and behind a line others with its id are looked for."""
_SEARCH_MOST: Final = 256 * 1024 * 1024
_MOST_MATCHES: Final = 500


class LiveFeed:
    """Feeds the screen from files."""

    def __init__(
        self,
        request: Request,
        opened: Opened,
        *,
        follow: bool,
        zone: tzinfo = UTC,
        zone_name: str = "UTC",
        memory: Memory | None = None,
        kept_folder: Path | None = None,
    ) -> None:
        """Prepare; nothing is read before `start`.

        Args:
            request: What is asked.
            opened: The logs.
            follow: Go on reading what is written.
            zone: Of the times in reports.
            zone_name: Its name.
            memory: Where what people say is kept; None keeps it for this run only.
            kept_folder: Where an incident is kept when its report is written; None keeps none.
        """
        self._memory = memory
        self._kept_folder = kept_folder
        self._said = memory.load() if memory is not None else Remembered()
        if self._said.notes:
            request = replace(request, notes=(*request.notes, *self._said.notes))
        self._request = request
        self._opened = opened
        self._follow = follow
        self._options = Options(zone=zone, zone_name=zone_name)
        self._loop: LiveLoop | None = None
        self._thread: threading.Thread | None = None
        self._plan_by_key = {plan.source.key: plan for plan in opened.plans}
        self._logs: dict[str, tuple[list[str], OpenLog]] = {}

    def start(self, publish: Callable[[Snapshot], None], failed: Callable[[str], None]) -> None:
        """Read and follow in a thread of its own."""
        loop = self._loop = LiveLoop(self._request, self._opened, publish, follow=self._follow)

        def run() -> None:
            try:
                loop.run()
            except Exception:  # the thread's last resort: the screen must say so and stay
                failed(traceback.format_exc())

        self._thread = threading.Thread(target=run, name="logscope-reading", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; wait a moment for its open files."""
        if self._loop is not None:
            self._loop.stop()
        if self._thread is not None:
            self._thread.join(timeout=1.0)

    def stop_reading(self) -> None:
        """Do not read the files to their end."""
        if self._loop is not None:
            self._loop.stop_reading()

    def add_note(self, note: Note) -> None:
        """Remember a note or a fix.

        Raises:
            ExportError: It counts, but could not be saved for the next run.
        """
        if self._loop is not None:
            self._loop.add_note(note)
        self._keep(replace(self._said, notes=(*self._said.notes, note)))

    def bind(self, name: str, service: str) -> None:
        """From now on a host, an address or a name in the lines means a service."""
        if self._loop is not None:
            self._loop.bind(name, service)

    @property
    def muted(self) -> frozenset[Kind]:
        """Kinds that a person called known noise."""
        return self._said.muted

    def mute(self, kind: Kind) -> bool:
        """Call a kind known noise, or no longer; True when it is muted now.

        Raises:
            ExportError: It counts, but could not be saved for the next run.
        """
        muted = self._said.muted ^ {kind}
        self._keep(replace(self._said, muted=muted))
        return kind in muted

    def _keep(self, said: Remembered) -> None:
        self._said = said
        if self._memory is not None:
            self._memory.save(said)

    def render(self, snapshot: Snapshot) -> str:
        """The Markdown report, without secrets."""
        return render_report(snapshot, "markdown", self._options)

    def export(self, snapshot: Snapshot) -> str:
        """Write the Markdown report into the current folder, never over another one.

        Raises:
            ExportError: It cannot be written.
        """
        inputs = [file.path for file in snapshot.files]
        name = f"{name_incident(snapshot)}.md"
        text = self.render(snapshot)
        written = write_report(name, text, inputs, replace=False, full_paths=find_full_paths(snapshot))
        if self._kept_folder is not None:
            keep_incident(self._kept_folder, snapshot)
        return written

    def save(self, snapshot: Snapshot) -> str:
        """Save the whole incident into the current folder, never over another file.

        Raises:
            ExportError: It cannot be written.
        """
        return save_incident(f"{name_incident(snapshot)}{SUFFIX}", snapshot, replace=False)

    def brief(self, snapshot: Snapshot) -> str:
        """Three lines for the incident channel."""
        return render_handoff(snapshot, Redactor().redact)

    def clean(self, text: str) -> str:
        """A text without secrets."""
        return Redactor().redact(text)

    # Lines of the files, for the log pane

    def spot_of(self, ref: LineRef) -> Spot | None:
        """Where a cited line stands; None where it cannot be read any more."""
        found = self._part_of(ref.file)
        if found is None:
            return None
        key, part = found
        log = self._log(key)
        offset = ref.offset if ref.offset is not None else log.reader.offset_of_line(part, ref.line, _COUNT_MOST)
        return None if offset is None or log.why_gone(part, offset) is not None else (key, part, offset)

    def path_of(self, spot: Spot) -> str:
        """The file that holds a line."""
        paths = self._paths_of(spot[0])
        return paths[min(spot[1], len(paths) - 1)]

    def around(self, spot: Spot, before: int, after: int) -> list[LogLine]:
        """Lines of one log around a line: `before` it, and `after` from it on."""
        return self._log(spot[0]).around(spot[1], spot[2], before, after)

    def merged(self, time: int, before: int, after: int) -> list[LogLine]:
        """Lines of all logs in order of time."""
        logs = [(self._log(key), spot[1:]) for key in self._keys() if (spot := self.spot_at(key, time)) is not None]
        return merge_around(logs, time, before, after)

    def spot_at(self, key: str, time: int) -> Spot | None:
        """The first line of a log at or behind a time; None where it has no times."""
        place = self._place_before(key, time)
        return None if place is None else (key, *self._log(key).place_at(time, *place))

    def _place_before(self, key: str, time: int) -> tuple[int, int] | None:
        """Part and offset of a line before a time, near it where the index knows; None where a log has no times."""
        if self._loop is None:
            return 0, 0
        place = self._loop.seek(key, time)
        found = self._part_of(place.file) if place is not None else None
        return None if place is None or found is None else (found[1], place.offset or 0)

    def find_text(self, spot: Spot, text: str, direction: int, progress: Progress) -> LogLine | None:
        """The next line (before, with direction -1) that holds a text. May take long: not for the screen's thread."""
        return self._own_log(spot[0]).find_text(spot[1], spot[2], text, direction, progress)

    def find_level(self, spot: Spot, least: Severity, direction: int, progress: Progress) -> LogLine | None:
        """The next record (before, with direction -1) of at least a level. May take long."""
        return self._own_log(spot[0]).find_level(spot[1], spot[2], least, direction, progress)

    def matching(self, spot: Spot, text: str, before: int, after: int, progress: Progress) -> list[LogLine]:
        """Lines around a line that hold a text, or with a leading `!` do not. May take long."""
        return self._own_log(spot[0]).matching(spot[1], spot[2], text, before, after, progress)

    def matching_anywhere(self, text: str, time: int, progress: Progress) -> list[LogLine]:
        """Lines of all logs within minutes of a time that hold a text, in order of time. May take long."""
        found: list[LogLine] = []
        for key in self._keys():
            log = self._own_log(key)
            place = self._place_before(key, time - _NEAR_US)
            if place is None:
                continue
            begin, offset = log.place_at(time - _NEAR_US, *place)
            lines = log.matching(begin, offset, text, 0, _MOST_MATCHES, _bounded(progress))
            found += [line for line in lines if line.time is None or abs(line.time - time) <= _NEAR_US]
        return sorted(found, key=lambda line: (line.time or 0, line.source, line.part, line.offset))

    def end_of(self, spot: Spot) -> Spot:
        """The last line of a line's log."""
        log, last = self._log(spot[0]), len(self._paths_of(spot[0])) - 1
        lines = log.around(last, max(0, log.reader.end_of(last) - 1), 0, 1)
        return lines[-1].spot if lines else spot

    def detail(self, spot: Spot) -> Detail | None:
        """The record of a line."""
        return self._log(spot[0]).detail(spot[1], spot[2])

    def _keys(self) -> list[str]:
        return [plan.source.key for plan in self._opened.plans]

    def _paths_of(self, key: str) -> list[str]:
        """Where the parts of a log lie now."""
        if self._loop is not None:
            return self._loop.parts_of(key)
        plan = self._plan_by_key[key]
        return [part.path for part in plan.source.parts]

    def _part_of(self, path: str) -> tuple[str, int] | None:
        return next(((key, paths.index(path)) for key in self._keys() if path in (paths := self._paths_of(key))), None)

    def _log(self, key: str) -> OpenLog:
        """A log for the screen's thread; its files stay open, so a rotation takes nothing away."""
        paths = self._paths_of(key)
        known = self._logs.get(key)
        if known is None or known[0] != paths:
            if known is not None:
                known[1].reader.close()
            known = self._logs[key] = paths, self._own_log(key)
        return replace(known[1], shift_us=self._loop.shift_of(key) if self._loop is not None else 0)

    def _own_log(self, key: str) -> OpenLog:
        """A log with handles of its own."""
        plan, paths = self._plan_by_key[key], self._paths_of(key)
        if self._loop is not None:
            plan = (self._loop.find_part(paths[-1]) or (plan, 0))[0]
        identity = {part.path: part.identity for part in plan.source.parts}
        tape = plan.stream.tape if plan.stream is not None else None
        reader = PageReader([PagePart(path, identity.get(path), tape) for path in paths])
        for anchor in self._loop.anchors_of(key) if self._loop is not None else ():
            reader.add_anchor(*anchor)
        shift = self._loop.shift_of(key) if self._loop is not None else 0
        return OpenLog(key, plan.source.service, plan.layout, reader, shift)

    def proof(self, row_key: str, ref: LineRef | None, snapshot: Snapshot) -> str:
        """The command that shows the line, or counts the kind, without logscope."""
        del row_key, snapshot
        return write_proof(ref)


def _bounded(progress: Progress) -> Progress:
    """A search that ends after enough bytes even where nobody stops it."""
    return lambda done: done < _SEARCH_MOST and progress(done)
