"""Learns the head of unknown text lines: where the stamp stands, where the level, what else is head.

Plan: each sample line votes for the stamp's kind and the generalised text before it; the winner's lines then tell
what follows the stamp, see `rest`. Cost: a few regexes a line, on some hundred lines a file.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from logscope.ingest.formats.form import TextForm
from logscope.ingest.formats.head_regex import compile_head
from logscope.ingest.formats.levels import (
    FACILITY_LEVEL,
    LATE_CODE,
    LATE_LEVEL,
    MNEMONIC_LEVEL,
    NUMBER_LEVEL,
    STRICT_LEVEL,
    TRAILING_LEVEL,
)
from logscope.ingest.formats.plain import is_continuation
from logscope.ingest.layouts.before import BLANKS, LABELLED, are_labels, find_level, generalise, loosen_words
from logscope.ingest.layouts.level_places import is_told_by
from logscope.ingest.layouts.request import cut_requests, learn_status
from logscope.ingest.layouts.rest import learn_parts, learn_rest
from logscope.ingest.severity import (
    PROSE_SAFE_WORDS,
    SCALES,
    SYSLOG_NUMBERS,
    choose_rising,
)
from logscope.ingest.timestamps.kinds import NAMES_OF_DATES, NUMBERS
from logscope.ingest.timestamps.timestamp import (
    KIND_BY_NAME,
    KINDS,
    READINGS,
    Missing,
    ParseState,
    StampKind,
    StampReader,
    choose_reading,
    compile_stamp,
)
from logscope.ingest.timestamps.traces import CENTURIES, TRACE_AHEAD, TRACE_AT_END
from logscope.model.severity import Severity
from logscope.model.times import US

_JOINED: Final = "day and time joined"
"""The kind without a year that no half of another is: `0305/140208.123`."""
_PREFIX: Final = 160
"""Bytes of a line in which its stamp is looked for."""
_VOTERS: Final = 200
"""Lines that vote."""
_LONG_PREFIX: Final = 24
_FAMILY: Final = {name: names[0] for names in READINGS for name in names}
"""Kinds that read the same text differently vote together."""


class StampPlace(NamedTuple):
    """Where one line's stamp stands."""

    kind: StampKind
    prefix: bytes
    """Regex of what stands before it."""
    start: int
    end: int


_BEGIN: Final = re.compile(rb"(?<![\w./+-])[\d @A-Za-z\x80-\xff]|(?<=\A[A-Z])(?:19|20)(?=\d{6})")
"""Where a stamp may begin: not inside a word or a number, but for the letter of a level that a line begins with."""
_NUMBERED: Final = tuple((kind.name, kind) for kind in KINDS if not kind.is_worded)
_NO_YEAR_FIRST: Final = tuple((name, kind) for name, kind in _NUMBERED if not kind.begins_with_year)
_WORDED: Final = tuple((kind.name, kind) for kind in KINDS if kind.is_worded)
_NUMBER_BEGINS: Final = b"0123456789 @"


@lru_cache(maxsize=1)
def _compile_first_words() -> re.Pattern[bytes]:
    return re.compile(NAMES_OF_DATES)


@lru_cache(maxsize=64)
def _compile_named(name: str) -> re.Pattern[bytes]:
    """A kind's pattern by its name alone, which is asked for thousands of times a file."""
    return compile_stamp(KIND_BY_NAME[name])


@lru_cache(maxsize=4096)
def _find_in(text: bytes) -> StampPlace | None:
    """The first stamp of a text. Few kinds can begin at a place, and most stamps stand at the text's begin."""
    if not _DIGITS.search(text):
        return None
    for place in _BEGIN.finditer(text):
        at = place.start()
        is_number = text[at] in _NUMBER_BEGINS
        if not is_number and _compile_first_words().match(text, at) is None:
            continue
        if TRACE_AHEAD.match(text, at) is None:
            continue
        is_behind_colon = text[at - 1 : at] == b":"
        if is_number and _MAC.match(text, at) is not None:
            continue
        numbered = _NUMBERED if text.startswith(CENTURIES, at) else _NO_YEAR_FIRST
        for name, kind in numbered if is_number else _WORDED:
            if is_behind_colon and kind.missing is not Missing.NOTHING and name != _JOINED:
                continue  # the later half of a time
            match = _compile_named(name).match(text, at)
            if match is not None:
                return StampPlace(kind, generalise(text[:at]), at, match.end())
    return None


def find_stamp(line: bytes) -> StampPlace | None:
    """The first stamp near the begin of a line; of two at the same place the more telling kind."""
    return _find_in(line[:_PREFIX])


_MAC: Final = re.compile(rb"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}(?![0-9a-fA-F:])")
"""The address of a network card: six numbers, of which three may look like a clock."""
_DIGITS: Final = re.compile(rb"\d\d[:h]?\d\d|\d{10}|\d:\d\d[AaPp]")


def learn_text(lines: Sequence[bytes], reference: int | None = None) -> tuple[TextForm, int] | None:
    """The form that most stamped lines share, and how many of the lines have its head; None without stamps.

    Args:
        lines: Of the sample.
        reference: When the file was last written, microseconds UTC; None where that is not known.
    """
    few = lines[:: max(1, len(lines) // _VOTERS)]
    places = [(line, place) for line in few if (place := find_stamp(line)) is not None]
    if not places:
        return None
    votes = Counter((_FAMILY.get(place.kind.name, place.kind.name), place.prefix) for _, place in places)
    (family, prefix), count = max(votes.items(), key=lambda vote: (vote[1], -len(vote[0][1])))
    mine = [
        (line, place)
        for line, place in places
        if (_FAMILY.get(place.kind.name, place.kind.name), place.prefix) == (family, prefix)
    ]
    state = ParseState()
    first = mine[0][1]
    is_doubtful = first.start > _LONG_PREFIX or (first.start > 0 and first.kind.name in NUMBERS)
    if is_doubtful and count * 2 < sum(1 for line in few if not is_continuation(line, state)):
        return None  # a time in prose, or the number in a mark
    stamps = [line[place.start : place.end] for line, place in mine]
    kind = KIND_BY_NAME[choose_reading(mine[0][1].kind.name, stamps, reference)]
    before = mine[0][0][: mine[0][1].start]
    open_bracket = before.count(b"[") > before.count(b"]")
    if b"(?P<level>" not in prefix and (level_at := find_level([line[: place.start] for line, place in mine])) >= 0:
        prefix = generalise(before, level_at)
    elif b"(?P<level>" not in prefix and are_labels([line[: place.start] for line, place in mine]):
        prefix = LABELLED
    if prefix.startswith(BLANKS):
        # A longer level, or a line of another writer, has no blanks before it: ` INFO`, `ERROR`.
        prefix = rb"[ \t]*+" + prefix[len(BLANKS) :]
    rests = [line[place.end :] for line, place in mine]
    again = _learn_again(kind, list(zip(stamps, rests, strict=True)))
    if again:
        match = re.compile(again).match
        # A collector tells how bad it is before the second stamp, too.
        told = rb"(?=[^\n]{0,40}?[ \t]" + FACILITY_LEVEL + rb")"
        if b"(?P<level>" not in prefix and sum(1 for rest in rests if re.match(told, rest)) >= _MOST * len(rests):
            again = told + again
        rests = [rest[found.end() :] for rest in rests if (found := match(rest)) is not None]
        open_bracket = False
    # A stamp alone, as of a thread dump, says nothing of what stands behind the others.
    telling = [rest for rest in rests if rest.strip()]
    rests = telling if len(telling) * 2 > len(rests) else rests
    has_level = b"(?P<level>" in prefix + again
    status = learn_status(rests)
    if not has_level and _are_stamps(rests) and _has_late_level(lines, mine):
        rest = _WHO_ELSE + rb"(?P<message>)\r?$"
    else:
        heads = cut_requests(rests, status)
        rest = learn_rest(heads, has_level, open_bracket, is_whole=heads == rests and _are_whole(lines, mine))
    if prefix.startswith(b"<") and b"(?P<message>)" not in rest and _hold(rests, _CONTENT):
        rest += rb"(?:" + _CONTENT + rb"(?P<message>))?"
    pattern = prefix + kind.pattern + again + status + rest
    numbers = SYSLOG_NUMBERS if prefix.startswith(rb"<(?P<level>") else _choose_numbers(rest, rests)
    form = TextForm("text", pattern, kind.name, levels=numbers)
    return form, sum(1 for line in lines if form.regex.match(line))


_CONTENT: Final = (
    rb"[^\n]{0,2000}?<(?:[a-z]{1,8}:)?(?i:message|msg|text|description|event|body)(?:[ \t][^<>\n]{0,400})?>"
    rb"(?:<!\[CDATA\[)?"
)
"""What stands before the text of an element in a line."""


def _hold(rests: Sequence[bytes], pattern: bytes) -> bool:
    match = re.compile(pattern).match
    return sum(1 for rest in rests if match(rest)) >= _MOST * len(rests)


def _are_stamps(rests: Sequence[bytes]) -> bool:
    """Heads hold nothing but their stamps, and whose they are: what they tell stands in the lines behind them."""
    match = re.compile(_WHO_ELSE + rb"\r?$").match
    return all(match(rest) for rest in rests)


_WHO_ELSE: Final = rb"[ \t]*+(?:-[ \t]++)?(?:[A-Z][A-Za-z]{1,20}\([^()\n]{0,100}\)[ \t]*+){0,8}"
"""Named values behind a stamp: ` - Process(71.1) User(mqm) Program(amqrmppa)`."""


def _has_late_level(lines: Sequence[bytes], mine: Sequence[tuple[bytes, StampPlace]]) -> bool:
    """Some line behind a stamp begins with a level, or one of most records with the number of its message."""
    stamped, match = {line for line, _ in mine}, compile_head(LATE_LEVEL).match
    found = (match(after) for line, after in pairwise(lines) if line in stamped)
    if any(one["level"].decode("latin-1").lower() in PROSE_SAFE_WORDS for one in found if one and one["level"]):
        return True
    codes = re.compile(LATE_CODE).match
    return sum(1 for line in lines if codes(line)) * 2 > len(stamped)


def _are_whole(lines: Sequence[bytes], mine: Sequence[tuple[bytes, StampPlace]]) -> bool:
    """Whether most stamped lines are followed by another one: their records are of one line."""
    stamped = {line for line, _ in mine}
    behind = [find_stamp(after) is not None for line, after in pairwise(lines) if line in stamped]
    return sum(behind) * 2 > len(behind)


def _learn_again(kind: StampKind, rows: list[tuple[bytes, bytes]]) -> bytes:
    """Regex of what stands up to the end of a second stamp of the same moment; empty where lines have one only.

    A collector or runtime writes its own stamp before the writer's. Two stamps are of one moment when they differ in
    what zones differ in, whole quarters of an hour.

    Args:
        kind: Of the first stamp.
        rows: First stamp of each line, and what stands behind it.
    """
    places: list[tuple[bytes, bytes, StampPlace]] = []
    for number, (stamp, rest) in enumerate(rows):
        place = _find_in(rest[:_AGAIN])
        if place is not None:
            places.append((stamp, rest, place))
        elif number + 1 - len(places) > (1 - _MOST) * len(rows):
            # Looking for a stamp in prose takes long, and most files have no second one.
            break
    if len(rows) < 3 or len(places) < _MOST * len(rows):
        return b""
    votes = Counter((place.kind.name, loosen_words(place.prefix)) for _, _, place in places)
    ((name, prefix), count) = votes.most_common(1)[0]
    if count < _MOST * len(rows) or prefix.count(BLANKS) > _MOST_BETWEEN or b"(?P<" in prefix:
        return b""
    second = KIND_BY_NAME[name]
    state = ParseState(2000)

    def read(reader: StampReader, text: bytes) -> int | None:
        found = reader.alone.fullmatch(text)
        if found is None:
            return None
        minute, sec, fraction, zone, extra = found.group("minute", "second", "fraction", "zone", "extra")
        return reader.read(minute, sec, fraction, zone, extra, state)

    first, near = StampReader(kind), 0
    again = StampReader(second)
    for stamp, rest, place in places:
        one, other = read(first, stamp), read(again, rest[place.start : place.end])
        near += one is not None and other is not None and (one - other + _NEAR_US) % _QUARTER_US <= 2 * _NEAR_US
    if near < _MOST * len(rows):
        return b""
    return _GROUP_NAME.sub(b"(?:", prefix + second.pattern)


_AGAIN: Final = 120
"""Bytes behind a stamp in which a second one is looked for."""
_MOST: Final = 0.9
_MOST_BETWEEN: Final = 4
"""Blanks before the second stamp: what else a collector writes are few words."""
_QUARTER_US: Final = 900 * US
_NEAR_US: Final = 60 * US
"""How long the writer's stamp may be older than the collector's."""
_GROUP_NAME: Final = re.compile(rb"\(\?P<\w+>")


def learn_untimed(lines: Sequence[bytes]) -> tuple[TextForm, int] | None:
    """The form of lines without times that have a level in a place of their own, and how many do; None where few do.

    A level that its looks tell at a line's begin needs no form: `PlainForm` reads it.
    """
    state = ParseState()
    few = lines[:_VOTERS]
    # Where nearly all lines begin with blanks, their first column is filled up, and none goes on.
    is_padded = sum(1 for line in few if line[:1] in b" \t") >= _MOST * len(few)
    heads = [line for line in few if is_padded or not is_continuation(line, state)]
    match = compile_head(STRICT_LEVEL).match
    if len(heads) < _FEWEST_HEADS or sum(1 for line in heads if match(line)) * 2 > len(heads):
        return None
    parts, level_at = learn_parts(heads, False, False)
    if level_at < 0:
        return None
    pattern = b"".join(rb"[ \t]*+(?:" + part + (rb")" if at <= level_at else rb")?") for at, part in enumerate(parts))
    form = TextForm("text", pattern + rb"[ \t]*+", None, levels=_choose_numbers(parts[level_at], heads))
    found = [one for line in heads if (one := form.regex.match(line)) is not None]
    is_told = len(found) >= _MOST * len(heads) and len({one["level"] for one in found}) > 1
    return (form, len(found)) if is_told else None


_FEWEST_HEADS: Final = 5


def _choose_numbers(part: bytes, rests: Sequence[bytes]) -> Mapping[bytes, Severity] | None:
    """What numbers of a level's place mean; None where it holds words.

    Syslog's fall from 0 on. Where most are among the worst of those, which are rare, it is a scale that rises.

    Args:
        part: Regex that holds the place.
        rests: Of the lines that vote.
    """
    if NUMBER_LEVEL in part:
        match = re.compile(part).match
        levels = Counter(found["level"] for rest in rests if (found := match(rest)) is not None and found["level"])
        return SCALES.get(choose_rising(map(int, levels.elements())), SYSLOG_NUMBERS)
    return SYSLOG_NUMBERS if MNEMONIC_LEVEL in part else None


_TAIL: Final = 80
"""Bytes at a line's end in which a stamp is looked for."""
_CLOSING: Final = rb"[\])}>\"'.;,]{0,3}\r?$"


_WHOLE: Final = tuple(kind.name for kind in KINDS if kind.missing is Missing.NOTHING)
"""Kinds of stamps that say all."""


@lru_cache(maxsize=64)
def _compile_inside(name: str) -> re.Pattern[bytes]:
    """A kind's pattern where it may stand in the middle of a line."""
    return re.compile(rb"(?<![\w./+-])" + KIND_BY_NAME[name].pattern)


def learn_tail(lines: Sequence[bytes]) -> tuple[TextForm, int] | None:
    """The form of lines that end with their stamp, and how many do; None where most do not."""
    votes: Counter[str] = Counter()
    state = ParseState()
    heads = [line for line in lines[:_VOTERS] if not is_continuation(line, state)]
    numbered = [
        (line, begin)
        for line in heads
        if _DIGITS.search(line, begin := max(0, len(line) - _TAIL)) and TRACE_AT_END.search(line, begin) is not None
    ]
    if len(numbered) * 10 < len(heads) * 7:
        # The patterns of all kinds need not be made for a few lines that end with a number.
        return None
    for line, begin in numbered:
        for name in _WHOLE:
            found = _compile_inside(name).search(line, begin)
            if found is not None and _CLOSED.match(line, found.end()):
                votes[name] += 1
                break
    if not votes:
        return None
    ((name, count),) = votes.most_common(1)
    if count * 10 < len(heads) * 7:
        return None
    kind = KIND_BY_NAME[name]
    stamp = rb"(?<![\w./+-])" + kind.pattern + _CLOSING + rb")"
    told = rb"(?=.{0,16000}?[ \t]" + TRAILING_LEVEL + rb"[ \t]{1,8}[\[({<]?" + stamp
    has_level = is_told_by(told, heads, len(heads))
    ahead = told if has_level else rb"(?=.{0,16000}?" + stamp
    form = TextForm("text", learn_rest(heads, has_level, False) + rb"(?P<message>)" + ahead, kind.name)
    return form, sum(1 for line in lines if form.regex.match(line))


_CLOSED: Final = re.compile(_CLOSING)
