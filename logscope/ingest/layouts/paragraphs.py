"""Learns records of several lines whose time stands in a later one.

Plan: the shape of one of the first lines that comes again and again divides the sample; each part must hold one stamp
of the same kind behind the same text, and name most of what it tells. Cost: one regex a line, where the first line has
no stamp; files whose first line has one are left alone.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from logscope.ingest.formats.paragraphs import ParagraphForm, load_paragraph, read_labels
from logscope.ingest.formats.plain import CONTINUATION
from logscope.ingest.layouts.json import learn_json
from logscope.ingest.layouts.keys import normalise, read_key_names
from logscope.ingest.layouts.text import StampPlace, find_stamp
from logscope.ingest.timestamps.kinds import NUMBERS
from logscope.ingest.timestamps.timestamp import Missing

_FIRST: Final = 6
"""Lines in which the first record may begin: an XML file explains itself first."""
_FEWEST: Final = 3
_MOST: Final = 0.9
_NEAR: Final = 20
"""Lines of a record in which its time stands."""
_VARIED: Final = re.compile(rb"\b(?=[a-f]*\d|[a-f]{8})[0-9a-fA-F]{6,64}\b|\d+")
_WORDS: Final = re.compile(rb"\S+[ \t]*")
_LONGEST: Final = 200
"""Bytes of a line in which its shape is looked for."""
_ENOUGH: Final = 3
"""Letters and marks of a line's begin that tell that a record begins there."""


def learn_paragraphs(lines: Sequence[bytes], reference: int | None = None) -> tuple[ParagraphForm, int] | None:
    """The form of such records, and how many there are; None where most lines are of none.

    Args:
        lines: Of the sample, without blank ones.
        reference: When the file was last written, microseconds UTC; None where that is not known.
    """
    return _learn_by_first(lines, reference) or _learn_by_divider(lines, reference)


def _learn_by_divider(lines: Sequence[bytes], reference: int | None) -> tuple[ParagraphForm, int] | None:
    """The form of records that a line of ornament divides, of which the first may be cut: `---`."""
    divider = next((line.rstrip() for line in lines[:_NEAR] if _DIVIDER.fullmatch(line)), None)
    if divider is None:
        return None
    begins = [at for at, line in enumerate(lines) if line.rstrip() == divider]
    if len(begins) < _FEWEST:
        return None
    return _learn(lines, begins, re.escape(divider) + rb"[ \t\r]{0,8}$", reference, has_stamp=False)


_DIVIDER: Final = re.compile(rb"[-=*_#~+]{3,200}[ \t\r]{0,8}")


def _learn_by_first(lines: Sequence[bytes], reference: int | None) -> tuple[ParagraphForm, int] | None:
    """The form of records that begin as one of the first lines does."""
    for line in lines[:_FIRST]:
        is_element = line.startswith(b"<") and line[1:2].isalpha()
        place = None if is_element else find_stamp(line)
        is_stamped = place is not None and place.kind.name not in NUMBERS
        if re.match(CONTINUATION, line) is not None or (is_stamped and not _lists_below(lines)):
            return None
        opener = _write_opener(place) if is_stamped and place is not None else _find_opener(line)
        opens = re.compile(opener).match
        begins = [at for at, one in enumerate(lines) if opens(one)]
        if len(begins) >= _FEWEST:
            return _learn(lines, begins, opener, reference, has_stamp=is_element or is_stamped)
        if not line.startswith(b"<"):
            return None
    return None


def _lists_below(lines: Sequence[bytes]) -> bool:
    """Whether nearly all lines that begin with blanks list values, and there are some for each that does not."""
    below = [line for line in lines if line[:1] in b" \t"]
    if len(below) < _FEWEST * (len(lines) - len(below)):
        return False
    return sum(1 for line in below if _LISTED.match(line)) >= _MOST * len(below)


_LISTED: Final = re.compile(rb"[ \t]+[A-Za-z_][\w.-]{0,60}(?:=|[ \t]{0,20}:[ \t])")


def _write_opener(place: StampPlace) -> bytes:
    """Regex of a line that begins with a stamp as this one does."""
    return place.prefix + _GROUP_NAME.sub(b"(?:", place.kind.pattern)


_GROUP_NAME: Final = re.compile(rb"\(\?P<\w+>")


def _find_opener(line: bytes) -> bytes:
    """Regex of a line's begin: as many of its words as tell enough, numbers and ids free.

    What is free gives nothing back, and is hexadecimal only as a whole word: of `a1b2c3...` each number could else
    end at any later letter.
    """
    text = b""
    for word in _WORDS.finditer(line[:_LONGEST]):
        text += word[0]
        if len(_VARIED.sub(b"", text).replace(b" ", b"")) >= _ENOUGH:
            break
    text = text.rstrip(b" \t\r")
    parts, last = [], 0
    for varied in _VARIED.finditer(text):
        beside = text[max(0, varied.start() - 1) : varied.start()] + text[varied.end() : varied.end() + 1]
        is_word = re.search(rb"\w", beside) is None
        parts += [re.escape(text[last : varied.start()]), rb"[0-9a-fA-F]{1,64}+" if is_word else rb"\d++"]
        last = varied.end()
    parts.append(re.escape(text[last:]))
    return b"".join(parts) + rb"(?![\w])"


def _learn(
    lines: Sequence[bytes], begins: list[int], opener: bytes, reference: int | None, *, has_stamp: bool
) -> tuple[ParagraphForm, int] | None:
    # The last one may be cut.
    records = [lines[at:end] for at, end in pairwise(begins)]
    if sum(1 for record in records if len(record) > 1) < _MOST * len(records):
        return None
    first = 0 if has_stamp else 1
    places = [[place for line in record[first:_NEAR] if (place := find_stamp(line)) is not None] for record in records]
    votes = Counter(_name(found[0]) for found in places if found)
    if not votes:
        return None
    ((name, before), count), *_ = votes.most_common(1)
    told = _find_named_stamp([record[first:_NEAR] for record in records])
    if told is not None:
        name, before, count = told
        places = [[one._replace(prefix=before) for one in found if one.kind.name == name][:1] for found in places]
    kinds = {place.kind for found in places for place in found if _name(place) == (name, before)}
    # With more than one stamp of a kind in each, they may be lines of a log between its ornaments.
    single = sum(1 for found in places if sum(1 for place in found if _name(place) == (name, before)) == 1)
    is_named = b":" in before or b"=" in before
    if count < _MOST * len(records) or any(kind.missing is not Missing.NOTHING for kind in kinds):
        return None
    if single < _MOST * len(records) and not is_named:
        return None
    names = _find_names(records)
    if len(names) < 2:
        return None
    loaded = [load_paragraph(record, names) for record in records]
    # A number that is the same in all says nothing: `level='16'`.
    varied = {name for name in names if len({str(record.get(name)) for record in loaded}) > 1}
    bare = [{k: v for k, v in one.items() if k in varied or len(str(v)) < 2 or not str(v).isdigit()} for one in loaded]
    form = learn_json("records", bare, reference)
    return ParagraphForm(form, opener, name, before, names), len(begins)


def _find_named_stamp(records: Sequence[Sequence[bytes]]) -> tuple[str, bytes, int] | None:
    """Kind of the stamps that stand behind the most telling name, regex of what stands before them, and their count.

    None where fewer than two names are followed by a stamp in most records: `receiveTimestamp` beside `timestamp`.
    """
    found: dict[bytes, Counter[str]] = {}
    for record in records:
        for line in record:
            label = _NAMED.match(line)
            place = find_stamp(line) if label is not None else None
            if label is not None and place is not None and place.start - label.end() in (0, 1):
                found.setdefault(line[: place.start], Counter())[place.kind.name] += 1
    most = {begin: kinds.most_common(1)[0] for begin, kinds in found.items() if len(kinds) == 1}
    told = {begin: kind for begin, kind in most.items() if kind[1] >= _MOST * len(records)}
    if len(told) < 2:
        return None
    order = {name: rank for rank, name in enumerate(read_key_names().time)}
    names = {begin: normalise(begin.decode("latin-1").rstrip(" \t:='\"")) for begin in told}
    known = {begin: order[name] for begin, name in names.items() if name in order}
    if not known:
        return None
    begin = min(known, key=lambda one: known[one])
    return told[begin][0], re.escape(begin), told[begin][1]


_NAMED: Final = re.compile(rb"[ \t]{0,40}[A-Za-z_@][\w.@-]{0,60}[ \t]{0,20}[:=][ \t]{0,8}")
"""A name before its value."""


def _name(place: StampPlace) -> tuple[str, bytes]:
    return place.kind.name, place.prefix


def _find_names(records: Sequence[Sequence[bytes]]) -> frozenset[str]:
    """Names that stand in most records; one alone in its line only where it is that of a text."""
    texts = set(read_key_names().message)
    counts: Counter[str] = Counter()
    for record in records:
        found = set()
        for line in record:
            for name, value in read_labels(line):
                if value or line.rstrip(b" \t\r").endswith((b":", b"=", b">")) or normalise(name) in texts:
                    found.add(name)
        counts.update(found)
    return frozenset(name for name, count in counts.items() if count * 2 >= len(records))
