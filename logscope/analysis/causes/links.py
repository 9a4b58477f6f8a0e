"""What ties a change to what broke: a value that both hold, a place on disk, a word of their own, a certificate."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Final

from logscope.analysis.causes.changes import Change
from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.kinds.strangers import read_names
from logscope.analysis.onset.anomalies import Anomaly
from logscope.knowledge.rule import RuleClass
from logscope.model.times import MINUTE_US, NO_TIME, US
from logscope.text.fields import tell_values, tells_alteration

TIME_ONLY_US: Final = 2 * MINUTE_US
"""Linked by nothing but time, a change must be this close."""

LOOK_BACK_US: Final = 30 * MINUTE_US
"""A change may take this long to break something (analysis.md 3.4)."""

STEPS_US: Final = 60 * US
"""Steps of one change follow each other at most this far."""

AFTER_US: Final = 2 * US
"""A change may be logged by another process a moment after its effect."""

_SHORTEST_WORD: Final = 5
"""Characters of an unusual word: shorter ones are abbreviations of anything."""
_HOST: Final = re.compile(r"(?<![\w.-])(?:[a-z0-9-]{1,63}\.){2,6}[a-z]{2,24}(?![\w.-])")
"""`pay.partner.example`: who alters the record or certificate of a host says its name, and so does who fails there."""
_CERTIFICATE: Final = re.compile(r"(?i)\bcert(?:s|ificates?)?\b|\bca\b|\.(?:pem|crt)\b")
_SECRET: Final = re.compile(r"(?i)(?<![a-z])(?:secret|password|credential|token|api[ _-]?key)s?(?![a-z])")
_WORD: Final = re.compile(r"[a-z][a-z0-9]+")
_NAME: Final = re.compile(r"[a-z][\w.-]{3,80}")
_LONGEST_TEXT: Final = 2000

_CONSTANT: Final = re.compile(
    r"(?<![\w.:/+-])(?=[\w.-]{0,40}\d)(?=[\w.-]{0,40}[A-Za-z._-])[\w.-]{4,40}(?<![.-])(?![\w:/+])"
)
_FEWEST_ALIKE: Final = 3

_SHORTEST_NAME: Final = 4
"""Characters of a node's name that no other name begins with by chance."""

_SETTINGS_FILE: Final = re.compile(r"(?<![\w.-])([\w-]{2,60})\.(?:conf|cnf|cfg|ini|ya?ml|toml|properties|env)(?![\w.])")
_PATH: Final = re.compile(r"(?:/[\w.@+-]{1,80}){2,12}")


def shares_value(change: Change, values: Collection[str], cause_node: str, lag: int) -> bool:
    """It holds a value that the cause's line quotes (a user, a key), or a name that is made of the failing node's.

    What it said every time before, its environment say, ties it to nothing.
    """
    if lag > TIME_ONLY_US:
        return False
    told = tell_values(change.sample)
    shift = change.kind.view.shift_us
    earlier = [one for one in change.kind.exemplars if one.time != NO_TIME and one.time + shift < change.time]
    usual = [tell_values(one.text.decode("utf-8", "replace")) for one in earlier]
    often = {value for value in told if len(usual) > 1 and all(value in other for other in usual)}
    names = {part for value in told - often for part in value.split("/")}
    return cause_node in names or _is_made_of(names, (cause_node, *values)) or bool((told - often) & set(values))


def tells_name_of(text: str, stems: Iterable[str]) -> bool:
    """A text holds a name that is made of one of these: `rotated role books-rw`, and books is refused."""
    return _is_made_of(_NAME.findall(text), stems)


def _is_made_of(names: Iterable[str], stems: Iterable[str]) -> bool:
    """One of the names begins with one of these, and goes on behind a joint: `books-rw`."""
    begins = tuple(f"{stem}{joint}" for stem in stems if len(stem) >= _SHORTEST_NAME for joint in "-_.")
    return any(name.startswith(begins) for name in names)


def shares_path(change: str, cause: str) -> bool:
    """Both speak of one place on disk, or one of a place within the other's: who fills it is told by where."""
    places = [[path for path in _PATH.findall(text[:_LONGEST_TEXT]) if _is_place(path)] for text in (change, cause)]
    return any(f"{a}/".startswith(f"{b}/") or f"{b}/".startswith(f"{a}/") for a in places[0] for b in places[1])


def _is_place(path: str) -> bool:
    """Somebody's own folder or file: not a program, nor what a whole host has in common."""
    parts = path.strip("/").split("/")
    return parts[0] not in _PROGRAMS and len(parts) > (2 if parts[0] in _COMMON else 1)


_PROGRAMS: Final = frozenset(["usr", "bin", "sbin", "lib", "lib64", "proc", "sys", "dev"])
_COMMON: Final = frozenset(["var", "etc", "opt", "srv", "home", "run", "tmp", "mnt", "root"])


def writes_settings_of(sample: str, names: Collection[str]) -> bool:
    """Whether a record tells that a file was written that lies in a folder of one of these, or is called so.

    Args:
        sample: The record.
        names: Of a server, in small letters.
    """
    if not tells_alteration(sample):
        return False
    parts = {part.lower().partition(".")[0] for path in _PATH.findall(sample) for part in path.split("/")}
    # `item=relay.ini`: a tool may tell the file without its folder.
    parts |= {name.lower() for name in _SETTINGS_FILE.findall(sample[:_LONGEST_TEXT])}
    # `/etc/php/8.2/fpm/www.conf` is php-fpm's.
    return any(set(name.split("-")) <= parts or name in parts for name in names)


def find_unusual(cause: Anomaly | None, knows: Callable[[str], bool]) -> frozenset[str]:
    """Words of the cause's line that have no sense of their own: what else holds one speaks of the same thing."""
    if cause is None:
        return frozenset()
    own = {cause.node, cause.kind.node, cause.kind.service}
    words = {word.lower() for word in read_names(cause.kind.headline, knows)} - {name.lower() for name in own}
    words = {word for word in words if len(word) >= _SHORTEST_WORD}
    return frozenset(words | set(_HOST.findall(cause.kind.headline)) | find_constants(cause.kind))


def holds_host(text: str, words: Iterable[str]) -> bool:
    """A text names the domain of a host among some words: `zone pay.example` holds `api.pay.example`."""
    hosts = [word for word in words if _HOST.fullmatch(word)]
    domains = _DOMAIN.findall(text[:_LONGEST_TEXT].lower()) if hosts else []
    return any(host.endswith(f".{domain}") for host in hosts for domain in domains)


_DOMAIN: Final = re.compile(r"(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?![\w.-])")


def find_constants(kind: Kind) -> set[str]:
    """Names with digits that each kept record of a kind tells: a key, a version, a rule; ids of requests differ."""
    told = [set(_CONSTANT.findall(kind.headline.lower()))]
    kept = [one for one in kind.exemplars if one.time != NO_TIME]
    if not told[0] or len(kept) < _FEWEST_ALIKE:
        return set()
    for one in kept:
        read = kind.view.layout.fields(one.text)
        told.append(set(_CONSTANT.findall(read.message[:_LONGEST_TEXT].lower())))
    return set.intersection(*told)


def is_by_certificate(change: Change, cause: Kind) -> bool:
    """A certificate was exchanged, and a certificate is what is not trusted; a secret, and one is not the right one."""
    if cause.match is not None and cause.match.rule.component == "tls":
        pattern = _CERTIFICATE
    elif cause.meaning.cls is RuleClass.SECURITY and not tell_values(change.sample):
        # Whose secret it was is told by a value, if by any: then that ties it or does not.
        pattern = _SECRET
    else:
        return False
    return all(pattern.search(text) is not None for text in (change.text, cause.headline))


def words_of(text: str) -> set[str]:
    """Words, names with digits and names of hosts in a text, in small letters."""
    told = text[:_LONGEST_TEXT].lower()
    return {*_WORD.findall(told), *_HOST.findall(told), *_CONSTANT.findall(told)}
