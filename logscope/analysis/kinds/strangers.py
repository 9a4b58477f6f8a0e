"""Names that nobody knows: whom a failing line blames by its grammar, where no file, server or address has that name.

`call to heron timed out` names somebody, whatever heron is. A name stands where English puts the other side: behind a
verb or noun of calling and its preposition, before a verb of not answering, behind the noun of what it is. Words that
the lexicon knows, and words of grammar, are no names. Knows words of the language (`grammar.toml`), no products.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from logscope.tables import read_table

_SURE: Final = 0.9
"""Behind a verb of calling, or before a verb of not answering."""
_LIKELY: Final = 0.7
"""By its kind (`backend heron`), or by what somebody waits for."""
_UNSURE: Final = 0.5
"""Before a verb that could have another subject: an upload times out as well."""

_LONGEST_TEXT: Final = 600
_MOST_WORDS: Final = 80
_WORD = re.compile(r"[A-Za-z0-9_](?:[\w.@\-]{0,62}\w)?|[.:;,!?()\[\]{}=]")


_ENDINGS: Final = ("ly", "ing", "ed", "tion", "sion", "ment", "ness", "able", "ible", "ity")
"""Of words that are no names, where nothing else marks them as such."""
_TYPE: Final = re.compile(r"(?:Exception|Error|Failure|Fault|Timeout|Client|Handler|Request|Response|Impl)$")
_ID: Final = re.compile(
    r"(?:0x)?[0-9a-fA-F]{5,}(?:-[0-9a-fA-F]{3,}){0,7}|[A-Za-z]{0,3}[\d._-]+|v\d[\w.-]*|[A-Za-z]?\d+[a-z]{0,2}|[A-Z0-9_]{1,2}"
)
_PLACE: Final = re.compile(r"\.(?:py|go|js|java|rb|c|ts|php|cs|rs|kt|cc|cpp|h|log|json|yaml|yml|conf|xml|sql|so|txt)$")
_PACKAGE: Final = re.compile(r"(?:com|org|io|net|java|javax|dev|scala|kotlin|github)\.[\w.]+|\w+(?:\.\w+)*\.[A-Z]\w*")

_PATH: Final = re.compile(r"(?<![\w.:/])/(?:[\w.@-]{1,60}/){1,12}[\w.@-]{0,80}")
"""Folders of this host are nobody's names, whatever stands in front of them."""

_URL: Final = re.compile(r"([a-z][a-z0-9+]{1,15}://[^\s/?#\"'<>]{1,200})[/?#][^\s\"'<>]{0,400}")
"""Of `https://api.heron.example/v1/eggs returned 503` the host is the name, and not what was asked of it."""
_SCHEME: Final = re.compile(r"\b([a-z][a-z0-9+]{1,15})://(?:[^\s/@]{1,60}@)?")
"""How somebody is spoken to, and as whom: `amqps://billing:**@heron` names the heron."""

_MOST_MESSAGES: Final = 4096
"""Of which is remembered what they say: each judgement asks the same ones."""
_FAR_END: Final = re.compile(
    r"(?i)\bfrom {1,2}[\w./:-]{1,120} to ([a-z][\w.-]{1,100})(?:/[\d.]{7,15})?:\d{1,5} failed\b"
)
"""As Java's network libraries tell it: `Call From nn/10.0.0.1 to dn:8020 failed on connection exception`."""
_OPERATIONS: Final = frozenset(("operation", "method", "function", "action", "command", "procedure", "rpc"))

Knows = Callable[[str], bool]


@lru_cache(maxsize=1)
def _grammar() -> dict[str, frozenset[str]]:
    tables = read_table("logscope.analysis.kinds", "grammar.toml")
    return {name: frozenset(words.split()) for name, words in tables.items()}


def _words(name: str) -> frozenset[str]:
    return _grammar()[name]


def find_strangers(message: str, knows: Knows) -> dict[str, float]:
    """Whom a message blames by its grammar.

    Args:
        message: What its author wrote, without head and without stack.
        knows: Whether a word has a sense of its own, or a name that is known already.

    Returns:
        Word as written -> weight, 0 to 1: how surely it names somebody.
    """
    read = _URL.sub(r"\1", message[:_LONGEST_TEXT])
    words = _WORD.findall(_PATH.sub("/", _SCHEME.sub("", read)))[:_MOST_WORDS]
    lowered = [word.lower() for word in words]
    far = (match[1] for match in _FAR_END.finditer(message[:_LONGEST_TEXT]))
    found: dict[str, float] = {name: _SURE for name in far if _may_be_name(name, knows)}
    for at, word in enumerate(words):
        if words[at + 1 : at + 2] == ["="]:
            # The name of a field.
            continue
        if words[at + 1 : at + 3] == ["(", ")"]:
            # `calls to poll()`: a function.
            continue
        if lowered[at + 1 : at + 2] and lowered[at + 1] in _OPERATIONS:
            # `calling the PutObject operation`: what was asked, not of whom.
            continue
        if at >= 2 and words[at - 2] == "[" and words[at + 1 : at + 2] == ["]"]:
            # `[pool www]` in front of a line tells which part of the author speaks.
            continue
        weight = max(_weigh_before(lowered, at), _weigh_behind(lowered, at))
        if weight <= _LIKELY and at and lowered[at - 1] in ("a", "an"):
            # `gave up on a parcel`: any of them.
            continue
        if weight == _LIKELY and _is_numbered(lowered[at + 1 : at + 3]):
            # `gave up on parcel 5`: a thing of the trade, by its number.
            continue
        if weight and _may_be_name(word, knows) and weight > found.get(word, 0.0):
            found[word] = weight
    return found


def read_names(message: str, knows: Knows) -> list[str]:
    """Words of a message that may be a name, whatever stands around them."""
    words = _WORD.findall(message[:_LONGEST_TEXT])[:_MOST_WORDS]
    # `tenant=` is the name of a field, not of a tenant.
    fields = {at - 1 for at, word in enumerate(words) if word == "="}
    return [word for at, word in enumerate(words) if at not in fields and _may_be_name(word, knows)]


_SIDE: Final = re.compile(
    rb"[\s{,]\"?([A-Za-z_.-]{4,40})\"?[=:] ?\"?([A-Za-z][\w.-]{1,60})(?::\d{1,5})?\"?(?=[\s,}]|$)"
)
_SIDE_WHATS: Final = frozenset(("", "name", "cluster", "service"))
_LONGEST_RECORD: Final = 4000


def tell_sides(texts: Sequence[bytes]) -> str:
    """What records hold alike in a field that is called like the other side: `upstream = reviews ;`.

    Args:
        texts: Some records of one kind.
    """
    held = [
        {(key.decode().lower(), value.decode()) for key, value in _SIDE.findall(text[:_LONGEST_RECORD])}
        for text in texts
    ]
    common = set.intersection(*held) if held else set[tuple[str, str]]()
    return " ".join(f"{key.split('_')[0]} = {value} ;" for key, value in sorted(common) if _is_side(key))


def _is_side(key: str) -> bool:
    """`upstream`, and `upstream_cluster` as proxies call whom they pass a request to."""
    side, _, what = key.partition("_")
    return side in _words("sides") and what in _SIDE_WHATS


_LACKED: Final = re.compile(r"(?i)\b(?:not enough|insufficient|too few) ((?:[\w-]{2,40} ){0,2}?[\w-]{2,40}s)\b")


def read_lacked(message: str) -> list[str]:
    """Words for several of which a message says that too few are there."""
    return [match[1].rsplit(" ", 1)[-1] for match in _LACKED.finditer(message[:_LONGEST_TEXT])]


_UNRESOLVED: Final = re.compile(
    r"(?i)getaddrinfo|\bENOTFOUND\b|\bEAI_(?:AGAIN|NONAME|NODATA)\b|name resolution|(?:not|n't|failed to) resolve"
    r"|resolve (?:host|name|address)|no such host|\bNXDOMAIN\b|\bSERVFAIL\b|unknown ?host|name or service not known"
    r"|nodename nor servname|host(?:name)? (?:could )?not (?:be )?found"
)


@lru_cache(maxsize=_MOST_MESSAGES)
def is_resolution_failure(message: str) -> bool:
    """Whether a message says that a name has no address, in the words of the common resolvers."""
    return _UNRESOLVED.search(message[:_LONGEST_TEXT]) is not None


_OWN_REFUSED: Final = re.compile(
    r"(?i)remote error:? (?:tls|ssl)\b|\bre(?:cei)?v(?:ed)?\b.{0,12}\b(?:fatal|tls|ssl).{0,20}\balert\b"
    r"|ssl alert number|(?<!send )(?<!sent )(?<!sending )(?:tls|ssl)v[\d._]+[ _]alert|peer sent .{0,12}\balert\b"
)
_OWN_LIMIT: Final = re.compile(
    r"(?i)\b(?:connect(?:ion|ing)?|dial|socket|accept4?|bind)\b.{0,120}"
    r"(?:can(?:no|')t assign requested|\bEADDRNOTAVAIL\b|too many open files|\bE[MN]FILE\b)"
)
_CERTIFICATE: Final = re.compile(
    r"(?i)certificate|unknown[ _]?(?:ca|authority)|access[ _]?denied|\bnumber (?:4[1-9]|116)\b"
)


@lru_cache(maxsize=_MOST_MESSAGES)
def is_own_certificate_refused(message: str) -> bool:
    """Whether a message says that the other side sent a TLS alert about what was shown from here.

    Alerts 41 to 49 and 116 of RFC 8446 are about a certificate: the one who receives it showed it, or showed none.
    """
    text = message[:_LONGEST_TEXT]
    return _OWN_REFUSED.search(text) is not None and _CERTIFICATE.search(text) is not None


@lru_cache(maxsize=_MOST_MESSAGES)
def is_own_limit(message: str) -> bool:
    """Whether a message says that no connection could be begun for want of a port or descriptor on this side.

    `EADDRNOTAVAIL` of connect(2) and `EMFILE` of socket(2) come before anything is sent: the other side has no part.
    """
    return _OWN_LIMIT.search(message[:_LONGEST_TEXT]) is not None


def _is_numbered(following: list[str]) -> bool:
    return following[:1] != [] and following[0].isdigit() and following[1:] != ["times"]


def _weigh_before(words: list[str], at: int) -> float:
    """How surely the words in front of a word say that it is the other side."""
    if at >= 2 and words[at - 1] == "=":
        return _SURE if words[at - 2] in _words("sides") else 0.0
    here = at - 1
    while here >= 0 and words[here] in _words("articles") and here >= at - 3:
        here -= 1
    if here < 0:
        return 0.0
    last = words[here]
    earlier = words[max(0, here - 3) : here]
    near = earlier[-1] if earlier else ""
    if last == "to" and (
        near in _words("calling")
        or (len(earlier) > 1 and earlier[-2] in _words("calling") and near in _words("fillers"))
    ):
        return _SURE
    if last == "from" and (any(word in _words("answering") for word in earlier) or _is_bad_status(near)):
        return _SURE
    if last == "by" and any(word in _words("doing_harm") for word in earlier):
        return _SURE
    if last == "for" and near in _words("waiting"):
        return _LIKELY
    if last == "on" and near in _words("giving_up"):
        return _LIKELY
    if last == "with" and near in _words("together"):
        return _SURE
    if last in _words("calling_directly"):
        return (
            _SURE if last.endswith("ing") or near in ("could", "not", "to", "cannot", "unable", "tcp", "udp") else 0.0
        )
    is_called_so = words[at - 1] in _words("kinds") and words[at] not in _words("deeds")
    return _LIKELY if is_called_so else 0.0


_ACROSS: Final = frozenset(("from", "to", "by", "at"))
_LASTED: Final = frozenset(("after", "took", "takes"))


def _weigh_behind(words: list[str], at: int) -> float:
    """How surely the words behind a word say that it does not answer."""
    following = words[at + 1 : at + 6]
    if following and following[0] in _words("kinds_behind"):
        following = following[1:]
        if any(word in _words("gone") or word in _words("answers") for word in following[:3]):
            return _SURE
    if at and words[at - 1] in _ACROSS and following[:1] and following[0] in _LASTED and following[1:2] != []:
        # `reply from heron took 5012 ms`, and the level says that this is too long; `dropped from queue after 90 ms`
        # says how long something was in it.
        if words[at - 1] == "from" and words[max(0, at - 2)] in _words("taking_out"):
            return 0.0
        return _LIKELY if following[1][0].isdigit() else 0.0
    first = 0
    while first < len(following) and following[first] in _words("being"):
        first += 1
    rest = following[first:]
    if not rest:
        return 0.0
    if at > 1 and words[at - 1] in ("of", "for") and words[at - 2] in ("certificate", "cert"):
        is_denied = any(word in _words("negations") for word in rest[:2]) and any(w in _words("sound") for w in rest)
        return _SURE if is_denied or rest[0] in _words("void") else 0.0
    if rest[0] in _words("negations") and any(word in _words("answers") for word in rest[1:4]):
        return _SURE
    if rest[0] in _words("gone") and (first or rest[0] in ("unreachable", "unresponsive", "unavailable", "offline")):
        return _SURE
    if rest[0] == "refused" and any(word.startswith(("connection", "request", "call")) for word in rest[1:3]):
        return _SURE
    if rest[0] in _words("replies") and any(_is_bad_status(word) or word in ("error", "errors") for word in rest[1:5]):
        return _SURE
    if rest[0] in ("timed", "failed") and rest[1:2] and (rest[1] == "out" or rest[1].isdigit()):
        return _UNSURE
    return _LIKELY if first and rest[0] in ("away", "gone") else 0.0


def _is_bad_status(word: str) -> bool:
    return len(word) == 3 and word.isdigit() and word[0] in "45"


def _may_be_name(word: str, knows: Knows) -> bool:
    lower = word.lower()
    is_language = lower in _words("grammar") or lower in _words("states")
    if not word[0].isalpha() or len(word) < 2 or is_language or _ID.fullmatch(word):
        return False
    if "@" in word and "." in word.partition("@")[2]:
        return False
    if _TYPE.search(word) or _PLACE.search(word) or _PACKAGE.fullmatch(word):
        return False
    parts = [part for part in re.split(r"[-_.]", lower) if part]
    if len(parts) > 1:
        return not all(part in _words("grammar") or part.isdigit() or knows(part) for part in parts)
    if lower in _words("servers"):
        return True
    return (
        lower not in _words("things")
        and not knows(lower)
        and (any(map(str.isdigit, lower)) or not lower.endswith(_ENDINGS))
    )
