"""A bounded run of the fuzzer, the same each time; `python -m tests.fuzz` goes on from here."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import targets
from tests.fuzz.mutate import Mutator

PIECES = st.sampled_from(
    (b"2026-03-02T14:02:03Z ", b"ERROR ", b"[cart] ", b'{"level":"error",', b'"msg":"x"}', b"\n", b"\r\n", b"\0",
     b"\xff", b"=", b'"', b"Caused by: a.B: c", b"\tat a.b(c:1)", b"<11>", b" ")
)  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return targets.Files(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize(("name", "count"), [("scan", 40), ("texts", 60), ("rules", 12), ("times", 100)])
def test_what_must_hold_for_any_bytes(name, count):
    """Cuts change no index, the gate is shut, rule files and typed times end in results or sentences."""
    mutator = Mutator(20_260_302)
    make = {"rules": mutator.make_rules, "times": mutator.make_line, "texts": mutator.make_line}.get(
        name, mutator.make_log
    )
    for _ in range(count):
        getattr(targets, name)(make())


@pytest.mark.parametrize(("name", "count"), [("analyze", 6), ("tell", 3), ("unpack", 40)])
def test_what_must_hold_for_any_file(files, name, count):
    """Any file is counted, told and unpacked without a traceback."""
    mutator = Mutator(4711)
    for _ in range(count):
        getattr(files, name)(mutator.make_log())


def test_a_message_of_several_lines_in_an_envelope_is_no_table():
    """Found by the fuzzer: a body with line feeds, taken for the header of a table, ended the run with exit 70."""
    body = b'{"log":"time,level\\nmessage,x\\n","stream":"stdout","time":"2026-03-02T14:02:03Z"}\n'
    targets.scan(body * 20)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=60))
def test_pieces_of_logs_in_any_order(pieces):
    """Whatever follows whatever, any cut gives the same index and the same number of lines."""
    targets.scan(b"".join(pieces))
