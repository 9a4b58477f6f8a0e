"""Finds out whether a file's lines are wrapped, and learns what is inside."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.envelopes.fine import is_coarse
from logscope.ingest.envelopes.kinds import (
    ARCHIVED,
    TOLD,
    make_archive_opener,
    make_docker_opener,
    make_journald_opener,
    make_text_openers,
    make_told_openers,
    may_begin,
)
from logscope.ingest.envelopes.openers import JsonOpener, Opener, TextOpener
from logscope.ingest.formats.crash import CrashForm
from logscope.ingest.formats.form import CONTINUES, Form, TextForm
from logscope.ingest.formats.objects import load_object
from logscope.ingest.formats.plain import PlainForm, count_blanks_before_name
from logscope.ingest.severity import SEVERITY_BY_WORD
from logscope.ingest.timestamps.timestamp import Missing, ParseState

_LEAST: Final = 0.8
"""Share of the lines that an envelope must open."""
MOST_SERVICES: Final = 50
"""Of one stream, whose forms are learned each by itself."""

_GLANCED: Final = 3
"""Lines that show which openers are worth a try."""

LearnForms = Callable[[Sequence[bytes]], tuple[Form, ...]]


def learn_envelope(lines: Sequence[bytes], learn_inner: LearnForms) -> EnvelopeForm | None:
    """The envelope of a sample's lines with the forms of what it wraps; None when they are not wrapped.

    Args:
        lines: Of the sample.
        learn_inner: Learns the forms of bodies.
    """
    opener = _find_opener(lines)
    return None if opener is None else learn_bodies(opener, lines, learn_inner)


def learn_bodies(opener: Opener, lines: Sequence[bytes], learn_inner: LearnForms) -> EnvelopeForm:
    """The envelope of lines that are known to be wrapped.

    Args:
        opener: Opens them.
        lines: Of the sample.
        learn_inner: Learns the forms of bodies.
    """
    state = ParseState(2000)
    bodies: list[bytes] = []
    by_service: dict[str, list[bytes]] = {}
    for line in lines:
        opened = opener.open(line, state)
        if opened is None or not opened.body.strip():
            continue
        rows = [row.rstrip(b"\r") for row in opened.body.split(b"\n") if row.strip()]
        bodies.extend(rows)
        if opened.service is not None:
            by_service.setdefault(opened.service, []).extend(rows)

    def learn(found: Sequence[bytes]) -> tuple[Form, ...]:
        plain = PlainForm(indent=_find_indent(found), width=_find_width(found)) if opener.is_record else PlainForm()
        forms = learn_inner(found)
        if opener.is_timed and any(_is_told(form, found) for form in forms):
            forms = (plain,)
        # What no learned form reads is a message all the same where the transport sends messages.
        if not opener.is_record:
            return forms
        if isinstance(forms[-1], PlainForm):
            return (*forms[:-1], plain)
        return (*(form for form in forms if not isinstance(form, CrashForm)), CrashForm(traces=False), plain)

    forms = learn(bodies)
    chosen = sorted(by_service.items(), key=lambda one: (-len(one[1]), one[0]))[:MOST_SERVICES]
    if len(by_service) < 2:
        forms_of = dict.fromkeys(by_service, forms)
    else:
        forms_of = {service: learn(found) for service, found in chosen}
    return EnvelopeForm(opener, forms, forms_of, is_coarse=is_coarse(_list_stamps(opener, forms, forms_of, lines)))


def _list_stamps(
    opener: Opener, forms: tuple[Form, ...], forms_of: Mapping[str, tuple[Form, ...]], lines: Sequence[bytes]
) -> list[tuple[int, int]]:
    """The stamp of a transport, and that of the line in it, of all lines with both.

    Not of requests: a proxy's stamp tells when one came, the transport's when it was over.
    """
    if not opener.is_timed or not any(form.is_timed for one in (forms, *forms_of.values()) for form in one):
        return []
    found: list[tuple[int, int]] = []
    for line in lines:
        state = ParseState(2000)
        opened = opener.open(line, state)
        if opened is None or opened.head.time is None:
            continue
        body = opened.body.split(b"\n", 1)[0].rstrip(b"\r")
        heads = (form.parse(body, ParseState(2000)) for form in forms_of.get(opened.service or "", forms))
        inner = next((head for head in heads if head is not None), None)
        if inner is not None and inner is not CONTINUES and inner.time is not None and not inner.status:
            found.append((opened.head.time, inner.time))
    return found


def _find_indent(bodies: Sequence[bytes]) -> int:
    """Blanks that all bodies begin with, where there are enough to tell: the writer's, no sign of going on."""
    indents = [len(body) - len(body.lstrip(b" \t")) for body in bodies]
    return min(indents) if len(indents) >= _ENOUGH else 0


def _find_width(bodies: Sequence[bytes]) -> int:
    """Bytes that names at the begin of some bodies are filled up to; 0 where none are.

    All that is indented must be so: else it goes on.
    """
    indented = [body for body in bodies if body[:1] == b" "]
    width = indented[0].find(b" : ", 1) if indented else -1
    return width if width > 0 and all(count_blanks_before_name(body, width) for body in indented) else 0


_ENOUGH: Final = 3


def _is_told(form: Form, bodies: Sequence[bytes]) -> bool:
    """Whether what a form takes for a stamp stands in a sentence: `connection from web1 at Sun Jul 24 02:38:22 2005`.

    Such a time is told, not that of the record, which the envelope has.
    """
    if not isinstance(form, TextForm) or "minute" not in form.regex.groupindex:
        return False
    begins = [body[: match.start("minute")] for body in bodies if (match := form.regex.match(body)) is not None]
    words = [
        [word for word in _WORD.findall(begin) if word.decode().lower() not in SEVERITY_BY_WORD] for begin in begins
    ]
    return sum(len(found) >= _WORDS_OF_PROSE for found in words) * 2 > len(begins)


_WORD: Final = re.compile(rb"(?<!\S)[A-Za-z]{2,}(?=\s)")
_WORDS_OF_PROSE: Final = 2
"""Words of letters before a time that no head has: names and levels stand in brackets or alone."""


def _find_opener(lines: Sequence[bytes]) -> Opener | None:
    if lines[0][:1] == b"{":
        return _find_json_opener(lines)
    is_told = any(map(TOLD.match, lines[:_GLANCED]))
    openers = (
        one for one in (*(make_told_openers() if is_told else ()), *make_text_openers()) if _may_open(one, lines)
    )
    for opener in (make_archive_opener(),) if ARCHIVED.match(lines[0]) else openers:
        names: set[str] = set()
        fits = 0
        state = ParseState(2000)
        for line in lines:
            opened = opener.open(line, state)
            if opened is not None:
                fits += 1
                if opened.service is not None:
                    names.add(opened.service)
        if fits >= _LEAST * len(lines) and _is_plausible(opener, lines, names, fits):
            return opener
    return None


def _may_open(opener: TextOpener, lines: Sequence[bytes]) -> bool:
    """Whether enough lines look right at a glance: most openers are ruled out by the first few."""
    left = len(lines) - math.ceil(_LEAST * len(lines))
    for line in lines:
        left -= not may_begin(opener, line) or opener.header.regex.match(line) is None
        if left < 0:
            return False
    return True


def _is_plausible(opener: TextOpener, lines: Sequence[bytes], names: set[str], fits: int) -> bool:
    """Whether it is more than chance.

    A full date before `word word:` is how many loggers write, so it must show process ids to be syslog, or be of the
    kernel, which has none. Prefixes without a time could be anything: their names must repeat, and not be levels or
    numbers.
    """
    if opener.is_timed:
        if opener.name != "syslog" or opener.missing is Missing.YEAR:
            return True
        matches = [match for line in lines if (match := opener.header.regex.match(line)) is not None]
        return sum(1 for match in matches if match["pid"] or match["service"] == b"kernel") * 2 > len(matches)
    if any(name.lower() in SEVERITY_BY_WORD or name.replace(".", "").replace("-", "").isdigit() for name in names):
        return False
    return fits >= 2 and len(names) <= max(1, fits // 2)


_FORWARDED: Final = frozenset(("stream", "kubernetes", "container_name", "container_id"))
"""What stands beside a container's line."""


def _find_json_opener(lines: Sequence[bytes]) -> JsonOpener | None:
    records = [record for line in lines[:100] if (record := load_object(line)) is not None]
    if not records:
        return None

    def has(record: dict[str, object], *names: str) -> bool:
        return all(isinstance(record.get(name), str) for name in names)

    docker = sum(1 for record in records if has(record, "log") and not _FORWARDED.isdisjoint(record))
    if docker >= _LEAST * len(records):
        return make_docker_opener(cuts=any(str(record.get("log")).endswith("\n") for record in records))
    if sum(1 for record in records if "__REALTIME_TIMESTAMP" in record) >= _LEAST * len(records):
        return make_journald_opener()
    return None
