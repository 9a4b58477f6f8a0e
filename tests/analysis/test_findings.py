"""What calls for work afterwards is measured in lines that say so."""

import pytest

from logscope.analysis.story.findings import _RETRIES


@pytest.mark.parametrize(
    ("words", "is_retry"),
    [
        ("call of stock failed, retrying in 200 ms", True),
        ("attempt 2/3 failed", True),
        ("Task mail.send retry: Retry in 1s: refused", True),
        ("HTTPConnectionPool(host='stock', port=80): Max retries exceeded with url: /x", False),
        ("gave it up, no retry", False),
        ("payment refused, not retrying", False),
        ("retries exhausted", False),
    ],
)
def test_giving_up_is_no_retry(words, is_retry):
    """Who says that there are no more retries has not tried again with that line."""
    assert (_RETRIES.search(words) is not None) is is_retry
