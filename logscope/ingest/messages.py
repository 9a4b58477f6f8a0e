"""What records say, many together: where their texts stand is found for all lines at once, as far as that is sure.

Of all others the layout is asked, one by one, which takes five to ten times as long.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import Block, Flags, count_in_lines, match_text
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.logfmt import LogfmtForm
from logscope.ingest.known import find_strange
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.patterns.heads import make_matcher
from logscope.ingest.patterns.lines import MARGIN
from logscope.ingest.patterns.memory import MatchMemory
from logscope.ingest.signatures.object_message import ObjectMessage

_WORTH_IT: Final = 200
"""Records from which on they are read together."""


class MessageReader:
    """Reads the messages of one stream's records."""

    def __init__(self, layout: Layout) -> None:
        """Keeps how the stream is written."""
        self.layout = layout
        form = layout.forms[0]
        self._objects: ObjectMessage | None = None
        self._pairs: MatchMemory | None = None
        if layout.encoding != "utf-8" or layout.two_lines:
            return
        if isinstance(form, JsonForm):
            self._objects = ObjectMessage(form, ())
        elif isinstance(form, LogfmtForm) and form.walk is not None:
            self._pairs = make_matcher(form.walk)

    def read(self, records: Sequence[bytes]) -> list[str]:
        """What each record says: as the layout reads its message."""
        if (self._objects is None and self._pairs is None) or len(records) < _WORTH_IT:
            return [self.layout.read_message(record) for record in records]
        sizes = np.array([len(record) for record in records], np.int64)
        last = np.cumsum(sizes + 1) - 1
        text = b"\n".join(records) + b"\n"
        block = Block(text + bytes(MARGIN), 0, len(text))
        begin, end = self._find(block, last - sizes, last)
        data, read = block.data, self.layout.read_message
        return [
            data[first:stop].decode("utf-8", "replace") if first >= 0 else read(record)
            for record, first, stop in zip(records, begin.tolist(), end.tolist(), strict=True)
        ]

    def _find(self, block: Block, starts: Int64, ends: Int64) -> tuple[Int64, Int64]:
        """Where the messages of records begin and end; begins -1 where the layout must be asked."""
        if self._objects is not None:
            begin, end = self._objects.find(block, starts, ends)
            good = match_text(block, starts, b'{"')
            # In single quotes a language's own objects hold what looks like keys.
            good &= ~_hold(block, ord("'"), starts, ends)
        else:
            assert self._pairs is not None, "asked where one of them can tell"
            found = self._pairs.match(block, starts, ends)
            begin, end = found.span("message")
            good = found.end >= 0
        good &= (begin < end) & ~find_strange(block, starts, ends)
        if len(block.find_newlines()) > len(starts):
            good &= ~_hold(block, ord("\n"), starts, ends)
        return np.where(good, begin, -1), end


def _hold(block: Block, byte: int, starts: Int64, ends: Int64) -> Flags:
    found: Flags = count_in_lines(block.find_byte(byte), starts, ends) > 0
    return found
