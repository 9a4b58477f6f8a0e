"""Regexes of a level's place in text, shared by learned and plain forms.

A level word counts in upper case, in brackets, or followed by a colon; where most lines of a file have a level in the
same place, the place is proven and any case counts. A word inside prose never does.
"""

from functools import lru_cache
from typing import Final

from logscope.ingest.severity import PROSE_SAFE_WORDS, SEVERITY_BY_SIGN, SEVERITY_BY_WORD
from logscope.text.alternatives import write_alternatives

_WIDE_END: Final = b"(?!(?!\xef\xbc\x9a|\xe3\x80\x91)[\x80-\xff])"
"""Behind a word of other letters than Latin's: no further such letter, but a wide colon or bracket may stand there."""


def encode_words(words: frozenset[str]) -> frozenset[bytes]:
    """Words as bytes in lower case: a text that is one of them in any case is one of these with ASCII lowered."""
    # Letters beyond ASCII know no case in bytes.
    both = {*words, *(cased for word in words if not word.isascii() for cased in (word.upper(), word.capitalize()))}
    return frozenset(word.encode().lower() for word in both)


SAFE_WORDS: Final = write_alternatives(encode_words(PROSE_SAFE_WORDS), end=_WIDE_END)
"""Regex of the words that are levels by their place alone, lower case."""
_ALL: Final = write_alternatives(encode_words(frozenset(SEVERITY_BY_WORD)), end=_WIDE_END)


_FOREIGN: Final = (
    rb"(?:(?:[\xd0-\xd4][\x80-\xbf]){1,24}+|(?:\xe3[\x81-\x83][\x80-\xbf]|[\xe4-\xed][\x80-\xbf]{2}){1,8}+)" + _WIDE_END
)
"""A word of other letters than Latin's."""
_TOKEN: Final = rb"(?:[A-Za-z]\w{0,15}+(?:[\xc3-\xc5][\x80-\xbf]\w{0,15}+){0,6}+|" + _FOREIGN + rb")"
"""Where a word of a level may stand, whatever it is: which it is is looked up. All words in a regex, and that in the
regex of each head, took a third of the time of a start."""
_UPPER: Final = _TOKEN.replace(rb"[A-Za-z]\w", rb"[A-Z][A-Z_\d]").replace(rb"\w", rb"[A-Z_\d]")


NO_LEVEL: Final = rb"(?=(\w{0,17}+))"
"""Before a name's group: the name is none where its first word is a level. To be compiled as `STRICT_LEVEL`."""


_NUMBER: Final = rb"\[[A-Z]{0,4}\d{1,6}\]"
"""Of what a compiler found: `error[E0382]: `."""


def _strict(upper: bytes, any_case: bytes) -> bytes:
    behind = rb"(?=:(?![\w:])|" + _NUMBER + rb": ))(?:" + _NUMBER + rb"(?=:))?"
    return (
        rb"(?:#{2}(?=\[))?[\[({<|\"]?[ ]?(?P<level>" + upper + rb"(?![\w.=(-])"
        rb"|(?<=[\[({<|])" + any_case + rb"(?=[ ]{0,8}[\])}>|])"
        rb"|" + any_case + behind + rb"(?:[ ]{0,8}(?=[\])}>|\":]))?[\])}>|\"]?:?"
    )


WORDED_LEVEL: Final = _strict(rb"(?:" + SAFE_WORDS.upper() + rb")", rb"(?i:" + SAFE_WORDS + rb")")
"""A level where only its looks speak for it, with its brackets and colon; its words are in the regex itself."""

STRICT_LEVEL: Final = _strict(_UPPER, _TOKEN)
"""The same; its words are looked up. To be compiled by `compile_head`, as all that holds it."""

WIDE_LEVEL: Final = rb"(?=)" + STRICT_LEVEL
"""The same with words that are levels only where most lines have one."""

LATE_LEVEL: Final = rb"(?:(?:[\w.]{1,8}[ \t]{1,8})?[*#>!=-]{2,5}[ \t]{0,8})?" + WIDE_LEVEL
"""The same at the begin of a line under a date, perhaps behind a mark: `M  *** ERROR => ...`."""

LATE_CODE: Final = rb"[A-Z]{3,6}\d{3,6}(?P<level>[IWES]):(?=[ \t])"
"""The letter of a message's number at the begin of a line under a head that says nothing: `AMQ9999E: Channel ...`."""

PROVEN_LEVEL: Final = (
    rb"[\[({<|\"]?[ ]?(?P<level>((?<=[\[({<|\"])" + _TOKEN + rb"(?=[ ]{0,8}[\])}>|\"]))|" + _TOKEN + rb"(?![\w=.]))"
    rb"(?:[ ]{0,8}(?=[\])}>|\":(]))?(?:\(\d{1,3}\))?[\])}>|\"]?:?"
)
"""A level in a proven place, in any case; in brackets, which are a group, it may be any word."""

ANY_LEVEL: Final = rb"(?P<level>(?i:" + _ALL + rb"))"
"""Any word of a level: where nearly all lines have one at the same place, and sure ones are among them."""

COLUMN_LEVEL: Final = rb"(?P<level>" + _TOKEN + rb")(?=[ \t])"
"""Words of all kinds where nearly all lines have one at the same place, different ones among them."""

LOUD_LEVEL: Final = rb"(?P<level>" + SAFE_WORDS.upper() + rb"):(?=[ \t])"
"""A word in upper case before a colon, in the regex itself."""

WHOLE_LEVELS: Final = (
    rb"\[(?P<level>(?i:" + SAFE_WORDS + rb"))[/ :|,#][^\[\]\n]{0,100}[^\[\]\s]\]:?",
    rb"<(?P<level>(?i:" + SAFE_WORDS + rb"))[/ :|,.][^<>\n]{0,100}[^<>\s]>:?",
)
EITHER_LEVEL: Final = rb"\[(?P<level>(?i:" + SAFE_WORDS + rb"))(?:[/:|,#][^\[\]\n]{0,100})?\]:?"
"""The first of these, and the level alone in other lines."""

"""A level before other words, to be tried before the level alone: `[error/worker-1]`, `<Warn:EAPS>`."""

_SIGNS: Final = write_alternatives(sign.encode() for sign in SEVERITY_BY_SIGN)
SIGN_LEVEL: Final = rb"(?P<level>" + _SIGNS + rb")(?:\xef\xb8\x8f)?(?=[ \t])"
"""A sign in a level's place, perhaps with the selector that lets it be drawn in colours."""

QUALIFIED_LEVELS: Final = (
    rb"\[[^\[\]\n]{0,100}?[/ :|,#](?P<level>(?i:" + SAFE_WORDS + rb"))\]:?",
    rb"[\w.-]{1,60}[/:|](?P<level>(?:" + SAFE_WORDS.upper() + rb"))[/:|][A-Za-z_][\w.$<>-]{0,80}:?(?=[ \t])",
    rb"[A-Za-z_][\w./-]{0,80}\[(?P<level>(?i:" + SAFE_WORDS + rb"))\]:?(?=[ \t])",
    rb"(?:[a-z][a-z0-9!-]{0,30},){0,6}(?P<level>(?:" + SAFE_WORDS + rb"))(?:,[a-z][a-z0-9!-]{0,30}){0,4}(?=[ \t])",
    rb"[\[(<](?i:level|lvl|sev)[=:][ ]?(?P<level>(?i:" + _ALL + rb"))[\])>]:?",
    rb"(?:\xe3\x80\x91)?[ ]?\xe3\x80\x90(?P<level>(?i:" + _ALL + rb"))\xe3\x80\x91:?",
    SIGN_LEVEL,
    rb"[\[(]?(?:[^\[\]()\n]{0,80}[ .])?(?i:log_?level|severity)[.=:](?P<level>(?i:" + _ALL + rb"))[\])]?:?(?=[ \t])",
)
"""A level in a proven place beside other words: `[main/INFO]`, `[web.site#warn]`, `web1/INFO/main:`,
`util.py[ERROR]:`, `system,error,critical`."""

LABEL: Final = rb"(?<![\w.-])(?i:level|severity|log_?level|lvl|priority|sev)[\"']?[ \t]{0,4}[=:][ \t]{0,4}[\"'\[]?"
"""What stands before a level and says that it is one."""

LABELLED_LEVEL: Final = LABEL + rb"(?P<level>(?i:" + SAFE_WORDS + rb"))(?![\w.=-])"
"""A level that a label tells, wherever in the line."""

TRAILING_LEVEL: Final = rb"[\[(<|][ ]?(?P<level>(?i:" + SAFE_WORDS + rb"))[ ]?[\])>|]"
"""A level in brackets behind the message: `connection refused [error]`."""

MNEMONIC_LEVEL: Final = (
    rb"(?:%{1,2}\d{0,2}|(?=[A-Z][A-Z0-9_]{1,40}/[0-7]/[A-Z]))[A-Z][A-Z0-9_]{0,40}(?:-[A-Z][A-Z0-9_]{0,20}){0,3}[-/](?P<level>[0-7])[-/][A-Z0-9_]{1,60}"
    rb"(?:\([a-z]{1,4}\))?(?:\[\d{1,10}\])?:"
)
"""The number of syslog's scale inside the name of an event, as network devices write it: `%LINK-3-UPDOWN:`."""

CODE_LEVELS: Final = (
    rb"[\[(]?[A-Z]{2,6}(?:\.\d{3,6}\.)?\d{3,6}(?P<level>[IWE])(?=[\])]?[:, \t])",
    rb"[\[(]?(?P<level>[IWEDF])\d{3,5}(?=[\])]?[:, \t])",
)
"""The letter behind or before the number of a message, as mainframes and their heirs write it: `CWWKF0011I:`."""

FACILITY_LEVEL: Final = (
    rb"<?(?:kern|user|mail|daemon|auth|authpriv|security|syslog|lpr|news|uucp|cron|ftp|ntp|audit|console|aso|caa"
    rb"|local[0-7])(?:\|[a-z]{2,8})?[.:](?P<level>emerg|alert|crit|err|error|warning|warn|notice|info|debug)"
    rb"(?:\|[a-z]{3,7})?>?(?=[ \t])"
)
"""Syslog's facility and severity in words: `daemon.err`, `<local0.info>`, `auth|security:warn|warning`."""

NUMBER_LEVEL: Final = rb"<(?P<level>[0-7])>:?"
"""A number of syslog's scale in a place of its own."""

CLOSING_LEVEL: Final = (
    rb"[^\[\]\n]{0,60}?[/ :|,\t](?P<level>(?i:" + SAFE_WORDS + rb")\d?)(?:[/ :|,\t][^\[\]\n]{0,100})?\]:?"
)
"""A level beside other words up to a bracket that opened before the stamp: `[4711:0305/140208:ERROR:file.cc(9)]`."""

LOWER_LEVEL: Final = rb"[\[(<](?P<level>[tdiwef])[\])>]:?"
"""The same in lower case, where brackets single it out."""

CLOSING_LETTER: Final = rb"[^\[\]\n]{0,60}?[ :|,](?P<level>[TVDINWECFA])[/ :|,][^\[\]\n]{0,100}\]:?"
"""The same with a letter: `[ 03-05 14:02:08.123  71: 99 E/Tag ]`."""

LETTER_LEVEL: Final = rb"[\[(]?(?P<level>[TVDINWECFA])(?:!(?=\s)|(?=[\s/\]):,|]))[\])]?"
"""A single letter in a proven place."""

LOWER_LETTER: Final = rb"(?P<level>[tdiwef])(?=[ \t]{1,8}[^\s-])"
"""A letter in lower case as a column of its own: only where nearly all lines have one."""

BRACKETED_LETTER: Final = rb"\[(?P<level>[A-Z])\]:?(?=[ \t])"
"""Any letter in brackets, where most are those of levels: the others are levels of the writer's own."""

SPARSE_LETTER: Final = rb"(?P<level>[TVDINWECFAtdiwef])?:(?=[ \t])"
"""A colon before which a letter stands where there is something to tell: `[10:00:00]W:` beside `[10:00:00] :`."""


_ANY_WORD: Final = rb"[\w\x80-\xff]{1,40}"


@lru_cache(maxsize=64)
def loosen(element: bytes) -> bytes:
    """An element of a head with any word where only those of levels may stand, if it holds them all itself.

    What it does not match the element does not match either; it is compiled in a fiftieth of the time.
    """
    for words in (SAFE_WORDS, _ALL, SAFE_WORDS.upper()):
        element = element.replace(words, _ANY_WORD)
    return element
