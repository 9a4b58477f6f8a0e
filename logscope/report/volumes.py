"""Which volumes an incident says are full: nothing is written there. Pure."""

import re
from typing import Final

from logscope.model.snapshot import Snapshot

_FULL: Final = re.compile(
    r"no space left|no free space|disk full|disk is full|disk quota|quota exceeded|out of (?:disk )?space|enospc|"
    r"edquot|not enough (?:free |disk |free disk )?space|insufficient (?:disk )?space|device is full|volume is full",
    re.IGNORECASE,
)
_PATH: Final = re.compile(r"(?<![\w./:-])/[\w.+@%-]{1,100}(?:/[\w.+@%-]{1,100}){0,20}")
_MOST_TEXT: Final = 8192
_MOST_PATHS: Final = 16
_CANDIDATES: Final = 3


def find_full_paths(snapshot: Snapshot) -> tuple[str, ...]:
    """Absolute paths that the likeliest causes name beside the word that there is no room.

    Args:
        snapshot: The incident.
    """
    paths: dict[str, None] = {}
    for candidate in snapshot.candidates[:_CANDIDATES]:
        text = candidate.sample[:_MOST_TEXT]
        if _FULL.search(text):
            paths.update(dict.fromkeys(_PATH.findall(text)))
    return tuple(paths)[:_MOST_PATHS]
