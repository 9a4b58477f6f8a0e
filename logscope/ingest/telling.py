"""Finds the lines whose words may say that something failed, in logs that write no levels.

A glance, no judgement: what a line means is asked only of the few that it lets pass. Plan: a text of four letters or
more has four neighbouring bytes that begin at an even offset, wherever it stands. These are looked up in a table of
flags, half a million of them a MiB, at about 1.2 ns a byte; where one is set, the text itself is compared, all at once.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64
from logscope.ingest.distinct import find_distinct
from logscope.ingest.formats.table import TableForm
from logscope.ingest.layouts.layout import Layout

_TEXTS: Final = (
    # What did not go well.
    "fail", "error", "fatal", "panic", "exception", "problem", "crash", "abort", "kill", "died", " dead", "fault",
    "segfault", "core dump", "corrupt", "damage", "broke", "invalid", "illegal", "malform", "mismatch", "wrong",
    " bad ", "unexpect", "unhandl", "uncaught", "unrecover", "assert", "undefined", " null", "conflict", "violat",
    "interrupt",
    # What was not to be had.
    "unable", "cannot", "can't", "n't ", " not ", " no ", "none ", "thout", "could", "never", "unreach", "unavail",
    "unhealth", "unresp", "unresol", "unsupp", "unknown", "missing", "offline", "refus", "reject", "denied", "deny",
    "forbid", "unauth", "declin", "expire", "revok", "disconn", "lost", "loss", "closed", "reset", "dropp", "drop ",
    "gone", "eof ", "away",
    # What took too long, or was too much.
    "timeout", "time-out", "timed out", "deadline", "slow", "delay", "stall", "stuck", "hung", "hang", "block", " lag",
    "deadlock", "retry", "retri", "giving up", "gave up", "attempt", "exhaust", "exceed", "overfl", "overlo", "overr",
    "insuffi", "out of ", " oom", "full", "limit", "uota", "throttl", "too ", "starv", "saturat", "low ", "evict",
    "enospc", "emfile", "econn", "degrad", "readonly", "read-only", "down", "exited", "terminat", "circuit", "sigkill",
    "sigsegv", "sigabrt", "busy", " bug", "reached", "stopped", "waiting",
)  # fmt: skip
"""In small letters; one stands in nearly every line that says that something failed, and in few others. What begins
many words is left out: `thout` of `without`, `uota` of `quota`."""

_FEW_LEVELS: Final = 20
"""A log in which fewer than one record in so many has a level writes none."""
_MANY_WITHOUT: Final = 10
"""A log in which one record in so many has none tells by words, too: fewer are strays."""
_CHUNK: Final = 65_536
"""Bytes that are looked up at a time: what is made of them stays in the processor's cache."""
_TO_LOWER: Final = np.uint32(0x20202020)
_SPREAD: Final = np.uint32(0x9E3779B1)
_BITS: Final = 17
"""Of the table: in half as many every tenth place of a log would have to be looked at twice."""
_SHIFT: Final = np.uint32(32 - _BITS)
_BYTES: Final = sorted({byte | 0x20 for byte in range(256)})


def writes_levels(layout: Layout) -> bool:
    """Whether the lines that a layout was learned from say how bad they are, by a level or a request's status."""
    if layout.two_lines or layout.lesson is None or holds_measurements(layout):
        return True
    return not is_without_levels(layout.sampled.levelled, layout.sampled.heads)


def holds_measurements(layout: Layout) -> bool:
    """Whether its rows are measurements: that one is called `error_rate` does not say that something failed."""
    form = layout.forms[0] if layout.forms else None
    return isinstance(form, TableForm) and form.columns.value is not None


def tells_by_words(layout: Layout) -> bool:
    """Whether so many lines do not say how bad they are that their words must.

    All of a log that writes no levels, and those of one that began to write them some day, or stopped.
    """
    if layout.two_lines or layout.lesson is None or holds_measurements(layout):
        return False
    return (layout.sampled.heads - layout.sampled.levelled) * _MANY_WITHOUT >= layout.sampled.heads > 0


def is_without_levels(levelled: int, records: int) -> bool:
    """Whether a log whose so many records have a level writes none: a line in twenty may be a stray one's."""
    return levelled * _FEW_LEVELS < records


class Glance:
    """Finds texts in blocks and in lines. Letters count alike in either case."""

    def __init__(self, texts: Iterable[str] = _TEXTS) -> None:
        """Look for texts of at least four small letters, blanks or marks."""
        self._texts = tuple(text.encode() for text in texts)
        assert all(4 <= len(text) <= 16 for text in self._texts), "shorter ones are everywhere"
        entries: dict[int, list[tuple[int, bytes]]] = {}
        for text in self._texts:
            for shift, four in _spell(text):
                entries.setdefault(_fold(four), []).append((shift, text))
        known = sorted(entries)
        self._known = np.array(known, np.uint32)
        self._count = np.array([len(entries[four]) for four in known])
        """How many texts each of the known four bytes stands in; they follow one another in the columns below."""
        self._first = np.cumsum(self._count) - self._count
        told = [entry for four in known for entry in entries[four]]
        self._shift = np.array([shift for shift, _ in told])
        self._length = np.array([len(text) for _, text in told])
        self._words = [_spell_word(told, at) for at in (0, 8)]
        self._table = np.zeros(1 << _BITS, np.bool_)
        self._table[(self._known * _SPREAD) >> _SHIFT] = True
        self._slots = np.empty(_CHUNK // 4, np.intp)
        self._fours, self._hashed = np.empty(_CHUNK // 4, np.uint32), np.empty(_CHUNK // 4, np.uint32)

    def says(self, line: bytes) -> bool:
        """Whether one of the texts stands in a line."""
        small = line.lower()
        return any(text in small for text in self._texts)

    def find(self, data: bytes, begins: Int64, ends: Int64) -> Int64:
        """Numbers of those pieces of some bytes in which one of the texts stands, ascending.

        Args:
            data: The bytes.
            begins: Of the pieces, ascending.
            ends: Behind them; pieces do not overlap.
        """
        if not len(begins):
            return np.empty(0, np.int64)
        at, known = self._look_up(data, int(begins[0]), int(ends[-1]))
        counts = self._count[known]
        places = np.repeat(at, counts)
        within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        entries = np.repeat(self._first[known], counts) + within
        begin = places - self._shift[entries]
        row = begins.searchsorted(begin, side="right") - 1
        fits = (row >= 0) & (begin + self._length[entries] <= ends[row])
        entries, begin, row = entries[fits], begin[fits], row[fits]
        # The last text may end with the bytes.
        padded = data + bytes(16)
        words = np.ndarray(len(padded) - 7, "<u8", padded, strides=(1,))
        stands = np.ones(len(begin), np.bool_)
        for offset, (letters, mask, text) in zip((0, 8), self._words, strict=True):
            stands &= ((words[begin + offset] | letters[entries]) & mask[entries]) == text[entries]
        return find_distinct(row[stands])

    def _look_up(self, data: bytes, begin: int, end: int) -> tuple[Int64, Int64]:
        """Even offsets in some bytes where one of the texts may stand, and which of the known four stand there."""
        begin -= begin & 1
        places, found = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for low in range(begin, end, _CHUNK):
            for start in (low, low + 2):
                count = min((min(low + _CHUNK, end) - start + 3) // 4, (len(data) - start) // 4)
                if count <= 0:
                    continue
                fours, hashed, slots = self._fours[:count], self._hashed[:count], self._slots[:count]
                np.bitwise_or(np.frombuffer(data, "<u4", count, start), _TO_LOWER, out=fours)
                np.multiply(fours, _SPREAD, out=hashed)
                np.right_shift(hashed, _SHIFT, out=hashed)
                slots[:] = hashed
                at = np.flatnonzero(self._table.take(slots))
                seen = fours[at]
                known = self._known.searchsorted(seen)
                is_known = self._known.take(known, mode="clip") == seen
                places.append(at[is_known] * 4 + start)
                found.append(known[is_known])
        return np.concatenate(places), np.concatenate(found)


@lru_cache(maxsize=1)
def load_glance() -> Glance:
    """The glance at all texts that tell of failure; made once."""
    return Glance()


def _spell(text: bytes) -> list[tuple[int, bytes]]:
    """Four bytes of a text for each parity of its begin, and how far from that they stand; any byte fills up."""
    if len(text) >= 5:
        return [(0, text[:4]), (1, text[1:5])]
    return [(0, text), *((-1, bytes([byte]) + text[:3]) for byte in _BYTES)]


def _spell_word(
    entries: Sequence[tuple[int, bytes]], at: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]:
    """Eight bytes of each text from an offset on: the bit that makes letters small, the bytes that count, the text."""
    pieces = [text[at : at + 8] for _, text in entries]
    letters = [bytes(0x20 * (97 <= byte <= 122) for byte in piece) for piece in pieces]
    masks = [b"\xff" * len(piece) for piece in pieces]
    return _to_words(letters), _to_words(masks), _to_words(pieces)


def _to_words(pieces: Sequence[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(piece.ljust(8, b"\0") for piece in pieces), "<u8")


def _fold(four: bytes) -> int:
    return int.from_bytes(four, "little") | int(_TO_LOWER)
