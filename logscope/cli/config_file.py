"""The configuration file, read: what is known is taken, what is not is told."""

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Final

from logscope.cli.config import Config
from logscope.cli.times import parse_when, parse_zone
from logscope.errors import UsageError
from logscope.runner.settings import LogSettings
from logscope.tables import parse_table

_OPTIONS: Final[Mapping[str, type]] = {
    "theme": str,
    "tz": str,
    "display_tz": str,
    "since": str,
    "ascii": bool,
    "slow": bool,
    "bell": bool,
    "no_mouse": bool,
    "no_color": bool,
    "no_diff": bool,
    "no_state": bool,
    "no_rotated": bool,
    "no_follow": bool,
    "redact_ips": bool,
}
"""Options that may stand at the top of the file, by the name of the long option with underscores."""
_ANY_TIME_US: Final = 1_772_460_000_000_000
"""What `now` is matters to nobody who asks whether a time can be read."""
_SERVICE_KEYS: Final = ("name", "files", "tz", "format", "addresses")


def read_config(place: str, text: str) -> Config:
    """What a configuration says.

    Args:
        place: Where it was found.
        text: What stands in it.

    Raises:
        UsageError: It is no TOML.
    """
    try:
        content: Mapping[str, object] = parse_table(text)
    except ValueError as error:
        raise UsageError(f"{place}: {error}") from error
    warnings: list[str] = []

    def warn(key: str, problem: str) -> None:
        warnings.append(f"{place}:{_line_of(text, key)}: {problem}")

    options: dict[str, str | bool] = {}
    services: list[LogSettings] = []
    keys: dict[str, str] = {}
    themes: dict[str, dict[str, str]] = {}
    for key, value in content.items():
        if key in _OPTIONS:
            problem = _find_mistake(key, value)
            if problem is not None:
                warn(key, f"{key}{problem}")
            elif isinstance(value, str | bool):
                options[key] = value
        elif key == "services" and isinstance(value, list):
            for entry in value:
                service = _read_service(entry, warn)
                if service is not None:
                    services.append(service)
        elif key == "keys" and isinstance(value, dict):
            keys = _texts(value, warn)
        elif key == "themes" and isinstance(value, dict):
            themes = {name: _texts(colours, warn) for name, colours in value.items() if isinstance(colours, dict)}
        else:
            warn(key, f"unknown key {key!r}")
    return Config(options, tuple(services), keys, themes, tuple(warnings))


def _find_mistake(key: str, value: object) -> str | None:
    """What is wrong with the value of an option; None where nothing is."""
    if not isinstance(value, _OPTIONS[key]):
        return f" must be {'true or false' if _OPTIONS[key] is bool else 'a text'}"
    try:
        if isinstance(value, str) and key in ("tz", "display_tz"):
            parse_zone(value)
        elif isinstance(value, str) and key == "since":
            parse_when(value, _ANY_TIME_US, UTC)
    except UsageError as error:
        return f": {error}"
    return None


def _read_service(entry: object, warn: Callable[[str, str], None]) -> LogSettings | None:
    if not isinstance(entry, dict):
        warn("services", "write [[services]] with name and files")
        return None
    for key in entry:
        if key not in _SERVICE_KEYS:
            warn(key, f"unknown key {key!r} of a service")
    files = _text_list(entry.get("files"))
    if not files:
        warn("services", "a service needs files: a pattern of paths, or a list of them")
        return None
    name, zone, form = (entry[key] if isinstance(entry.get(key), str) else None for key in ("name", "tz", "format"))
    try:
        tz = parse_zone(zone) if zone else None
    except UsageError as error:
        warn("tz", str(error))
        tz = zone = None
    return LogSettings(files, name, tz, zone, form, _text_list(entry.get("addresses")))


def _text_list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _texts(table: Mapping[str, object], warn: Callable[[str, str], None]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, str):
            found[key] = value
        else:
            warn(key, f"{key} must be a text")
    return found


def _line_of(text: str, key: str) -> int:
    """1-based line on which a key stands first; 1 where it is written in a form that is not found."""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip().strip("[]").strip()
        if stripped.split("=", 1)[0].strip().strip("\"'") == key:
            return number
    return 1
