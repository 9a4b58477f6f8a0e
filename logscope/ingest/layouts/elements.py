"""What may stand between a stamp and a message, and how many of a file's lines must have it there."""

from typing import Final

from logscope.ingest.formats.levels import SAFE_WORDS

MOST: Final = 0.9
NEARLY_ALL: Final = 0.97
"""Shares of the lines that vote."""

ELEMENTS: Final[tuple[tuple[str, bytes, float], ...]] = (
    ("bracket", rb"\[(?:[^\[\]\n]|\[[^\[\]\n]{0,80}\]){0,200}\]:?", MOST),
    ("paren", rb"\([^)\n]{0,100}\)[:?]?", MOST),
    ("angle", rb"<[^>\n]{0,100}>", MOST),
    ("brace", rb"\{[^}\n]{0,200}\}", MOST),
    ("number", rb"-?\d{1,10}(?:\[[^\[\]\n]{1,60}\]:?|:)?(?=[ \t])", 0.95),
    ("hex", rb"(?:[0-9A-F]{4}|[0-9a-f]{4}|[0-9A-F]{8}|[0-9a-f]{8})(?=[ \t])", NEARLY_ALL),
    (
        "id",
        rb"(?:0x[0-9a-fA-F]{1,16}|(?=[a-fA-F-]{0,35}\d)[0-9a-fA-F]{6,32}(?:-[0-9a-fA-F]{2,12}){0,4}|\d{1,10}\.\d{1,6}%?)"
        rb"(?=[ \t])",
        0.95,
    ),
    ("code", rb"\d{2}[A-Z](?=[ \t])", 0.95),
    ("dash", rb"-{1,3}(?=[ \t])", MOST),
    (
        "mark",
        rb"(?:[|:,;#~]|\*{1,5}|>{1,3}|[=-]{1,3}>|\xc2\xb7|\xe2(?:\x80[\x93\x94\xa2\xba]|\x86\x92|\x8b\xae))(?=[ \t])",
        MOST,
    ),
    ("wide colon", rb"\xef\xbc\x9a", MOST),
    ("closer", rb"[\])>\"']", MOST),
    # Where tracing is in, before who writes: some records are in no span, others in several.
    ("spans", rb"(?:[a-z_][\w-]{0,60}(?:\{[^{}\n]{0,300}\})?:){0,8}[a-z_][\w-]{0,60}\{[^{}\n]{0,300}\}:(?=[ \t])", 0.3),
    # As Java writes a thread.
    (
        "java thread",
        rb"(?:Virtual)?Thread\[[^\[\]\n]{1,120}\](?:/[\w-]{1,40}(?:@[\w-]{1,80})?)?:?(?=[ \t])",
        MOST,
    ),
    ("call", rb"[A-Za-z][\w.-]{1,60}\(\d{1,10}\)(?=[ \t])", 0.95),
)
SOURCE_FILE: Final = (
    rb"(?P<logger>[\w./-]{1,100}\.[A-Za-z]{1,5}(?::\d{1,6}|\(\d{1,6}\)|\([\w:~<>]{1,80}\):\d{1,6}))"
    rb"(?::[\w.*()~$<>:-]{1,120})?[\]:]?(?=[ \t])"
)
"""A source file and the line in it, with the function and what it works on."""
_FUNCTION: Final = rb"[ \t]{1,8}[\w.~$<>:]{1,120}(?=[ \t]{1,8}(?:-{1,3}|\|)[ \t])"
LOGGERS: Final = (
    # Class names and paths of modules, which no prose begins with in nearly all lines.
    rb"(?P<logger>[A-Za-z_$][\w$<>-]{0,80}(?:(?:\.|::)[\w$<>-]{1,80}){2,12}"
    rb"|[a-z_]\w{0,80}(?:::\w{1,80}){1,12}):?(?=[ \t])",
    SOURCE_FILE + _FUNCTION,
    SOURCE_FILE,
    rb"/?(?P<logger>[A-Za-z_#][\w.$/@<>#-]{0,127}(?:::?[\w.<>$-]{1,64}){0,2})"
    rb"(?:\[(?P<pid>\d{1,10})\]|[ ]{0,16}\([ ]{0,8}\d{1,10}\)|[ \t]{1,4}[*#(][^\s:|]{1,16})?"
    rb"[ \t]{0,60}(?::|-{1,2}|\|)(?=[ \t])",
    rb"(?P<logger>[A-Za-z_][\w.$/:-]{0,127})(?:\[\d{1,10}\])?(?=[ \t]{1,60}\[[^\]\n]{0,200}\])",
    # What a process is, which task and which class: `web[AYx1][o.s.Platform]`.
    rb"(?P<logger>[A-Za-z_][\w.-]{0,60}(?:\[[^\[\]\n]{0,100}\]){2,3})(?=[ \t])",
    # A class and the number of its event.
    rb"(?P<logger>[A-Za-z_]\w{0,80}(?:\.\w{1,80}){1,12})\[\d{1,10}\](?=[ \t])",
)
"""Who writes, where nearly all lines say it."""
GLUED_LOGGER: Final = rb"(?P<logger>[A-Za-z_][\w$-]{0,60}(?:\.[\w$-]{1,60}){0,8}):(?=[^\s:])"
"""Who writes between colons without blanks, behind the level: `ERROR:cart.store:no such cart`."""
CODE: Final = rb"[A-Z]{2,10}[-_]?\d{2,6}[A-Z]?:[ \t]"
"""The number of a message, which says what happened and not who writes: `CWWKZ0001I: `, `ORA-00060: `."""
TAG: Final = rb"(?:[^:\n]|:(?![ \t])){1,100}:(?=[ \t])"
"""Who writes, from where, however many words that takes: up to the first colon with a blank behind it."""
PAIRS: Final = (
    rb"(?:[A-Za-z_][\w.-]{0,40}(?:=(?:\"[^\"\n]{0,200}\"|[^\s\"]{0,200})|\([^()\n]{0,100}\))[ \t]{1,8}){1,16}"
)
"""Values with names, as many as a record has: `pid=71 tid=ab`, `Process(71.1) Program(x)`."""
DIVIDER: Final = rb"(?:\||::?|-{1,2}|[=-]?>)[ \t]"
OPTION: Final = rb"(?:\[(?=[^\[\]\s]{0,60}\d)[^\[\]\s]{1,60}\]|\(\d[^()\s]{0,60}\)):?(?=[ \t])"
"""The id of a call or request, or how long it took, where a record has one."""
COLUMN: Final = rb"(?P<cell>[^|\n]{1,100}?)\|(?=[ \t])"
"""A column of any words before a bar."""
LONE_LOGGER: Final = rb"(?P<logger>(?=[^\s.:$]{1,120}[.:$])[A-Za-z_][\w.$<>#-]{0,120}(?::\d{1,6})?)[ \t]*+\r?$"
"""Who writes, where nothing stands behind it: what is said is in the next line."""
WORD: Final = (
    rb"(?![\[({<|](?i:" + SAFE_WORDS + rb")[\])}>|]|" + SAFE_WORDS.upper() + rb":?[ \t])"
    rb"(?:\"[^\"]{0,200}\"|[^\s]{1,128})"
)
"""A column before the level; where a line has fewer of them, the level itself is none."""
CELL: Final = rb"(?:[^\s|]{1,128}(?=\t|[ ]{2})|[^|\s]{1,128}\|(?! ))"
"""A column between tabs or bars, or filled up with blanks."""
WHO: Final = (
    rb"[^\s\[\](){}<>\"',;:]{1,64}(?=[ \t]{1,60}(?:"
    + b"|".join(one.replace(b"?P<logger>", b"?:") for one in (LOGGERS[0], SOURCE_FILE))
    + rb")[ \t]{1,8}(?:-|:|\|)[ \t]|[ \t]{1,60}[A-Za-z_]\w{0,80}(?:\.\w{1,80}){1,12}:[ \t]"
    # Or a source file, which speaks for itself.
    rb"|[ \t]{1,60}[\w./-]{1,100}\.[A-Za-z]{1,5}:\d{1,6}:[\w.*()~$<>:-]{1,120}[ \t])"
)
"""A user or category before the class or source file that writes, where what divides them from the message follows."""
