"""Whether the name in each line's head is that of a service: several write to one file then, as to a terminal.

A thread, a class or a module in the same place is a part of one program. Names tell by what they are like (`cart-api`,
`OrderService`, and none that only a class or thread is called), or by what is said: the others' lines speak of them.
"""

import re
from collections.abc import Sequence
from typing import Final

from logscope.ingest.formats.form import Form, TextForm
from logscope.ingest.severity import SEVERITY_BY_WORD

_PLACES: Final = ("thread", "logger")
_NAME: Final = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{1,60}")
_PIECE: Final = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_ROLES: Final = frozenset(
    ["service", "svc", "api", "gateway", "server", "db", "database", "frontend", "backend", "proxy"]
)
"""What the name of a service ends with."""
_ANYBODYS: Final = frozenset(
    [
        *_ROLES, "app", "application", "auth", "cache", "cli", "client", "cluster", "common", "config", "core", "data",
        "events", "grpc", "handler", "health", "http", "https", "init", "internal", "job", "jobs", "kernel", "lib",
        "log", "logger", "metrics", "model", "module", "monitor", "monitoring", "net", "network", "node", "plugin",
        "process", "queue", "request", "root", "router", "rpc", "runtime", "scheduler", "security", "session", "shell",
        "socket", "sql", "startup", "storage", "store", "system", "task", "test", "ui", "user", "users", "watchdog",
        "web", "worker", "workers", "ws",
    ]
)  # fmt: skip
"""What modules of one program are called as often as services: it does not tell which they are."""
_THREADS: Final = frozenset(["exec", "executor", "loop", "main", "nio", "pool", "scheduling", "thread"])
_CLASSES: Final = frozenset(
    [
        "adapter", "bean", "client", "config", "controller", "dao", "factory", "filter", "handler", "helper", "impl",
        "interceptor", "listener", "manager", "mapper", "provider", "repository", "resolver", "servlet", "util",
        "utils", "validator",
    ]
)  # fmt: skip
"""What of names with capitals only classes of one program are called."""
_DAEMONS: Final = frozenset(
    [
        "apache", "caddy", "dnsmasq", "dockerd", "envoy", "etcd", "haproxy", "httpd", "kern", "kubelet", "mariadb",
        "mosquitto", "named", "nginx", "oncall", "ops", "postgresql", "postfix", "squid", "sre", "supervisord",
        "systemd", "traefik", "unbound", "varnish",
    ]
)  # fmt: skip
"""Programs and people after whom nobody calls a part of his own."""
_BESIDE: Final = frozenset(
    [
        "alb", "alertmanager", "argocd", "autoscaler", "cdn", "coredns", "deployer", "deployment", "elb", "fluent",
        "fluentd", "grafana", "ingress", "istio", "jenkins", "kubernetes", "nlb", "pagerduty", "prometheus", "region",
        "terraform", "waf",
    ]
)  # fmt: skip
"""What stands around programs, runs and watches them. One may be a part that a program calls so, several are not."""
_LEVELS: Final = frozenset(["critical", "debug", "err", "error", "fatal", "info", "notice", "trace", "warn", "warning"])
"""Words that are nothing but levels; `system`, `alert` or `config` may be somebody's name."""
_MOST: Final = 40
"""Services in one file."""
_LEAST: Final = 2
"""Names that tell, at least."""
_NEARLY_ALL: Final = 0.9


def name_services(form: Form, lines: Sequence[bytes]) -> Form:
    """The form, with the names in its heads told to be services where they are.

    Args:
        form: Of text; others are given back as they are.
        lines: Of the sample.
    """
    if not isinstance(form, TextForm) or b"(?P<service>" in form.pattern:
        return form
    for place in _PLACES:
        if b"(?P<%b>" % place.encode() not in form.pattern:
            continue
        heads = [found for line in lines if (found := form.regex.match(line)) is not None]
        told = [(name, found.string[found.end() :]) for found in heads if (name := found[place]) is not None]
        if len(told) >= _NEARLY_ALL * len(heads) and _are_services(told):
            return form.with_services(place)
    return form


def _are_services(told: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether the names that lines begin with are those of services.

    Args:
        told: Name and message of each line.
    """
    names = {name for name, _ in told}
    if not _LEAST <= len(names) <= min(_MOST, len(told) - 1) or not all(map(_NAME.fullmatch, names)):
        return False
    pieces = {name: [one.lower() for one in _PIECE.findall(name.decode("ascii"))] for name in names}
    numbered = sum(all_of[-1].isdigit() for all_of in pieces.values())
    levels = sum(name.decode("ascii").lower() in SEVERITY_BY_WORD for name in names)
    if any(map(_is_part, names, pieces.values())) or max(numbered, levels) * 2 > len(names):
        return False
    by_name = sum(len(all_of) > 1 and all_of[-1] in _ROLES for all_of in pieces.values())
    hyphened = sum(name.islower() and b"-" in name for name in names)
    if by_name >= _LEAST and by_name * 3 >= len(names):
        return True
    if by_name and hyphened > _LEAST and hyphened * 2 >= len(names):
        return True
    beside = {name for name, all_of in pieces.items() if all_of[0] in _BESIDE}
    if any(all_of[0] in _DAEMONS for all_of in pieces.values()) or len(beside) + by_name >= _LEAST:
        return True
    own = {name for name, all_of in pieces.items() if not _ANYBODYS.issuperset(all_of)}
    spoken_of = {
        word.lower() for name, message in told for word in _NAME.findall(message) if word.lower() != name.lower()
    }
    return len(own) >= _LEAST and any(name.lower() in spoken_of for name in own)


def _is_part(name: bytes, pieces: Sequence[str]) -> bool:
    """Whether a name is one of a thread, a class or a level."""
    if any(one in _THREADS for one in pieces) or _LEVELS & {*pieces}:
        return True
    return not name.islower() and any(one in _CLASSES for one in pieces)
