"""Learns which keys of JSON objects mean time, level, message and service."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.envelopes.pretty import PrettyEnvelope
from logscope.ingest.formats.cards import CardForm, load_card, read_label
from logscope.ingest.formats.json import JsonForm, read_parts, read_time
from logscope.ingest.formats.names import clean_name
from logscope.ingest.formats.objects import Attribute, JsonKeys, Path, get_path, list_named
from logscope.ingest.formats.pretty import PrettyForm, cut_object, find_begin, join_lines, load_lines
from logscope.ingest.layouts.keys import find_unit, normalise, read_key_names
from logscope.ingest.layouts.request import begins_with_request
from logscope.ingest.layouts.rolls import find_base, is_row
from logscope.ingest.layouts.text import find_stamp
from logscope.ingest.severity import PROSE_SAFE_WORDS, choose_rising, parse_word
from logscope.ingest.timestamps.timestamp import AnyStamp, Missing, ParseState, choose_reading
from logscope.model.severity import Severity
from logscope.model.times import US

Unwrap = Callable[[JsonForm, Sequence[dict[str, object]], Sequence[bytes]], EnvelopeForm | None]


def _leaves(value: object, path: Path = (), depth: int = 0) -> Iterator[tuple[Path, object]]:
    if isinstance(value, dict) and depth < _DEEPEST and read_parts(value) is None:
        for key, inner in list(value.items())[:100]:
            yield from _leaves(inner, (*path, key), depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST and (named := list_named(value)):
        for key, inner in named:
            yield from _leaves(inner, (*path, Attribute(key)), depth + 1)
    elif isinstance(value, list) and value and depth < _DEEPEST and isinstance(value[0], dict):
        yield from _leaves(value[0], (*path, 0), depth + 1)
    elif isinstance(value, list) and value and is_row(value[0]):
        yield from (((*path, 0, at), cell) for at, cell in enumerate(value[0][: len(_CELLS)]))
    else:
        yield path, value


_DEEPEST: Final = 10
_CELLS: Final = ("time", "message")
"""What the cells of a row are."""


_ANSWER: Final = ("_source",)


class _Leaves:
    """All leaves of the sample's objects, by the normalised name of their path."""

    def __init__(self, objects: Sequence[Mapping[str, object]]) -> None:
        self.count = len(objects)
        self.base = find_base(objects)
        """Path of the record inside the object: empty but for exporters that wrap records in lists."""
        self.values: dict[Path, list[object]] = {}
        self.names: set[str] = set()
        for record in objects:
            for path, value in _leaves(record):
                self.values.setdefault(path, []).append(value)
            self.names.update(normalise(key) for key in record)
        self.paths: dict[str, list[Path]] = {}
        for path in self.values:
            self.paths.setdefault(self._name(path), []).append(path)
        self.names.update(self.paths)

    def _name(self, path: Path) -> str:
        shared = next((at for at, (one, other) in enumerate(zip(path, self.base, strict=False)) if one != other), None)
        if shared is None:
            inner = path[len(self.base) :]
        else:
            # What stands around a record, in an item of an outer list: `"stream":{"app":"cart"},"values":[`.
            inner = path[shared + 1 :] if shared and path[shared - 1] == 0 and len(path) > shared + 1 else path
        if inner and all(isinstance(key, int) for key in inner):
            return _CELLS[int(inner[0])] if len(inner) == 1 and int(inner[0]) < len(_CELLS) else ""
        # A search's answers and its dumps hold each record in a field of its own.
        inner = inner[1:] if inner[:1] == _ANSWER and len(inner) > 1 else inner
        keys = [key for key in inner if not isinstance(key, int)]
        attributes = [key for key in keys if isinstance(key, Attribute)]
        return ".".join(normalise(str(key)) for key in attributes[:1] or keys)

    def is_around(self, path: Path) -> bool:
        """Whether a value stands around records that are wrapped in lists, and not in them."""
        return bool(self.base) and path[: len(self.base)] != self.base

    def find(self, names: Iterable[str]) -> list[Path]:
        """Paths with one of the names, in the names' order."""
        return [path for name in names for path in self.paths.get(name, ())]


def learn_json(name: str, objects: Sequence[dict[str, object]], reference: int | None = None) -> JsonForm:
    """The form of a sample's objects.

    Args:
        name: Format name to fall back to.
        objects: At least one.
        reference: When the file was last written, microseconds UTC; None where that is not known.
    """
    leaves = _Leaves(objects)
    stamps = AnyStamp()
    levels = _find_levels(leaves)
    method = next(iter(leaves.find(read_key_names().method)), None)
    status = next(
        (path for path in leaves.find(read_key_names().status) if _share(leaves.values[path], _is_status) > 0.9), None
    )  # fmt: skip
    route_like = any(word in leaf for leaf in leaves.paths for word in ("path", "uri", "url", "route"))
    took = next(
        (path for path in leaves.find(read_key_names().took) if _share(leaves.values[path], _is_number) > 0.9), None
    )
    times = _find_times(leaves, stamps)
    messages = _find_messages(leaves, {*times, *levels})
    is_request = status is not None and (
        method is not None or route_like or _are_requests(objects, status, messages[0] if messages else ())
    )
    service, strip = _find_service(leaves, messages)
    keys = JsonKeys(
        times=times,
        levels=levels,
        scale=_find_scale(leaves, levels),
        default=Severity.INFO if "@t" in leaves.names else Severity.UNKNOWN,
        messages=messages,
        service=service,
        strip=strip,
        status=status if is_request else None,
        method=method if is_request else None,
        took=took if is_request else None,
        took_unit=find_unit(str(took[-1]), _numbers(leaves.values[took])) if took is not None else US,
        logger=next(iter(leaves.find(read_key_names().logger)), None),
        thread=next(iter(leaves.find(read_key_names().thread)), None),
        stacks=tuple(leaves.find(read_key_names().stack)[:4]),
    )
    known = next((one for one, marks in read_key_names().objects if marks <= leaves.names), name)
    return JsonForm(known, keys, *_find_missing(leaves, keys.times, stamps, reference))


def learn_pretty(
    lines: Sequence[bytes], reference: int | None, unwrap: Unwrap
) -> tuple[PrettyForm | PrettyEnvelope, int] | None:
    """The form of objects that are printed over several lines, and how many there are; None when most lines are none.

    Args:
        lines: Of the sample.
        reference: When the file was last written, microseconds UTC; None where that is not known.
        unwrap: Learns what objects wrap, from them and the lines that they would be.
    """
    begins = [(at, indent) for at, line in enumerate(lines) if (indent := find_begin(line)) is not None]
    best: tuple[PrettyForm, int] | None = None
    for level in sorted({indent for _, indent in begins}):
        objects, joined, between = _load_level([at for at, indent in begins if indent == level], lines)
        if not objects or (best is not None and len(objects) < 2):
            continue
        form = learn_json("json", objects, reference)
        # Behind heads that tell when, objects without a time are what these say.
        if not form.is_timed and sum(1 for line in between if find_stamp(line) is not None) >= len(objects):
            continue
        # One object around all of them is a search's answer; what stands deeper in others is no record.
        if form.is_timed or level == min(indent for _, indent in begins):
            wrapped = unwrap(form, objects, joined)
            best = PrettyForm(form, level) if wrapped is None else PrettyEnvelope(form, wrapped, level), len(objects)
            if len(objects) > 1:
                break
    return best


def _load_level(
    places: Sequence[int], lines: Sequence[bytes]
) -> tuple[list[dict[str, object]], list[bytes], list[bytes]]:
    """The objects that begin at some lines, each as the line that it would be, and the lines between them.

    None of all where they are no log.
    """
    objects: list[dict[str, object]] = []
    joined: list[bytes] = []
    between = list(lines[: places[0]])
    covered = 0
    for at, end in zip(places, [*places[1:], len(lines)], strict=True):
        rows = cut_object(list(lines[at:end]))
        between.extend(lines[at + len(rows) : end])
        while rows and b"}" not in rows[-1]:
            rows.pop()
        record = load_lines(rows) if rows else None
        if record is not None:
            objects.append(record)
            joined.append(join_lines(rows))
            covered += len(rows)
    # Objects that a text log quotes now and then do not make it one of objects.
    is_log = covered * 10 >= (len(lines) - places[0]) * 7 and covered * 2 >= len(lines)
    return (objects, joined, between) if is_log else ([], [], [])


def learn_cards(lines: Sequence[bytes], reference: int | None = None) -> tuple[CardForm, int] | None:
    """The form of records that list named values, one a line, and how many there are; None when most lines are none.

    Args:
        lines: Of the sample, without blank ones.
        reference: When the file was last written, microseconds UTC; None where that is not known.
    """
    first = read_label(lines[0])
    if first is None:
        return None
    bare = [label for line in lines if line[:1] not in (b" ", b"\t") for label in [read_label(line)]]
    named = [label for label in bare if label is not None]
    begins = [at for at, line in enumerate(lines) if line[:1] not in (b" ", b"\t") and _is_named(line, first[0])]
    if len(begins) < 2 or len(named) < _LABELLED * len(bare) or len(named) < _FEWEST_VALUES * len(begins):
        return None
    records = [load_card(lines[at:end]) for at, end in zip(begins, [*begins[1:], len(lines)], strict=True)]
    # Values that stand twice in a record are those of another record.
    if sum(map(len, records)) < _LABELLED * len(named):
        return None
    form = learn_json("labelled lines", records, reference)
    return (CardForm(form, first[0]), len(records)) if form.is_timed else None


def _is_named(line: bytes, name: str) -> bool:
    label = read_label(line)
    return label is not None and label[0] == name


def _are_requests(objects: Sequence[Mapping[str, object]], status: Path, message: Path) -> bool:
    """Whether the messages of objects with a status begin with method and path: `POST /invoice`."""
    told = [get_path(record, message) for record in objects if message and _is_status(get_path(record, status))]
    requests = sum(isinstance(text, str) and begins_with_request(text.encode()) for text in told)
    return bool(told) and requests > _LABELLED * len(told)


_LABELLED: Final = 0.9
_FEWEST_VALUES: Final = 3


def _share(values: list[object], judge: Callable[[object], bool]) -> float:
    return sum(1 for value in values if judge(value)) / len(values)


def _numbers(values: list[object]) -> list[float]:
    return [float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]


def _is_status(value: object) -> bool:
    if isinstance(value, str):
        return len(value) == 3 and value.isdigit() and 100 <= int(value) < 600
    return isinstance(value, int | float) and not isinstance(value, bool) and (100 <= value < 600 or value == 0)


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return len(value) < 32 and value[:1].isdigit()
    return isinstance(value, int | float) and not isinstance(value, bool)


def _find_times(leaves: _Leaves, stamps: AnyStamp) -> tuple[Path, ...]:
    ranked: list[tuple[int, int, int, Path]] = []
    order = {name: rank for rank, name in enumerate(read_key_names().time)}
    for name, paths in leaves.paths.items():
        for path in paths:
            values = leaves.values[path]
            known = order.get(name)
            last = order.get(name.rsplit(".", 1)[-1])
            if known is None and last is None and not any(isinstance(value, str) for value in values):
                continue  # a number is a time only by its name
            good = sum(1 for value in values if read_time(value, stamps, ParseState()) is not None)
            if good * 2 < len(values):
                continue
            depth = len(path) - len(leaves.base) if path[: len(leaves.base)] == leaves.base else len(path)
            rank = known if known is not None else 100 + last if last is not None else 200
            ranked.append((depth if known is None or depth > 2 else 1, rank, depth, path))
    ranked.sort(key=lambda one: one[:3])
    return tuple(path for *_, path in ranked[:4])


def _find_missing(
    leaves: _Leaves, times: tuple[Path, ...], stamps: AnyStamp, reference: int | None
) -> tuple[Missing, str]:
    """What the stamps do not say, and how ambiguous dates are read."""
    for path in times[:1]:
        texts = [value.strip().encode("utf-8", "replace") for value in leaves.values[path] if isinstance(value, str)]
        found = stamps.find_kind(texts[0]) if texts else None
        if found is not None:
            return found[0].missing, choose_reading(found[0].name, texts, reference)
    return Missing.NOTHING, ""


def _find_messages(leaves: _Leaves, taken: set[Path]) -> tuple[Path, ...]:
    """Where the objects' texts are: by their names, those that never vary last; else the wordiest."""
    named = leaves.find(read_key_names().message)
    # What only some objects have tells them apart, though it never varies: `"error":"permission denied"`.
    varied = [
        path
        for path in named
        if not _is_constant(leaves.values[path]) or len(leaves.values[path]) < _NEARLY_ALL * leaves.count
    ]
    wordiest = _find_wordiest(leaves, {*named, *taken}) if not varied else None
    first = (*varied, wordiest) if wordiest is not None else varied
    return tuple(dict.fromkeys((*first, *named)))[:6]


def _is_constant(values: list[object]) -> bool:
    return len(values) >= _ENOUGH and len({str(value) for value in values}) == 1


def _find_wordiest(leaves: _Leaves, taken: set[Path]) -> Path | None:
    """The texts with the most words, prose rather than names; None where no field holds any."""
    best: tuple[float, Path] | None = None
    for path, values in leaves.values.items():
        texts = [value for value in values if isinstance(value, str)]
        if path in taken or any(isinstance(key, int) for key in path) or len(texts) * 2 < leaves.count:
            continue
        words = sum(min(20, text[:400].count(" ")) for text in texts) / len(texts)
        stack = sum("\n" in text for text in texts) * 2 > len(texts)
        if words >= 1 and not stack and not _is_constant(values) and (best is None or words > best[0]):
            best = words, path
    return None if best is None else best[1]


def _find_levels(leaves: _Leaves) -> tuple[Path, ...]:
    found = []
    for path in leaves.find(read_key_names().level):
        depth = len(path) - len(leaves.base)
        if depth > 2 or (depth == 2 and normalise(str(path[0])) in ("labels", "alert", "alerts", "event")):
            continue
        values = leaves.values[path]
        good = sum(1 for value in values if isinstance(value, str) and _is_level_text(value))
        good += sum(1 for value in values if isinstance(value, int | float) and not isinstance(value, bool))
        if good * 10 >= len(values) * 6:
            found.append(path)
    # A number's scale is guessed, a word is none.
    found.sort(key=lambda path: not any(isinstance(value, str) for value in leaves.values[path]))
    return tuple(found[:3]) or _find_unnamed_level(leaves)


def _find_unnamed_level(leaves: _Leaves) -> tuple[Path, ...]:
    """A field whose values are levels in nearly all objects, different ones among them, whatever its name.

    So may be the first items of lists: `"tags":["error","plugins"]`.
    """
    best: tuple[int, Path] | None = None
    items = {
        (*path, at): [value[at] for value in values if isinstance(value, list) and len(value) > at]
        for path, values in leaves.values.items()
        if isinstance(values[0], list)
        for at in range(_FIRST_ITEMS)
    }
    for path, values in (*leaves.values.items(), *items.items()):
        inner = path[:-1] if path in items else path
        if len(path) > 3 or any(isinstance(key, int) for key in inner) or len(values) * 10 < leaves.count * 7:
            continue
        words = [value.strip().lower() for value in values if isinstance(value, str) and len(value) <= 16]
        good = sum(1 for word in words if word in PROSE_SAFE_WORDS)
        distinct = len(set(words))
        if good * 10 >= len(values) * 9 and 1 < distinct <= 12 and (best is None or distinct > best[0]):
            best = distinct, path
    if best is None:
        return ()
    leaves.values.setdefault(best[1], items.get(best[1], []))
    return (best[1],)


_FIRST_ITEMS: Final = 2
_NEARLY_ALL: Final = 0.9
_ENOUGH: Final = 10
"""Objects in which what never varies is no message."""


def _is_level_text(value: str) -> bool:
    return parse_word(value) is not Severity.UNKNOWN or (value.isascii() and value.isdigit() and len(value) < 3)


def _find_scale(leaves: _Leaves, levels: tuple[Path, ...]) -> str:
    if not levels:
        return "node"
    name = normalise(str(levels[0][-1]))
    numbers = [
        int(value)
        for value in leaves.values[levels[0]]
        if (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 100_000)
        or (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6)
    ]
    if name in ("levelno",):
        return "python"
    if name == "severitynumber":
        return "otel"
    if name in ("priority", "pri", "severitycode") or "shortmessage" in leaves.names:
        return "syslog"
    if not numbers:
        return "node"
    if max(numbers) >= 1100:
        return "logback"
    if max(numbers) >= 100:
        falling = name == "intlevel" or "intlevel" in leaves.names
        return "log4j" if falling else "jul" if "sourceclassname" in leaves.names else "hundreds"
    if max(numbers) >= 10:
        return "node"
    return "small" if "reqid" in leaves.names else choose_rising(numbers) or "syslog"


_HOLE: Final = re.compile(r"\{[@$]?([A-Za-z]\w{0,60})[}:,]")


def _find_service(leaves: _Leaves, messages: Sequence[Path]) -> tuple[tuple[Path, ...], str]:
    """Where the services stand, and what is cut from their names; none where one writes all, as far as records tell."""
    if "realtimetimestamp" in leaves.names:
        return tuple(leaves.find(("systemdunit", "syslogidentifier", "userunit", "comm"))), ""
    texts = [value for path in messages for value in leaves.values.get(path, ()) if isinstance(value, str)]
    # `Release of {App} is out`: of whom a message tells is not who writes it.
    told = {name for text in texts if "{" in text for name in _HOLE.findall(text)}
    for path in leaves.find(read_key_names().service):
        if path[-1] in told:
            continue
        strip = _STRIPS.get(normalise(str(path[-1])), "")
        values = [clean_name(value, strip) for value in leaves.values[path] if isinstance(value, str) and value]
        # What tells of the run or the day alone is nobody's name.
        values = [value for value in values if not strip or _NAME.fullmatch(value)]
        most = max(6, len(values))
        # What stands around many records is said of all of them.
        least = 1 if leaves.is_around(path) else 2
        if least <= len(set(values)) <= most // 3 and len(values) * 10 >= leaves.count * 7:
            return (path,), strip
    return (), ""


_NAME: Final = re.compile(r"[A-Za-z][\w.-]{0,80}")
_STRIPS: Final[Mapping[str, str]] = {
    "pod": "pod", "podname": "pod", "logstream": "path", "logstreamname": "path", "loggroup": "path",
}  # fmt: skip
"""By the name of a key what is cut from the names that stand there."""
