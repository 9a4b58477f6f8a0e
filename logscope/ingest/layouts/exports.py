"""Finds out whether what objects and tables hold are lines of logs, as collectors and exports write them."""

from collections.abc import Sequence
from typing import Final

from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.envelopes.learn import LearnForms, learn_bodies
from logscope.ingest.envelopes.openers import JsonOpener, TableOpener
from logscope.ingest.formats.crash import CrashForm
from logscope.ingest.formats.form import CONTINUES, Head
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.objects import get_path
from logscope.ingest.formats.plain import PlainForm
from logscope.ingest.formats.stray import StrayForm
from logscope.ingest.formats.table import TableForm
from logscope.ingest.layouts.heads import begins_as_line, begins_with_level
from logscope.ingest.layouts.text import find_stamp
from logscope.ingest.timestamps.timestamp import ParseState
from logscope.model.severity import Severity

_NEARLY_ALL: Final = 0.9
"""Share of the objects that hold a text where the lines are looked for."""
_LEAST_WRAPPED: Final = 3
_LEAST_TOLD: Final = 2
_TELLING: Final = 0.1
"""Share of an export's messages that tell a level, from which on they are lines of a log."""


def unwrap(
    form: JsonForm, objects: Sequence[dict[str, object]], lines: Sequence[bytes], learn_inside: LearnForms
) -> EnvelopeForm | None:
    """The envelope that objects are whose messages are lines of a log, as collectors send them; None for others.

    Args:
        form: Reads the objects.
        objects: Of the sample.
        lines: That hold them, one each.
        learn_inside: Learns the forms of what is wrapped.
    """
    keys = form.keys
    if keys.status is not None:
        return None
    texts = (
        (path, [text for one in objects if isinstance(text := get_path(one, path), str)]) for path in keys.messages
    )
    path, bodies = next((found for found in texts if len(found[1]) >= _NEARLY_ALL * len(objects)), ((), []))
    # Most messages begin with a word: a look at the first lines rules them out.
    begins = [body.split("\n", 1)[0].encode("utf-8", "replace") for body in bodies]
    if len(begins) < _LEAST_WRAPPED or sum(map(begins_as_line, begins)) * 2 < len(begins):
        return None
    opener = JsonOpener(form, path, is_sure=False, is_record=bool(keys.service))
    wrapped = learn_bodies(opener, lines, learn_inside)
    # Where the objects tell no level, their texts may: in plain words.
    is_levelled = not keys.levels and sum(map(begins_with_level, begins)) >= _NEARLY_ALL * len(begins)
    heads = _read_wrapped(wrapped, lines, is_levelled=is_levelled)
    told = [head.severity for head in heads if head.severity is not Severity.UNKNOWN]
    if len(heads) * 2 < len(begins):
        return None
    return wrapped if len(told) >= max(_LEAST_TOLD, len(heads) * _TELLING) else None


def open_cells(table: TableForm, lines: Sequence[bytes], learn_inside: LearnForms) -> EnvelopeForm | None:
    """The envelope that a table is whose messages are lines of logs, as exports write them; None for others.

    Args:
        table: Reads the rows.
        lines: Of the sample.
        learn_inside: Learns the forms of what is wrapped.
    """
    columns = table.columns
    if columns.message is None or columns.status is not None:
        return None
    opener = TableOpener(table)
    if columns.level is not None:
        # The columns say it all, but for the rest of a head that the writer's own stamp begins.
        cells = [opened.body for line in lines if (opened := opener.open(line, ParseState())) is not None]
        if sum((place := find_stamp(cell)) is not None and not place.start for cell in cells) * 2 <= len(cells):
            return None
    wrapped = learn_bodies(opener, lines, learn_inside)
    heads = [head for line in lines if (head := wrapped.parse(line, ParseState())) is not None]
    told = sum(1 for head in heads if head is not CONTINUES and (head.severity is not Severity.UNKNOWN or head.status))
    return wrapped if told >= max(_LEAST_TOLD, len(heads) * _TELLING) else None


def _read_wrapped(wrapped: EnvelopeForm, lines: Sequence[bytes], *, is_levelled: bool) -> list[Head]:
    """Heads of what lines wrap, of those that forms which were learned for their service read.

    Args:
        wrapped: Reads the lines.
        lines: Of the sample.
        is_levelled: Plain texts are heads, too: they begin with levels.
    """
    heads: list[Head] = []
    for line in lines:
        opened = wrapped.opener.open(line, ParseState(2000))
        if opened is None:
            continue
        first = opened.body.split(b"\n", 1)[0]
        forms = wrapped.by_service.get(opened.service or "", wrapped.forms)
        spare = CrashForm | StrayForm if is_levelled else PlainForm | CrashForm | StrayForm
        known = (form for form in forms if not isinstance(form, spare))
        heads.extend([head for form in known if (head := form.parse(first, ParseState(2000))) is not None][:1])
    return heads
