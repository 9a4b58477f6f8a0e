"""A regex that is matched on all lines of a block at once: exact where it answers, and it says where it does not.

Walks the tree that `re` itself makes of a regex. What is not known here makes the pattern unusable, never wrong.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple, cast

import numpy as np

from logscope.ingest.batch import Int64
from logscope.ingest.columns import REACH, Block
from logscope.ingest.formats.firsts import ALL, WORD, Tree, UnknownError, parse_pattern, read_class, tree, walk
from logscope.ingest.patterns.atoms import Behind, Cell, Edge, Empty, Run, RunTo
from logscope.ingest.patterns.lines import MARGIN, MAYBE, NO, Lines, Watch
from logscope.ingest.patterns.nodes import Ahead, Branch, Deferred, Group, Lazy, Node, Repeat, Series, Window

_LONGEST_CELL: Final = 32
_LONGEST_WINDOW: Final = 32
_MANY: Final = 8
"""Alternatives from which on they are built when they are needed."""
_COLUMNS: Final = 6
"""Bytes of an alternative by which it may be told from others."""
_WORTH_A_WINDOW: Final = 4
"""Parts of a sequence that are cheaper matched anew than looked up."""


class _Built(NamedTuple):
    node: Node
    is_open: bool
    """Where it matched, it might have matched in another way too, and the pattern go on behind that."""
    reach: int
    """Bytes from its begin on that it may look at; beyond `_LONGEST_WINDOW`: more than is asked for."""
    is_local: bool
    """It looks at nothing before its begin."""
    size: int
    """Number of its nodes."""


class Matches:
    """Where a pattern and its groups stand in some lines."""

    def __init__(
        self, end: Int64, find: Callable[[int], tuple[Int64, Int64] | None], names: dict[str, int], watch: Watch | None
    ) -> None:  # fmt: skip
        """Args are kept.

        Args:
            end: The ends of the matches, `NO` and `MAYBE` as nodes say.
            find: Begin and end of a group in every line by its number; None where it took part in none.
            names: The groups' numbers by name.
            watch: Of the first so many lines what had a part in how they matched; None: nobody asked.
        """
        self.end = end
        self.watch = watch
        self._find = find
        self._names = names
        self._groups: dict[int, tuple[Int64, Int64] | None] = {}

    def has(self, name: str) -> bool:
        """Whether a group of this name took part in any line."""
        return name in self._names and self.has_number(self._names[name])

    def has_number(self, number: int) -> bool:
        """The same by its number."""
        return self._load(number) is not None

    def span(self, name: str) -> tuple[Int64, Int64]:
        """Begin and end of a group in every line, negative where it took no part."""
        return self.span_of(self._names[name])

    def span_of(self, number: int) -> tuple[Int64, Int64]:
        """The same by its number."""
        found = self._load(number)
        if found is None:
            nowhere = np.full(len(self.end), NO)
            return nowhere, nowhere
        return found

    def _load(self, number: int) -> tuple[Int64, Int64] | None:
        if number not in self._groups:
            self._groups[number] = self._find(number)
        return self._groups[number]

    def put(self, rows: Int64, other: "Matches") -> None:
        """Take what another pattern, whose groups have the same numbers, found in these lines."""
        self.end[rows] = other.end
        for number in self._names.values():
            if not self.has_number(number) and not other.has_number(number):
                continue
            begin, end = (place.copy() for place in self.span_of(number))
            begin[rows], end[rows] = other.span_of(number)
            self._groups[number] = begin, end


class BlockPattern:
    """A regex ready to be matched at the begins of lines."""

    def __init__(self, pattern: bytes) -> None:
        """Compile it.

        Raises:
            UnknownError: It holds something that cannot be matched on many lines at once.
        """
        items, self.names = parse_pattern(pattern)
        self._node = _build_sequence(list(items), ALL, ignore_case=False).node
        self.groups = self._node.groups
        """Numbers of its groups."""

    def match(self, block: Block, starts: Int64, ends: Int64, *, is_watched: bool = False) -> Matches:
        """Match it at the begins of lines, which ascend; those too near the end of the data are not looked at."""
        count = int(np.searchsorted(ends, len(block.data) - MARGIN, "right"))
        lines = Lines(block, starts[:count], ends[:count], is_watched=is_watched)
        result = np.full(len(starts), MAYBE)
        if count:
            result[:count] = self._node.match(lines, np.arange(count), lines.starts)
        late = len(starts) - count

        def find(number: int) -> tuple[Int64, Int64] | None:
            places = lines.groups.get(number)
            if places is None or not late:
                return places
            begin, end = (np.append(place, np.full(late, NO)) for place in places)
            return begin, end

        return Matches(result, find, self.names, lines.watch)


def _build_sequence(items: Sequence[tuple[object, object]], follow: frozenset[int], *, ignore_case: bool) -> _Built:
    """The node of some items.

    Args:
        items: As `re` has them.
        follow: Bytes that what comes behind them may begin with; all where that may be nothing.
        ignore_case: Letters are meant in both cases.
    """
    parts: list[_Built] = []
    cell: list[frozenset[int]] = []

    def end_cell() -> None:
        while cell:
            piece, cell[:] = cell[:_LONGEST_CELL], cell[_LONGEST_CELL:]
            parts.append(_Built(Cell(piece), False, len(piece), True, 1))

    taken = 0
    for n, (code, value) in enumerate(items):
        if n < taken:
            continue
        one = read_class(code, value, ignore_case=ignore_case)
        if one is not None:
            cell.append(one - {10})
            continue
        repeated = _read_fixed(code, value, ignore_case=ignore_case)
        if repeated is not None:
            cell.extend(repeated)
            continue
        end_cell()
        rest = items[n + 1 :]
        behind = _find_follow(rest, follow, ignore_case=ignore_case)
        if code is tree.MIN_REPEAT:
            parts.append(_build_lazy(value, rest, follow, ignore_case=ignore_case))
            break
        built = _build_item(code, value, behind, ignore_case=ignore_case)
        text = _read_text(rest) if built.is_open and not ignore_case and code is tree.MAX_REPEAT else b""
        run = _read_run(value) if text else None
        if run is not None:
            # What the run takes of the text behind it, it gives back.
            parts.append(_Built(RunTo(*run, text), True, _LONGEST_WINDOW + 1, False, 2))
            taken = n + 1 + len(text)
        else:
            parts.append(built)
    end_cell()
    return _join(parts)


def _read_text(items: Sequence[tuple[object, object]]) -> bytes:
    """The text that some items begin with, at most 16 bytes of it."""
    text = b""
    for code, value in items[: 2 * REACH]:
        if code is not tree.LITERAL or not isinstance(value, int) or value > 255:
            break
        text += bytes([value])
    return text


def _read_run(value: object) -> tuple[frozenset[int], int, int] | None:
    """Class, least and most of a repetition of single bytes."""
    least, most, repeated = cast(tuple[int, int, Tree], value)
    items = list(repeated)
    one = read_class(*items[0], ignore_case=False) if len(items) == 1 else None
    return None if one is None else (one, least, int(most))


def _find_follow(
    items: Sequence[tuple[object, object]], follow: frozenset[int], *, ignore_case: bool
) -> frozenset[int]:  # fmt: skip
    """The bytes at which some items, and what follows them, may match."""
    found: frozenset[int] = frozenset()
    for item in items:
        if item == (tree.AT, tree.AT_END):
            return found
        if item[0] is tree.ASSERT:
            direction, group = cast(tuple[int, Tree], item[1])
            firsts, may_be_empty = walk(group, ignore_case=ignore_case)
            if direction > 0 and not may_be_empty:
                return found | firsts
        firsts, may_be_empty = walk([item], ignore_case=ignore_case)
        found |= firsts
        if not may_be_empty:
            return found
    return found | follow


def _join(parts: Sequence[_Built]) -> _Built:
    if not parts:
        return _Built(Empty(), False, 0, True, 1)
    if len(parts) == 1:
        return parts[0]
    opens = [any(part.is_open for part in parts[: n + 1]) for n in range(len(parts))]
    node = Series([(part.node, is_open) for part, is_open in zip(parts, opens, strict=True)])
    return _Built(
        node, opens[-1], sum(part.reach for part in parts), all(part.is_local for part in parts),
        sum(part.size for part in parts),
    )  # fmt: skip


def _read_fixed(code: object, value: object, *, ignore_case: bool) -> list[frozenset[int]] | None:
    """The classes of a byte that is repeated a fixed number of times, such as four digits."""
    if code not in (tree.MAX_REPEAT, tree.POSSESSIVE_REPEAT):
        return None
    least, most, repeated = cast(tuple[int, int, Tree], value)
    items = list(repeated)
    if least != most or most > _LONGEST_CELL or len(items) != 1:
        return None
    one = read_class(*items[0], ignore_case=ignore_case)
    return None if one is None else [one - {10}] * most


def _build_item(code: object, value: object, follow: frozenset[int], *, ignore_case: bool) -> _Built:
    if code is tree.SUBPATTERN:
        number, add, remove, group = cast(tuple[int | None, int, int, Tree], value)
        fold = (ignore_case or bool(add & re.IGNORECASE)) and not remove & re.IGNORECASE
        built = _add_window(_build_sequence(list(group), follow, ignore_case=fold))
        return built if number is None else built._replace(node=Group(number, built.node))
    if code is tree.BRANCH:
        _, choices = cast(tuple[object, list[Tree]], value)
        return _build_branch([list(choice) for choice in choices], follow, ignore_case=ignore_case)
    if code in (tree.MAX_REPEAT, tree.POSSESSIVE_REPEAT):
        built = _build_repeat(value, follow, ignore_case=ignore_case)
        return built._replace(is_open=False) if code is tree.POSSESSIVE_REPEAT else built
    if code is tree.ATOMIC_GROUP:
        return _build_sequence(list(cast(Tree, value)), ALL, ignore_case=ignore_case)._replace(is_open=False)
    if code in (tree.ASSERT, tree.ASSERT_NOT):
        direction, group = cast(tuple[int, Tree], value)
        wanted = code is tree.ASSERT
        if direction < 0:
            (one,) = group if len(list(group)) == 1 else ((None, None),)
            class_ = read_class(*one, ignore_case=ignore_case)
            if class_ is None:
                raise UnknownError
            return _Built(Behind(class_, wanted=wanted), False, 0, False, 1)
        built = _build_sequence(list(group), ALL, ignore_case=ignore_case)
        # A way to stand ahead is as good as another, unless it holds groups.
        return built._replace(node=Ahead(built.node, wanted=wanted), is_open=bool(built.node.groups) and built.is_open)
    if code is tree.AT:
        edges = {
            tree.AT_BEGINNING: Edge(None, at_end=False),
            tree.AT_BEGINNING_STRING: Edge(None, at_end=False),
            tree.AT_END: Edge(None, at_end=True),
            tree.AT_END_STRING: Edge(None, at_end=True),
            tree.AT_BOUNDARY: Edge(WORD, at_end=False),
        }
        if value in edges:
            return _Built(edges[value], False, 0, False, 1)
    if code is tree.FAILURE:
        return _Built(Cell([frozenset()]), False, 1, True, 1)
    raise UnknownError


def _add_window(built: _Built) -> _Built:
    if not built.is_local or built.reach > _LONGEST_WINDOW or built.size < _WORTH_A_WINDOW:
        return built
    return built._replace(node=Window(built.node, built.reach))


def _build_branch(
    choices: Sequence[Sequence[tuple[object, object]]], follow: frozenset[int], *, ignore_case: bool
) -> _Built:  # fmt: skip
    alternatives: list[tuple[Node, list[frozenset[int] | None]]] = []
    reach, size, is_local = 0, 1, True
    seen: frozenset[int] = frozenset()
    is_open = len(choices) > _MANY
    for choice in choices:
        begin = [read_class(*item, ignore_case=ignore_case) for item in choice[:_COLUMNS]]
        known = begin.index(None) if None in begin else len(begin)
        if len(choices) > _MANY and known == min(_COLUMNS, len(choice)) and not _holds_group(choice):
            # Of a long list of words most are never met.
            node: Node = Deferred(partial(_build_late, choice, follow, ignore_case))
            reach, is_local, is_open = _LONGEST_WINDOW + 1, False, True
        else:
            part = _build_sequence(choice, follow, ignore_case=ignore_case)
            firsts, may_be_empty = walk(choice, ignore_case=ignore_case)
            node = part.node
            if not known:
                begin, known = [None if may_be_empty else firsts], 1
            behind = _find_follow(choice, follow, ignore_case=ignore_case)
            is_open = is_open or part.is_open or bool(seen & behind)
            seen |= behind
            reach, size, is_local = max(reach, part.reach), size + part.size, is_local and part.is_local
        alternatives.append((node, begin[:known]))
    return _Built(Branch(alternatives), is_open, reach + _COLUMNS, is_local, size)


def _build_late(choice: Sequence[tuple[object, object]], follow: frozenset[int], ignore_case: bool) -> Node | None:
    try:
        return _build_sequence(choice, follow, ignore_case=ignore_case).node
    except UnknownError:
        return None


def _holds_group(items: Sequence[tuple[object, object]]) -> bool:
    """Whether there may be groups in it: anything but single bytes, and what only looks ahead."""
    return any(
        code not in (tree.LITERAL, tree.NOT_LITERAL, tree.IN, tree.ANY, tree.ASSERT_NOT) for code, _ in items
    )  # fmt: skip


def _build_repeat(value: object, follow: frozenset[int], *, ignore_case: bool) -> _Built:
    least, most, repeated = cast(tuple[int, int, Tree], value)
    items = list(repeated)
    one = read_class(*items[0], ignore_case=ignore_case) if len(items) == 1 else None
    if one is not None:
        return _Built(Run(one, least, int(most)), least < most and bool(one & follow), int(most) + 1, True, 1)
    if (least, int(most)) == (0, 1):
        return _build_branch([items, []], follow, ignore_case=ignore_case)
    firsts, may_be_empty = walk(items, ignore_case=ignore_case)
    part = _build_sequence(items, firsts | follow, ignore_case=ignore_case)
    if may_be_empty or part.node.groups:
        raise UnknownError
    node = Repeat(part.node, least, int(most), is_open=part.is_open, bulk=_find_bulk(items, ignore_case=ignore_case))
    return _Built(
        node, part.is_open or bool(firsts & follow), part.reach * int(most), part.is_local, 2 * part.size
    )  # fmt: skip


def _find_bulk(items: Sequence[tuple[object, object]], *, ignore_case: bool) -> frozenset[int] | None:
    """The class of the single byte that is the first alternative of a repeated part."""
    if len(items) != 1:
        return None
    code, value = items[0]
    if code is tree.SUBPATTERN:
        number, add, remove, group = cast(tuple[int | None, int, int, Tree], value)
        return None if number is not None or add or remove else _find_bulk(list(group), ignore_case=ignore_case)
    if code is not tree.BRANCH:
        return None
    _, choices = cast(tuple[object, list[Tree]], value)
    first = list(choices[0])
    return read_class(*first[0], ignore_case=ignore_case) if len(first) == 1 else None


def _build_lazy(
    value: object, rest: Sequence[tuple[object, object]], follow: frozenset[int], *, ignore_case: bool
) -> _Built:  # fmt: skip
    least, most, repeated = cast(tuple[int, int, Tree], value)
    items = list(repeated)
    firsts, may_be_empty = walk(items, ignore_case=ignore_case)
    behind = _find_follow(rest, follow, ignore_case=ignore_case)
    part = _build_sequence(items, firsts | behind, ignore_case=ignore_case)
    if may_be_empty or (part.node.groups and most > 1):
        raise UnknownError
    built = _build_sequence(rest, follow, ignore_case=ignore_case)
    node = Lazy(part.node, least, int(most), built.node, is_open=part.is_open)
    return _Built(node, True, _LONGEST_WINDOW + 1, False, part.size + built.size)
