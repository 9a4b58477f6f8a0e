"""Which bytes a regex can begin with: lines that begin with another are no heads, and need not be matched.

Walks the tree that `re` itself compiles. Where the tree holds something that is not known here, nothing is claimed.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, cast

# The tree has no public name; tests compare the answer with matching.
from re import _constants as tree  # type: ignore[attr-defined]  # isort: skip
from re import _parser as parser  # type: ignore[attr-defined]  # isort: skip

__all__ = [
    "ALL", "WORD", "Tree", "UnknownError", "find_first_bytes", "parse_pattern", "read_class", "tree", "walk",
]  # fmt: skip

Tree = Iterable[tuple[object, object]]
"""What `re` makes of a pattern: operations and their arguments."""


class UnknownError(Exception):
    """Something in the tree is not known here."""


ALL: Final = frozenset(range(256))
_DIGITS: Final = frozenset(b"0123456789")
WORD: Final = frozenset(b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SPACE: Final = frozenset(b" \t\n\r\f\v")
_CATEGORIES: Final = {
    "CATEGORY_DIGIT": _DIGITS,
    "CATEGORY_NOT_DIGIT": ALL - _DIGITS,
    "CATEGORY_WORD": WORD,
    "CATEGORY_NOT_WORD": ALL - WORD,
    "CATEGORY_SPACE": _SPACE,
    "CATEGORY_NOT_SPACE": ALL - _SPACE,
}


@lru_cache(maxsize=256)
def find_first_bytes(pattern: bytes) -> frozenset[int] | None:
    """The bytes that a match of a regex can begin with, at the most; None: not known, or a match may be empty."""
    try:
        found, may_be_empty = walk(parse_pattern(pattern)[0], ignore_case=False)
    except UnknownError:
        return None
    return None if may_be_empty else found


def parse_pattern(pattern: bytes) -> tuple[Tree, dict[str, int]]:
    """The tree of a regex and the numbers of its groups by name.

    Raises:
        UnknownError: It is none.
    """
    try:
        found = parser.parse(pattern.decode("latin-1"), re.ASCII)
    except re.error as error:
        raise UnknownError from error
    return found, dict(found.state.groupdict)


def walk(items: Tree, *, ignore_case: bool) -> tuple[frozenset[int], bool]:
    """First bytes of a sequence, and whether it may match nothing.

    Raises:
        UnknownError: It holds something that is not known here.
    """
    found: frozenset[int] = frozenset()
    for code, value in items:
        firsts, may_be_empty = _read_item(code, value, ignore_case)
        found |= firsts
        if not may_be_empty:
            return found, False
    return found, True


def _read_item(code: object, value: object, ignore_case: bool) -> tuple[frozenset[int], bool]:
    if code in (tree.AT, tree.ASSERT, tree.ASSERT_NOT):
        return frozenset(), True
    if code in (tree.LITERAL, tree.NOT_LITERAL, tree.IN, tree.ANY):
        return _widen(_read_set(code, value), ignore_case), False
    if code is tree.SUBPATTERN:
        _, add, remove, group = cast(tuple[object, int, int, Tree], value)
        return walk(group, ignore_case=(ignore_case or bool(add & re.IGNORECASE)) and not remove & re.IGNORECASE)
    if code is tree.ATOMIC_GROUP:
        return walk(cast(Tree, value), ignore_case=ignore_case)
    if code is tree.BRANCH:
        _, choices = cast(tuple[object, list[Tree]], value)
        branches = [walk(choice, ignore_case=ignore_case) for choice in choices]
        return frozenset().union(*(found for found, _ in branches)), any(empty for _, empty in branches)
    if code in (tree.MAX_REPEAT, tree.MIN_REPEAT, tree.POSSESSIVE_REPEAT):
        least, _, repeated = cast(tuple[int, object, Tree], value)
        found, may_be_empty = walk(repeated, ignore_case=ignore_case)
        return found, may_be_empty or least == 0
    if code is tree.FAILURE:
        return frozenset(), False
    raise UnknownError


def _read_set(code: object, value: object) -> frozenset[int]:
    if code is tree.ANY:
        return ALL
    if code is tree.LITERAL:
        return frozenset((value,)) if isinstance(value, int) and value < 256 else frozenset()
    if code is tree.NOT_LITERAL:
        return ALL - {value}
    found: set[int] = set()
    negated = False
    for kind, item in cast(Tree, value):
        if kind is tree.NEGATE:
            negated = True
        elif kind is tree.LITERAL:
            found.add(cast(int, item))
        elif kind is tree.RANGE:
            first, last = cast(tuple[int, int], item)
            found.update(range(first, last + 1))
        elif kind is tree.CATEGORY:
            found.update(_CATEGORIES[str(item)])
        else:
            raise UnknownError
    return ALL - found if negated else frozenset(found) & ALL


def read_class(code: object, value: object, *, ignore_case: bool) -> frozenset[int] | None:
    """The bytes that an item may be which is one byte; None for other items.

    Raises:
        UnknownError: It is not known which.
    """
    if code not in (tree.LITERAL, tree.NOT_LITERAL, tree.IN, tree.ANY):
        return None
    if ignore_case and code is not tree.LITERAL:
        negated = code is tree.NOT_LITERAL or (code is tree.IN and cast(list[object], value)[0] == (tree.NEGATE, None))
        if negated:
            raise UnknownError
    return _widen(_read_set(code, value), ignore_case)


def _widen(found: frozenset[int], ignore_case: bool) -> frozenset[int]:
    if not ignore_case:
        return found
    text = bytes(found)
    return found | frozenset(text.lower()) | frozenset(text.upper())
