"""Whom a record is about: who writes it, or the one that it reports on."""

import re
from typing import Final

from logscope.analysis.kinds.components import component_of, keeps_data
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.kinds.words import WORDS
from logscope.knowledge.matcher import Match
from logscope.knowledge.rule import RuleClass

SUPERVISORS: Final = frozenset(
    ["kernel", "kern", "systemd", "init", "supervisord", "kubelet", "dockerd", "docker", "containerd", "launchd", "pm2"]
)
"""Who tells of the processes that it runs: of their end as well as of what they ran out of."""
_WATCHERS: Final = frozenset(["sentinel", "patroni", "repmgrd", "orchestrator", "keepalived", "pacemaker", "corosync"])
"""Who watches servers in their own words, and gives their work to another one: what it tells of them is not its own."""
_ORIGIN: Final = re.compile(
    r"\b(?:from|by|via|source|origin|provider)(?:\"?[=:] ?| )\"?([a-z][\w-]{0,60})", re.IGNORECASE
)
_LONGEST_CHANGE: Final = 1000
"""Characters of a change that are looked at for where it came from."""


def find_subject(kind: Kind) -> str:
    """Whom a record is about.

    A supervisor, kernel, deployer or load balancer that reports a crash, a state or a change of exactly one named node
    speaks of that node, not of itself; a client that quotes a server's refusal still speaks of its own failure.
    """
    is_watcher = kind.meaning.cls is RuleClass.CRASH and not _WATCHERS.isdisjoint(WORDS.findall(kind.node))
    if is_own_word(kind.match, kind.view.layout.name) and not is_watcher:
        return kind.node
    if kind.meaning.cls is RuleClass.CHANGE and not kind.mentions.keys().isdisjoint(_find_origins(kind)):
        return kind.node
    is_report = kind.meaning.is_state_report or (kind.is_cause_like and kind.node in SUPERVISORS)
    if is_report and len(kind.mentions) == 1:
        named = next(iter(kind.mentions))
        # In its own format a server that calls itself by name (`Redis is starting`) means itself.
        is_itself = component_of(kind.view.layout.name) == named and kind.meaning.cls is not RuleClass.CRASH
        return kind.node if is_itself else named
    return kind.node


def _find_origins(kind: Kind) -> set[str]:
    """Whom a change came from: a configuration that is read from a registry alters who reads it."""
    text = kind.exemplars[0].text[:_LONGEST_CHANGE].decode("utf-8", "replace")
    words = {word.lower() for word in _ORIGIN.findall(text)}
    return words | {named for word in words if (named := component_of(word)) is not None}


def is_own_word(match: Match | None, layout: str) -> bool:
    """A database's own word of its sessions and states, whatever users and tables it names."""
    own = component_of(match.rule.component) if match is not None else None
    return own is not None and keeps_data(own) and component_of(layout) == own
