"""How many different texts at one place of a template make the place variable."""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from logscope.ingest.signatures.masks import SERVER_PORTS
from logscope.ingest.signatures.words import is_machine_made

_VARIABLE: Final = 6
"""Different texts at one place that make it variable."""
_FIRST: Final = 8
"""As many at a line's begin."""
_NAMED: Final = 4
"""As many behind a word that names a person or a tenant, as the value of a key, and of names that programs make."""
_SURE: Final = 2
"""As many where what they are says that they are values: paths, addresses, names of machines and classes, users."""
_KNOWN: Final = 3
"""As many where most of them are values elsewhere, and of machines that something came from."""
_FLEET: Final = 16
"""As many where a text may be the name of who is blamed."""

_PERSON: Final = re.compile(
    r"(?:^|[^a-z])(?:user|username|account|login|customer|tenant|owner|member|author|uid|key|file|job|task|container"
    r"|image|pod)s?[:=(\[\"']*$",
    re.IGNORECASE,
)
"""The word before a place whose texts name a person or a thing of many."""
_THING: Final = re.compile(
    r"(?:^|[^a-z])(?:database|db|schema|table|index|topic|queue|bucket|keyspace|volume|device|interface|zone|domain"
    r"|module|plugin|package|class|resource|branch|room|map|pool)s?[:=(\[\"']*$",
    re.IGNORECASE,
)
"""The word before a place whose texts name one of many things that are kept or served."""
_BLAMED: Final = re.compile(
    r"(?:^|[^a-z])(?:to|reach|reaching|upstream|backend|host|server|service|dependency|peer|broker|node|connect|connecting"
    r"|cluster|calling|call|client|endpoint)[:=(\[\"']*$",
    re.IGNORECASE,
)
"""The word before a place whose texts may name who is blamed."""
_NUMBERED: Final = re.compile(r"[A-Za-z]-?(?:<num>|\d)")
"""A name with a number behind it."""
_WHOSE: Final = re.compile(r"(?:^|[^a-z])(?:user|username|account|login|uid|owner)(?:[=:]\W*|\W+)$", re.IGNORECASE)
"""The word before a place whose texts name a person, where a key or what stands before it leaves no doubt."""
_OF: Final = frozenset(("for", "by", "of", "as", "invalid", "from", "to"))
"""Words before `user` behind which its name follows, and nothing else that is said of it."""
_OUTCOME: Final = re.compile(
    r"(?:^|[^a-z])(?:status|state|result|outcome|reason|cause|caused[ _]?by|err(?:or)?\w*|exception|failure|code"
    r"|errno|signal|action|event|op|operation|cmd|command|type|kind|mode|phase|stage|step|level|severity|method|verb|msg|message|cache|direction|old|new"
    r"|prev\w*|check|test|query)\W*$",
    re.IGNORECASE,
)
"""Keys whose values say what happened."""
_ABSENT: Final = re.compile(r"(?i)(?:\(?(?:null|none|nil|undefined|n/a)\)?|-|)$")
"""A value that is not there."""
_DOTTED: Final = re.compile(r"[A-Za-z_]\w*\.[A-Za-z_]\w")
_NEAR: Final = re.compile(r"(?:^|[^a-z])(?:from|with|at|on)[:=(\[]*$", re.IGNORECASE)
"""The same where they are not quoted."""
_QUOTED: Final = re.compile(r"\W*[\"'`].*[\"'`]\W*$")
_EVENT: Final = re.compile(r"E[A-Z]{3,}\b|.*(?:Exception|Error|Timeout|Failure)\b|(?:ORA|TNS|MY|AH|DRG|PLS)-?\d")
"""Words that make the event: errno names, exceptions, codes."""
_ADDRESSED: Final = re.compile(r".*://")
_CODE: Final = re.compile(r"[(\[\"']?(?:\d+|<num>)[)\]\"']*[,.;:]?[)\]\"']*$")
"""A number that masks left: of a status, an error, a signal."""
_STANDARD: Final = re.compile(r"(?:sqlstate|ora|sql)\W*$", re.IGNORECASE)
"""The word before a number that is a code whatever there are of them."""
_LISTENER: Final = re.compile(r".*:\d{2,5}\b")
"""Who listens where."""
_MACHINE_NAME: Final = re.compile(r"[^:]*[A-Za-z-][^:]*(?:\d|<num>|<id>)")
_ADDRESS: Final = re.compile(r"[(\[\"'/]*(?:<ip>|[A-Za-z_<][\w<>*-]*(?:\.[\w<>*-]+){2,}):(?:\d{2,5}|<num>)\W*$")
"""A number or a full name of a host, with a port."""
_DEED: Final = re.compile(r"[A-Za-z]{2,}(?:ed|ing|able|ible|ful|less|ment|tion|ness)[.,:;]?$")
"""Words that say what happened; names hardly end so."""
_VARYING: Final = re.compile(r"<num>|(?<!:)\b\d+|(?<=:)\d(?!\d)|(?<=[A-Za-z])\d+")
"""Numbers of a name; a port stays."""
_LETTER: Final = re.compile(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z])")
_WORD: Final = re.compile(r"[A-Za-z]{2}")
_KEYED: Final = re.compile(r".*(?<![\w.-])[A-Za-z_][\w.-]{0,60}=[\[({\"']*")
"""A word up to the value of its key."""
_FIXED: Final = re.compile(r"(?i)[\"']?(?:true|false|yes|no|on|off|null|none|nil|ok|)[\"']?\W*$")
_PATH: Final = re.compile(r"[(\[\"'=:]*~?/[\w.@%+~<>*$:-]+(?:/[\w.@%+~<>*$:-]*)+\W*$")
_METHOD: Final = re.compile(r"[\"'(\[]*(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$")


def find_limit(row: tuple[str, ...], place: int, texts: set[str], known: AbstractSet[str] = frozenset()) -> int:
    """How many different texts make a place variable.

    Args:
        row: The words of one template.
        place: Which of them.
        texts: That stand there in templates which are alike otherwise.
        known: What stands at variable places of other templates.
    """
    before = row[place - 1] if place else ""
    prefix = find_prefix(texts)
    if _is_one_port(texts, is_blamed=_BLAMED.search(before) is not None):
        return 2
    if all(map(_ADDRESS.match, texts)):
        return _VARIABLE if "<ip>" in prefix or _BLAMED.search(before) else _KNOWN
    if _is_one_name(texts) and (len(texts) > 2 or any("<" in text for text in texts) or _is_one_of_row(texts, before)):
        return 2
    if all(map(_CODE.match, texts)):
        # What masks took for a code is none where longer numbers stand there, too.
        return _FLEET if _STANDARD.search(before) else 2 if any("<num>" in text for text in texts) else _VARIABLE
    if any(_EVENT.match(text) for text in texts):
        return _FLEET
    if any(_ADDRESSED.match(text) for text in texts):
        return _VARIABLE
    keyed = _KEYED.match(prefix)
    inner = keyed[0] if keyed else prefix.rstrip("\"'<")
    is_quoted = all(map(_QUOTED.match, texts))
    is_blamed = any(map(_BLAMED.search, (inner, before)))
    is_near = not is_blamed and not is_quoted and any(map(_NEAR.search, (inner, before)))
    key = inner if keyed else row[place - 2] if place > 1 and before == "=" else ""
    is_outcome = _OUTCOME.search(key) is not None
    if is_outcome and not any(map(_is_machine, texts)):
        outlines = len({_VARYING.sub("", text) for text in texts})
        if outlines > 1:
            # As many events as words, whatever numbers stand in them.
            return _FLEET if outlines >= _FLEET else len(texts) + 1
    if not is_blamed and not is_outcome and _is_absent_from(texts, inner, prefix, is_keyed=keyed is not None):
        return _SURE
    if len({own[0] for text in texts if (own := _OWN_KEY.match(text))}) > 1:
        return _FLEET
    if not is_blamed and all(map(_is_machine, texts)):
        if _METHOD.match(before):
            return _VARIABLE
        is_host = is_near and not all(map(_HOST_OF_IP.search, texts))
        return _KNOWN if is_host or any(map(_LISTENS.search, texts)) else _SURE
    if _is_whose(row, place, inner):
        return _SURE
    if known and not is_blamed and not is_near:
        seen = sum(1 for text in texts if find_value(text, prefix) in known)
        if seen * 4 >= 3 * len(texts):
            return _SURE if seen == len(texts) else _KNOWN
    if place and not is_blamed and all(map(_COUNTED_ID.match, texts)):
        return _SURE
    if any(_LISTENER.match(text) for text in texts):
        # Machines of a park bear numbers.
        return _VARIABLE if all(map(_MACHINE_NAME.match, texts)) else _FLEET
    if sum(1 for text in texts if _DEED.match(text)) * 3 >= len(texts):
        return _FLEET
    if all(_PATH.match(text[prefix.rfind("/") if "/" in prefix else 0 :]) or _PATH.match(text) for text in texts):
        return _VARIABLE if _METHOD.match(before) else _SURE
    if any(map(_PERSON.search, (inner, before))) or any(map(_THING.search, (inner, before))):
        return _SURE if all(_IDENTIFIER.search(_WITH.sub("", text)) for text in texts) else _NAMED
    if all(map(is_machine_made, texts)):
        return _VARIABLE if is_blamed or is_near else _NAMED
    if all("<num>" in text for text in texts):
        return _SURE if all(map(_FILE.match, texts)) else _NAMED
    if all(map(_NUMBERED.search, texts)) and len({_VARYING.sub("#", text) for text in texts}) >= _NAMED:
        return _NAMED  # of some names masks keep the short numbers
    if is_blamed:
        return _FLEET
    if is_near:
        return _VARIABLE
    if all(map(_DOTTED.search, texts)):
        return _NAMED
    if (keyed or is_quoted) and not any(_FIXED.match(text[len(inner) :]) for text in texts):
        if keyed and not is_outcome and _is_dump(row) and any(map(_CODED.search, texts)):
            return _SURE
        return _KNOWN if sum(map(_is_machine, texts)) * 2 >= len(texts) else _NAMED
    if place:
        return _VARIABLE
    # The first words say what happens; a name may stand there where enough others say it.
    return _FIRST if sum(1 for word in row if _WORD.search(word)) > _FEW_WORDS else _FLEET


def _is_one_of_row(texts: set[str], before: str) -> bool:
    """Whether one digit counts things alike: `eth0` and `eth1`, but neither `IPv4` and `IPv6` nor `L1` and `L2`."""
    return not _BLAMED.search(before) and all(map(_COUNTED.search, texts))


def _is_absent_from(texts: set[str], inner: str, prefix: str, *, is_keyed: bool) -> bool:
    """Whether some texts lack a value that others have: `peer=null`, `()`."""
    if not is_keyed and prefix[:1] not in _BRACKETS:
        return False
    stem = len(inner) if is_keyed else 1
    gone = [
        text for text in texts if _ABSENT.match(text[stem:].strip("\"'[]{},;.:)(" if not is_keyed else "\"'[]{},;.:"))
    ]
    return 0 < len(gone) < len(texts)


def _is_machine(text: str) -> bool:
    """Whether a text is a path, an address or a name with points, but for constants: `app.events.STARTED` is a word."""
    return ("<ip>" in text or (is_machine_made(text) and _FULL.search(text) is not None)) and not _CONSTANT.search(text)


def _is_whose(row: tuple[str, ...], place: int, inner: str) -> bool:
    """Whether a place says which user."""
    if _WHOSE.search(inner):
        return True
    return place > 1 and _WHOSE.search(row[place - 1] + " ") is not None and row[place - 2].lower() in _OF


def _is_dump(row: tuple[str, ...]) -> bool:
    """Whether a template mostly lists values by their keys."""
    return sum(1 for word in row if "=" in word[1:]) >= _PAIRS_OF_DUMP


def find_value(text: str, prefix: str) -> str:
    """What varies at a place: a text without what all begin with, quotes and points."""
    if prefix and prefix[-1:].isalnum():
        prefix = prefix.rstrip(_WORD_BYTES)
    return text[len(prefix) :].strip("\"'()[]{}<>,.;:")


_OWN_KEY: Final = re.compile(r"[A-Za-z_]\w{0,60}=(?!=)")
_BRACKETS: Final = ("(", "[", "{", '"', "'")
_COUNTED: Final = re.compile(r"(?:[A-Za-z]{2,}(?<![vV])|[-_][A-Za-z]?)\d(?![\d.])")
_CONSTANT: Final = re.compile(r"(?:^|[.:$])[A-Z][A-Z0-9_]{2,}\W*$")
_FULL: Final = re.compile(
    r"[/\\$\d-]|>[\w.-]|[a-z][A-Z]|(?<![\w.])(?:com|org|net|io|edu|gov|java|javax|android|dev)\.\w"
    r"|\.(?:com|org|net|edu|gov|io|dev|local|internal|lan|svc|example|test)\b|\.\w+\.\w+\.[a-z]{2}\b"
)
"""Of names with points those of hosts, of packages and classes; others may be functions or settings."""
_LISTENS: Final = re.compile(r"^\W*[\w<>.-]+:(?:\d{2,5}|<num>)\b")
_HOST_OF_IP: Final = re.compile(r"[\w>]/<ip>")
_FILE: Final = re.compile(r".*[\w>\]-]\.[a-z][a-z0-9]{1,6}\W*$")
_IDENTIFIER: Final = re.compile(r"[a-z][A-Z]|[A-Za-z]_|<num>")
"""Names that somebody made for one thing of many."""
_COUNTED_ID: Final = re.compile(r"\W*[A-Za-z]{2,}(?:_[A-Za-z]*(?:<num>|<id>|\d))+\W*$")
"""`rdd_<num>_<num>`, `broadcast_<num>_piece<num>`."""
_WITH: Final = re.compile(r"(?<=\w)[\[(].*")
"""An instance behind its name: `charge[<id>]`."""
_CODED: Final = re.compile(r"[a-z][A-Z]|[_.*#]|<|\d")
"""What names that programs give to one another have, and words lack."""
_PAIRS_OF_DUMP: Final = 4
_WORD_BYTES: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
_FEW_WORDS: Final = 2
_PORT: Final = re.compile(r":(\d{2,5})\b")


def _is_one_port(texts: set[str], *, is_blamed: bool) -> bool:
    """Whether texts differ in ports only, of clients among them, and none is one that servers are known for.

    Masks know a client's port by its number, and other systems give out lower ones, too. Where nobody is blamed a
    number that servers are known for may be any (`cid:443`).
    """
    if not any(":<num>" in text for text in texts):
        return False
    ports = {int(port) for text in texts for port in _PORT.findall(text)}
    is_known = is_blamed and bool(ports & SERVER_PORTS)
    return not is_known and len({_PORT.sub(":<num>", text) for text in texts}) == 1


def _is_one_name(texts: set[str]) -> bool:
    """Whether texts are one name with numbers, of which masks keep the short ones, or with lone letters as well."""
    outlines = {_VARYING.sub("#", text) for text in texts}
    if len(outlines) == 1:
        return any(letter.isalpha() for letter in "".join(outlines))
    outlines = {_LETTER.sub("#", outline) for outline in outlines if _WORD.search(outline)}
    return len(outlines) == 1 and all("#" in _VARYING.sub("#", text) for text in texts)


def find_outline(text: str) -> str:
    """What texts at one place have in common that tell the same event apart from others: a key, a name's letters."""
    key = _OWN_KEY.match(text)
    return key[0] if key else _VARYING.sub("#", text)


def find_prefix(texts: set[str]) -> str:
    """The longest common begin."""
    first, last = min(texts), max(texts)
    same = next((at for at, (one, two) in enumerate(zip(first, last, strict=False)) if one != two), len(first))
    return first[:same]
