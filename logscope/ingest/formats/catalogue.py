"""The catalogue: formats as data (`catalogue/*.toml`), for heads that the learner would misread or could not name.

Receives nothing and gives patterns; a pattern names stamps as `{kind}`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from logscope.ingest.formats.form import TextForm
from logscope.ingest.timestamps.timestamp import KIND_BY_NAME
from logscope.model.severity import Severity
from logscope.model.times import US
from logscope.tables import read_table


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One format."""

    name: str
    pattern: bytes
    """Regex of the head, stamps written out."""
    stamp: str | None
    """Kind of the stamp; None where lines carry no time."""
    levels: tuple[tuple[bytes, Severity], ...]
    default: Severity
    """Severity of heads without a level."""
    continuations: frozenset[bytes]
    """Level texts whose lines belong to the record before."""
    took_unit: int
    """Microseconds in a unit of the duration."""
    took_searches: tuple[bytes, ...]
    """Where the duration may stand behind the message's begin; the first that most lines have is taken."""
    requires: tuple[bytes, ...]
    """Each must be found in the sample: tells apart formats whose heads look alike."""
    goes_with: str
    """Name of the format whose files hold such lines now and then; empty for formats of their own."""
    firsts: frozenset[int] | None
    """Bytes that heads may begin with, as far as the pattern's first characters tell; None where any may."""

    literals: frozenset[bytes]
    """Stand in every head."""

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
        )


_UNITS: Final = {"s": US, "ms": 1000, "us": 1}
_STAMP: Final = re.compile(r"\{([a-z][a-z0-9 -]*)\}")
_BEGIN: Final = re.compile(r"\{(?P<stamp>[a-z][a-z0-9 -]*)\}|\\?(?P<char>(?<=\\)[\[({<]|[\w<#=])(?![*?{|])")
"""The first item of a pattern, where it can be nothing else: no pattern is an alternative as a whole."""
_GROUP_NAME: Final = re.compile(rb"\(\?P<\w+>")


@lru_cache(maxsize=1)
def read_catalogue() -> tuple[CatalogueEntry, ...]:
    """All formats, in the order in which they are tried."""
    return tuple(
        _read_entry(entry) for entry in read_table("logscope.ingest.formats", "catalogue", "servers.toml")["format"]
    )


@lru_cache(maxsize=1)
def read_forms() -> tuple[tuple[CatalogueEntry, TextForm], ...]:
    """All formats and the forms that read them, made once for all files."""
    return tuple((entry, entry.make_form()) for entry in read_catalogue())


@lru_cache(maxsize=1)
def read_styles() -> tuple[tuple[str, bytes], ...]:
    """Names for heads that are learned, and the regex that most of a file's heads then fit; in the order of trial."""
    # Two stamps in one pattern would name a group twice.
    return tuple(
        (str(style["name"]), _GROUP_NAME.sub(b"(?:", _expand(str(style["pattern"]))))
        for style in read_table("logscope.ingest.formats", "catalogue", "styles.toml")["style"]
    )


def _expand(pattern: str) -> bytes:
    """The pattern with its stamps written out."""
    return _STAMP.sub(lambda match: KIND_BY_NAME[match[1]].pattern.decode("latin-1"), pattern).encode()


def _find_firsts(pattern: str) -> frozenset[int] | None:
    """What a pattern that begins with a stamp or a plain character can match at its first byte.

    `find_first_bytes` knows more, and for that has to parse the whole regex: half of what compiling it costs.
    """
    begin = _BEGIN.match(pattern)
    if begin is None:
        return None
    if begin["stamp"] is None:
        return frozenset(begin["char"].encode()[:1])
    return None if KIND_BY_NAME[begin["stamp"]].is_worded else frozenset(b"0123456789 @")


_PIECE: Final = re.compile(
    r"(?P<stamp>\{[a-z][a-z0-9 -]*\})|(?P<many>[?*+]|\{\d*,?\d*\})|(?P<open>\()|(?P<close>\))"
    r"|(?P<any>\[\^?\]?(?:[^\]\\]|\\.)*\]|[.^$]|\\[a-zA-Z0-9])|\\?(?P<char>.)",
    re.DOTALL,
)
"""One item of a pattern."""


def find_literals(pattern: str) -> frozenset[bytes]:
    """The texts outside of groups that every match of a catalogue's pattern holds.

    Most patterns are ruled out by them before they are compiled, which takes a thousand times as long as to look.
    """
    depth, runs = 0, [""]
    for piece in _PIECE.finditer(pattern):
        depth += (piece["open"] is not None) - (piece["close"] is not None)
        if piece["char"] is not None and not depth:
            if piece[0] == "|":
                return frozenset()
            runs[-1] += piece["char"]
            continue
        if piece["many"] is not None:
            runs[-1] = runs[-1][:-1]
        runs.append("")
    return frozenset(run.encode() for run in runs if run and "(?i" not in pattern)


def _read_entry(data: dict[str, object]) -> CatalogueEntry:
    def texts(name: str) -> tuple[bytes, ...]:
        value = data.get(name, ())
        assert isinstance(value, list | tuple), f"{data['name']}: {name} is a list"
        return tuple(str(item).encode() for item in value)

    levels = data.get("levels", {})
    assert isinstance(levels, dict), f"{data['name']}: levels is a table"
    return CatalogueEntry(
        name=str(data["name"]),
        pattern=_expand(str(data["pattern"])),
        stamp=str(data["stamp"]) if "stamp" in data else None,
        levels=tuple((str(word).encode(), Severity[str(level).upper()]) for word, level in levels.items()),
        default=Severity[str(data.get("default", "unknown")).upper()],
        continuations=frozenset(texts("continuations")),
        took_unit=_UNITS[str(data.get("took_unit", "s"))],
        took_searches=texts("took_search"),
        requires=texts("requires"),
        goes_with=str(data.get("goes_with", "")),
        firsts=_find_firsts(str(data["pattern"])),
        literals=find_literals(str(data["pattern"])),
    )
