"""Every shipped sample: the cause is first, no red herring is, the verdict and the order are right."""

import json
import re
from pathlib import Path

import pytest

from logscope.samples import list_samples, samples_folder
from logscope.sources.pages import PagePart, PageReader
from tests.judged import judge_sample

NAMES = [name for name, _ in list_samples()]


@pytest.fixture(scope="module", params=NAMES)
def case(request):
    folder = samples_folder() / request.param
    return json.loads((folder / "truth.json").read_text("utf-8")), judge_sample(request.param)


def log_name(path):
    """A file's name without rotation and compression: how the truth names it."""
    return re.sub(r"\.\d+$", "", re.sub(r"\.gz$", "", Path(path or "").name))


def test_five_samples_are_shipped():
    """The story and four recorded incidents."""
    assert len(NAMES) == 5


def test_the_whole_folder_stays_small():
    """All samples together are below 10 MB: they travel in the wheel."""
    assert sum(path.stat().st_size for path in samples_folder().rglob("*") if path.is_file()) < 10_000_000


def test_the_cause_is_first(case):
    """Candidate 1 is the line that the truth names as the root."""
    truth, snapshot = case
    top = snapshot.candidates[0]
    assert log_name(top.file) == truth["root_file"]
    assert re.search(truth["root_match"], top.sample)


def test_no_red_herring_is_first(case):
    """None of the unrelated errors is taken for the cause."""
    truth, snapshot = case
    assert not any(re.search(pattern, snapshot.candidates[0].sample) for pattern in truth["red_herrings"])


def test_the_verdict_is_right(case):
    """Recovered, herd, partial or second wave, as it was."""
    truth, snapshot = case
    assert truth["verdict"] == snapshot.recovery.verdict.value


def test_the_samples_of_the_timeline_stand_at_their_lines(case):
    """Every cited line is in the file, at the line that is named, and is what is quoted."""
    _, snapshot = case

    for entry in [e for e in snapshot.timeline if e.file and e.sample][:12]:
        reader = PageReader([PagePart(entry.file)])
        (line,) = reader.read(0, reader.offset_of_line(0, entry.line), 0, 1).lines
        reader.close()
        assert entry.sample.split("\n", 1)[0] == line.data.decode("utf-8", "replace").rstrip("\r")
