"""The glance at words: what it finds in a block is what stands in the lines, and it misses little that failed."""

import random

import numpy as np
import pytest

from logscope.ingest.scanner import Scanner
from logscope.ingest.telling import Glance, load_glance, writes_levels
from logscope.knowledge.loader import load_package_rules
from logscope.knowledge.rule import Kind
from tests.ingest.format_samples import learn


@pytest.mark.parametrize("seed", range(40))
def test_a_block_shows_what_its_lines_say(seed):
    """Wherever a text stands, in whatever case and beside whatever bytes, its piece is found, and no other one."""
    random_ = random.Random(seed)
    glance = Glance(["fail", "no space", " not ", "timed out"]) if seed % 2 else load_glance()
    words = [
        b"fail",
        b"FAIL",
        b"Fai",
        b"no  space",
        b"no space",
        b" not ",
        b"not ",
        b"timed out",
        b"ok",
        b"\0",
        b"\xff",
        b"",
    ]
    lines = [b"".join(random_.choices(words, k=random_.randint(0, 4))) for _ in range(200)]
    data = b"".join(line + b"\n" for line in lines)
    ends = np.array([n for n, byte in enumerate(data) if byte == 10], np.int64)
    begins = np.concatenate([[0], ends[:-1] + 1])
    expected = [n for n, line in enumerate(lines) if glance.says(line)]
    assert expected == glance.find(data, begins, ends).tolist()


def test_little_that_tells_of_a_failure_is_overlooked():
    """Of the samples of all rules for causes and symptoms more than nine in ten are seen at a glance."""
    glance = load_glance()
    samples = [
        f" {sample}".encode()
        for rule in load_package_rules().rules
        if rule.cls.kind in (Kind.CAUSE, Kind.SYMPTOM)
        for sample in rule.samples
    ]
    seen = sum(glance.says(sample) for sample in samples)
    assert seen > 0.93 * len(samples)


@pytest.mark.parametrize(
    ("expected", "rest"),
    [(False, "saved order {n}"), (True, "INFO saved order {n}"), (True, '"GET /{n} HTTP/1.1" 200 5')],
)
def test_whether_a_log_writes_levels(expected, rest):
    """A level or a request's status tells how bad a line is; where there is neither, only words do."""
    lines = [f"2026-03-05 14:02:{n:02} {rest.format(n=n)}" for n in range(40)]
    if "GET" in rest:
        lines = [f"10.0.0.1 - - [05/Mar/2026:14:02:{n:02} +0000] {rest.format(n=n)}" for n in range(40)]
    assert expected == writes_levels(learn([line.encode() for line in lines]))


def find_failures(lines: list[str], size: int) -> list[bytes]:
    """First lines of the notable records of a log, fed in pieces of so many bytes."""
    data = "\n".join(lines).encode() + b"\n"
    scanner = Scanner(learn([line.encode() for line in lines[::7]]), "-")
    batches = [scanner.feed(data[at : at + size]) for at in range(0, len(data), size)]
    return [text for batch in (*batches, scanner.flush()) for text in batch.texts]


@pytest.mark.parametrize("size", [700, 10_000, 1_000_000])
def test_a_log_that_stops_writing_levels_tells_by_words(size):
    """Lines without levels tell by their words beside others that have them, in which words do not count."""
    levelled = [f"2026-03-05 14:02:{n % 60:02} INFO order {n} not refused" for n in range(400)]
    bare = [f"2026-03-05 15:02:{n % 60:02} order {n} {'refused' if n % 100 == 50 else 'saved'}" for n in range(400)]
    expected = [line.encode() for line in bare if "refused" in line]
    assert expected == find_failures(levelled + bare, size)
    assert expected == find_failures(bare + levelled, size)
