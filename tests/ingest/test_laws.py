"""The laws of reading, over the samples of every format: cuts, places, masks, any bytes between the lines."""

import re
from codecs import BOM_UTF8
from functools import cache
from itertools import pairwise

import pytest
from format_samples import BY_NAME, NAMES_BY_FILE, layout_of
from hypothesis import example, given, settings
from hypothesis import strategies as st
from record_samples import read_cases

from logscope.ingest.layouts.layout import Layout, Sample, learn_layout
from logscope.ingest.scanner import Scanner
from logscope.ingest.signatures.masks import mask
from tests.effort import often

FILES = {name: b"\n".join(lines) + b"\n" for name, lines in BY_NAME.items()}
RECORDS = {f"records of {case.name}": case.data for case in read_cases()}
FILES |= RECORDS
"""Content of each sample."""

NAMES = st.sampled_from(sorted(FILES))
FEW = settings(max_examples=often(70))
DIRT = st.one_of(
    st.binary(max_size=80),
    st.sampled_from(
        [b"", b"\r", b"\0" * 9, b"\tat a.b.C(D.java:1)", b"}", b'{"a":', b"\x1b[31m", b"\xff\xfe", b"Caused by: x.Y: z"]
    ),
)


@cache
def learn_once(name: str) -> Layout:
    """The layout of a sample."""
    if name not in RECORDS:
        return layout_of(name)
    data = RECORDS[name]
    return learn_layout(Sample("x.log", data, b"", b"", len(data), 0))


def scan(layout: Layout, data: bytes, cuts: list[int], *, parts: int = 1) -> list[tuple[object, ...]]:
    """All that the records of a content say, read in pieces."""
    scanner = Scanner(layout, "own", examine=True)
    bounds = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    rows: list[tuple[object, ...]] = []
    batches = [scanner.feed(data[start:end]) for start, end in pairwise(bounds)]
    for batch in [*batches, scanner.flush()]:
        signatures = [scanner.signatures[index] for index in batch.signature.tolist()]
        services = scanner.services
        for n, (signature, text) in enumerate(zip(signatures, batch.texts, strict=True)):
            rows.append(
                (
                    int(batch.offset[n]), int(batch.line[n]), int(batch.lines[n]), int(batch.time[n]),
                    int(batch.severity[n]), services[int(batch.service[n])] if batch.service is not None else "own",
                    signature.key, bytes(text),
                )
            )  # fmt: skip
    return rows


@pytest.mark.parametrize("names", [*NAMES_BY_FILE.values(), RECORDS], ids=[*NAMES_BY_FILE, "records"])
def test_a_mark_before_the_first_line_changes_nothing(names):
    """Time, level, service and kind of every record are those of the file without its UTF-8 mark."""
    for name in names:
        data = FILES[name]
        plain, marked = (scan(learn_once(name), text, []) for text in (data, BOM_UTF8 + data))
        assert [row[3:7] for row in marked] == [row[3:7] for row in plain], name


@FEW
@given(name=NAMES, cuts=st.lists(st.integers(0, 100_000), max_size=8), copies=st.integers(1, 30))
def test_any_cut_of_any_format(name, cuts, copies):
    """Where the bytes of a file are cut changes no record."""
    layout, data = learn_once(name), FILES[name]
    assert scan(layout, data * copies, []) == scan(layout, data * copies, cuts)


@FEW
@given(name=NAMES, dirt=st.lists(DIRT, min_size=1, max_size=4), at=st.lists(st.integers(0, 100), max_size=4))
def test_places_cover_any_file(name, dirt, at):
    """Whatever stands between the lines: records follow one another, and their lines are all the lines there are."""
    layout, data = learn_once(name), FILES[name]
    lines = data.split(b"\n")
    for piece, place in zip(dirt, at, strict=False):
        lines.insert(place % len(lines), piece)
    content = b"\n".join(lines)
    rows = scan(layout, content, [len(content) // 3])
    starts = [0, *(found.end() for found in re.finditer(b"\n", content))]
    expected = content.count(b"\n") + (not content.endswith(b"\n") and content != b"")
    at_line = 1
    for offset, line, count, *_ in rows:
        assert (line, offset) == (at_line, starts[at_line - 1])
        at_line += count
    assert at_line - 1 == expected


@FEW
@example(name="mnemonic", damage=[(126, b"0")])
@given(name=NAMES, damage=st.lists(st.tuples(st.integers(0, 10_000), DIRT), max_size=3))
def test_masking_again_changes_nothing(name, damage):
    """The mask of a mask is itself, for every text of the samples, whole or damaged."""
    for line in FILES[name].split(b"\n"):
        text = line
        for at, piece in damage:
            text = text[: at % (len(text) + 1)] + piece.replace(b"\n", b"") + text[at % (len(text) + 1) :]
        once = mask(text)
        assert once == mask(once)


@FEW
@given(name=NAMES, digits=st.permutations("123456789"))
def test_other_numbers_are_the_same_event(name, digits):
    """Long numbers, UUIDs and addresses may change: the template does not."""
    change = bytes.maketrans(b"123456789", "".join(digits).encode())
    for line in FILES[name].split(b"\n"):
        texts = []
        for number in (b"4711815", b"4711815".translate(change)):
            tail = b" id 7c9e6679-%s-40de-944b-e07fc1f90ae7 took %s ms from 10.1.2.%s" % (
                number[:4],
                number,
                number[:2],
            )
            texts.append(mask(line[:200] + tail))
        assert texts[0] == texts[1]


def test_names_of_dependencies_stay():
    """A mask keeps who is named: hosts before ports, in addresses of URLs, and as bare words."""
    for name in (b"redis-main", b"pg-primary.prod.svc", b"kafka2", b"s3", b"inventory-service", b"db01"):
        for text in (b"cannot reach %s:6379", b"GET http://%s:8080/x failed", b"upstream %s timed out after 12 ms"):
            kept = mask(text % name)
            word = re.sub(rb"\d{2,}", b"<num>", name)
            assert name in kept or word in kept, (text, kept)
