"""Learns which keys of JSON objects and of logfmt lines mean time, level, message and service."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Final

from logscope.ingest.formats_json import JsonForm, JsonKeys, Path, get_path, load_object, read_time
from logscope.ingest.formats_logfmt import PAIR, LogfmtForm, PairKeys
from logscope.ingest.severity import parse_word
from logscope.ingest.timestamps import AnyStamp, Missing, ParseState
from logscope.model.severity import Severity
from logscope.model.times import US

_TIMES: Final = [
    "time",
    "ts",
    "timestamp",
    "@timestamp",
    "@t",
    "t.$date",
    "realtimetimestamp",
    "datetime",
    "asctime",
    "eventtime",
    "event.time",
    "logtime",
    "timestampns",
    "timeunixnano",
    "timemillis",
    "instant",
    "receivedat",
    "occurredat",
    "event.occurredat",
    "sentat",
    "date",
    "created",
    "createdat",
    "edgestarttimestamp",
    "edgeendtimestamp",
    "starttime",
    "updatedat",
    "alert.updatedat",
    "alert.createdat",
    "statechangetime",
    "alarmstatechangetime",
    "startedat",
    "observedtimestamp",
    "observedtimeunixnano",
    "t",
    "when",
    "at",
    "epoch",
    "sourcerealtimetimestamp",
]
_LEVELS: Final = [
    "level",
    "log.level",
    "severity",
    "lvl",
    "loglevel",
    "levelname",
    "levelno",
    "severitytext",
    "severitynumber",
    "priority",
    "@l",
    "l",
    "s",
    "messagetype",
    "logseverity",
    "syslog.severity",
    "loglevelname",
    "fields.level",
    "severitycode",
]
_MESSAGES: Final = [
    "message",
    "msg",
    "@m",
    "@mt",
    "event",
    "textpayload",
    "body",
    "fields.message",
    "shortmessage",
    "log",
    "logmessage",
    "text",
    "eventmessage",
    "formatted",
    "jsonpayload.message",
    "jsonpayload.msg",
    "content",
    "description",
    "payload.message",
    "data.message",
    "detail.message",
    "summary",
    "event.data.title",
    "error.message",
    "error",
    "err.message",
    "title",
    "eventname",
    "alertname",
    "action",
]
_SERVICES: Final = [
    "service",
    "service.name",
    "servicename",
    "app",
    "application",
    "appname",
    "labels.app",
    "systemdunit",
    "syslogidentifier",
    "kubernetes.container.name",
    "kubernetes.containername",
    "kubernetes.labels.app",
    "containername",
    "container.name",
    "component",
    "resource.labels.containername",
    "program",
    "pod",
    "podname",
]
_STATUSES: Final = [
    "status",
    "statuscode",
    "httpstatus",
    "http.response.statuscode",
    "http.statuscode",
    "response.status",
    "res.statuscode",
    "httprequest.status",
    "edgeresponsestatus",
    "responsecode",
    "http.status",
    "responsestatus",
    "code",
    "elbstatuscode",
    "response_code",
]
_METHODS: Final = [
    "method",
    "requestmethod",
    "http.request.method",
    "http.method",
    "req.method",
    "request.method",
    "httprequest.requestmethod",
    "clientrequestmethod",
    "verb",
]
_TOOKS: Final = [
    "duration",
    "durationms",
    "durationns",
    "durationus",
    "latency",
    "latencyms",
    "elapsed",
    "elapsedms",
    "took",
    "tookms",
    "responsetime",
    "requesttime",
    "event.duration",
    "ms",
    "rt",
    "processingtime",
    "totaltime",
    "httprequest.latency",
    "runtime",
]
_LOGGERS: Final = [
    "logger",
    "loggername",
    "log.logger",
    "name",
    "target",
    "caller",
    "logname",
    "c",
    "category",
    "sourcecontext",
    "module",
]
_THREADS: Final = ["thread", "threadname", "process.thread.name", "tid", "ctx", "threadid"]
_STACKS: Final = [
    "stacktrace",
    "stack",
    "error.stacktrace",
    "error.stack",
    "err.stack",
    "exception",
    "excinfo",
    "exctext",
    "@x",
    "exception.stacktrace",
    "errorverbose",
    "error.stack_trace",
    "thrown.extendedstacktrace",
]

_FORMATS: Final[tuple[tuple[str, frozenset[str]], ...]] = tuple(
    (name, frozenset(keys.split()))
    for name, keys in (
        ("journald json", "realtimetimestamp"),
        ("mongodb", "t.$date s c msg"),
        ("alertmanager webhook", "alerts receiver status"),
        ("pagerduty webhook", "event.eventtype event.occurredat"),
        ("opsgenie webhook", "action alert"),
        ("cloudwatch alarm", "alarmname"),
        ("cloudtrail", "eventtime eventname"),
        ("serilog", "@t"),
        ("ecs", "@timestamp log.level"),
        ("ecs", "@timestamp ecs.version"),
        ("logstash", "@timestamp @version"),
        ("bunyan", "v level time hostname pid msg"),
        ("pino", "level time pid hostname"),
        ("caddy", "level ts logger request"),
        ("zap", "level ts caller msg"),
        ("rust tracing", "timestamp level fields target"),
        ("gcp", "severity timestamp textpayload"),
        ("gcp", "severity message time"),
        ("slog", "time level msg"),
        ("structlog", "event level timestamp"),
        ("winston", "level message timestamp"),
        ("zerolog", "level time message"),
    )
)


def normalise(name: str) -> str:
    """A key's name without case, underscores and dashes."""
    return name.lower().replace("_", "").replace("-", "")


def _leaves(value: object, path: Path = (), depth: int = 0) -> Iterator[tuple[Path, object]]:
    if isinstance(value, dict) and depth < 5:
        for key, inner in list(value.items())[:100]:
            yield from _leaves(inner, (*path, key), depth + 1)
    elif isinstance(value, list) and value and depth < 5 and isinstance(value[0], dict):
        yield from _leaves(value[0], (*path, 0), depth + 1)
    else:
        yield path, value


class _Leaves:
    """All leaves of the sample's objects, by the normalised name of their path."""

    def __init__(self, objects: Sequence[Mapping[str, object]]) -> None:
        self.count = len(objects)
        self.values: dict[Path, list[object]] = {}
        self.names: set[str] = set()
        for record in objects:
            for path, value in _leaves(record):
                self.values.setdefault(path, []).append(value)
            self.names.update(normalise(key) for key in record)
        self.paths: dict[str, list[Path]] = {}
        for path in self.values:
            name = ".".join(normalise(str(key)) for key in path if not isinstance(key, int))
            self.paths.setdefault(name, []).append(path)
        self.names.update(self.paths)

    def find(self, names: Iterable[str]) -> list[Path]:
        """Paths with one of the names, in the names' order."""
        return [path for name in names for path in self.paths.get(normalise(name), ())]


def learn_json(name: str, objects: Sequence[dict[str, object]]) -> JsonForm:
    """The form of a sample's objects.

    Args:
        name: Format name to fall back to.
        objects: At least one.
    """
    leaves = _Leaves(objects)
    stamps = AnyStamp()
    levels = _find_levels(leaves)
    method = next(iter(leaves.find(_METHODS)), None)
    status = next(
        (path for path in leaves.find(_STATUSES) if _share(leaves.values[path], _is_status) > 0.9), None
    )  # fmt: skip
    route_like = any(word in leaf for leaf in leaves.paths for word in ("path", "uri", "url", "route"))
    is_request = status is not None and (method is not None or route_like)
    took = next((path for path in leaves.find(_TOOKS) if _share(leaves.values[path], _is_number) > 0.9), None)
    keys = JsonKeys(
        times=_find_times(leaves, stamps),
        levels=levels,
        scale=_find_scale(leaves, levels),
        default=Severity.INFO if "@t" in leaves.names else Severity.UNKNOWN,
        messages=tuple(leaves.find(_MESSAGES)[:6]),
        service=_find_service(leaves),
        status=status if is_request else None,
        method=method if is_request else None,
        took=took if is_request else None,
        took_unit=_find_unit(took, leaves.values[took]) if took is not None else US,
        logger=next(iter(leaves.find(_LOGGERS)), None),
        thread=next(iter(leaves.find(_THREADS)), None),
        stacks=tuple(leaves.find(_STACKS)[:4]),
    )
    known = next((one for one, marks in _FORMATS if marks <= leaves.names), name)
    return JsonForm(known, keys, _find_missing(leaves, keys.times, stamps))


def _share(values: list[object], judge: "object") -> float:
    assert callable(judge), "a judge is a function"
    return sum(1 for value in values if judge(value)) / len(values)


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
    order = {normalise(name): rank for rank, name in enumerate(_TIMES)}
    order["realtimetimestamp"] = order["sourcerealtimetimestamp"] = 0
    for name, paths in leaves.paths.items():
        for path in paths:
            values = leaves.values[path]
            known = order.get(name)
            last = order.get(name.rsplit(".", 1)[-1])
            if known is None and last is None and not any(isinstance(value, str) for value in values):
                continue  # a number is a time only by its name
            good = sum(1 for value in values if read_time(_to_stamp(value), stamps, ParseState()) is not None)
            if good * 2 < len(values):
                continue
            depth = len(path)
            rank = known if known is not None else 100 + last if last is not None else 200
            ranked.append((depth if known is None or depth > 2 else 1, rank, depth, path))
    ranked.sort(key=lambda one: one[:3])
    return tuple(path for *_, path in ranked[:4])


def _to_stamp(value: object) -> object:
    return value


def _find_missing(leaves: _Leaves, times: tuple[Path, ...], stamps: AnyStamp) -> Missing:
    for path in times[:1]:
        for value in leaves.values[path]:
            if isinstance(value, str):
                found = stamps.find_kind(value.encode("ascii", "replace"))
                return found[0].missing if found is not None else Missing.NOTHING
    return Missing.NOTHING


def _find_levels(leaves: _Leaves) -> tuple[Path, ...]:
    found = []
    for path in leaves.find(_LEVELS):
        if len(path) > 2 or (len(path) == 2 and normalise(str(path[0])) in ("labels", "alert", "alerts", "event")):
            continue
        values = leaves.values[path]
        good = sum(1 for value in values if isinstance(value, str) and _is_level_text(value))
        good += sum(1 for value in values if isinstance(value, int | float) and not isinstance(value, bool))
        if good * 10 >= len(values) * 6:
            found.append(path)
    return tuple(found[:3])


def _is_level_text(value: str) -> bool:
    return parse_word(value) is not Severity.UNKNOWN or (value.isascii() and value.isdigit() and len(value) < 3)


def _find_scale(leaves: _Leaves, levels: tuple[Path, ...]) -> str:
    if not levels:
        return "node"
    name = normalise(str(levels[0][-1]))
    numbers = [
        int(value)
        for value in leaves.values[levels[0]]
        if (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1000)
        or (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4)
    ]
    if name in ("levelno",):
        return "python"
    if name == "severitynumber":
        return "otel"
    if name in ("priority", "severitycode") or "shortmessage" in leaves.names:
        return "syslog"
    if not numbers or max(numbers) >= 10:
        return "node"
    return "small" if "reqid" in leaves.names else "syslog"


def _find_service(leaves: _Leaves) -> tuple[Path, ...]:
    if "realtimetimestamp" in leaves.names:
        return tuple(leaves.find(("systemdunit", "syslogidentifier", "userunit", "comm")))
    for path in leaves.find(_SERVICES):
        values = [value for value in leaves.values[path] if isinstance(value, str) and value]
        if (
            len(set(values)) > 1
            and len(values) * 10 >= leaves.count * 7
            and len(set(values)) * 3 <= max(6, len(values))
        ):
            return (path,)
    return ()


def _find_unit(path: Path, values: list[object]) -> int:
    """Microseconds in a unit of a duration: by the key's suffix, else by the numbers' looks. 0 means nanoseconds."""
    name = str(path[-1])
    lowered = name.lower()
    if lowered.endswith(("_ns", "nanos", "_nanoseconds")) or name.endswith("Ns") or lowered == "durationns":
        return 0
    if lowered.endswith(("_us", "micros", "_microseconds")) or name.endswith("Us"):
        return 1
    if lowered.endswith(("_ms", "millis", "milliseconds")) or name.endswith(("Ms", "MS")) or lowered == "ms":
        return 1000
    if lowered.endswith(("_s", "_sec", "_secs", "_seconds", "seconds")):
        return US
    numbers = [abs(float(value)) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if not numbers:
        return US
    middle = median(numbers)
    if any(not float(number).is_integer() for number in numbers) and middle < 30:
        return US
    if lowered == "duration" and middle >= 1e5:
        return 0
    return 1000


_PAIR_TIMES: Final = ("ts", "time", "timestamp", "t", "@timestamp", "datetime", "date", "at", "asctime")
_PAIR_LEVELS: Final = ("level", "lvl", "severity", "loglevel", "log.level", "levelname", "l")
_PAIR_MESSAGES: Final = ("msg", "message", "event", "text", "@message", "desc")
_PAIR_SERVICES: Final = ("service", "svc", "app", "service.name", "component")


def learn_logfmt(lines: Sequence[bytes]) -> tuple[LogfmtForm, int] | None:
    """The form of lines of pairs, and how many lines have its head; None when most are not made of pairs."""
    counts: Counter[str] = Counter()
    values: dict[str, list[bytes]] = {}
    stamps = AnyStamp()
    pair_lines = 0
    for line in lines:
        pairs = PAIR.findall(line[:4096])
        covered = sum(len(key) + len(value) + 2 for key, value in pairs)
        if len(pairs) < 2 or covered < 0.8 * min(len(line), 4096):
            continue
        pair_lines += 1
        for key, value in dict(pairs).items():
            name = key.decode("latin-1")
            counts[name] += 1
            values.setdefault(name, []).append(value.strip(b'"'))
    if not pair_lines or pair_lines * 2 < len(lines):
        return None

    def choose(names: tuple[str, ...], least: float) -> bytes | None:
        lowered = {name.lower(): name for name in reversed(list(counts))}
        for name in names:
            if name in lowered and counts[lowered[name]] >= least * pair_lines:
                return lowered[name].encode("latin-1")
        return None

    time_names = tuple(
        name
        for name in _PAIR_TIMES
        if any(
            stamps.read(value, ParseState()) is not None
            for key, found in values.items()
            if key.lower() == name
            for value in found[:5]
        )
    )
    time = choose(time_names, 0.8)
    level = choose(_PAIR_LEVELS, 0.3)
    if time is None and level is None:
        return None
    service = choose(_PAIR_SERVICES, 0.7)
    if service is not None and not 1 < len(set(values[service.decode("latin-1")])) <= max(2, pair_lines // 3):
        service = None
    status = choose(("status", "status_code", "code", "http.status"), 0.5)
    if choose(("method", "http.method", "verb"), 0.3) is None:
        status = None
    took = choose(("duration", "duration_ms", "took", "ms", "latency", "elapsed", "rt", "service"), 0.5)
    unit = 1000
    if took is not None and status is not None:
        numbers: list[object] = []
        for text in values[took.decode("latin-1")]:
            try:
                numbers.append(float(text))
            except ValueError:
                continue
        unit = _find_unit((took.decode("latin-1"),), numbers)
    missing = Missing.NOTHING
    if time is not None:
        kind = stamps.find_kind(values[time.decode("latin-1")][0])
        missing = kind[0].missing if kind is not None else Missing.NOTHING
    keys = PairKeys(
        time, level, choose(_PAIR_MESSAGES, 0.2), service, status, took if status is not None else None, unit
    )  # fmt: skip
    form = LogfmtForm("logfmt", keys, missing)
    return form, sum(1 for line in lines if form.parse(line, ParseState()) is not None)


__all__ = ["get_path", "learn_json", "learn_logfmt", "load_object"]
