"""Lines without a head that could be learned: every line is a record unless its look says that it goes on."""

import re
from typing import Final

from logscope.ingest.formats.form import Head, LevelCache
from logscope.ingest.formats.levels import WORDED_LEVEL
from logscope.ingest.signatures.fields import RecordFields, read_text_fields
from logscope.ingest.timestamps.timestamp import Missing, ParseState, complete_groups
from logscope.model.severity import Severity

CONTINUATION: Final = (
    rb"[ \t]|at |\.{3} \d|Caused by: |Suppressed: |During handling of the above|The above exception was|"
    rb"goroutine \d|created by |\}|\)|\]|--- End of |DETAIL: |HINT: |CONTEXT: |STATEMENT: |\r?$"
)
"""How lines begin that go on: stack frames, further causes, closing brackets, blank lines."""
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
    _PROSE
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


class PlainForm:
    """Text without times."""

    is_timed = False
    missing = Missing.NOTHING
    first_bytes = None

    def __init__(self, name: str = "text", indent: int = 0) -> None:
        """Args are kept.

        Args:
            name: What `files[].format` says.
            indent: Blanks that all lines begin with: only what is indented deeper goes on.
        """
        self.name = name
        self.indent = indent
        self._regex = re.compile(complete_groups(HEAD + rb"(?P<message>)"))
        self._levels = LevelCache({})

    def __reduce__(self) -> tuple[type["PlainForm"], tuple[str, int]]:
        return (PlainForm, (self.name, self.indent))

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """The head of the line, or None when it goes on from the one before."""
        if self.indent and not line[: self.indent].strip(b" \t"):
            head = self._parse(line[self.indent :], state)
            return None if head is None else head._replace(message=head.message + self.indent)
        return self._parse(line, state)

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
        indent = self.indent if not line[: self.indent].strip(b" \t") else 0
        match = self._regex.match(line, indent)
        return indent if match is None else match.end()

    def read_level(self, text: bytes) -> Severity:
        """What the text of a level's place means."""
        return self._levels[text]

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record."""
        if self.indent and not lines[0][: self.indent].strip(b" \t"):
            lines = [lines[0][self.indent :], *lines[1:]]
        return read_text_fields(self._regex.match(lines[0]), lines)
