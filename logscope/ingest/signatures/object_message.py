"""Finds the message of an object without loading it, where that surely gives the same."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import REACH, Block, mask_of, match_text, word_of
from logscope.ingest.formats.json import JsonForm


class ObjectMessage:
    """Of one form's objects."""

    def __init__(self, form: JsonForm, others: Sequence[str]) -> None:
        """Look for the first of a form's messages.

        Args:
            form: Of the objects.
            others: Keys of which none may stand in an object.
        """
        path = form.keys.messages[0] if form.keys.messages else ()
        name = path[0] if len(path) == 1 else None
        quoted = b'"' + name.encode() + b'"' if isinstance(name, str) else b""
        self._name = quoted if len(quoted) <= 2 * REACH else b""
        self.is_able = bool(self._name)
        """There is one that may be found so."""
        # Their first bytes: what merely begins alike is parsed, too.
        self._others = [(b'"' + other.encode("utf-8", "replace") + b'":')[:REACH] for other in others]

    def read(self, line: bytes) -> bytes:
        """The message of one line, blanks around it off: as `find` finds it, or empty."""
        name = self._name
        if not name or line[-1:] != b"}" or line.count(name) != 1 or b"\\" in line or b"\x1b" in line:
            return b""
        key = line.find(name)
        colon = key + len(name)
        begin = colon + 2 if line[colon : colon + 2] == b':"' else colon + 3 if line[colon : colon + 3] == b': "' else 0
        end = line.find(b'"', begin)
        if not begin or end < 0 or line.count(b'"') & 1 or line.count(b'"', 0, key) & 1 or not line.isascii():
            return b""
        # Without escapes every second piece between quotes stands outside of texts.
        outside = b"".join(line[:key].split(b'"')[::2])
        if outside.count(b"{") - outside.count(b"}") != 1:
            return b""
        return b"" if any(other in line for other in self._others) else line[begin:end].strip()

    def find(self, block: Block, first: Int64, last: Int64) -> tuple[Int64, Int64]:
        """Where the messages of lines begin and end; begins -1 where the line must be parsed.

        A line is read when its message's key stands in it once, in the outermost object, and neither escapes nor
        fields that say more stand in it.

        Args:
            block: Holds these lines, one behind the other, and nothing else.
            first: Where they begin.
            last: The ones behind their ends.
        """
        begins, ends = np.full(len(first), -1), np.full(len(first), -1)
        if not self._name:
            return begins, ends
        text = block.data
        quotes = block.find_byte(_QUOTE)
        words = block.words[quotes]
        is_bad = np.zeros(len(quotes), np.bool_)
        for other in self._others:
            is_bad |= (words & mask_of(other)) == word_of(other)
        doubtful = quotes[is_bad]
        if b"\\" in text or b"\x1b" in text or not text.isascii():
            strange = np.flatnonzero((block.bytes == ord("\\")) | (block.bytes == 27) | (block.bytes >= 128))
            doubtful = np.concatenate([doubtful, strange])
            doubtful.sort()
        good = (last > first) & (block.bytes[last - 1] == ord("}"))
        good &= np.searchsorted(doubtful, last) == np.searchsorted(doubtful, first)
        begin_quote, end_quote = np.searchsorted(quotes, first), np.searchsorted(quotes, last)
        good &= (end_quote - begin_quote) % 2 == 0
        hits = np.flatnonzero((words & mask_of(self._name[:REACH])) == word_of(self._name[:REACH]))
        hits = hits[match_text(block, quotes[hits], self._name)]
        hit = np.searchsorted(hits, begin_quote)
        good &= np.searchsorted(hits, end_quote) - hit == 1
        rows = np.flatnonzero(good)
        # The quotes behind the key's first: its last, then those around the value.
        key = hits[hit[rows]]
        inside = key + 3 < end_quote[rows]
        rows, key = rows[inside], key[inside]
        colon = quotes[key + 1] + 1
        gap = quotes[key + 2] - colon
        good = (block.bytes[colon] == ord(":")) & ((gap == 1) | ((gap == 2) & (block.bytes[colon + 1] == 32)))
        depth = np.zeros(len(rows), np.int64)
        for brace, step in ((ord("{"), 1), (ord("}"), -1)):
            places = block.find_byte(brace)
            line = np.searchsorted(first, places, "right") - 1
            # Without escapes a place outside of texts has an even number of quotes before it.
            places = places[(np.searchsorted(quotes, places) - begin_quote[line]) % 2 == 0]
            depth += step * (np.searchsorted(places, quotes[key]) - np.searchsorted(places, first[rows]))
        good &= (depth == 1) & ((key - begin_quote[rows]) % 2 == 0)
        rows, key = rows[good], key[good]
        begins[rows], ends[rows] = quotes[key + 2] + 1, quotes[key + 3]
        return begins, ends


_QUOTE: Final = ord('"')
