"""Texts are measured in cells of a terminal."""

import pytest

from logscope.text.cells import cells_of, cut, pad

FAMILY = "👩\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0), ("plain", 5), ("päyment", 7), ("名前サービス", 12), ("cafe\u0301", 4), ("▁▂█ … ▲", 7),
        ("zero\u200bwidth", 9), ("결제 실패", 9), (FAMILY, 2), ("❤\ufe0f ok", 5), ("👍🏽", 2),
    ],
)  # fmt: skip
def test_a_text_is_as_wide_as_a_terminal_draws_it(text, cells):
    """Letters of two cells count as two, marks over letters and what is joined to a sign as none."""
    assert cells_of(text) == cells


def test_nothing_is_cut_through_the_middle_of_a_letter():
    """What does not fit whole is left out; a text of nothing but marks takes no room."""
    assert [cut("名前サービス", width) for width in (5, 1, 0)] == ["名前", "", ""]
    assert [cut("abc", width) for width in (2, 3, -1)] == ["ab", "abc", ""]
    assert (cut(f"{FAMILY}x", 2), cut("e\u0301ab", 2)) == (FAMILY, "e\u0301a")
    assert cut("\u0301\u200b", 3) == "\u0301\u200b"


def test_columns_are_filled_with_blanks():
    """Up to their width, and never below it."""
    assert [pad(text, 8) for text in ("名前", "plain", "cafe\u0301")] == ["名前    ", "plain   ", "cafe\u0301    "]
    assert pad("名前サービス", 8) == "名前サービス"
