"""Keeps the number of groups bounded: kinds beyond a bound are folded into coarser ones, counted and told.

Plan: every signature has a family (its first words) in a branch (its source, severity and length). A family with more
than `MOST_MEMBERS` different signatures becomes one group; a branch whose families together have more than
`MOST_IN_BRANCH`, a full family counting `MOST_MEMBERS`, joins the rest of its source. Both conditions depend only on
the set of distinct signatures and stay true once they are, so any order, any cut and any merge give the same groups.
A storm of words without a common begin folds its own branch, and leaves other messages of the source alone.

Cost: one dictionary look-up a signature and piece; folding merges each group at most twice.
"""

import hashlib
from typing import Final, NamedTuple

from logscope.ingest.batch import Signature, SignatureKind
from logscope.model.severity import Severity

MOST_MEMBERS: Final = 100
"""Different signatures that begin alike; more are one group. A fleet's hosts stay apart, a stream of names does not."""
MOST_IN_BRANCH: Final = 400
"""Groups of one source and severity with messages of about the same length."""
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


class Branch:
    """Families of one source, severity and length."""

    __slots__ = ("families", "is_folded", "signature", "weight")

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        """Of the group that they are, once folded; shared by all lengths."""
        self.families: dict[str, Family] = {}
        """By service and first words; empty once folded."""
        self.weight = 0
        """Distinct signatures, at most `MOST_MEMBERS` of each family."""
        self.is_folded = False


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


def find_prefix(signature: Signature) -> str:
    """What a signature begins with: the template of its family without the wild end."""
    if signature.kind is SignatureKind.REQUEST:
        route = signature.template.rsplit(" ", 1)[0]
        return "/".join(part[:_LONGEST_WORD] for part in route.split("/")[:3])
    words = signature.template.partition("\n")[0].split()
    return " ".join(word[:_LONGEST_WORD] for word in words[: min(_PREFIX_WORDS, max(0, len(words) - 1))])


def make_family(branch: BranchKey, service: str, prefix: str) -> Family:
    """A family without members."""
    template = f"{prefix}/{WILD} {branch.length}" if branch.kind is SignatureKind.REQUEST else f"{prefix} {WILD}"
    return Family(_make_folded(service, branch.kind, template.strip(), branch.length))


def make_branch(key: BranchKey) -> Branch:
    """A branch without families."""
    if key.kind is SignatureKind.REQUEST:
        return Branch(_make_folded("", key.kind, f"{WILD} {key.length}", key.length))
    return Branch(_make_folded("", key.kind, WILD, ""))


def _make_folded(service: str, kind: SignatureKind, template: str, length: str) -> Signature:
    """A signature that no record has, whatever is written in it."""
    raw = f"folded\0{service}\0{kind}\0{template}\0{length}".encode("utf-8", "surrogateescape")
    return Signature(int.from_bytes(hashlib.blake2b(raw, digest_size=8).digest(), "big") >> 1, service, kind, template)
