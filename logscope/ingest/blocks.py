"""Reads the heads of a whole block of lines at once where the layout knows fixed places; line by line where not.

Plan: every line is checked against the learned places with a few vector operations. A line that fits has its time and
level read by vector operations too; each line that does not is parsed by the layout, in stream order. Nothing is
guessed: a plan is used only when fitting is proof of a head, and what could make the parser see more than the places
(a key that occurs twice, say) sends the line to the parser. Cost: about 0.2 us for a line that fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.ingest.access import AccessHeads, AccessReader, is_access
from logscope.ingest.batch import Int64, UInt8
from logscope.ingest.columns import REACH, Block, Flags, Shape, keep, mask_of, word_of
from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.formats.form import Head, TextForm
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.logfmt import LogfmtForm
from logscope.ingest.known import KnownLines
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.objects import ObjectReader, is_object_log
from logscope.ingest.patterns.reader import PatternReader
from logscope.ingest.timestamps.timestamp import Missing, ParseState, scale_epoch
from logscope.model.times import MINUTE_US, NO_TIME, US

LONGEST_LINE: Final = 65_536
"""Bytes kept of a line; the rest is counted and passed over."""

_WORTH_A_LOOK: Final = 64
"""Lines that do not fit from which on they are looked up together."""
_WORTH_COMPILING: Final = 2000
"""Lines from which on the regexes of their forms are made ready for many lines at once."""
_MOST_KNOWN: Final = 1 << 20
"""Bytes of lines of traces after which it is forgotten which of them are no heads."""
_LONGEST_WORD: Final = 16
_TAILS: Final = (
    b"",
    b" ",
    b"9",
    b"x x",
    b": x",
    b"[x] x",
    b"(x) x",
    b'"x" x',
    b"| x",
    b"- x",
    b"\x80",
    b" ERROR x",
    b"=x",
)
"""What may stand behind a level: tried on the parser, once for each level and next byte."""

_EPOCH_DIGITS: Final = {10: US, 13: 1000, 16: 1}
"""Digits of a number since 1970 whose unit is told by them, and its microseconds."""


_LATEST: Final = 4_102_444_800 * US
"""The year 2100: beyond it, and before 1970, the parsers of some formats see "not set"."""


@dataclass(slots=True)
class Heads:
    """What the lines of a block begin; one entry a line."""

    is_head: Flags
    time: Int64
    severity: UInt8
    parsed: dict[int, Head]
    """Heads of lines that were parsed: they may say more."""
    access: AccessHeads | None = None
    """What lines of an access log say that were read by vector operations."""
    known: KnownLines | None = None
    """What lines say that were read by patterns."""


class BlockReader:
    """Reads blocks of one stream, in stream order."""

    def __init__(self, layout: Layout, state: ParseState, *, with_messages: bool = False) -> None:
        """Args are kept.

        Args:
            layout: How the stream is written.
            state: What its lines leave behind.
            with_messages: Say where the messages stand, too, which patterns tell and fixed places do not.
        """
        self._layout = layout
        self._state = state
        is_open = with_messages and isinstance(layout.forms[0], TextForm)
        self._plan = layout.fast if _is_proof(layout) and not is_open else None
        self._once = _keys_once(layout)
        self._firsts = layout.find_first_bytes()
        self._sure_firsts = layout.find_sure_first_bytes() if self._firsts is not None else None
        self._minutes: dict[bytes, int] = {}
        self._rare: dict[bytes, bool] = {}
        self._rare_size = 0
        self._patterns: PatternReader | None = None
        self._asked = 0
        """Lines so far that the patterns are for."""
        self._objects = ObjectReader(layout) if is_object_log(layout) else None
        self._in_turn = any(form.missing or isinstance(form, EnvelopeForm) for form in layout.forms)
        self._access = AccessReader(layout, state) if is_access(layout) else None
        if self._plan is not None:
            self._shape = Shape(self._plan.shape)
            self._words = [
                (word, int(severity)) for word, severity in self._plan.level_words if len(word) <= _LONGEST_WORD
            ]  # fmt: skip
            self._zones = dict(self._plan.zones)
            self._sure: dict[tuple[bytes, int], bool] = {}

    def read(self, block: Block, starts: Int64, ends: Int64) -> Heads:
        """Heads of the lines from `starts` to `ends` (without newline and carriage return)."""
        count = len(starts)
        heads = Heads(np.zeros(count, np.bool_), np.full(count, NO_TIME), np.zeros(count, np.uint8), {})
        fits = (
            self._fit(block, starts, ends, heads)
            if self._access is None
            else self._fit_access(block, starts, ends, heads)
        )
        rest = self._find_rest(block, starts, ends, fits)
        if self._objects is not None and len(rest) >= _WORTH_A_LOOK:
            found = self._objects.read(block, starts[rest], ends[rest])
            if found is not None:
                rows = rest[found.rows]
                heads.is_head[rows] = True
                heads.time[rows] = found.time
                heads.severity[rows] = found.severity
                rest = np.setdiff1d(rest, rows, assume_unique=True)
        known = self._remember(block, starts, ends, rest, heads)
        if known is None or not self._in_turn:
            slow = rest if known is None else np.setdiff1d(rest, known.rows, assume_unique=True)
            self._parse_lines(block.data, starts, ends, slow, heads)
        else:
            self._take_turns(block.data, starts, ends, rest, known, heads)
        return heads

    def _fit_access(self, block: Block, starts: Int64, ends: Int64, heads: Heads) -> Flags:
        """Read access lines into `heads`; gives the lines that fit."""
        assert self._access is not None, "asked only for access logs"
        fits = np.zeros(len(starts), np.bool_)
        found = heads.access = self._access.read(block, starts, ends)
        if found is not None:
            fits[found.rows] = True
            heads.is_head[found.rows] = True
            heads.time[found.rows] = found.time
            heads.severity[found.rows] = found.severity
        return fits

    def _fit(self, block: Block, starts: Int64, ends: Int64, heads: Heads) -> Flags:
        """Read what fits into `heads`; gives the lines that did."""
        plan = self._plan
        none = np.zeros(len(starts), np.bool_)
        if plan is None or plan.level_column is None:
            return none
        reach = max(len(plan.shape), plan.level_column) + _LONGEST_WORD + REACH
        # The last lines of a block may be too near its end for the widest gather: they are parsed.
        rows = np.flatnonzero((ends - starts >= len(plan.shape)) & (starts + reach <= len(block.data)))
        base = starts[rows]
        good = self._shape.matches(block, base)
        stamp_end = _stamp_end(plan.minute, plan.second, plan.fraction, plan.zone)
        behind = block.bytes[base + stamp_end]
        good &= (behind < 48) | (behind > 57)
        rows, base = keep(good, rows, base)
        if not len(rows):
            return none
        severity = self._read_levels(block, base, ends[rows])
        good = severity > 0
        if self._once:
            good &= self._occur_once(block, starts, ends, int(np.count_nonzero(good)))[rows]
        seconds: Int64 = np.zeros(len(rows), np.int64)
        if plan.second is not None:
            seconds = block.read_number(base, (plan.second, plan.second + 2))
            good &= seconds < 60
            seconds *= US
        if plan.fraction is not None:
            first, last = plan.fraction
            last = min(last, first + 6)
            seconds += block.read_number(base, (first, last)) * 10 ** (6 - (last - first))
        rows, base, seconds = keep(good, rows, base, seconds)
        severity = severity if len(severity) == len(rows) else severity[good]
        if not len(rows):
            return none
        if plan.kind == "epoch":
            minutes = block.read_number(base, plan.minute) * _EPOCH_DIGITS[plan.minute[1] - plan.minute[0]]
        else:
            minutes = self._read_minutes(block, base)
        good = (minutes > 0) & (minutes < _LATEST)
        if not good.all():
            rows, minutes, seconds, severity = rows[good], minutes[good], seconds[good], severity[good]
        heads.is_head[rows] = True
        heads.time[rows] = minutes + seconds
        heads.severity[rows] = severity
        fits = none
        fits[rows] = True
        return fits

    def _read_levels(self, block: Block, base: Int64, ends: Int64) -> UInt8:
        """Severity of the lines whose level surely is what it looks like, 0 elsewhere."""
        assert self._plan is not None, "asked for lines that fit"
        assert self._plan.level_column is not None, "a plan that proves has a level"
        severity = np.zeros(len(base), np.uint8)
        at = base + self._plan.level_column
        first = block.words[at]
        second = block.words[at + REACH] if max((len(word) for word, _ in self._words), default=0) >= REACH else None
        left = len(base)
        for word, value in self._words:
            found = (first & mask_of(word[:REACH])) == word_of(word[:REACH])
            if len(word) > REACH and second is not None:
                found &= (second & mask_of(word[REACH:])) == word_of(word[REACH:])
            places = np.flatnonzero(found)
            if not len(places):
                continue
            places = places[at[places] + len(word) <= ends[places]]
            follows = block.bytes[at[places] + len(word)]
            for follow in np.flatnonzero(np.bincount(follows, minlength=256)).tolist():
                chosen = places[follows == follow]
                if self._is_sure(block.data, int(base[chosen[0]]), word, value, follow):
                    severity[chosen] = value
            left -= len(places)
            if not left:
                break
        return severity

    def _occur_once(self, block: Block, starts: Int64, ends: Int64, count: int) -> Flags:
        """Whether the keys that must not occur twice in a line do not, and none is hidden by escapes.

        Args:
            block: Holds the lines.
            starts: Where they begin.
            ends: The ones behind their ends.
            count: How many of them are known to hold each key at least once.
        """
        good = np.ones(len(starts), np.bool_)
        for key in self._once:
            # Counting takes a quarter of the time that finding the places takes.
            if block.data.count(key, block.begin, block.end) != count:
                found = block.find_text(key)
                good &= np.searchsorted(found, ends) - np.searchsorted(found, starts) == 1
        if block.data.find(b"\\", block.begin, block.end) >= 0:
            found = block.find_text(b"\\u00")
            good &= np.searchsorted(found, ends) == np.searchsorted(found, starts)
        return good

    def _is_sure(self, data: bytes, base: int, word: bytes, value: int, follow: int) -> bool:
        """Whether the parser sees the same head whatever comes behind this level and the byte that follows it."""
        assert self._plan is not None, "asked for lines that fit"
        assert self._plan.level_column is not None, "a plan that proves has a level"
        sure = self._sure.get((word, follow))
        if sure is None:
            line = data[base : base + self._plan.level_column + len(word)]
            if follow not in b"\r\n":
                line += bytes([follow])
            heads = [self._layout.parse(line + tail, self._layout.new_state()) for tail in _TAILS]
            sure = self._sure[word, follow] = all(
                head is not None and head.severity == value and heads[0] is not None and head.time == heads[0].time
                for head in heads
            )
        return sure

    def _read_minutes(self, block: Block, base: Int64) -> Int64:
        """Microseconds of each line's minute, its zone applied; one look-up for each run of equal ones."""
        plan = self._plan
        assert plan is not None, "asked for lines that fit"
        changed = np.zeros(len(base), np.bool_)
        changed[0] = True
        for span in (plan.minute, plan.zone):
            for word in () if span is None else block.read_words(base, span):
                changed[1:] |= word[1:] != word[:-1]
        runs = np.flatnonzero(changed)
        found = np.empty(len(runs), np.int64)
        data = block.data
        for index, at in enumerate(base[runs].tolist()):
            end = at + plan.minute[1] if plan.zone is None else at + max(plan.minute[1], plan.zone[1])
            text = data[at + plan.minute[0] : end]
            minute = self._minutes.get(text)
            if minute is None:
                minute = self._layout.read_minute(data[at + plan.minute[0] : at + plan.minute[1]], self._state)
                if minute != NO_TIME and plan.zone is not None:
                    east = self._zones.get(data[at + plan.zone[0] : at + plan.zone[1]])
                    minute = NO_TIME if east is None else minute - east
                if len(self._minutes) > 10_000:
                    self._minutes.clear()
                self._minutes[text] = minute
            found[index] = minute
        return np.repeat(found, np.diff(np.append(runs, len(base))))

    def _find_rest(self, block: Block, starts: Int64, ends: Int64, fits: Flags) -> Int64:
        """The lines that do not fit, but for those that begin as no head does."""
        rest = np.flatnonzero(~fits)
        if self._firsts is not None and len(rest) and block.data.find(b"\x1b", block.begin, block.end) < 0:
            rest = rest[self._firsts[block.bytes[starts[rest]]]]
            if self._sure_firsts is not None and len(rest):
                # `Caused by: ...` begins with a letter as months do.
                is_sure = self._sure_firsts[block.bytes[starts[rest]]]
                doubtful = np.flatnonzero(~is_sure)
                begins = starts[rest[doubtful]]
                limits = np.minimum(ends[rest[doubtful]], begins + LONGEST_LINE)
                lines = [block.data[begin:end] for begin, end in zip(begins.tolist(), limits.tolist(), strict=True)]
                is_sure[doubtful] = self._are_rare(lines)
                rest = rest[is_sure]
        return rest

    def _are_rare(self, lines: Sequence[bytes]) -> list[bool]:
        """Whether each may be a head of a rare line; those of the same traces come again and again."""
        known = self._rare
        self._rare_size += sum(map(len, lines))
        if self._rare_size > _MOST_KNOWN:
            known.clear()
            self._rare_size = 0
        for line in set(lines) - known.keys():
            known[line] = self._layout.may_be_rare(line)
        return [known[line] for line in lines]

    def _remember(self, block: Block, starts: Int64, ends: Int64, rest: Int64, heads: Heads) -> KnownLines | None:
        """Read what is known of these lines into `heads`; None where nothing is."""
        limits = np.minimum(ends[rest], starts[rest] + LONGEST_LINE)
        known = self._read_patterns(block, starts, limits, rest)
        if known is None:
            return None
        heads.known = known
        heads.is_head[known.rows] = known.is_head
        heads.time[known.rows] = known.time
        heads.severity[known.rows] = known.severity
        return known

    def _read_patterns(self, block: Block, starts: Int64, limits: Int64, rest: Int64) -> KnownLines | None:
        self._asked += len(rest)
        if self._patterns is None and self._asked >= _WORTH_COMPILING:
            self._patterns = PatternReader(self._layout)
        if self._patterns is None or not self._patterns.is_able or len(rest) < _WORTH_A_LOOK:
            return None
        return self._patterns.read(block, starts, limits, rest)

    def _take_turns(
        self, data: bytes, starts: Int64, ends: Int64, rest: Int64, known: KnownLines, heads: Heads
    ) -> None:  # fmt: skip
        """Parse the lines that are not known, and place the times of those that are, each in its turn."""
        state = self._state
        slow = np.setdiff1d(rest, known.rows, assume_unique=True)
        done, last = 0, -1
        while True:
            # A cut line goes on in the next one, whatever that looks like; so does a trace.
            lines = rest if state.partial or state.in_trace else slow
            at = int(np.searchsorted(lines, last, "right"))
            row = int(lines[at]) if at < len(lines) else len(starts)
            stop = int(np.searchsorted(known.rows, row))
            self._place_known(known, slice(done, stop), heads)
            if row == len(starts):
                return
            done = stop + (stop < len(known.rows) and int(known.rows[stop]) == row)
            heads.is_head[row] = False
            self._parse_lines(data, starts, ends, np.array([row]), heads)
            last = row

    def _place_known(self, known: KnownLines, span: slice, heads: Heads) -> None:
        """Give known lines their year or day, and leave the state as reading them does."""
        rows, missing, left = known.rows[span], known.missing[span], known.after_error[span]
        if not len(rows):
            return
        told = np.flatnonzero(left >= 0)
        if len(told):
            self._state.after_error = bool(left[told[-1]])
        told = np.flatnonzero(known.stream[span] >= 0)
        if len(told):
            self._state.stream = known.streams[int(known.stream[span][told[-1]])]
        lacking = np.flatnonzero((missing > 0) & (heads.time[rows] != NO_TIME))
        if not len(lacking):
            return
        rows, missing = rows[lacking], missing[lacking]
        times = heads.time[rows]
        minutes = times // MINUTE_US
        changed = np.flatnonzero(
            np.concatenate([[True], (minutes[1:] != minutes[:-1]) | (missing[1:] != missing[:-1])])
        )  # fmt: skip
        placed = [
            self._state.place(minute * MINUTE_US, Missing(what)) - minute * MINUTE_US
            for minute, what in zip(minutes[changed].tolist(), missing[changed].tolist(), strict=True)
        ]
        shift = np.repeat(placed, np.diff(np.append(changed, len(rows))))
        # What uptimes count from may not be known.
        heads.time[rows] = np.where(shift < NO_TIME // 2, NO_TIME, times + shift)

    def _parse_lines(self, data: bytes, starts: Int64, ends: Int64, rows: Int64, heads: Heads) -> None:
        parse, state, parsed = self._layout.parse, self._state, heads.parsed
        limits = np.minimum(ends[rows], starts[rows] + LONGEST_LINE)
        found: list[int] = []
        times: list[int] = []
        severities: list[int] = []
        for row, start, end in zip(rows.tolist(), starts[rows].tolist(), limits.tolist(), strict=True):
            head = parse(data[start:end], state)
            if head is not None:
                parsed[row] = head
                found.append(row)
                times.append(NO_TIME if head.time is None else head.time)
                severities.append(head.severity)
        if found:
            chosen = np.array(found)
            heads.is_head[chosen] = True
            heads.time[chosen] = times
            heads.severity[chosen] = severities


def _stamp_end(
    minute: tuple[int, int], second: int | None, fraction: tuple[int, int] | None, zone: tuple[int, int] | None
) -> int:
    ends = [span[1] for span in (minute, fraction, zone) if span is not None]
    return max(*ends, second + 2) if second is not None else max(ends)


def _is_proof(layout: Layout) -> bool:
    """Whether a line that fits the plan needs no parser: its head says nothing beyond time and level."""
    plan = layout.fast
    if plan is None or plan.level_column is None or plan.anchor or plan.missing or layout.encoding != "utf-8":
        return False
    if layout.two_lines:
        return False
    if plan.kind == "epoch":
        digits = plan.minute[1] - plan.minute[0]
        if digits not in _EPOCH_DIGITS or (plan.fraction is not None and digits != 10):
            return False
        if scale_epoch(10 ** (digits - 1)) is None:
            return False
    form = layout.forms[0]
    if isinstance(form, TextForm):
        return not form.services and not any(
            b"(?P<" + group + b">" in form.pattern for group in (b"status", b"took")
        )  # fmt: skip
    if isinstance(form, JsonForm):
        return form.keys.status is None and not form.keys.service and plan.shape.startswith(b'{"')
    if isinstance(form, LogfmtForm):
        return form.keys.status is None and form.keys.service is None
    return False


def _keys_once(layout: Layout) -> tuple[bytes, ...]:
    """Keys of objects that must occur once in a line: of two the last one counts, wherever it stands."""
    form = layout.forms[0]
    if not isinstance(form, JsonForm):
        return ()
    names = [path[-1] for paths in (form.keys.times[:1], form.keys.levels[:1]) for path in paths]
    return tuple(b'"' + str(name).encode("utf-8", "replace") + b'":' for name in names)
