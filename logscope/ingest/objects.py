"""Reads time and level of JSON objects by their keys, wherever these stand in the line, without loading the objects.

Plan: the keys are looked for in the whole block; a line is read here when its time's key and its level's key stand in
it once each, behind one opening brace and no escape, and their values are plain. Every other line is parsed. Where the
object is damaged, the parser looks for the same keys in the same way. Cost: about 0.4 us a line.
"""

from typing import Final, NamedTuple

import numpy as np

from logscope.ingest.batch import Int64, UInt8
from logscope.ingest.columns import REACH, Block, Flags, Shape, count_digits, find_flags, mask_of, match_text, word_of
from logscope.ingest.formats.json import JsonForm, read_time
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing, ParseState, scale_epoch
from logscope.ingest.timestamps.zones import is_zone, read_zone
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME, US

_EPOCH_UNITS: Final = {10: US, 13: 1000, 16: 1}
"""Digits of a number since 1970 whose unit is told by them, and its microseconds."""
_LONGEST_LINE: Final = 65_536
_LONGEST_STAMP: Final = 40
_LONGEST_LEVEL: Final = 16
_REACH: Final = _LONGEST_STAMP + 2 * REACH
_KIND: Final = "iso"
"""Of other kinds it may depend on the digits which one a stamp is."""


class ObjectHeads(NamedTuple):
    """What the lines that fit say; arrays with one entry for each of `rows`."""

    rows: Int64
    time: Int64
    severity: UInt8


class _Stamp(NamedTuple):
    """How all stamps of one length are written."""

    shape: Shape
    minute: tuple[int, int]
    second: int
    fraction: tuple[int, int] | None
    zone: tuple[int, int] | None


class ObjectReader:
    """Reads one stream's objects."""

    def __init__(self, layout: Layout) -> None:
        """Keeps what of the layout is asked for: one whose objects `is_object_log` knows."""
        form = layout.forms[0]
        assert isinstance(form, JsonForm), "only objects are read by keys"
        self._form = form
        self._time = _quote(form.keys.times[0][0])
        self._level = _quote(form.keys.levels[0][0]) if form.keys.levels else b""
        self._levels = {_quote(path[0]) for path in form.keys.levels}
        self._stamps = AnyStamp()
        self._known: dict[int, _Stamp | None] = {}
        self._minutes: dict[tuple[bytes, bytes], int] = {}
        self._severities: dict[tuple[bytes, bool], int] = {}

    def read(self, block: Block, starts: Int64, ends: Int64) -> ObjectHeads | None:
        """Heads of the lines that surely are what they look like; None when there are none."""
        good = (ends - starts > 2) & (ends - starts < _LONGEST_LINE) & (ends + _REACH <= len(block.data))
        safe = np.where(good, starts, block.begin)
        good &= match_text(block, safe, b'{"')
        good &= block.bytes[ends - 1] == ord("}")
        good &= ~_have_byte(block, ord("\\"), starts, ends) & ~_have_byte(block, 27, starts, ends)
        braces, quotes = block.find_byte(ord("{")), block.find_byte(ord('"'))
        time_at, is_timed = self._find_value(block, self._time, starts, ends, braces, quotes)
        rows = np.flatnonzero(good & is_timed)
        time = self._read_times(block, time_at[rows])
        severity = self._read_levels(block, starts, ends, braces, quotes)[rows]
        kept = np.flatnonzero((time != NO_TIME) & (severity != _UNREAD))
        if not len(kept):
            return None
        return ObjectHeads(rows[kept], time[kept], severity[kept])

    def _find_value(
        self, block: Block, key: bytes, starts: Int64, ends: Int64, braces: Int64, quotes: Int64
    ) -> tuple[Int64, Flags]:
        """Where in each line the value of a key begins, and where it surely is that."""
        found = block.find_text(key[: 2 * REACH])
        if len(key) > 2 * REACH:
            found = found[
                match_text(block, np.minimum(found + 2 * REACH, len(block.data) - 2 * REACH), key[2 * REACH :])
            ]
        first, last = np.searchsorted(found, starts), np.searchsorted(found, ends)
        good = last - first == 1
        at = np.where(good, found[np.minimum(first, max(0, len(found) - 1))] if len(found) else starts, starts)
        good &= np.searchsorted(braces, at) - np.searchsorted(braces, starts) == 1
        good &= (np.searchsorted(quotes, at) - np.searchsorted(quotes, starts)) % 2 == 0
        colon = np.minimum(at + len(key), len(block.data) - _REACH)
        good &= block.bytes[colon] == ord(":")
        value = colon + 1 + (block.bytes[colon + 1] == 32)
        return value, good & (value < ends)

    def _read_times(self, block: Block, at: Int64) -> Int64:
        """Microseconds of the values, `NO_TIME` for those that must be parsed."""
        time: Int64 = np.full(len(at), NO_TIME)
        is_text = block.bytes[at] == ord('"')
        rows = np.flatnonzero(is_text)
        if len(rows):
            time[rows] = self._read_stamps(block, at[rows] + 1)
        rows = np.flatnonzero(~is_text)
        if len(rows):
            time[rows] = self._read_numbers(block, at[rows])
        return time

    def _read_stamps(self, block: Block, at: Int64) -> Int64:
        time: Int64 = np.full(len(at), NO_TIME)
        quotes = block.find_byte(ord('"'))
        sizes = quotes[np.minimum(np.searchsorted(quotes, at), len(quotes) - 1)] - at
        for size in np.flatnonzero(np.bincount(np.clip(sizes, 0, _LONGEST_STAMP))).tolist():
            rows = np.flatnonzero(sizes == size)
            if not len(rows) or size >= _LONGEST_STAMP:
                continue
            first = int(at[rows[0]])
            if size not in self._known:
                self._known[size] = self._learn_stamp(block.data[first : first + size])
            stamp = self._known[size]
            if stamp is None:
                continue
            base = at[rows]
            good = stamp.shape.matches(block, base)
            rows, base = rows[good], base[good]
            second = block.read_number(base, (stamp.second, stamp.second + 2))
            micros: Int64 = np.zeros(len(base), np.int64)
            if stamp.fraction is not None:
                begin, end = stamp.fraction
                end = min(end, begin + 6)
                micros = block.read_number(base, (begin, end)) * 10 ** (6 - (end - begin))
            minutes = self._read_minutes(block, base, stamp)
            good = (minutes > 0) & (second < 60)
            time[rows[good]] = minutes[good] + second[good] * US + micros[good]
        return time

    def _learn_stamp(self, text: bytes) -> _Stamp | None:
        found = self._stamps.find_match(text)
        if found is None or found[0].name != _KIND or found[0].missing is not Missing.NOTHING or found[1]["extra"]:
            return None
        match = found[1]

        def span(name: str) -> tuple[int, int] | None:
            begin, end = match.span(name)
            return None if begin < 0 else (begin, end)

        minute, second = span("minute"), span("second")
        if minute is None or second is None:
            return None
        shape = bytes(48 if 48 <= byte <= 57 else byte for byte in text)
        # A zone's digits are read with the minute.
        return _Stamp(Shape(shape), minute, second[0], span("fraction"), span("zone"))

    def _read_minutes(self, block: Block, base: Int64, stamp: _Stamp) -> Int64:
        """Microseconds of each stamp's minute, its zone applied; 0 for impossible ones."""
        if not len(base):
            return base
        changed = np.zeros(len(base), np.bool_)
        changed[0] = True
        for place in (stamp.minute, stamp.zone):
            for word in () if place is None else block.read_words(base, place):
                changed[1:] |= word[1:] != word[:-1]
        runs = np.flatnonzero(changed)
        found = np.empty(len(runs), np.int64)
        data = block.data
        for n, at in enumerate(base[runs].tolist()):
            zone = b"" if stamp.zone is None else data[at + stamp.zone[0] : at + stamp.zone[1]]
            key = (data[at + stamp.minute[0] : at + stamp.minute[1]], zone)
            minute = self._minutes.get(key)
            if minute is None:
                minute = self._stamps.read_minute(_KIND, key[0])
                minute = 0 if minute == NO_TIME or not is_zone(zone) else minute - (read_zone(zone) if zone else 0)
                if len(self._minutes) > 10_000:
                    self._minutes.clear()
                self._minutes[key] = minute
            found[n] = minute
        return np.repeat(found, np.diff(np.append(runs, len(base))))

    def _read_numbers(self, block: Block, at: Int64) -> Int64:
        """Microseconds of numbers since 1970."""
        time: Int64 = np.full(len(at), NO_TIME)
        whole = count_digits(block.words[at])
        for _ in range(2):
            long = (whole > 0) & (whole % REACH == 0)
            whole = np.where(long, whole + count_digits(block.words[at + np.where(long, whole, 0)]), whole)
        behind = block.bytes[at + whole]
        is_plain = (behind == ord(",")) | (behind == ord("}"))
        for digits, unit in _EPOCH_UNITS.items():
            rows = np.flatnonzero((whole == digits) & is_plain & (block.bytes[at] > 48))
            if len(rows):
                time[rows] = block.read_number(at[rows], (0, digits)) * unit
        rows = np.flatnonzero((whole == 10) & (behind == ord(".")))
        if len(rows):
            time[rows] = self._read_floats(block, at[rows], at[rows] + 11)
        latest = scale_epoch(4_102_444_799)
        assert latest is not None, "the last second that counts"
        return np.where((time > 0) & (time < latest), time, NO_TIME)

    @staticmethod
    def _read_floats(block: Block, at: Int64, fraction: Int64) -> Int64:
        parts = count_digits(block.words[fraction])
        long = parts == REACH
        parts = np.where(long, parts + count_digits(block.words[fraction + REACH]), parts)
        behind = block.bytes[fraction + parts]
        good = (parts > 0) & (parts < 2 * REACH) & ((behind == ord(",")) | (behind == ord("}")))
        data, state, stamps = block.data, ParseState(), AnyStamp()
        found = [
            (read_time(float(data[begin:end]), stamps, state) or NO_TIME) if is_good else NO_TIME
            for begin, end, is_good in zip(at.tolist(), (fraction + parts).tolist(), good.tolist(), strict=True)
        ]
        return np.array(found, np.int64)

    def _read_levels(self, block: Block, starts: Int64, ends: Int64, braces: Int64, quotes: Int64) -> UInt8:
        """Severity of each line, `_UNREAD` where it must be parsed."""
        severity = np.full(len(starts), _UNREAD, np.uint8)
        absent = np.ones(len(starts), np.bool_)
        for key in self._levels:
            found = block.find_text(key[: 2 * REACH])
            absent &= np.searchsorted(found, starts) == np.searchsorted(found, ends)
        severity[absent] = self._form.keys.default
        if not self._level:
            return severity
        at, good = self._find_value(block, self._level, starts, ends, braces, quotes)
        rows = np.flatnonzero(good)
        at = at[rows]
        is_text = block.bytes[at] == ord('"')
        at = at + is_text
        stop = quotes[np.minimum(np.searchsorted(quotes, at), len(quotes) - 1)]
        sizes = np.where(is_text, stop - at, count_digits(block.words[at]))
        plain = is_text | (block.bytes[at + sizes] == ord(",")) | (block.bytes[at + sizes] == ord("}"))
        near = np.flatnonzero(plain & (sizes > 0) & (sizes < REACH))
        rows, at, sizes, is_text = rows[near], at[near], sizes[near], is_text[near]
        words = block.words[at] & _MASKS[sizes]
        left = np.arange(len(rows))
        while len(left):
            n = int(left[0])
            text = block.data[int(at[n]) : int(at[n] + sizes[n])]
            value = self._severity_of(text, is_text=bool(is_text[n]))
            same = (words[left] == word_of(text)) & (is_text[left] == is_text[n])
            severity[rows[left[same]]] = value
            left = left[~same]
        return severity

    def _severity_of(self, text: bytes, *, is_text: bool) -> int:
        known = self._severities.get((text, is_text))
        if known is None:
            found = None
            if not is_text:
                found = self._form.read_level(int(text))
            elif not text.isdigit():
                # Of a damaged object a number in quotes is read as a word.
                found = self._form.read_level(text.decode("latin-1"))
            known = _UNREAD if found is None or found is Severity.UNKNOWN else int(found)
            if len(self._severities) > 1000:
                self._severities.clear()
            self._severities[text, is_text] = known
        return known


_UNREAD: Final = 255
_MASKS: Final = np.array([int(mask_of(b"x" * size)) for size in range(REACH + 1)], np.uint64)


def is_object_log(layout: Layout) -> bool:
    """Whether this tier may read a layout's lines."""
    form = layout.forms[0]
    if not isinstance(form, JsonForm) or layout.encoding != "utf-8":
        return False
    keys = form.keys
    if keys.status is not None or keys.service or not keys.times or form.missing is not Missing.NOTHING:
        return False
    firsts = [keys.times[0], *keys.levels[:1]]
    return all(len(path) == 1 and isinstance(path[0], str) and len(_quote(path[0])) <= 4 * REACH for path in firsts)


def _quote(name: str | int) -> bytes:
    return b'"' + str(name).encode("utf-8", "replace") + b'"'


def _have_byte(block: Block, byte: int, starts: Int64, ends: Int64) -> Flags:
    """Which lines hold a byte that is rare."""
    if block.data.find(bytes([byte]), block.begin, block.end) < 0:
        return np.zeros(len(starts), np.bool_)
    found = find_flags(block.bytes[block.begin : block.end] == byte) + block.begin
    result: Flags = np.searchsorted(found, starts) != np.searchsorted(found, ends)
    return result
