"""Lines of access logs that are read as columns say what the parser says of them."""

import numpy as np
import pytest
from format_samples import learn

from logscope.ingest.blocks import BlockReader
from logscope.ingest.columns import Block

STAMP = b'[05/Mar/2026:14:%02d:08 +0100] "GET /cart/%d HTTP/1.1" 200 17 "-" "curl"'
USUAL = (
    b"10.1.2.3 - - ",
    b"10.1.2.3 - alice ",
    b"shop.example.com:443 10.1.2.3 - - ",
    b"shop 10.1.2.3 7 a-b alice 0.02 ",
)
ODD = (
    b"10.1.2.3  - - ", b" 10.1.2.3 - - ", b"10.1.2.3 - -  ", b"10.1.2.3 ", b"", b"a b c d e f g ", b'10.1.2.3 "a" - ',
    b"10.1.2.3 [a] - ", b"10.1.2.3 - a\tb ", b"10.1.2.3 - al\\ice ", b"x" * 300 + b" - - ",
)  # fmt: skip


@pytest.mark.parametrize("begin", USUAL + ODD)
def test_words_before_the_stamp_are_read_as_the_parser_reads_them(begin):
    """Client, host and user may be any words; of usual ones the parser is not asked."""
    lines = [one + STAMP % (n % 60, n) for n in range(120) for one in (USUAL[0], begin)]
    layout = learn([USUAL[0] + STAMP % (n % 60, n) for n in range(60)])
    block = Block(b"\n".join([*lines, *[lines[0]] * 2]) + b"\n")
    ends = block.find_newlines()
    starts = np.append(0, ends[:-1] + 1)
    heads = BlockReader(layout, layout.new_state()).read(block, starts, ends)
    told = [(bool(is_head), int(time)) for is_head, time in zip(heads.is_head, heads.time, strict=True)]
    alone = [layout.parse(line, layout.new_state()) for line in lines]
    assert told[: len(lines)] == [
        (True, head.time) if head is not None else (False, told[n][1]) for n, head in enumerate(alone)
    ]
    if begin in USUAL:
        assert not heads.parsed.keys() & set(range(len(lines)))
