"""What a user has said of logs beforehand: how those under a pattern are called, read and addressed."""

import fnmatch
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo


@dataclass(frozen=True, slots=True)
class LogSettings:
    """One `[[services]]` entry of the configuration."""

    files: tuple[str, ...]
    """Patterns of paths as of a shell; one without a slash is compared with the file's name alone."""
    name: str | None = None
    """Service; None leaves the name that the file suggests."""
    tz: tzinfo | None = None
    """Zone of its stamps where they carry none."""
    tz_name: str | None = None
    format: str | None = None
    """Format name, as after `--format FILE=`."""
    addresses: tuple[str, ...] = ()
    """What other services call it: hosts, host:port, container names."""


def find_settings(settings: Sequence[LogSettings], paths: Sequence[str]) -> LogSettings | None:
    """The first entry that one of a log's paths matches; None where none does."""
    for entry in settings:
        for pattern in entry.files:
            whole = os.path.expanduser(pattern)
            for path in paths:
                text = os.path.abspath(path) if "/" in whole else os.path.basename(path)
                if fnmatch.fnmatchcase(text, whole):
                    return entry
    return None
