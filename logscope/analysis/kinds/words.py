"""The words of a service's name, and which of them tell its part rather than what it is."""

import re
from typing import Final

WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
"""`paymentGateway-2` is three of them."""
ROLE_WORDS: Final = frozenset(
    (
        "service", "server", "svc", "srv", "api", "app", "application", "backend", "daemon", "log", "logs", "web",
        "worker", "gateway", "node", "host", "prod", "production", "staging", "main", "master", "primary", "replica",
        "secondary", "slave", "cluster", "instance", "monitor", "exporter", "check", "probe", "metrics", "stats",
        "slow", "error", "errors", "access", "audit", "gc", "out", "stdout", "stderr", "current",
    )
)  # fmt: skip
"""Words of a file's name that tell its part, not what it is."""
EVERYDAY_WORDS: Final = ROLE_WORDS | {
    "alert", "alerts", "batch", "cleanup", "config", "configuration", "container", "deploy", "deployment", "event",
    "events", "fallback", "health", "init", "job", "jobs", "ops", "region", "request", "requests", "retry", "routing",
    "runtime", "session", "sessions", "startup", "system", "task", "tasks", "test", "traffic", "user", "users",
}  # fmt: skip
"""Of such words alone no name is made that others mean by it: any message may have them (`Retry failed`)."""
