"""Finds ids of requests, traces and tasks in raw bytes: what ties the lines of several files together.

Two ways. By shape, whatever they are called: hex of ten digits and more, UUIDs, trace contexts. By name, whatever they
look like: the value behind `request_id=`, `"reqId":"`, `x-request-id: ` and their kin. Ids are compared without dashes
and in lower case, because one program writes all of an id and another one its first characters.

Cost: about 2 ns a byte for the shapes and as much for the names; therefore only records that are examined anyway are
searched, and of the others those of a few seconds in each quarter of an hour (`is_sampled`). The quarter makes logs
that are written in different zones sample the same requests.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64
from logscope.model.times import NO_TIME, US

LONGEST_ID: Final = 40
"""Characters kept of an id: a trace context goes on with the span, which differs."""
SHORTEST_SHAPE: Final = 10
"""Digits of an id that is known by its shape; shorter ones are as often commits, colours and words."""
MOST_IN_RECORD: Final = 4
"""Ids of one record; a list of more is a payload."""

_CHANCE_LENGTHS: Final = (12, 24, 32)
"""Digits of usual ids; stamps since 1970 have 10, 13 or 16."""
_YEARS: Final = (b"19", b"20")
_SHORTEST_NAMED: Final = 4
_QUARTER_S: Final = 900
_SAMPLED_S: Final = 12
"""Seconds of each quarter of an hour whose records are searched."""


def _classes() -> bytes:
    table = bytearray(b"." * 256)
    for byte in b"ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ_":
        table[byte] = ord("w")
    for byte in b"0123456789abcdefABCDEF":
        table[byte] = ord("h")
    table[ord("-")] = ord("-")
    return bytes(table)


_CLASSES: Final = _classes()
"""Hex digits are `h`, other letters `w`: a search for eight equal bytes is far quicker than one for a class."""
_BEGIN: Final = b"hhhhhhhh"
_SHAPE: Final = re.compile(_BEGIN + rb"[h-]{2,56}")
_NAMED: Final = (b"id=", b'id":', b"id: ", b"id':")
_AS_LOWER: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789", b"abcdefghijklmnopqrstuvwxyz000000000")
"""What stands before a name is compared in lower case, with all digits alike: then it is the same in most lines."""
_VALUE: Final = re.compile(rb"[ \"']{0,2}([0-9A-Za-z][0-9A-Za-z_.\-]{3,63})")
_OWNER: Final = re.compile(
    rb"(?:^|[^0-9a-z])(?:x[_-])?(?:r|req|request|trace|correlation|cor|task|job|msg|message|transaction|trans|txn|tx"
    rb"|operation|op|call|invocation|activity|event|order|b3[_-]trace)[_-]?\Z"
)
"""Whose id it is, before the word `id`, in lower case: things that happen once. A user or a host has an id for good."""
_BEFORE: Final = 16
"""Bytes before the word `id` that are looked at: more than whose it is can have."""


class FoundId(NamedTuple):
    """One id and where it stands."""

    at: int
    end: int
    name: bytes
    """Lower case, without dashes, at most `LONGEST_ID` characters."""


def find_ids(data: bytes) -> list[FoundId]:
    """All ids of some bytes, by place."""
    found = _find_shapes(data)
    named = _find_named(data)
    if not named:
        return found
    taken = {one.at for one in found}
    return sorted([*found, *(one for one in named if one.at not in taken)])


def is_sampled(times: Int64) -> NDArray[np.bool_]:
    """Whether records of these times are searched where not all are."""
    sampled: NDArray[np.bool_] = (times // US % _QUARTER_S < _SAMPLED_S) & (times != NO_TIME)
    return sampled


def _find_shapes(data: bytes) -> list[FoundId]:
    classes = data.translate(_CLASSES)
    found: list[FoundId] = []
    end = 0
    # A search for a text is several times faster than one for a regex that begins with it.
    while (start := classes.find(_BEGIN, end)) >= 0:
        match = _SHAPE.match(classes, start)
        if match is None:
            end = start + 1
            continue
        end = match.end()
        if (start and classes[start - 1] in b"hw") or classes[end : end + 1] == b"w":
            continue
        name = data[start:end].replace(b"-", b"").lower()
        # Numbers alone are times, sizes and amounts, but by chance one in 300 short ids is one; words of a to f alone
        # are words.
        if name.isdigit() and (len(name) not in _CHANCE_LENGTHS or name.startswith(_YEARS)):
            continue
        if len(name) >= SHORTEST_SHAPE and not name.isalpha():
            found.append(FoundId(start, end, name[:LONGEST_ID]))
    return found


@lru_cache(maxsize=4096)
def _is_owned(before: bytes) -> bool:
    """Whether what stands before the word `id`, in lower case, says whose it is. Programs write few different names."""
    return _OWNER.search(before) is not None


def _find_named(data: bytes) -> list[FoundId]:
    found: list[FoundId] = []
    lower = data.translate(_AS_LOWER)
    for needle in _NAMED:
        at = lower.find(needle)
        while at >= 0:
            end = at + len(needle)
            if _is_owned(lower[max(0, at - _BEFORE) : at]) and data[at : at + 2] != b"iD":
                match = _VALUE.match(data, end)
                if match is not None:
                    name = match.group(1).replace(b"-", b"").lower()
                    if len(name) >= _SHORTEST_NAMED and not name.isalpha():
                        found.append(FoundId(match.start(1), match.end(1), name[:LONGEST_ID]))
            at = lower.find(needle, end)
    return found
