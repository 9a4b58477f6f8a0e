"""Heads that are written again: some servers write one event as several records, of one stamp, level and thread.

    14:02:08.123456 [error] <0.291.0> ** Generic server disk_monitor terminating
    14:02:08.123456 [error] <0.291.0> ** Last message in was update
    14:02:08.123456 [error] <0.291.0>

Only stamps finer than a millisecond tell that two lines are of one moment: within a millisecond a thread may well have
written two events. A trace whose every line has the head of its error again is told by its first line, too.
"""

from collections.abc import Sequence
from typing import Final

_ORNAMENT: Final = b" \t\r*=-_#~+.|"
_CLOSING: Final = (b"** ", b"}", b"]", b")", b"> ", b"| ")
_OPENING: Final = (b":", b",", b"{", b"[", b"(", b"==", b"=>", b"\\")


_TRACE: Final = (
    b"Traceback (most recent call last):",
    b"FATAL EXCEPTION: ",
    b"Exception in thread ",
    b"Stack trace:",
    b"Stacktrace:",
)


def begins_trace(message: bytes) -> bool:
    """Whether a message is the first line of a stack trace."""
    return message.lstrip().startswith(_TRACE)


def goes_on(first: bytes, at: int, line: bytes, begin: int, *, is_run: bool, is_fine: bool = True) -> bool:
    """Whether a line with a head of its own goes on from the line before it, which begins a record.

    Args:
        first: The line that begins the record.
        at: Where its message begins.
        line: The line behind it.
        begin: Where the message of that begins.
        is_run: Such a line stands between them: then the same head is enough.
        is_fine: Stamps are finer than a millisecond; else only a trace goes on.
    """
    head = first[:at].rstrip()
    if not head or line[:begin].rstrip() != head:
        return False
    if is_run:
        return True
    said, told = first[len(head) :].rstrip(), line[len(head) :].rstrip()
    if not is_fine:
        return begins_trace(told) or begins_trace(said)
    if not told.strip(_ORNAMENT) or not said.strip(_ORNAMENT):
        return True
    is_deeper = len(told) - len(told.lstrip()) > len(said) - len(said.lstrip())
    return is_deeper or told.lstrip().startswith(_CLOSING) or said.endswith(_OPENING)


def drop_heads(lines: Sequence[bytes], at: int) -> list[bytes]:
    """The lines of a record, without the head of the first where the others have it again.

    Args:
        lines: Of the record.
        at: Where the message of the first begins.
    """
    head = lines[0][:at].rstrip()
    if not head:
        return list(lines)
    blank = lines[0][len(head) : at]
    rest = (one.removeprefix(head).removeprefix(blank) if one.startswith(head) else one for one in lines[1:])
    return [lines[0], *rest]
