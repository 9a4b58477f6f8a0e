"""Learns what runs or gathers several programs and writes a name before each of their lines, as dozens of tools do.

No tool is known here by its name. What tells such a prefix is what stands behind it: lines that go on have it as well,
objects stand there, or the lines of one name are written otherwise than those of another. A logger's own head does not
stand before the lines of its traces.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from logscope.ingest.envelopes.openers import TextOpener
from logscope.ingest.formats.form import TextForm
from logscope.ingest.formats.plain import is_continuation
from logscope.ingest.layouts.text import StampPlace, find_stamp
from logscope.ingest.severity import SEVERITY_BY_WORD
from logscope.ingest.timestamps.timestamp import KIND_BY_NAME, ParseState

_NAME: Final = rb"(?P<service>[A-Za-z0-9_@][\w.@/#+-]{0,120})"
_PATH: Final = rb"(?P<service>[^\s:|\[\]<>]{1,200}\.[A-Za-z][\w.-]{0,20})"
_STREAM: Final = rb"(?P<service>[^\s/]{1,120}(?:/[^\s/]{1,120}){1,6})"
_BAR: Final = rb"[ ]{0,60}" + _NAME + rb"[ \t]{0,60}(?:\||\xe2\x94\x82) ?"
_FOUND: Final = _PATH + rb"[:-]\d{1,9}[:-]"
"""What grep found, and in which line: nobody else writes so."""
_UNTIMED: Final = (
    (rb"\d{1,4}\|" + _BAR, ""),  # number and name of a process, as pm2 prints them
    (_BAR, ""),
    (_FOUND, "path"),
    (_PATH + rb": ?", "path"),
    (rb"<" + _NAME + rb"> ", ""),
    (rb"\[" + _NAME + rb"\] ", ""),
    (_NAME + rb": ", ""),
    (_NAME + rb"\t", ""),
    (rb"(?:/?[\w.#/-]{1,200} )?" + _STREAM + rb" ", "path"),  # group and stream of a collector in the cloud
)
"""Prefixes, and what is cut from the names in them."""
_LABELS: Final = (
    rb'\{(?:[a-zA-Z_]\w{0,60}="[^"]{0,200}",? ?){0,12}?'
    rb'(?:app|app_kubernetes_io_name|service|service_name|container|container_name|unit|program)="'
    rb'(?P<service>[^"]{1,120})"[^}]{0,2000}\} '
)
_TIMED: Final = (
    (_BAR, ""),
    (_LABELS, ""),  # of a stream, as Loki's client prints them
    (rb"(?P<service>[A-Za-z][\w.-]{0,200})\t", "tag"),  # as Fluentd writes files
    (_STREAM + rb" ", "path"),
)
"""Prefixes behind a collector's stamp."""
_LEAST: Final = 0.9
"""Share of the lines that have the prefix."""
_FEWEST: Final = 8
_MOST_SERVICES: Final = 50
_NEAR: Final = 40
"""Bytes of a body before its stamp."""


def find_prefix_opener(lines: Sequence[bytes]) -> TextOpener | None:
    """The opener of a prefix that all lines have; None where they have none.

    Args:
        lines: Of the sample.
    """
    if len(lines) < _FEWEST:
        return None
    for form, strip in _list_headers(lines):
        left = (1 - _LEAST) * len(lines)
        opened: list[tuple[bytes, bytes]] = []
        for line in lines:
            found = form.regex.match(line)
            if found is None:
                left -= 1
                if left < 0:
                    break
            else:
                opened.append((found["service"], line[found.end() :]))
        if left < 0 or not _are_names({name for name, _ in opened}, len(opened)):
            continue
        # Labels in braces stand before no other lines than a collector's.
        if form.pattern.endswith(_LABELS) or _are_wrapped(form, opened):
            return TextOpener(form, strip)
    return None


_STAMPED: Final = KIND_BY_NAME["iso"].pattern + rb" "
_PIECE: Final = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,9}Z ")
_FRAME: Final = re.compile(rb"[ \t]{1,12}at [\w.$<>/]{3,200}\(|[ \t]{2,4}File \"|Caused by: |Traceback \(most recent")
"""A part of a trace: no logger writes its stamp before one, whether its own heads have stamps or not."""
_NEARLY_ALL: Final = 0.8
"""Share of a runtime's pieces that begin a record, or go on by their look."""
_THIRD: Final = 0.3
"""Share of pieces that begin a record, from which on the others belong to them whatever they look like."""


def find_piece_opener(lines: Sequence[bytes]) -> TextOpener | None:
    """The opener of lines that have a runtime's stamp before the writer's own head; None where they have none.

    As `kubectl logs --timestamps` and `docker logs -t` print them: such a stamp begins no record.
    """
    bodies = [line[found.end() :] for line in lines if (found := _PIECE.match(line)) is not None]
    if len(bodies) < _LEAST * len(lines):
        return None
    opener = TextOpener(TextForm("stamped lines", _STAMPED, "iso"))
    if any(map(_FRAME.match, bodies)):
        return opener
    state = ParseState(2000)
    heads = labelled = goes_on = 0
    for body in bodies:
        if body[:2] == b'{"' or _find_near(body) is not None:
            heads += 1
        elif is_continuation(body, state):
            goes_on += 1
        else:
            labelled += body.partition(b":")[0].decode("latin-1").lower() in SEVERITY_BY_WORD
    is_told = _SOME * len(bodies) <= heads and heads + goes_on >= _NEARLY_ALL * len(bodies)
    # Writers that leave the time to who runs them go on below their levels: `info: Shop.Store[7]`.
    are_below = _SOME * len(bodies) <= labelled and _THIRD * len(bodies) <= goes_on
    is_told |= are_below and labelled + goes_on >= _NEARLY_ALL * len(bodies)
    return opener if is_told or _THIRD * len(bodies) <= heads < len(bodies) else None


def _list_headers(lines: Sequence[bytes]) -> Iterator[tuple[TextForm, str]]:
    place = next((found for line in lines[:3] if (found := find_stamp(line)) is not None), None)
    if place is not None and not place.start:
        for pattern, strip in _TIMED:
            header = place.kind.pattern + rb"[ \t]{1,4}" + pattern
            yield TextForm("prefixed lines", header, place.kind.name, services=True), strip
        return
    for pattern, strip in _UNTIMED:
        yield TextForm("prefixed lines", pattern, None, services=True), strip


def _are_names(names: set[bytes], count: int) -> bool:
    """Whether lines begin with one of few names, most of which are no levels: one tool tells of its `system`."""
    levels = sum(name.decode("utf-8", "replace").lower() in SEVERITY_BY_WORD for name in names)
    return len(names) <= min(_MOST_SERVICES, max(1, count // 2)) and levels * 2 < len(names)


def _are_wrapped(form: TextForm, opened: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether lines of other programs stand behind a prefix.

    Args:
        form: Of the prefix.
        opened: Name and body of each line.
    """
    state = ParseState(2000)
    looks: dict[bytes, Counter[object]] = {}
    goes_on = objects = stamped = 0
    for name, body in opened:
        place = _find_near(body)
        is_object = body[:2] == b'{"'
        objects += is_object
        stamped += place is not None and not is_object
        if is_object or place is not None:
            look = "object" if is_object or place is None else (place.kind.name, place.prefix)
            looks.setdefault(name, Counter())[look] += 1
        else:
            goes_on += is_continuation(body, state) and bool(body.strip())
    heads = objects + stamped
    if heads + goes_on < _HALF * len(opened) or heads < _SOME * len(opened):
        return False
    if form.pattern == _FOUND:
        return True
    several = {counted.most_common(1)[0][0] for counted in looks.values()}
    return goes_on > 1 or objects > 0 or len(several) > 1 or (form.is_timed and heads < len(opened))


def _find_near(body: bytes) -> StampPlace | None:
    place = find_stamp(body)
    return place if place is not None and place.start <= _NEAR else None


_HALF: Final = 0.5
_SOME: Final = 0.05
"""Share of lines that begin a record: the others may be those of long traces."""
