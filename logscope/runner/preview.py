"""Large logs before they are read: the newest part of each, and samples of what lies before it.

Plan: the end of each log is read, and followed, into a session of its own; what that session says is told as
provisional while everything is read from its begin. Of what lies before, pieces are read here and there: what each
holds stands for all up to the next one, which is enough for a curve and for nothing else. Who stops the reading goes on
with the ends. Line numbers are not known there, and not told: to count them takes as long as to read.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from logscope.analysis.kinds.texts import TextPlace
from logscope.errors import SourceError
from logscope.index.index import Index
from logscope.ingest.batch import Int64
from logscope.ingest.scanner import Scanner
from logscope.model.files import Progress
from logscope.model.snapshot import Snapshot
from logscope.runner.batch import start_session
from logscope.runner.intake import Scanned
from logscope.runner.live_source import LiveSource
from logscope.runner.planning import Plan
from logscope.runner.request import Opened, Request
from logscope.runner.spans import can_begin_anywhere, find_head
from logscope.session.session import Session
from logscope.sources.generations import FINGERPRINT, Mark
from logscope.sources.opening import open_regular
from logscope.sources.rotated import list_known
from logscope.state.session import Reading

LEAST_BYTES: Final = 128 * 1024 * 1024
"""Of all logs together: less is read in two seconds or so."""
_NEWEST: Final = 8 * 1024 * 1024
"""Bytes of the newest parts of all logs together."""
_FEWEST: Final = 64 * 1024
"""Bytes of the newest part of one log, at least."""
_GLANCE: Final = 64 * 1024
"""Bytes in which a log must show a time, and of one sample."""
_SAMPLES: Final = 192
"""Pieces that are read of all logs together: what lies between two of them is a curve's point."""
_POINTS: Final = 64
"""Seconds over which the records of one piece are spread, at most."""


def make_preview(
    request: Request, opened: Opened, clock: Callable[[], float], wall: Callable[[], float]
) -> "Preview | None":
    """A preview where the logs are large; None where all is read soon, or a span of time is asked for."""
    if opened.bytes_total < LEAST_BYTES or request.since is not None or request.until is not None:
        return None
    return Preview(request, max(opened.files, len(opened.plans)), clock, wall)


class Preview:
    """What the ends of large logs say, judged by itself until all is read."""

    def __init__(self, request: Request, logs: int, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        """Read nothing yet.

        Args:
            request: What the user asked for.
            logs: About how many logs there are: they share what is read.
            clock: Seconds that only grow.
            wall: Seconds since 1970.
        """
        self.session = start_session(replace(request, baseline=()), Opened([], [], 0))
        self.session.texts.read = self._read_text
        self.sources: dict[str, LiveSource] = {}
        """By key, those whose stamps say everything wherever one begins to read."""
        self._newest = max(_FEWEST, _NEWEST // max(1, logs))
        self._clock = clock
        self._wall = wall
        self._begins: dict[str, int] = {}
        """Where in its last part the newest part of each begins."""
        self._told: Snapshot | None = None
        """What was told last; None where more is known by now."""

    def add(self, plan: Plan) -> None:
        """Read the newest part of a log; nothing of one that must be read from its begin."""
        is_unread = plan.stream is None and not plan.is_pending and plan.source.key not in self.sources
        if not is_unread or not can_begin_anywhere(plan.layout, plan.source.parts[-1]):
            return
        reading = _find_end(plan, self._newest)
        if reading is None or reading.mark is None:
            return
        one = LiveSource.go_on(plan, reading, self._clock, self._wall, hold_open=False, examine=False)
        self.sources[one.key] = one
        self._begins[one.key] = reading.mark.offset
        self.session.add_source(one.session_plan)
        self._learn_normal(plan)
        self._told = None
        while self._poll(one) and one.has_more:
            pass
        self._feed(one, one.release(force=True) or ())

    def ask(self, intent: Callable[[Session], None]) -> None:
        """Do something with the session."""
        intent(self.session)
        self._told = None

    def tell(self, now: int | None, progress: Progress) -> Snapshot:
        """What is known so far, with what was written since the last time; judged anew only where that is something.

        Args:
            now: The clock, microseconds UTC; None where the newest record is now.
            progress: Of the reading of everything.
        """
        progress = replace(progress, newest_first=True)
        for one in self.sources.values():
            if self._poll(one):
                self._told = None
        if self._told is None:
            self._told = self.session.tick(now, progress)
        return replace(self._told, progress=progress)

    def estimate(self) -> None:
        """Estimate from samples what lies before the newest parts."""
        sizes = {key: self._begins[key] for key in self.sources}
        total = max(1, sum(sizes.values()))
        for key, one in self.sources.items():
            known = self.session.index.sources.get(key)
            newest = known.seconds.seconds() if known is not None else None
            if newest is not None and len(newest):
                pieces = max(2, _SAMPLES * sizes[key] // total)
                _estimate(one.plan, sizes[key], pieces, int(newest[0]), self.session.estimated)
        self._told = None

    def replace(self, plan: Plan) -> None:
        """Read the newest part of a log anew, by another plan."""
        before = self.sources.pop(plan.source.key, None)
        if before is not None:
            before.close()
            self.session.replace_source(before.session_plan)
        self.add(plan)

    def close(self) -> None:
        """Let go of the files."""
        for one in self.sources.values():
            one.close()

    def _learn_normal(self, plan: Plan) -> None:
        """Take the oldest part of a log for its normal time: else all that it complains of would be new at its end."""
        size = min(self._newest, self._begins[plan.source.key] // 2)
        scanner = Scanner(plan.layout, plan.source.service)
        # Of a log that is read whole nothing, and yet it is one of those that are compared with themselves alone.
        piece = _read_piece(plan, 0, size) if size else b""
        self.session.learn_normal(plan.source.service, scanner.feed(piece), scanner.signatures)

    def _poll(self, one: LiveSource) -> bool:
        found = one.look(self.session)
        self._feed(one, found)
        return bool(found)

    def _feed(self, one: LiveSource, found: Iterable[Scanned]) -> None:
        for scanned in found:
            self.session.feed(one.key, without_lines(scanned).batch, scanned.signatures)

    def _read_text(self, place: TextPlace) -> bytes | None:
        return self.sources[place.source].read_text(place)


def without_lines(scanned: Scanned) -> Scanned:
    """The same records, whose lines nobody counted (`uncounted`)."""
    batch = scanned.batch
    return scanned._replace(batch=replace(batch, line=-1 - batch.offset))


def _find_end(plan: Plan, newest: int) -> Reading | None:
    """Where the newest part of a log begins; None where no record is found there."""
    part = plan.source.parts[-1]
    try:
        descriptor = open_regular(part.path)
    except SourceError:
        return None
    try:
        info = os.fstat(descriptor)
        begin = 0
        if info.st_size > newest:
            at = info.st_size - newest
            found = find_head(os.pread(descriptor, _GLANCE, at), at, plan.layout)
            if found is None:
                return None
            begin = found[0]
        before = os.pread(descriptor, min(begin, FINGERPRINT), max(0, begin - FINGERPRINT))
    except OSError:
        return None
    finally:
        os.close(descriptor)
    number = len(plan.source.parts) - 1
    place = Scanner(plan.layout, plan.source.service, offset=begin, line=0, part=number).place
    mark = Mark.at(begin, before, (info.st_dev, info.st_ino), info.st_mtime_ns)
    return Reading(plan.source, mark, place, known=tuple(list_known(part.path)))


def _estimate(plan: Plan, size: int, pieces: int, until: int, into: Index) -> None:
    """Add to an index about what the first bytes of a log's last part hold, by second.

    Args:
        plan: How it is written.
        size: How many bytes.
        pieces: How many samples are read.
        until: The second, as written, at which the bytes behind them begin.
        into: Where the estimated records are added.
    """
    stride = size / pieces
    # One for all: what it has signed once it knows.
    scanner = Scanner(plan.layout, plan.source.service)
    samples = [one for n in range(pieces) if (one := _sample(plan, scanner, round(n * stride))) is not None]
    ends = [begin for begin, _, _ in samples[1:]] + [until]
    for (begin, length, values), end in zip(samples, ends, strict=True):
        count = max(1, min(_POINTS, end - begin))
        at = begin + np.arange(count, dtype=np.int64) * max(1, end - begin) // count
        into.estimate(plan.source.key, at, _spread(values * stride / length, count))


def _spread(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", count: int) -> Int64:
    """Whole numbers whose sums over so many rows are the values, shape (count, columns)."""
    steps = np.rint(values * np.arange(count + 1)[:, None] / count).astype(np.int64)
    return np.diff(steps, axis=0)


def _sample(plan: Plan, scanner: Scanner, at: int) -> tuple[int, int, Int64] | None:
    """First second, bytes and counters of a piece of a log's last part; None where it shows no time."""
    block = _read_piece(plan, at, _GLANCE)
    begin = block.find(b"\n") + 1 if at else 0
    lines = block[begin : block.rfind(b"\n") + 1]
    index = Index()
    index.fold_counts("", scanner.feed(lines))
    index.fold_counts("", scanner.release())
    seconds, values = index.sources[""].seconds.arrays()
    return (int(seconds[0]), len(lines), values.sum(axis=0)) if len(seconds) else None


def _read_piece(plan: Plan, at: int, size: int) -> bytes:
    """A piece of a log's last part, at most of a size; empty where it cannot be read."""
    try:
        return next(plan.read_part(len(plan.source.parts) - 1, lambda _: None, start=at, block=size), b"")
    except SourceError:
        return b""
