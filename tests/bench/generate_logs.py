"""Writes a multi-service incident of any size, the same for the same size: what the benchmark reads.

Seven formats as their programs write them, each with dozens of everyday messages, a background of warnings and errors,
and a storm (a cache is lost for a tenth of the span) with stack traces in the logback file.

    python tests/bench/generate_logs.py FOLDER --megabytes 200 [--storm-only]
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

START = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
SPAN_S = 3600
STORM = (1900, 2260)
"""Seconds of the span in which the cache is gone."""

VERBS = ("loaded", "stored", "refreshed", "validated", "forwarded", "expired", "resolved", "scheduled", "published")
NOUNS = ("cart", "session", "price", "quote", "order", "profile", "voucher", "shipment", "invoice", "stock", "payment")
TAILS = (
    "for user {n} in {m} ms",
    "id={u}",
    "from cache, age {m} s",
    "by worker {w}",
    "with {m} items, total {n}.{w} EUR",
    "at /api/v2/items/{n}",
)
FAILURES = (
    "Redis command timed out after {m} ms on redis-main:6379",
    "Failed to load cart {n} for user {m}: connection refused to redis-main/10.0.3.{w}:6379",
    "Payment {u} declined by gateway pay.example.com: status 503",
    "Unable to acquire JDBC connection within {m} ms (total=20, active=20, idle=0, waiting={w})",
    "Order {n} could not be written: ORA-00060: deadlock detected",
    "Kafka producer: topic orders-{w} not present in metadata after {m} ms",
    "Unexpected state of {noun} {n}: expected OPEN, was CLOSED",
)
WARNINGS = (
    "Slow query took {m} ms: select * from {noun} where id = {n}",
    "Retrying {noun} lookup, attempt {w} of 5",
    "Circuit breaker for recommendation-service is HALF_OPEN, {w} calls permitted",
    "Cache miss ratio {w}% above threshold",
)
TRACE = (
    "com.shop.cache.CacheException: cannot read {noun}",
    "\tat com.shop.cache.CartCache.read(CartCache.java:{w})",
    "\tat com.shop.checkout.{Noun}Service.find(CheckoutService.java:{m})",
    "\tat java.base/java.lang.Thread.run(Thread.java:833)",
    "Caused by: io.lettuce.core.RedisCommandTimeoutException: Command timed out after 5 second(s)",
    "\tat io.lettuce.core.internal.ExceptionFactory.createTimeoutException(ExceptionFactory.java:59)",
    "\t... {w} common frames omitted",
)


class Writer:
    """Draws messages; every draw comes from one seeded generator."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self._ordinary = [f"{noun.capitalize()} {verb} {tail}" for noun in NOUNS for verb in VERBS for tail in TAILS]
        self.random.shuffle(self._ordinary)
        self._ordinary = self._ordinary[:120]

    def fill(self, template: str) -> str:
        """A template with its parameters drawn."""
        draw = self.random.random
        noun = NOUNS[int(draw() * len(NOUNS))]
        return template.format(
            n=int(draw() * 900_000) + 100_000, m=int(draw() * 5000) + 10, w=int(draw() * 90) + 10, noun=noun,
            Noun=noun.capitalize(), u=f"{int(draw() * 2**63):016x}" if "{u}" in template else "",
        )  # fmt: skip

    def ordinary(self) -> str:
        """An everyday message."""
        return self.fill(self._ordinary[int(self.random.random() ** 2 * len(self._ordinary))])

    def event(self, stormy: bool, *, only_errors: bool = False) -> tuple[str, str]:
        """Level and message."""
        dice = self.random.random()
        if only_errors or dice < (0.15 if stormy else 0.01):
            return "ERROR", self.fill(FAILURES[int(self.random.random() * len(FAILURES))])
        if dice < (0.2 if stormy else 0.03):
            return "WARN", self.fill(WARNINGS[int(self.random.random() * len(WARNINGS))])
        return ("DEBUG" if dice > 0.9 else "INFO"), self.ordinary()


LineMaker = Callable[[Writer, datetime, str, str], str]


def make_logback(writer: Writer, at: datetime, level: str, text: str) -> str:
    thread = int(writer.random.random() * 40) + 1
    stamp = f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d}"
    line = f"{stamp} {level:<5} [http-exec-{thread}] c.s.checkout.CartService - {text}"
    if level == "ERROR" and writer.random.random() < 0.2:
        line += "\n" + "\n".join(writer.fill(frame) for frame in TRACE)
    return line


def make_pino(writer: Writer, at: datetime, level: str, text: str) -> str:
    number = {"DEBUG": 20, "INFO": 30, "WARN": 40, "ERROR": 50}[level]
    return json.dumps(
        {
            "level": number,
            "time": int(at.timestamp() * 1000),
            "pid": 17,
            "hostname": "payment-7d",
            "reqId": f"req-{int(writer.random.random() * 1e6):x}",
            "msg": text,
        },
        separators=(",", ":"),
    )


def make_nginx(writer: Writer, at: datetime, level: str, text: str) -> str:
    status = {"ERROR": 503, "WARN": 404}.get(level, 200)
    number = int(writer.random.random() * 1e6)
    route = ("cart", "checkout", "items", "search", "login")[number % 5]
    return (
        f'10.{number % 250}.{number % 99}.7 - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET /api/v1/{route}/{number} HTTP/1.1" '
        f'{status} {number % 9000} "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" {number % 3000 / 1000:.3f}'
    )


def make_python(writer: Writer, at: datetime, level: str, text: str) -> str:
    name = {"WARN": "WARNING"}.get(level, level)
    return f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d} - inventory.stock - {name} - {text}"


def make_logfmt(writer: Writer, at: datetime, level: str, text: str) -> str:
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    trace = int(writer.random.random() * 2**60)
    return f'time={stamp} level={level.lower()} msg="{text}" component=router trace={trace:x}'


def make_postgres(writer: Writer, at: datetime, level: str, text: str) -> str:
    name = {"WARN": "WARNING", "INFO": "LOG", "DEBUG": "LOG"}.get(level, level)
    pid = int(writer.random.random() * 200) + 300
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d} UTC [{pid}] shop@shop {name}:  {text}"


def make_redis(writer: Writer, at: datetime, level: str, text: str) -> str:
    mark = {"WARN": "#", "ERROR": "#", "DEBUG": "-"}.get(level, "*")
    return f"1:M {at:%d %b %Y %H:%M:%S}.{at.microsecond // 1000:03d} {mark} {text}"


SERVICES: dict[str, tuple[LineMaker, float]] = {
    "checkout.log": (make_logback, 0.40),
    "payment.json.log": (make_pino, 0.20),
    "gateway-access.log": (make_nginx, 0.20),
    "inventory.log": (make_python, 0.07),
    "router.log": (make_logfmt, 0.06),
    "postgresql.log": (make_postgres, 0.04),
    "redis.log": (make_redis, 0.03),
}
"""File name to its maker and its share of the bytes."""


def make_lines(name: str, size: int, *, only_errors: bool = False) -> Iterator[str]:
    """Lines of one file, about `size` bytes of them, evenly over the span but three times as dense in the storm."""
    make, _ = SERVICES[name]
    writer = Writer(name)
    probe = sum(
        len(make(Writer(f"{name} {n}"), START, *Writer(f"{name} {n}").event(n % 10 == 0, only_errors=only_errors))) + 1
        for n in range(200)
    )
    count = max(10, size * 200 // probe)
    weight = SPAN_S + 2 * (STORM[1] - STORM[0])
    for n in range(count):
        at = n * weight / count
        if at >= STORM[0]:
            at = max(STORM[0] + (at - STORM[0]) / 3, at - 2 * (STORM[1] - STORM[0]))
        stormy = STORM[0] <= at < STORM[1]
        moment = START + timedelta(microseconds=int(at * 1e6))
        yield make(writer, moment, *writer.event(stormy, only_errors=only_errors))


def generate(folder: Path, megabytes: float, *, only_errors: bool = False) -> list[Path]:
    """Write all files; returns their paths.

    Args:
        folder: Made when missing.
        megabytes: Millions of bytes over all files, about.
        only_errors: Every record is an error.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, (_, share) in SERVICES.items():
        path = folder / name
        with path.open("w", encoding="ascii", buffering=1 << 20) as file:
            file.writelines(
                f"{line}\n" for line in make_lines(name, int(megabytes * 1e6 * share), only_errors=only_errors)
            )
        paths.append(path)
    return paths


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the benchmark's logs.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megabytes", type=float, default=200)
    parser.add_argument("--only-errors", action="store_true")
    options = parser.parse_args()
    generate(options.folder, options.megabytes, only_errors=options.only_errors)
