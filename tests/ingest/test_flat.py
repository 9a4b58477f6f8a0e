"""Objects that are proved flat are what `json` loads, and the values of their keys are found in them."""

import json

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from logscope.ingest.columns import Block
from logscope.ingest.formats.flat_regex import compile_flat_message
from logscope.ingest.formats.objects import load_object
from logscope.ingest.patterns.flat import FlatObjects
from logscope.ingest.patterns.lines import MARGIN

TEXTS = st.text('ab"\\/:,{} é\n\x01', max_size=6)
VALUES = st.one_of(
    TEXTS, st.integers(-99, 10**12), st.booleans(), st.none(), st.floats(-9, 9), st.lists(TEXTS, max_size=1)
)
PIECES = [b"", b'"', b"\\", b"}", b",", b"x", b":", b"0"]
PAIRS = st.lists(st.tuples(st.one_of(st.sampled_from(["log", "time"]), TEXTS), VALUES), max_size=5)


def write(pairs, tight, ascii_only):
    marks = (",", ":") if tight else (", ", ": ")
    whole = (
        f"{json.dumps(k, ensure_ascii=ascii_only)}{marks[1]}{json.dumps(v, ensure_ascii=ascii_only)}" for k, v in pairs
    )
    return ("{" + marks[0].join(whole) + "}").encode()


@example(objects=[([], False, False)], damage=[(0, b"\\")])
@given(
    objects=st.lists(st.tuples(PAIRS, st.booleans(), st.booleans()), min_size=1, max_size=8),
    damage=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(PIECES)), max_size=3),
)  # fmt: skip
def test_what_is_good_is_an_object(objects, damage):
    """A line that is told to be an object is one, damaged or not, and a key's value is the one that `json` gives."""
    lines = [write(*one) for one in objects]
    for at, piece in damage:
        line = lines[at % len(lines)]
        lines[at % len(lines)] = line[: at % (len(line) + 1)] + piece + line[at % (len(line) + 1) + 1 :]
    data = b"\n".join(lines) + b"\n" + bytes(MARGIN)
    ends = np.cumsum([len(line) + 1 for line in lines]) - 1
    starts = ends - [len(line) for line in lines]
    found = FlatObjects(Block(data, 0, len(data) - MARGIN), starts, ends)
    begin, end = found.find(b"log")
    for row in np.flatnonzero(found.good).tolist():
        record = json.loads(lines[row].decode("utf-8", "replace"))
        assert isinstance(record, dict)
        if begin[row] >= 0:
            assert json.loads(b'"' + data[begin[row] : end[row]] + b'"') == record["log"]
        elif begin[row] == -1:
            assert "log" not in record


def test_usual_objects_are_good():
    """What docker and journald write is told, numbers and literals among it; lists and objects inside are not."""
    lines = [
        b'{"log":"a \\"b\\" \\\\\\n","stream":"stdout","time":"2026-03-05T14:02:08.1Z"}',
        b'{"PRIORITY" : "3"}',
        b'{"PRIORITY": "3", "log": "x", "n": -1.5e3, "m": null}',
        b'{"log":["x"],"b":"c"}',
        b'{"a":{"log":"x"}}',
    ]
    data = b"\n".join(lines) + b"\n" + bytes(MARGIN)
    ends = np.cumsum([len(line) + 1 for line in lines]) - 1
    found = FlatObjects(Block(data, 0, len(data) - MARGIN), ends - [len(line) for line in lines], ends)
    assert found.good.tolist() == [True, False, True, False, False]


@given(
    one=st.tuples(PAIRS, st.booleans(), st.booleans()),
    inner=st.dictionaries(TEXTS, VALUES, max_size=2),
    damage=st.one_of(st.none(), st.tuples(st.integers(0, 400), st.sampled_from([*PIECES, b'"log":"x",']))),
)  # fmt: skip
def test_a_message_that_is_matched_is_the_one_that_is_loaded(one, inner, damage):
    """What the regex gives is what `json` gives, for a whole object; where it gives nothing, all is well."""
    pairs, *written = one
    line = write([*pairs, ("inner", inner)], *written)
    if damage is not None:
        at = damage[0] % (len(line) + 1)
        line = line[:at] + damage[1] + line[at:]
    found = compile_flat_message("log").match(line)
    if found is not None:
        assert load_object(line)["log"] == found[1].decode()


def test_most_objects_need_no_loading():
    """Lists, numbers, escapes and objects in other values are passed over."""
    match = compile_flat_message("msg").match
    for line in (b'{"msg":"a b"}', b'{"t": 1.5e3, "x": null, "msg": "a b", "q": "a\\"b\\u00e9"}'):
        assert match(line)[1] == b"a b"
    assert match(b'{"a":["x",1],"b":{"msg":"no","n":[]},"msg":"yes"}') is None
    assert match(b'{"a":["x",1],"b":{"msg":"no","n":2},"msg":"yes"}')[1] == b"yes"
    for line in (
        b'{"msg":"a","msg":"b"}',
        b'{"msg":"a\\n"}',
        b'{"msg":""}',
        b'{"msg":"a",}',
        b'{"m\\u0073g":"b","msg":"a"}',
    ):
        assert match(line) is None
