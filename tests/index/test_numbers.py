"""The glance at many lines at once overlooks no number that the expressions find, and says where one stands."""

from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.index import numbers
from logscope.index.numbers import read_all
from tests.effort import often

PIECES = [
    b"rss_mb", b"p99", b"_x", b"a.b-c", b"T", b"of", b" of ", b" out of ", b" in use", b" busy", b"connections ", b"=",
    b": ", b' = "', b'":', b" ", b'"', b"-", b".", b",", b"%", b"/", b"(", b")", b"!", b";", b"\t", b"|", b"\r", b"\0",
    b" 5", b" 57 ", b"100", b"0.25", b"1234567890", b"1234567890123456", b"14:01:42,718", b"2026-03-02T14:01",
    b"\xc3\xa9", b"ms", b"s", b"MB", b"\xc2\xb5s", b"KiB", b"G",
]  # fmt: skip
LINE = st.one_of(st.binary(max_size=24), st.lists(st.sampled_from(PIECES), max_size=9).map(b"".join))


@settings(max_examples=often(150))
@given(texts=st.lists(LINE.map(lambda text: text.split(b"\n", 1)[0]), max_size=12))
def test_what_is_not_tried_would_have_found_nothing(texts):
    """Each line has the numbers that all expressions find in it when they are tried on it alone."""
    assert read_all(texts) == [read_slowly(text) for text in texts]


def read_slowly(text):
    """Every expression, on one line, word by word."""
    found = {}
    for name, number, unit, percent in numbers._NAMED.findall(text):
        if (word := numbers._read_name(name)) is not None:
            factor, behind = numbers._UNITS.get(unit, (1.0, ""))
            found.setdefault(f"{word}{behind}", (round(float(number) * factor, 9), bool(percent)))
    for taken, most, what in numbers._TAKEN.findall(text):
        word = what.decode().strip().lower() or "taken"
        found.setdefault(f"~{word}", (float(taken), False))
        found.setdefault(f"~max {word}", (float(most), False))
    if not found and max(map(text.count, numbers._SEPARATORS)) >= 3:
        return numbers._read_cells(text.split(max(numbers._SEPARATORS, key=text.count)))
    words = text.split() if not found else []
    free = [(n, told) for n, word in enumerate(words) if (told := numbers._FREE.fullmatch(word))]
    for n, told in free if len(free) <= 3 else ():
        beside = (numbers._read_word(word) for word in (*words[n + 1 : n + 2], *words[max(0, n - 1) : n]))
        if (word := next(filter(None, beside), None)) is not None:
            found.setdefault(word, (float(told[1]), bool(told[2])))
    return tuple((name, *told) for name, told in found.items())


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


def test_a_duration_is_called_by_its_unit():
    """`in 115 ms` has no other word beside it: a call that takes a hundred times as long is told by it."""
    texts = [b"2026-03-02T14:01:42Z INFO POST https://api.example/v2/score 200 in 115 ms [29d2]"]
    assert read_all(texts) == [(("~ms", 115.0, False),)]


def test_durations_and_sizes_are_told_in_one_unit():
    """`980ms` and `1.2s` are of one series, and so are `512M` and `1GiB`; an id or a time of day has no unit."""
    texts = [b"took=980ms heap=512M", b'{"took":"1.2s","heap":"1GiB"}', b"took=5\xc2\xb5s heap=20kB", b"id=4ms x=1m30s"]
    assert read_all(texts) == [
        (("took_ms", 980.0, False), ("heap_MB", 512.0, False)),
        (("took_ms", 1200.0, False), ("heap_MB", 1024.0, False)),
        (("took_ms", 0.005, False), ("heap_MB", 0.02, False)),
        (),
    ]
