"""Logs whose shape is more than a line's: streams of several services, tables, objects over several lines, alerts."""

import json
import random
from collections.abc import Callable, Sequence

BEGIN = 1_772_460_123
SERVICES = ("gateway", "cart", "redis", "billing")


def _stamp(second: int) -> str:
    return f"2026-03-02T{14 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.{second * 37 % 1000:03d}Z"


def _stream(chance: random.Random, lines: Sequence[bytes]) -> bytes:
    """Lines of several services in one stream, each behind the name of its own."""
    form = chance.choice((b"%-9s| %s", b"[pod/%s-7d9f/app] %s", b"%s-1  | %s", b"%s: %s", b"==> %s.log <==\n%s"))
    own = {name.encode(): chance.choice(lines) for name in SERVICES}
    return b"\n".join(form % chance.choice(list(own.items())) for _ in range(chance.randint(2, 80))) + b"\n"


def _metrics(chance: random.Random, lines: Sequence[bytes]) -> bytes:
    """A table of measurements, long or wide."""
    is_long, mark = chance.random() < 0.5, chance.choice(",;\t")
    head = ["timestamp", "service", "metric", "value"] if is_long else ["time", "cpu_percent", "errors", "p99_ms"]
    rows = [head]
    for n in range(chance.randint(2, 200)):
        time = _stamp(n * 10) if is_long else str(BEGIN + n * 10)
        value = str(chance.choice((1, 2.5, 99, "", "NaN", 10**20)) if chance.random() < 0.1 else n % 7)
        rows.append([time, chance.choice(SERVICES), "latency_ms", value] if is_long else [time, value, "0", "12"])
    return "\n".join(mark.join(row) for row in rows).encode() + b"\n"


def _objects(chance: random.Random, lines: Sequence[bytes]) -> bytes:
    """Objects as a printer writes them, one behind another or in a list."""
    rows = [
        {
            "timestamp": _stamp(n),
            "level": chance.choice(("info", "error", "WARN")),
            "service": {"name": chance.choice(SERVICES)},
            "message": chance.choice(lines).decode("utf-8", "replace"),
            "error": {"type": "Timeout", "stack": ["a.b(c:1)", "d.e(f:2)"]},
        }
        for n in range(chance.randint(1, 30))
    ]
    indent = chance.choice((None, 1, 2, 4, "\t"))
    if chance.random() < 0.4:
        return json.dumps(rows, indent=indent).encode()
    return b"\n".join(json.dumps(row, indent=indent).encode() for row in rows) + b"\n"


def _alerts(chance: random.Random, lines: Sequence[bytes]) -> bytes:
    """What a pager or a release tool writes."""
    alerts = [
        {
            "status": chance.choice(("firing", "resolved")),
            "labels": {"alertname": "HighErrorRate", "service": chance.choice(SERVICES), "severity": "critical"},
            "annotations": {"summary": "error rate 12 % over 5 %"},
            "startsAt": _stamp(60 * n),
            "endsAt": "0001-01-01T00:00:00Z",
        }
        for n in range(chance.randint(1, 5))
    ]
    releases = [{"time": _stamp(60 * n), "service": chance.choice(SERVICES), "version": f"v2.{n}.0"} for n in range(4)]
    kind = chance.choice(({"version": "4", "alerts": alerts}, alerts, releases, {"releases": releases}))
    return json.dumps(kind, indent=chance.choice((None, 2))).encode()


def _wrapped(chance: random.Random, lines: Sequence[bytes]) -> bytes:
    """Lines that hold many records, in lists of lists or in one, some cut or of other objects."""

    def record(n: int) -> object:
        text = chance.choice(lines).decode("utf-8", "replace")
        if kind == "loki":
            return [f"{BEGIN + n}000000000", text]
        if kind == "otlp":
            return {"timeUnixNano": f"{BEGIN + n}000000000", "severityText": "ERROR", "body": {"stringValue": text}}
        return {"timestamp": _stamp(n), "level": chance.choice(("info", "error")), "message": text, "tags": [[{}], "]"]}

    kind = chance.choice(("loki", "otlp", "array", "events", "hits"))
    out: list[bytes] = []
    for _ in range(chance.choice((1, 1, 4, 20))):
        rows = [record(n) for n in range(chance.choice((0, 1, 2, 9, 40)))]
        own = chance.choice(SERVICES)
        line: object = {
            "loki": {"streams": [{"stream": {"app": own}, "values": rows}, {"stream": {"app": "x"}, "values": rows}]},
            "otlp": {"resourceLogs": [{"resource": {"attributes": []}, "scopeLogs": [{"logRecords": rows}]}]},
            "events": {"logGroup": own, "logEvents": rows, "nextToken": "x"},
            "hits": {"took": 1, "hits": {"total": 1, "hits": [{"_id": "1", "_source": row} for row in rows]}},
        }.get(kind, rows)
        text = json.dumps(line, separators=chance.choice(((",", ":"), (", ", ": ")))).encode()
        out.append(text[: chance.randint(1, len(text))] if chance.random() < 0.1 else text)
    return b"\n".join(out) + chance.choice((b"", b"\n", b"\r\n", b"\x1e\n"))


SHAPES: Sequence[Callable[[random.Random, Sequence[bytes]], bytes]] = (_stream, _metrics, _objects, _alerts, _wrapped)

CONFIGURATION = b"""\
since = "2h"
tz = "Europe/Berlin"
display_tz = "local"
theme = "ours"
bell = true
redact_ips = false

[[services]]
name = "cart"
files = ["/var/log/cart*.log", "cart/*.json"]
tz = "+01:00"
format = "json"
addresses = ["10.0.0.7:8080"]

[keys]
quit = "ctrl+q,q"
kinds = "f2"

[themes.ours]
background = "#101010"
error = "red"
dark = "yes"
"""
