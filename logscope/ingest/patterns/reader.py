"""Reads the heads of lines of text with the regexes of their forms, all lines of a block at once.

Plan: the layout's forms are tried in their order, as the parser does, each on the lines that the forms before surely do
not read; of wrapped lines the envelope first, then the forms of what each service writes. Where a form only may read a
line, the parser is asked. Nothing is learned and nothing guessed. Cost: about 0.6 us a line.
"""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from logscope.ingest.batch import Int64, Messages, UInt8
from logscope.ingest.columns import REACH, Block, Flags, count_in_lines, word_of
from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.envelopes.fine import find_all_fine
from logscope.ingest.envelopes.openers import JsonOpener, TextOpener
from logscope.ingest.formats.crash import CrashForm
from logscope.ingest.formats.form import Form, TextForm
from logscope.ingest.formats.plain import CONTINUATION, EXCEPTIONS, HEAD, TRACEBACK, PlainForm
from logscope.ingest.formats.stray import StrayForm
from logscope.ingest.formats.table import TableForm
from logscope.ingest.known import KnownLines, Requests, find_strange
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.patterns.atoms import make_table
from logscope.ingest.patterns.heads import TextHeads, TextReader, look_up, make_matcher
from logscope.ingest.patterns.lines import MAYBE, NO
from logscope.ingest.patterns.memory import MatchMemory
from logscope.ingest.patterns.rows import RowReader
from logscope.ingest.patterns.wrapped import Bodies, ObjectOpenReader
from logscope.ingest.timestamps.timestamp import Missing
from logscope.model.severity import Severity
from logscope.model.times import NO_TIME

_ASK, _NONE, _HEAD = -1, 0, 1
"""Whether a line is a head: ask the parser, surely none, surely one."""
_PATIENCE: Final = 20_000
"""Lines after which reading so is given up where less than half of them are read."""


@dataclass(slots=True)
class _Found:
    """What the forms say of some lines; one entry each."""

    kind: NDArray[np.int8]
    time: Int64
    severity: UInt8
    inner_severity: UInt8
    """Of wrapped lines, what the body itself says."""
    message: Int64
    message_end: Int64
    source: Int64
    """Which of the blocks that bodies stand in holds the message."""
    service: Int64
    status: Int64
    duration_us: Int64
    missing: UInt8
    """What the stamps do not say."""
    body: Int64
    cells: tuple[Int64, Int64, Int64, Int64] | None = None
    """Both as `Requests` says."""
    fine: Int64 | None = None
    """As `KnownLines` says."""

    def put_cells(self, rows: Int64, cells: tuple[Int64, Int64, Int64, Int64]) -> None:
        """Take where the parts of these lines' requests stand."""
        if self.cells is None:
            count = len(self.kind)
            self.cells = np.full(count, -1), np.full(count, -1), np.full(count, -1), np.full(count, -1)
        for mine, theirs in zip(self.cells, cells, strict=True):
            mine[rows] = theirs

    def put(self, rows: Int64, heads: TextHeads, missing: Missing) -> None:
        """Take the heads of these lines."""
        self.missing[rows] = missing
        self.time[rows] = heads.time
        self.severity[rows] = heads.severity
        self.message[rows] = heads.message
        if heads.message_end is not None:
            self.message_end[rows] = heads.message_end
        self.service[rows] = heads.service
        self.status[rows] = heads.status
        self.duration_us[rows] = heads.duration_us


def _make_found(count: int) -> _Found:
    return _Found(
        np.full(count, _ASK, np.int8), np.full(count, NO_TIME), np.zeros(count, np.uint8), np.zeros(count, np.uint8),
        np.full(count, -1), np.full(count, -1), np.zeros(count, np.int64), np.full(count, -1),
        np.zeros(count, np.int64), np.full(count, -1), np.full(count, Missing.NOTHING, np.uint8), np.full(count, -1),
    )  # fmt: skip


class _Chain:
    """Some forms in the order in which they are tried."""

    def __init__(self, forms: Sequence[Form], *, is_body: bool) -> None:
        """The forms, and whether they read what is wrapped."""
        self._readers: list[TextReader | RowReader | PlainForm | bytes | None] = []
        self._is_plain_known = is_body
        self._missing = [form.missing for form in forms]
        self._matchers: dict[bytes, MatchMemory | None] = {}
        self._plain = b""
        """What is asked of lines that come to a `PlainForm`; empty: they are for the parser."""
        for form in forms:
            self._readers.append(self._make_reader(form))
        self._join_plain()
        self._searched, self._named = self._choose_requests()
        first = self._readers[0]
        self.is_able = first is not None and not isinstance(first, bytes)
        self.services: list[str] = []
        """Names that the heads' services point into, as of the last reading: those of one form after another's."""
        texts = [form for form in forms if isinstance(form, TextForm)]
        tables = [form.columns for form in forms if isinstance(form, TableForm)]
        self.tells = (
            any(one.status is not None for one in tables) or any(b"(?P<status>" in form.pattern for form in texts),
            any(one.took is not None for one in tables)
            or any(form.took_pattern is not None or b"(?P<took>" in form.pattern for form in texts),
        )
        """Whether heads may have a status, and a duration."""

    def _choose_requests(self) -> tuple[set[TextReader], set[TextReader | RowReader]]:
        """In whose texts requests are looked for, and whose heads name their parts: as `Signer` does it."""
        texts: list[TextReader] = []
        for reader in self._readers:
            if not isinstance(reader, TextReader):
                break
            texts.append(reader)
        if texts and texts[0].has_bare_requests and not self._is_plain_known:
            return set(texts), set()
        bare = {reader for reader in texts if reader.has_bare_requests}
        first = self._readers[0]
        return bare, {*texts, first} - bare if isinstance(first, TextReader | RowReader) else set()

    def _join_plain(self) -> None:
        """Ask at once for the begins of rare lines and for all that is asked of a line without a learned head."""
        begins: list[bytes] = []
        if not isinstance(self._readers[-1], PlainForm):
            return
        while len(self._readers) > 1 and isinstance(begin := self._readers[-2], bytes):
            begins.append(begin)
            del self._readers[-2], self._missing[-2]
        self._plain = _RARE % b"|".join([*begins, _FAILS]) + _PLAIN

    def _make_reader(self, form: Form) -> TextReader | RowReader | PlainForm | bytes | None:
        if isinstance(form, TextForm):
            reader = TextReader(form)
            # Of a body only the time without year or day moves the state.
            return reader if reader.is_able and not (self._is_plain_known and form.missing) else None
        if isinstance(form, TableForm):
            rows = RowReader(form)
            return rows if rows.is_able and not self._is_plain_known else None
        if isinstance(form, StrayForm | CrashForm):
            return form.begin_pattern
        if not isinstance(form, PlainForm) or form.indent or form.width:
            return None
        return form if self._is_plain_known else None

    def read(self, block: Block, starts: Int64, ends: Int64) -> _Found:
        """What these lines begin with."""
        found = _make_found(len(starts))
        found.message_end[:] = ends
        left = np.arange(len(starts))
        self.services = []
        for reader, missing in zip(self._readers, self._missing, strict=True):
            if not len(left):
                return found
            begins, limits = starts[left], ends[left]
            if isinstance(reader, TextReader | RowReader):
                heads = reader.read(block, begins, limits)
                end = heads.end
                found.put(left, heads, missing)
                if reader in self._searched:
                    found.body[left] = begins
                elif reader in self._named and heads.cells is not None:
                    found.body[left] = begins
                    found.put_cells(left, heads.cells)
                found.kind[left] = np.where(end < 0, _ASK, np.where(heads.continues, _NONE, _HEAD))
                found.service[left] += np.where(heads.service >= 0, len(self.services), 0)
                self.services = [*self.services, *reader.services]
            elif isinstance(reader, bytes):
                matcher = self._find_matcher(reader)
                if matcher is None:
                    return found
                end = matcher.match(block, begins, limits).end
            elif reader is None:
                return found
            else:
                self._read_plain(reader, block, begins, limits, left, found)
                return found
            left = left[end == NO]
        found.kind[left] = _NONE
        return found

    def _find_matcher(self, pattern: bytes) -> MatchMemory | None:
        if pattern not in self._matchers:
            self._matchers[pattern] = make_matcher(pattern)
        return self._matchers[pattern]

    def _read_plain(
        self, form: PlainForm, block: Block, starts: Int64, ends: Int64, rows: Int64, found: _Found
    ) -> None:  # fmt: skip
        """Lines of `PlainForm` that are no trace's and no exception's: those depend on what stands before."""
        matcher = self._find_matcher(self._plain)
        if matcher is None:
            return
        found_in = matcher.match(block, starts, ends)
        strange = may_be_exceptions(block, found_in.span("exception")[1], ends)
        if block.data.find(TRACEBACK, block.begin, block.end) >= 0:
            places = block.find_text(TRACEBACK[:16])
            strange |= count_in_lines(places, starts, ends) > 0
        is_known = (found_in.end >= 0) & ~strange & (found_in.span("rare")[0] < 0)
        continues = found_in.span("goes_on")[0] >= 0
        found.kind[rows] = np.where(is_known, np.where(continues, _NONE, _HEAD), _ASK)
        found.severity[rows] = 0
        found.message[rows] = np.where(found_in.end >= 0, found_in.end, starts)
        begin, end = found_in.span("level")
        levels = np.flatnonzero((found_in.end >= 0) & (begin >= 0))
        found.severity[rows[levels]] = look_up(
            block, begin[levels], end[levels], lambda text: int(form.read_level(text))
        )  # fmt: skip


NAME: Final = rb"[\w$.\\/]++"
"""What an exception's name is made of, but for colons."""
_FAILS: Final = rb"(?!)"
_RARE: Final = rb"(?=(?P<rare>%s)?)"
_PLAIN: Final = rb"(?=(?P<exception>" + NAME + rb")?)(?=(?P<goes_on>" + CONTINUATION + rb")?)(?:" + HEAD + rb")?"
"""All that is asked of a line without a learned head, at once."""
_GOES_ON: Final = make_table(frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz$.\\/:"))
"""What may follow the colons inside of a name."""


def may_be_exceptions(block: Block, end: Int64, ends: Int64) -> Flags:
    """Lines that may begin with the name of an exception, as `EXCEPTIONS` end: of the others none does.

    Args:
        block: Holds the lines.
        end: Where `NAME` ends in each, `MAYBE` where that is not known.
        ends: The lines' ends.
    """
    rows = np.flatnonzero(end >= 0)
    at = end[rows]
    behind = block.bytes[at]
    is_over = (at >= ends[rows]) | (behind == 32) | (behind == 13)
    is_colon = ~is_over & (behind == ord(":"))
    word = block.words[np.maximum(at - REACH, 0)]
    ends_so = at < REACH
    for name in EXCEPTIONS:
        last = name[-REACH:]
        ends_so |= (word >> np.uint64(8 * (REACH - len(last)))) == word_of(last)
    found: Flags = end == MAYBE
    found[rows] = ((is_over | is_colon) & ends_so) | (is_colon & _GOES_ON[block.bytes[at + 1]])
    return found


class PatternReader:
    """Reads lines of one stream."""

    def __init__(self, layout: Layout) -> None:
        """Keeps how the stream is written. `is_able`: it may be read so; False when it turns out to gain too little."""
        self._layout = layout
        self._seen = self._read = 0
        self._services: dict[str, int] = {}
        self._names: list[str] = []
        self._chains: dict[bytes, _Chain] = {}
        """By their forms as bytes: services often write alike, and are read together then."""
        self._outer: TextReader | ObjectOpenReader | None = None
        form = layout.forms[0]
        self.is_able = layout.encoding == "utf-8" and not layout.two_lines
        if not self.is_able:
            return
        if isinstance(form, EnvelopeForm):
            self._envelope = form
            if len(layout.forms) == 1 and isinstance(form.opener, TextOpener):
                self._outer = TextReader(form.opener.header)
            elif isinstance(form.opener, JsonOpener):
                self._outer = ObjectOpenReader(form.opener)
            self.is_able = self._outer is not None and self._outer.is_able
        else:
            self._chain = _Chain(layout.forms, is_body=False)
            self.is_able = self._chain.is_able

    def read(self, block: Block, starts: Int64, ends: Int64, rows: Int64) -> KnownLines | None:
        """Heads of those of these lines that are surely what they look like; None when there are none.

        Args:
            block: Holds the lines.
            starts: Where all lines of the block begin.
            ends: The ones behind the ends of the lines in `rows`, or where they are cut.
            rows: Which lines, ascending.
        """
        begins = starts[rows]
        sources: Sequence[bytes] = [block.data]
        fine: Int64 | None = None
        if self._outer is None:
            found = self._chain.read(block, begins, ends)
            names: Sequence[str] = self._chain.services
            missing = found.missing
            after_error = np.full(len(rows), -1, np.int8)
            stream: Int64 = np.full(len(rows), -1)
            has_status, has_took = self._chain.tells
        else:
            found, stream, sources, has_status, has_took = self._read_wrapped(block, begins, ends)
            names = self._names
            fine = found.fine
            missing = np.full(len(rows), self._outer_missing(), np.uint8)
            after_error = np.where(found.kind == _HEAD, found.inner_severity >= Severity.WARN, -1).astype(np.int8)
        found.kind[find_strange(block, begins, ends)] = _ASK
        kept = np.flatnonzero(found.kind != _ASK)
        self._seen += len(rows)
        self._read += len(kept)
        if self._seen > _PATIENCE and self._read * 2 < self._seen:
            self.is_able = False
        if not len(kept):
            return None
        is_head: Flags = found.kind[kept] == _HEAD
        return KnownLines(
            rows[kept],
            is_head,
            np.where(is_head, found.time[kept], NO_TIME),
            np.where(is_head, found.severity[kept], 0).astype(np.uint8),
            Messages(found.message[kept], found.message_end[kept], found.source[kept], sources),
            Requests(found.status, found.body, found.cells).take(kept) if has_status else None,
            found.service[kept],
            names,
            missing[kept],
            after_error[kept],
            stream[kept],
            names,
            found.status[kept] * is_head if has_status else None,
            np.where(is_head, found.duration_us[kept], -1) if has_took else None,
            None if fine is None else fine[kept] * is_head,
        )

    def _outer_missing(self) -> Missing:
        opener = self._envelope.opener
        return opener.missing if opener.is_timed else Missing.NOTHING

    def _read_wrapped(
        self, block: Block, starts: Int64, ends: Int64
    ) -> tuple[_Found, Int64, Sequence[bytes], bool, bool]:
        """What these lines begin with, which of `_names` their stream is, what messages stand in, and which values."""
        assert self._outer is not None, "asked for wrapped lines"
        if isinstance(self._outer, ObjectOpenReader):
            outer, bodies = self._outer.open(block, starts, ends)
        else:
            outer = self._outer.read(block, starts, ends)
            told = np.flatnonzero(outer.end >= 0)
            bodies = [Bodies(told, block, outer.message[told], ends[told])]
        found = _make_found(len(starts))
        stream: Int64 = np.full(len(starts), -1)
        found.kind[outer.end == NO] = _NONE
        rows = np.flatnonzero(outer.end >= 0)
        services = outer.service[rows]
        # The last number is that of lines without a service.
        numbers = np.full(len(self._outer.services) + 1, -1)
        members: dict[_Chain, list[int]] = {}
        for service in (np.flatnonzero(np.bincount(services + 1)) - 1).tolist():
            name = self._clean(self._outer.services[service]) if service >= 0 else None
            if name is not None:
                numbers[service] = self._number_service(name)
            members.setdefault(self._find_chain(name), []).append(service)
        for chain, theirs in members.items():
            for source, lines in enumerate(bodies):
                chosen = np.flatnonzero(np.isin(outer.service[lines.rows], theirs))
                inner = chain.read(lines.block, lines.starts[chosen], lines.ends[chosen])
                self._take_bodies(inner, outer, lines.rows[chosen], found)
                found.source[lines.rows[chosen]] = source
        if self._envelope.is_named:
            found.service[rows] = numbers[services]
        if self._envelope.is_several:
            stream[rows] = numbers[services]
        has_status, has_took = (
            any(told) for told in zip((False, False), *(chain.tells for chain in members), strict=True)
        )
        return found, stream, [lines.block.data for lines in bodies], has_status, has_took

    def _take_bodies(self, inner: _Found, outer: TextHeads, rows: Int64, found: _Found) -> None:
        """What lines say whose bodies say that."""
        # Where several write, whether a line goes on depends on whose the line before is.
        is_told = inner.kind >= (_HEAD if self._envelope.is_several else _NONE)
        found.kind[rows] = np.where(is_told, inner.kind, _ASK)
        found.time[rows] = np.where(outer.time[rows] != NO_TIME, outer.time[rows], inner.time)
        if self._envelope.is_coarse:
            found.fine = np.zeros(len(found.kind), np.int64) if found.fine is None else found.fine
            found.fine[rows] = np.where(inner.status > 0, 0, find_all_fine(outer.time[rows], inner.time))
        found.severity[rows] = np.where(inner.severity > 0, inner.severity, outer.severity[rows])
        found.inner_severity[rows] = inner.severity
        found.message[rows] = inner.message
        found.message_end[rows] = inner.message_end
        found.status[rows] = inner.status
        found.duration_us[rows] = inner.duration_us
        found.body[rows] = inner.body
        if inner.cells is not None:
            found.put_cells(rows, inner.cells)

    def _clean(self, name: str) -> str:
        opener = self._envelope.opener
        return opener.clean(name) if isinstance(opener, TextOpener) else name

    def _number_service(self, name: str) -> int:
        number = self._services.get(name)
        if number is None:
            number = self._services[name] = len(self._names)
            self._names.append(name)
        return number

    def _find_chain(self, service: str | None) -> _Chain:
        forms = self._envelope.by_service.get(service or "", self._envelope.forms)
        key = pickle.dumps(forms)
        chain = self._chains.get(key)
        if chain is None:
            chain = self._chains[key] = _Chain(forms, is_body=True)
        return chain
