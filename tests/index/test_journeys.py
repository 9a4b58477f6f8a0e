"""Rows of ids are kept whole or not at all, and are the same whatever the cuts, the order and the merges."""

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.index import journeys as journeys_module
from logscope.index.index import Index
from logscope.index.journeys import Journeys
from tests.effort import often
from tests.index.test_ids import make_lines, read

DATA = make_lines(400)


def as_text(rows):
    return rows.level, list(rows.kinds), rows.names.tolist(), rows.table.tolist()


@cache
def read_whole(most):
    """The rows of one reading; `most` is the bound in force."""
    assert most == journeys_module.MOST_ROWS
    return read(DATA, [], is_window=True).journeys.rows()


@pytest.mark.parametrize("most", [10_000, 60])
@settings(max_examples=often(15))
@given(cuts=st.lists(st.integers(0, 30_000), max_size=5), seed=st.integers(0, 9))
def test_any_cut_and_merge_keeps_the_same_rows(monkeypatch, most, cuts, seed):
    """Also where so many ids are seen that only some are kept."""
    monkeypatch.setattr(journeys_module, "MOST_ROWS", most)
    whole = read_whole(most)
    assert as_text(read(DATA, cuts, is_window=True).journeys.rows()) == as_text(whole)
    pieces = [read(DATA, [cut], is_window=True) for cut in cuts]
    random.Random(seed).shuffle(pieces)
    assert all(as_text(piece.journeys.rows()) == as_text(whole) for piece in pieces)
    assert len(whole.names) == 400 if most > 400 else 15 <= len(whole.names) <= 60


def test_merged_pieces_are_the_whole(monkeypatch):
    """Two halves of a log, merged either way, give the rows of one reading."""
    monkeypatch.setattr(journeys_module, "MOST_ROWS", 100)
    lines = DATA.splitlines(keepends=True)
    merged = []
    for order in ((0, 1), (1, 0)):
        halves = [read(b"".join(part), [], is_window=True).journeys for part in (lines[:200], lines[200:])]
        total = Journeys()
        for n in order:
            total.merge(halves[n])
        merged.append(total.rows())
    names = read(DATA, [], is_window=True).journeys.rows().names.tolist()
    assert as_text(merged[0]) == as_text(merged[1])
    assert merged[0].names.tolist() == names


def test_only_a_window_keeps_them():
    """What is read in full keeps no row for each id."""
    assert len(read(DATA, [], is_window=False).journeys.rows().names) == 0
    assert Index(is_window=True).digest() == Index().digest()
