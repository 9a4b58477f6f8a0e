"""Encodings: found by the first bytes, wide ones turned into UTF-8 in pieces of any size."""

import pytest

from logscope.ingest.layouts.layout import Sample, is_log, learn_layout
from logscope.text.decoding import Transcoder, detect_encoding, is_wide, transcode_sample

TEXT = "".join(
    f"2026-03-05 14:02:{second:02d}.123 ERROR [main] cart: straße \U0001f6d2 {second}\r\n" for second in range(40)
)
NAMES = {
    "utf-16": "utf-16-le", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be", "utf-32": "utf-32-le",
    "utf-8-sig": "utf-8", "utf-8": "utf-8",
}  # fmt: skip


@pytest.mark.parametrize("encoding", NAMES)
def test_encoding_is_found(encoding):
    """The encoding is told by its mark, or by where the zeros stand."""
    assert detect_encoding(TEXT.encode(encoding)) == NAMES[encoding]


def test_latin_1_is_told_from_faulty_utf_8():
    """High bytes that form no UTF-8 are latin-1; single faults in UTF-8 are not."""
    assert detect_encoding("Größe überschritten".encode("latin-1")) == "latin-1"
    assert detect_encoding("Größe überschritten".encode() + b"\xff") == "utf-8"
    assert detect_encoding(b"plain") == "utf-8"


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_pieces_of_any_size(encoding, size):
    """However the stream is cut, the same text comes out, without its mark."""
    data = TEXT.encode(encoding)
    coder = Transcoder(detect_encoding(data))
    found = b"".join(coder.feed(data[at : at + size]) for at in range(0, len(data), size)) + coder.flush()
    assert found.decode() == TEXT


def test_cut_character_at_the_end():
    """Half a character at the stream's end is shown as damage, not lost."""
    coder = Transcoder("utf-16-le")
    assert coder.feed("a".encode("utf-16-le") + b"b") == b"a"
    assert coder.flush().decode() == "\ufffd"


@pytest.mark.parametrize("cut", range(5))
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_sample_may_begin_inside_a_character(encoding, cut):
    """A piece from the middle of a wide file is read from its next whole character on."""
    assert "ERROR [main] cart" in transcode_sample(TEXT.encode(encoding)[cut:], encoding).decode()


@pytest.mark.parametrize("encoding", [*NAMES, "latin-1"])
def test_layout_of_any_encoding(encoding):
    """A layout learned from any encoding reads the decoded lines, and is taken for a log."""
    data = TEXT.replace("\U0001f6d2", "x").encode(encoding)
    sample = Sample("x.log", data[:700], data[701:1400], data[-333:], len(data), None)
    layout = learn_layout(sample)
    assert is_log(sample)
    coder = Transcoder(layout.encoding) if is_wide(layout.encoding) else None
    content = coder.feed(data) + coder.flush() if coder else data
    lines = content.split(b"\n")[:-1]
    state = layout.new_state()
    heads = [layout.parse(line, state) for line in lines]
    assert [head.severity.word for head in heads if head is not None] == ["error"] * 40
    assert layout.fields(lines[3]).message == "straße x 3"
