"""What a bug of ours leaves behind: one sentence, and a traceback in the state folder."""

import os
import sys
from datetime import UTC, datetime
from typing import Final

from logscope import __version__
from logscope.cli.folders import state_folder
from logscope.text.safe_text import safe_text

EXIT_BUG: Final = 70


def report_bug(trace: str) -> int:
    """Tell of a bug on stderr and keep its traceback.

    Args:
        trace: As the interpreter formats it.

    Returns:
        The exit code.
    """
    place = save_trace(trace)
    last = safe_text(trace.strip().splitlines()[-1])
    print(f"logscope: this is a bug in logscope {__version__}: {last}", file=sys.stderr)
    if place:
        print(f"logscope: please report it with {safe_text(place)}", file=sys.stderr)
    else:
        print(safe_text(trace, keep_newlines=True), file=sys.stderr)
    return EXIT_BUG


def save_trace(trace: str) -> str | None:
    """Write a traceback into the state folder, readable by its owner only; None where that cannot be done."""
    folder = state_folder()
    if folder is None:
        return None
    name = f"crash-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(trace)
    except OSError:
        return None
    return str(folder / name)
