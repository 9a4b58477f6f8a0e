"""What the heads of many lines of one text form say: the columns that `TextForm.parse` gives line by line.

Receives lines of a block and gives arrays. Where a value needs more than a look-up by few texts, the line is left to
the parser: its end is `MAYBE`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from logscope.ingest.batch import Int64, UInt8
from logscope.ingest.columns import REACH, Block, Flags, Words, count_digits, mask_of
from logscope.ingest.durations import DurationReader
from logscope.ingest.formats.firsts import UnknownError
from logscope.ingest.formats.form import TextForm
from logscope.ingest.patterns.lines import MAYBE, NO
from logscope.ingest.patterns.memory import MatchMemory
from logscope.ingest.patterns.pattern import BlockPattern, Matches
from logscope.ingest.severity import from_http_status
from logscope.ingest.timestamps.timestamp import KIND_BY_NAME, StampReader
from logscope.ingest.timestamps.zones import read_zone
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME, US

_MASKS: Final = np.array([int(mask_of(b"x" * size)) for size in range(REACH + 1)], np.uint64)
_WORTH_HASHING: Final = 64
"""Texts unlike their neighbours from which on it is worth finding the equal ones before they are looked up."""
_SLOT_BITS: Final = 12
_MIXER: Final = np.uint64(0x9E3779B97F4A7C15)
"""Odd, with bits all over: the golden ratio, as in Fibonacci hashing (Knuth, The Art of Computer Programming 6.4)."""
_MOST_TEXTS: Final = 4096
"""Texts of services and zones that are remembered."""
STATUS: Final = np.array(
    [int(from_http_status(code) or Severity.UNKNOWN) for code in range(1000)], np.uint8
)  # fmt: skip


@lru_cache(maxsize=64)
def compile_pattern(pattern: bytes) -> BlockPattern | None:
    """A regex for many lines at once, made once for all files; None where it cannot be."""
    try:
        return BlockPattern(pattern)
    except UnknownError:
        return None


def make_matcher(pattern: bytes) -> MatchMemory | None:
    """Matches a regex for one reader of lines; None where it cannot be matched so."""
    compiled = compile_pattern(pattern)
    return None if compiled is None else MatchMemory(compiled)


@dataclass(slots=True)
class TextHeads:
    """One entry for each line; of lines whose `end` is negative the others say nothing."""

    end: Int64
    """Where the head ends in the block; `NO`: the form does not read the line, `MAYBE`: ask the parser."""
    continues: Flags
    """The line is a head of this form, and by its level no event of its own."""
    time: Int64
    """Year or day not yet found; `NO_TIME` without a stamp."""
    severity: UInt8
    message: Int64
    """Offset in the block."""
    service: Int64
    """Index into the reader's `services`, -1 without one."""
    status: Int64
    duration_us: Int64
    cells: tuple[Int64, Int64, Int64, Int64] | None = None
    """Where method and path of a request begin and end, as `Requests` says; None: nowhere told."""
    message_end: Int64 | None = None
    """Offset in the block; None: messages go on to the lines' ends."""


class TextReader:
    """Reads lines of one form."""

    def __init__(self, form: TextForm) -> None:
        """Keeps the form; `is_able` tells whether it can be read so."""
        self._form = form
        self._matcher = make_matcher(form.pattern)
        self._bare: MatchMemory | None = None
        self._regex = form.regex
        self.is_able = self._matcher is not None
        self.has_bare_requests = not {"method", "route"} & set(self._regex.groupindex)
        """A request is to be looked for in the whole text: no part of the head is named so."""
        self._stamps = StampReader(KIND_BY_NAME[form.stamp]) if form.stamp is not None else None
        self._durations = DurationReader(form)
        self._severities: dict[bytes, int] = {}
        self._services: dict[bytes, int] = {}
        self.services: list[str] = []
        """Names of services so far."""

    def read(self, block: Block, starts: Int64, ends: Int64) -> TextHeads:
        """The heads of lines, as far as they are surely what they look like."""
        if len(self._services) > _MOST_TEXTS:
            self._services.clear()
            self.services = []
        found = self._match(block, starts, ends)
        count = len(starts)
        heads = TextHeads(
            found.end, np.zeros(count, np.bool_), np.full(count, NO_TIME), np.full(count, self._form.default, np.uint8),
            found.end, np.full(count, -1), np.zeros(count, np.int64), np.full(count, -1),
        )  # fmt: skip
        rows = np.flatnonzero(found.end >= 0)
        if not len(rows):
            return heads
        doubtful = np.zeros(count, np.bool_)
        if self._stamps is not None:
            self._read_times(block, found, rows, heads, doubtful)
        if found.has("message"):
            begin, _ = found.span("message")
            heads.message = np.where(begin >= 0, begin, found.end)
        self._read_levels(block, found, rows, heads)
        if found.has("status"):
            self._read_statuses(block, found, rows, heads, doubtful)
        if self._form.took_pattern is None and found.has("took"):
            self._read_durations(block, found, rows, heads, doubtful)
        elif self._form.took_pattern is not None and found.has("status"):
            told = rows[found.span("status")[0][rows] >= 0]
            read = self._durations.read(block, heads.message[told], ends[told])
            if read is not None:
                heads.duration_us[told] = read
        if found.has("partial"):
            doubtful[rows] |= found.span("partial")[0][rows] >= 0
        if found.has("route"):
            nowhere = np.full(count, -1)
            heads.cells = (*(found.span("method") if found.has("method") else (nowhere, nowhere)), *found.span("route"))
        if self._form.services and found.has("service"):
            self._read_services(block, found, rows, heads)
        heads.end = np.where(doubtful, MAYBE, heads.end)
        return heads

    def _match(self, block: Block, starts: Int64, ends: Int64) -> Matches:
        """What the form's regex matches in these lines."""
        assert self._matcher is not None, "asked only where it is able"
        found = self._matcher.match(block, starts, ends)
        regex = self._regex
        for number in regex.barred:
            begin, end = found.span_of(number)
            rows = np.flatnonzero(found.end >= 0)
            found.end[rows[look_up(block, begin[rows], end[rows], regex.is_barred) > 0]] = NO
        if not regex.is_open:
            return found
        begin, end = found.span("level")
        rows = np.flatnonzero((found.end >= 0) & (begin >= 0))
        bracketed = found.span_of(regex.bracketed)[0][rows] >= 0 if regex.bracketed else np.zeros(len(rows), np.bool_)
        is_level = look_up(block, begin[rows], end[rows], lambda word: regex.is_level(word, is_bracketed=False)) > 0
        doubtful = np.flatnonzero(bracketed & ~is_level)
        if len(doubtful):
            some = rows[doubtful]
            is_level[doubtful] = look_up(
                block, begin[some], end[some], lambda word: regex.is_level(word, is_bracketed=True)
            )
        rows = rows[~is_level]
        if len(rows):
            if self._bare is None:
                self._bare = make_matcher(regex.bare)
            assert self._bare is not None, "a part of a pattern that could be made"
            found.put(rows, self._bare.match(block, starts[rows], ends[rows]))
        return found

    def _read_times(self, block: Block, found: Matches, rows: Int64, heads: TextHeads, doubtful: Flags) -> None:
        if not found.has("minute"):
            return
        begin, end = found.span("minute")
        rows = rows[begin[rows] >= 0]
        assert self._stamps is not None, "asked for what is timed"
        extra = tuple(place[rows] for place in found.span("extra")) if found.has("extra") else None
        time = look_up(block, begin[rows], end[rows], self._stamps.read_minute, extra)
        doubtful[rows] |= time == NO_TIME
        if found.has("second"):
            begin, _ = found.span("second")
            has = begin[rows] >= 0
            second = block.read_number(np.where(has, begin[rows], block.begin), (0, 2))
            doubtful[rows] |= has & (second >= 60)
            time = time + np.where(has, second * US, 0)
        if found.has("fraction"):
            begin, end = found.span("fraction")
            width = end[rows] - begin[rows]
            width[begin[rows] < 0] = 0
            for size in np.flatnonzero(np.bincount(width)).tolist():
                if size:
                    chosen = np.flatnonzero(width == size)
                    size = min(size, 6)
                    time[chosen] += block.read_number(begin[rows[chosen]], (0, size)) * 10 ** (6 - size)
        if found.has("zone"):
            begin, end = found.span("zone")
            zoned = np.flatnonzero(begin[rows] >= 0)
            time[zoned] -= look_up(block, begin[rows[zoned]], end[rows[zoned]], read_zone)
        heads.time[rows] = time

    def _read_levels(self, block: Block, found: Matches, rows: Int64, heads: TextHeads) -> None:
        if not found.has("level"):
            return
        begin, end = found.span("level")
        rows = rows[begin[rows] >= 0]
        levels = look_up(block, begin[rows], end[rows], self._read_level)
        heads.continues[rows] = levels < 0
        heads.severity[rows] = np.maximum(levels, 0)

    def _read_level(self, text: bytes) -> int:
        if text in self._form.continuations:
            return -1
        return int(self._form.read_level(text))

    def _read_statuses(self, block: Block, found: Matches, rows: Int64, heads: TextHeads, doubtful: Flags) -> None:
        begin, end = found.span("status")
        rows = rows[begin[rows] >= 0]
        width = end[rows] - begin[rows]
        good = (width <= 3) & (count_digits(block.words[begin[rows]]) >= width)
        doubtful[rows[~good]] = True
        rows, width = rows[good], width[good]
        status = block.read_digits(begin[rows], width)
        heads.status[rows] = status
        severity = np.where(STATUS[status] > 0, STATUS[status], heads.severity[rows])
        if found.has("level"):
            has_level = found.span("level")[0][rows] >= 0
            severity = np.where(has_level, heads.severity[rows], severity)
        heads.severity[rows] = severity

    def _read_durations(self, block: Block, found: Matches, rows: Int64, heads: TextHeads, doubtful: Flags) -> None:
        """Durations of `12`, `0.123` and `-1`; others are for the parser."""
        begin, end = found.span("took")
        rows = rows[begin[rows] >= 0]
        duration, is_known = read_durations(block, begin[rows], end[rows], self._form.took_unit)
        doubtful[rows[~is_known]] = True
        heads.duration_us[rows] = duration

    def _read_services(self, block: Block, found: Matches, rows: Int64, heads: TextHeads) -> None:
        begin, end = found.span("service")
        rows = rows[begin[rows] >= 0]
        heads.service[rows] = look_up(block, begin[rows], end[rows], self._number_service)

    def _number_service(self, text: bytes) -> int:
        number = self._services.get(text)
        if number is None:
            number = self._services[text] = len(self.services)
            self.services.append(text.decode("utf-8", "replace"))
        return number


def read_durations(block: Block, at: Int64, stop: Int64, unit: int) -> tuple[Int64, Flags]:
    """Microseconds of `12`, `0.123` and `-1` units, -1 for what is no duration, and which are surely that."""
    is_negative = (block.bytes[at] == ord("-")) & ((stop == at + 1) | (block.bytes[at + 1] > ord("0")))
    # Within the last bytes of a block no word of full length begins: the parser reads these.
    last = len(block.words) - 1
    is_inside = stop < last
    whole = np.minimum(count_digits(block.words[np.minimum(at, last)]), stop - at)
    point = at + whole
    has_point = (point < stop) & (block.bytes[point] == ord("."))
    parts = np.where(has_point, count_digits(block.words[np.minimum(point + 1, last)]), 0)
    parts = np.minimum(parts, np.maximum(stop - point - 1, 0))
    is_number = (whole > 0) & (whole < REACH) & (parts < REACH) & (point + has_point + parts == stop) & is_inside
    duration: Int64 = np.full(len(at), -1)
    rows = np.flatnonzero(is_number)
    at, whole, point, parts = at[rows], whole[rows], point[rows], parts[rows]
    digits = block.read_digits(at, whole) * 10**parts
    has_parts = np.flatnonzero(parts)
    digits[has_parts] += block.read_digits(point[has_parts] + 1, parts[has_parts])
    # Both are exact, so their quotient is the number that the text itself gives.
    value = digits / 10.0**parts
    duration[rows] = np.where(value < 1e9, (value * unit + 0.5).astype(np.int64), -1)
    return duration, is_number | (is_negative & is_inside)


def look_up(
    block: Block, begin: Int64, end: Int64, read: Callable[[bytes], int], extra: tuple[Int64, ...] | None = None
) -> Int64:  # fmt: skip
    """What a function says of each text; it is asked once for neighbours that are equal, or for few that are not.

    Args:
        block: Holds the texts.
        begin: Where they begin.
        end: The ones behind their ends.
        read: Gives the value of a text.
        extra: Begins and ends of texts that are appended to them with a blank; negative where there is none.
    """
    if not len(begin):
        return np.empty(0, np.int64)
    spans = [(begin, end)]
    if extra is not None and (extra[0] >= 0).any():
        spans.append((extra[0], extra[1]))
    words: list[Words] = []
    for first, last in spans:
        width = last - first
        for column in range(0, int(width.max()), REACH):
            words.append(block.words[first + column] & _MASKS[np.clip(width - column, 0, REACH)])
        words.append(width.astype(np.uint64))
    source = _find_equal(words)
    asked = np.flatnonzero(source == np.arange(len(source)))
    data = block.data
    columns = [place[asked].tolist() for span in spans for place in span]
    known: dict[bytes, int] = {}
    found = np.empty(len(begin), np.int64)
    values: list[int] = []
    for at, stop, *more in zip(*columns, strict=True):
        text = data[at:stop]
        if more and more[0] >= 0:
            text += b" " + data[more[0] : more[1]]
        value = known.get(text)
        if value is None:
            value = known[text] = read(text)
        values.append(value)
    found[asked] = values
    return found if len(asked) == len(begin) else found[source]


def _find_equal(words: Sequence[Words]) -> Int64:
    """For each row one in which all words are the same: of neighbours the first, or itself where none was found.

    Args:
        words: Columns of the rows.
    """
    new = np.zeros(len(words[0]), np.bool_)
    new[0] = True
    for word in words:
        new[1:] |= word[1:] != word[:-1]
    firsts = np.flatnonzero(new)
    source = firsts
    if len(firsts) >= _WORTH_HASHING:
        words = [word[firsts] for word in words] if len(firsts) < len(new) else words
        key = np.zeros(len(firsts), np.uint64)
        for word in words:
            key = (key ^ word) * _MIXER
            key ^= key >> np.uint64(29)
        slot = (key >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)
        # Rows of one slot mostly are equal; the first of them is the one whose text is asked for.
        first_of = np.empty(1 << _SLOT_BITS, np.int64)
        first_of[slot[::-1]] = np.arange(len(slot) - 1, -1, -1)
        one = first_of[slot]
        equal = np.ones(len(one), np.bool_)
        for word in words:
            equal &= word == word[one]
        source = firsts[np.where(equal, one, np.arange(len(one)))]
    return source if len(firsts) == len(new) else np.repeat(source, np.diff(np.append(firsts, len(new))))
