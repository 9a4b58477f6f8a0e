"""How one file is written: learned once from samples, then frozen, then asked line by line.

`learn_layout` receives what the plan phase saw of a file and gives a `Layout`, a plain value that can be sent to
another process. `Layout.parse` is the reference for all faster ways to read the same file: exact, total (any bytes,
never an exception) and linear in the line's length.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from operator import eq
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.formats.colours import ESCAPE, strip_colours
from logscope.ingest.formats.crash import CrashForm
from logscope.ingest.formats.form import CONTINUES, Form, Head, TextForm
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.objects import list_elements, load_object
from logscope.ingest.formats.pretty import PrettyForm
from logscope.ingest.formats.stray import StrayForm
from logscope.ingest.layouts.dates import place_dates
from logscope.ingest.layouts.fast import FastPlan, find_fast_plan
from logscope.ingest.layouts.forced import find_forced_form
from logscope.ingest.layouts.learn import collect_lines, find_sample_roll, learn_forms, looks_like_log
from logscope.ingest.layouts.message import TEXT, read_message
from logscope.ingest.layouts.repeats import begins_trace, goes_on
from logscope.ingest.layouts.sample import DateHint, Lesson, Sample, pack_lines
from logscope.ingest.signatures.fields import RecordFields, build_fields, decode
from logscope.ingest.timestamps.timestamp import READINGS, AnyStamp, Missing, ParseState
from logscope.model.files import DateOrigin
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME
from logscope.text.decoding import is_wide
from logscope.text.unrolling import Roll

__all__ = [
    "DateHint",
    "FastPlan",
    "Head",
    "Layout",
    "Lesson",
    "ParseState",
    "RecordFields",
    "Sample",
    "is_log",
    "learn_again",
    "learn_layout",
]

_START: Final = re.compile(rb"\A\0*(?:\xef\xbb\xbf)?")
"""The hole that truncating a log leaves under a writer that keeps its offset, and the mark of UTF-8."""
_DIRT: Final = (b"\0", b"\xef")

_STAMPS: Final = AnyStamp()
"""Reads minutes for the faster tiers; only a cache."""


LATE: Final = (TextForm, PrettyForm, EnvelopeForm)
"""Forms of records whose first line may not say everything."""
RARE: Final = (StrayForm, CrashForm)
"""Forms of lines that any file may hold now and then; tried when no learned form reads a line."""


class Sampled(NamedTuple):
    """What the lines that a layout was learned from show."""

    heads: int
    levelled: int
    """Heads that say how bad they are, by a level or a request's status."""
    has_fine_stamps: bool
    """Some stamps are finer than a millisecond."""
    has_headed_traces: bool
    """Some heads stand before the first line of a stack trace."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The frozen plan of one file."""

    name: str
    """Goes to `files[].format`: `logback`, `pino`, `nginx access`, `logfmt`, `text`, ..."""
    encoding: str
    """`utf-8`, `utf-16-le`, ..., as found; parsing always sees UTF-8."""
    forms: tuple[Form, ...]
    """Ways in which lines are written, tried in order."""
    zone_written: bool
    """Every stamp of the sample carries its zone."""
    zone_name: str | None
    """The first zone that is written: `UTC`, `+01:00`, or an abbreviation as it stands."""
    date_origin: DateOrigin
    untimed: bool
    """No line of the sample carries a time."""
    is_structured: bool
    """The message is not simply the rest of the line behind `Head.message`: ask `fields` for it."""
    year: int = 1970
    """Year of the file's first year-less stamp."""
    day: int = 0
    """Microseconds at the midnight before the file's first time-only stamp."""

    needs_start: bool = False
    """Its times are uptimes, and nothing in the file tells what they count from: other files may."""
    is_ambiguous: bool = False
    """Its dates may be read in two ways, and other files may tell in which."""
    two_lines: bool = False
    """What heads say stands in later lines, too: see `read_late`."""
    fast: FastPlan | None = None
    """Fixed places of stamp and level in the heads of the first form; None where they vary."""
    lesson: Lesson | None = field(default=None, repr=False, compare=False)
    """What it was learned from."""
    asked: list[Sampled] = field(default_factory=list, repr=False, compare=False)
    """What `sampled` gave when somebody first asked; only a cache."""

    def read_minute(self, minute: bytes, state: ParseState) -> int:
        """Microseconds of a minute's text as `fast.minute` cuts it out of a line, `NO_TIME` for an impossible one.

        For stamps without year or day it finds them from the state and moves it, exactly as parsing each line of the
        minute would; ask in stream order, once per run of equal minutes or more often.
        """
        if self.fast is None:
            return NO_TIME
        time = _STAMPS.read_minute(self.fast.kind, minute)
        return time if time == NO_TIME or not self.fast.missing else state.place(time, self.fast.missing)

    def new_state(self) -> ParseState:
        """State for reading the file from its begin."""
        return ParseState(self.year, self.day)

    def parse(self, line: bytes, state: ParseState) -> Head | None:
        """The head of a line, or None when the line continues the record before.

        Args:
            line: Without its newline; a carriage return may be left at the end.
            state: Of this reading; only layouts without year or day, and untimed ones, change it.
        """
        if b"\x1b" in line or line[:1] in _DIRT:
            return self._parse_dirty(line, state)
        for form in self.forms:
            head = form.parse(line, state)
            if head is not None:
                return None if head is CONTINUES else head
        return None

    def _parse_dirty(self, line: bytes, state: ParseState) -> Head | None:
        clean = _clean(line)
        for form in self.forms:
            head = form.parse(clean, state)
            if head is not None:
                return None if head is CONTINUES else head._replace(message=_raw_offset(line, head.message))
        return None

    def find_first_bytes(self) -> NDArray[np.bool_] | None:
        """For each byte whether a head may begin with it; None where any may. Not for lines with escapes."""
        return _gather_firsts(self.forms)

    def find_sure_first_bytes(self) -> NDArray[np.bool_] | None:
        """The same but for the forms of rare lines, which are known by more than their first byte (`may_be_rare`).

        None where there is no such form.
        """
        forms = [form for form in self.forms if not isinstance(form, RARE)]
        return _gather_firsts(forms) if len(forms) < len(self.forms) else None

    def may_be_rare(self, line: bytes) -> bool:
        """Whether a line may be a head for one of the forms of rare lines. Not for lines with escapes."""
        return any(isinstance(form, RARE) and form.may_be_head(line) for form in self.forms)

    def read_late(self, text: bytes, head: Head) -> Head:
        """The head of a whole record, where its first line does not say everything.

        `java.util.logging` writes the level in the second line, pretty-printed objects hold time and level in any. To
        be asked only where `two_lines` is set.
        """
        form = self.forms[0]
        return form.read_late(_clean(text).split(b"\n"), head) if isinstance(form, LATE) and form.is_late else head

    def stream_of(self, line: bytes) -> str | None:
        """Which of several interleaved streams a line belongs to; None where the file holds one.

        A continuation belongs to the last head of its own stream, not of another's that came between.
        """
        for form in self.forms:
            if isinstance(form, EnvelopeForm) and form.is_several:
                return form.stream_of(line)
        return None

    @property
    def sampled(self) -> Sampled:
        """What the lines that it was learned from show: read when somebody first asks, once for all who do."""
        if not self.asked:
            state = self.new_state()
            lines = self.lesson.lines if self.lesson is not None else ()
            read = [(line, head) for line in lines if (head := self.parse(line, state)) is not None]
            heads = [head for _, head in read]
            levelled = sum(1 for head in heads if head.severity is not Severity.UNKNOWN or head.status)
            traced = any(head.message > 0 and begins_trace(line[head.message :]) for line, head in read)
            self.asked.append(Sampled(len(heads), levelled, any((head.time or 0) % 1000 for head in heads), traced))
        return self.asked[0]

    @property
    def roll(self) -> Roll | None:
        """Where the records of its lines stand, each of which is read as a line; None where each line is one."""
        return None if self.lesson is None else self.lesson.roll

    @property
    def is_turned(self) -> bool:
        """What is read is made from the bytes of the file: offsets are those of the content, as of a compressed one."""
        return self.roll is not None or is_wide(self.encoding)

    @property
    def is_batched(self) -> bool:
        """Some of the objects in its lines wrap several records in lists, of which one is read."""
        form, lines = self.forms[0], self.lesson.lines if self.lesson is not None else []
        if isinstance(form, EnvelopeForm):
            state = self.new_state()
            opened = [found.body for line in lines if (found := form.opener.open(line, state)) is not None]
            form, lines = form.forms[0], opened
        if not isinstance(form, JsonForm) or not form.base:
            return False
        objects = [load_object(line) for line in lines]
        # Those of many records are long, and cut in the sample.
        return any(record is None or len(list_elements(record, form.base)) > 1 for record in objects)

    def goes_on(self, first: bytes, line: bytes, *, is_run: bool) -> bool:
        """Whether a head is that of the record before, written again.

        Args:
            first: Line that begins the record.
            line: Line with a head of its own, behind it.
            is_run: A line with that head stands between them.
        """
        forms: Sequence[Form] = self.forms
        first = first.removeprefix(BOM_UTF8)
        if isinstance(forms[0], EnvelopeForm):
            first, line = forms[0].open_record([first])[1][0], forms[0].open_record([line])[1][0]
            forms = forms[0].forms
        for form in forms:
            if isinstance(form, TextForm) and (at := form.find_message(first)) >= 0:
                begin = form.find_message(line)
                return begin >= 0 and goes_on(
                    first, at, line, begin, is_run=is_run, is_fine=self.sampled.has_fine_stamps
                )
        return False

    def read_message(self, record: bytes) -> str:
        """What a whole record says: the text behind its head, or the field that holds it, and its continuations."""
        if self.encoding == "latin-1":
            record = record.decode("latin-1").encode()
        if b"\x1b" in record or record[:1] in _DIRT:
            record = _clean(record)
        form = self.forms[0]
        if isinstance(form, TextForm) and b"\n" not in record and (begin := form.find_message(record)) >= 0:
            # What nearly all records of nearly all files are.
            return record[begin:].decode("utf-8", "replace").rstrip("\r")
        return read_message(self.forms, record.split(b"\n"))

    def fields(self, record: bytes) -> RecordFields:
        """The rich view of a whole record: its head line and the continuations, separated by newlines."""
        if self.encoding == "latin-1":
            record = record.decode("latin-1").encode()
        lines = _clean(record).split(b"\n")
        state = self.new_state()
        for form in self.forms:
            if form.parse(lines[0], state) is not None:
                return form.read_fields(lines)
        return build_fields(decode(lines[0]), {}, stack=decode(b"\n".join(lines[1:])) or None)


def _gather_firsts(forms: Sequence[Form]) -> NDArray[np.bool_] | None:
    firsts = np.zeros(256, np.bool_)
    firsts[[first[0] for first in _DIRT]] = True
    for form in forms:
        found = form.first_bytes
        if found is None:
            return None
        firsts[list(found)] = True
    return firsts


def _clean(line: bytes) -> bytes:
    """The line without escapes, and without what may stand before a file's first line: mark and holes."""
    return strip_colours(_START.sub(b"", line))


def _raw_offset(line: bytes, offset: int) -> int:
    """Where a byte of the cleaned line stands in the raw one."""
    start = _START.match(line)
    removed = start.end() if start is not None else 0
    for match in ESCAPE.finditer(line):
        if match.start() - removed > offset:
            break
        removed += match.end() - match.start()
    return min(offset + removed, len(line))


def learn_layout(sample: Sample, hint: DateHint | None = None, forced: str | None = None) -> Layout:
    """Learn how a file is written.

    Args:
        sample: Of its head, middle and tail.
        hint: Dates of the other files of the same run.
        forced: Name of a format that the user says it is; ignored where no such format is known.
    """
    roll = find_sample_roll(sample)
    lines, encoding = collect_lines(sample, roll)
    return learn_again(Lesson(sample.name, encoding, pack_lines(lines), sample.mtime_us, hint, forced, roll), lines)


def learn_again(lesson: Lesson, lines: Sequence[bytes] | None = None) -> Layout:
    """The layout that a lesson teaches: the same one each time.

    Args:
        lesson: What was seen of the file.
        lines: Those of the lesson, where they are at hand.
    """
    lines, hint = lesson.lines if lines is None else lines, lesson.hint
    clean = [_clean(line) for line in lines]
    reference = hint.last if hint is not None and hint.last is not None else lesson.mtime_us
    forms: tuple[Form, ...] = ()
    if lesson.forced is not None:
        forms = find_forced_form(lesson.forced, clean, reference)
    if not forms:
        forms = learn_forms(clean, reference)
    dates = place_dates(forms, clean, lesson.name, lesson.mtime_us, hint)
    return Layout(
        name=forms[0].name,
        encoding=lesson.encoding,
        forms=forms,
        zone_written=dates.zone_written,
        zone_name=dates.zone_name,
        date_origin=dates.origin,
        untimed=not any(form.is_timed and (form.missing is not Missing.EPOCH or dates.day) for form in forms),
        year=dates.year,
        day=dates.day,
        needs_start=not dates.day and any(form.missing is Missing.EPOCH for form in forms),
        is_ambiguous=isinstance(forms[0], TextForm) and any(forms[0].stamp in names for names in READINGS),
        is_structured=any(not isinstance(form, TEXT) for form in forms),
        two_lines=isinstance(forms[0], LATE) and forms[0].is_late,
        # A plan for lines without escapes fits no coloured line: then there is nothing to gain.
        fast=find_fast_plan(forms, clean) if sum(map(eq, lines, clean)) * 10 > len(lines) * 9 else None,
        lesson=lesson,
    )


def learn_more(layout: Layout, lines: Sequence[bytes]) -> Layout:
    """The layout that is learned where some lines were seen behind those of its lesson."""
    assert layout.lesson is not None, "only what was learned is learned again"
    known = [*layout.lesson.lines, *lines]
    return learn_again(replace(layout.lesson, packed=pack_lines(known)), known)


def is_log(sample: Sample) -> bool:
    """Whether a file found in a directory is a log: text in which times or levels are found."""
    return looks_like_log(sample)
