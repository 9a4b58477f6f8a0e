"""Reads time and level of JSON objects by their keys, wherever these stand in the line, without loading the objects.

Plan: the keys are looked for in the whole block; a line is read here when its time's key and its level's key stand in
it once each, behind one opening brace and no escape, and their values are plain. Every other line is parsed. Where the
object is damaged, the parser looks for the same keys in the same way. Cost: about 0.4 us a line.
"""

from typing import Final, NamedTuple

import numpy as np

from logscope.ingest.batch import Int64, UInt8
from logscope.ingest.columns import (
    REACH,
    Block,
    Flags,
    count_digits,
    count_in_lines,
    find_flags,
    find_in_lines,
    mask_of,
    match_text,
    word_of,
)  # fmt: skip
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.timestamps.timestamp import Missing
from logscope.ingest.value_times import VALUE_REACH, ValueTimes
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME

_LONGEST_LINE: Final = 65_536


class ObjectHeads(NamedTuple):
    """What the lines that fit say; arrays with one entry for each of `rows`."""

    rows: Int64
    time: Int64
    severity: UInt8


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
        self._times = ValueTimes()
        self._severities: dict[tuple[bytes, bool], int] = {}

    def read(self, block: Block, starts: Int64, ends: Int64) -> ObjectHeads | None:
        """Heads of the lines that surely are what they look like; None when there are none."""
        good = (ends - starts > 2) & (ends - starts < _LONGEST_LINE) & (ends + VALUE_REACH <= len(block.data))
        safe = np.where(good, starts, block.begin)
        good &= match_text(block, safe, b'{"')
        good &= block.bytes[ends - 1] == ord("}")
        good &= ~_have_byte(block, ord("\\"), starts, ends) & ~_have_byte(block, 27, starts, ends)
        braces, quotes = block.find_byte(ord("{")), block.find_byte(ord('"'))
        time_at, is_timed = self._find_value(block, self._time, starts, ends, braces, quotes)
        rows = np.flatnonzero(good & is_timed)
        time = self._times.read(block, time_at[rows])
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
        first = find_in_lines(found, starts, ends)
        good = count_in_lines(found, starts, ends) == 1
        at = np.where(good, found[np.minimum(first, max(0, len(found) - 1))] if len(found) else starts, starts)
        good &= np.searchsorted(braces, at) - np.searchsorted(braces, starts) == 1
        good &= (np.searchsorted(quotes, at) - np.searchsorted(quotes, starts)) % 2 == 0
        colon = np.minimum(at + len(key), len(block.data) - VALUE_REACH)
        good &= block.bytes[colon] == ord(":")
        value = colon + 1 + (block.bytes[colon + 1] == 32)
        return value, good & (value < ends)

    def _read_levels(self, block: Block, starts: Int64, ends: Int64, braces: Int64, quotes: Int64) -> UInt8:
        """Severity of each line, `_UNREAD` where it must be parsed."""
        severity = np.full(len(starts), _UNREAD, np.uint8)
        absent = np.ones(len(starts), np.bool_)
        for key in self._levels:
            found = block.find_text(key[: 2 * REACH])
            absent &= count_in_lines(found, starts, ends) == 0
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
    result: Flags = count_in_lines(found, starts, ends) > 0
    return result
