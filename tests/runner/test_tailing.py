"""What the events of a followed log mean, one by one: no file, no clock, no loop."""

import os
from dataclasses import replace

import pytest

from logscope.ingest.layouts.layout import Sample, learn_layout
from logscope.model.files import Problem
from logscope.model.severity import Severity
from logscope.runner.planning import Plan
from logscope.runner.tailing import Tail, follow_newest
from logscope.sources.discovery import Part, Source
from logscope.sources.events import Data, Ended, Flawed, Gone, Lost, Rotated, Truncated, Waiting
from logscope.sources.follow import Follower
from logscope.sources.growing import GrowingFile
from logscope.sources.opening import Compression
from logscope.sources.tape import record_stream

HEAD = b"2026-03-02 14:02:03,%03d ERROR [main] c.s.Cart - order %d failed\n"


@pytest.fixture
def followed(tmp_path):
    return Follower(str(tmp_path / "x.log"), lambda: 0.0)


@pytest.fixture
def tail(followed):
    data = b"".join(HEAD % (n, n) for n in range(50))
    layout = learn_layout(Sample("x.log", data, b"", b"", len(data), None))
    return Tail(Plan(Source("x", "x", (Part(followed.path, 0, 0, (1, 1)),)), layout), lambda: 0.0)


def read(tail, followed, *looks):
    """Parts, lines and numbers of lines of the records that some looks gave, and of how many lines was told."""
    found = [scanned for events in looks for scanned in tail.take(followed, events)] + tail.finish()
    batches = [scanned.batch for scanned in found]
    rows = [
        (int(part), int(line), int(lines), Severity(int(severity)))
        for batch in batches
        for part, line, lines, severity in zip(batch.part, batch.line, batch.lines, batch.severity, strict=True)
    ]
    return rows, sum(batch.line_count for batch in batches), [p for batch in batches for p in batch.problems]


@pytest.mark.parametrize("ends_before", [True, False])
def test_a_last_line_without_a_newline_is_a_line(tail, followed, ends_before):
    """What a part ends with is a line of its own, whether its end is seen before or after the next part begins."""
    first, second = Data(HEAD % (1, 1) + (HEAD % (2, 2))[:-1], 0, 0), Data(HEAD % (3, 3), 1, 0)
    rotated = Rotated(1, followed.path)
    last = [Ended(0), rotated, second] if ends_before else [rotated, second, Ended(0)]
    rows, lines, _ = read(tail, followed, [first], last)
    assert (sorted(rows), lines) == (
        [(0, 1, 1, Severity.ERROR), (0, 2, 1, Severity.ERROR), (1, 1, 1, Severity.ERROR)], 3,
    )  # fmt: skip


def test_the_other_half_of_a_line_comes_late(tail, followed):
    """A writer that kept the rotated file ends its line there: the line is whole, and none of the new file."""
    line = HEAD % (2, 2)
    looks = [Data(line[:30], 0, 0)], [Rotated(1, followed.path), Data(HEAD % (3, 3), 1, 0)], [Data(line[30:], 0, 30)]
    rows, lines, _ = read(tail, followed, *looks, [Ended(0)])
    assert (sorted(rows), lines) == ([(0, 1, 1, Severity.ERROR), (1, 1, 1, Severity.ERROR)], 2)


def test_a_record_goes_on_in_the_next_part(tail, followed):
    """A trace that the rotation cut is one record: its head in the old part, its frames in both."""
    frames = b"java.lang.IllegalStateException: cart\n\tat a.b(C.java:1)\n"
    looks = (
        [Data(HEAD % (1, 1) + frames, 0, 0)],
        [Ended(0), Rotated(1, followed.path), Data(frames + HEAD % (2, 2), 1, 0)],
    )
    rows, lines, _ = read(tail, followed, *looks)
    assert (rows, lines) == ([(0, 1, 5, Severity.ERROR), (1, 3, 1, Severity.ERROR)], 6)


def test_lines_are_numbered_on_from_a_cut(tail, followed):
    """What remains of a cut file was read before: the next line has the number that it has in the file."""
    data = b"".join(HEAD % (n, n) for n in range(10))
    cut = Truncated(1, 6 * len(HEAD % (1, 1)), 4)
    rows, lines, problems = read(tail, followed, [Data(data, 0, 0)], [cut, Data(HEAD % (11, 11), 1, cut.offset)])
    assert (rows[-1], lines, tail.truncations) == ((1, 7, 1, Severity.ERROR), 11, 1)
    (problem,) = problems
    assert problem.kind == "truncated"
    assert problem.detail.endswith("it is read on from line 7")
    assert tail._note_cut(2, 10, 3, 3).endswith("; up to 3 lines may be counted twice")


def test_what_is_told_of_a_log(tail, followed):
    """Lost and damaged bytes are problems; that a file is waited for is none, for it may come."""
    flaw = Problem("damaged", "the gz stream is damaged")
    _, _, problems = read(tail, followed, [Lost(0, "deleted"), Flawed(0, flaw), Waiting("no such file"), Gone()])
    assert (problems, tail.lost) == ([Problem("lost", "deleted"), flaw], 1)


def test_what_grows_is_followed(tail, tmp_path):
    """A compressed newest file may still be written, and a named pipe gets other writers: both are followed on."""
    packed = Part(str(tmp_path / "x.log.gz"), 0, 0, (1, 1), compression=Compression.GZ)
    plan = replace(tail.plan, source=Source("x", "x", (packed,)))
    assert isinstance(follow_newest(plan, lambda: 0.0, hold_open=True), GrowingFile)
    assert follow_newest(plan, lambda: 0.0, hold_open=False) is None
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)
    stream = record_stream(pipe)
    assert follow_newest(replace(plan, stream=stream), lambda: 0.0, hold_open=True) is stream
    with open(pipe, "wb", buffering=0) as writer:
        writer.write(b"line\n")
    assert [event.data for event in stream.poll()] == [b"line\n"]
    assert (stream.poll(), stream.is_at_end) == ([], False)
    stream.close()
