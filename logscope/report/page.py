"""What every section of a report starts from: the Snapshot, its rows, the options; how texts and times are written."""

import re
from collections.abc import Callable, Iterable
from typing import Final

from logscope.model.causes import Candidate
from logscope.model.files import LineRef, place_of
from logscope.model.snapshot import Snapshot
from logscope.model.times import US, Dial
from logscope.report.markup import escape, inline_code
from logscope.report.rows import Row, build_rows, row_by_group
from logscope.report.sections import Options
from logscope.report.wording import cut, day_and_clock
from logscope.text.safe_text import safe_text

MOST_REFS: Final = 4
"""Places that are named of one reason."""
_DOCUMENT: Final = re.compile(r"(https?://[^\s;,]+)")
_BLANKS: Final = re.compile(r"[ \t]{2,}|\t")
"""Columns of a log line: in a sentence one space."""


class Page:
    """One report being written."""

    def __init__(self, snapshot: Snapshot, options: Options, clean: Callable[[str], str]) -> None:
        """Put the kinds together.

        Args:
            snapshot: What is known.
            options: Zone, title and sections.
            clean: Applied to every text that comes from a file: redaction.
        """
        self.snapshot = snapshot
        self.options = options
        self.clean = clean
        self.rows = build_rows(snapshot)
        self.row_by_group = row_by_group(self.rows)
        self.row_by_key: dict[str, Row] = {row.key: row for row in self.rows}

    @property
    def top(self) -> Candidate | None:
        """The likeliest cause; None where there is none."""
        return self.snapshot.candidates[0] if self.snapshot.candidates else None

    @property
    def begin(self) -> int | None:
        """When it began: with the cause's line, or before it where users or services failed earlier.

        A stamp in whole seconds may stand for any moment of its second: in the same second the cause's line is meant.
        """
        incident = self.snapshot.incident
        if incident is None:
            return None
        times = [row.first for row in self.rows if row.is_request]
        times += [incident.first_error] if incident.first_error is not None else []
        first = min(times, default=incident.start)
        return first if first < incident.start // US * US else incident.start

    def source(self, text: str) -> str:
        """A rule's document: an address as inline code, for nothing of a report is a link."""
        parts = _DOCUMENT.split(text)
        return "".join(inline_code(part) if n % 2 else self.text(part) for n, part in enumerate(parts))

    def raw(self, text: str, most: int = 400) -> str:
        """A text from a file, redacted and without control characters, but not yet safe for Markdown."""
        return cut(safe_text(_BLANKS.sub(" ", self.clean(text))), most)

    def text(self, text: str, most: int = 400) -> str:
        """A text from a file inside a paragraph or table cell."""
        return escape(self.raw(text, most))

    def code(self, text: str, most: int = 200) -> str:
        """A text from a file as inline code."""
        return inline_code(self.raw(text, most))

    def ref(self, file: str | None, line: int | None) -> str:
        """A place as inline code; empty where there is none."""
        return "" if file is None or line is None else inline_code(self.raw(place_of(file, line), 120))

    def refs(self, refs: Iterable[LineRef], most: int = MOST_REFS) -> str:
        """Places as inline code."""
        found = dict.fromkeys((ref.file, ref.line) for ref in refs)
        return ", ".join(self.ref(file, line) for file, line in list(found)[:most])

    def at(self, time: int | None, *, millis: bool = False) -> str:
        """A time of day in the report's zone, with its date where it is another day's than the incident's begin."""
        return Dial.around(self.begin, self.options.zone).clock(time, millis=millis, unknown="-")

    def day_at(self, time: int | None) -> str:
        """Date and time of day in the report's zone."""
        return day_and_clock(time, self.options.zone)

    @property
    def zone(self) -> str:
        """Name of the report's zone."""
        return escape(safe_text(self.options.zone_name))
