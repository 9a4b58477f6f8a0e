"""A bounded run of the fuzzer, the same each time; `python -m tests.fuzz` goes on from here."""

from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logscope.cli.times import parse_when
from logscope.errors import UsageError
from logscope.ingest.formats.logfmt import PAIRS
from logscope.ingest.layouts.layout import Sample, learn_layout
from logscope.ingest.scanner import Scanner
from logscope.knowledge.patterns import compile_bounded
from logscope.model.severity import Severity
from tests.effort import often
from tests.fuzz import targets
from tests.fuzz.mutate import Mutator
from tests.fuzz.wholes import Wholes

PIECES = st.sampled_from(
    (b"2026-03-02T14:02:03Z ", b"ERROR ", b"[cart] ", b'{"level":"error",', b'"msg":"x"}', b"\n", b"\r\n", b"\0",
     b"\xff", b"=", b'"', b"Caused by: a.B: c", b"\tat a.b(c:1)", b"<11>", b" ")
)  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return targets.Files(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize(
    ("name", "count"), [("scan", 40), ("texts", 60), ("rules", 12), ("times", 100), ("settings", 100)]
)
def test_what_must_hold_for_any_bytes(name, count):
    """Cuts change no index, the gate is shut, rule files and typed times end in results or sentences."""
    mutator = Mutator(20_260_302)
    make = {
        "rules": mutator.make_rules, "times": mutator.make_line, "texts": mutator.make_line,
        "settings": mutator.make_settings,
    }.get(name, mutator.make_log)  # fmt: skip
    for _ in range(count):
        getattr(targets, name)(make())


@pytest.mark.parametrize(("name", "count"), [("analyze", 6), ("tell", 3), ("unpack", 40)])
def test_what_must_hold_for_any_file(files, name, count):
    """Any file is counted, told and unpacked without a traceback."""
    mutator = Mutator(4711)
    for _ in range(count):
        getattr(files, name)(mutator.make_log())


@pytest.mark.parametrize(("name", "count"), [("choose", 4), ("reopen", 25), ("grow", 6)])
def test_what_must_hold_of_any_run(tmp_path, name, count):
    """Logs under any options, a spoilt saved incident, a log that grows: an answer, or one line that says why not."""
    mutator, wholes = Mutator(815), Wholes(tmp_path)
    for _ in range(count):
        getattr(wholes, name)(mutator.make_log())


def test_a_message_of_several_lines_in_an_envelope_is_no_table():
    """Found by the fuzzer: a body with line feeds, taken for the header of a table, ended the run with exit 70."""
    body = b'{"log":"time,level\\nmessage,x\\n","stream":"stdout","time":"2026-03-02T14:02:03Z"}\n'
    targets.scan(body * 20)


def test_a_large_number_in_a_typed_time_is_no_time():
    """Found by the fuzzer: numbers beyond a decimal's, for which the library of dates raises an error of arithmetic."""
    with pytest.raises(UsageError):
        parse_when("1" * 40 + "h", targets.WALL_US, UTC)
    with pytest.raises(UsageError):
        parse_when("Thu Mar 5 14:0+99:99", targets.WALL_US, UTC)


def test_levels_longer_than_the_columns_of_a_block_are_read():
    """Found by the fuzzer: a plan with only such levels had no word to compare, and ended the run with exit 70."""
    data = b"".join(b"2026-03-02T14:02:03.123Z ERROR [cart] order %d failed\n" % n for n in range(400))
    layout = learn_layout(Sample("x.log", data, b"", b"", len(data), targets.WALL_US))
    assert layout.fast is not None
    long = replace(layout, fast=replace(layout.fast, level_words=((b"E" * 40, Severity.ERROR),)))
    scanner = Scanner(long, "x")
    assert sum(len(batch.time) for batch in (scanner.feed(data), scanner.flush())) == 400


def test_a_repetition_beyond_any_number_is_a_problem_of_its_rule():
    """Found by the fuzzer: a rule's `{99999999999,5}` ended with an error of arithmetic."""
    with pytest.raises(ValueError, match="not a valid expression"):
        compile_bounded("a{99999999999,5}")


@pytest.mark.parametrize(("name", "word"), [("logfmt", b"password="), ("logfmt", b"[a=,"), ("ltsv", b"a:")])
def test_a_word_full_of_keys_is_read_once(name, word):
    """Found by the fuzzer: a value that does not end where one may was looked at anew from each `=` in it."""
    line = word * (60_000 // len(word)) + (b'"x' if name == "logfmt" else b"\r!")
    assert targets.timed(lambda data: list(PAIRS[name].finditer(data)), line) < 1.5


@settings(max_examples=often(60))
@given(st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=60))
def test_pieces_of_logs_in_any_order(pieces):
    """Whatever follows whatever, any cut gives the same index and the same number of lines."""
    targets.scan(b"".join(pieces))
