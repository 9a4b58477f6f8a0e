"""What a run-time system writes when a program fails: bare lines between those of its logger, and events of their own.

They carry neither stamp nor level, and stand behind whatever the logger wrote last. Only the words of run-time systems
themselves count, at a line's begin; an exception's name alone may be a logged one's.
"""

import re
from typing import Final

from logscope.ingest.formats.firsts import find_first_bytes
from logscope.ingest.formats.form import Head, Origin
from logscope.ingest.signatures.fields import RecordFields, read_text_fields
from logscope.ingest.timestamps.timestamp import Missing, ParseState, complete_groups
from logscope.model.severity import Severity

_DEATHS: Final = (
    rb"panic: |fatal error: |runtime: out of memory|terminate called (?:after|without)|libc\+\+abi: terminating|"
    rb"Segmentation fault|(?:Aborted|Killed|Bus error|Illegal instruction|Trace/breakpoint trap)(?: \(core dumped\))?$|"
    rb"\*\*\* (?:stack smashing|buffer overflow) detected|# A fatal error has been detected by|FATAL ERROR: |"
    rb"(?:Terminating|Aborting) due to java\.lang\.OutOfMemoryError: |"
    rb"Fatal Python error: |Unhandled exception[.:] |fatal runtime error: |Out of memory!$"
)
"""The process ends."""
_FAILURES: Final = (
    rb"Exception in thread \"|thread '[^'\n]{0,200}' (?:\(\d{1,20}\) )?panicked at |Uncaught exception |"
    rb"(?:\(node:\d{1,10}\) )?Unhandled(?:Promise)?Rejection|(?:\(node:\d{1,10}\) )?UnhandledPromiseRejectionWarning: |"
    rb"(?:file://)?/[^\s:]{1,400}\.[cm]?[jt]sx?:\d{1,7}\r?$|"
    rb"PHP (?:Fatal|Parse|Recoverable fatal) error: |\[?[\w./-]{1,200}\.rb:\d{1,7}:in [`'][^'\n]{1,200}': "
)
"""A thread, a request or a script does."""
_EXCEPTION: Final = rb"\*\* \([A-Z][\w.]{0,100}\) "
_TRACES: Final = rb"Traceback \(most recent call last\):|" + _EXCEPTION
"""May be written by the logger, too: behind an error it is that error's."""
_THROWN: Final = (
    # No frame, no further cause, no bracket of an object that was cut.
    rb"(?![ \t{}\[\]()]|at |Caused by: |Suppressed: |\.{3} )"
    rb"(?:[^\n]{0,200}?[\s(\[])??(?:[A-Za-z_$][\w$]{0,80}[.:]{1,2}){0,12}[A-Z][\w$]{0,80}(?:Error|Exception)"
    rb"(?: \[\w{1,60}\])?: |(?:Uncaught )?Error(?: \[\w{1,60}\])?: "
)
"""What a program prints of an exception beside a logger that writes objects: those hold their own."""
_DEATH: Final = Head(None, Severity.FATAL, 0, None, 0, -1, Origin.RUNTIME)
_FAILURE: Final = Head(None, Severity.ERROR, 0, None, 0, -1, Origin.RUNTIME)
_TRACE: Final = Head(None, Severity.ERROR, 0, None, 0, -1, Origin.EITHER)


class CrashForm:
    """Heads of what run-time systems write."""

    name = "text"
    is_timed = False
    missing = Missing.NOTHING

    def __init__(self, traces: bool = True, thrown: bool = False) -> None:
        """Args are kept.

        Args:
            traces: Traces that a logger may have written are read, too: not where `PlainForm` follows, which does.
            thrown: Lines with the name of an exception are: the logger writes objects, and no such line.
        """
        self.traces = traces
        self.thrown = thrown
        self.begin_pattern = (
            rb"(?:(?P<death>"
            + _DEATHS
            + rb")|(?P<failure>"
            + _FAILURES
            + (b"|" + _EXCEPTION) * (not traces)
            + rb")"
            + (b"|" + _TRACES) * traces
            + (b"|" + _THROWN) * thrown
            + rb")"
        )
        """A regex that every such line begins with."""
        self._match = re.compile(self.begin_pattern).match
        self._firsts = find_first_bytes(self.begin_pattern)
        self._fields = re.compile(complete_groups(rb"(?P<message>)"))

    def __reduce__(self) -> tuple[type["CrashForm"], tuple[bool, bool]]:
        return (CrashForm, (self.traces, self.thrown))

    @property
    def first_bytes(self) -> frozenset[int] | None:
        """Bytes that its lines may begin with."""
        return self._firsts

    def may_be_head(self, line: bytes) -> bool:
        """Whether a line is one of these: as `parse` says."""
        return self._match(line) is not None

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """The head of a line that tells of a failure."""
        found = self._match(line)
        if found is None:
            return None
        if found["death"] is not None:
            return _DEATH
        return _TRACE if found["failure"] is None else _FAILURE

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record."""
        return read_text_fields(self._fields.match(lines[0]), lines)
