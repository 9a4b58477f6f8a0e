"""The groups of an index: records judged to be the same event, and the bound on how many there are (`families`)."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from logscope.index.counts import Occurrences
from logscope.index.exemplars import Exemplars
from logscope.index.families import (
    MOST_IN_BRANCH,
    MOST_MEMBERS,
    Branch,
    BranchKey,
    Family,
    find_branch,
    find_prefix,
    make_branch,
    make_family,
)
from logscope.ingest.batch import Signature, SignatureKind
from logscope.model.severity import Severity


class GroupKey(NamedTuple):
    """Identity of a group: a pure function of the record and the mask version. Sorts by its fields."""

    source: str
    severity: Severity
    signature: int

    def text(self) -> str:
        """The id that JSON and screen use; stable between runs."""
        raw = f"{self.source}\0{int(self.severity)}\0{self.signature}".encode("utf-8", "surrogateescape")
        return hashlib.blake2b(raw, digest_size=6).hexdigest()


class Folded(NamedTuple):
    """A branch, or one of its families, whose kinds are no longer told apart."""

    source: str
    severity: Severity
    kind: SignatureKind
    length: str
    family: str | None
    """Service and first words; None for the whole branch."""


class Group:
    """Records judged to be the same event."""

    __slots__ = ("exemplars", "occurrences", "signature", "untimed")

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.occurrences = Occurrences()
        self.untimed = 0
        """Records without a time; they are in no second."""
        self.exemplars = Exemplars()

    def merge(self, other: "Group") -> None:
        """Add another state of the same group."""
        self.occurrences.merge(other.occurrences)
        self.untimed += other.untimed
        self.exemplars.merge(other.exemplars)

    def count(self) -> int:
        """All records."""
        return self.occurrences.count() + self.untimed

    @property
    def version(self) -> int:
        """Grows with each change: what was made of a group holds while it is the same."""
        return self.occurrences.version + self.exemplars.version + self.untimed


class Groups:
    """All groups, never more than the bounds of `families` allow. Merging is associative and commutative."""

    def __init__(self) -> None:
        self.by_key: dict[GroupKey, Group] = {}
        self._branches: dict[BranchKey, Branch] = {}

    def place(self, source: str, severity: Severity, signature: Signature) -> None:
        """Make a signature known; what is beyond the bounds then is folded at once."""
        if GroupKey(source, severity, signature.key) in self.by_key:
            return
        key = find_branch(source, severity, signature)
        branch = self._branch(key)
        if not branch.is_folded:
            self._add(key, branch, self._family(key, branch, signature.service, find_prefix(signature)), signature.key)

    def get(self, source: str, severity: Severity, signature: Signature) -> Group:
        """The group that a placed signature belongs to by now."""
        group = self.by_key.get(GroupKey(source, severity, signature.key))
        if group is not None:
            return group
        branch = self._branches[find_branch(source, severity, signature)]
        stands_for = signature
        if branch.is_folded:
            stands_for = branch.signature
        elif (family := branch.families[_name(signature.service, find_prefix(signature))]).is_folded:
            stands_for = family.signature
        return self.by_key.setdefault(GroupKey(source, severity, stands_for.key), Group(stands_for))

    def merge(self, other: "Groups") -> None:
        """Add all groups of another state, which must not be used afterwards."""
        homes: dict[GroupKey, tuple[BranchKey, str]] = {}
        for key, branch in other._branches.items():
            mine = self._branch(key)
            if branch.is_folded:
                self._fold_branch(key, mine)
                continue
            for name, family in branch.families.items():
                if family.is_folded:
                    homes[GroupKey(key.source, key.severity, family.signature.key)] = key, name
                else:
                    homes.update((GroupKey(key.source, key.severity, member), (key, name)) for member in family.members)
                if not mine.is_folded:
                    self._take_family(key, mine, name, family)
        for group_key, group in other.by_key.items():
            stands_for = group.signature
            if group_key in homes:
                key, name = homes[group_key]
                branch = self._branches[key]
                if branch.is_folded:
                    stands_for = branch.signature
                elif branch.families[name].is_folded:
                    stands_for = branch.families[name].signature
            target = GroupKey(group_key.source, group_key.severity, stands_for.key)
            if target in self.by_key:
                self.by_key[target].merge(group)
            elif target == group_key:
                self.by_key[target] = group
            else:
                self.by_key[target] = Group(stands_for)
                self.by_key[target].merge(group)

    def folded(self) -> Iterator[tuple[str, Signature]]:
        """Source and signature of every group that stands for more kinds than are told apart."""
        for key in sorted(self._branches):
            branch = self._branches[key]
            if branch.is_folded:
                yield key.source, branch.signature
            for name in sorted(branch.families):
                if branch.families[name].is_folded:
                    yield key.source, branch.families[name].signature

    def folds(self) -> Iterator[Folded]:
        """All that is folded, in order."""
        for key in sorted(self._branches):
            branch = self._branches[key]
            if branch.is_folded:
                yield Folded(*key, None)
            for name in sorted(branch.families):
                if branch.families[name].is_folded:
                    yield Folded(*key, name)

    def restore(self, folds: Iterable[Folded], groups: Iterable[tuple[GroupKey, Group]]) -> None:
        """Take over groups and what was folded, into a state without any."""
        for fold in folds:
            key = BranchKey(*fold[:4])
            branch = self._branch(key)
            if fold.family is None:
                self._fold_branch(key, branch)
            elif not branch.is_folded:
                service, _, prefix = fold.family.partition("\0")
                self._family(key, branch, service, prefix).is_folded = True
                branch.weight += MOST_MEMBERS
        kept = dict(groups)
        folded = {(source, signature.key) for source, signature in self.folded()}
        for group_key, group in kept.items():
            if (group_key.source, group_key.signature) not in folded:
                self.place(group_key.source, group_key.severity, group.signature)
        self.by_key = kept

    def _branch(self, key: BranchKey) -> Branch:
        branch = self._branches.get(key)
        if branch is None:
            branch = self._branches[key] = make_branch(key)
        return branch

    def _family(self, key: BranchKey, branch: Branch, service: str, prefix: str) -> Family:
        name = _name(service, prefix)
        family = branch.families.get(name)
        if family is None:
            family = branch.families[name] = make_family(key, service, prefix)
        return family

    def _take_family(self, key: BranchKey, mine: Branch, name: str, other: Family) -> None:
        """Add a family of another state."""
        family = mine.families.get(name)
        if family is None:
            family = mine.families[name] = Family(other.signature)
        if other.is_folded:
            if not family.is_folded:
                mine.weight += MOST_MEMBERS - len(family.members)
                self._fold_family(key, family)
            self._weigh(key, mine)
            return
        for member in other.members:
            if mine.is_folded:
                break
            self._add(key, mine, family, member)

    def _add(self, key: BranchKey, branch: Branch, family: Family, member: int) -> None:
        if family.is_folded or member in family.members:
            return
        if len(family.members) == MOST_MEMBERS:
            self._fold_family(key, family)
            return
        family.members.add(member)
        branch.weight += 1
        self._weigh(key, branch)

    def _weigh(self, key: BranchKey, branch: Branch) -> None:
        if branch.weight > MOST_IN_BRANCH and not branch.is_folded:
            self._fold_branch(key, branch)

    def _fold_family(self, key: BranchKey, family: Family) -> None:
        family.is_folded = True
        self._gather(key, family.signature, family.members)
        family.members = set()

    def _fold_branch(self, key: BranchKey, branch: Branch) -> None:
        branch.is_folded = True
        for family in branch.families.values():
            self._gather(key, branch.signature, {family.signature.key} if family.is_folded else family.members)
        branch.families = {}

    def _gather(self, key: BranchKey, target: Signature, members: set[int]) -> None:
        """Merge groups into the one of `target`."""
        into = GroupKey(key.source, key.severity, target.key)
        for member in members:
            group = self.by_key.pop(GroupKey(key.source, key.severity, member), None)
            if group is None:
                continue
            if into not in self.by_key:
                self.by_key[into] = Group(target)
            self.by_key[into].merge(group)


def _name(service: str, prefix: str) -> str:
    return f"{service}\0{prefix}"
