"""The user's configuration: options that are always meant, services, keys and themes.

What the command line says wins. A key that is not known is told and passed over: a configuration written for another
version must not keep anybody from looking.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from logscope.runner.settings import LogSettings


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
