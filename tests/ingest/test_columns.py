"""Vector operations give what plain operations on the same bytes give."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logscope.ingest.columns import Block, count_digits, find_flags
from logscope.ingest.durations import DurationReader
from logscope.ingest.formats.catalogue import read_catalogue
from logscope.ingest.formats.firsts import find_first_bytes
from logscope.ingest.formats.form import TextForm
from logscope.ingest.signatures.ids import mask_all_ids
from logscope.ingest.signatures.masks import mask_ids

PIECES = st.lists(st.sampled_from([b"a", b"ab", b'"', b"l", b"\n", b"xyz", b"  "]), min_size=20, max_size=60)


@given(pieces=PIECES, cut=st.integers(0, 19), text=st.sampled_from([b"a", b"ab", b'"l', b'ab"lab"la', b"\n"]))
def test_texts_are_found_where_they_are(pieces, cut, text):
    """A text is found wherever it stands between the block's begin and end, overlapping or near the end."""
    data = b"".join(pieces)
    begin, end = cut, max(cut, len(data) - cut // 2)
    expected = [n for n in range(begin, end - len(text) + 1) if data.startswith(text, n)]
    assert expected == Block(data, begin, end).find_text(text).tolist()


@given(pieces=PIECES, cut=st.integers(0, 19), digits=st.integers(0, 9), text=st.sampled_from([b"a", b'"l', b"xyz"]))
def test_texts_before_numbers_are_found(pieces, cut, digits, text):
    """A text is found where a digit follows it, right behind it or one byte on."""
    data = b"".join(piece + b"%d" % digits * (n % 3 == 0) for n, piece in enumerate(pieces)) + b"    "
    begin, end = cut, max(cut, len(data) - cut // 2)
    for gap in (0, 1):
        fits = range(begin, end - len(text) - gap)
        expected = [n for n in fits if data.startswith(text, n) and data[n + len(text) + gap :][:1].isdigit()]
        assert expected == Block(data, begin, end).find_numbers(text, gap).tolist()


@given(flags=st.lists(st.booleans(), max_size=200), sparse=st.booleans())
def test_flags_are_found(flags, sparse):
    """The indexes of set flags, whether they are few or many."""
    found = np.array([flag and (not sparse or n % 7 == 0) for n, flag in enumerate(flags)], np.bool_)
    assert np.flatnonzero(found).tolist() == find_flags(found).tolist()


@given(texts=st.lists(st.binary(min_size=8, max_size=8) | st.from_regex(rb"[0-9]{8}", fullmatch=True), min_size=1))
def test_digits_are_counted(texts):
    """The digits that a word begins with, whatever follows them."""
    expected = [re.match(rb"[0-9]*", text).end() for text in texts]
    assert expected == count_digits(np.frombuffer(b"".join(texts), "<u8")).tolist()


TOKENS = (
    b"abc123", b"12345678", b"deadbeef", b"1234-1234-1234-1234", b"550e8400-e29b-41d4-a716-446655440000", b"-", b" ",
    b"12345678-1234-1234-1234-123456789012", b"\n", b"x1", b"_a1b2c3", b"req-a1b2c3", b"a" * 39 + b"1",
    b"a" * 40 + b"1", b"FACEFEED", b"beefBEEF", b"f" * 90,
    b"1" * 41 + b"a", b".", b"12ab", b"\xe4", b"-446655440000", b"\x01",
)  # fmt: skip


@given(tokens=st.lists(st.sampled_from(TOKENS), min_size=30, max_size=120))
def test_ids_are_masked_as_the_regex_masks_them(tokens):
    """Masking many messages at once gives the text that the regex gives."""
    text = b"".join(tokens) + b" " * 512
    assert mask_ids(text) == mask_all_ids(text)


TAILS = st.sampled_from(
    [b' rt=0.123"', b' 0.017', b' 12345678.5', b' 0.123456789', b' .5', b' 7', b' 0.5 x', b' 1.5.2', b' rt=', b' "-"',
     b' request_time=1.5', b' request_time:0.25 ', b' xrt=0.5 rt=0.75', b' 1.2 3.4']
)  # fmt: skip


@given(tails=st.lists(st.lists(TAILS, max_size=4), min_size=1, max_size=20))
def test_durations_are_read_as_the_regex_reads_them(tails):
    """The first duration of each line, to the microsecond, for every regex of the catalogue's access logs."""
    lines = [b'"GET / HTTP/1.1" 200 17 "-" "x"' + b"".join(tail) for tail in tails]
    data = b"\n".join(lines) + b"\n"
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10)
    begins = np.concatenate([[0], ends[:-1] + 1])
    entry = next(entry for entry in read_catalogue() if len(entry.took_searches) > 1)
    for pattern in entry.took_searches:
        form = TextForm("access", rb"(?P<message>)", None, took_pattern=pattern)
        expected = [form.read_took(data, begin, end) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        found = DurationReader(form).read(Block(data), begins, ends)
        assert expected == found.tolist()


def test_no_match_begins_with_another_byte():
    """A pattern of the catalogue matches no line that begins with a byte outside its first ones."""
    for entry in read_catalogue():
        firsts = find_first_bytes(entry.pattern)
        assert firsts, entry.name
        assert not firsts & set(b"\t\n"), entry.name
    assert find_first_bytes(rb"(?:a|[b-d]|(?i:x)|\d)?+(?=z)q") == frozenset(b"abcdxX0123456789q")
    assert find_first_bytes(rb"a?") is None
