"""A pattern that is matched on many lines at once gives what `re` gives, or says that it does not know."""

import re
from functools import cache

import numpy as np
import pytest
from format_samples import BY_NAME, layout_of
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.ingest.columns import Block
from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.envelopes.openers import TextOpener
from logscope.ingest.formats.firsts import UnknownError
from logscope.ingest.formats.form import TextForm
from logscope.ingest.formats.plain import CONTINUATION, EXCEPTIONS, HEAD, is_continuation
from logscope.ingest.patterns import atoms, heads, memory
from logscope.ingest.patterns.lines import MARGIN, MAYBE, NO
from logscope.ingest.patterns.pattern import BlockPattern
from logscope.ingest.patterns.reader import NAME, may_be_exceptions
from logscope.ingest.timestamps.timestamp import ParseState
from tests.effort import EFFORT, often

PARTS = (
    rb"a{1,3}(?P<x>b?)c", rb"(?P<x>a|ab)(?P<y>c|bcd)", rb"(?:ab|a)*+b", rb"[^b]{0,4}b", rb"a*?b", rb"(?:(?P<x>a)b)??ab",
    rb"(?!(?i:AB)\b)\w{1,3} ", rb"(?=a(?P<x>b))a", rb"(?<=a)b|a", rb"(?:a|bc){1,3}d", rb"(?P<x>a*)a", rb"a+$", rb"\b.c",
    rb"(?:[^b\\]|\\.){0,9}b", rb"(?:a b |\S{1,2} ){0,3}?c", rb"(?i:aB|a|abc|abd|b|ba|bac|c|ca)(?![ab])", rb"(?>a|ab)c",
    rb"(?P<x>\d{1,9})(?P<y>[ab]{2})?", rb"[a-c]{2}\d|\d[^ ]+ ", rb"(?:(?:a|b)c?){2,3}", rb"(?P<x>[ab]{1,9}\d?)(?<!a)",
    rb"[ab1]{1,3}b1", rb"(?P<x>\S{0,4})b(?P<y>\d?)c", rb"\w{2,}a ", rb"(?:[abc]{1,5}bc|\d)+ ",
)  # fmt: skip
TEXTS = st.lists(st.text("aAbBcd \\1", max_size=12), min_size=1, max_size=30)


def compare(pattern: bytes, lines: list[bytes]) -> list[int]:
    """Match a pattern on lines both ways, anew and from memory; gives the ends as told for the lines."""
    data = b"\n".join(lines) + b"\n" + b"a1 b" * MARGIN
    ends = np.cumsum([len(line) + 1 for line in lines]) - 1
    starts = ends - [len(line) for line in lines]
    anew = heads.compile_pattern(pattern)
    remembered = memory.MatchMemory(anew)
    step = max(3, len(lines) // 8)
    for begin in range(0, len(lines), step):
        # What is remembered comes from other lines than those that are told, and from some of the same.
        few = slice(begin, begin + step - 1)
        remembered.match(Block(data), starts[few], ends[few])
    with pytest.MonkeyPatch.context() as patch:
        # As in a block of many lines.
        patch.setattr(atoms, "_FEW_LINES", 0)
        _compare(anew.match(Block(data), starts, ends), pattern, lines, starts)
    for matcher in (anew, remembered, remembered):
        told = _compare(matcher.match(Block(data), starts, ends), pattern, lines, starts)
    return told


def _compare(found, pattern: bytes, lines: list[bytes], starts) -> list[int]:
    regex = re.compile(pattern)
    for row, line in enumerate(lines):
        expected, end = regex.match(line), int(found.end[row])
        if end == NO:
            assert expected is None, (pattern, line)
        elif end != MAYBE:
            assert expected is not None, (pattern, line)
            assert expected.end() == end - starts[row], (pattern, line)
            for name, span in ((name, expected.span(name)) for name in expected.groupdict()):
                begin, behind = (int(place[row]) for place in found.span(name))
                told = (-1, -1) if begin < 0 else (begin - starts[row], behind - starts[row])
                assert span == told, (pattern, line, name)
    return found.end.tolist()


CLASSES = (
    rb"\w{1,200}+", rb"[^ab]{0,99}+b", rb"[^\s:]{2,255}:", rb"[a-c1-3x-z_.]++", rb"[\xc3-\xc5]?+[\x80-\xff]{0,90}+a",
    rb"[a-c][1-3][bB][ab1][^a]\d[.:_ ]", rb"[^\x80-\xff]{3,60}+", rb"(?P<x>[\w$.\\/]{0,70}+)(?P<y>[:b]?)",
    rb"[0-9a-f]{4,40}",
)  # fmt: skip
BYTES = st.lists(
    st.lists(
        st.sampled_from(
            (b"ab1c", b"a" * 9, b"b" * 33, b"1" * 8, b":", b" ", b"\t", b"\xc3\xa9", b"\xff", b"zZ_.$/", b"@[`{")
        ),
        max_size=12,
    ).map(b"".join),
    min_size=1, max_size=20,
)  # fmt: skip


@settings(max_examples=often(100))
@given(pattern=st.sampled_from(CLASSES), lines=BYTES)
def test_runs_and_cells_of_any_bytes(pattern, lines):
    """Of long runs, of bytes that are no text, and at the edges of ranges ends and groups are those of `re`."""
    compare(pattern, lines)


@settings(max_examples=often(60))
@given(
    texts=st.lists(
        st.sampled_from((b"a", b"ab", b"abcdefgh", b"abcdefgi", b"abcdefghi", b"")), min_size=1, max_size=200
    )
)
def test_texts_are_looked_up_as_if_each_was_asked_for(texts):
    """Whatever stands behind them and however often they return, each text gets its own value."""
    data = b"x".join(texts) + b"x" * MARGIN
    sizes = np.array([len(text) for text in texts])
    begin = np.cumsum(sizes + 1) - sizes - 1
    found = heads.look_up(Block(data), begin, begin + sizes, lambda text: len(text) * 256 + sum(text) % 256)
    assert [len(text) * 256 + sum(text) % 256 for text in texts] == found.tolist()


NAMES = st.lists(
    st.sampled_from(
        (
            *EXCEPTIONS, b"FooError", b"a.bException", b":", b"::", b".", b"/", b"\\", b" ", b" - ", b"x", b"Foo", b"$",
            b"9", b"\r", b"-", b"(",
        )
    ),
    max_size=9,
).map(b"".join)  # fmt: skip


@settings(max_examples=often(100))
@given(lines=st.lists(NAMES, min_size=1, max_size=40))
def test_no_name_of_an_exception_is_passed_over(lines):
    """A line that the parser may take for an exception under its error is always left to it."""
    data = b"\n".join(lines) + b"\n" + b"a" * MARGIN
    ends = np.cumsum([len(line) + 1 for line in lines]) - 1
    starts = ends - [len(line) for line in lines]
    kept = may_be_exceptions(Block(data), heads.make_matcher(NAME).match(Block(data), starts, ends).end, ends)
    state = ParseState()
    state.after_error = True
    for line, is_kept in zip(lines, kept.tolist(), strict=True):
        assert is_kept or is_continuation(line, state) == is_continuation(line, ParseState())


@settings(max_examples=often(150))
@given(pattern=st.sampled_from(PARTS), behind=st.sampled_from((b"", *PARTS[1:6])), texts=TEXTS)
def test_what_is_told_is_what_re_finds(pattern, behind, texts):
    """Of any text: ends and groups of matches are those of `re`, and where there surely is none `re` finds none."""
    whole = pattern + (behind.replace(b"?P<x>", b"?:").replace(b"?P<y>", b"?:") if behind != pattern else b"")
    compare(whole, [text.encode() for text in texts])


@cache
def find_patterns() -> dict[bytes, list[bytes]]:
    """The patterns of all formats, each with the lines of the formats that have it."""
    found: dict[bytes, list[bytes]] = {}
    for name, lines in BY_NAME.items():
        for form in layout_of(name).forms:
            if isinstance(form, EnvelopeForm) and isinstance(form.opener, TextOpener):
                form = form.opener.header
            if isinstance(form, TextForm):
                found.setdefault(form.pattern, []).extend(lines)
    return found


@pytest.mark.parametrize("part", range(20))
def test_patterns_of_formats(part):
    """Heads of every format, whole, cut and with other bytes in them, are told as `re` tells them, or left open.

    A usual run takes every other one: all are matched where fast reading is compared with slow reading.
    """
    patterns = list(find_patterns().items())[part :: 20 * max(1, 2 // EFFORT)]
    assert patterns
    for pattern, whole in patterns:
        lines = whole[: often(10)]
        some = lines[: often(3)]
        lines += [line[:at] for line in some for at in range(0, 60, 11)]
        lines += [line[:at] + b"x 1" + line[at + 1 :] for line in some for at in range(0, 60, 5)]
        compare(pattern, [line for line in lines if b"\n" not in line])


def test_usual_lines_are_not_left_open():
    """Plain messages, which are most of what syslog carries, are surely neither continued nor headed by a level."""
    lines = [b"Session expired at /api/v2/items/916704", b"Voucher stored id=225b6d1daa6dd400", b"Quote stored"] * 9
    assert set(compare(HEAD, lines)) == set(compare(CONTINUATION, lines)) == {NO}
    assert NO not in compare(HEAD, [b"error: disk full", b"[main] WARN x", b"app[7]: ERROR: x"])


@pytest.mark.parametrize("pattern", [rb"(a)\1", rb"(?:(?P<x>a)b){2,3}", rb"(?<!ab)c", rb"(?i:[^a])"])
def test_what_is_not_known_is_refused(pattern):
    """A pattern that holds what cannot be matched so is not used at all."""
    with pytest.raises(UnknownError):
        BlockPattern(pattern)


def test_a_duration_at_the_very_end_of_a_block_is_for_the_parser():
    """No word of full length begins there: it is told as not known, and nothing is read beyond the end."""
    data = b"GET /a took=0.125 GET /b took=17"
    at, stop = np.array([12, 30]), np.array([17, 32])
    duration, is_known = heads.read_durations(Block(data), at, stop, 1_000_000)
    assert is_known.tolist() == [True, False]
    assert duration[0] == 125_000


def test_the_last_lines_are_for_the_parser_known_or_not(monkeypatch):
    """What stands within the last bytes of the data is not looked at, also where a line like it was just learned."""
    # Also a pattern that is quickly matched is remembered.
    monkeypatch.setattr(memory, "_WORTH_WORDS", 0)
    lines = [b"GET /%d took=%d" % (n % 7, n % 10) for n in range(2000)]
    data = b"\n".join(lines) + b"\n"
    ends = np.cumsum([len(line) + 1 for line in lines]) - 1
    starts = ends - [len(line) for line in lines]
    pattern = rb"GET (?P<route>\S{1,9}) took=(?P<took>\d)"
    anew = heads.compile_pattern(pattern).match(Block(data), starts, ends)
    remembered = heads.make_matcher(pattern).match(Block(data), starts, ends)
    assert anew.end[-1] == MAYBE
    assert remembered.end.tolist() == anew.end.tolist()
