"""What a record says, for every record of a file: the text behind its head without the rich view's other fields."""

import re
from collections.abc import Sequence
from typing import Final

from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.envelopes.pretty import PrettyEnvelope
from logscope.ingest.formats.crash import CrashForm
from logscope.ingest.formats.form import CONTINUES, Form, TextForm
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.logfmt import LogfmtForm
from logscope.ingest.formats.plain import PlainForm
from logscope.ingest.formats.pretty import PrettyForm, join_lines
from logscope.ingest.formats.stray import StrayForm
from logscope.ingest.layouts.repeats import drop_heads
from logscope.ingest.signatures.fields import ORNAMENT, decode
from logscope.ingest.timestamps.timestamp import ParseState

TEXT: Final = (TextForm, PlainForm, StrayForm, CrashForm)
"""Forms whose message is the rest of the line."""
_SAYS_SOMETHING: Final = re.compile(b"[^" + re.escape(ORNAMENT.encode()) + b"]")


def read_message(forms: Sequence[Form], lines: list[bytes]) -> str:
    """Message of a record and its continuations, out of its envelopes.

    Args:
        forms: Of the layout, or of the bodies of an envelope.
        lines: Of the record, without escapes.
    """
    head = lines[0]
    for form in forms:
        text: str | None
        if isinstance(form, TextForm):
            begin = form.find_message(head)
            if begin < 0:
                continue
            if len(lines) > 1:
                lines = drop_heads(lines, begin)
            if _SAYS_SOMETHING.match(head, begin) is None and len(lines) > 1:
                return _read_later(form, lines)
            text = decode(head[begin:])
        elif isinstance(form, PrettyForm):
            if form.parse(head, ParseState()) is None:
                continue
            if isinstance(form, PrettyEnvelope):
                return read_message((form.envelope, form.inner), [join_lines(lines)])
            return form.read_fields(lines).message
        elif isinstance(form, JsonForm | LogfmtForm) and (text := form.read_message(head)) is not None:
            pass
        else:
            found = form.parse(head, ParseState())
            if found is None or found is CONTINUES:
                continue
            if isinstance(form, EnvelopeForm):
                return read_message(*form.open_record(lines))
            text = decode(head[found.message :]) if isinstance(form, TEXT) else form.read_fields(lines).message
            if "\n" in text:
                return text  # a quoted cell of several lines
        return _join(text, lines)
    return _join(decode(head), lines)


def _join(text: str, lines: list[bytes]) -> str:
    return text if len(lines) == 1 else "\n".join((text, *map(decode, lines[1:])))


def _read_later(form: TextForm, lines: list[bytes]) -> str:
    """Heads of a line of their own: the text is in one of the next lines, the others follow it."""
    text = form.read_fields(lines).message
    rest = [decode(line) for line in lines[1:]]
    begin = next((index for index, line in enumerate(rest) if text.strip() and text in line), -1)
    return "\n".join((text, *(line for index, line in enumerate(rest) if index != begin and line.strip())))
