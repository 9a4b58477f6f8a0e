"""Records that say that something was altered, or that work began: what may have set an incident off."""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from logscope.analysis.causes.settings import find_other_settings
from logscope.analysis.kinds.headlines import fill_template, one_line, tell_row
from logscope.analysis.kinds.kinds import Kind
from logscope.index.exemplars import Exemplar
from logscope.ingest.formats.table import TableForm
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.knowledge.rule import RuleClass
from logscope.model.files import LineRef
from logscope.model.times import NO_TIME, US
from logscope.text.fields import (
    CHANGED,
    list_altered,
    tell_differences,
    tell_fields,
    tell_values,
    tells_alteration,
    tells_change,
)

FEW_RECORDS: Final = 50
"""Up to so many records a log is one of events, not of a running service."""

_START_US: Final = 30 * US
"""A server is ready within."""
_BEGIN_US: Final = 2 * US
_BEGIN_LINES: Final = 50
"""What a server says while it starts is written at once, in few lines."""

_START_LINES: Final = 400
"""One that says that it starts tells of its cluster, queues and settings in hundreds of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """One record that says that something was altered."""

    kind: Kind
    time: int
    sample: str
    file: str
    line: int
    text: str
    """What this record says, in one line: another one of its kind may speak of another version."""
    is_alteration: bool = True
    """Something was altered; else work began."""
    tag: str = ""
    """Who speaks in this record, or of whom it tells, where its log writes that in front of the message."""

    @property
    def key(self) -> tuple[str, int, str]:
        """What tells it from all others: a line may hold many records."""
        return self.file, self.line, self.sample

    @property
    def ref(self) -> LineRef:
        """Its place."""
        return LineRef(self.file, self.line)


def find_changes(kinds: Iterable[Kind], file_starts: Mapping[str, int]) -> list[Change]:
    """Records of changes that are kept, by time.

    A service's start at the first lines of its file is where the log begins, not a change, and neither is what it says
    of its settings while it starts; but a log of few records without such a start is one of events (releases,
    migrations), and its first line is as good as any.

    Args:
        kinds: All kinds, of every level.
        file_starts: First stamp of each source, corrected.
    """
    found: dict[tuple[str, int, str], Change] = {}
    kinds = list(kinds)
    records: dict[str, int] = {}
    for kind in kinds:
        records[kind.view.key] = records.get(kind.view.key, 0) + kind.count
    states = [kind for kind in kinds if kind.meaning.cls is RuleClass.STATE and kind.subject == kind.node]
    # Several services may write to one log, and each starts by itself.
    starting = {
        (kind.view.key, kind.node)
        for kind in states
        if any(_is_at_begin(one, kind, file_starts) for one in kind.exemplars)
    }
    started = _find_started(states, file_starts)
    for kind in kinds:
        is_alteration = (kind.meaning.kind is MeaningKind.CHANGE or _is_release(kind)) and not is_check(kind)
        if not is_alteration and not _is_start_of_work(kind) and not _begins_late(kind, file_starts):
            continue
        is_long = records[kind.view.key] > FEW_RECORDS
        is_own_start = (kind.view.key, kind.node) in starting and kind.subject == kind.node
        ready = started.get((kind.view.key, kind.node), NO_TIME) if kind.subject == kind.node else NO_TIME
        # While others are long written a log begins with what was released, and not by chance.
        is_first = _is_late(kind, file_starts) and _RELEASES.search(kind.headline) is not None
        for one in kind.exemplars:
            most = _START_LINES if is_own_start else _BEGIN_LINES
            is_begin = (is_long or is_own_start) and _is_at_begin(one, kind, file_starts, most)
            is_begin = is_begin or one.time + kind.view.shift_us < ready + US
            if one.time == NO_TIME or (is_begin and not is_first):
                continue
            change = replace(read_change(kind, one), is_alteration=is_alteration)
            found[change.key] = change
    for kind in kinds:
        if kind.count > FEW_RECORDS or kind.is_failure or kind.is_request:
            continue
        if _STARTS.search(kind.headline):
            for change in _find_new_versions(kind):
                found.setdefault(change.key, change)
        for one, differing in find_other_settings(kind):
            change = read_change(kind, one)
            found[change.key] = replace(change, text=f"{change.text} ({differing})")
    return sorted(found.values(), key=lambda c: (c.time, c.file, c.line))


def _find_new_versions(kind: Kind) -> Iterable[Change]:
    """Starts of a service that tell another version than its start before: it was released meanwhile."""
    kept = sorted((one for one in kind.exemplars if one.time != NO_TIME), key=lambda one: (one.time, one.line))
    before = ""
    for one in kept:
        told = _VERSIONS.search(one.text.partition(b"\n")[0][:_LONGEST_START])
        version = next(filter(None, told.groups()), b"").decode() if told is not None else ""
        if version and before and version != before:
            change = read_change(kind, one)
            now = "" if version in change.text else f" {version}"
            yield replace(change, text=f"{change.text}{now} ({before} before)")
        before = version or before


_VERSIONS: Final = re.compile(
    rb"(?<![\w.])v?(\d{1,5}\.\d{1,5}\.\d{1,5}(?:-[a-z]{1,10}\.?\d{0,4})?)(?![\w.])"
    # Of two parts a number may be anything: it is a version by what stands before or behind it.
    rb"|\b(?:[Vv]ersion|[Rr]elease|[Bb]uild)[ =:]{1,2}v?(\d{1,5}\.\d{1,5})(?![\w.])"
    rb"|(?<![\w.])v(\d{1,5}\.\d{1,5})(?![\w.])"
    rb"|\\?\"(?:version|release|build)\\?\": ?\\?\"v?(\d{1,5}\.\d{1,5}(?:\.\d{1,5})?)\\?\""
    rb"|(?<![\w.:=])(\d{1,5}\.\d{1,5}) (?:start|boot|launch|running|ready|up\b)"
)
_LONGEST_START: Final = 2000
_STARTS: Final = re.compile(r"(?i)\b(?:start(?:s|ed|ing)?|boot(?:s|ed|ing)?|launch(?:es|ed|ing)?|running|ready|up)\b")


def _find_started(states: Iterable[Kind], file_starts: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """By log and node when a server that starts with it said so last: large ones take long."""
    found: dict[tuple[str, str], int] = {}
    for kind in states:
        at = kind.view.key, kind.node
        begins = file_starts.get(kind.view.key)
        for one in kind.exemplars:
            time = one.time + kind.view.shift_us
            if begins is None or one.time == NO_TIME or not begins <= time <= begins + _START_US:
                continue
            found[at] = max(time, found.get(at, time))
    return found


def changes_by_node(changes: Iterable[Change]) -> dict[str, list[int]]:
    """By node when something of it was altered, ascending as the changes are."""
    found: dict[str, list[int]] = {}
    for change in changes:
        for node in {change.kind.subject, *change.kind.mentions}:
            found.setdefault(node, []).append(change.time)
    return found


def read_change(kind: Kind, one: Exemplar) -> Change:
    """One kept record of a kind, as what it says was altered."""
    read = kind.view.layout.fields(one.text)
    text = one_line(fill_template(read.message, read.values)) or kind.headline
    sample = one.text.decode("utf-8", "replace")
    fields = tell_differences(sample) or ", ".join(filter(None, (*list_altered(sample), tell_fields(sample, CHANGED))))
    text = tell_row(read) or text
    if fields and text.startswith("{"):
        # An object without a message says what it says in its fields.
        text = fields
    elif fields:
        text = f"{text.rstrip(' :-')}: {fields}"
    tag = read.logger or ""
    if tag and kind.match is not None and kind.headline.startswith(f"{tag}: "):
        # A rule took it for a word of the message (builder.py).
        text = f"{tag}: {text}"
    if _NAME.fullmatch(tag) and tag.lower() not in {kind.node.lower(), kind.service.lower(), *text.lower().split()}:
        text = f"{tag}: {text}"
    return Change(kind, one.time + kind.view.shift_us, sample, kind.view.parts[one.part], one.line, text, tag=tag)


_NAME: Final = re.compile(r"[a-z][\w-]{1,39}")
"""What a deployer or supervisor writes in front of a message: a service, or what befell it. Classes have dots."""


def _is_at_begin(one: Exemplar, kind: Kind, file_starts: Mapping[str, int], most_lines: int = _BEGIN_LINES) -> bool:
    """Among the first lines of its log, within the first moments."""
    begins = file_starts.get(kind.view.key)
    if begins is None or one.time == NO_TIME:
        return False
    return one.time + kind.view.shift_us - begins < _BEGIN_US and 0 < one.line <= most_lines


def _is_release(kind: Kind) -> bool:
    """A record that seldom comes and tells the version of something, or a value beside the former one.

    What tells of a version put it there or took it away.
    """
    if kind.is_failure or kind.is_request or kind.count > FEW_RECORDS:
        return False
    sample = kind.sample
    if kind.meaning.kind is MeaningKind.STATE and kind.subject != kind.node:
        # `shop 7.0.0 installed (was 6.4.2), shop.service restarted`: who restarts another one may tell why.
        return tells_alteration(sample)
    # What a diff holds are settings, whatever their words say.
    is_told = tells_change(sample) or _VERSIONED.intersection(_columns_of(kind))
    return bool(tell_differences(sample)) or (kind.meaning.kind is MeaningKind.NONE and bool(is_told))


def _columns_of(kind: Kind) -> tuple[str, ...]:
    """Names of the columns of the table that its log is; none of another log, and of what has no time."""
    form = kind.view.layout.forms[0] if kind.view.layout.forms and kind.first_seen is not None else None
    return tuple(name.lower() for name in form.columns.names) if isinstance(form, TableForm) else ()


_VERSIONED: Final = frozenset(
    ("version", "new_version", "revision", "image", "tag", "commit", "release", "build", "chart")
)  # fmt: skip
"""What a log of releases has a column for."""


_CHECKED: Final = re.compile(
    r"(?i)\b(?:validated|verified|checked|validating|verifying|checking)\b"
    # Ansible looked at a host, and found it as it should be.
    r"|(?<![\w.])(?:ok|skipping): \[[\w.:-]{1,80}\]"
)


def is_check(kind: Kind) -> bool:
    """Something was only looked at: migrations are validated before one is run."""
    return _CHECKED.search(kind.headline) is not None


def _is_start_of_work(kind: Kind) -> bool:
    """A job, a command or a backup begins: an event that may set something off, though nothing was altered."""
    is_plain = kind.meaning.kind in (MeaningKind.STATE, MeaningKind.NONE) and not kind.is_failure
    return is_plain and not kind.is_request and _WORK.search(kind.headline) is not None


def _begins_late(kind: Kind, file_starts: Mapping[str, int]) -> bool:
    """The log of a job: it begins while others are long written, with a line that says that something starts."""
    is_first = _is_late(kind, file_starts) and kind.first_seen == file_starts[kind.view.key]
    return is_first and not kind.is_failure and not kind.is_request and _BEGINS.search(kind.headline) is not None


def _is_late(kind: Kind, file_starts: Mapping[str, int]) -> bool:
    """Its log begins while others are long written."""
    begin = file_starts.get(kind.view.key, NO_TIME)
    return begin != NO_TIME and begin - min(file_starts.values()) > _LATE_US


_LATE_US: Final = 60 * US
_RELEASES: Final = re.compile(r"(?i)\b(?:deploy\w*|roll(?:ing|ed)? ?out|releas\w+|upgrad\w+)\b")
_BEGINS: Final = re.compile(r"(?i)\b(?:start(?:s|ed|ing)?|begins?|beginning|began|launch(?:es|ed|ing)?)\b")

_JOB: Final = (
    r"\b(?:job|task|batch|backup|dump|cron|import|export|script|vacuum|reindex|compaction|archiv\w+|clean-?up|purge|snapshot"
    r"|rollup|sweep|report|reboot|drain\w*|patch\w*|rebalanc\w+)\b"
)
_WORK: Final = re.compile(
    r"(?i)\bCMD\b|\b(?:start\w*|begin\w*|launch\w*|run\w*|trigger\w*|execut\w*)\b.{0,80}"
    + _JOB + "|" + _JOB + r".{0,80}\b(?:starting|started|start|begins?|beginning|began|launched|triggered)\b"
)  # fmt: skip


_ANSWER: Final = re.compile(
    r"(?i)fail-?over|\bswitch-?(?:master|over)|\bpromot|\btake-?over|\bmaster mode\b|new (?:leader|master|primary)\b"
)


def is_answer(change: Change) -> bool:
    """Whether it is done because somebody fell: another one takes over. Behind the cause that is its effect."""
    return _ANSWER.search(change.text) is not None


def find_concerned(change: Change) -> set[str]:
    """Whose change it is, and whom it names."""
    kind = change.kind
    named = tell_values(change.sample) if change.is_alteration else ()
    others: set[str] = set()
    if _NAME.fullmatch(change.tag):
        # `mail: release r3 live`: others of its kind are about others, and so is whoever those name.
        said = change.sample.lower()
        others = {name for name, weight in kind.mentions.items() if weight < 1.0 and name.lower() not in said}
    return {kind.node, kind.service, *({kind.subject, *kind.mentions} - others), *named}


def find_deployed(change: Change, changes: Sequence[Change]) -> Change:
    """Where a service only says that it is up again: who altered it moments before, by another log; else the change.

    Args:
        change: What is taken for the one that set something off.
        changes: All, by time.
    """
    kind = change.kind
    if kind.meaning.kind is MeaningKind.CHANGE or kind.subject != kind.node or _STARTS.search(change.text) is None:
        return change
    for other in reversed(changes):
        is_near = 0 <= change.time - other.time <= _UP_AGAIN_US
        is_other = other.kind.node != kind.node or other.file != change.file
        if is_near and other.is_alteration and is_other and _releases(other, change):
            return other
    return change


def _releases(other: Change, start: Change) -> bool:
    """It names who starts, or the version that is new with that start."""
    if start.kind.node in find_concerned(other):
        return True
    new = _NEW_VERSION.search(start.text)
    return new is not None and new[1] in other.text.split()


_NEW_VERSION: Final = re.compile(r"(?<![\w.])v?(\d{1,5}(?:\.\d{1,5}){1,2})(?![\w.]).{0,200} \([\w.-]{1,40} before\)\Z")


_UP_AGAIN_US: Final = 30 * US
"""A release is up again within this."""


def find_doer(change: Change, changes: Sequence[Change], failing: Container[str]) -> Change:
    """Where one that fails tells what was done to another one: who did it, by his own log; else the change.

    `Server desk/desk-1 enters drain state` in a balancer's log follows from what a tool says of desk-1 in that moment.

    Args:
        change: What is taken for the one that set something off.
        changes: All, by time.
        failing: Nodes that fail.
    """
    if change.kind.node not in failing:
        return change
    told = _names_told(change)
    for other in reversed(changes):
        is_near = -_BEGIN_US <= change.time - other.time <= _BEGIN_US
        if is_near and other.is_alteration and other.kind.node not in failing and told & _names_told(other):
            return other
    return change


def _names_told(change: Change) -> set[str]:
    """Others that this very record names: its kind may name more."""
    said = change.text.lower()
    return {name for name in change.kind.mentions if name.lower() in said}
