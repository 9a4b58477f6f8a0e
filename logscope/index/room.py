"""How much an index may hold, and how what there is shares it: memory does not follow the shape of the logs.

An index within its room holds everything. Beyond it less is told apart, and said so: of sources with many kinds some
are counted together (`groups`), of kinds with many active seconds what is far from their greatest rise is summed in
longer steps (`counts`), and long examples are cut (`exemplars`). What has little keeps all of it.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

_MIB: Final = 2**20
_START: Final = 110 * _MIB
"""Of a process that reads: the interpreter, its libraries, blocks on their way and what is being judged."""
USUAL: Final = 400 * _MIB
"""Of a process, where nobody said how much it may take."""
FILLED: Final = 0.75
"""Of the room that is left full when it is short, so that not each further record needs a look at all."""
_LEAST_SHARE: Final = 1 / 16


class Room(NamedTuple):
    """The most that one index holds."""

    kinds: int
    """Groups of all sources: 10 KiB each with what is judged of them."""
    rows: int
    """Active seconds of all groups: 100 bytes each with what is made of them."""
    seconds: int
    """Active seconds of all sources, up to 72 bytes each."""
    text_bytes: int
    """Of all examples."""


_USUAL_ROOM: Final = Room(kinds=6_000, rows=500_000, seconds=500_000, text_bytes=24 * _MIB)


def room_of(process_bytes: int = USUAL) -> Room:
    """What an index may hold in a process that may take so many bytes; its window holds as much."""
    share = max(_LEAST_SHARE, (process_bytes - _START) / (USUAL - _START))
    return Room(*(int(most * share) for most in _USUAL_ROOM))


def share_evenly(sizes: Iterable[int], most: int) -> int:
    """The greatest share that each may take so that all together stay below a bound; who needs less leaves the rest."""
    ordered = np.sort(np.fromiter(sizes, np.int64))
    taken = np.concatenate([[0], np.cumsum(ordered)[:-1]])
    shares = (most - taken) // np.arange(len(ordered), 0, -1)
    short = np.flatnonzero(shares < ordered)
    return max(1, int(shares[short[0]])) if len(short) else int(ordered[-1]) if len(ordered) else most
