"""Reads the times of many values of objects at once: ISO stamps in quotes, and numbers since 1970.

Values of the same length are written alike, or they are left to the parser.
"""

from typing import Final, NamedTuple

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import REACH, Block, count_digits, keep
from logscope.ingest.fixed import FixedColumns, Shape
from logscope.ingest.timestamps.numbers import scale_epoch
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing
from logscope.ingest.timestamps.zones import is_zone, read_zone
from logscope.model.times import NO_TIME, US

_EPOCH_UNITS: Final = {10: US, 13: 1000, 16: 1}
"""Digits of a number since 1970 whose unit is told by them, and its microseconds."""
_LONGEST_STAMP: Final = 40
VALUE_REACH: Final = _LONGEST_STAMP + 2 * REACH
"""Bytes that must follow a value in the block's data."""
_KIND: Final = "iso"
"""Of other kinds it may depend on the digits which one a stamp is."""


class _Stamp(NamedTuple):
    """How all stamps of one length are written."""

    shape: Shape
    minute: tuple[int, int]
    second: int
    fraction: tuple[int, int] | None
    zone: tuple[int, int] | None


class ValueTimes:
    """Remembers how stamps of each length are written."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._stamps = AnyStamp()
        self._known: dict[int, _Stamp | None] = {}
        self._minutes: dict[tuple[bytes, bytes], int] = {}

    def read(self, block: Block, at: Int64) -> Int64:
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
        quotes = block.find_byte(ord('"'))
        return self.read_texts(block, at, quotes[np.minimum(np.searchsorted(quotes, at), len(quotes) - 1)] - at)

    def read_texts(self, block: Block, at: Int64, sizes: Int64) -> Int64:
        """Microseconds of stamps that stand at these places, each of its size; `NO_TIME` for those to be parsed."""
        time: Int64 = np.full(len(at), NO_TIME)
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
            columns = FixedColumns(block, base)
            good = stamp.shape.matches(columns)
            columns, (rows,) = columns.keep(good), keep(good, rows)
            second = columns.read_number((stamp.second, stamp.second + 2))
            micros: Int64 = np.zeros(len(rows), np.int64)
            if stamp.fraction is not None:
                begin, end = stamp.fraction
                end = min(end, begin + 6)
                micros = columns.read_number((begin, end)) * 10 ** (6 - (end - begin))
            minutes = self._read_minutes(columns, stamp)
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

    def _read_minutes(self, columns: FixedColumns, stamp: _Stamp) -> Int64:
        """Microseconds of each stamp's minute, its zone applied; 0 for impossible ones."""
        data, places = columns.block.data, columns.at

        def find(row: int) -> int:
            at = int(places[row])
            zone = b"" if stamp.zone is None else data[at + stamp.zone[0] : at + stamp.zone[1]]
            key = (data[at + stamp.minute[0] : at + stamp.minute[1]], zone)
            minute = self._minutes.get(key)
            if minute is None:
                minute = self._stamps.read_minute(_KIND, key[0])
                minute = 0 if minute == NO_TIME or not is_zone(zone) else minute - (read_zone(zone) if zone else 0)
                if len(self._minutes) > 10_000:
                    self._minutes.clear()
                self._minutes[key] = minute
            return minute

        return columns.map_runs((stamp.minute, stamp.zone), find)

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
        """Microseconds of seconds with a fraction, as they are rounded where an object is loaded."""
        parts = count_digits(block.words[fraction])
        long = parts == REACH
        parts = np.where(long, parts + count_digits(block.words[fraction + REACH]), parts)
        behind = block.bytes[fraction + parts]
        good = (parts > 0) & (parts < 2 * REACH) & ((behind == ord(",")) | (behind == ord("}")))
        good &= block.bytes[at] > ord("0")
        time: Int64 = np.full(len(at), NO_TIME)
        # Up to a millionth the nearest microsecond of the number as a float is what the digits say.
        rows = np.flatnonzero(good & (parts <= _MICRO_DIGITS))
        micros = block.read_digits(fraction[rows], parts[rows]) * 10 ** (_MICRO_DIGITS - parts[rows])
        time[rows] = block.read_number(at[rows], (0, 10)) * US + micros
        rows = np.flatnonzero(good & (parts > _MICRO_DIGITS))
        data, ends = block.data, (fraction + parts)[rows]
        seconds = [float(data[begin:end]) for begin, end in zip(at[rows].tolist(), ends.tolist(), strict=True)]
        time[rows] = np.rint(np.array(seconds, np.float64) * US).astype(np.int64)
        return time


_MICRO_DIGITS: Final = 6
