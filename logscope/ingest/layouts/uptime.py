"""Where uptimes count from: lines that hold an uptime and a time, in the file itself or in another one of the run."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from logscope.model.times import US

_UPTIME: Final = re.compile(rb"\[ {0,12}(\d{1,9}\.\d{6})\] ")
_QUOTED: Final = re.compile(rb"\bkernel: \[ {0,12}(\d{1,9}\.\d{6})\] ")
_TIME: Final = re.compile(rb"\bsetting system clock to [^(]{4,40}\((\d{10})\)|\baudit\((\d{10})\.(\d{3}):\d+\)")
"""What a kernel logs with seconds since 1970: its clock when it starts, and audit records."""


def find_start(lines: Sequence[bytes], starts: Mapping[bytes, int]) -> tuple[int, bool] | None:
    """When the uptimes of a file count from, microseconds, and whether the file itself tells; None where nothing does.

    Args:
        lines: Of the sample.
        starts: As other files tell, by the uptime's text.
    """
    told: Counter[int] = Counter()
    quoted: Counter[int] = Counter()
    for line in lines:
        uptime = _UPTIME.search(line[:64])
        if uptime is None:
            continue
        found = _TIME.search(line)
        if found is not None:
            seconds, millis = int(found[1] or found[2]), int(found[3] or 0)
            told[seconds * US + millis * 1000 - read_uptime(uptime[1])] += 1
        elif uptime[1] in starts:
            quoted[starts[uptime[1]]] += 1
    if told:
        return sorted(told.elements())[told.total() // 2], True
    return (sorted(quoted.elements())[quoted.total() // 2], False) if quoted else None


def read_uptime(text: bytes) -> int:
    """Microseconds of an uptime's text."""
    seconds, _, fraction = text.partition(b".")
    return int(seconds) * US + int(fraction)


def find_quoted(line: bytes, time: int) -> Iterator[tuple[bytes, int]]:
    """The uptime that a syslog's line quotes from the kernel, and the start that its own time makes of it."""
    found = _QUOTED.search(line[:256])
    if found is not None:
        yield found[1], time - read_uptime(found[1])
