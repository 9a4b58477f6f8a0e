"""Fixed places of stamp and level, where a file has them: what the vectorised tiers need.

Learned from the same sample lines as the layout and checked against its `parse` on each of them. A line that fits the
plan gives the same time and severity as `Layout.parse`; a line that does not fit says nothing and must be parsed.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, NamedTuple

from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.formats.form import CONTINUES, Form, TextForm
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.logfmt import LogfmtForm
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing, ParseState
from logscope.ingest.timestamps.zones import read_zone
from logscope.model.severity import Severity

ANY: Final = ord("?")
DIGIT: Final = ord("0")
_AS_ZERO: Final = bytes.maketrans(b"123456789", b"0" * 9)


@dataclass(frozen=True, slots=True)
class FastPlan:
    """Where stamp and level stand in a line that fits.

    All columns count from `base`: the line's begin when `anchor` is empty, else the byte behind the first occurrence
    of `anchor` in the line.

    A line fits when each byte of `shape` agrees (`0`: a digit, `?`: any byte, else that very byte), the byte behind
    the stamp is no digit, and `Layout.read_minute` of the minute's bytes is not `NO_TIME`. Its time is the minute,
    plus `second` and `fraction`, minus the offset that `zones` tells. A second
    of 60 or more does not fit.

    Its severity: with `level_column`, the one of `level_words` that stands there (none: the line does not fit). Without
    `level_column` nothing is known of it and `parse` must be asked. Where lines are damaged behind it, `parse` may find
    no level.
    """

    anchor: bytes
    shape: bytes
    """From `base` to the end of the stamp, with the byte behind it where it is fixed, and on to the level where only
    fixed bytes stand between."""
    kind: str
    """Name of the stamp's kind; for `epoch` the minute is all digits before the point and there is no second."""
    missing: Missing
    """What the stamp does not say. Minutes then depend on the lines before: ask `read_minute` in stream order."""
    minute: tuple[int, int]
    """First column of the minute's text, and the one behind it. The text is the key for `Layout.read_minute`."""
    second: int | None
    """Column of the two digits."""
    fraction: tuple[int, int] | None
    """Columns of the fraction's digits, as many on every line that fits."""
    zone: tuple[int, int] | None
    """Columns of the zone's text."""
    zones: tuple[tuple[bytes, int], ...]
    """The sampled texts of the zone, and what each adds to UTC in microseconds; a line with another does not fit."""
    level_column: int | None
    level_words: tuple[tuple[bytes, Severity], ...]
    """Texts at the level's column and what they mean: those that were sampled and their siblings of the same style;
    others do not fit. Behind the stamp each is one byte longer than the level: what follows it."""


class _Places(NamedTuple):
    start: int
    end: int
    minute: tuple[int, int]
    second: int | None
    fraction: tuple[int, int] | None
    zone: tuple[int, int] | None
    level: tuple[int, int] | None
    kind: str
    missing: Missing


_SIBLINGS: Final = (
    "trace debug info notice warn warning error fatal critical",
    "TRACE DEBUG INFO NOTICE WARN WARNING ERROR FATAL CRITICAL",
    "Trace Debug Info Information Notice Warn Warning Error Fatal Critical",
    "T D I N W E F",
    "10 20 30 40 50 60",
)


def find_fast_plan(forms: Sequence[Form], lines: Sequence[bytes]) -> FastPlan | None:
    """The plan of the first form's heads; None when their places vary or the form is not timed."""
    if not forms or not forms[0].is_timed:
        return None
    form = forms[0]
    if isinstance(form, EnvelopeForm) and form.is_coarse:
        return None  # the bodies' stamps count, too
    stamps = AnyStamp()
    found = [(line, place) for line in lines if (place := _find_places(form, line, stamps)) is not None]
    if len(found) < 2:
        return None
    # A key of an inner object is told from another's of its name by what stands before it: by fixed columns only.
    nested = isinstance(form, JsonForm) and len(form.keys.times[0]) > 1
    for anchored in (False,) if nested else (False, True):
        plan = _build_plan(form, found, anchored)
        if plan is not None:
            return plan
    return None


def _build_plan(form: Form, found: list[tuple[bytes, _Places]], anchored: bool) -> FastPlan | None:
    anchor = _find_anchor(found) if anchored else b""
    if anchored and not anchor:
        return None
    based = [
        (line, place, place.start if anchored else 0)
        for line, place in found
        if not anchored or line.find(anchor) + len(anchor) == place.start
    ]
    if not based:
        return None
    votes = Counter(_relative(place, base) for _, place, base in based)
    ((common, count),) = votes.most_common(1)
    if count * 20 < len(found) * 19:
        return None
    fitting = [(line, place, base) for line, place, base in based if _relative(place, base) == common]
    start, end, minute, second, fraction, zone = common
    level_column, words = _find_level_words(form, fitting, start, end)
    if level_column is not None:
        fitting = [one for one in fitting if _has_level_at(one, level_column)]
    reach = max(end, level_column) if level_column is not None else end
    if reach == end and len({line[base + end : base + end + 1] for line, _, base in fitting} - {b""}) == 1:
        reach += all(len(line) > base + end for line, _, base in fitting)
    level = range(level_column, level_column + len(words[0][0])) if level_column is not None else range(0)
    place = fitting[0][1]
    shape = bytearray()
    for column, bytes_ in enumerate(zip_longest(*(line[base : base + reach] for line, _, base in fitting))):
        seen = set(bytes_) - {None}
        if column in level:
            shape.append(ANY)
        elif all(48 <= byte <= 57 for byte in seen):
            # A number since 1970 begins with 1, or it is none.
            shape.append(ord("1") if place.kind == "epoch" and column == minute[0] else DIGIT)
        elif column in range(*minute) and place.kind != "wide" and _may_change(fitting[0], column, seen):
            # Names of months; a day that is padded with a blank. Wide stamps have signs there: always the same bytes.
            shape.append(ANY)
        elif len(seen) == 1:
            shape.append(seen.pop())
        elif column in range(*minute):
            shape.append(ANY)
        else:
            return None
    return FastPlan(
        anchor,
        bytes(shape),
        place.kind,
        place.missing,
        minute,
        second,
        fraction,
        zone,
        _find_zones(fitting),
        level_column,
        words,
    )


def _may_change(one: tuple[bytes, _Places, int], column: int, seen: set[int]) -> bool:
    """Whether another letter or digit may stand in a column of the minute as well.

    The `T` between day and hour may not: a blank there would be part of a stamp too, and in pairs it ends the value.
    """
    line, _, base = one
    is_alone = not line[base + column - 1 : base + column].isalpha() and not line[base + column + 1 :][:1].isalpha()
    return chr(min(seen)).isalnum() and not (seen == {ord("T")} and is_alone)


_Relative = tuple[int, int, tuple[int, int], int | None, tuple[int, int] | None, tuple[int, int] | None]


def _relative(place: _Places, base: int) -> _Relative:
    def shift(span: tuple[int, int] | None) -> tuple[int, int] | None:
        return None if span is None else (span[0] - base, span[1] - base)

    minute = (place.minute[0] - base, place.minute[1] - base)
    second = None if place.second is None else place.second - base
    return place.start - base, place.end - base, minute, second, shift(place.fraction), shift(place.zone)


def _find_zones(fitting: list[tuple[bytes, _Places, int]]) -> tuple[tuple[bytes, int], ...]:
    texts = {line[place.zone[0] : place.zone[1]] for line, place, _ in fitting if place.zone is not None}
    return tuple((text, read_zone(text)) for text in sorted(texts))


def _find_anchor(found: list[tuple[bytes, _Places]]) -> bytes:
    """The longest text (up to 64 bytes) right before all stamps; empty when there is none without digits."""
    line, place = found[0]
    common = line[max(0, place.start - 64) : place.start]
    for line, place in found:
        before = line[: place.start]
        while common and not before.endswith(common):
            common = common[1:]
    return common


def _find_level_words(
    form: Form, fitting: list[tuple[bytes, _Places, int]], start: int, end: int
) -> tuple[int | None, tuple[tuple[bytes, Severity], ...]]:
    """The level's column and the texts that stand there; None where it varies or some lines have none."""
    votes = Counter(None if place.level is None else place.level[0] - base for _, place, base in fitting)
    ((column, count),) = votes.most_common(1)
    # The last line of a log that grows may be half written: it has no vote.
    if column is None or column < 0 or count * 20 < len(fitting) * 19:
        return None, ()
    fitting = [one for one in fitting if _has_level_at(one, column)]
    if not fitting:
        return None, ()  # the level ends the lines
    if column >= end:
        gaps = {line[base + end : base + column].translate(_AS_ZERO) for line, _, base in fitting}
        if len(gaps) > 1 or not _has_free_digits(form, *fitting[0]):
            return None, ()
    words: dict[bytes, Severity] = {}
    for line, place, _ in fitting:
        assert place.level is not None, "every fitting line has a level"
        head = form.parse(line, ParseState())
        if head is None or head is CONTINUES or head.severity is Severity.UNKNOWN or place.level[1] >= len(line):
            return None, ()
        follow = line[place.level[1] : place.level[1] + 1] if column >= end else b""
        words[line[place.level[0] : place.level[1]] + follow] = head.severity
    if column < end and len({len(word) for word in words}) > 1:
        return None, ()
    return column, tuple(sorted(_add_siblings(form, words, fitting).items()))


def _has_free_digits(form: Form, line: bytes, place: _Places, base: int) -> bool:
    """Whether any digits may stand before the level where digits do, but for the stamp: it is read, they are not.

    The second of two stamps ends at 59.
    """
    assert place.level is not None, "every fitting line has a level"
    stamps = AnyStamp()
    for column in (*range(base, place.start), *range(place.end, place.level[0])):
        if not line[column : column + 1].isdigit():
            continue
        for digit in b"0123456789":
            changed = line[:column] + bytes((digit,)) + line[column + 1 :]
            if form.parse(changed, ParseState()) is None or _find_places(form, changed, stamps) != place:
                return False
    return True


def _has_level_at(one: tuple[bytes, _Places, int], column: int) -> bool:
    line, place, base = one
    return place.level is not None and place.level[0] - base == column and place.level[1] < len(line)


def _add_siblings(
    form: Form, words: dict[bytes, Severity], fitting: list[tuple[bytes, _Places, int]]
) -> dict[bytes, Severity]:
    """The level words of the same style that were not sampled, where the form reads them at the same place."""
    line, place, _ = fitting[0]
    assert place.level is not None, "every fitting line has a level"
    behind = place.level[0] >= place.end
    sampled = {(word[:-1] if behind else word).decode("latin-1") for word in words}
    follows = {word[-1:] if behind else b"" for word in words}
    complete = dict(words)
    stamps = AnyStamp()
    for siblings in _SIBLINGS:
        names = siblings.split()
        if not sampled <= set(names) or len(follows) != 1:
            continue
        (follow,) = follows
        for name in names:
            word = name.encode() + follow
            if word in complete or (not behind and len(name) != place.level[1] - place.level[0]):
                continue
            changed = line[: place.level[0]] + word + line[place.level[1] + len(follow) :]
            head = form.parse(changed, ParseState())
            where = _find_places(form, changed, stamps)
            expected = (place.level[0], place.level[0] + len(name))
            if head is not None and head.severity is not Severity.UNKNOWN and where and where.level == expected:
                complete[word] = head.severity
    return complete


def _find_places(form: Form, line: bytes, stamps: AnyStamp) -> _Places | None:
    if isinstance(form, EnvelopeForm):
        # Of an envelope only the time is at a fixed place: levels are the bodies'.
        place = _find_places(form.opener.header, line, stamps)
        return None if place is None else place._replace(level=None)
    if isinstance(form, TextForm):
        match = form.regex.match(line)
        if match is None or match["minute"] is None or match["extra"] is not None or form.stamp is None:
            return None
        if match["level"] in form.continuations and match["level"] is not None:
            return None
        spans = {name: _span(match, name) for name in ("minute", "second", "fraction", "zone", "level")}
        minute = spans["minute"]
        assert minute is not None, "the minute took part"
        ends = [span[1] for name, span in spans.items() if span is not None and name != "level"]
        return _Places(
            minute[0],
            max(ends),
            minute,
            spans["second"][0] if spans["second"] else None,
            spans["fraction"],
            spans["zone"],
            spans["level"],
            form.stamp,
            form.missing,
        )
    if isinstance(form, JsonForm):
        time, level = form.find_raw_places(line)
    elif isinstance(form, LogfmtForm):
        time, level = _find_pair_places(form, line)
    else:
        return None
    if time is None:
        return None
    kind = stamps.find_match(line[time[0] : time[1]])
    if kind is None or kind[1]["extra"] is not None:
        return None

    def shifted(name: str) -> tuple[int, int] | None:
        span = _span(kind[1], name)
        return None if span is None else (span[0] + time[0], span[1] + time[0])

    minute, second = shifted("minute"), shifted("second")
    assert minute is not None, "every stamp has a minute"
    return _Places(
        time[0], time[1], minute, second[0] if second else None, shifted("fraction"), shifted("zone"), level,
        kind[0].name, kind[0].missing,
    )  # fmt: skip


def _span(match: re.Match[bytes], name: str) -> tuple[int, int] | None:
    span = match.span(name)
    return None if span[0] < 0 else span


def _find_pair_places(form: LogfmtForm, line: bytes) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    time = level = None
    for pair in form.pair.finditer(line):
        # An unfinished value has one quote.
        first = pair[2][:1] in (b'"', b"'")
        last = first and len(pair[2]) > 1 and pair[2][-1:] == pair[2][:1]
        span = (pair.start(2) + first, pair.end(2) - last)
        if pair[1] == form.keys.time and time is None:
            time = span
        elif pair[1] == form.keys.level and level is None:
            level = span
    return time, level
