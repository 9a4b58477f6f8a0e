"""The well-known servers: by which words, client libraries, ports and nouns each may be named."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from logscope.analysis.kinds.words import WORDS
from logscope.tables import read_table

_STORES: Final = frozenset({"database", "cache", "broker"})


@dataclass(frozen=True, slots=True)
class Component:
    """A well-known server."""

    name: str
    words: frozenset[str]
    drivers: frozenset[str]
    ports: frozenset[int]
    nouns: frozenset[str] = frozenset()
    """What a client may call it: the database, the broker."""
    speaks: str = ""
    """The server whose protocol it speaks: its clients use that one's drivers, and it gives that one's messages."""


@lru_cache(maxsize=1)
def components() -> tuple[Component, ...]:
    """The well-known servers that ship with logscope."""
    return tuple(
        Component(
            name,
            frozenset(data["words"]),
            frozenset(data["drivers"]),
            frozenset(data["ports"]),
            frozenset(data.get("nouns", ())),
            data.get("speaks", ""),
        )
        for name, data in read_table("logscope.analysis.kinds", "components.toml").items()
    )


@lru_cache(maxsize=1024)
def component_of(format_name: str) -> str | None:
    """The well-known server that writes logs of a format; None for formats that anyone may write."""
    words = {word.lower() for word in WORDS.findall(format_name)}
    return next((one.name for one in components() if not words.isdisjoint({one.name, *one.words})), None)


@lru_cache(maxsize=1024)
def server_called(name: str) -> str | None:
    """The well-known server that goes by exactly this name; None for what is none (a runtime, a client, a kernel)."""
    return next((one.name for one in components() if name == one.name or name in one.words), None)


@lru_cache(maxsize=1024)
def keeps_data(component: str) -> bool:
    """Whether a well-known server is one that clients store something in: it speaks of itself, not of others."""
    name = server_called(component)
    return any(one.name == name and one.nouns & _STORES for one in components())


@lru_cache(maxsize=1024)
def is_proxy(component: str) -> bool:
    """Whether a well-known server passes requests on to others."""
    name = server_called(component)
    return any(one.name == name and "proxy" in one.nouns for one in components())
