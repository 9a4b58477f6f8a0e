"""One source's bytes on their way into records, learning how they are written while they come.

A file that begins empty and a stream that is silent are learned from their first lines; what does not fit any more
(a banner before the log, another format after a deploy) is learned anew. Pure but for the clock that it is given.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from logscope.ingest.batch import Batch, Signature
from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.envelopes.rare import RareLines
from logscope.ingest.layouts.layout import Layout, Sample, learn_more
from logscope.ingest.scanner import Place, Scanner
from logscope.ingest.timestamps.timestamp import ParseState
from logscope.model.times import NO_TIME, US
from logscope.runner.planning import Plan, learn_stream
from logscope.text.decoding import Transcoder, is_wide
from logscope.text.unrolling import ROW_END, Unroller

_SAMPLE: Final = 65_536
"""Bytes to learn from."""
_FEWEST: Final = 5
"""Lines that must not fit before a layout is doubted."""
_FITTING: Final = 0.25
"""Share of lines with a time of their own that makes a piece fit: the rest may be stack traces."""
_JUDGED: Final = 200
"""Lines by which two layouts are compared."""
_LOOKS: Final = 40
"""Lines of a large piece that are looked at for a change."""
_CHANGED: Final = 0.2
"""Share of them that stand together and have no time, from which on it may have changed."""
_SWITCHES: Final = 8
"""Layouts that a piece may be read by, one behind the other."""


class Scanned(NamedTuple):
    """Records, and what their signatures point into."""

    batch: Batch
    signatures: list[Signature]


class Intake:
    """Turns one source's stream into records."""

    def __init__(
        self,
        plan: Plan,
        wall: Callable[[], float],
        *,
        examine: bool = False,
        part: int = 0,
        offset: int = 0,
        line: int = 1,
        resume: Place | None = None,
    ) -> None:
        """Start at the begin of a line, or where an earlier reading stopped.

        Args:
            plan: How the source is written; if it is pending, that is learned from the first bytes.
            wall: Seconds since 1970: when bytes that come now were written.
            examine: Every record is notable, whatever its level.
            part: The part that is fed first.
            offset: Of the first byte that will be fed.
            line: Its line number.
            resume: Where an earlier reading stopped; it says part, offset and line.
        """
        self.plan = plan
        """Replaced when the layout is learned anew."""
        self._wall = wall
        if resume is not None:
            part, offset, line = resume.part, resume.offset, resume.line
        self._part = part
        self._offset = offset
        self.line = line
        """Number of the line that comes next in this part, or that is half read."""
        self.is_inside_line = False
        """The last bytes of this part end without a newline."""
        self._scanner = Scanner(
            plan.layout, plan.source.service, examine=examine, offset=offset, line=line, part=part, resume=resume
        )  # fmt: skip
        self._coders = _make_coders(plan)
        self._held = b""
        """First bytes of a pending source, before there is a whole line."""
        self._unfit: list[bytes] = []
        self._unfit_lines = 0
        self._tried_lines = 0
        self._next: Layout | None = None
        """Learned anew; taken over where a line ends."""
        self._try_at = 0
        """Offset from which on a change is looked for again."""
        self._rare_of: EnvelopeForm | None = None
        self._rare = RareLines(None)
        """Of that form, whose services it knows."""

    @property
    def examine(self) -> bool:
        """Every record is notable; may change while reading."""
        return self._scanner.examine

    @examine.setter
    def examine(self, value: bool) -> None:
        self._scanner.examine = value

    def feed(self, data: bytes, *, is_content: bool = False) -> list[Scanned]:
        """Take the next bytes of the current part.

        Args:
            data: Bytes.
            is_content: They are the content already of a file that is turned.
        """
        if self.plan.is_pending:
            self._held += data
            self.is_inside_line = bool(self._held)
            # A blank line tells nothing of how the log is written.
            if b"\n" not in self._held.lstrip() and len(self._held) < _SAMPLE:
                return []
            return self._begin()
        if not is_content:
            for coder in self._coders:
                data = coder.feed(data)
        was_inside_line = self.is_inside_line
        if data:
            self.is_inside_line = not data.endswith(b"\n")
        found: list[Scanned] = []
        for _ in range(_SWITCHES):
            cut = self._find_cut(data, was_inside_line)
            if cut is None or self._next is None:
                break
            found += [self._feed(data[:cut]), self._scanned(self._scanner.release())]
            self._switch(self._next)
            data, was_inside_line = data[cut:], False
        found.append(self._feed(data))
        self._judge(data, found[-1].batch)
        return found

    def end_part(self, offset: int = 0, line: int = 1) -> list[Scanned]:
        """The current part ends; what is fed next belongs to the next one.

        Args:
            offset: Of the first byte that will be fed, in the next part.
            line: Its line number.
        """
        found = self._begin() if self._held else []
        found += self._flush_coders()
        found.append(self._scanned(self._scanner.end_part(offset, line)))
        self._part += 1
        self._offset, self.line, self.is_inside_line = offset, line, False
        self._coders = _make_coders(self.plan)
        return found

    def flush(self) -> list[Scanned]:
        """The stream ends: the last line is a line without a newline, too."""
        found = self._begin() if self._held else []
        return [*found, *self._flush_coders(), self._scanned(self._scanner.flush())]

    def _flush_coders(self) -> list[Scanned]:
        """What is left where the file is turned: the end of its last line."""
        data = b""
        for coder in self._coders:
            data = coder.feed(data) + coder.flush()
        return [self._feed(data)] if data else []

    def release(self) -> list[Scanned]:
        """Give the held-back record out: nothing was written for a while."""
        released = self._scanned(self._scanner.release())
        if (released.batch.time != NO_TIME).any():
            self._forget_doubts()
        return [released]

    @property
    def place(self) -> Place | None:
        """Where to go on, once the last record was given out; None where that cannot be said of the file's bytes."""
        is_known = not self.plan.is_pending and not self._coders and self.plan.stream is None
        return self._scanner.place if is_known and self._next is None else None

    def empty(self) -> Batch:
        """No records: for what must be told of the current part."""
        return self._scanner.feed(b"")

    def _scanned(self, batch: Batch) -> Scanned:
        return Scanned(batch, self._scanner.signatures)

    def _feed(self, data: bytes) -> Scanned:
        batch = self._scanner.feed(data)
        self._offset += len(data)
        self.line += batch.line_count
        return self._scanned(batch)

    def _begin(self) -> list[Scanned]:
        """Learn from the first bytes, and take them."""
        data, self._held, self.is_inside_line = self._held, b"", False
        # What a stream gave is kept as it came: its lines are unrolled from the first on, or never.
        self._switch(self._learn(data, is_content=self.plan.stream is not None))
        self._coders = _make_coders(self.plan)
        return self.feed(data)

    def _learn(self, data: bytes, *, is_content: bool = True) -> Layout:
        name = self.plan.source.parts[-1].path.rsplit("/", 1)[-1]
        sample = Sample(name, data[:_SAMPLE], b"", b"", len(data), round(self._wall() * US), is_content=is_content)
        return learn_stream(sample, self.plan.forced)

    def _keep_coding(self, layout: Layout) -> Layout:
        """A layout that was learned from content: how the file is turned into that was known before."""
        known = self.plan.layout
        lesson = None if layout.lesson is None else replace(layout.lesson, roll=known.roll)
        return replace(layout, encoding=known.encoding, lesson=lesson)

    def _split(self, data: bytes) -> list[bytes]:
        return (data if self.plan.layout.roll is None else data.replace(ROW_END, b"\n")).split(b"\n")

    def _find_cut(self, data: bytes, is_inside_line: bool) -> int | None:
        """Where in the next bytes another layout takes over; None where none does.

        One that was learned as the last did not fit does behind the line that is open; one that knows a service more at
        that one's first line.
        """
        if self._next is not None:
            return data.find(b"\n") + 1 or None
        form = self.plan.layout.forms[0]
        first: bytes | None = None
        # Whose envelope tells the time, and mostly the level, is read well enough without.
        if isinstance(form, EnvelopeForm) and not form.opener.is_timed:
            if self._rare_of is not form:
                self._rare_of, self._rare = form, RareLines(form)
            rows = self._rare.take(self._split(data)[is_inside_line:-1])
            if rows:
                self._next, first = learn_more(self.plan.layout, rows), rows[0]
        elif len(data) >= _SAMPLE and self._offset >= self._try_at:
            first = self._find_change(self._split(data)[is_inside_line:-1])
        if first is None:
            return None
        return 0 if not is_inside_line and data.startswith(first) else data.find(b"\n" + first) + 1

    def _find_change(self, rows: Sequence[bytes]) -> bytes | None:
        """The line from which on a large piece is written otherwise, as where logs are piped behind one another."""
        step = max(1, len(rows) // _LOOKS)
        layout, state = self.plan.layout, self.plan.layout.new_state()
        begin, end = _find_gap([_is_timed(layout, row, state) for row in rows[::step]])
        if (end - begin) * step < _CHANGED * len(rows):
            return None
        # A log with long traces is not learned again and again.
        self._try_at = 2 * (self._offset + 1)
        behind = rows[max(0, begin - 1) * step : end * step]
        other = self._learn(b"\n".join(rows[begin * step : end * step])[:_SAMPLE])
        judged = behind[-_JUDGED:]
        if _share_timed(other, judged) <= max(_FITTING, 2 * _share_timed(layout, judged)):
            return None
        state, its_state = layout.new_state(), other.new_state()
        changed = (row for row in behind if not _is_timed(layout, row, state) and _is_timed(other, row, its_state))
        first = next(changed, None)
        if first is not None:
            self._try_at, self._next = 0, self._keep_coding(other)
        return first

    def _switch(self, layout: Layout) -> None:
        """Read on with another layout. No line and no record is open."""
        self.plan = replace(self.plan, layout=layout, is_pending=False)
        self._scanner = Scanner(
            layout, self.plan.source.service, examine=self.examine, offset=self._offset, line=self.line, part=self._part
        )  # fmt: skip
        self._next = None
        self._forget_doubts()

    def _forget_doubts(self) -> None:
        self._unfit, self._unfit_lines, self._tried_lines = [], 0, 0

    def _judge(self, data: bytes, batch: Batch) -> None:
        """See whether the layout still fits, and learn anew where it does not. Costs nothing while it fits."""
        if not batch.line_count or self._next is not None:
            return
        timed = int(np.count_nonzero(batch.time != NO_TIME))
        if timed >= _FITTING * batch.line_count:
            self._forget_doubts()
            return
        self._unfit_lines += batch.line_count
        self._unfit = [*self._unfit, data[-_SAMPLE:]]
        while sum(map(len, self._unfit)) - len(self._unfit[0]) >= _SAMPLE:
            self._unfit.pop(0)
        # At twice as many lines each time: a log without times is not learned again and again.
        if self._unfit_lines < max(_FEWEST, 2 * self._tried_lines):
            return
        self._tried_lines = self._unfit_lines
        sample = b"".join(self._unfit)
        layout = self._learn(sample)
        lines = self._split(sample)[1:-1][-_JUDGED:]
        if _share_timed(layout, lines) > max(_FITTING, 2 * _share_timed(self.plan.layout, lines)):
            self._next = self._keep_coding(layout)


def _find_gap(fits: Sequence[bool]) -> tuple[int, int]:
    """Begin and end of the longest run of what does not fit."""
    best = run = (0, 0)
    for n, is_fit in enumerate(fits):
        run = (n + 1, n + 1) if is_fit else (run[0], n + 1)
        best = max(best, run, key=lambda one: one[1] - one[0])
    return best


def _make_coders(plan: Plan) -> list[Transcoder | Unroller]:
    """What turns the bytes of a file into its content, one behind the other; none for what is read as it stands."""
    layout = plan.layout
    coders: list[Transcoder | Unroller] = [Transcoder(layout.encoding)] if is_wide(layout.encoding) else []
    if layout.roll is not None and plan.stream is None:
        coders.append(Unroller(layout.roll))
    return coders


def _share_timed(layout: Layout, lines: Sequence[bytes]) -> float:
    """Share of lines that are heads with a time."""
    state = layout.new_state()
    return sum(_is_timed(layout, line, state) for line in lines) / max(1, len(lines))


def _is_timed(layout: Layout, line: bytes, state: ParseState) -> bool:
    head = layout.parse(line, state)
    return head is not None and head.time is not None
