"""Folds distinct templates of one event: what still differs where masks cannot know better, such as names of users.

Receives the set of a log's templates and gives each its group, whatever the order in which they came. Plan: templates
are simplified (lists cut to one item, numbers and ids alike); those of as many words are near when they differ in one
or two places, or only in places, names of classes and values of keys; near ones are linked. Within what is linked, a
place with many different texts is variable; one with few tells events apart, and parts them. Names that a failure may
blame and words that make the event (codes, exceptions, statuses) are never variable unless a fleet of them is seen.

Cost: one dictionary entry for each template and each pair of its places, some 100 for a line of 14 words.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations
from typing import Final

from logscope.ingest.signatures.places import find_limit, find_outline, find_prefix, find_value
from logscope.ingest.signatures.words import JOINT, simplify, sketch

MOST_TEMPLATES: Final = 20_000
"""Distinct templates that are looked at: of more those with the smallest hashes, so that order does not matter."""

_LONGEST_PAIRS: Final = 24
"""Words up to which two places may differ at once; beyond only one may."""
_MOST_PAIRED: Final = 2500
"""Templates of one length up to which two places may differ at once."""
_MOST_WORDS: Final = 200
WILD: Final = "<*>"
_DELIMITERS: Final = "=:/.,\"'([{<@_-"

_Words = tuple[str, ...]


class Variants:
    """The groups of a set of templates."""

    def __init__(self, templates: Iterable[str], is_kept: Callable[[str], bool] | None = None) -> None:
        """Fold.

        Args:
            templates: Distinct templates, in any order.
            is_kept: Whether a word tells events apart whatever stands beside it; None where none is known to.
        """
        shown: dict[tuple[_Words, str], str] = {}
        buckets: dict[tuple[int, str], list[_Words]] = {}
        self._taken = {template: _take_apart(template) for template in sorted(set(templates))}
        for template, (words, tail) in self._taken.items():
            if (words, tail) not in shown:
                buckets.setdefault((len(words), tail), []).append(words)
                shown[words, tail] = template
            elif template.count("<id>") > shown[words, tail].count("<id>"):
                shown[words, tail] = template
        self._groups = shown
        clusters = [
            (tail, cluster)
            for (size, tail), rows in buckets.items()
            if 1 <= size <= _MOST_WORDS
            for cluster in _link(sorted(rows))
            if len(cluster) > 1
        ]
        known = frozenset(value for _, cluster in clusters for value in _find_values(cluster, is_kept))
        for tail, cluster in clusters:
            for members, wild in _part(cluster, {}, known, is_kept):
                if wild:
                    group = _render(members[0], wild) + tail
                    self._groups.update(((words, tail), group) for words in members)

    def find_group(self, template: str) -> str:
        """The group of a template: itself where it was folded with none."""
        return self._groups.get(self._taken.get(template) or _take_apart(template), template)


def _take_apart(template: str) -> tuple[_Words, str]:
    """The simplified words of a template's first line, and what stands behind it."""
    head, newline, tail = template.partition("\n")
    return simplify(head), newline + tail


def _link(rows: Sequence[_Words]) -> Iterator[list[_Words]]:
    """Templates of one length that are near, directly or over others."""
    parent = list(range(len(rows)))

    def find(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    size = len(rows[0])
    most = 1 if size < 4 or size > _LONGEST_PAIRS or len(rows) > _MOST_PAIRED else 2
    seen: dict[tuple[object, ...], int] = {}

    def join(number: int, key: tuple[object, ...]) -> None:
        first = seen.setdefault(key, number)
        if first != number:
            parent[find(number)] = find(first)

    for number, words in enumerate(rows):
        outline = tuple(map(sketch, words))
        if sum(map(_count_letters, outline)) >= _LEAST_LETTERS:
            join(number, outline)
        letters = [_count_letters(word) for word in words]
        total = sum(letters)
        free = [
            place
            for place, word in enumerate(words)
            if not word.startswith("<") or len(word) > 12 or word.startswith("<ip>")
        ]
        for count in range(1, most + 1):
            for places in combinations(free, count):
                others = total - sum(letters[place] for place in places)
                if others >= _LEAST_LETTERS or (count == 1 and _is_whole(words[places[0]]) and others + 2 >= size):
                    join(number, (places, *(word for place, word in enumerate(words) if place not in places)))
    clusters: dict[int, list[_Words]] = {}
    for number, words in enumerate(rows):
        clusters.setdefault(find(number), []).append(words)
    return iter(clusters.values())


def _is_whole(word: str) -> bool:
    """A name in brackets of its own: `ok: [web1]`."""
    return word[:1] == "[" and word[-1:] == "]"


def _count_letters(word: str) -> int:
    """Letters of a word, or of the key of a value, that is no placeholder."""
    return 0 if word.startswith("<") else sum(map(str.isalpha, word))


_LEAST_LETTERS: Final = 3
"""Words are more than numbers and points from here on."""


def _part(
    rows: list[_Words],
    wild: dict[int, str],
    known: AbstractSet[str] = frozenset(),
    is_kept: Callable[[str], bool] | None = None,
) -> Iterator[tuple[list[_Words], dict[int, str]]]:
    """Sets of templates of one event each, with what is shown at the places that vary in them.

    Args:
        rows: Templates of one length.
        wild: What is shown at places that are known to vary.
        known: Values that vary elsewhere.
        is_kept: Whether a word tells events apart.
    """
    size = len(rows[0])
    texts = [{row[place] for row in rows} for place in range(size)]
    wild = dict(wild)
    for place in range(size):
        is_varied = place not in wild and 1 < len(texts[place]) >= find_limit(rows[0], place, texts[place], known)
        if is_varied and (is_kept is None or not any(map(is_kept, texts[place]))):
            wild[place] = _generalise(texts[place])
    telling = [place for place in range(size) if place not in wild and len(texts[place]) > 1]
    if not telling:
        yield rows, wild
        return
    place = min(telling, key=lambda one: (len(texts[one]), one))
    parts: dict[str, list[_Words]] = {}
    for row in rows:
        parts.setdefault(find_outline(row[place]), []).append(row)
    if len(parts) == 1:
        parts.clear()
        for row in rows:
            parts.setdefault(row[place], []).append(row)
    for part in parts.values():
        yield from _part(part, wild, known, is_kept)


def _find_values(cluster: list[_Words], is_kept: Callable[[str], bool] | None) -> Iterator[str]:
    """Names at the places of a cluster that vary whatever stands elsewhere: of users, tables, files."""
    for members, wild in _part(cluster, {}, is_kept=is_kept):
        for place in wild:
            texts = {words[place] for words in members}
            prefix = find_prefix(texts)
            values = {find_value(text, prefix) for text in texts}
            yield from (value for value in values if _NAME.fullmatch(value))


_NAME: Final = re.compile(r"[A-Za-z][\w.@-]{1,60}")


def _render(row: _Words, wild: dict[int, str]) -> str:
    return " ".join(wild.get(place, word) for place, word in enumerate(row)).replace(JOINT, " ")


def _generalise(texts: set[str]) -> str:
    """What texts have in common, up to a delimiter on either side, and the wild part between."""
    outlines = set(map(find_outline, texts))
    if len(outlines) == 1 and (name := outlines.pop()).count("#") == 1 and "#" not in "".join(texts):
        return name.replace("#", "<num>")  # one name, with a number: of which machine stays to be seen
    prefix = find_prefix(texts)
    while prefix and (prefix[-1] not in _DELIMITERS or _cuts_mark(texts, len(prefix))):
        prefix = prefix[:-1]
    suffix = find_prefix({text[len(prefix) :][::-1] for text in texts})[::-1]
    while suffix and (suffix[0].isalnum() or _cuts_mark(texts, -len(suffix))):
        suffix = suffix[1:]
    return prefix + WILD + suffix


def _cuts_mark(texts: set[str], at: int) -> bool:
    """Whether a place lies inside a placeholder of one of the texts."""
    return any(
        mark.start() < (at if at >= 0 else len(text) + at) < mark.end()
        for text in texts
        for mark in _MARK.finditer(text)
    )


_MARK: Final = re.compile(r"<[a-z*]{1,8}>")


def hash_text(text: str) -> int:
    """A number of a text that is the same in every run."""
    return zlib.crc32(text.encode("utf-8", "surrogateescape"))
