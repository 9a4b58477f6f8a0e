"""The number of groups is bounded, and whatever the order, the cuts and the merges, the same ones are folded."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.index import groups as groups_module
from logscope.index.families import MOST_IN_BRANCH, MOST_MEMBERS, WILD
from logscope.index.index import Index
from logscope.ingest.layouts.layout import Sample, learn_layout
from logscope.ingest.scanner import Scanner
from tests.effort import often

MESSAGES = st.tuples(
    st.sampled_from(["failed to read", "failed to write", "order by peer", "no such Redis:"]),
    st.sampled_from("abcdefgh"),
)
"""Four families in three clans of one branch: each of them folds in some of the examples, and the branch in a few."""


def make_line(second, words, level="ERROR"):
    return f"2026-03-05 14:{second // 60 % 60:02d}:{second % 60:02d} {level} [main] {words}\n"


def read(lines, source="cart", part=0, offset=0, first_line=1):
    """An index of lines that begin at a place of their file."""
    data = "".join(lines).encode()
    sample = make_line(0, "failed to process").encode() * 20
    layout = learn_layout(Sample("x.log", sample, b"", b"", len(sample), 0))
    scanner = Scanner(layout, "cart", part=part, offset=offset, line=first_line)
    index = Index()
    index.fold(source, scanner.feed(data), scanner.signatures)
    index.fold(source, scanner.flush(), scanner.signatures)
    return index


def count_all(index):
    return sum(group.count() for group in index.groups.values())


@pytest.fixture
def _low_bounds(monkeypatch):
    monkeypatch.setattr(groups_module, "MOST_MEMBERS", 3)
    monkeypatch.setattr(groups_module, "MOST_IN_CLAN", 4)
    monkeypatch.setattr(groups_module, "CLAN_SHARE", 3)
    monkeypatch.setattr(groups_module, "MOST_IN_BRANCH", 7)


def word_of(n):
    return "".join(chr(97 + int(digit)) for digit in str(n))


def test_a_stream_of_names_is_one_group():
    """Messages that begin alike and end in more names than are told apart are one group; no record is lost."""
    lines = [make_line(n, f"failed to process {word_of(n)}") for n in range(MOST_MEMBERS * 3)]
    index = read([*lines, make_line(1, "disk full on sda")])
    assert {g.signature.template: g.count() for g in index.groups.values()} == {
        f"failed to process {WILD}": MOST_MEMBERS * 3, "disk full on sda": 1,
    }  # fmt: skip
    assert index.folded_kinds() == {"cart": (f"failed to process {WILD}",)}


def test_up_to_the_bound_kinds_are_told_apart():
    """A fleet of a hundred peers keeps its names."""
    index = read([make_line(n, f"failed to reach {word_of(n)}") for n in range(MOST_MEMBERS)])
    assert len(index.groups) == MOST_MEMBERS
    assert index.folded_kinds() == {}


def test_a_storm_of_random_words_leaves_other_messages_alone():
    """Messages without a common begin fold among themselves: one of another length or severity stays."""
    lines = [make_line(n, f"{word_of(n)} {word_of(n * 7)} went away") for n in range(MOST_IN_BRANCH * 2)]
    index = read([*lines, make_line(3, "disk full"), make_line(4, "OutOfMemoryError: Java heap"),
                  make_line(5, "aaa bbb ccc ddd", "WARN")])  # fmt: skip
    templates = {g.signature.template for g in index.groups.values()}
    assert templates == {WILD, "disk full", "OutOfMemoryError: Java heap", "aaa bbb ccc ddd"}
    assert count_all(index) == MOST_IN_BRANCH * 2 + 3


def test_a_name_in_the_second_place_leaves_other_messages_alone():
    """More names than are told apart fold what begins as they do; the rest of what is as long and as bad stays."""
    lines = [make_line(n, f"user {word_of(n)} not found") for n in range(MOST_IN_BRANCH * 2)]
    index = read([*lines, make_line(3, "pool of db exhausted")])
    assert {g.signature.template: g.count() for g in index.groups.values()} == {
        f"user {WILD}": MOST_IN_BRANCH * 2, "pool of db exhausted": 1,
    }  # fmt: skip


@pytest.mark.usefixtures("_low_bounds")
@settings(max_examples=often(60))
@given(
    st.lists(MESSAGES, min_size=1, max_size=40),
    st.randoms(use_true_random=False),
)
def test_order_cuts_and_merges_change_nothing(messages, chance: random.Random):
    """Any cut into pieces, merged in any order and by any tree, gives the digest of one reading."""
    lines = [make_line(n, " ".join(words)) for n, words in enumerate(messages)]
    whole = read(lines)
    pieces, at, offset = [], 0, 0
    while at < len(lines):
        size = chance.randint(1, 6)
        pieces.append(read(lines[at : at + size], offset=offset, first_line=at + 1))
        offset += sum(map(len, lines[at : at + size]))
        at += size
    chance.shuffle(pieces)
    while len(pieces) > 1:
        one = pieces.pop(chance.randrange(len(pieces)))
        pieces[chance.randrange(len(pieces))].merge(one)
    assert pieces[0].digest() == whole.digest()
    assert pieces[0].folded_kinds() == whole.folded_kinds()
    assert count_all(whole) == len(lines)


def test_requests_keep_their_status():
    """Folded requests still say how they were answered."""
    lines = [
        f'10.0.0.1 - - [05/Mar/2026:14:00:00 +0000] "GET /api/v1/{word_of(n)}/x HTTP/1.1" 503 0\n'
        for n in range(MOST_MEMBERS + 20)
    ]
    data = "".join(lines).encode()
    layout = learn_layout(Sample("a.log", data[:4000], b"", b"", len(data), 0))
    scanner = Scanner(layout, "web")
    index = Index()
    index.fold("web", scanner.feed(data), scanner.signatures)
    index.fold("web", scanner.flush(), scanner.signatures)
    assert {g.signature.template for g in index.groups.values()} == {f"GET /api/v1/{WILD} 503"}
