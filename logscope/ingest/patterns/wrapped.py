"""Opens the lines of envelopes that are objects, all lines of a block at once: their times, levels, services, bodies.

The bodies are handed over as lines of a block of their own, with their escapes undone.
"""

import json
from typing import Final, NamedTuple

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import Block, Flags, count_digits, match_text
from logscope.ingest.envelopes.openers import JsonOpener
from logscope.ingest.formats.colours import strip_hidden_colours
from logscope.ingest.formats.names import clean_name
from logscope.ingest.patterns.flat import FlatObjects
from logscope.ingest.patterns.heads import TextHeads, look_up
from logscope.ingest.patterns.lines import MARGIN, MAYBE
from logscope.ingest.value_times import VALUE_REACH, ValueTimes
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME

_MICROS: Final = 16
"""Digits of microseconds since 1970."""
_MOST_TEXTS: Final = 4096


class Bodies(NamedTuple):
    """What some envelopes hold."""

    rows: Int64
    """Which of the lines that were asked for."""
    block: Block
    starts: Int64
    ends: Int64


class ObjectOpenReader:
    """Opens lines of one envelope."""

    def __init__(self, opener: JsonOpener) -> None:
        """Keeps the opener; `is_able` tells whether its lines can be opened so."""
        self._opener = opener
        keys = opener.header.keys
        self._body = _key_of(opener.body)
        self._times = [_key_of(path) for path in keys.times]
        self._levels = [_key_of(path) for path in keys.levels]
        self._names = [_key_of(path) for path in keys.service]
        self.is_able = keys.status is None and len(self._levels) < 2 and bool(self._times)
        self._values = ValueTimes()
        self._services: dict[bytes, int] = {}
        self.services: list[str] = []
        """Names of services so far."""

    def open(self, block: Block, starts: Int64, ends: Int64) -> tuple[TextHeads, list[Bodies]]:
        """The envelopes' heads, and the bodies of those whose `end` is not negative.

        `message` of the heads says nothing.
        """
        if len(self._services) > _MOST_TEXTS:
            self._services.clear()
            self.services = []
        objects = FlatObjects(block, starts, ends)
        count = len(starts)
        heads = TextHeads(
            np.full(count, MAYBE), np.zeros(count, np.bool_), np.full(count, NO_TIME), np.zeros(count, np.uint8),
            starts, np.full(count, -1), np.zeros(count, np.int64), np.full(count, -1),
        )  # fmt: skip
        begin, end = objects.find(self._body)
        good = objects.good & (begin >= 0) & (ends + VALUE_REACH <= len(block.data))
        heads.time = self._read_times(block, objects, good)
        good &= heads.time != NO_TIME
        self._read_levels(block, objects, good, heads)
        self._read_services(block, objects, good, heads)
        return heads, self._read_bodies(block, begin, end, np.flatnonzero(good), heads)

    def _read_times(self, block: Block, objects: FlatObjects, good: Flags) -> Int64:
        """The first key's time; `NO_TIME` where that is not there or not plain."""
        begin, end = objects.find(self._times[0])
        time: Int64 = np.full(len(good), NO_TIME)
        rows = np.flatnonzero(good & (begin >= 0))
        size = end[rows] - begin[rows]
        digits = count_digits(block.words[begin[rows]])
        is_number = (size == _MICROS) & (digits == 8) & (count_digits(block.words[begin[rows] + 8]) == 8)
        is_number &= block.bytes[begin[rows]] == ord("1")
        numbers, others = rows[is_number], rows[~is_number & (size != _MICROS)]
        time[numbers] = block.read_number(begin[numbers], (0, _MICROS))
        time[others] = self._values.read(block, begin[others] - 1)
        return time

    def _read_levels(self, block: Block, objects: FlatObjects, good: Flags, heads: TextHeads) -> None:
        header = self._opener.header
        heads.severity[:] = int(header.keys.default)
        for key in self._levels:
            begin, end = objects.find(key)
            good &= begin != -2
            rows = np.flatnonzero(good & (begin >= 0))
            levels = look_up(block, begin[rows], end[rows], self._read_level)
            good[rows[levels < 0]] = False
            heads.severity[rows] = np.maximum(levels, 0)

    def _read_level(self, text: bytes) -> int:
        if b"\\" in text or not text.isascii():
            return -1
        severity = self._opener.header.read_level(text.decode("ascii"))
        # A word that says none leaves it to others.
        return -1 if severity is None or severity is Severity.UNKNOWN else int(severity)

    def _read_services(self, block: Block, objects: FlatObjects, good: Flags, heads: TextHeads) -> None:
        for key in self._names:
            begin, end = objects.find(key)
            open_ = heads.service < 0
            good &= ~(open_ & (begin == -2))
            rows = np.flatnonzero(good & open_ & (end > begin) & (begin >= 0))
            heads.service[rows] = look_up(block, begin[rows], end[rows], self._number_service)

    def _number_service(self, text: bytes) -> int:
        number = self._services.get(text)
        if number is None:
            number = self._services[text] = len(self.services)
            value = json.loads(b'"' + text + b'"') if text.isascii() else text.decode("utf-8", "replace")
            self.services.append(clean_name(value, self._opener.header.keys.strip))
        return number

    def _read_bodies(self, block: Block, begin: Int64, end: Int64, rows: Int64, heads: TextHeads) -> list[Bodies]:
        """The bodies of these lines; those that are whole lines get an end in `heads`."""
        begin, end = begin[rows], end[rows]
        slashes = block.find_byte(ord("\\"))
        hidden = np.searchsorted(slashes, end) - np.searchsorted(slashes, begin)
        newline = match_text(block, np.maximum(end - 2, begin), b"\\n") & (end - begin >= 2)
        is_plain = hidden == newline
        if not block.data.isascii():
            high = np.flatnonzero(block.bytes >= 128)
            is_plain &= np.searchsorted(high, begin) == np.searchsorted(high, end)
        end = end - 2 * (newline & is_plain)
        cuts = self._opener.cuts
        is_whole = newline | (end == begin) if cuts else np.ones(len(rows), np.bool_)
        plain, coded = np.flatnonzero(is_plain & is_whole), np.flatnonzero(~is_plain)
        heads.end[rows[plain]] = 0
        found = [Bodies(rows[plain], block, begin[plain], end[plain])]
        if len(coded):
            texts = [
                _decode(block.data[at:to]) for at, to in zip(begin[coded].tolist(), end[coded].tolist(), strict=True)
            ]
            good = [n for n, text in enumerate(texts) if b"\n" not in text[:-1] and (text[-1:] in b"\n" or not cuts)]
            texts = [texts[n].rstrip(b"\r\n") for n in good]
            sizes = np.array([len(text) for text in texts], np.int64)
            last = np.cumsum(sizes + 1) - 1
            data = b"\n".join(texts) + b"\n" + bytes(2 * MARGIN)
            rows = rows[coded[good]]
            heads.end[rows] = 0
            found.append(Bodies(rows, Block(data, 0, len(data) - 2 * MARGIN), last - sizes, last))
        return found


def _decode(text: bytes) -> bytes:
    """A text of an object, its escapes undone."""
    value = json.loads('"' + strip_hidden_colours(text).decode("utf-8", "replace") + '"')
    return bytes(value.encode("utf-8", "replace"))


def _key_of(path: tuple[str | int, ...]) -> bytes:
    return str(path[0]).encode()
