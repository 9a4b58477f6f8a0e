"""Folding: groups that a person would call the same event, merged over the set of distinct templates.

Order-free: it works on the sorted set of groups, so any order of arrival gives the same result. A merged group is the
monoid merge of its members. Two ways: a message that is sometimes logged with its trace and sometimes without; and
templates that differ only in words that take many values (users, files, jobs). A position that ever holds a name that
can be blamed is never folded: `connect to redis failed` and `connect to kafka failed` are two events.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from logscope.index.index import Group, GroupKey
from logscope.ingest.batch import SignatureKind
from logscope.ingest.signatures.signature import make_signature

_LEAST_VALUES: Final = 4
"""A word position varies when it takes at least so many values (analysis.md 2a)."""
_EQUAL_SHARE: Final = 0.6
"""At least this share of the words is the same."""
_FEWEST_WORDS: Final = 3
_WILD: Final = "<*>"


def fold_groups(groups: Mapping[GroupKey, Group], is_name: Callable[[str], bool]) -> dict[GroupKey, Group]:
    """Merge groups of one event.

    Args:
        groups: As the index holds them.
        is_name: Whether a word names a service, a server or says what class of event it is; such words are kept apart.

    Returns:
        Groups by key; a folded one has the key of its template with `<*>`.
    """
    return _fold_words(_fold_traces(_fold_ids(groups)), is_name)


def _fold_ids(groups: Mapping[GroupKey, Group]) -> dict[GroupKey, Group]:
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
            merged = _merge([groups[key] for key in keys], groups[most])
            for key in keys:
                del folded[key]
            folded[most] = merged
    return folded


def _fold_traces(groups: Mapping[GroupKey, Group]) -> dict[GroupKey, Group]:
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
            merged = _merge([groups[traces[0]], groups[plain[0]]], groups[traces[0]])
            del folded[plain[0]]
            folded[traces[0]] = merged
    return folded


def _fold_words(groups: Mapping[GroupKey, Group], is_name: Callable[[str], bool]) -> dict[GroupKey, Group]:
    buckets: dict[tuple[str, int, str, SignatureKind, str, int], list[GroupKey]] = {}
    folded = dict(groups)
    for key in sorted(groups):
        signature = groups[key].signature
        if signature.kind is SignatureKind.REQUEST:
            continue
        first, _, rest = signature.template.partition("\n")
        words = first.split()
        if len(words) >= _FEWEST_WORDS:
            bucket = (key.source, int(key.severity), signature.service, signature.kind, rest, len(words))
            buckets.setdefault(bucket, []).append(key)
    for keys in buckets.values():
        if len(keys) >= _LEAST_VALUES:
            for members in _similar(keys, groups, is_name):
                _replace(folded, members, groups)
    return folded


def _similar(
    keys: list[GroupKey], groups: Mapping[GroupKey, Group], is_name: Callable[[str], bool]
) -> Iterable[list[GroupKey]]:
    """Sets of templates that are equal but for one position with many values."""
    words = {key: groups[key].signature.template.split("\n", 1)[0].split() for key in keys}
    taken: set[GroupKey] = set()
    length = len(next(iter(words.values())))
    for position in range(length):
        by_rest: dict[tuple[str, ...], list[GroupKey]] = {}
        for key in keys:
            if key not in taken:
                by_rest.setdefault((*words[key][:position], *words[key][position + 1 :]), []).append(key)
        for rest, members in sorted(by_rest.items()):
            values = {words[key][position] for key in members}
            if len(values) < _LEAST_VALUES or (length - 1) / length < _EQUAL_SHARE or not any(map(str.isalpha, rest)):
                continue
            if any(is_name(value) for value in values):
                continue
            taken.update(members)
            yield members


def _replace(folded: dict[GroupKey, Group], members: list[GroupKey], groups: Mapping[GroupKey, Group]) -> None:
    first = groups[members[0]].signature
    rows = [groups[key].signature.template.split("\n", 1)[0].split() for key in members]
    words = [column[0] if len(set(column)) == 1 else _WILD for column in zip(*rows, strict=True)]
    _, mark, rest = first.template.partition("\n")
    signature = make_signature(first.service, first.kind, " ".join(words) + mark + rest)
    merged = Group(signature)
    for key in members:
        merged.merge(folded.pop(key))
    folded[GroupKey(members[0].source, members[0].severity, signature.key)] = merged


def _merge(parts: list[Group], like: Group) -> Group:
    merged = Group(like.signature)
    for part in parts:
        merged.merge(part)
    return merged
