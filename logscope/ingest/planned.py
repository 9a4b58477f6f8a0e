"""Reads the heads of many lines at once where a layout's plan knows fixed places of stamp and level.

Plan: every line is checked against the learned places with a few vector operations. A line that fits has its time and
level read by vector operations too. Nothing is guessed: a plan is used only when fitting is proof of a head, and what
could make the parser see more than the places (a key that occurs twice, say) sends the line to the parser.
"""

from typing import Final, NamedTuple

import numpy as np

from logscope.ingest.batch import Int64, UInt8
from logscope.ingest.columns import REACH, Block, Flags, count_in_lines, keep, mask_of, word_of
from logscope.ingest.fixed import FixedColumns, Shape, Span
from logscope.ingest.formats.form import TextForm
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.logfmt import LogfmtForm
from logscope.ingest.layouts.layout import FastPlan, Layout
from logscope.ingest.timestamps.numbers import LATEST, scale_epoch
from logscope.ingest.timestamps.timestamp import ParseState
from logscope.model.times import NO_TIME, US

_LONGEST_WORD: Final = 16
_MOST_MINUTES: Final = 10_000
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


class PlannedHeads(NamedTuple):
    """What the lines that fit say; arrays with one entry for each of `rows`."""

    rows: Int64
    time: Int64
    severity: UInt8


class PlannedReader:
    """Reads one stream's lines by its layout's plan."""

    def __init__(self, layout: Layout, plan: FastPlan, level_column: int, state: ParseState) -> None:
        """Args are kept; `find_proof` gives plan and column."""
        self._layout = layout
        self._state = state
        self._plan = plan
        self._level_column = level_column
        self._shape = Shape(plan.shape)
        self._words = [(word, int(severity)) for word, severity in plan.level_words if len(word) <= _LONGEST_WORD]
        self._reach = max(len(plan.shape), level_column) + _LONGEST_WORD + 2 * REACH
        spans = (plan.minute, plan.fraction, plan.zone, None if plan.second is None else (plan.second, plan.second + 2))
        self._stamp_end = max(span[1] for span in spans if span is not None)
        behind = plan.shape[self._stamp_end : self._stamp_end + 1]
        self._is_end_sure = behind not in (b"", b"0", b"?")
        """The shape tells that no digit stands behind the stamp."""
        self._zones = dict(plan.zones)
        self._sure: dict[tuple[bytes, int], bool] = {}
        self._minutes: dict[bytes, int] = {}
        self._once = _keys_once(layout)

    def read(self, block: Block, starts: Int64, ends: Int64) -> PlannedHeads | None:
        """Heads of the lines that surely are what they look like; None when there are none."""
        plan = self._plan
        # The last lines of a block may be too near its end for the widest gather: they are parsed.
        good = (ends - starts >= len(plan.shape)) & (starts + self._reach <= len(block.data))
        rows = np.flatnonzero(good)
        at, stop = keep(good, starts, ends)
        columns = FixedColumns(block, at)
        good = self._shape.matches(columns)
        if not self._is_end_sure:
            behind = columns.cut(self._stamp_end, 1) & np.uint64(0xFF)
            good &= (behind < 48) | (behind > 57)
        columns = columns.keep(good)
        rows, stop = keep(good, rows, stop)
        if not len(rows):
            return None
        severity = self._read_levels(columns, stop - columns.at)
        good = severity > 0
        if self._once:
            good &= self._occur_once(block, starts, ends, int(np.count_nonzero(good)))[rows]
        seconds: Int64 | None = None
        if plan.second is not None:
            seconds = columns.read_number((plan.second, plan.second + 2))
            good &= seconds < 60
            seconds *= US
        if not good.all():
            columns, rows, severity = columns.keep(good), rows[good], severity[good]
            seconds = None if seconds is None else seconds[good]
            if not len(rows):
                return None
        time = self._read_minutes(columns)
        # Beyond, and before 1970, the parsers of some formats see "not set".
        good = (time > 0) & (time < LATEST)
        if seconds is not None:
            time += seconds
        if plan.fraction is not None:
            first, last = plan.fraction
            last = min(last, first + 6)
            time += columns.read_number((first, last)) * 10 ** (6 - (last - first))
        if not good.all():
            rows, time, severity = rows[good], time[good], severity[good]
        return PlannedHeads(rows, time, severity) if len(rows) else None

    def _read_levels(self, columns: FixedColumns, sizes: Int64) -> UInt8:
        """Severity of the lines whose level surely is what it looks like, 0 elsewhere.

        Args:
            columns: Of the lines.
            sizes: Bytes of the lines.
        """
        column = self._level_column
        severity = np.zeros(len(sizes), np.uint8)
        first = columns.cut(column, REACH)
        left: Int64 | None = None
        counts: dict[bytes, int] = {}
        for word, value in self._words:
            found = (first & mask_of(word[:REACH])) == word_of(word[:REACH])
            if len(word) > REACH:
                second = columns.cut(column + REACH, REACH)
                second = second if left is None else second[left]
                found &= (second & mask_of(word[REACH:])) == word_of(word[REACH:])
            places = np.flatnonzero(found) if left is None else left[found]
            if not len(places):
                continue
            counts[word] = len(places)
            self._set_level(columns, places[sizes[places] >= column + len(word)], word, value, severity)
            # Mostly the first word is that of nearly all lines.
            left = np.flatnonzero(~found) if left is None else left[~found]
            if not len(left):
                break
            first = first[~found]
        self._words.sort(key=lambda one: -counts.get(one[0], 0))
        return severity

    def _set_level(self, columns: FixedColumns, places: Int64, word: bytes, value: int, severity: UInt8) -> None:
        """Give lines in which a level's word stands their severity, where what follows it allows that."""
        follows = columns.block.bytes[columns.at[places] + (self._level_column + len(word))]
        sure = np.zeros(256, np.bool_)
        seen = np.flatnonzero(np.bincount(follows, minlength=256)).tolist()
        for follow in seen:
            known = self._sure.get((word, follow))
            if known is None:
                line = int(columns.at[places[int(np.argmax(follows == follow))]])
                known = self._sure[word, follow] = self._is_sure(columns.block.data, line, word, value, follow)
            sure[follow] = known
        severity[places if sure[seen].all() else places[sure[follows]]] = value

    def _is_sure(self, data: bytes, base: int, word: bytes, value: int, follow: int) -> bool:
        """Whether the parser sees the same head whatever comes behind this level and the byte that follows it."""
        line = data[base : base + self._level_column + len(word)]
        if follow not in b"\r\n":
            line += bytes([follow])
        heads = [self._layout.parse(line + tail, self._layout.new_state()) for tail in _TAILS]
        return all(
            head is not None and head.severity == value and heads[0] is not None and head.time == heads[0].time
            for head in heads
        )

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
            # Few texts begin with a quote and the same two letters, and counting three bytes takes little time.
            if block.count_text(key[:3]) != count:
                good &= count_in_lines(block.find_text(key), starts, ends) == 1
        if block.data.find(b"\\", block.begin, block.end) >= 0:
            good &= count_in_lines(block.find_text(b"\\u00"), starts, ends) == 0
        return good

    def _read_minutes(self, columns: FixedColumns) -> Int64:
        """Microseconds of each line's minute, its zone applied; one look-up for each run of equal ones."""
        plan, data, at = self._plan, columns.block.data, columns.at
        if plan.kind == "epoch":
            return columns.read_number(plan.minute) * _EPOCH_DIGITS[plan.minute[1] - plan.minute[0]]
        end = plan.minute[1] if plan.zone is None else max(plan.minute[1], plan.zone[1])

        def find(row: int) -> int:
            base = int(at[row])
            text = data[base + plan.minute[0] : base + end]
            minute = self._minutes.get(text)
            if minute is None:
                minute = self._read_minute(data, base, plan.zone)
                if len(self._minutes) > _MOST_MINUTES:
                    self._minutes.clear()
                self._minutes[text] = minute
            return minute

        return columns.map_runs((plan.minute, plan.zone), find)

    def _read_minute(self, data: bytes, base: int, zone: Span | None) -> int:
        minute = self._layout.read_minute(data[base + self._plan.minute[0] : base + self._plan.minute[1]], self._state)
        if minute == NO_TIME or zone is None:
            return minute
        east = self._zones.get(data[base + zone[0] : base + zone[1]])
        return NO_TIME if east is None else minute - east


def find_proof(layout: Layout) -> tuple[FastPlan, int] | None:
    """The plan, and its level's column, where a line that fits needs no parser; None: its head may say more."""
    plan = layout.fast
    if plan is None or plan.level_column is None or plan.anchor or plan.missing or layout.encoding != "utf-8":
        return None
    if layout.two_lines:
        return None
    if plan.kind == "epoch":
        digits = plan.minute[1] - plan.minute[0]
        if digits not in _EPOCH_DIGITS or (plan.fraction is not None and digits != 10):
            return None
        if scale_epoch(10 ** (digits - 1)) is None:
            return None
    return (plan, plan.level_column) if _says_no_more(layout, plan) else None


def _says_no_more(layout: Layout, plan: FastPlan) -> bool:
    """Whether heads say nothing beyond time and level."""
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
