"""Where logscope keeps what is its own: configuration and state, by the XDG base directory specification."""

import os
from pathlib import Path


def config_folder() -> Path | None:
    """Folder of `config.toml` and `rules.d`; None for a user without a home."""
    return _xdg("XDG_CONFIG_HOME", ".config")


def own_rules_folder() -> Path | None:
    """Where the user keeps rules; None where there is no such folder."""
    own = config_folder()
    folder = own / "rules.d" if own is not None else None
    return folder if folder is not None and folder.is_dir() else None


def state_folder() -> Path | None:
    """Folder of notes, marks and crash reports; None for a user without a home: nothing is kept.

    Never a place that others may write to: what stands in a shared folder may be somebody else's.
    """
    return _xdg("XDG_STATE_HOME", ".local/state")


def _xdg(variable: str, below_home: str) -> Path | None:
    given = os.environ.get(variable, "")
    if given.startswith("/"):
        return Path(given) / "logscope"
    home = os.path.expanduser("~")
    return Path(home) / below_home / "logscope" if home != "/" and os.path.isdir(home) else None
