"""The catalogue: formats as data, each with the sample lines that are its tests.

Receives nothing; reads the TOML files that ship beside it. A pattern names stamps as `{kind}`.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from logscope.ingest.formats import TextForm
from logscope.ingest.timestamps import KIND_BY_NAME
from logscope.model.severity import Severity
from logscope.model.times import US


@dataclass(frozen=True, slots=True)
class CatalogueSample:
    """One line of a format and what a person reads in it."""

    line: str
    time: str | None
    level: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One format."""

    name: str
    pattern: bytes
    stamp: str | None
    levels: tuple[tuple[bytes, Severity], ...]
    default: Severity
    continuations: frozenset[bytes]
    took_unit: int
    took_searches: tuple[bytes, ...]
    requires: tuple[bytes, ...]
    """Each must be found in the sample: tells apart formats whose heads look alike."""
    samples: tuple[CatalogueSample, ...]
    services: bool

    def make_form(self, took_search: bytes | None = None) -> TextForm:
        """The form that reads it."""
        return TextForm(
            self.name,
            self.pattern,
            self.stamp,
            levels=dict(self.levels),
            default=self.default,
            continuations=self.continuations,
            took_unit=self.took_unit,
            took_pattern=took_search,
            services=self.services,
        )


_UNITS: Final = {"s": US, "ms": 1000, "us": 1}
_STAMP: Final = re.compile(r"\{([a-z][a-z0-9 -]*)\}")


@lru_cache(maxsize=1)
def read_catalogue() -> tuple[CatalogueEntry, ...]:
    """All formats, in the order in which they are tried."""
    folder = resources.files("logscope.ingest") / "catalogue"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return tuple(_read_entry(entry) for file in files for entry in tomllib.loads(file.read_text("utf-8"))["format"])


def _read_entry(data: dict[str, object]) -> CatalogueEntry:
    def texts(name: str) -> tuple[str, ...]:
        value = data.get(name, ())
        assert isinstance(value, list | tuple), f"{data['name']}: {name} is a list"
        return tuple(str(item) for item in value)

    levels = data.get("levels", {})
    samples = data.get("sample", [])
    assert isinstance(levels, dict), f"{data['name']}: levels is a table"
    assert isinstance(samples, list), f"{data['name']}: samples are tables"
    return CatalogueEntry(
        name=str(data["name"]),
        pattern=_STAMP.sub(lambda m: KIND_BY_NAME[m[1]].pattern.decode("latin-1"), str(data["pattern"])).encode(),
        stamp=str(data["stamp"]) if "stamp" in data else None,
        levels=tuple((str(word).encode(), Severity[str(level).upper()]) for word, level in levels.items()),
        default=Severity[str(data.get("default", "unknown")).upper()],
        continuations=frozenset(word.encode() for word in texts("continuations")),
        took_unit=_UNITS[str(data.get("took_unit", "s"))],
        took_searches=tuple(text.encode() for text in texts("took_search")),
        requires=tuple(text.encode() for text in texts("requires")),
        samples=tuple(
            CatalogueSample(*(one.get(key) for key in ("line", "time", "level", "message"))) for one in samples
        ),
        services=bool(data.get("services", False)),
    )
