"""Names of keys as data: which names of fields mean time, level, message and so on, for objects, pairs and tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import Final

from logscope.model.times import US
from logscope.tables import read_table


@dataclass(frozen=True, slots=True)
class KeyNames:
    """The names, normalised, the more telling first."""

    time: tuple[str, ...]
    level: tuple[str, ...]
    message: tuple[str, ...]
    service: tuple[str, ...]
    status: tuple[str, ...]
    method: tuple[str, ...]
    measure: tuple[str, ...]
    value: tuple[str, ...]
    took: tuple[str, ...]
    logger: tuple[str, ...]
    thread: tuple[str, ...]
    stack: tuple[str, ...]
    objects: tuple[tuple[str, frozenset[str]], ...]
    """Names of known writers of objects, and the keys that tell them."""


def normalise(name: str) -> str:
    """A key's name without case, underscores and dashes."""
    return name.lower().replace("_", "").replace("-", "").strip()


@lru_cache(maxsize=1)
def read_key_names() -> KeyNames:
    """The names that ship with logscope."""
    data = read_table("logscope.ingest.formats", "catalogue", "keys.toml")

    def names(key: str) -> tuple[str, ...]:
        return tuple(normalise(name) for name in data[key])

    return KeyNames(
        names("time"), names("level"), names("message"), names("service"), names("status"), names("method"),
        names("measure"), names("value"), names("took"), names("logger"), names("thread"), names("stack"),
        tuple((one["name"], frozenset(normalise(key) for key in one["keys"])) for one in data["object"]),
    )  # fmt: skip


_SUFFIXES: Final[Mapping[str, int]] = {
    "ns": 0, "nanos": 0, "nanoseconds": 0, "us": 1, "micros": 1, "microseconds": 1, "ms": 1000, "millis": 1000,
    "milliseconds": 1000, "s": US, "sec": US, "secs": US, "seconds": US,
}  # fmt: skip


def find_unit(name: str, numbers: list[float]) -> int:
    """Microseconds in a unit of a duration, 0 for nanoseconds: by the key's suffix, else by the numbers' looks.

    Fractions below half a minute are seconds, as web frameworks write them; large whole numbers under plain
    `duration` are nanoseconds, as Go writes them; else milliseconds.
    """
    last = name.rsplit(".", 1)[-1]
    for suffix, unit in _SUFFIXES.items():
        if last == suffix or last.endswith(("_" + suffix, "-" + suffix, suffix.capitalize(), suffix.upper())):
            return unit
        if len(suffix) > 4 and last.lower().endswith(suffix):
            return unit
    if not numbers:
        return 1000
    middle = median(abs(number) for number in numbers)
    if any(not number.is_integer() for number in numbers) and middle < 30:
        return US
    return 0 if last.lower() == "duration" and middle >= 1e5 else 1000
