"""Incidents that several modules look at, each judged once for all tests that ask: a Snapshot is frozen."""

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from logscope.model.snapshot import Snapshot
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from logscope.samples import samples_folder
from tests.analysis.small_incidents import Writer

_FOLDER = tempfile.TemporaryDirectory(prefix="logscope-judged-")


def copy_story(folder: Path, **every: int) -> Path:
    """Copy logs of the story, so many that they are read in a moment; gives their folder.

    Args:
        folder: Is made.
        every: Log (without `.log`, `_` for `-`) -> keep the first of so many lines.
    """
    folder.mkdir()
    for name, step in every.items():
        log = name.replace("_", "-") + ".log"
        lines = (samples_folder() / "checkout-redis-oom" / "logs" / log).read_bytes().splitlines(keepends=True)
        (folder / log).write_bytes(b"".join(lines[::step]))
    return folder


def judge(folder: Path) -> Snapshot:
    """The answer on all logs of a folder."""
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


@cache
def judge_sample(name: str) -> Snapshot:
    """The answer on the logs of a sample."""
    return judge(samples_folder() / name / "logs")


@cache
def judge_small(build: Callable[[Writer], None]) -> Snapshot:
    """The answer on the logs of a small incident; they stay until the tests are done."""
    folder = Path(_FOLDER.name) / build.__name__
    folder.mkdir()
    writer = Writer(folder, 7)
    build(writer)
    writer.write()
    return judge(folder)
