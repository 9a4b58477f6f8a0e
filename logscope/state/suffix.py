"""How a saved incident is known by its name."""

from typing import Final

SUFFIX: Final = ".lsx"


def is_saved(path: str) -> bool:
    """Whether a path names a saved incident: by its suffix; what is in it is checked when it is read."""
    return path.endswith(SUFFIX)
