"""What the log pane asks of the files: lines around a place, of one log or of all by time, and the next match.

Bounded reads whatever the size of a file. What may take long (a search through all of a log) is done slice by slice,
says how far it is, and stops when it is told to.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.errors import SourceError
from logscope.ingest.batch import Batch
from logscope.ingest.formats.objects import load_object
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.scanner import Scanner
from logscope.model.kinds import GroupSummary
from logscope.model.lines import Detail, LogLine, Progress
from logscope.model.severity import Severity
from logscope.runner.kind_search import WantedKinds
from logscope.runner.repeated_head import find_repeated
from logscope.sources.pages import Line, PageReader
from logscope.sources.search import Place, search
from logscope.text.audit import list_audited
from logscope.text.unrolling import ROW_END

MOST_TEXT: Final = 4096
"""Characters of a line that are given."""
_SLICE: Final = 1024 * 1024
_RECORD: Final = 64 * 1024
_NEAR_LINES: Final = 4
_FEW_LINES: Final = 128
_MANY_LINES: Final = 4000
_MOST_PROBES: Final = 40
_MOST_CONTINUATIONS: Final = 200
_MOST_VALUES: Final = 40
_HEAD_WITHIN: Final = 200
"""Lines after which, at the latest, a record with a time is expected to begin."""


@dataclass(frozen=True, slots=True)
class OpenLog:
    """One log that can be looked into."""

    key: str
    service: str
    layout: Layout
    reader: PageReader
    shift_us: int = 0

    def around(self, part: int, offset: int, before: int, after: int) -> list[LogLine]:
        """Lines around the line that holds a byte: `before` it, and `after` from it on. Empty where it is gone."""
        return list(self._read(self.reader.read(part, offset, before, after).lines))

    def why_gone(self, part: int, offset: int) -> str | None:
        """Why a place cannot be shown; None where it can."""
        return self.reader.read(part, offset, 0, 1).gone

    def _read(self, lines: Iterable[Line]) -> Iterator[LogLine]:
        state = self.layout.new_state()
        severity, time, begin = Severity.UNKNOWN, None, b""
        for line in lines:
            text = line.data.removesuffix(b"\r")
            head = self.layout.parse(text, state)
            if head is not None:
                severity = Severity(head.severity)
                time = None if head.time is None else head.time + self.shift_us
                begin = text[: max(0, head.message)]
            before = len((begin if head is not None else find_repeated(begin, text)).decode("utf-8", "replace"))
            yield LogLine(
                self.key, self.service if head is None else head.service or self.service, line.part, line.offset,
                line.line, text[:MOST_TEXT].decode("utf-8", "replace"), severity, head is not None, time, before,
            )  # fmt: skip

    def message_of(self, line: LogLine) -> str:
        """What a head line says where a form of its own wraps it, or the fields of an audit trail tell it.

        Empty where its text shows that as it stands.
        """
        if not line.is_head or not self.layout.is_structured:
            return ""
        text = line.text.encode("utf-8", "surrogateescape")
        said = self.layout.read_message(text).strip().split("\n", 1)[0]
        if said == line.text.strip():
            return ", ".join(list_audited(load_object(text) or {}))
        return "" if line.text[line.message :].startswith(said) else said

    def detail(self, part: int, offset: int) -> Detail | None:
        """The record that holds a line; None where it is gone."""
        lines = self.around(part, offset, _MOST_CONTINUATIONS, _MOST_CONTINUATIONS)
        at = next((n for n, line in enumerate(lines) if (line.part, line.offset) >= (part, offset)), None)
        if at is None:
            return None
        first = next((n for n in range(at, -1, -1) if lines[n].is_head), at)
        end = next((n for n in range(at + 1, len(lines)) if lines[n].is_head), len(lines))
        head = lines[first]
        text = "\n".join(line.text for line in lines[first:end])
        fields = self.layout.fields(text.encode("utf-8", "surrogateescape"))
        named = (
            ("level", head.severity.word or ""),
            ("service", head.service),
            ("logger", fields.logger or ""),
            ("thread", fields.thread or ""),
            ("request", " ".join(filter(None, (fields.method, fields.route, str(fields.status or ""))))),
            ("peer", fields.peer or ""),
            ("ids", ", ".join(fields.ids[:5])),
        )
        values = ((name, _write_value(value)) for name, value in list(fields.values.items())[:_MOST_VALUES])
        rows = tuple((name, value) for name, value in (*named, *values) if value)
        return Detail(rows, text, fields.ids)

    def find_text(self, part: int, offset: int, text: str, direction: int, progress: Progress) -> LogLine | None:
        """The next line behind a line (before it, with direction -1) that holds a text, ASCII letters of any case."""
        done = 0

        def stop() -> bool:
            return not progress(done)

        start = offset
        if direction > 0:
            here = self.reader.read(part, offset, 0, 1).lines
            start = here[0].end if here else offset
        pattern = text.encode("utf-8", "surrogateescape")
        if not pattern:
            return None
        steps = search(self.reader, pattern, Place(part, start), stop, backward=direction < 0, ignore_case=True)
        for step in steps:
            done = step.bytes_done
            if step.found is not None:
                return self.line_at(step.found.part, step.found.offset)
        return None

    def bytes_to(self, part: int, offset: int, direction: int) -> int:
        """Bytes that a search from the first line (the last, with direction -1) reads until it has passed a line."""
        if direction > 0:
            return sum(self.reader.end_of(one) for one in range(part)) + offset
        rest = sum(self.reader.end_of(one) for one in range(part, self.reader.part_count))
        # A packed part is read from its begin, whichever way one looks.
        return rest if self.reader.content(part).is_packed else rest - offset

    def find_level(self, part: int, offset: int, least: Severity, direction: int, progress: Progress) -> LogLine | None:
        """The next record behind a line (before it, with direction -1) of at least a level."""

        def choose(scanner: Scanner, batch: Batch) -> list[int]:
            del scanner
            return np.flatnonzero(batch.severity >= least).tolist()

        return self._find_record(part, offset, choose, direction, progress)

    def find_kind(
        self, part: int, offset: int, wanted: WantedKinds, direction: int, progress: Progress
    ) -> LogLine | None:
        """The next record behind a line (before it, with direction -1) that belongs to some kinds."""

        def choose(scanner: Scanner, batch: Batch) -> list[int]:
            return wanted.rows(batch, scanner.signatures)

        if not wanted:
            return None
        return self._find_record(part, offset, choose, direction, progress, wanted.examined)

    def kind_of(self, part: int, offset: int, wanted: WantedKinds) -> GroupSummary | None:
        """The kind of the record that begins with a line; None where it is none of these."""
        try:
            data = self.reader.content(part).read(offset, _RECORD)
        except SourceError:
            return None
        scanner = Scanner(self.layout, self.service, offset=offset, part=part, examine=wanted.examined is not None)
        for batch in (scanner.feed(data), scanner.flush()):
            if len(batch.offset) and len(batch.notable) and batch.notable[0] == 0:
                return wanted.find(int(batch.severity[0]), scanner.signatures[int(batch.signature[0])])
            if len(batch.offset):
                return None
        return None

    def _find_record(
        self,
        part: int,
        offset: int,
        choose: Callable[[Scanner, Batch], list[int]],
        direction: int,
        progress: Progress,
        examined: tuple[int, int] | None = None,
    ) -> LogLine | None:
        """The next record that is chosen.

        Args:
            part: Of the line from which on it is looked for.
            offset: Of that line.
            choose: Rows of a batch, ascending.
            direction: 1 or -1.
            progress: Told the bytes that were looked at; False ends the search.
            examined: The first and the last moment between which records of every level are looked at.
        """
        done = 0
        for at, begin, data in self._slices(part, offset, direction):
            if not progress(done):
                return None
            done += len(data)
            examine = examined is not None and self._may_hold(at, begin, begin + len(data), examined)
            scanner = Scanner(self.layout, self.service, offset=begin, part=at, examine=examine)
            places = [
                place
                for batch in (scanner.feed(data), scanner.flush())
                for place in batch.offset[choose(scanner, batch)].tolist()
                if at != part or (place > offset if direction > 0 else place < offset)
            ]
            if places:
                return self.line_at(at, places[0] if direction > 0 else places[-1])
        return None

    def _may_hold(self, part: int, begin: int, end: int, span: tuple[int, int]) -> bool:
        """Whether records of a span of time may stand between two bytes."""
        first, behind = self._first_time(part, begin), self._first_time(part, end)
        return (first is None or first <= span[1]) and (behind is None or behind >= span[0])

    def matching(self, part: int, offset: int, text: str, before: int, after: int, progress: Progress) -> list[LogLine]:
        """Lines around a place that hold a text; with a leading `!` those that do not."""
        wanted = not text.startswith("!")
        needle = text.removeprefix("!").lower().encode("utf-8", "surrogateescape")
        older = self._collect(part, offset, needle, wanted, -1, before, progress)
        newer = self._collect(part, offset, needle, wanted, 1, after, progress)
        return [*reversed(older), *newer]

    def _collect(
        self, part: int, offset: int, needle: bytes, wanted: bool, direction: int, most: int, progress: Progress
    ) -> list[LogLine]:
        found: list[LogLine] = []
        done = 0
        mark = b"" if self.layout.roll is None else ROW_END[:1]
        for at, begin, data in self._slices(part, offset, direction):
            done += len(data)
            if wanted and needle not in data.lower():
                if not progress(done):
                    break
                continue
            lines: list[tuple[int, Line]] = []
            # Rows before it that are of the same line as the next.
            rows = 0
            position, first = begin, self.reader.line_at(at, begin)
            raws = data.split(b"\n")
            for count, raw in enumerate(raws):
                is_here = direction > 0 or at != part or position < offset
                if raw and is_here and ((needle in raw.lower()) is wanted):
                    number = None if first is None else first + count - rows
                    lines.append((count, Line(at, position, number, raw[:65_536].removesuffix(mark), len(raw))))
                rows += bool(mark) and raw.endswith(mark)
                position += len(raw) + 1
            left = most - len(found)
            read = self._read_apart(lines[:left] if direction > 0 else lines[-left:], raws)
            found += read if direction > 0 else reversed(read)
            if len(found) >= most or not progress(done):
                break
        return found[:most]

    def _read_apart(self, lines: Sequence[tuple[int, Line]], raws: Sequence[bytes]) -> list[LogLine]:
        """Lines that do not stand together: one inside a record has the time and level of its own head.

        Args:
            lines: Their numbers among all lines, and themselves.
            raws: All lines.
        """
        told: list[Line] = []
        heads: set[int] = set()
        for number, line in lines:
            at = self._head_of(number, raws)
            offset = line.offset - sum(len(raw) + 1 for raw in raws[at:number])
            if at < number and offset not in heads:
                told.append(Line(line.part, offset, None, raws[at][:65_536], len(raws[at])))
            heads.add(offset)
            told.append(line)
        shown = {line.offset for _, line in lines}
        return [one for one in self._read(told) if one.offset in shown]

    def _head_of(self, number: int, raws: Sequence[bytes]) -> int:
        """The line that begins the record of a line: with a time, if one near has it; the line itself without any.

        By itself a trace's first line looks like a head as well.
        """
        nearest = None
        for at in range(number, max(-1, number - _MOST_CONTINUATIONS), -1):
            head = self.layout.parse(raws[at].removesuffix(b"\r"), self.layout.new_state())
            if head is not None and head.time is not None:
                return at
            nearest = at if nearest is None and head is not None else nearest
        return number if nearest is None else nearest

    def _slices(self, part: int, offset: int, direction: int) -> Iterator[tuple[int, int, bytes]]:
        """Whole lines of about 1 MiB at a time, from the line that holds a byte to the end, or back to the begin.

        Yields:
            Part, offset of the first line, bytes.
        """
        parts = range(part, self.reader.part_count) if direction > 0 else range(part, -1, -1)
        for at in parts:
            try:
                content = self.reader.content(at)
            except SourceError:
                continue
            here = self.reader.read(at, offset, 0, 1).lines if at == part else ()
            if direction > 0:
                begin = here[0].offset if here else 0
                while data := content.read(begin, _SLICE):
                    cut = data.rfind(b"\n") + 1 if len(data) == _SLICE else len(data)
                    yield at, begin, data[: cut or len(data)]
                    begin += cut or len(data)
                continue
            end = here[0].offset if here else self.reader.end_of(at)
            while end > 0:
                low = max(0, end - _SLICE)
                data = content.read(low, end - low)
                cut = data.find(b"\n") + 1 if low else 0
                begin = low + cut if cut < len(data) else low
                yield at, begin, data[begin - low :]
                end = begin

    def line_at(self, part: int, offset: int) -> LogLine | None:
        """The line that holds a byte; None where it is gone."""
        return next(iter(self.around(part, offset, 0, 1)), None)

    def place_at(self, time: int, part: int, low: int) -> tuple[int, int]:
        """The first record of a part at or behind a time, by halving; low is an offset before it.

        Returns:
            Part and offset; the part's last line where all are older.
        """
        high = self.reader.end_of(part)
        for _ in range(_MOST_PROBES):
            if high - low < 4096:
                break
            middle = (low + high) // 2
            probe = self._first_time(part, middle)
            if probe is None or probe >= time:
                high = middle
            else:
                low = middle
        # Where nearly all lines are records the first few decide; behind long traces it takes more.
        for count in (_FEW_LINES, _MANY_LINES):
            for line in self._read(self.reader.read(part, low, 0, count).lines):
                if line.part != part or (line.time is not None and line.time >= time):
                    return line.part, line.offset
        last = self._last_of(part)
        return (part, low) if last is None else (last.part, last.offset)

    def last_line(self) -> LogLine | None:
        """The newest line; None where it is gone."""
        return self._last_of(self.reader.part_count - 1)

    def _last_of(self, part: int) -> LogLine | None:
        return self.line_at(part, max(0, self.reader.end_of(part) - 1))

    def _first_time(self, part: int, offset: int) -> int | None:
        # Mostly one of the first lines has one: a search by halving looks at many places, and long traces are few.
        for count in (_NEAR_LINES, _HEAD_WITHIN):
            lines = self._read(self.reader.read(part, offset, 0, count).lines)
            found = next((line.time for line in lines if line.time is not None), None)
            if found is not None:
                return found
        return None


def _write_value(value: object) -> str:
    """As the log has it: numbers are read as fractions, and whole ones are written without one."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def merge_around(logs: Sequence[tuple[OpenLog, tuple[int, int]]], time: int, before: int, after: int) -> list[LogLine]:
    """Lines of several logs in order of time, around one moment.

    Args:
        logs: Each with the place of its first record at or behind the time.
        time: Microseconds UTC.
        before: Lines before the moment, at most.
        after: Lines from it on, at most.
    """
    columns: list[list[tuple[int, int, int, LogLine]]] = []
    earliest, latest = [], []
    for index, (log, (part, offset)) in enumerate(logs):
        lines = log.around(part, offset, before, after)
        clock = None
        column = []
        for number, line in enumerate(lines):
            # What has no time stays behind the line that it follows; disorder inside a file stays as it is.
            moment = line.time if line.time is not None else clock
            clock = moment if clock is None or (moment is not None and moment > clock) else clock
            if clock is not None:
                column.append((clock, index, number, line))
        if column:
            columns.append(column)
            # The place is the last line where all are older than the moment.
            older = next((n for n, line in enumerate(lines) if _is_from(line, (part, offset), time)), len(lines))
            if older >= before:
                earliest.append(column[0][0])
            if len(lines) - older >= after:
                latest.append(column[-1][0])
    first = max(earliest, default=None)
    last = min(latest, default=None)
    merged = [
        entry
        for entry in heapq.merge(*columns)
        if (first is None or entry[0] >= first) and (last is None or entry[0] <= last)
    ]
    at = next((n for n, entry in enumerate(merged) if entry[0] >= time), len(merged))
    return [entry[3] for entry in merged[max(0, at - before) : at + after]]


def _is_from(line: LogLine, place: tuple[int, int], time: int) -> bool:
    return (line.part, line.offset) >= place and (line.time is None or line.time >= time)
