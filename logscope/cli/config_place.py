"""Where the configuration lies: `config.toml` in the configuration folder, or the file after `--config`."""

import os
from pathlib import Path
from typing import Final

from logscope.cli.config import Config
from logscope.cli.folders import config_folder
from logscope.errors import UsageError

_MOST_BYTES: Final = 1024 * 1024


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


def _reason(error: Exception) -> str:
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "not UTF-8"
