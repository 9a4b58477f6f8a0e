"""The telling fields of a record that is a JSON object or logfmt. Pure."""

import json
import re
from collections.abc import Container, Iterator, Sequence
from typing import Final

from logscope.text.audit import is_altered as is_audited_change
from logscope.text.audit import list_audited

_HEAD_FIELDS: Final = frozenset(
    (
        "time", "timestamp", "@timestamp", "ts", "date", "datetime", "level", "severity", "lvl", "loglevel", "msg",
        "message", "event", "logger", "name", "thread", "pid", "host", "hostname", "service", "app", "component",
        "caller", "version", "v", "env", "trace", "span", "stack", "stacktrace", "exc_info", "error", "id",
        "stream", "log", "s", "c", "ctx",
    )
)  # fmt: skip
"""What any record has, or what only tells one record from the next."""
_LOGGERS: Final = frozenset(("pid", "hostname", "host", "logger", "thread", "v", "service", "app"))
_ID_WORDS: Final = (
    "id", "trace", "span", "uuid", "time", "logger", "thread", "service", "stack", "level", "severity",
)  # fmt: skip
_MOST_FIELDS: Final = 4


_PAIR: Final = re.compile(r'(?<!\S)([A-Za-z_@][\w.@-]{0,60})=("(?:[^"\\]|\\.){0,400}"|[^\s"]{0,400})(?!\S)')
_MESSAGES: Final = frozenset(("msg", "message", "event"))


CHANGED: Final = frozenset(("app", "service", "component", "version"))
"""Fields that say of a change whose it is and what it brings, though any record may hold them."""


def tell_fields(sample: str, kept: Container[str] = ()) -> str:
    """Values of a record that is a JSON object or logfmt, beyond what any record has; empty for text.

    `flag=x, value=true` says what was changed, where the message says only that something was.

    Args:
        sample: The record.
        kept: Names of fields that any record may have, and that are told all the same.
    """
    return ", ".join(list_fields(sample, kept))


def list_fields(sample: str, kept: Container[str] = ()) -> list[str]:
    """The same, one by one."""
    pairs = _read_pairs(sample)
    told = list_audited(dict(pairs))
    if told:
        return told
    # A logger's own name stands beside its process and host; elsewhere a name is that of what is told of.
    is_logger = any(key.lower() in _LOGGERS or (key == "level" and isinstance(value, int)) for key, value in pairs)
    for key, value in pairs:
        words = key.lower().replace("-", "_").replace(".", "_").split("_")
        if key.startswith(("_", "@")) or key.isupper():
            # Of the journal's envelope (systemd.journal-fields(7)) or of CLEF's, not of the event.
            continue
        is_head = key.lower() in _HEAD_FIELDS - (frozenset() if is_logger else {"name"})
        if key.lower() not in kept and (is_head or any(word in _ID_WORDS for word in words)):
            continue
        if isinstance(value, bool | int | float) or (isinstance(value, str) and 0 < len(value) <= 60):
            shown = json.dumps(value) if isinstance(value, bool) else value
            if isinstance(value, str) and _COMMIT.fullmatch(value):
                shown = value[:_SHORT_COMMIT]
            told.append(f"{key}={shown}")
    return told[:_MOST_FIELDS]


_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORT_COMMIT: Final = 12
"""Letters of a commit's hash that name it (`core.abbrev` of git for large repositories)."""


_OBJECT_BEGINS: Final = re.compile(r"[ \t\r\n,\[}]{0,40}\{[ \t\r]{0,40}\n")


def join_object(sample: str) -> str:
    """A record in which an object is printed over several lines as the same object in one line; others as they are."""
    if _OBJECT_BEGINS.match(sample) is None:
        return sample
    line = " ".join(part.strip() for part in sample.split("\n"))
    begin, end = line.find("{"), line.rfind("}")
    return line[begin : end + 1] if begin < end else line[begin:]


def _first_line(sample: str) -> str:
    return join_object(sample).partition("\n")[0]


def _read_pairs(sample: str) -> list[tuple[str, object]]:
    text = _unwrap(join_object(sample))
    if text.startswith("{"):
        return list((_read_object(text) or {}).items())
    found: list[tuple[str, object]] = [(one[1], one[2].strip('"')) for one in _PAIR.finditer(text.partition("\n")[0])]
    # Pairs in prose are part of the message and told with it; a field of its own for the message makes it logfmt.
    return found if any(key in _MESSAGES for key, _ in found) else []


_ENVELOPES: Final = ("log", "MESSAGE")
"""Fields in which docker's files and the journal keep what a service wrote."""
_LONGEST_HEAD: Final = 200


def _unwrap(sample: str) -> str:
    """What a service wrote itself, where that is an object behind another one's head, or within its object."""
    if not sample.startswith("{"):
        line = sample.partition("\n")[0].rstrip()
        begin = line.find("{", 0, _LONGEST_HEAD)
        # `web-1  | {...}`, `[pod/web-1/web] {...}`, and what containers write behind a time and a stream's name.
        is_wrapped = (
            begin > 0 and line.endswith("}") and line[begin - 1] == " " and _HEAD.match(line[:begin]) is not None
        )
        return line[begin:] if is_wrapped else sample
    if not any(f'"{name}"' in sample for name in _ENVELOPES):
        return sample
    held = _read_object(sample) or {}
    wrapped = (value.strip() for name in _ENVELOPES if isinstance(value := held.get(name), str))
    # Words without fields leave those that stand beside them.
    return next((inner for inner in wrapped if inner.startswith("{") or _PAIR.search(inner)), sample)


_HEAD: Final = re.compile(r"(?:[\w.-]{1,80} {1,60}\| |\[[\w./-]{1,180}\] |\S{10,40} std(?:out|err) [FP] )\Z")


def _read_object(text: str) -> dict[str, object] | None:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


_VERSIONED: Final = ("version", "revision", "image", "tag", "commit", "release", "build", "chart", "artifact")
_VERSION: Final = re.compile(rf"(?<![\w.-])\"?(?:{'|'.join(_VERSIONED)})\"?(?:=|: ?)\"?[^\s\",;)}}]")


# Most lines hold none of these words: to look for them first costs a tenth of the patterns.
_MARKS_ALTERED: Final = ("->", "\u2192", "(was ", "(previously", "(before")
_MARKS_FORMER: Final = ("prev", "old", "former")
_ALTERED: Final = re.compile(
    r"(?<![\w.:/])(?:\d[\w.%]{0,20}|[A-Za-z][\w-]{1,40}|\"[^\"]{1,40}\") ?(?:->|\u2192) ?"
    r"(?:\d[\w.%]{0,20}|[A-Za-z\"][\w-]{1,40})(?![\w.:/])"
    r"|\((?:was|previously|before:?) [^()\n]{1,60}\)"
)
"""`mode: PERMISSIVE -> STRICT`, `workers=120 (was 4)`: a value that stands in place of another."""


_FORMER: Final = re.compile(r"(?<![\w.-])\"?(?:previous|prev|old|former)(?:_value)?\"?(?:=|: ?)\"?[^\s\",;)}]")
"""`source=full previous=delta`: a field for the value that stood there before."""

_REQUEST: Final = re.compile(r"\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /")
"""Behind a request an arrow points to its answer, or to who gives it."""

_SETTINGS_FILE: Final = (
    r"(?:/etc/[\w./@+-]{2,120}"
    r"|[\w./@+-]{1,120}\.(?:conf|cnf|cfg|ini|ya?ml|toml|properties|env|htpasswd|pem|crt)(?![\w.]))"
)
_MARKS_WRITTEN: Final = (
    "replaced", "overwr", "updated", "changed", "modified", "rewr", "written", "wrote", "restored", "edited", "applied",
)  # fmt: skip
_WRITTEN: Final = (
    r"\b(?:replaced|overwr\w{2,6}|updated|changed|modified|rewr\w{2,6}|written|wrote|restored|edited|applied)\b"
)
_FILE_ALTERED: Final = re.compile(
    rf"(?i){_WRITTEN}[^\n:;]{{0,40}}?{_SETTINGS_FILE}"
    rf"|{_SETTINGS_FILE}(?:\]/(?:content|ensure|target)(?: \((?:notice|info)\))?: )?[^\n:;]{{0,30}}?{_WRITTEN}"
)
"""`template[/etc/app/app.cnf] updated file contents`, `replaced /etc/app/passwd`: settings are other ones since."""
_RENDERED: Final = re.compile(
    r"(?i)\brendered\b[^\n;]{0,80}?(?:=> ?|\bto |\"?(?:target|dest|destination|path)\"?[:=] ?)\"?[\w.@+-]{0,60}/"
    r"[\w./@+-]{1,120}"
)
"""An agent for secrets and templates writes what a service reads: `rendered "a.ctmpl" => "/etc/a.json"`."""
_UNCHANGED: Final = re.compile(
    r"(?i)\b(?:not|no|never|un)[ -]?\w{0,10} ?(?:replaced|updated|changed|modified|changes)\b"
)


_HUNK: Final = re.compile(r"(?m)^[ \t]{0,8}@@ -\d{1,7}(?:,\d{1,7})? \+\d{1,7}(?:,\d{1,7})? @@")
_DIFFERS: Final = re.compile(r"(?m)^[ \t]{0,8}([-+](?![-+]{2}(?:[ \t]|$))[^\n]{0,200}\S)[ \t\r]*$")
_LONGEST_DIFF: Final = 4000
_MOST_DIFFERENCES: Final = 4


def tell_differences(sample: str) -> str:
    """The first lines that a unified diff in a record takes away and adds, as configuration tools print them."""
    begin = _HUNK.search(sample[:_LONGEST_DIFF])
    if begin is None:
        return ""
    return " ".join(_DIFFERS.findall(sample[begin.end() : _LONGEST_DIFF])[:_MOST_DIFFERENCES])


def list_altered(sample: str) -> Iterator[str]:
    """`POOL_SIZE: 50 -> 5` for each pair of a former and a new value in a record that is an object, however deep."""
    line = _first_line(sample)
    if not line.startswith("{") or not any(f'"{former}"' in line for former, _ in _FORMER_AND_NEW):
        return
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return
    yield from _find_altered(record, _DEEPEST)


def _find_altered(value: object, depth: int) -> Iterator[str]:
    for name, inner in value.items() if isinstance(value, dict) and depth else ():
        if not isinstance(inner, dict):
            continue
        for former, new in _FORMER_AND_NEW:
            if former in inner and new in inner:
                yield f"{name}: {inner[former]} -> {inner[new]}"
        yield from _find_altered(inner, depth - 1)


_FORMER_AND_NEW: Final = (("old", "new"), ("from", "to"), ("before", "after"), ("previous", "current"))
_DEEPEST: Final = 4

_BY_ANSIBLE: Final = re.compile(r"(?<![\w.])changed: \[[\w.:-]{1,80}\]")
_ONE_DIFFERENCE: Final = re.compile(r"\]/content\)?(?: \((?:notice|info)\))?:? [-+](?![-+])\S")


def tells_difference(line: str) -> bool:
    """Whether a line shows what was taken from or added to a file that Puppet manages; syslog gets each by itself."""
    return "]/content" in line and _ONE_DIFFERENCE.search(line[:2000]) is not None


def tells_alteration(sample: str) -> bool:
    """Whether a record tells a value and the one that stood there before, or a file of settings that was written.

    Addresses and types are none.
    """
    if "@@ -" in sample and _HUNK.search(sample[:_LONGEST_DIFF]) is not None:
        return True
    if '"objectRef"' in sample and is_audited_change(dict(_read_pairs(sample))):
        return True
    line = _first_line(sample)[:2000]
    is_altered = _holds(line, _MARKS_ALTERED) and _ALTERED.search(line) is not None and _REQUEST.search(line) is None
    if is_altered or tells_difference(line) or ("changed: [" in line and _BY_ANSIBLE.search(line) is not None):
        return True
    if _holds(line, _MARKS_FORMER) and _FORMER.search(line) is not None:
        return True
    lowered = line.lower()
    is_written = _holds(lowered, _MARKS_WRITTEN) and _FILE_ALTERED.search(line) is not None
    is_written = is_written or ("rendered" in lowered and _RENDERED.search(line) is not None)
    return is_written and _UNCHANGED.search(line) is None


def _holds(line: str, words: Sequence[str]) -> bool:
    return any(word in line for word in words)


def tells_change(sample: str) -> bool:
    """Whether a record tells a version, or that something was altered: what tells of a version put it there."""
    return tells_version(sample) or tells_alteration(sample)


def tells_version(sample: str) -> bool:
    """Whether a record holds the version of something as the value of a field, as a log of releases does."""
    line = _first_line(sample)[:2000]
    return _holds(line, _VERSIONED) and _VERSION.search(line) is not None


_MARKS_CONFIGURED: Final = ("config", "setting", "properties", "options")
_CONFIGURED: Final = re.compile(r"(?i)\b(?:config(?:uration|s)?|settings?|properties|options)\b")
_ASSIGNED: Final = re.compile(r"(?<![\w.=/-])([A-Za-z][\w.-]{1,60})=([^\s,;\"'(){}\[\]]{1,60})")


def read_settings(sample: str) -> dict[str, str]:
    """Settings that a record tells with their values, where it speaks of a configuration; else empty."""
    line = _first_line(sample)[:2000]
    if not _holds(line.lower(), _MARKS_CONFIGURED) or _CONFIGURED.search(line) is None:
        return {}
    fields = [field.partition("=") for field in list_fields(sample)]
    return {name: value for name, _, value in fields} or dict(_ASSIGNED.findall(line))


_QUOTED: Final = re.compile(r"""(?<![\w\\])["'`]([A-Za-z][\w./:@-]{2,59})\\?["'`](?![\w])""")
_SETTING: Final = re.compile(r"(?<![^\s({\[,;])[A-Za-z_@][\w.@-]{0,60}=\"?([A-Za-z][\w./:@-]{2,59})")
_PLAIN: Final = frozenset(
    (
        "true", "false", "null", "none", "nil", "yes", "info", "warn", "warning", "error", "fatal", "debug", "trace",
        "notice",
    )
)  # fmt: skip


def tell_values(sample: str) -> frozenset[str]:
    """Names that a record's first line quotes or holds as values of its fields: whom or what it is about.

    `password authentication failed for user "ledger"` and `rotated role username=ledger` tell of the same one.
    """
    line = _first_line(sample)
    found = {one[1] for one in _QUOTED.finditer(line)} | {one[1] for one in _SETTING.finditer(line)}
    keys: set[str] = set()
    for key, value in _read_pairs(line):
        keys.add(key)
        if key.lower() in _HEAD_FIELDS:
            found.discard(str(value))
        elif isinstance(value, str) and _NAME.fullmatch(value):
            found.add(value)
    return frozenset(value for value in found - keys if value.lower() not in _PLAIN)


_NAME: Final = re.compile(r"[A-Za-z][\w./:@-]{2,59}")
