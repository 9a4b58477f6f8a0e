"""Writes many words as one regex that shares their beginnings.

`info|information|error|err` becomes `err(?:or)?|info(?:rmation)?`: the same texts match, the longest word first, but
`re` looks at one branch of a text instead of at every word. Measured: a tenth to a third of the time of a match.
"""

import re
from collections.abc import Iterable


def write_alternatives(words: Iterable[bytes], *, end: bytes = b"") -> bytes:
    """A regex of all words, without a group of its own around it.

    Args:
        words: What matches; of words that begin alike the longest is tried first.
        end: Regex that must match behind words that end with a byte beyond ASCII.
    """
    return b"|".join(_write_branches(sorted(set(words)), 0, end))


def _write_branches(words: list[bytes], at: int, end: bytes) -> list[bytes]:
    """One alternative for each byte that may stand at a position, then the word that ends there.

    Args:
        words: Sorted; equal up to the position.
        at: The position.
        end: As for `write_alternatives`.
    """
    ends_here = len(words[0]) == at
    longer = words[1:] if ends_here else words
    branches: list[bytes] = []
    while longer:
        count = next((n for n, word in enumerate(longer) if word[at] != longer[0][at]), len(longer))
        branches.append(_write_branch(longer[:count], at, end))
        longer = longer[count:]
    if ends_here:
        branches.append(end if words[0][-1] >= 0x80 else b"")
    return branches


def _write_branch(words: list[bytes], at: int, end: bytes) -> bytes:
    """What words that share a byte have in common from there on, then how they differ."""
    first, last = words[0], words[-1]
    common = next((n for n in range(at, len(first)) if first[n] != last[n]), len(first))
    branches = _write_branches(words, common, end)
    shared = re.escape(first[at:common])
    if len(branches) == 1:
        return shared + branches[0]
    if branches[-1] == b"":
        return shared + b"(?:" + b"|".join(branches[:-1]) + b")?"
    return shared + b"(?:" + b"|".join(branches) + b")"
