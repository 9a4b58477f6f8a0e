# ruff: noqa: E501 -- samples are single lines
"""Writes the story's sample incident: `python tests/tools/make_story.py [FOLDER]`. The same bytes at every run.

Redis reaches its memory limit; checkout cannot reach it, carts come back empty, payments are refused. Counts, first and
last times are those of the story; everything else is ordinary traffic of a small shop. Times are of 2026-03-02, UTC.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

DAY = datetime(2026, 3, 2, tzinfo=UTC)
NAME = "checkout-redis-oom"

BEGIN, END = "13:30:00", "15:02:00"
TIMEOUTS, NULLS, REFUSED = 2341, 412, 189
HERD_START, HERD_END = "14:31:31", "14:31:45"
HERD = 168
"""Timeouts of the clients that all come back at once when redis is there again."""


def at(clock: str) -> int:
    """Milliseconds since midnight of a time of day."""
    hours, minutes, seconds = clock.split(":")
    return round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 1000)


def moment(ms: int) -> datetime:
    return DAY + timedelta(milliseconds=ms)


def spread(chance: random.Random, count: int, first: int, last: int) -> list[int]:
    """Distinct-looking times from first to last, both of which occur."""
    return [first, *sorted(chance.randrange(first + 50, last - 50) for _ in range(count - 2)), last]


class Log:
    """Lines of one file, sorted by time when written."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, int, str]] = []

    def add(self, ms: int, text: str) -> None:
        self.lines.append((ms, len(self.lines), text))

    def text(self) -> str:
        return "".join(f"{text}\n" for _, _, text in sorted(self.lines))


def logback(ms: int, level: str, thread: str, logger: str, message: str) -> str:
    """A line as Spring Boot's logback writes it."""
    return (
        f"{moment(ms):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z {level:>5} 1 --- [{thread:>15.15}] {logger:<40} : {message}"
    )


def python_line(ms: int, level: str, logger: str, message: str) -> str:
    return f"{moment(ms):%Y-%m-%d %H:%M:%S},{ms % 1000:03d} {level} [{logger}] {message}"


def json_line(ms: int, level: str, message: str, **fields: object) -> str:
    stamp = f"{moment(ms):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"
    return json.dumps({"level": level, "time": stamp, "msg": message, **fields}, separators=(",", ":"))


def redis_line(ms: int, mark: str, message: str) -> str:
    """Time only, as this redis is set up to write: no day, no zone."""
    return f"{moment(ms):%H:%M:%S}.{ms % 1000:03d} {mark} {message}"


def access_line(ms: int, client: str, request: str, status: int, size: int, took: float) -> str:
    return f'{client} - - [{moment(ms):%d/%b/%Y:%H:%M:%S} +0000] "{request}" {status} {size} "-" "{AGENTS[ms % 3]}" {took:.3f}'


AGENTS = ("ShopApp/7.3.1 (Android 14)", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)", "okhttp/4.12.0")

TRACE = (
    "com.shop.cache.RedisConnectionTimeoutException: Redis ConnectionTimeout: no answer from redis:6379 after 5000ms",
    "\tat com.shop.cache.RedisClient.command(RedisClient.java:118)",
    "\tat com.shop.checkout.SessionStore.load(SessionStore.java:64)",
    "\tat com.shop.checkout.CheckoutController.begin(CheckoutController.java:41)",
    "\tat java.base/java.lang.Thread.run(Thread.java:840)",
    "Caused by: java.net.SocketTimeoutException: Read timed out",
    "\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)",
    "\t... 6 more",
)


def make() -> dict[str, str]:
    """All files of the sample, by path below its folder."""
    chance = random.Random(1423)
    logs = {
        "checkout-service.log": Log(),
        "cart-service.log": Log(),
        "payment-gateway.log": Log(),
        "redis-server.log": Log(),
        "edge-access.log": Log(),
        "pagerduty.log": Log(),
    }
    _redis(logs["redis-server.log"], chance)
    _errors(logs, chance)
    _ordinary(logs, chance)
    _everyday(logs, chance)
    _access(logs["edge-access.log"], chance)
    _pager(logs["pagerduty.log"])
    files = {f"logs/{name}": log.text() for name, log in logs.items()}
    files["STORY.md"] = STORY
    files["truth.json"] = json.dumps(TRUTH, indent=1) + "\n"
    return files


def _redis(log: Log, chance: random.Random) -> None:
    ms = at(BEGIN) + 4000
    while ms < at(END):
        quiet = at("14:01:58") <= ms <= at("14:31:30")
        log.add(ms, redis_line(ms, "*", f"{chance.randrange(100, 900)} changes in 300 seconds. Saving..."))
        if not quiet:
            log.add(ms + 3, redis_line(ms + 3, "*", f"Background saving started by pid {chance.randrange(2000, 9000)}"))
            log.add(ms + 210, redis_line(ms + 210, "*", "DB saved on disk"))
            log.add(ms + 301, redis_line(ms + 301, "*", "Background saving terminated with success"))
        ms += 300_000
    log.add(
        at("14:01:58.332"),
        redis_line(at("14:01:58.332"), "#", "WARNING: maxmemory reached, eviction policy: noeviction"),
    )
    log.add(
        at("14:01:58.333"), redis_line(at("14:01:58.333"), "#", "Client connection rejected: OOM command not allowed")
    )
    log.add(
        at("14:31:30.120"), redis_line(at("14:31:30.120"), "*", "CONFIG SET maxmemory 4294967296 by 10.20.0.14:50122")
    )


def _errors(logs: dict[str, Log], chance: random.Random) -> None:
    plateau_end = at(HERD_START) - 400
    times = spread(chance, TIMEOUTS - HERD, at("14:02:03"), plateau_end)
    times += [at(HERD_START) + n * (at(HERD_END) - at(HERD_START)) // (HERD - 1) for n in range(HERD)]
    for n, ms in enumerate(times):
        thread = f"nio-8080-exec-{n % 40 + 1}"
        text = logback(
            ms, "ERROR", thread, "com.shop.cache.RedisClient",
            f"[{_id(chance)}] Redis ConnectionTimeout: no answer from redis:6379 after 5000ms (pool active={20 - n % 3}, waiting={n % 37})",
        )  # fmt: skip
        if n % 25 == 0:
            text += "\n" + "\n".join(TRACE)
        logs["checkout-service.log"].add(ms, text)
    for ms in spread(chance, NULLS, at("14:02:08.114"), at("14:31:40.502")):
        cart = f"c{chance.randrange(100, 9999)}"
        text = python_like_java_null(ms, cart, _id(chance))
        logs["cart-service.log"].add(ms, text)
    for ms in spread(chance, REFUSED, at("14:05:22.406"), at("14:31:42.221")):
        logs["payment-gateway.log"].add(
            ms,
            json_line(ms, "error", "PaymentGateway 503: order rejected, cart is empty", order=f"o{chance.randrange(10**6)}",
                      amount=0, status=503, reqId=_id(chance)),
        )  # fmt: skip


def python_like_java_null(ms: int, cart: str, request: str) -> str:
    head = python_line(ms, "ERROR", "CartService", f"rid={request} cart view failed for {cart}")
    return (
        f"{head}\njava.lang.NullPointerException: cart is null for {cart}\n"
        "\tat com.shop.cart.CartService.total(CartService.java:88)\n"
        "\tat com.shop.cart.CartController.view(CartController.java:35)"
    )


def _id(chance: random.Random) -> str:
    return f"{chance.getrandbits(48):012x}"


def _paced(chance: random.Random, per_minute: float, begin: str = BEGIN, end: str = END) -> Iterator[int]:
    ms = float(at(begin))
    while True:
        ms += chance.expovariate(per_minute) * 60_000
        if ms >= at(end):
            return
        yield int(ms)


def _ordinary(logs: dict[str, Log], chance: random.Random) -> None:
    checkout, cart, pay = logs["checkout-service.log"], logs["cart-service.log"], logs["payment-gateway.log"]
    for ms in _paced(chance, 250):
        broken = at("14:02:03") <= ms <= at(HERD_END)
        what = chance.choice(("session loaded", "price list refreshed", "shipping options listed") if broken
                             else ("checkout started", "order placed", "session loaded", "shipping options listed"))  # fmt: skip
        thread = f"nio-8080-exec-{chance.randrange(1, 41)}"
        message = f"[{_id(chance)}] {what} user=u{chance.randrange(1000, 9999)} in {chance.randrange(4, 90)} ms"
        checkout.add(ms, logback(ms, "INFO", thread, "com.shop.checkout.CheckoutController", message))
    for ms in _paced(chance, 90):
        cart.add(ms, python_line(ms, "INFO", "CartService", f"rid={_id(chance)} cart c{chance.randrange(100, 9999)} viewed, "
                                 f"{chance.randrange(1, 9)} items"))  # fmt: skip
    for ms in _paced(chance, 45):
        if at("14:05:22") <= ms <= at("14:31:42") and chance.random() < 0.6:
            continue
        pay.add(ms, json_line(ms, "info", "charge ok", order=f"o{chance.randrange(10**6)}",
                              amount=chance.randrange(500, 20000), status=200, reqId=_id(chance)))  # fmt: skip


def _everyday(logs: dict[str, Log], chance: random.Random) -> None:
    """About two warnings and errors a minute, before, during and after."""
    kinds: tuple[tuple[float, str, Callable[[int], str]], ...] = (
        (0.7, "checkout-service.log", lambda ms: logback(ms, "WARN", "scheduling-1", "com.shop.mail.Outbox",
            f"smtp: greylisted by mx{ms % 4}.example.net, requeued {ms % 90}")),
        (0.5, "checkout-service.log", lambda ms: logback(ms, "ERROR", f"nio-8080-exec-{ms % 40 + 1}", "com.shop.reco.Client",
            f"recommendations: upstream timeout after {ms % 300 + 200} ms (ignored)")),
        (0.4, "cart-service.log", lambda ms: python_line(ms, "WARNING", "PriceCache", f"price cache stale for {ms % 50} SKUs")),
        (0.4, "payment-gateway.log", lambda ms: json_line(ms, "warn", "fraud score unavailable, using default",
            reqId=f"{ms:012x}")),
    )  # fmt: skip
    for rate, name, write in kinds:
        for ms in _paced(chance, rate):
            logs[name].add(ms, write(ms))


def _access(log: Log, chance: random.Random) -> None:
    """The edge: 99.2 % of requests succeed before and after, 34 % while redis refuses."""
    down, up = at("14:02:03"), at("14:31:46")
    routes = ("GET /cart HTTP/1.1", "POST /checkout HTTP/1.1", "GET /cart/items HTTP/1.1", "POST /orders HTTP/1.1")
    for share, begin, end, per_minute in (
        (0.992, BEGIN, "14:02:03", 180.0),
        (0.34, "14:02:03", "14:31:46", 180.0),
        (0.992, "14:31:46", END, 180.0),
    ):
        times = list(_paced(chance, per_minute, begin, end))
        failed = set(chance.sample(range(len(times)), round(len(times) * (1 - share))))
        for n, ms in enumerate(times):
            bad = n in failed
            status = (503 if chance.random() < 0.5 else 500) if bad else 200
            took = (5.0 + chance.random() if down <= ms < up else 0.2) if bad else 0.01 + chance.random() * 0.1
            client = f"203.0.113.{chance.randrange(1, 250)}"
            log.add(
                ms,
                access_line(
                    ms, client, chance.choice(routes), status, 173 if bad else chance.randrange(400, 9000), took
                ),
            )


def _pager(log: Log) -> None:
    def event(clock: str, kind: str, status: str, identity: str) -> None:
        stamp = f"{moment(at(clock)):%Y-%m-%dT%H:%M:%S}.000Z"
        log.add(at(clock), json.dumps({"event": {
            "id": identity, "event_type": f"incident.{kind}", "occurred_at": stamp,
            "data": {"id": "Q1CHECKOUT", "type": "incident", "title": "checkout error rate above 5 %", "urgency": "high",
                     "status": status, "service": {"summary": "checkout"}},
        }}, separators=(",", ":")))  # fmt: skip

    event("14:12:00", "triggered", "triggered", "01")
    event("14:15:00", "acknowledged", "acknowledged", "02")
    event("14:44:00", "resolved", "resolved", "03")


STORY = """\
# Checkout is down: redis at its memory limit

At 14:01:58 redis reaches maxmemory with eviction policy noeviction and refuses commands that need memory. Five seconds
later checkout-service logs the first of 2,341 Redis ConnectionTimeout errors, ten seconds later cart-service the first of
412 NullPointerExceptions (carts come back empty), and from 14:05:22 payment-gateway refuses 189 orders with an empty cart.
Successful requests fall from 99.2 % to 34 %. The pager fires at 14:12:00, ten minutes after the first error; on-call
acknowledges at 14:15:00. The memory limit is raised at 14:31:30. All clients come back at once, a burst of timeouts that
ends at 14:31:45; then half an hour is quiet.

Written by `tests/tools/make_story.py`. The redis log has times without day or zone.
"""

TRUTH: dict[str, object] = {
    "name": NAME,
    "root_file": "redis-server.log",
    "root_service": "redis",
    "root_match": "maxmemory reached, eviction policy: noeviction",
    "root_time": "2026-03-02T14:01:58.332Z",
    "root_accept": [{"file": "redis-server.log", "match": "Client connection rejected: OOM command not allowed"}],
    "injected_at": "2026-03-02T14:01:58.332Z",
    "fix_at": "2026-03-02T14:31:30.120Z",
    "second_fault_at": None,
    "recovered_at": "2026-03-02T14:31:46Z",
    "verdict": "herd",
    "cascade": [
        {"service": "redis", "file": "redis-server.log", "match": "maxmemory reached",
         "first_time": "2026-03-02T14:01:58.332Z", "resolution_s": 0.001, "count": 1},
        {"service": "checkout-service", "file": "checkout-service.log", "match": "ERROR .*Redis ConnectionTimeout",
         "first_time": "2026-03-02T14:02:03.000Z", "last_time": "2026-03-02T14:31:45.000Z", "resolution_s": 0.001, "count": 2341},
        {"service": "cart-service", "file": "cart-service.log", "match": "NullPointerException",
         "first_time": "2026-03-02T14:02:08.114Z", "last_time": "2026-03-02T14:31:40.502Z", "resolution_s": 0.001, "count": 412},
        {"service": "payment-gateway", "file": "payment-gateway.log", "match": "PaymentGateway 503",
         "first_time": "2026-03-02T14:05:22.406Z", "last_time": "2026-03-02T14:31:42.221Z", "resolution_s": 0.001, "count": 189},
    ],
    "red_herrings": ["greylisted", "recommendations: upstream timeout", "price cache stale", "fraud score unavailable"],
    "detection_gap_s": 597,
    "success_rate": {"before": 0.992, "during": 0.34},
    "notes": "Real redis logs neither line; the story's redis does. pagerduty.log holds the alert (14:12:00), the "
             "acknowledgement by on-call (14:15:00) and the end (14:44:00).",
}  # fmt: skip


def write(folder: Path) -> None:
    """Write the sample below a folder."""
    for name, text in make().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "sample_incidents" / NAME)
