"""One whole record, read again where its first byte stands."""

from collections.abc import Iterator
from typing import Final

from logscope.errors import SourceError
from logscope.ingest.layouts.layout import Layout
from logscope.text.unrolling import ROW_END

RECORD_BYTES: Final = 65_536
"""Bytes of a record that are quoted."""


def read_record(layout: Layout, blocks: Iterator[bytes]) -> bytes | None:
    """The whole record that some bytes begin with; None where they are gone."""
    data = b""
    try:
        for block in blocks:
            data += block
            if len(data) >= RECORD_BYTES:
                break
    except SourceError:
        return None
    lines = data[:RECORD_BYTES].split(b"\n")
    is_cut = len(data) >= RECORD_BYTES or data.endswith(b"\n")
    state = layout.new_state()
    end = b"\r" if layout.roll is None else ROW_END[:1]
    kept = [lines[0].removesuffix(end)]
    for line in lines[1:-1] if is_cut else lines[1:]:
        bare = line.removesuffix(end)
        if layout.parse(bare, state) is not None:
            break
        kept.append(bare)
    return b"\n".join(kept) or None
