"""The user's configuration file: options that are always meant, services, keys and themes.

`config.toml` in the configuration folder, or the file after `--config`. What the command line says wins. A key that is
not known is told and passed over: a configuration written for another version must not keep anybody from looking.
"""

import argparse
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from logscope.cli.folders import config_folder
from logscope.errors import UsageError

if TYPE_CHECKING:
    from logscope.runner.settings import LogSettings

_MOST_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Config:
    """What the file says."""

    options: Mapping[str, str | bool] = field(default_factory=dict)
    """Defaults of command line options, by their name in `argparse`."""
    services: "tuple[LogSettings, ...]" = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys of the screen's actions: action id to keys, comma separated."""
    themes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Themes of the user: name to colours."""
    warnings: tuple[str, ...] = ()
    """A sentence for each thing that was passed over."""


def load_config(path: str | None) -> Config:
    """Read the configuration.

    Args:
        path: The file after `--config` or in `LOGSCOPE_CONFIG`; None for the usual place, where it may be missing.

    Raises:
        UsageError: The named file cannot be read, or is no TOML.
    """
    usual = config_folder()
    if path:
        place = Path(os.path.expanduser(path))
    elif usual is not None:
        place = usual / "config.toml"
    else:
        return Config()
    try:
        if not place.is_file():
            if not path:
                return Config()
            # A pipe or a device might never end.
            raise UsageError(f"{place}: is no regular file" if place.exists() else f"{place}: No such file")
        if place.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{place}: too large for a configuration")
        text = place.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        if not path:
            return Config(warnings=(f"{place}: not read: {_reason(error)}",))
        raise UsageError(f"{place}: {_reason(error)}") from error
    # Most people have none: what reads it is loaded for those who do.
    from logscope.cli.config_file import read_config

    return read_config(str(place), text)


def apply_config(config: Config, options: argparse.Namespace, given: Callable[[str], bool]) -> None:
    """Fill options that the command line did not give.

    Args:
        config: What the file says.
        options: Parsed options, changed in place.
        given: Whether the command line gave an option.
    """
    for name, value in config.options.items():
        if hasattr(options, name) and not given(name):
            setattr(options, name, value)


def _reason(error: Exception) -> str:
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "not UTF-8"
