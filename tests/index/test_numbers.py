"""The glance at many lines at once overlooks no number that the expressions find, and says where one stands."""

from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.index import numbers
from logscope.index.numbers import read_all
from tests.effort import often

PIECES = [
    b"rss_mb", b"p99", b"_x", b"a.b-c", b"T", b"of", b" of ", b" out of ", b" in use", b" busy", b"connections ", b"=",
    b": ", b' = "', b'":', b" ", b'"', b"-", b".", b",", b"%", b"/", b"(", b")", b"!", b";", b"\t", b"|", b"\r", b"\0",
    b"5", b"57", b"100", b"0.25", b"1234567890", b"1234567890123456", b"14:01:42,718", b"2026-03-02T14:01", b"\xc3\xa9",
]  # fmt: skip
LINE = st.one_of(st.binary(max_size=24), st.lists(st.sampled_from(PIECES), max_size=9).map(b"".join))


@settings(max_examples=often(300))
@given(texts=st.lists(LINE.map(lambda text: text.split(b"\n", 1)[0]), max_size=12))
def test_what_is_not_tried_would_have_found_nothing(texts):
    """Each line has the numbers that all expressions find in it when they are tried on it alone."""
    assert read_all(texts) == [numbers._read_one(text, 7) for text in texts]


def test_numbers_are_called_by_their_name_their_word_or_their_place():
    """A named number first, then how much of how much is taken, then the cells of a row, then the word beside."""
    texts = [
        b'14:01:42,718 INFO heap p99=12.5 "pct": 99.8 % id=7',
        b"09:00:00 57 of 100 connections in use",
        b"1700,12,0.5,x",
        b"14:01:42,718 INFO cart kept, age 14 s",
        b"14:01:42,718 INFO nothing to tell",
    ]
    assert read_all(texts) == [
        (("p99", 12.5, False), ("pct", 99.8, True)),
        (("~connections", 57.0, False), ("~max connections", 100.0, False)),
        (("#0", 1700.0, False), ("#1", 12.0, False), ("#2", 0.5, False)),
        (("~age", 14.0, False),),
        (),
    ]
