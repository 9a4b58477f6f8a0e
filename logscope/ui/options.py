"""How the screen looks, how often it is painted, and what it is asked to show first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """What the command line and the configuration say about the screen."""

    theme: str = "logscope-dark"
    ascii_only: bool = False
    no_color: bool = False
    zone: tzinfo = UTC
    updates_per_s: float = 4.0
    bell: bool = False
    diff: bool = True
    """Write only the cells that change."""
    rest_s: float = 0.1
    """The log follows the timeline's cursor after it has stood still for so long."""
    clock: Callable[[], float] | None = None
    """Seconds since 1970, for the time of marks; None for the system's."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Ids of actions, and the keys that they get instead of their own."""
    themes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Colours of themes of one's own, by their names."""
    warnings: tuple[str, ...] = ()
    """About the configuration; shown once."""
    config_path: str = ""
    """Where it is, or would be; shown in the help."""
    is_first_start: bool = False
    """Nobody has used logscope here before: a line says where to begin."""
