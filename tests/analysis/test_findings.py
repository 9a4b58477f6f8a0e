"""What calls for work afterwards is measured in lines that say so."""

import pytest

from logscope.analysis.story.findings import _RETRIES
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request


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


@pytest.mark.parametrize(
    ("words", "is_loop"),
    [
        ("process 41 killed by signal 9", True),
        ("child died unexpectedly", True),
        ("Instance failed to spawn: Virtual Interface creation failed", False),
    ],
)
def test_what_could_not_be_made_has_not_ended(tmp_path, words, is_loop):
    """It is of the class of what died; that its service ended so often would be no truth."""
    lines = [
        f"2026-03-02 14:{s // 60:02}:{s % 60:02},000 {'ERROR' if s >= 600 and s % 10 == 0 else 'INFO'} [nova] "
        f"{words if s >= 600 and s % 10 == 0 else 'listed'}"
        for s in range(900)
    ]
    (tmp_path / "nova.log").write_text("\n".join(lines) + "\n")
    request = Request([str(tmp_path)])
    snapshot = run_batch(request, open_request(request))
    told = [one.reason for one in snapshot.actions.follow_up if one.reason.startswith("nova ended ")]
    assert bool(told) is is_loop
