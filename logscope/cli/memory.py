"""Memory: `--max-memory`, a bound that the system enforces, and from when on cycles are looked for."""

import gc
import os
import re
import resource
from typing import Final

from logscope.errors import UsageError

_SIZE: Final = re.compile(r"(\d{1,6}) ?([kmgt]?)(?:i?b)?", re.IGNORECASE)
_FACTORS: Final = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_LEAST: Final = 128 * 2**20
"""The interpreter, the vector library and one block of each kind."""


def limit_memory(text: str) -> int:
    """Never take more than this; what does not fit ends with a sentence.

    Args:
        text: A size such as `400M`.

    Returns:
        The bytes.

    Raises:
        UsageError: It is none, or too small to start with.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--max-memory {text}: is no size; write for example 400M or 1G")
    size = int(match[1]) * _FACTORS[match[2].lower()]
    if size < _LEAST:
        raise UsageError(f"--max-memory {text}: {_LEAST // 2**20}M is the least that logscope can start with")
    # The vector library would set 32 MiB aside for each core, for what is never asked of it: all of it on a large host.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))
    return size


def collect_again() -> None:
    """Look for cycles from now on. What was imported stays: it is not looked at."""
    gc.freeze()
    gc.enable()
