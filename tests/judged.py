"""The shipped samples, each judged once for all tests that ask: a Snapshot is frozen."""

from functools import cache

from logscope.model.snapshot import Snapshot
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from logscope.samples import samples_folder


@cache
def judge_sample(name: str) -> Snapshot:
    """The answer on the logs of a sample."""
    asked = Request([str(samples_folder() / name / "logs")])
    return run_batch(asked, open_request(asked))
