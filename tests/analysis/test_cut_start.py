"""Logs that are cut out of an incident's end are not called quiet."""

import pytest

from logscope.analysis.onset.cut_start import find_cut_start
from logscope.model.lanes import Lane


def find(*errors):
    nothing = (0,) * len(errors)
    lanes = [Lane("web", errors, nothing, nothing), Lane("calm", nothing, nothing, nothing)]
    return find_cut_start(lanes, 60_000_000, 5_000_000)


def test_errors_that_end_soon_after_the_begin_are_told_until_when():
    """57 errors in 20 s, then next to none."""
    found = find(20, 20, 10, 7, *[0] * 20, 1, *[0] * 10)
    assert (found.errors, found.until) == (57, 80_000_000)


@pytest.mark.parametrize(
    "errors",
    [
        [0] * 30,
        [1, 0, 0, 0] * 8,
        [3, 2, *[0] * 30],
        [20] * 30,
        [0, 0, 0, 40, 40, *[0] * 20],
        [20, 20, 20, *[0] * 3, 20, 20, *[0] * 10, 20, 20, 20],
        [30, 30, 30, 30, 0, 0, 0],
        [],
    ],
)
def test_what_goes_on_or_is_little_is_no_cut_start(errors):
    """Everyday errors, a handful, errors to the end, a begin that is well, waves, too little behind it."""
    assert find(*errors) is None
