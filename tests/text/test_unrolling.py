"""Lines of many records as one line for each of them, whatever the pieces."""

import json
import random
from itertools import pairwise

import pytest

from logscope.text.unrolling import ROW_END, Roll, Unroller, count_lines

PATH = ("data", "result", 0, "rows", 0)


def unroll(roll, text, cuts=()):
    coder = Unroller(roll)
    bounds = [0, *sorted(cuts), len(text)]
    pieces = [coder.feed(text[begin:end]) for begin, end in pairwise(bounds)]
    return b"".join([*pieces, coder.flush()])


def split(content):
    """Rows by line."""
    return [line.split(ROW_END[:1]) for line in content.replace(ROW_END, ROW_END[:1]).removesuffix(b"\n").split(b"\n")]


def make_value(rng, depth=0):
    """Anything that JSON can hold, with texts that look like its signs, and keys that are those of the way."""
    kind = rng.randrange(7)
    if kind == 0 and depth < 3:
        return {rng.choice(["a", "rows", "data", 'x"y']): make_value(rng, depth + 1) for _ in range(rng.randrange(4))}
    if kind == 1 and depth < 3:
        return [make_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return rng.choice(["x", 'q"]}', "\\", '\\"', "[{", 1, None, "é"])


@pytest.mark.parametrize("seed", range(20))
def test_any_objects_in_any_pieces(seed):
    """Each record is a row, as it stands; lines without any stay as they are; where the bytes are cut is all one."""
    rng = random.Random(seed)
    lines, expected = [], []
    for _ in range(20):
        groups = [
            {"s": make_value(rng), "rows": [{"t": n, "v": make_value(rng)} for n in range(rng.randrange(4))]}
            for _ in range(rng.randrange(3))
        ]
        line = {"pre": make_value(rng), "data": {"result": groups, "post": make_value(rng)}}
        lines.append(json.dumps(line, separators=rng.choice([(",", ":"), (", ", ": ")])).encode())
        expected.append([row for group in groups for row in group["rows"]] or [line])
    text = b"\n".join(lines) + rng.choice([b"", b"\n"])
    content = unroll(Roll(PATH), text, [rng.randrange(len(text)) for _ in range(rng.randrange(60))])
    assert [[json.loads(row) for row in rows] for rows in split(content)] == expected
    assert count_lines(content) == text.count(b"\n")


def test_rows_repeat_what_stands_around_them():
    """Each in the lists that it was in, alone; what stands behind the records is not known yet."""
    text = b'{"n":1,"data":{"result":[{"who":"a","rows":[{"t":1},{"t":2}],"z":0},{"who":"b","rows":[{"t":3}]}]}}\n'
    (rows,) = split(unroll(Roll(PATH, with_context=True), text))
    assert [json.loads(row) for row in rows] == [
        {"n": 1, "data": {"result": [{"who": "a", "rows": [{"t": 1}]}]}},
        {"n": 1, "data": {"result": [{"who": "a", "rows": [{"t": 2}]}]}},
        {"n": 1, "data": {"result": [{"who": "b", "rows": [{"t": 3}]}]}},
    ]


def test_what_is_held_is_bounded():
    """A line that goes on and on before its first record is passed on; much around records is not repeated."""
    coder = Unroller(Roll(("rows", 0)))
    assert sum(len(coder.feed(b'{"a":"' + b"x" * 100_000)) for _ in range(20)) > 1_900_000
    assert coder.feed(b"\x1e\n") == b"\x1e \n"
    coder = Unroller(Roll(("rows", 0), with_context=True))
    around = b'{"a":"' + b"x" * 9000 + b'","rows":['
    assert coder.feed(around + b'{"t":1},{"t":2}]}\n') == b'{"rows":[{"t":1}]}\x1e\n{"rows":[{"t":2}]}\n'


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (b'[{"t":1},{"t":2', b'{"t":1}\x1e\n{"t":2'),
        (b'[{"t":1},{"t":"a\n[{"t":2}]\n', b'{"t":1}\x1e\n{"t":"a\n{"t":2}\n'),
        (b']]}}[{"t":1}]\nno json "at all\n', b']]}}[{"t":1}]\nno json "at all\n'),
        (b'{"rows":{"t":1}}\n[[{"t":1}]]\x1e\n', b'{"rows":{"t":1}}\n[{"t":1}]\n'),
        (b"x\x1e\n\x1e\n", b"x\x1e \n\x1e \n"),
        (b'[{"t":1},{"t":"\x1e\n[{"t":2}]\n\x1e', b'{"t":1}\x1e\n{"t":"\x1e \n{"t":2}\n\x1e '),
        (b'[1,{"t":1},"x",{"t":2}]\n', b'{"t":1}\x1e\n{"t":2}\n'),
    ],
)
def test_damaged_lines_end_where_they_end(text, content):
    """What is cut or no JSON does no harm to the next line; a mark that the file itself holds is no mark."""
    assert unroll(Roll((0,)), text) == content
    assert count_lines(content) == text.count(b"\n")
    assert unroll(Roll((0,)), text, range(1, len(text))) == content


def test_a_copy_goes_on_by_itself():
    """As one that read all of it."""
    text = b'{"rows":[{"t":1},{"t":"\\\\"},{"t":[2]}]}\n{"rows":[{"t":3},{"t":4}]}'
    whole = unroll(Roll(("rows", 0), with_context=True), text)
    for cut in range(len(text)):
        coder = Unroller(Roll(("rows", 0), with_context=True))
        begin = coder.feed(text[:cut])
        twin = coder.copy()
        coder.feed(b"}]}]{[")
        assert begin + twin.feed(text[cut:]) + twin.flush() == whole
