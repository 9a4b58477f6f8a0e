"""Lines without a head that could be learned: every line is a record unless its look says that it goes on."""

import re
from functools import cached_property
from typing import Final

from logscope.ingest.formats.form import Head, LevelCache
from logscope.ingest.formats.levels import WORDED_LEVEL
from logscope.ingest.signatures.fields import RecordFields, read_text_fields
from logscope.ingest.timestamps.timestamp import Missing, ParseState, complete_groups
from logscope.model.severity import Severity

CONTINUATION: Final = (
    rb"[ \t]|at |\.{3} \d|Caused by: |Suppressed: |During handling of the above|The above exception was|"
    rb"goroutine \d|created by |\}|\)|\]|--- End of |DETAIL: |HINT: |CONTEXT: |STATEMENT: |\r?$|"
    rb"\d{1,6} +\||\xe2\x94(?!\x8c (?:Debug|Info|Warning|Error): )[\x8c-\xbf]|\xe2\x95[\xad-\xb7]|"
    rb"\xe2\x94\x82(?! (?:Error|Warning): )"
)
"""How lines begin that go on: stack frames, further causes, closing brackets, blank lines, quoted source, boxes."""
_continues: Final = re.compile(CONTINUATION).match
_EXCEPTION: Final = re.compile(
    rb"(?:[A-Za-z_$][\w$]{0,80}[.:\\/]{1,2}){0,12}[A-Za-z_$]\w{0,80}(?:Exception|Error|Failure|Throwable)(?::|\r?$| -)"
)
"""The exception that a logger writes under the error that it tells of."""
EXCEPTIONS: Final = (b"Exception", b"Error", b"Failure", b"Throwable")
"""What such a name ends with."""
TRACEBACK: Final = b"Traceback (most recent call last)"
_PROSE: Final = rb"(?![A-Za-z_][a-z][\w.$/-]{0,60}+(?![\w.$/:\[-]))"
"""Not before a word in small letters without a colon or bracket behind it: no level and no logger is like that."""
HEAD: Final = (
    # The bar of a box that is drawn around an error, or its corner.
    rb"(?:\xe2\x94[\x82\x8c] ){0,1}"
    + _PROSE
    + rb"(?:\[(?P<thread>[^\]]{1,60})\] )??(?:(?P<logger>[A-Za-z_][\w.$/-]{0,60})(?:\[(?P<pid>\d{1,10})\])?: )??"
    + WORDED_LEVEL
    + rb"(?:(?<=:)(?P<name>[\w.-]{1,80}):)?[ \t]*"
)


def is_continuation(line: bytes, state: ParseState) -> bool:
    """Whether a line without a head of its own goes on from the one before, by its look."""
    if state.in_trace:
        if line[:1] in b" \t" or not line.strip():
            return True
        # The first line without indent names the exception: the traceback's last line.
        state.in_trace = line.startswith(TRACEBACK)
        return True
    if line.startswith(TRACEBACK):
        state.in_trace = True
        return state.after_error  # an error's own trace, or a bare one
    if state.after_error and _EXCEPTION.match(line):
        return True
    return _continues(line) is not None


def count_blanks_before_name(line: bytes, width: int) -> int:
    """Blanks that fill a name up to a width, ` : ` behind it, as sudo writes who asks; 0 where there is none."""
    filled = len(line) - len(line.lstrip(b" "))
    is_name = 0 < filled < width and b" " not in line[filled:width] and line[width : width + 3] == b" : "
    return filled if is_name else 0


class PlainForm:
    """Text without times."""

    is_timed = False
    missing = Missing.NOTHING
    first_bytes = None

    def __init__(self, name: str = "text", indent: int = 0, width: int = 0) -> None:
        """Args are kept.

        Args:
            name: What `files[].format` says.
            indent: Blanks that all lines begin with: only what is indented deeper goes on.
            width: Bytes that a name is filled up to by blanks before it, where ` : ` follows; 0 where none is.
        """
        self.name = name
        self.indent = indent
        self.width = width
        self._levels = LevelCache({})

    @cached_property
    def _regex(self) -> re.Pattern[bytes]:
        """Compiled by the first line that comes to it: it holds all words of levels."""
        return re.compile(complete_groups(HEAD + rb"(?P<message>)"))

    def __reduce__(self) -> tuple[type["PlainForm"], tuple[str, int, int]]:
        return (PlainForm, (self.name, self.indent, self.width))

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """The head of the line, or None when it goes on from the one before."""
        filled = self._count_filled(line)
        head = self._parse(line[filled:], state)
        return head if head is None or not filled else head._replace(message=head.message + filled)

    def _count_filled(self, line: bytes) -> int:
        """Blanks at a line's begin that are its writer's."""
        if self.width and (filled := count_blanks_before_name(line, self.width)):
            return filled
        return self.indent if self.indent and not line[: self.indent].strip(b" \t") else 0

    def _parse(self, line: bytes, state: ParseState) -> Head | None:
        if is_continuation(line, state):
            return None
        if state.in_trace:
            state.after_error = True
            return Head(None, Severity.ERROR, 0, None, 0, -1)  # a bare traceback begins
        match = self._regex.match(line)
        if match is None:
            state.after_error = False
            return Head(None, Severity.UNKNOWN, 0, None, 0, -1)
        severity = self.read_level(match["level"])
        state.after_error = severity >= Severity.WARN
        return Head(None, severity, match.end(), None, 0, -1)

    def find_message(self, line: bytes) -> int:
        """Byte offset where the message begins."""
        filled = self._count_filled(line)
        match = self._regex.match(line[filled:])
        return filled + (0 if match is None else match.end())

    def read_level(self, text: bytes) -> Severity:
        """What the text of a level's place means."""
        return self._levels[text]

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record."""
        lines = [lines[0][self._count_filled(lines[0]) :], *lines[1:]]
        return read_text_fields(self._regex.match(lines[0]), lines)
