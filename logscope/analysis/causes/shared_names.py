"""Names that only their sharing shows: one word in what several services say anew, each in its own sentence.

`tally of gubuzo is off` and `page 7 lost, gubuzo` blame nobody by their grammar, and no file or address has that name.
But a word that no line of a normal time holds, and that two services which fail begin to say at once in sentences that
share nothing else, is what their failures have in common: a server, host, queue or tenant without a log here. Receives
the incident's kinds and the words of normal times; knows no language beyond the words that are nobody's name.
Cost: one pass over the templates, and only where two kinds share such a word.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from logscope.analysis.causes.blame import Edge
from logscope.analysis.kinds.entities import Names
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.kinds.strangers import read_names
from logscope.analysis.onset.anomalies import Anomaly
from logscope.model.times import US

_DOUBT: Final = 0.5
"""What two services share by chance; each further one halves it."""
_LEARNT: Final = 0.8
"""A name that another service's line blames, in a line that does not say what it is."""
_LEARNT_WITHIN_US: Final = 30 * US
"""One who is waited for may be named as late as a time-out takes."""
_LEAST_LETTERS: Final = 4
_SAME_WORDS: Final = 4
"""So many words in a row are no chance."""
_MOST_KINDS: Final = 100
"""Kinds that are compared, by onset: a bound for logs of endless new kinds."""


def find_shared_names(
    anomalies: Sequence[Anomaly], normal: Iterable[Kind], names: Names, knows: Callable[[str], bool]
) -> tuple[Edge, ...]:
    """Edges to names that kinds of several nodes share, from each of those nodes.

    Args:
        anomalies: Kinds of the incident, by onset.
        normal: All other kinds, of every level: nothing is known where there are none below warning.
        names: Who is known.
        knows: Whether a word has a sense or a name of its own.
    """
    failing = [one for one in anomalies if one.is_strong and one.kind.is_failure and not one.kind.is_request]
    failing = failing[:_MOST_KINDS]
    if len({one.node for one in failing}) < 2:
        return ()
    learnt: dict[str, int] = {}
    for one in failing:
        for name in one.kind.mentions:
            if not names.has_log(name):
                learnt[name] = min(one.time, learnt.get(name, one.time))
    spoken = _read_shared(failing, learnt, names, knows)
    found = _find_learnt(failing, spoken, learnt, names)
    silent = [one for one in failing if not one.kind.mentions and not one.kind.is_cause_like]
    common = _find_common(silent, spoken)
    spoken_before = "\n".join(kind.template for kind in normal).lower() if common else ""
    for word, nodes in sorted(common.items()):
        label = names.label_of(word)
        if not spoken_before or word in spoken_before or label in nodes:
            continue
        weight = 1.0 - _DOUBT ** (len(nodes) - 1)
        for node in sorted(nodes):
            first = next(one for one in silent if one.node == node and word in spoken[one.kind.id])
            found.append(Edge(node, label, weight, first))
    return tuple(found)


def _read_shared(
    failing: Sequence[Anomaly], learnt: Collection[str], names: Names, knows: Callable[[str], bool]
) -> dict[str, frozenset[str]]:
    """By kind the words that may be names, of those that several nodes say or somebody blames, in lower case."""
    said = {
        one.kind.id: {word.lower() for word in read_names(one.kind.headline, knows) if len(word) >= _LEAST_LETTERS}
        for one in failing
    }
    nodes: dict[str, set[str]] = {}
    for one in failing:
        for word in said[one.kind.id]:
            nodes.setdefault(word, set()).add(one.node)
    shared = {word for word, who in nodes.items() if len(who) > 1 or names.label_of(word) in learnt}
    return {one.kind.id: _constant(one.kind, said[one.kind.id] & shared) for one in failing}


def _find_learnt(
    failing: Sequence[Anomaly], spoken: Mapping[str, frozenset[str]], learnt: Mapping[str, int], names: Names
) -> list[Edge]:
    """Edges of lines that hold a name which another service's line blames by its grammar or address.

    Who is blamed only later had no part in what a line said before.
    """
    best: dict[tuple[str, str], Edge] = {}
    for one in failing:
        for word in sorted(spoken[one.kind.id]):
            label = names.label_of(word)
            if (
                label in learnt
                and learnt[label] <= one.time + _LEARNT_WITHIN_US
                and label != one.node
                and label not in one.kind.mentions
            ):
                best.setdefault((one.node, label), Edge(one.node, label, _LEARNT, one))
    return list(best.values())


def _find_common(silent: Sequence[Anomaly], spoken: Mapping[str, frozenset[str]]) -> dict[str, set[str]]:
    """By word the nodes that share it, and nothing else, in lines that blame nobody."""
    common: dict[str, set[str]] = {}
    speaking = [one for one in silent if spoken[one.kind.id]]
    for at, one in enumerate(speaking):
        for other in speaking[:at]:
            shared = spoken[one.kind.id] & spoken[other.kind.id]
            # Two words in common are one sentence of a library that both use, and so are those around one.
            if one.node != other.node and len(shared) == 1 and not _is_sentence(one.kind, other.kind, *shared):
                common.setdefault(next(iter(shared)), set()).update((one.node, other.node))
    return common


def _is_sentence(one: Kind, other: Kind, word: str) -> bool:
    """Both say a word among the same ones: replicas of one service, or what a server answered to both."""
    mine, theirs = (kind.headline.lower().split() for kind in (one, other))
    said = {" ".join(theirs[at : at + _SAME_WORDS]) for at in range(len(theirs) - _SAME_WORDS + 1)}
    phrases = (mine[at : at + _SAME_WORDS] for at in range(len(mine) - _SAME_WORDS + 1))
    return any(word in " ".join(phrase) and " ".join(phrase) in said for phrase in phrases)


def _constant(kind: Kind, words: Collection[str]) -> frozenset[str]:
    """Those words that stand in each of a kind's records."""
    if not words:
        return frozenset()
    texts = [one.text.decode("utf-8", "replace").lower() for one in kind.exemplars]
    return frozenset(word for word in words if all(word in text for text in texts))
