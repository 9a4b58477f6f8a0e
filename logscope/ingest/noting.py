"""Signs the records of a stream that matter: warnings and worse, and heads of stack traces; all when examining.

Records of a block that were known before are looked up together; only the others are signed one by one.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from logscope.ingest.batch import Int64, Signature, UInt8
from logscope.ingest.formats.form import Head
from logscope.ingest.layouts.layout import Layout
from logscope.ingest.records import HEADLESS
from logscope.ingest.signatures.recall import LineRecall, LongRecall, RequestRecall
from logscope.ingest.signatures.signing import Signer
from logscope.ingest.signatures.stacks import has_stack
from logscope.model.severity import Severity

_FEW: Final = 32
"""Unknown records that are signed before the others are looked up again; then twice as many, and so on."""
_UNKNOWN, _NONE = -1, -2
"""Instead of the index of a signature: not looked at yet, and a record that does not matter."""


class Found(NamedTuple):
    """The records of a block that may matter; one entry each, in stream order."""

    begin: Int64
    """Offset of the head line in the block's data."""
    end: Int64
    """The one behind its text."""
    severity: UInt8
    is_long: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """Records of several lines."""
    joined: dict[int, bytes]
    """Texts of records that do not stand in the block as they are."""
    heads: dict[int, Head]
    """Heads of records whose first line was parsed."""
    requests: tuple[Int64, Int64] | None
    """Of an access log where request and status begin and end, -1 where that was not read; None for other logs."""


class Noter:
    """Signs the records of one stream."""

    def __init__(self, layout: Layout) -> None:
        """Begin to number signatures from 0; the layout is how the stream is written."""
        self._layout = layout
        self._signer = Signer(layout)
        self._lines = LineRecall(layout)
        self._long = LongRecall(self._lines)
        self._requests = RequestRecall()

    @property
    def signatures(self) -> list[Signature]:
        """Distinct signatures so far."""
        return self._signer.signatures

    def note(self, severity: int, text: bytes, head: Head | None, *, examine: bool) -> int:
        """Index of the signature of one record; negative where it does not matter.

        Args:
            severity: Of the record.
            text: The record.
            head: Of its first line; without it that is parsed.
            examine: It matters whatever its level.
        """
        is_long = b"\n" in text
        matters = examine or severity >= Severity.WARN
        if not matters and not (is_long and has_stack(text)):
            return _NONE
        return self._sign(text, head, b"", matters=matters, is_long=is_long)

    def note_block(self, data: bytes, found: Found, *, examine: bool) -> Int64:
        """The index of each record's signature; negative where it does not matter."""
        count = len(found.begin)
        index = np.full(count, _UNKNOWN, np.int64)
        begins, ends = found.begin.tolist(), found.end.tolist()
        alone = ~found.is_long
        if found.heads:
            alone[list(found.heads)] = False
        plain = np.flatnonzero(alone).tolist()
        requests: dict[int, bytes] = {}
        look_up: Callable[[list[int]], list[int]]
        if found.requests is None:

            def look_up(rows: list[int]) -> list[int]:
                return self._lines.find(data, [begins[n] for n in rows], [ends[n] for n in rows])

        else:
            first, last = (bound.tolist() for bound in found.requests)
            requests = {n: data[first[n] : last[n]] for n in plain if first[n] >= 0}
            plain = [n for n in plain if n in requests]

            def look_up(rows: list[int]) -> list[int]:
                return self._requests.find([requests[n] for n in rows])

        taken = self._note_plain(plain, look_up, lambda n: self._sign_line(data[begins[n] : ends[n]], requests.get(n)))
        index[plain] = taken
        for n in np.flatnonzero(index == _UNKNOWN).tolist():
            text = found.joined.get(n)
            if text is None:
                text = data[begins[n] : ends[n]]
            index[n] = self._note_other(
                text, found.heads.get(n), int(found.severity[n]), bool(found.is_long[n]), examine=examine
            )
        return index

    def _note_plain(
        self, rows: list[int], look_up: Callable[[list[int]], list[int]], sign: Callable[[int], int]
    ) -> list[int]:
        """Indexes of single lines: bit by bit, so that what the first ones teach is known for the others."""
        taken = look_up(rows)
        missing = [at for at, index in enumerate(taken) if index < 0]
        few = _FEW
        while missing:
            for at in missing[:few]:
                taken[at] = sign(rows[at])
            missing = missing[few:]
            few *= 2
            for at, index in zip(missing, look_up([rows[at] for at in missing]), strict=True):
                taken[at] = index
            missing = [at for at in missing if taken[at] < 0]
        return taken

    def _note_other(self, text: bytes, head: Head | None, severity: int, is_long: bool, *, examine: bool) -> int:
        matters = examine or severity >= Severity.WARN
        if is_long and head is None:
            known = self._long.find(text)
            if known is not None:
                return known.index if matters or (known.is_exception and has_stack(text)) else _NONE
        if not matters and not (is_long and has_stack(text)):
            return _NONE
        return self._sign(text, head, b"", matters=matters, is_long=is_long)

    def _sign_line(self, text: bytes, request: bytes | None) -> int:
        return self._sign(text, None, request or b"", matters=True, is_long=False)

    def _sign(self, text: bytes, head: Head | None, request: bytes, *, matters: bool, is_long: bool) -> int:
        """Sign a record, and remember it for the next of its kind where its first line was not parsed before."""
        known = head
        if known is None and self._signer.needs_head:
            known = self._layout.parse(text.split(b"\n", 1)[0], self._layout.new_state())
        known = known or HEADLESS
        signed = self._signer.sign(text, known.message, known.service or "", known.status)
        if signed.spans is not None and head is None:
            if is_long:
                if not signed.spans:
                    self._long.keep(text, known.message, signed.number, is_exception=signed.is_exception)
            elif request:
                self._requests.keep(request, signed.number)
            else:
                self._lines.keep(text, known.message, signed.number, signed.spans)
        return signed.number if matters or signed.is_exception else _NONE
