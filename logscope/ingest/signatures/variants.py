"""Folds distinct templates of one event: what still differs where masks cannot know better, such as names of users.

Receives the set of a log's templates and gives each its group, whatever the order in which they came. Plan: templates
of as many words are near when they differ in one or two places; near ones are linked. Within what is linked, a place
with many different texts is variable; one with few tells events apart, and parts them. Names that a failure may blame
and words that make the event (codes, exceptions, statuses) are never variable unless a fleet of them is seen.

Cost: one dictionary entry for each template and each pair of its places, some 100 for a line of 14 words.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final

MOST_TEMPLATES: Final = 20_000
"""Distinct templates that are looked at: of more those with the smallest hashes, so that order does not matter."""

_VARIABLE: Final = 8
"""Different texts at one place that make it variable."""
_NAMED: Final = 4
"""As many behind a word that names a person or a tenant."""
_FLEET: Final = 40
"""As many where a text may be the name of who is blamed."""
_LONGEST_PAIRS: Final = 24
"""Words up to which two places may differ at once; beyond only one may."""
_MOST_WORDS: Final = 60
WILD: Final = "<*>"

_PERSON: Final = re.compile(
    r"(?:^|[^a-z])(?:user|username|account|login|customer|tenant|owner|member|author|uid|key|file|job|task|container"
    r"|image|pod)s?[:=(\[\"']*$",
    re.IGNORECASE,
)
"""The word before a place whose texts name a person or a thing of many."""
_BLAMED: Final = re.compile(
    r"(?:^|[^a-z])(?:to|reach|reaching|upstream|backend|host|server|service|dependency|peer|broker|node|connect|connecting"
    r"|cluster|calling|call|client|endpoint|database|db|from|with|at|on)[:=(\[\"']*$",
    re.IGNORECASE,
)
"""The word before a place whose texts may name who is blamed."""
_EVENT: Final = re.compile(
    r"E[A-Z]{3,}\b|.*(?:Exception|Error|Timeout|Failure)\b|(?:ORA|TNS|MY|AH|DRG|PLS)-?\d|.*:\d{2,5}\b|.*://"
    r"|[(\[\"']?\d+[)\]\"']?[,.;:]?$"
)
"""Words that make the event: errno names, exceptions, codes, statuses, who listens where."""
_DEED: Final = re.compile(r"[A-Za-z]{2,}(?:ed|ing|able|ible|ful|less|ment|tion|ness)[.,:;]?$")
"""Words that say what happened; names hardly end so."""
_NUMBER: Final = re.compile(r"-?<(?:num|id)>|\d+")
_DELIMITERS: Final = "=:/.,\"'([{<@_-"


class Variants:
    """The groups of a set of templates."""

    def __init__(self, templates: Iterable[str]) -> None:
        """Fold.

        Args:
            templates: Distinct templates, in any order.
        """
        buckets: dict[tuple[int, str], list[tuple[str, ...]]] = {}
        for template in set(templates):
            head, newline, tail = template.partition("\n")
            words = tuple(head.split())
            if 2 <= len(words) <= _MOST_WORDS:
                buckets.setdefault((len(words), newline + tail), []).append(words)
        self._groups: dict[tuple[tuple[str, ...], str], str] = {}
        for (_, tail), rows in buckets.items():
            for cluster in _link(sorted(rows)):
                for members, wild in _part(cluster, frozenset()):
                    if wild and len(members) > 1:
                        group = _render(members, wild) + tail
                        self._groups.update(((words, tail), group) for words in members)

    def find_group(self, template: str) -> str:
        """The group of a template: itself where it was folded with none."""
        head, newline, tail = template.partition("\n")
        return self._groups.get((tuple(head.split()), newline + tail), template)


def _link(rows: Sequence[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
    """Templates of one length that are near, directly or over others."""
    parent = list(range(len(rows)))

    def find(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    size = len(rows[0])
    most = 1 if size < 4 or size > _LONGEST_PAIRS else 2
    seen: dict[tuple[object, ...], int] = {}
    for number, words in enumerate(rows):
        free = [place for place, word in enumerate(words) if not word.startswith("<") or len(word) > 12]
        for count in range(1, most + 1):
            for places in combinations(free, count):
                rest = [word for place, word in enumerate(words) if place not in places]
                if not any(_is_word(word) for word in rest):
                    continue
                first = seen.setdefault((places, *rest), number)
                if first != number:
                    parent[find(number)] = find(first)
    clusters: dict[int, list[tuple[str, ...]]] = {}
    for number, words in enumerate(rows):
        clusters.setdefault(find(number), []).append(words)
    return iter(clusters.values())


def _is_word(word: str) -> bool:
    return sum(letter.isalpha() for letter in word) >= 3 and not word.startswith("<")


def _part(
    rows: list[tuple[str, ...]], wild: frozenset[int]
) -> Iterator[tuple[list[tuple[str, ...]], frozenset[int]]]:  # fmt: skip
    """Sets of templates of one event each, with the places that vary in them."""
    size = len(rows[0])
    texts = [{row[place] for row in rows} for place in range(size)]
    wild |= {
        place
        for place in range(size)
        if place not in wild and len(texts[place]) >= _limit(rows[0], place, texts[place])
    }
    telling = [place for place in range(size) if place not in wild and len(texts[place]) > 1]
    if not telling:
        yield rows, wild
        return
    place = min(telling, key=lambda one: (len(texts[one]), one))
    parts: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        parts.setdefault(row[place], []).append(row)
    for part in parts.values():
        yield from _part(part, wild)


def _limit(row: tuple[str, ...], place: int, texts: set[str]) -> float:
    """How many different texts make a place variable."""
    if any(_EVENT.match(text) for text in texts):
        return _FLEET
    if len({_NUMBER.sub("#", text) for text in texts}) == 1 and (len(texts) > 2 or any("<" in text for text in texts)):
        return 2  # one name with numbers, of which masks keep the short ones
    if sum(1 for text in texts if _DEED.match(text)) * 3 >= len(texts):
        return _FLEET
    before = row[place - 1] if place else ""
    inner = _find_prefix(texts).rstrip("\"'<")
    if _PERSON.search(inner) or _PERSON.search(before):
        return _NAMED
    if _BLAMED.search(inner) or _BLAMED.search(before):
        return _FLEET
    # The first words say what happens.
    return _VARIABLE if place else _FLEET


def _render(rows: list[tuple[str, ...]], wild: frozenset[int]) -> str:
    words: list[str] = []
    for place, word in enumerate(rows[0]):
        texts = {row[place] for row in rows}
        words.append(word if place not in wild or len(texts) == 1 else _generalise(texts))
    return " ".join(words)


def _generalise(texts: set[str]) -> str:
    """What texts have in common, up to a delimiter on either side, and the wild part between."""
    prefix = _find_prefix(texts)
    while prefix and prefix[-1] not in _DELIMITERS:
        prefix = prefix[:-1]
    suffix = _find_prefix({text[len(prefix) :][::-1] for text in texts})[::-1]
    while suffix and (suffix[0].isalnum() or suffix[0] == ">"):
        suffix = suffix[1:]
    return prefix + WILD + suffix


def _find_prefix(texts: set[str]) -> str:
    """The longest common begin."""
    first, last = min(texts), max(texts)
    same = next((at for at, (one, two) in enumerate(zip(first, last, strict=False)) if one != two), len(first))
    return first[:same]


def hash_text(text: str) -> int:
    """A number of a text that is the same in every run."""
    return zlib.crc32(text.encode("utf-8", "surrogateescape"))
