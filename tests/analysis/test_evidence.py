"""Every evidence sentence is true of the lines that it cites, on all shipped incidents and the small ones."""

import gzip
import re
from pathlib import Path

import pytest

from tests.analysis import small_incidents, veteran_incidents
from tests.judged import judge_sample, judge_small

SAMPLES = Path(__file__).parents[2] / "sample_incidents"
SMALL = (
    small_incidents.bad_release,
    small_incidents.hanging_service,
    veteran_incidents.crash_loop,
    veteran_incidents.deadlocks,
    veteran_incidents.partner_throttles,
)
QUOTED = re.compile(r'"([^"]+)"')
COUNTED = re.compile(r"\(([\d,]+) records?")


@pytest.fixture(
    scope="module",
    params=[*sorted(p.name for p in SAMPLES.iterdir() if p.is_dir()), *SMALL],
    ids=lambda one: getattr(one, "__name__", one),
)
def judged(request):
    """A snapshot of one incident."""
    return judge_sample(request.param) if isinstance(request.param, str) else judge_small(request.param)


def read_lines(path):
    data = Path(path).read_bytes()
    return (gzip.decompress(data) if path.endswith(".gz") else data).decode("utf-8", "replace").split("\n")


def words_of(text):
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower()))


def records_at(snapshot):
    """Text of each record that evidence cites, by file and line."""
    lines = {}
    for one in (e for c in snapshot.candidates for e in (*c.evidence, *c.counter_evidence)):
        for ref in one.lines:
            lines.setdefault(ref.file, read_lines(ref.file))
    return lines


def test_cited_lines_exist(judged):
    """Every piece of evidence but a silence cites at least one line, and each line is there and not empty."""
    lines = records_at(judged)
    for candidate in judged.candidates:
        for one in (*candidate.evidence, *candidate.counter_evidence):
            assert one.lines or one.kind == "silence", one
            for ref in one.lines:
                assert lines[ref.file][ref.line - 1].strip(), (one, ref)


def test_quoted_words_stand_in_the_cited_record(judged):
    """Words in quotation marks are those of the record: of its head or its continuations."""
    lines = records_at(judged)
    for candidate in judged.candidates:
        for one in (*candidate.evidence, *candidate.counter_evidence):
            if one.kind not in ("cause", "testimony"):
                continue
            ref = one.lines[0]
            text = words_of("\n".join(lines[ref.file][ref.line - 1 : ref.line + 39])).replace(" ", "")
            for words in QUOTED.findall(one.text):
                assert words_of(words).replace(" ", "") in text, (one.text, ref)


def test_counts_are_those_of_the_kinds_that_name(judged):
    """The records that name a suspect are counted once: the sum over the groups whose first such lines are cited."""
    by_line = {(g.onset_ref.file, g.onset_ref.line): g for g in judged.groups if g.onset_ref is not None}
    for candidate in judged.candidates:
        for one in candidate.evidence:
            counted = COUNTED.search(one.text)
            if one.kind != "reach" or counted is None or "shared ids" in one.text:
                continue
            refs = {(ref.file, ref.line) for ref in one.lines}
            if not refs <= by_line.keys() or len(one.lines) > 3:
                continue
            assert sum(by_line[ref].count for ref in refs) == int(counted[1].replace(",", "")), one


def test_first_is_first(judged):
    """Who "began first" has an onset before all others that evidence compares it with."""
    for candidate in judged.candidates:
        for one in candidate.evidence:
            if one.kind == "order" and one.text.startswith("first by"):
                mine, other = one.lines
                onsets = {(g.onset_ref.file, g.onset_ref.line): g.onset for g in judged.groups if g.onset_ref}
                times = [onsets.get((ref.file, ref.line)) for ref in (mine, other)]
                if None not in times:
                    assert times[0] < times[1], (candidate.service, one)


def test_how_long_before_the_others_it_was_altered_is_a_sentence():
    """The first sign of a node may be its release: then nothing of it failed first."""
    (order,) = [one for one in judge_small(small_incidents.bad_release).candidates[0].evidence if one.kind == "order"]
    assert re.fullmatch(r"was altered \d+\.\d s before the first other failure \(± 500 ms\)", order.text)


def test_words_are_quoted_as_their_line_writes_them():
    """Whoever searches for `memoryerror` finds nothing."""
    top = judge_sample("recommender-memory-leak").candidates[0]
    said = next(one for one in top.evidence if one.text.startswith("says "))
    (words,) = QUOTED.findall(said.text)
    assert words in top.sample
