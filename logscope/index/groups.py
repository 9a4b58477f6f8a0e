"""The groups of an index: records judged to be the same event, and the bounds on how many there are.

Of one source they are bounded by `families`, of all sources by the room of the index: beyond it each source keeps a
fair share of its kinds, those whose rank is least, and counts the others together. What ranks low does not depend on
what came first (Wegman's adaptive sampling), and a source with few kinds keeps them all.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from logscope.index.counts import Occurrences
from logscope.index.exemplars import Exemplars
from logscope.index.families import (
    CLAN_SHARE,
    MOST_IN_BRANCH,
    MOST_IN_CLAN,
    MOST_MEMBERS,
    Branch,
    BranchKey,
    Clan,
    Family,
    Home,
    find_branch,
    find_home,
    make_branch,
    make_clan,
    make_family,
)
from logscope.index.room import FILLED, share_evenly
from logscope.ingest.batch import Signature, SignatureKind
from logscope.model.severity import Severity

_RANKS: Final = 2**32
_TELLING: Final = 8
"""Times as likely to be kept as others are kinds that tell by themselves what broke."""
_MOST_RANKS: Final = 16_384
"""Remembered."""


def _tells_nothing(_: Signature) -> bool:
    return False


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
    """A branch, one of its clans, or one of their families, whose kinds are no longer told apart."""

    source: str
    severity: Severity
    kind: SignatureKind
    length: str
    service: str
    clan: str | None
    """First word; None for the whole branch."""
    family: str | None
    """First words; None for the whole clan."""


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
        self.limits: dict[str, int] = {}
        """By source the rank below which its kinds are told apart; a source without one has room for all."""
        self.tells: Callable[[Signature], bool] = _tells_nothing
        """Whether a kind says by itself what broke: such ones are told apart longest."""
        self._ranks: dict[int, int] = {}

    def place(self, source: str, severity: Severity, signature: Signature) -> None:
        """Make a signature known; what is beyond the bounds then is folded at once."""
        if GroupKey(source, severity, signature.key) in self.by_key or self._is_beyond(source, signature):
            return
        key = find_branch(source, severity, signature)
        branch = self._branch(key)
        if branch.is_folded:
            return
        home = find_home(signature)
        clan = self._clan(key, branch, home)
        if not clan.is_folded:
            self._add(key, branch, clan, self._family(key, clan, home), signature.key)

    def get(self, source: str, severity: Severity, signature: Signature) -> Group:
        """The group that a placed signature belongs to by now."""
        group = self.by_key.get(GroupKey(source, severity, signature.key))
        if group is not None:
            return group
        key = find_branch(source, severity, signature)
        stands_for = signature
        if not self._is_beyond(source, signature):
            stands_for = self._find_folded(key, find_home(signature)) or signature
        if self._is_beyond(source, stands_for):
            stands_for = self._branch(key).signature
        into = GroupKey(source, severity, stands_for.key)
        if into not in self.by_key:
            self.by_key[into] = Group(stands_for)
        return self.by_key[into]

    def bound(self, most: int) -> set[str]:
        """Count kinds together where there are more than so many of all sources.

        Returns:
            Sources of which fewer kinds are told apart from now on.
        """
        found: set[str] = set()
        while len(self.by_key) > most:
            sizes = Counter(key.source for key in self.by_key)
            share = share_evenly(sizes.values(), int(most * FILLED))
            crowded = {source: size for source, size in sizes.items() if size > share and self._limit(source)}
            if not crowded:
                break
            for source, size in crowded.items():
                self.limits[source] = self._limit(source) * share // (size + 1)
            self._gather_beyond()
            found |= crowded.keys()
        return found

    def _limit(self, source: str) -> int:
        return self.limits.get(source, _RANKS)

    def _is_beyond(self, source: str, signature: Signature) -> bool:
        """Whether a kind is one of those of its source that are counted together."""
        limit = self.limits.get(source)
        return limit is not None and self._rank(signature) >= limit

    def _rank(self, signature: Signature) -> int:
        rank = self._ranks.get(signature.key)
        if rank is None:
            if len(self._ranks) >= _MOST_RANKS:
                self._ranks.clear()
            rank = (signature.key * 0x9E3779B97F4A7C15 & (2**64 - 1)) >> 32
            rank = self._ranks[signature.key] = rank // _TELLING if self.tells(signature) else rank
        return rank

    def _gather_beyond(self) -> None:
        """Count together what is beyond the limit of its source."""
        for group_key, group in list(self.by_key.items()):
            if self._is_beyond(group_key.source, group.signature):
                key = find_branch(group_key.source, group_key.severity, group.signature)
                target = self._branch(key).signature
                if target.key != group_key.signature:
                    self._gather(key, target, {group_key.signature})

    def __getstate__(self) -> dict[str, object]:
        """What another process gets: what tells here is known here."""
        return {**self.__dict__, "tells": _tells_nothing, "_ranks": {}}

    def merge(self, other: "Groups") -> None:
        """Add all groups of another state, which must not be used afterwards."""
        if other.limits:
            self.limits |= {source: min(limit, self._limit(source)) for source, limit in other.limits.items()}
            self._gather_beyond()
        homes: dict[GroupKey, tuple[BranchKey, Home]] = {}
        for key, branch in other._branches.items():
            mine = self._branch(key)
            if branch.is_folded:
                self._fold_branch(key, mine)
                continue
            for clan_name, clan in branch.clans.items():
                home = Home(*clan_name, "")
                if clan.is_folded:
                    homes[GroupKey(key.source, key.severity, clan.signature.key)] = key, home
                for name, family in clan.families.items():
                    there = home._replace(family=name)
                    members = {family.signature.key} if family.is_folded else family.members
                    homes.update((GroupKey(key.source, key.severity, member), (key, there)) for member in members)
                if not mine.is_folded:
                    self._take_clan(key, mine, home, clan)
        for group_key, group in other.by_key.items():
            home_of = homes.get(group_key)
            stands_for = (self._find_folded(*home_of) if home_of is not None else None) or group.signature
            if self._is_beyond(group_key.source, stands_for):
                branch_key = find_branch(group_key.source, group_key.severity, group.signature)
                stands_for = self._branch(branch_key).signature
            target = GroupKey(group_key.source, group_key.severity, stands_for.key)
            if target in self.by_key:
                self.by_key[target].merge(group)
            elif target == group_key:
                self.by_key[target] = group
            else:
                self.by_key[target] = Group(stands_for)
                self.by_key[target].merge(group)

    def forget(self, source: str) -> None:
        """Drop the groups of a source; what is bounded is bounded by source."""
        self.by_key = {key: group for key, group in self.by_key.items() if key.source != source}
        self._branches = {key: branch for key, branch in self._branches.items() if key.source != source}
        self.limits.pop(source, None)

    def folded(self) -> Iterator[tuple[str, Signature]]:
        """Source and signature of every group that stands for more kinds than are told apart."""
        for key, node, _ in self._folded_nodes():
            yield key.source, node.signature

    def folds(self) -> Iterator[Folded]:
        """All that is folded, in order."""
        for key, _, home in self._folded_nodes():
            yield Folded(*key, *home)

    def _folded_nodes(self) -> Iterator[tuple[BranchKey, Branch | Clan | Family, tuple[str, str | None, str | None]]]:
        for key in sorted(self._branches):
            branch = self._branches[key]
            if branch.is_folded:
                yield key, branch, ("", None, None)
            for (service, begin), clan in sorted(branch.clans.items()):
                if clan.is_folded:
                    yield key, clan, (service, begin, None)
                for name in sorted(clan.families):
                    if clan.families[name].is_folded:
                        yield key, clan.families[name], (service, begin, name)

    def restore(self, folds: Iterable[Folded], groups: Iterable[tuple[GroupKey, Group]]) -> None:
        """Take over groups and what was folded, into a state without any."""
        for fold in folds:
            key = BranchKey(*fold[:4])
            branch = self._branch(key)
            if fold.clan is None:
                self._fold_branch(key, branch)
            elif not branch.is_folded:
                home = Home(fold.service, fold.clan, fold.family or "")
                clan = self._clan(key, branch, home)
                if fold.family is None:
                    self._weigh(key, branch, clan, MOST_IN_CLAN + 1)
                elif not clan.is_folded:
                    self._family(key, clan, home).is_folded = True
                    self._weigh(key, branch, clan, MOST_MEMBERS)
        kept = dict(groups)
        folded = {(source, signature.key) for source, signature in self.folded()}
        for group_key, group in kept.items():
            if (group_key.source, group_key.signature) not in folded:
                self.place(group_key.source, group_key.severity, group.signature)
        self.by_key = kept

    def _find_folded(self, key: BranchKey, home: Home) -> Signature | None:
        """The signature of the group that stands for all kinds of a home by now; None while they are told apart."""
        branch = self._branches[key]
        if branch.is_folded:
            return branch.signature
        clan = branch.clans[home.service, home.clan]
        if clan.is_folded:
            return clan.signature
        family = clan.families[home.family]
        return family.signature if family.is_folded else None

    def _branch(self, key: BranchKey) -> Branch:
        branch = self._branches.get(key)
        if branch is None:
            branch = self._branches[key] = make_branch(key)
        return branch

    @staticmethod
    def _clan(key: BranchKey, branch: Branch, home: Home) -> Clan:
        clan = branch.clans.get((home.service, home.clan))
        if clan is None:
            clan = branch.clans[home.service, home.clan] = make_clan(key, home)
        return clan

    @staticmethod
    def _family(key: BranchKey, clan: Clan, home: Home) -> Family:
        family = clan.families.get(home.family)
        if family is None:
            family = clan.families[home.family] = make_family(key, home)
        return family

    def _take_clan(self, key: BranchKey, mine: Branch, home: Home, other: Clan) -> None:
        """Add a clan of another state."""
        clan = self._clan(key, mine, home)
        if other.is_folded and not clan.is_folded:
            self._weigh(key, mine, clan, MOST_IN_CLAN + 1)
        for name, theirs in other.families.items():
            if mine.is_folded or clan.is_folded:
                return
            family = self._family(key, clan, home._replace(family=name))
            if theirs.is_folded and not family.is_folded:
                grown = MOST_MEMBERS - len(family.members)
                self._fold_family(key, family)
                self._weigh(key, mine, clan, grown)
            for member in theirs.members:
                if mine.is_folded or clan.is_folded:
                    return
                self._add(key, mine, clan, family, member)

    def _add(self, key: BranchKey, branch: Branch, clan: Clan, family: Family, member: int) -> None:
        if family.is_folded or member in family.members:
            return
        if len(family.members) == MOST_MEMBERS:
            self._fold_family(key, family)
            return
        family.members.add(member)
        self._weigh(key, branch, clan, 1)

    def _weigh(self, key: BranchKey, branch: Branch, clan: Clan, more: int) -> None:
        """Count further signatures of a clan, and fold what is beyond its bound then."""
        before = min(clan.weight, CLAN_SHARE)
        clan.weight += more
        branch.weight += min(clan.weight, CLAN_SHARE) - before
        if clan.weight > MOST_IN_CLAN and not clan.is_folded:
            clan.is_folded = True
            self._gather_clan(key, clan.signature, clan)
        if branch.weight > MOST_IN_BRANCH and not branch.is_folded:
            self._fold_branch(key, branch)

    def _fold_family(self, key: BranchKey, family: Family) -> None:
        family.is_folded = True
        self._gather(key, family.signature, family.members)
        family.members = set()

    def _fold_branch(self, key: BranchKey, branch: Branch) -> None:
        branch.is_folded = True
        for clan in branch.clans.values():
            self._gather_clan(key, branch.signature, clan)
        branch.clans = {}

    def _gather_clan(self, key: BranchKey, target: Signature, clan: Clan) -> None:
        """Merge all groups of a clan into the one of `target`; its families are not looked at any more."""
        if clan.is_folded:
            self._gather(key, target, {clan.signature.key})
        for family in clan.families.values():
            self._gather(key, target, {family.signature.key} if family.is_folded else family.members)
        clan.families = {}

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
