"""Matches of a pattern that are known again: lines alike in all that had a part in how they matched match alike.

Plan: a tree of words. A node says which eight bytes of a line come next; what stands there leads to a further node, or
to a leaf that holds the match's places, counted from the line's begin. Letters are alike, and digits, but where the
pattern asked which one it is, and there those digits that it did not tell apart: so stamps, ids and names make few
leaves. Only lines that come to no leaf are matched; some of them are remembered. Nothing is guessed: a leaf's bytes are
all that had a part, and the line's end had none. Cost: about 25 ns a word.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import REACH, Block, Words
from logscope.ingest.patterns.lines import MARGIN, NO, Watch
from logscope.ingest.patterns.pattern import BlockPattern, Matches
from logscope.ingest.patterns.words import NOWHERE, Alike, WordTable, read_word

_UNKNOWN: Final = 0
"""The leaf of lines that came to none: it holds no places."""
_FEW: Final = 256
"""Lines that are matched before the others are looked up again; then four times as many, and so on."""
_FEW_LEARNED: Final = 32
"""Lines that are remembered before the others are looked up again; then twice as many, and so on."""
_WORTH_LEARNING: Final = 2000
"""Lines that must come for each that is remembered later: to remember one takes as long as to match 500, and what is
rare does not come so often."""
_MOST_CREDIT: Final = 64
_WORTH_WORDS: Final = 5
"""Steps of the matching that take as long as to look a word up."""
_MOST_WORDS: Final = 1 << 14
"""Remembered before all is forgotten."""
_PATIENCE: Final = 50_000
"""Lines after which it is given up where more than one in `_OFTEN` was not known."""
_OFTEN: Final = 3
_LONGEST: Final = 400
"""Bytes of what is remembered of a line: matching that sees more hardly sees the same again."""


class MatchMemory:
    """Matches one pattern, for one reader of lines."""

    def __init__(self, pattern: BlockPattern) -> None:
        """Know nothing yet."""
        self._pattern = pattern
        self._groups = pattern.groups
        self._is_of_use = True
        self._asked = self._missed = 0
        self._credit = _MOST_CREDIT
        """Lines that may be remembered."""
        self._forget()

    def _forget(self) -> None:
        self._root = 0
        self._stops: list[int] = []
        """Of each node the one behind the bytes of a line that lead on from it."""
        self._alike: list[Alike] = []
        self._stop_of: Int64 = np.empty(0, np.int64)
        self._edges_of: Words = np.empty((0, 0), np.uint64)
        self._exact_of: Words = np.empty(0, np.uint64)
        self._apart_of: Words = np.empty(0, np.uint64)
        self._words = WordTable()
        self._leaves = 1
        self._places = np.full((64, 1 + 2 * len(self._groups)), NO, np.int32)
        """Of each leaf the match's end, then begin and end of each group, from the line's begin; negative without."""

    def match(self, block: Block, starts: Int64, ends: Int64) -> Matches:
        """The same as the pattern itself gives."""
        if not self._is_of_use:
            return self._pattern.match(block, starts, ends)
        if len(self._words) > _MOST_WORDS:
            self._forget()
        count = int(np.searchsorted(ends, len(block.data) - MARGIN, "right"))
        leaf = np.zeros(len(starts), np.int64)
        leaf[:count] = self._find(block, starts[:count], ends[:count])
        missing = np.flatnonzero(leaf == _UNKNOWN)
        is_pupil = self._credit >= _FEW_LEARNED
        few = _FEW if is_pupil else len(missing)
        asked: list[tuple[Int64, Matches]] = []
        while len(missing):
            rows, missing = missing[:few], missing[few:]
            matches = self._pattern.match(block, starts[rows], ends[rows], is_watched=is_pupil)
            asked.append((rows, matches))
            self._missed += len(rows)
            if is_pupil:
                self._learn(block, starts[rows], ends[rows], matches)
                # The last lines, too near the end of the data, are for the parser, known or not.
                again = missing[missing < count]
                leaf[again] = self._find(block, starts[again], ends[again])
                missing = missing[leaf[missing] == _UNKNOWN]
                is_pupil = self._is_of_use and self._credit > 0
            few = few * 4 if is_pupil else len(missing)
        self._asked += len(starts)
        self._credit = min(self._credit + len(starts) // _WORTH_LEARNING, _MOST_CREDIT)
        if self._is_of_use and self._asked > _PATIENCE:
            self._is_of_use = self._missed * _OFTEN < self._asked
            self._asked, self._missed = self._asked // 2, self._missed // 2
        return self._recall(starts, leaf, asked)

    def _recall(self, starts: Int64, leaf: Int64, asked: list[tuple[Int64, Matches]]) -> Matches:
        places = self._places

        def place(column: int) -> Int64:
            offset = places[:, column].astype(np.int64)[leaf]
            return np.where(offset >= 0, offset + starts, offset)

        def find(number: int) -> tuple[Int64, Int64] | None:
            column = self._groups.index(number) * 2 + 1
            if not (places[:, column] >= 0).any() and not any(other.has_number(number) for _, other in asked):
                return None
            begin, end = place(column), place(column + 1)
            for rows, other in asked:
                begin[rows], end[rows] = other.span_of(number)
            return begin, end

        end = place(0)
        for rows, other in asked:
            end[rows] = other.end
        return Matches(end, find, self._pattern.names, None)

    def _find(self, block: Block, starts: Int64, ends: Int64) -> Int64:
        """The leaf of each line."""
        leaf = np.full(len(starts), _UNKNOWN)
        if not self._stops or not len(starts):
            return leaf
        left: Int64 = np.arange(len(starts))
        node: Int64 | int = self._root
        while True:
            stop = self._stops[node] if isinstance(node, int) else self._stop_of[node]
            behind = starts + stop
            fits = behind <= ends
            if not fits.all():
                left, starts, ends, behind = left[fits], starts[fits], ends[fits], behind[fits]
                if not len(left):
                    return leaf
                if not isinstance(node, int):
                    node = node[fits]
                    stop = self._stop_of[node]
            if isinstance(node, int):
                alike = self._alike[node]
                word = read_word(block, starts, behind, stop, alike.edges, alike.exact, alike.apart)
            else:
                edges, exact, apart = self._gather_edges(node), self._exact_of[node], self._apart_of[node]
                word = read_word(block, starts, behind, stop, edges, exact, apart)
            value = self._words.find(word, node)
            on = value >= 0
            if not on.all():
                is_leaf = (value < 0) & (value != NOWHERE)
                leaf[left[is_leaf]] = ~value[is_leaf]
                left, starts, ends, value = left[on], starts[on], ends[on], value[on]
                if not len(left):
                    return leaf
            first = int(value[0])
            node = first if (value == first).all() else value

    def _gather_edges(self, node: Int64) -> Sequence[Words]:
        edges = [column[node] for column in self._edges_of.T]
        return [edge for edge in edges if edge.any()]

    def _learn(self, block: Block, starts: Int64, ends: Int64, matches: Matches) -> None:
        """Remember how lines matched, those that are alike once."""
        watch = matches.watch
        assert watch is not None, "asked for lines that were watched"
        count = len(watch.seen)
        starts, ends = starts[:count], ends[:count]
        sizes = np.maximum(watch.seen - starts, 1)
        if watch.steps < sizes.sum() // REACH * _WORTH_WORDS:
            self._is_of_use = False
            return
        places = [matches.end, *(place for number in self._groups for place in matches.span_of(number))]
        offsets = np.stack([np.where(place[:count] >= 0, place[:count] - starts, place[:count]) for place in places])
        left = np.flatnonzero((watch.seen <= ends) & (sizes <= _LONGEST))
        few = _FEW_LEARNED
        while len(left) and self._credit > 0:
            rows, left = left[:few], left[few:]
            told = _find_told(watch, starts, rows)
            for row, start, end, size in zip(
                rows.tolist(), starts[rows].tolist(), ends[rows].tolist(), sizes[rows].tolist(), strict=True
            ):
                text = block.data[start : min(end, start + _LONGEST + REACH)]
                if self._keep(text, size, told.get(row, {})):
                    self._put_leaf(offsets[:, row])
                    self._credit -= 1
            self._gather_nodes()
            left = left[self._find(block, starts[left], ends[left]) == _UNKNOWN]
            few *= 2

    def _gather_nodes(self) -> None:
        """Make the columns of the nodes anew."""
        self._stop_of = np.array(self._stops, np.int64)
        self._exact_of = np.array([one.exact for one in self._alike], np.uint64)
        self._apart_of = np.array([one.apart for one in self._alike], np.uint64)
        widest = max((len(one.edges) for one in self._alike), default=0)
        self._edges_of = np.zeros((len(self._alike), widest), np.uint64)
        for node, one in enumerate(self._alike):
            if one.edges:
                self._edges_of[node, : len(one.edges)] = one.edges

    def _keep(self, text: bytes, size: int, told: dict[int, int]) -> bool:
        """Make nodes for a line of which so many bytes were seen; whether the last of them needs a new leaf.

        Args:
            text: The line, or as much of it as can be needed.
            size: Bytes that had a part.
            told: The steps of those bytes that were told apart, by their place in the line.
        """
        if not self._stops:
            self._add_node(min(REACH, size), {}, told)
        node, before = self._root, None
        while True:
            stop = self._stops[node]
            if stop > len(text):
                return False
            if not self._alike[node].tells(told, stop):
                # A line that was told finer: what is known behind this node is learned anew.
                node = self._add_node(stop, self._alike[node].told, told)
                if before is None:
                    self._root = node
                else:
                    self._words.put(*before, node)
            before = self._alike[node].make_word(text, stop), node
            value = self._words.get(*before)
            if value is None and stop >= size:
                self._words.put(*before, ~self._leaves)
                return True
            if value is None:
                value = self._add_node(min(stop + REACH, size), {}, told)
                self._words.put(*before, value)
            elif value < 0:
                return False
            node = value

    def _add_node(self, stop: int, known: dict[int, int], told: dict[int, int]) -> int:
        self._stops.append(stop)
        self._alike.append(Alike(stop, known, told))
        return len(self._stops) - 1

    def _put_leaf(self, offsets: Int64) -> None:
        if self._leaves == len(self._places):
            self._places = np.concatenate([self._places, np.full_like(self._places, NO)])
        self._places[self._leaves] = offsets
        self._leaves += 1


def _find_told(watch: Watch, starts: Int64, rows: Int64) -> dict[int, dict[int, int]]:
    """By row and place in the line the steps of bytes that were told apart."""
    is_chosen = np.zeros(len(starts), np.bool_)
    is_chosen[rows] = True
    told: dict[int, dict[int, int]] = {}
    for lines, begin, end, steps in watch.told:
        chosen = np.flatnonzero(is_chosen[lines])
        lines = lines[chosen]
        columns = (lines, begin[chosen] - starts[lines], end[chosen] - starts[lines])
        for row, first, stop in zip(*(column.tolist() for column in columns), strict=True):
            of_line = told.setdefault(row, {})
            for offset in range(first, stop):
                of_line[offset] = of_line.get(offset, 0) | steps
    return told
