"""Holes of sparse files: bytes that nobody wrote. They read as zeros, and the system takes a second for each GB."""

import errno
import os
from typing import Final

ZEROS: Final = bytes(2 * 1024 * 1024)
"""What a piece of a hole reads as."""


def is_empty(data: bytes) -> bool:
    """Whether there is nothing but zeros in some bytes, at most as many as `ZEROS`."""
    return data[:1] == b"\0" and ZEROS.startswith(data)


def find_hole_end(descriptor: int, offset: int) -> int:
    """Where the hole ends in which an offset lies; the offset itself where something is written, or nobody can tell."""
    try:
        return os.lseek(descriptor, offset, os.SEEK_DATA)
    except AttributeError:
        return offset  # This system cannot tell holes from zeros.
    except OSError as error:
        # Nothing is written behind it; other reasons say nothing.
        return max(offset, os.fstat(descriptor).st_size) if error.errno == errno.ENXIO else offset
