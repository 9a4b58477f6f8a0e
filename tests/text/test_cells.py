"""Texts are measured in cells of a terminal."""

import pytest
from rich.cells import cell_len

from logscope.text.cells import cells_of, cut_cells, fit, pad_cells


@pytest.mark.parametrize(
    "text", ["", "plain", "päyment", "名前サービス", "cafe\u0301", "▁▂█ … ▲", "zero\u200bwidth", "결제 실패"]
)
def test_a_text_is_as_wide_as_the_terminal_library_says(text):
    """Letters of two cells count as two, marks over letters as none."""
    assert cells_of(text) == cell_len(text)


def test_nothing_is_cut_through_the_middle_of_a_letter():
    """What does not fit whole is left out, and an ellipsis stands for it."""
    assert cut_cells("名前サービス", 6) == "名前…"
    assert cut_cells("名前", 4) == "名前"
    assert fit("名前サ", 5) == 2
    assert [cells_of(pad_cells(text, 8)) for text in ("名前", "plain", "名前サービス")] == [8, 8, 12]
