"""Where logscope keeps what is its own: configuration and state, by the XDG base directory specification."""

import os
import tempfile
from pathlib import Path


def config_folder() -> Path:
    """Folder of `config.toml` and `rules.d`."""
    return _xdg("XDG_CONFIG_HOME", ".config")


def state_folder() -> Path:
    """Folder of notes, marks and crash reports."""
    return _xdg("XDG_STATE_HOME", ".local/state")


def _xdg(variable: str, below_home: str) -> Path:
    given = os.environ.get(variable, "")
    if given.startswith("/"):
        return Path(given) / "logscope"
    try:
        return Path.home() / below_home / "logscope"
    except RuntimeError:
        # A user without a home: nothing is kept for the next time, but nothing fails either.
        return Path(tempfile.gettempdir()) / f"logscope-{os.getuid()}"
