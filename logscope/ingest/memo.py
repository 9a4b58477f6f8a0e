"""Reads heads by what was parsed before: lines whose first words differ in digits only are written alike.

Plan: of each line the first words, digits made alike, are looked up. When they are new, the line is parsed, and so are
variants of it: with other digits outside its stamp, and with other text behind these words. Only if all of them have
the same head are the words remembered, with the columns of the stamp; then the times of all such lines are read by
vector operations. How many words tell a head is found out on the first block. Cost: about 0.5 us for a known line.

What parsing remembers from line to line (`ParseState`) is kept exactly: lines that were parsed and lines that were
known take their turn in the order of the stream.
"""

from itertools import repeat
from typing import Final, NamedTuple

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import REACH, Block, Flags
from logscope.ingest.envelopes.envelope import EnvelopeForm, TextOpener
from logscope.ingest.formats.crash import may_hold_crash
from logscope.ingest.formats.form import Form, Origin, TextForm
from logscope.ingest.known import KnownLines, find_strange
from logscope.ingest.layouts.fast import StampPlace, find_stamp_places
from logscope.ingest.layouts.layout import RARE, Layout
from logscope.ingest.timestamps.kinds import WHOLE
from logscope.ingest.timestamps.timestamp import AnyStamp, ParseState
from logscope.ingest.timestamps.zones import is_zone, read_zone
from logscope.model.times import NO_TIME, US

_AS_ZERO: Final = bytes.maketrans(b"0123456789", b"0" * 10)
_TURNS: Final = tuple(
    bytes.maketrans(b"0123456789", bytes(48 + (digit * 3 + turn) % 10 for digit in range(10))) for turn in (1, 5, 8)
)
"""Other digits for all digits."""
_TAILS: Final = (b"x x", b"", b"9", b"x: x", b"[x] x", b"- x", b"ERROR x", b"error: x", b"panic: x")
"""What may stand behind the words that are remembered."""
_REAL: Final = 6
"""Ends of real lines that are tried besides."""
_RAW: Final = 6
"""First bytes whose digits may matter: the priority of syslog."""
_MOST_WORDS: Final = 12
_LONGEST_KEY: Final = 256
_LONGEST_REST: Final = 2000
_MOST_KEYS: Final = 20_000
_TRIED: Final = 12
"""Lines by which the number of words is chosen."""
_COUNTED: Final = 1000
_MOST_VARIED: Final = 0.2
"""Lines whose first words are counted, and the share of them that may be different ones."""
_ENOUGH: Final = 0.8
"""Share of them that must be told by their first words."""
_MOST_LEARNED: Final = 256
_LINES_A_LESSON: Final = 100
"""First words that are learned, and one more for each so many lines: learning costs as much as parsing some dozens."""
_PATIENCE: Final = 4096
"""Lines after which a memory that knows less than half of them is given up."""
_NO_STREAM: Final = "\0"
"""No name of a service."""
_UNKNOWN, _PARSE = -1, -2


class _Entry(NamedTuple):
    """What lines with the same first words say."""

    is_head: bool
    severity: int
    stamps: tuple[StampPlace, ...]
    """Columns of the stamps: first the one that tells the time, then one of the text that is wrapped; none: no time."""
    service: str | None
    message: int
    """Where the message begins; -1 where that is behind the words that are remembered."""
    after_error: bool | None
    """What reading the line leaves in the state; None: nothing."""
    sample_time: int | None
    """Time of the line that they were learned from."""
    stream: str | None
    """What reading the line leaves as the stream of the last line; `_NO_STREAM`: what was there."""


class Memo:
    """Remembers the heads of one stream."""

    def __init__(self, layout: Layout, state: ParseState) -> None:
        """Args are kept: how the stream is written, and the state of its reading."""
        self._layout = layout
        self._state = state
        self._rests: list[bytes] = []
        """How some lines went on behind their first words."""
        self._words = 0
        """How many words are looked up; 0 until the first block."""
        self._raw = 0
        """First bytes of which digits matter."""
        self._numbers: dict[bytes, int] = {}
        self._entries: list[_Entry] = []
        self._stamps = AnyStamp()
        self._minutes: dict[tuple[bytes, bytes, bytes], int] = {}
        self._services: dict[str, int] = {}
        self._seen = self._missed = self._learned = 0
        self._is_several = any(isinstance(form, EnvelopeForm) and form.is_several for form in layout.forms)
        self._rare_firsts = frozenset().union(*(_firsts_of(form) for form in layout.forms if isinstance(form, RARE)))
        """Bytes that heads of rare lines begin with."""
        self._is_wrapped = any(isinstance(form, EnvelopeForm) for form in layout.forms)
        self.is_able = _is_able(layout)
        """Worth asking. Becomes False when the first words of lines say too little."""

    def find(self, block: Block, starts: Int64, ends: Int64) -> Int64:
        """Numbers of the entries of these lines, below 0 where they must be parsed."""
        if not self._words:
            self._choose_words(block, starts, ends)
            if not self.is_able:
                return np.full(len(starts), _PARSE)
        blanks = block.find_byte(32)
        at = np.searchsorted(blanks, starts) + self._words - 1
        cuts = ends
        if len(blanks):
            behind = blanks[np.minimum(at, len(blanks) - 1)] + 1
            cuts = np.where((at < len(blanks)) & (behind <= ends), behind, ends)
        text = block.data.translate(_AS_ZERO)
        keys = [text[start:cut] for start, cut in zip(starts.tolist(), cuts.tolist(), strict=True)]
        if self._raw:
            data, raw = block.data, self._raw
            keys = [data[at : at + raw] + key[raw:] for at, key in zip(starts.tolist(), keys, strict=True)]
        found = np.fromiter(map(self._numbers.get, keys, repeat(_UNKNOWN)), np.int64, len(keys))
        strange = find_strange(block, starts, ends) | (cuts - starts > _LONGEST_KEY)
        found[strange] = _PARSE
        unknown = np.flatnonzero(found == _UNKNOWN).tolist()
        if unknown:
            some = np.linspace(0, len(starts) - 1, num=_REAL, dtype=np.int64).tolist()
            self._rests = [block.data[int(cuts[n]) : int(min(ends[n], cuts[n] + _LONGEST_REST))] for n in some]
        for n in unknown:
            number = self._numbers.get(keys[n], _UNKNOWN)
            if number == _UNKNOWN and self._learned < _MOST_LEARNED + self._seen // _LINES_A_LESSON:
                self._learned += 1
                rest = block.data[int(cuts[n]) : int(min(ends[n], cuts[n] + _LONGEST_REST))]
                number = self._learn(keys[n], block.data[int(starts[n]) : int(cuts[n])], rest)
            found[n] = number
        self._seen += len(found)
        unread = int(np.count_nonzero(found < 0))
        self._missed += unread
        if self._seen > _PATIENCE and self._missed * 2 > self._seen:
            self.is_able = False
        return found

    def _choose_words(self, block: Block, starts: Int64, ends: Int64) -> None:
        """Find out how many first words tell a head: those before the message, or fewer where they vary too much."""
        few = np.linspace(0, len(starts) - 1, num=min(_TRIED, len(starts)), dtype=np.int64)
        lines = [block.data[int(starts[n]) : int(ends[n])][:_LONGEST_REST] for n in few]
        more = np.linspace(0, len(starts) - 1, num=min(_COUNTED, len(starts)), dtype=np.int64)
        many = [block.data[int(starts[n]) : int(ends[n])][:_LONGEST_KEY] for n in more]
        for self._raw in (0, _RAW):
            for words in range(1, _MOST_WORDS + 1):
                parts = [_split(line, words) for line in lines]
                self._rests = [rest for _, rest in parts[::4]]
                read: list[_Entry] = []
                for tried, (begin, rest) in enumerate(parts):
                    entry = self._read(begin, rest)
                    if entry is not None:
                        read.append(entry)
                    elif tried + 1 - len(read) > (1 - _ENOUGH) * len(lines):
                        break
                if len(read) < _ENOUGH * len(lines):
                    continue
                kinds = len({_split(line, words)[0].translate(_AS_ZERO) for line in many})
                if self._words and kinds > _MOST_VARIED * len(many):
                    break
                self._words = words
                if sum(entry.message >= 0 for entry in read) >= _ENOUGH * len(lines):
                    break
            if self._words:
                break
        self._rests = []
        self.is_able = self._words > 0

    def _learn(self, key: bytes, words: bytes, rest: bytes) -> int:
        if len(self._numbers) >= _MOST_KEYS:
            self._numbers.clear()
            self._entries.clear()
        entry = self._read(words, rest)
        if entry is None:
            self._numbers[key] = _PARSE
            return _PARSE
        self._numbers[key] = len(self._entries)
        self._entries.append(entry)
        return len(self._entries) - 1

    def _read(self, words: bytes, rest: bytes) -> _Entry | None:
        """What a line that begins with these words says, whatever comes behind; None where that matters.

        Words that do not end with a blank are the whole line.
        """
        entry = self._read_one(words, words)
        if entry is None:
            return None
        if not entry.stamps and not self._layout.untimed and words != words.translate(None, b"0123456789"):
            return None  # with other digits it might be a head that tells its time
        if not entry.is_head and words and words[0] in self._rare_firsts:
            return None  # it depends on what stands behind these words
        if self._is_wrapped and may_hold_crash(words):
            return None
        for turn in _TURNS:
            turned = words[: self._raw] + words[self._raw :].translate(turn)
            for place in entry.stamps:
                # Stamps stay as they are: that their digits are good ones is asked of each line.
                begin, end = place.start, place.end
                turned = turned[:begin] + words[begin:end] + turned[end:]
            if self._compare(turned, words, entry) != entry:
                return None
        if words[-1:] == b" ":
            for tail in (rest, *self._rests, *_TAILS):
                other = self._compare(words + tail, words, entry)
                if other is None:
                    return None
                entry = other
        return entry

    def _compare(self, line: bytes, words: bytes, entry: _Entry) -> _Entry | None:
        """What is the same in another line with these words and stamps: perhaps all but the message's begin."""
        state = self._layout.new_state()
        # As if the line before were of the same stream: only then a continuation is known for what it is.
        state.stream = entry.stream
        head = self._layout.parse(line, state)
        if state.partial or state.in_trace or state.after_error != bool(entry.after_error):
            return None
        if state.stream != entry.stream:
            return None
        if head is None:
            return None if entry.is_head else entry
        if not entry.is_head or head.status or head.duration_us >= 0:
            return None
        if (head.severity, head.service, head.time) != (entry.severity, entry.service, entry.sample_time):
            return None
        return entry if head.message == entry.message else entry._replace(message=-1)

    def _read_one(self, line: bytes, words: bytes) -> _Entry | None:
        state = self._layout.new_state()
        state.after_error, state.stream = True, _NO_STREAM if self._is_several else None
        other = self._layout.parse(line, state)
        marks, stream = [state.after_error], state.stream
        state.after_error = False
        head = self._layout.parse(line, state)
        marks.append(state.after_error)
        # What goes on from a record of its stream is a head when another's came between: that is found out in turn.
        if head != other or state.partial or state.in_trace:
            return None
        left = None if marks == [True, False] else marks[0]
        if head is None:
            return _Entry(False, 0, (), None, -1, left, None, stream)
        if head.status or head.duration_us >= 0 or head.origin is not Origin.LOGGER:
            return None
        stamps: tuple[StampPlace, ...] = ()
        if head.time is not None:
            stamps = find_stamp_places(self._layout.forms, line)
            if not stamps or any(not _is_readable(place, len(words)) for place in stamps):
                return None
            if self._time_of(stamps[0], line) != head.time:
                return None
        message = head.message if head.message <= len(words) else -1
        return _Entry(True, int(head.severity), stamps, head.service, message, left, head.time, stream)

    def _time_of(self, place: StampPlace, line: bytes) -> int | None:
        """Time of one line by its columns, as a fresh state places it."""
        minute = self._stamps.read_minute(place.kind, _cut(line, place.minute) + _spaced(line, place.extra))
        if minute == NO_TIME:
            return None
        if place.missing:
            minute = self._layout.new_state().place(minute, place.missing)
        time = minute - (read_zone(_cut(line, place.zone)) if place.zone is not None else 0)
        if place.second is not None:
            second = line[place.second : place.second + 2]
            time += int(second) * US if second.isdigit() and second < b"60" else 0
        if place.fraction is not None:
            first, last = place.fraction
            digits = line[first : min(last, first + 6)]
            time += int(digits.ljust(6, b"0"))
        return time

    def read(self, block: Block, starts: Int64, found: Int64, rows: Int64) -> KnownLines:
        """Heads of known lines.

        Args:
            block: Holds the lines.
            starts: Where all lines of the block begin.
            found: Numbers of the entries of the lines in `rows`.
            rows: Which lines are known, ascending.

        Returns:
            Their heads; times of stamps without year or day are in 2000 or on the first day of 1970, and must be placed
            in turn. Lines with an impossible time are left out.
        """
        kinds, at = np.unique(found, return_inverse=True)
        entries = [self._entries[number] for number in kinds.tolist()]
        time: Int64 = np.full(len(rows), NO_TIME)
        good = np.ones(len(rows), np.bool_)
        by_stamps: dict[tuple[StampPlace, ...], list[int]] = {}
        for n, entry in enumerate(entries):
            by_stamps.setdefault(entry.stamps, []).append(n)
        for stamps, numbers in by_stamps.items():
            wanted = np.zeros(len(kinds), np.bool_)
            wanted[numbers] = True
            chosen = np.flatnonzero(wanted[at])
            for place in reversed(stamps):
                time[chosen], is_possible = self._read_times(block, starts[rows[chosen]], place)
                good[chosen] &= is_possible
        services = np.array([self._number_service(entry.service) for entry in entries], np.int64)
        message = np.array([entry.message for entry in entries], np.int64)[at]
        kept = np.flatnonzero(good)
        message = np.where(message >= 0, starts[rows] + message, -1)
        return KnownLines(
            rows[kept],
            np.array([entry.is_head for entry in entries], np.bool_)[at][kept],
            time[kept],
            np.array([entry.severity for entry in entries], np.uint8)[at][kept],
            message[kept],
            services[at][kept],
            list(self._services),
            np.array([entry.stamps[0].missing if entry.stamps else 0 for entry in entries], np.uint8)[at][kept],
            np.array([-1 if (left := entry.after_error) is None else left for entry in entries], np.int8)[at][kept],
            np.array([-1 if entry.stream == _NO_STREAM else n for n, entry in enumerate(entries)], np.int64)[at][kept],
            [entry.stream for entry in entries],
        )

    def _number_service(self, name: str | None) -> int:
        return -1 if name is None else self._services.setdefault(name, len(self._services))

    def _read_times(self, block: Block, base: Int64, place: StampPlace) -> tuple[Int64, Flags]:
        """Times by columns, and which of them are possible."""
        near = base + place.end + 2 * REACH > len(block.data)
        safe = np.where(near, block.begin, base) if near.any() else base
        good = ~near
        seconds: Int64 = np.zeros(len(base), np.int64)
        if place.second is not None:
            seconds = block.read_number(safe, (place.second, place.second + 2))
            good &= seconds < 60
            seconds = seconds * US
        if place.fraction is not None:
            first, last = place.fraction
            last = min(last, first + 6)
            seconds = seconds + block.read_number(safe, (first, last)) * 10 ** (6 - (last - first))
        minutes = self._read_minutes(block, safe, place)
        good &= minutes != NO_TIME
        return minutes + seconds, good

    def _read_minutes(self, block: Block, base: Int64, place: StampPlace) -> Int64:
        """Microseconds of each line's minute, its zone applied, year or day not yet found."""
        changed = np.zeros(len(base), np.bool_)
        changed[:1] = True
        for span in (place.minute, place.zone, place.extra):
            for word in () if span is None else block.read_words(base, span):
                changed[1:] |= word[1:] != word[:-1]
        runs = np.flatnonzero(changed)
        found = np.empty(len(runs), np.int64)
        for n, at in enumerate(base[runs].tolist()):
            line = block.data[at : at + place.end]
            key = (_cut(line, place.minute), _cut(line, place.zone), _spaced(line, place.extra))
            minute = self._minutes.get(key)
            if minute is None:
                minute = self._stamps.read_minute(place.kind, key[0] + key[2])
                if minute != NO_TIME and key[1]:
                    minute = minute - read_zone(key[1]) if is_zone(key[1]) else NO_TIME
                if len(self._minutes) > 10_000:
                    self._minutes.clear()
                self._minutes[key] = minute
            found[n] = minute
        return np.repeat(found, np.diff(np.append(runs, len(base))))


def _is_readable(place: StampPlace, most: int) -> bool:
    """Whether a stamp's time can be read by its columns, within the first bytes of the line."""
    return place.end <= most and place.kind not in WHOLE and not (place.missing and place.zone)


def _split(line: bytes, words: int) -> tuple[bytes, bytes]:
    """The first words with the blank behind them, and the rest; the whole line where it has fewer."""
    parts = line.split(b" ", words)
    begin = b" ".join(parts[:words]) + b" " if len(parts) > words else line
    return begin, line[len(begin) :]


def _cut(line: bytes, span: tuple[int, int] | None) -> bytes:
    return b"" if span is None else line[span[0] : span[1]]


def _spaced(line: bytes, span: tuple[int, int] | None) -> bytes:
    return b"" if span is None else b" " + line[span[0] : span[1]]


def _is_able(layout: Layout) -> bool:
    """Whether lines of a layout can be known by their first words."""
    if layout.encoding != "utf-8" or layout.two_lines:
        return False
    return all(isinstance(form, (TextForm, *RARE)) or _is_text_envelope(form) for form in layout.forms)


def _firsts_of(form: Form) -> frozenset[int]:
    return frozenset(range(256)) if form.first_bytes is None else form.first_bytes


def _is_text_envelope(form: Form) -> bool:
    return isinstance(form, EnvelopeForm) and isinstance(form.opener, TextOpener)
