"""What the screen talks to: a live loop in a thread, lines of files on demand, reports and commands."""

import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Final

from logscope.model.files import LineRef
from logscope.model.severity import Severity
from logscope.model.snapshot import Note, Snapshot
from logscope.model.times import MINUTE_US, US
from logscope.report.files import write_report
from logscope.report.handoff import render_handoff
from logscope.report.page import Options
from logscope.report.rendering import render_report
from logscope.report.volumes import find_full_paths
from logscope.runner.across import Start, find_across
from logscope.runner.live import LiveLoop
from logscope.runner.log_view import Detail, LogLine, OpenLog, Progress, Spot, merge_around
from logscope.runner.proof import Proof, prove
from logscope.runner.request import Opened, Request, open_request
from logscope.runner.resuming import Resumed
from logscope.sources.nearby import USUAL_FOLDERS, NearbyFile, find_nearby
from logscope.sources.pages import PagePart, PageReader
from logscope.state.incident import SUFFIX, Saved, keep_incident, name_incident, save_incident
from logscope.state.notes import Kind, Memory, Remembered
from logscope.text.redact import Redactor

_COUNT_MOST: Final = 1024 * 1024 * 1024
"""Bytes that are counted through to find a line by its number alone: a second."""
_NEAR_US: Final = 5 * MINUTE_US
"""How far before and behind a line others with its id are looked for."""
_SEARCH_MOST: Final = 256 * 1024 * 1024
_MOST_MATCHES: Final = 500
_PATIENCE_S: Final = 5.0
"""How long the reading thread is waited for when the incident is saved: a judgement of large logs takes a second."""
_LATELY_US: Final = 24 * 60 * MINUTE_US
"""Logs that end longer ago are looked at afterwards: what else this host wrote since then says nothing."""


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
        resumed: Resumed | None = None,
        learn: Callable[[], Opened] | None = None,
        wall: Callable[[], float] = time.time,
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
            resumed: A saved incident that is read on.
            learn: Finds out in the reading thread how the logs are written, where they are many: the screen is there
                meanwhile. `opened` is then empty.
            wall: Seconds since 1970.
        """
        self._wall = wall
        self._resumed = resumed
        self._memory = memory
        self._kept_folder = kept_folder
        self._said = memory.load() if memory is not None else Remembered()
        self._request = request
        self._learn = learn
        self._is_stopped = False
        self._opened = opened
        self._follow = follow
        self._options = Options(zone=zone, zone_name=zone_name)
        self._loop: LiveLoop | None = None
        self._thread: threading.Thread | None = None
        self._plan_by_key = {plan.source.key: plan for plan in opened.plans}
        self._logs: dict[str, tuple[list[str], OpenLog]] = {}

    def start(self, publish: Callable[[Snapshot], None], failed: Callable[[str], None]) -> None:
        """Read and follow in a thread of its own."""

        def run() -> None:
            try:
                self._make_loop(publish).run()
            except Exception:  # the thread's last resort: the screen must say so and stay
                failed(traceback.format_exc())

        self._thread = threading.Thread(target=run, name="logscope-reading", daemon=True)
        self._thread.start()

    def _make_loop(self, publish: Callable[[Snapshot], None]) -> LiveLoop:
        """The loop, once it is known how the logs are written; with all that was said until then."""
        if self._learn is not None:
            self._opened = self._learn()
            self._plan_by_key = {plan.source.key: plan for plan in self._opened.plans}
        said = self._said
        request = replace(
            self._request,
            notes=(*self._request.notes, *said.notes),
            bindings=(*self._request.bindings, *said.bindings),
        )
        loop = self._loop = LiveLoop(
            request, self._opened, publish, follow=self._follow, stays=True, resumed=self._resumed
        )  # fmt: skip
        # What was said while the loop was made reached nobody.
        for note in self._said.notes:
            if note not in said.notes:
                loop.add_note(note)
        for name, service in self._said.bindings[len(said.bindings) :]:
            loop.bind(name, service)
        if self._is_stopped:
            loop.stop()
        return loop

    def stop(self) -> None:
        """End the thread; wait a moment for its open files."""
        self._is_stopped = True
        if self._loop is not None:
            self._loop.stop()
        if self._thread is not None:
            self._thread.join(timeout=1.0)

    @property
    def state(self) -> str:
        """How new lines are seen; empty where nothing is followed."""
        if not self._follow or self._loop is None:
            return ""
        return "POLLING" if self._loop.is_polling else "LIVE"

    @property
    def troubles(self) -> tuple[tuple[str, str], ...]:
        """Paths behind which nothing new can be read now, each with the reason."""
        if self._loop is None:
            return ()
        refused = self._opened.refusals if self._learn is not None else ()
        return (*((one.path, one.reason) for one in refused if one.is_error), *self._loop.troubles)

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

    def remove_note(self, note: Note) -> None:
        """Forget a note or a fix. One that was given with the command is back at the next start.

        Raises:
            ExportError: It is gone now, but that could not be saved for the next run.
        """
        if self._loop is not None:
            self._loop.remove_note(note)
        self._keep(replace(self._said, notes=tuple(one for one in self._said.notes if one != note)))

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

    def bind(self, name: str, service: str) -> None:
        """A name or an address in the logs means a service.

        Raises:
            ExportError: It counts, but could not be saved for the next run.
        """
        if self._loop is not None:
            self._loop.bind(name, service)
        self._keep(replace(self._said, bindings=(*self._said.bindings, (name, service))))

    def also_written(self, snapshot: Snapshot) -> tuple[NearbyFile, ...]:
        """Logs written since the onset that were not given: by stat only."""
        if snapshot.incident is None or snapshot.as_of is None:
            return ()
        is_recent = self._wall() * US - snapshot.as_of < _LATELY_US
        given = [file.path for file in snapshot.files]
        return find_nearby(given, snapshot.incident.start, USUAL_FOLDERS if is_recent else (), most=8)

    def look_at(self, span: tuple[int, int] | None) -> None:
        """A span is looked at closely: the next Snapshot has finer lanes of it."""
        if self._loop is not None:
            self._loop.look_at(span)

    def add_log(self, path: str) -> str | None:
        """Read another log as well; why it cannot be read, None when it will be."""
        opened = open_request(replace(self._request, paths=[path]), live=self._follow)
        known = set(self._keys())
        fresh = [plan for plan in opened.plans if plan.source.key not in known]
        if not fresh:
            reason = opened.refusals[0].reason if opened.refusals else "is read already"
            return f"{path}: {reason}"
        if self._loop is not None:
            self._plan_by_key |= {plan.source.key: plan for plan in fresh}
            self._loop.add_plans(fresh)
        return None

    def export(self, snapshot: Snapshot, options: Options | None = None, path: str | None = None) -> str:
        """Write the Markdown report, by default into the current folder; never over another one.

        Raises:
            ExportError: It cannot be written.
        """
        text = self.preview(snapshot, options)
        name = path or self.report_name(snapshot)
        inputs = [file.path for file in snapshot.files]
        return write_report(name, text, inputs, replace=False, full_paths=find_full_paths(snapshot))

    def keep(self, snapshot: Snapshot) -> None:
        """Keep the incident among the saved ones, where such are kept. May take seconds.

        Raises:
            ExportError: It cannot be written.
        """
        if self._kept_folder is not None:
            keep_incident(self._kept_folder, self._whole(snapshot))

    def save(self, snapshot: Snapshot) -> str:
        """Save the whole incident into the current folder, never over another file. May take seconds.

        Raises:
            ExportError: It cannot be written.
        """
        return save_incident(f"{name_incident(snapshot)}{SUFFIX}", self._whole(snapshot), replace=False)

    def _whole(self, snapshot: Snapshot) -> Saved:
        """The answer with all that it was judged from; alone where the reading thread does not give it."""
        is_reading = self._thread is not None and self._thread.is_alive()
        session = self._loop.keep(_PATIENCE_S) if self._loop is not None and is_reading else None
        return Saved(snapshot, session)

    def report_name(self, snapshot: Snapshot) -> str:
        """Where a report goes when no path is given: named after the onset."""
        return f"{name_incident(snapshot)}.md"

    def preview(self, snapshot: Snapshot, options: Options | None = None) -> str:
        """The Markdown report as it would be written, without secrets."""
        return render_report(snapshot, "markdown", options or self._options)

    def brief(self, snapshot: Snapshot) -> str:
        """Three lines for the incident channel."""
        return render_handoff(snapshot, Redactor().redact)

    def clean(self, text: str) -> str:
        """A text without secrets."""
        return Redactor().redact(text)

    # Lines of the files, for the log pane

    @property
    def is_whole(self) -> bool:
        """The logs are there, with all of their lines."""
        return True

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

    def find_text_anywhere(self, line: LogLine, text: str, direction: int, progress: Progress) -> LogLine | None:
        """The next line of all logs by time that holds a text. May take long."""
        return find_across(
            self._starts(line),
            lambda log, part, offset, go: log.find_text(part, offset, text, direction, go),
            lambda one: one.says(text),
            direction,
            progress,
        )

    def find_level_anywhere(self, line: LogLine, least: Severity, direction: int, progress: Progress) -> LogLine | None:
        """The next record of all logs by time of at least a level. May take long."""
        return find_across(
            self._starts(line),
            lambda log, part, offset, go: log.find_level(part, offset, least, direction, go),
            lambda one: one.begins_at_least(least),
            direction,
            progress,
        )

    def _starts(self, line: LogLine) -> Iterator[Start]:
        """Where a search by time begins in each log."""
        keys = self._keys()
        own = keys.index(line.source)
        for number, key in enumerate(keys):
            log = self._own_log(key)
            if number == own:
                yield Start(log, line.part, line.offset)
            elif line.time is not None:
                # Of the same time the lines of an earlier log stand before the line, those of a later one behind it.
                after = line.time + (number < own)
                known = self._place_before(key, after)
                if known is not None:
                    yield Start(log, *log.place_at(after, *known), after)

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

    def prove(self, group: str, ref: LineRef | None, snapshot: Snapshot) -> tuple[Proof, ...]:
        """The commands that count the kind and show the line, without logscope."""
        kind = next((one for one in snapshot.groups if group and one.id == group), None)
        return prove(kind, ref, snapshot)


def _bounded(progress: Progress) -> Progress:
    """A search that ends after enough bytes even where nobody stops it."""
    return lambda done: done < _SEARCH_MOST and progress(done)
