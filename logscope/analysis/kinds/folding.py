"""Folding: groups that a person would call the same event, merged over the set of distinct templates.

Order-free: it works on the sorted set of groups, so any order of arrival gives the same result. A merged group is the
monoid merge of its members. Two ways: a message that is sometimes logged with its trace and sometimes without; and
templates that differ only in words that take many values (users, files, jobs), as `parse` folds them. A position that
ever holds a name that can be blamed is never folded: `connect to redis failed` and `connect to kafka failed` are two
events.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from logscope.index.index import Group, GroupKey
from logscope.ingest.batch import Signature, SignatureKind
from logscope.ingest.signatures.signature import make_signature
from logscope.ingest.signatures.variants import Variants

_FEWEST: Final = 2
_MOST_KEPT: Final = 256
"""Sets of templates of which is known how they fold."""

Merge = Callable[[Signature, Sequence[Group]], Group]
"""Makes one group of several, with a signature."""


class Folding:
    """Merges groups of one event, of one index; what the last call found of them is kept for the next tick."""

    def __init__(self, is_name: Callable[[str], bool]) -> None:
        """Nothing is folded yet.

        Args:
            is_name: Whether a word names a service, a server or says what class of event it is; such words are kept
                apart. Always the same answer for a word.
        """
        self._is_name = is_name
        self._known: dict[tuple[str, ...], Mapping[str, str]] = {}
        self._merged: dict[tuple[int, ...], _Merged] = {}
        self._met: dict[tuple[int, ...], _Merged] = {}

    def fold(self, groups: Mapping[GroupKey, Group]) -> dict[GroupKey, Group]:
        """Groups by key; a folded one has the key of its template with `<*>`.

        Args:
            groups: As the index holds them.
        """
        self._met = {}
        folded = self._fold_words(_fold_traces(_fold_ids(groups, self._merge), self._merge))
        self._merged = self._met
        return folded

    def _merge(self, signature: Signature, parts: Sequence[Group]) -> Group:
        """One group of several, or the one that was made of them while they were as they are now."""
        members = tuple(id(part) for part in parts)
        versions = tuple(part.version for part in parts)
        known = self._merged.get(members)
        if known is None or known.versions != versions or known.group.signature != signature:
            group = Group(signature)
            for part in parts:
                group.merge(part)
            known = _Merged(tuple(parts), versions, group)
        self._met[members] = known
        return known.group

    def _fold_words(self, groups: Mapping[GroupKey, Group]) -> dict[GroupKey, Group]:
        """Templates that `parse` would show as one, but where that would swallow a name."""
        buckets: dict[tuple[str, int, str, SignatureKind], list[GroupKey]] = {}
        folded = dict(groups)
        for key in sorted(groups):
            signature = groups[key].signature
            if signature.kind is not SignatureKind.REQUEST:
                bucket = (key.source, int(key.severity), signature.service, signature.kind)
                buckets.setdefault(bucket, []).append(key)
        for keys in buckets.values():
            if len(keys) < _FEWEST:
                continue
            event_by_template = self._find_events(tuple(groups[key].signature.template for key in keys))
            events: dict[str, list[GroupKey]] = {}
            for key in keys:
                events.setdefault(event_by_template[groups[key].signature.template], []).append(key)
            for template, members in events.items():
                if len(members) > 1:
                    first = groups[members[0]].signature
                    merged = self._merge(
                        make_signature(first.service, first.kind, template), [folded.pop(key) for key in members]
                    )
                    folded[GroupKey(members[0].source, members[0].severity, merged.signature.key)] = merged
        return folded

    def _find_events(self, templates: tuple[str, ...]) -> Mapping[str, str]:
        known = self._known.get(templates)
        if known is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            variants = Variants(templates, self._is_name)
            known = self._known[templates] = {template: variants.find_group(template) for template in templates}
        return known


class _Merged(NamedTuple):
    parts: tuple[Group, ...]
    """Held, so that no other group has their identity."""
    versions: tuple[int, ...]
    group: Group


def _fold_ids(groups: Mapping[GroupKey, Group], merge: Merge) -> dict[GroupKey, Group]:
    """An id of hex digits is by chance one of digits alone: the rarer template joins the one with `<id>`."""
    by_shape: dict[tuple[str, int, str, SignatureKind, str], list[GroupKey]] = {}
    for key in sorted(groups):
        signature = groups[key].signature
        shape = signature.template.replace("<num>", "<id>")
        if shape != signature.template or "<id>" in shape:
            by_shape.setdefault((key.source, int(key.severity), signature.service, signature.kind, shape), []).append(
                key
            )
    folded = dict(groups)
    for keys in by_shape.values():
        if len(keys) > 1:
            most = max(keys, key=lambda key: (groups[key].signature.template.count("<id>"), key))
            merged = merge(groups[most].signature, [groups[key] for key in keys])
            for key in keys:
                del folded[key]
            folded[most] = merged
    return folded


def _fold_traces(groups: Mapping[GroupKey, Group], merge: Merge) -> dict[GroupKey, Group]:
    """A message without its trace joins the only exception that is logged with the same message."""
    by_message: dict[tuple[str, int, str, str], list[GroupKey]] = {}
    for key in sorted(groups):
        signature = groups[key].signature
        if signature.kind is not SignatureKind.REQUEST:
            message = signature.template.split("\n", 1)[0]
            by_message.setdefault((key.source, key.severity, signature.service, message), []).append(key)
    folded = dict(groups)
    for keys in by_message.values():
        plain = [key for key in keys if groups[key].signature.kind is SignatureKind.MESSAGE]
        traces = [key for key in keys if groups[key].signature.kind is SignatureKind.EXCEPTION]
        if len(plain) == 1 and len(traces) == 1:
            merged = merge(groups[traces[0]].signature, [groups[traces[0]], groups[plain[0]]])
            del folded[plain[0]]
            folded[traces[0]] = merged
    return folded
