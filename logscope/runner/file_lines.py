"""Lines of the files that a live loop reads, for the log pane: around a place, by time, and what is searched for."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from typing import Final

from logscope.model.files import LineRef, uncounted
from logscope.model.kinds import GroupSummary
from logscope.model.lines import Detail, LogLine, Progress, Spot
from logscope.model.severity import Severity
from logscope.model.times import MINUTE_US
from logscope.runner.across import Start, find_across
from logscope.runner.kind_search import WantedKinds
from logscope.runner.live import LiveLoop
from logscope.runner.log_view import OpenLog, merge_around
from logscope.runner.planning import Plan
from logscope.runner.request import Opened
from logscope.sources.pages import PagePart, PageReader

_COUNT_MOST: Final = 1024 * 1024 * 1024
"""Bytes that are counted through to find a line by its number alone: a second."""
_NEAR_US: Final = 5 * MINUTE_US
"""How far before and behind a line others with its id are looked for."""
_FOREVER: Final = 2**62
"""Microseconds: later than any record; earlier with a minus."""
_SEARCH_MOST: Final = 256 * 1024 * 1024
_MOST_MATCHES: Final = 500
_MOST_SAID: Final = 2000
"""Lines of which it is remembered what they say: some screens full."""


class FileLines:
    """Finds lines in files that may be read, rotated and written meanwhile."""

    def __init__(self, opened: Opened) -> None:
        """Nothing is read yet."""
        self._loop: LiveLoop | None = None
        self._logs: dict[str, tuple[list[str], Plan, OpenLog]] = {}
        self._messages: dict[Spot, str] = {}
        """What lines say that were asked for lately."""
        self._open(opened)

    def _open(self, opened: Opened) -> None:
        self._opened = opened

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
        offset = uncounted(ref.line) if ref.line < 0 else ref.offset
        offset = offset if offset is not None else log.reader.offset_of_line(part, ref.line, _COUNT_MOST)
        return None if offset is None or log.why_gone(part, offset) is not None else (key, part, offset)

    def path_of(self, spot: Spot) -> str:
        """The file that holds a line."""
        paths = self._paths_of(spot[0])
        return paths[min(spot[1], len(paths) - 1)]

    def around(self, spot: Spot, before: int, after: int) -> list[LogLine]:
        """Lines of one log around a line: `before` it, and `after` from it on."""
        return self._log(spot[0]).around(spot[1], spot[2], before, after)

    def message_of(self, line: LogLine) -> str:
        """What a line says where a form of its own wraps it; empty where its text shows that as it stands."""
        known = self._messages.get(line.spot)
        if known is None:
            if len(self._messages) >= _MOST_SAID:
                self._messages.clear()
            known = self._log(line.source).message_of(line)
            self._messages[line.spot] = known
        return known

    def merged(self, time: int, before: int, after: int) -> list[LogLine]:
        """Lines of all logs in order of time."""
        return self._merge(map(self._log, self._keys()), time, before, after)

    def _merge(self, logs: Iterable[OpenLog], time: int, before: int, after: int) -> list[LogLine]:
        placed = [(log, place) for log in logs if (place := self._place_at(log, time)) is not None]
        return merge_around(placed, time, before, after)

    def spot_at(self, key: str, time: int) -> Spot | None:
        """The first line of a log at or behind a time; None where it has no times."""
        place = self._place_at(self._log(key), time)
        return None if place is None else (key, *place)

    def _place_at(self, log: OpenLog, time: int) -> tuple[int, int] | None:
        """Part and offset of the first line of a log at or behind a time; None where it has no times."""
        known = self._place_before(log.key, time)
        return None if known is None else log.place_at(time, *known)

    def _place_before(self, key: str, time: int) -> tuple[int, int] | None:
        """Part and offset of a line before a time, near it where the index knows; None where a log has no times."""
        if self._loop is None:
            return 0, 0
        place = self._loop.seek(key, time)
        found = self._part_of(place.file) if place is not None else None
        return None if place is None or found is None else (found[1], place.offset or 0)

    def find_text(
        self, spot: Spot, text: str, direction: int, progress: Progress, until: Spot | None = None
    ) -> LogLine | None:
        """The next line (before, with direction -1) that holds a text. May take long: not for the screen's thread.

        Args:
            spot: From which line on.
            text: Letters of any case.
            direction: 1 or -1.
            progress: Told the bytes that were looked at; False ends the search.
            until: A line of the same log at which it may end, where `spot` is the log's edge; None goes to its end.
        """
        with self._own_log(spot[0]) as log:
            most = None if until is None else log.bytes_to(until[1], until[2], direction)
            go_on = progress if most is None else lambda done: done <= most and progress(done)
            return log.find_text(spot[1], spot[2], text, direction, go_on)

    def find_level(self, spot: Spot, least: Severity, direction: int, progress: Progress) -> LogLine | None:
        """The next record (before, with direction -1) of at least a level. May take long."""
        with self._own_log(spot[0]) as log:
            return log.find_level(spot[1], spot[2], least, direction, progress)

    def find_text_anywhere(
        self, line: LogLine, text: str, direction: int, progress: Progress, until: LogLine | None = None
    ) -> LogLine | None:
        """The next line of all logs by time that holds a text, not behind another line. May take long."""
        # Lines of the same time stand on either side of it.
        end = None if until is None or until.time is None else replace(until, time=until.time + direction)
        with closing(self._starts(line)) as starts:
            found = find_across(
                starts,
                lambda log, part, offset, go: log.find_text(part, offset, text, direction, go),
                lambda one: one.says(text),
                direction,
                progress,
                end,
            )
        if found is not None and found is end:
            return until if end.says(text) else None
        return found

    def find_level_anywhere(self, line: LogLine, least: Severity, direction: int, progress: Progress) -> LogLine | None:
        """The next record of all logs by time of at least a level. May take long."""
        with closing(self._starts(line)) as starts:
            return find_across(
                starts,
                lambda log, part, offset, go: log.find_level(part, offset, least, direction, go),
                lambda one: one.begins_at_least(least),
                direction,
                progress,
            )

    def find_kind(
        self, spot: Spot, kinds: Sequence[GroupSummary], direction: int, progress: Progress
    ) -> LogLine | None:
        """The next record of a log (before, with direction -1) that belongs to some kinds. May take long."""
        with self._own_log(spot[0]) as log:
            return log.find_kind(spot[1], spot[2], _wanted_of(log, kinds), direction, progress)

    def find_kind_anywhere(
        self, line: LogLine, kinds: Sequence[GroupSummary], direction: int, progress: Progress
    ) -> LogLine | None:
        """The next record of all logs by time that belongs to some kinds. May take long."""
        wanted: dict[str, WantedKinds] = {}

        def of(log: OpenLog) -> WantedKinds:
            if log.key not in wanted:
                wanted[log.key] = _wanted_of(log, kinds)
            return wanted[log.key]

        with closing(self._starts(line)) as starts:
            return find_across(
                starts,
                lambda log, part, offset, go: log.find_kind(part, offset, of(log), direction, go),
                lambda one: self.kind_of(one, kinds) is not None,
                direction,
                progress,
            )

    def kind_of(self, line: LogLine, kinds: Sequence[GroupSummary]) -> GroupSummary | None:
        """Which of some kinds the record of a head line is; None where it is none."""
        with self._own_log(line.source) as log:
            return log.kind_of(line.part, line.offset, _wanted_of(log, kinds)) if line.is_head else None

    def _starts(self, line: LogLine) -> Generator[Start, None, None]:
        """Where a search by time begins in each log, which is open until the next one is asked for."""
        keys = self._keys()
        own = keys.index(line.source)
        for number, key in enumerate(keys):
            with self._own_log(key) as log:
                if number == own:
                    yield Start(log, line.part, line.offset)
                elif line.time is not None:
                    # Of the same time lines of an earlier log stand before the line, those of a later one behind it.
                    after = line.time + (number < own)
                    known = self._place_before(key, after)
                    if known is not None:
                        yield Start(log, *log.place_at(after, *known), after)

    def matching(self, spot: Spot, text: str, before: int, after: int, progress: Progress) -> list[LogLine]:
        """Lines around a line that hold a text, or with a leading `!` do not. May take long."""
        with self._own_log(spot[0]) as log:
            return log.matching(spot[1], spot[2], text, before, after, progress)

    def matching_anywhere(self, text: str, time: int, progress: Progress) -> list[LogLine]:
        """Lines of all logs within minutes of a time that hold a text, in order of time. May take long."""
        found: list[LogLine] = []
        for key in self._keys():
            place = self._place_before(key, time - _NEAR_US)
            if place is None:
                continue
            with self._own_log(key) as log:
                begin, offset = log.place_at(time - _NEAR_US, *place)
                lines = log.matching(begin, offset, text, 0, _MOST_MATCHES, _bounded(progress))
            found += [line for line in lines if line.time is None or abs(line.time - time) <= _NEAR_US]
        return sorted(found, key=lambda line: (line.time or 0, line.source, line.part, line.offset))

    def end_of(self, spot: Spot) -> Spot:
        """The last line of a line's log."""
        last = self._log(spot[0]).last_line()
        return spot if last is None else last.spot

    def edge_of(self, spot: Spot, direction: int, *, is_merged: bool) -> LogLine | None:
        """The first line (the last, with direction -1) of a line's log, or of all by time. May take long.

        Args:
            spot: The line.
            direction: 1 or -1.
            is_merged: It is that of all logs.
        """
        with ExitStack() as opened:
            if not is_merged:
                log = opened.enter_context(self._own_log(spot[0]))
                return log.line_at(0, 0) if direction > 0 else log.last_line()
            logs = [opened.enter_context(self._own_log(key)) for key in self._keys()]
            lines = self._merge(logs, -direction * _FOREVER, 1, 1)
            return lines[0 if direction > 0 else -1] if lines else None

    def detail(self, spot: Spot) -> Detail | None:
        """The record of a line."""
        return self._log(spot[0]).detail(spot[1], spot[2])

    def _keys(self) -> list[str]:
        return [plan.source.key for plan in self._opened.plans]

    def _plan_of(self, key: str) -> Plan:
        return next(plan for plan in self._opened.plans if plan.source.key == key)

    def _plan_now(self, key: str) -> Plan:
        """How a log is read by now: it may have been learned anew."""
        found = self._loop.find_part(self._paths_of(key)[-1]) if self._loop is not None else None
        return found[0] if found is not None else self._plan_of(key)

    def _paths_of(self, key: str) -> list[str]:
        """Where the parts of a log lie now."""
        if self._loop is not None:
            return self._loop.parts_of(key)
        plan = self._plan_of(key)
        return [part.path for part in plan.source.parts]

    def _part_of(self, path: str) -> tuple[str, int] | None:
        return next(((key, paths.index(path)) for key in self._keys() if path in (paths := self._paths_of(key))), None)

    def _log(self, key: str) -> OpenLog:
        """A log for the screen's thread; its files stay open, so a rotation takes nothing away."""
        paths, plan = self._paths_of(key), self._plan_now(key)
        known = self._logs.get(key)
        if known is None or known[0] != paths or known[1] is not plan:
            if known is not None:
                known[2].reader.close()
                self._messages.clear()
            known = self._logs[key] = paths, plan, self._open_log(key)
        return replace(known[2], shift_us=self._loop.shift_of(key) if self._loop is not None else 0)

    @contextmanager
    def _own_log(self, key: str) -> Iterator[OpenLog]:
        """A log with handles of its own, for a search in another thread; they are let go behind it."""
        log = self._open_log(key)
        try:
            yield log
        finally:
            log.reader.close()

    def _open_log(self, key: str) -> OpenLog:
        plan, paths = self._plan_now(key), self._paths_of(key)
        identity = {part.path: part.identity for part in plan.source.parts}
        tape = plan.stream.tape if plan.stream is not None else None
        reader = PageReader([PagePart(path, identity.get(path), tape, plan.layout.roll) for path in paths])
        for anchor in self._loop.anchors_of(key) if self._loop is not None else ():
            reader.add_anchor(*anchor)
        shift = self._loop.shift_of(key) if self._loop is not None else 0
        return OpenLog(key, plan.source.service, plan.layout, reader, shift)


def _wanted_of(log: OpenLog, kinds: Iterable[GroupSummary]) -> WantedKinds:
    return WantedKinds((one for one in kinds if one.source == log.key), log.service)


def _bounded(progress: Progress) -> Progress:
    """A search that ends after enough bytes even where nobody stops it."""
    return lambda done: done < _SEARCH_MOST and progress(done)
