"""Where a line's stamp is found: as trying every kind at every place would."""

import random
import re

from format_samples import CASES

from logscope.ingest.formats.catalogue import find_literals, read_forms
from logscope.ingest.formats.firsts import find_first_bytes
from logscope.ingest.formats.head_regex import compile_head
from logscope.ingest.formats.levels import (
    CLOSING_LEVEL,
    CODE_LEVELS,
    QUALIFIED_LEVELS,
    SPARSE_LETTER,
    WHOLE_LEVELS,
    loosen,
)
from logscope.ingest.layouts.text import find_stamp
from logscope.ingest.timestamps.timestamp import KINDS, Missing
from logscope.ingest.timestamps.traces import CENTURIES, TRACE, TRACE_AHEAD, TRACE_AT_END

_LONGEST = 160
LINES = [line for _, _, rows in CASES for line, _ in rows]


def _find_slowly(line: bytes) -> tuple[str, int, int] | None:
    found = []
    for number, kind in enumerate(KINDS):
        ahead = rb"(?<![\w./+-])" if kind.missing is Missing.NOTHING else rb"(?<![\w.:/+-])"
        # Behind the letter of a level that a line begins with a whole day may stand at once.
        ahead = rb"(?:" + ahead + rb"|(?<=\A[A-Z])(?=(?:19|20)\d{6}))"
        match = re.search(ahead + kind.pattern, line[:_LONGEST])
        if match is not None:
            found.append((match.start(), number, kind.name, match.end()))
    return None if not found else (min(found)[2], min(found)[0], min(found)[3])


def test_first_of_all_places() -> None:
    """The kind that begins first, of two at one place the more telling one, also where the line is cut or shifted."""
    chance = random.Random(7)
    for line in chance.sample(LINES, min(len(LINES), 120)):
        for text in (line, b"up 12:3 at " + line, line[chance.randrange(30) :]):
            place = find_stamp(text)
            # A text without two pairs of digits, or ten in a row, is not looked at.
            if place is None:
                assert _find_slowly(text) is None or not re.search(rb"\d\d:?\d\d|\d{10}", text[:_LONGEST])
            else:
                assert (place.kind.name, place.start, place.end) == _find_slowly(text)


def test_kinds_by_their_first_byte() -> None:
    """Kinds that begin with a word begin with letters only, all others with a digit, a blank or an `@`."""
    for kind in KINDS:
        firsts = find_first_bytes(kind.pattern)
        assert firsts is not None
        assert kind.is_worded == bytes(byte for byte in sorted(firsts) if byte < 128).isalpha()
        assert kind.is_worded or set(b"0123456789 @") >= firsts


def test_every_stamp_leaves_a_trace() -> None:
    """What rules kinds out before they are tried is in the stamps of all samples, at a line's begin and end."""
    seen = set()
    for line in LINES:
        place = find_stamp(line)
        if place is None or place.kind.name in seen:
            continue
        seen.add(place.kind.name)
        stamp = line[place.start : place.end]
        assert TRACE.search(stamp), stamp
        assert TRACE_AHEAD.match(stamp), stamp
        assert all(TRACE_AT_END.search(b"since " + stamp + end) for end in (b"", b'"]', b"]).\r")), stamp
        assert not place.kind.begins_with_year or stamp.startswith(CENTURIES), stamp
    assert len(seen) > 30


def test_literals_stand_in_all_heads_of_the_catalogue() -> None:
    """A pattern is passed over only where the text is missing that each of its matches holds."""
    for entry, form in read_forms():
        heads = [found[0] for line in LINES[::3] if (found := form.regex.match(line)) is not None]
        assert all(text in head for head in heads for text in entry.literals), entry.name
    assert find_literals(r"a+b{0,3} (?:cd|ef)? \[gh\] [ij]k{2}\d:") == {b" ", b" [gh] ", b":"}
    assert find_literals("ab|cd") == find_literals("(?i:a)b") == frozenset()


def test_a_level_with_any_word_is_found_wherever_one_with_a_level_is() -> None:
    """Lines are ruled out by a pattern without the words of levels that match the one with them nowhere."""
    elements = (*WHOLE_LEVELS, *QUALIFIED_LEVELS, CLOSING_LEVEL, SPARSE_LETTER, *CODE_LEVELS)
    found = 0
    for element in elements:
        strict, loose = compile_head(element), compile_head(loosen(element))
        assert len(loose.pattern) < 500
        for line in LINES[::9]:
            for at in (0, line.find(b"["), line.find(b" ") + 1):
                if at >= 0 and strict.match(line, at) is not None:
                    found += 1
                    assert loose.match(line, at) is not None, line
    assert found
