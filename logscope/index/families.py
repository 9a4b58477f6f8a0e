"""Keeps the number of groups bounded: kinds beyond a bound are folded into coarser ones, counted and told.

Plan: every signature has a family (its first words) in a clan (its first word) of a branch (its source, severity and
length). A family with more than `MOST_MEMBERS` different signatures becomes one group. So does a clan whose families
together have more than `MOST_IN_CLAN`, a full family counting `MOST_MEMBERS`. A branch whose clans together have more
than `MOST_IN_BRANCH`, each counting `CLAN_SHARE` at the most, joins the rest of its source. The conditions depend only
on the set of distinct signatures and stay true once they are, so any order, any cut and any merge give the same groups.
A storm of words without a common begin folds its own branch, and leaves other messages of the source alone; one that
has a common begin (`user ... not found`) leaves those of its branch alone, too.

Cost: one dictionary look-up a signature and piece; folding merges each group at most twice.
"""

import hashlib
from functools import lru_cache
from typing import Final, NamedTuple

from logscope.ingest.batch import Signature, SignatureKind
from logscope.model.severity import Severity

MOST_MEMBERS: Final = 100
"""Different signatures that begin alike; more are one group. A fleet's hosts stay apart, a stream of names does not."""
MOST_IN_CLAN: Final = 200
"""Different signatures with the same first word."""
CLAN_SHARE: Final = 50
"""A first word counts as so many signatures at the most: a few of them with many names fold nothing but themselves."""
MOST_IN_BRANCH: Final = 400
"""Signatures of one source and severity with messages of about the same length."""
_PREFIX_WORDS: Final = 3
_LONGEST_WORD: Final = 64
_LENGTHS: Final = (2, 4, 6, 9, 14, 24)
"""Word counts up to which messages are of one length."""
WILD: Final = "<*>"


class BranchKey(NamedTuple):
    """Identity of a branch."""

    source: str
    severity: Severity
    kind: SignatureKind
    length: str


class Family:
    """Signatures that begin alike."""

    __slots__ = ("is_folded", "members", "signature")

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        """Of the group that they are, once folded."""
        self.members: set[int] = set()
        """Keys of distinct signatures; empty once folded."""
        self.is_folded = False


class Clan:
    """Families that begin with the same word."""

    __slots__ = ("families", "is_folded", "signature", "weight")

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        """Of the group that they are, once folded."""
        self.families: dict[str, Family] = {}
        """By service and first words; empty once folded."""
        self.weight = 0
        """Distinct signatures, at most `MOST_MEMBERS` of each family."""
        self.is_folded = False


class Branch:
    """Clans of one source, severity and length."""

    __slots__ = ("clans", "is_folded", "signature", "weight")

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        """Of the group that they are, once folded; shared by all lengths."""
        self.clans: dict[tuple[str, str], Clan] = {}
        """By service and first word; empty once folded."""
        self.weight = 0
        """Distinct signatures, at most `CLAN_SHARE` of each clan."""
        self.is_folded = False


class Home(NamedTuple):
    """Where a signature belongs within its branch."""

    service: str
    clan: str
    """What its clan begins with."""
    family: str
    """What its family begins with: the template without the wild end."""


_MOST_FOUND: Final = 4096
"""Remembered: what is placed is asked for again at once."""


@lru_cache(maxsize=_MOST_FOUND)
def find_branch(source: str, severity: Severity, signature: Signature) -> BranchKey:
    """The branch of a signature: a pure function of it."""
    if signature.kind is SignatureKind.REQUEST:
        return BranchKey(source, severity, signature.kind, signature.template.rsplit(" ", 1)[-1][:_LONGEST_WORD])
    words = signature.template.partition("\n")[0].split()
    length = next((f"up to {most} words" for most in _LENGTHS if len(words) <= most), "longer")
    if words and (words[0].endswith(":") or not (words[0].islower() or words[0].istitle())):
        # `OutOfMemoryError: Java heap space` has little in common with prose of any length.
        length += ", named"
    return BranchKey(source, severity, signature.kind, length)


@lru_cache(maxsize=_MOST_FOUND)
def find_home(signature: Signature) -> Home:
    """The clan and the family of a signature: a pure function of it."""
    if signature.kind is SignatureKind.REQUEST:
        route = signature.template.rsplit(" ", 1)[0]
        parts = [part[:_LONGEST_WORD] for part in route.split("/")[:_PREFIX_WORDS]]
        return Home(signature.service, "/".join(parts[:2]), "/".join(parts))
    words = signature.template.partition("\n")[0].split()
    words = [word[:_LONGEST_WORD] for word in words[: min(_PREFIX_WORDS, max(0, len(words) - 1))]]
    return Home(signature.service, " ".join(words[:1]), " ".join(words))


def make_family(branch: BranchKey, home: Home) -> Family:
    """A family without members."""
    return Family(_make_wild(branch, home.service, home.family))


def make_clan(branch: BranchKey, home: Home) -> Clan:
    """A clan without families."""
    return Clan(_make_wild(branch, home.service, home.clan))


def _make_wild(branch: BranchKey, service: str, begin: str) -> Signature:
    template = f"{begin}/{WILD} {branch.length}" if branch.kind is SignatureKind.REQUEST else f"{begin} {WILD}"
    return _make_folded(service, branch.kind, template.strip(), branch.length)


def make_branch(key: BranchKey) -> Branch:
    """A branch without clans."""
    if key.kind is SignatureKind.REQUEST:
        return Branch(_make_folded("", key.kind, f"{WILD} {key.length}", key.length))
    return Branch(_make_folded("", key.kind, WILD, ""))


def _make_folded(service: str, kind: SignatureKind, template: str, length: str) -> Signature:
    """A signature that no record has, whatever is written in it."""
    raw = f"folded\0{service}\0{kind}\0{template}\0{length}".encode("utf-8", "surrogateescape")
    return Signature(int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "big") >> 1, service, kind, template)
