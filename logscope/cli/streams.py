"""Standard streams as a program may rely on them, whatever the caller did: closed, full, or in another encoding."""

import io
import os
import sys
from typing import TYPE_CHECKING, Final

from logscope.errors import OutputError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_NAMES: Final = ("stdin", "stdout", "stderr")


class _Output(io.FileIO):
    """Standard output, whose failure is a sentence for the user: the answer did not arrive."""

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write, or say why not."""
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutputError(f"standard output: cannot be written: {reason}") from error


def repair_streams() -> None:
    """Make the three streams usable.

    A closed descriptor is opened on nothing, or the next file that is opened would take its number, and what is printed
    would go there. What an encoding cannot say is written as an escape.
    """
    for descriptor, name in enumerate(_NAMES):
        try:
            os.fstat(descriptor)
        except OSError:
            # For reading only: what is written to a closed stream must fail, not vanish.
            os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
            setattr(sys, name, os.fdopen(descriptor, "w" if descriptor else "r", encoding="utf-8", closefd=False))
    encoding = sys.stdout.encoding or "utf-8"
    raw = _Output(1, "wb", closefd=False)
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(raw), encoding, errors="backslashreplace", line_buffering=raw.isatty(), write_through=False
    )


def abandon_output() -> None:
    """Let standard output go: its reader went away, or it is full. Closing it at the end must not complain either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
