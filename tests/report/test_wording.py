"""Figures and durations that all renderings share."""

import pytest

from logscope.model.times import span
from logscope.report.wording import figure


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "-"), (0.0, "0"), (0.04, "<0.1"), (9.94, "9.9"), (9.97, "10"), (414.4, "414")]
)
def test_a_rate_is_whole_from_ten_on(value, shown):
    """Beside one another 9.97 and 10.02 are the same figure."""
    assert figure(value) == shown


@pytest.mark.parametrize(
    ("us", "shown"),
    [
        (0, "0 ms"), (300, "1 ms"), (61_000, "61 ms"), (4_700_000, "4.7 s"), (59_970_000, "1 min"),
        (597_000_000, "9 min 57 s"), (7_200_000_000, "2 h"), (7_500_000_000, "2 h 5 min"),
    ],
)  # fmt: skip
def test_a_duration_is_told_as_a_person_says_it(us, shown):
    """No unit of nothing, and no 60 seconds."""
    assert span(us) == shown
