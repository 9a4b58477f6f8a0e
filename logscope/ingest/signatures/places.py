"""How many different texts at one place of a template make the place variable."""

import re
from typing import Final

from logscope.ingest.signatures.words import is_machine_made

_VARIABLE: Final = 8
"""Different texts at one place that make it variable."""
_NAMED: Final = 4
"""As many behind a word that names a person or a tenant, as the value of a key, and of names that programs make."""
_PATHS: Final = 3
"""As many where all are paths of files."""
_FLEET: Final = 40
"""As many where a text may be the name of who is blamed."""

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
    r"E[A-Z]{3,}\b|.*(?:Exception|Error|Timeout|Failure)\b|(?:ORA|TNS|MY|AH|DRG|PLS)-?\d|.*://"
    r"|[(\[\"']?\d+[)\]\"']?[,.;:]?$"
)
"""Words that make the event: errno names, exceptions, codes, statuses."""
_LISTENER: Final = re.compile(r".*:\d{2,5}\b")
"""Who listens where."""
_ADDRESS: Final = re.compile(r"[(\[\"'/]*(?:<ip>|[A-Za-z_<][\w<>*-]*(?:\.[\w<>*-]+){2,}):(?:\d{2,5}|<num>)\W*$")
"""A number or a full name of a host, with a port."""
_DEED: Final = re.compile(r"[A-Za-z]{2,}(?:ed|ing|able|ible|ful|less|ment|tion|ness)[.,:;]?$")
"""Words that say what happened; names hardly end so."""
_VARYING: Final = re.compile(r"<num>|(?<!:)\b\d+|(?<=[A-Za-z])\d+")
"""Numbers of a name; a port stays."""
_LETTER: Final = re.compile(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z])")
_WORD: Final = re.compile(r"[A-Za-z]{2}")
_KEYED: Final = re.compile(r".*(?<![\w.-])[A-Za-z_][\w.-]{0,60}=[\[({\"']*")
"""A word up to the value of its key."""
_FIXED: Final = re.compile(r"(?i)[\"']?(?:true|false|yes|no|on|off|null|none|nil|ok|)[\"']?\W*$")
_PATH: Final = re.compile(r"[(\[\"'=:]*~?/[\w.@%+~<>*$:-]+(?:/[\w.@%+~<>*$:-]*)+\W*$")
_METHOD: Final = re.compile(r"[\"'(\[]*(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$")


def find_limit(row: tuple[str, ...], place: int, texts: set[str]) -> int:
    """How many different texts make a place variable.

    Args:
        row: The words of one template.
        place: Which of them.
        texts: That stand there in templates which are alike otherwise.
    """
    before = row[place - 1] if place else ""
    prefix = find_prefix(texts)
    if all(map(_ADDRESS.match, texts)):
        return _VARIABLE if "<ip>" in prefix or _BLAMED.search(before) else _NAMED
    if (len(texts) > 2 or any("<" in text for text in texts)) and _is_one_name(texts):
        return 2
    if any(_EVENT.match(text) or _LISTENER.match(text) for text in texts):
        return _FLEET
    if sum(1 for text in texts if _DEED.match(text)) * 3 >= len(texts):
        return _FLEET
    if all(_PATH.match(text[prefix.rfind("/") if "/" in prefix else 0 :]) for text in texts):
        return _VARIABLE if _METHOD.match(before) else _PATHS
    keyed = _KEYED.match(prefix)
    inner = keyed[0] if keyed else prefix.rstrip("\"'<")
    if _PERSON.search(inner) or _PERSON.search(before):
        return _NAMED
    is_blamed = _BLAMED.search(inner) is not None or _BLAMED.search(before) is not None
    if all(map(is_machine_made, texts)):
        return _VARIABLE if is_blamed else _NAMED
    if is_blamed:
        return _FLEET
    if all("<num>" in text for text in texts) or (
        keyed and not any(_FIXED.match(text[len(inner) :]) for text in texts)
    ):
        return _NAMED
    # The first words say what happens.
    return _VARIABLE if place else _FLEET


def _is_one_name(texts: set[str]) -> bool:
    """Whether texts are one name with numbers, of which masks keep the short ones, or with lone letters as well."""
    outlines = {_VARYING.sub("#", text) for text in texts}
    if len(outlines) == 1:
        return any(letter.isalpha() for letter in "".join(outlines))
    outlines = {_LETTER.sub("#", outline) for outline in outlines if _WORD.search(outline)}
    return len(outlines) == 1 and all("#" in _VARYING.sub("#", text) for text in texts)


def find_prefix(texts: set[str]) -> str:
    """The longest common begin."""
    first, last = min(texts), max(texts)
    same = next((at for at, (one, two) in enumerate(zip(first, last, strict=False)) if one != two), len(first))
    return first[:same]
