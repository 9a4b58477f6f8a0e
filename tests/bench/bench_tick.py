"""Cost of one judgement, in CPU seconds: many groups of many active seconds, and a busy live feed.

python -m tests.bench.bench_tick [--groups 500] [--seconds 2000] [--rate 10000]

The first figure is a whole recomputation; the second what a live feed costs a second: folding its lines and one tick.
"""

import argparse
import cProfile
import pstats
import time

import numpy as np

from logscope.ingest.layouts.layout import Sample, learn_layout
from logscope.ingest.scanner import Scanner
from logscope.model.files import Progress
from logscope.model.times import US
from logscope.session import Session, SourcePlan

DONE = Progress(1, 1, done=True)
BEGIN = 1_772_460_000
SERVICES = ("cart", "search", "orders", "billing", "mailer", "stock", "quotes", "users", "media", "gateway")
WORDS = ["reading", "writing", "sorting", "merging", "loading", "saving", "sending", "parsing", "joining", "closing"]
NOUNS = ["parcel", "ticket", "voucher", "basket", "invoice", "picture", "review", "account", "voyage", "letter"]


def lines_of(service, groups, seconds, chance, start=BEGIN):
    """A service's lines: each kind of error in so many of its seconds, twice as often in the last third."""
    rows = []
    for group in range(groups):
        text = f"{WORDS[group % 10]} {NOUNS[group // 10 % 10]} by {WORDS[group // 100 % 10]} {NOUNS[group % 7]} failed"
        span = np.arange(3 * seconds)
        weight = np.where(span > 2 * seconds, 2.0, 1.0)
        for second in chance.choice(span, min(seconds, len(span)), replace=False, p=weight / weight.sum()):
            rows.append((int(second), f"{text} after {group} ms"))
    rows.sort()
    stamp = {s: time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(start + s)) for s in range(3 * seconds + 1)}
    return "".join(f"{stamp[s]}.{n % 1000:03d}Z ERROR {service} {text}\n" for n, (s, text) in enumerate(rows)).encode()


def make_session(groups, seconds):
    """A session that has read everything."""
    chance = np.random.default_rng(1)
    session = Session()
    scanners = {}
    for service in SERVICES:
        data = lines_of(service, groups // len(SERVICES), seconds, chance)
        layout = learn_layout(Sample(f"{service}.log", data[:65536], b"", b"", len(data), BEGIN * US), None, None)
        session.add_source(SourcePlan(service, service, (f"{service}.log",), layout))
        scanner = scanners[service] = Scanner(layout, service)
        for piece in range(0, len(data), 1 << 20):
            session.feed(service, scanner.feed(data[piece : piece + (1 << 20)]), scanner.signatures)
        session.feed(service, scanner.release(), scanner.signatures)
    return session, scanners


def cpu(work, times=5):
    """Least CPU seconds of a few runs."""
    least = 1e9
    for _ in range(times):
        begun = time.process_time()
        work()
        least = min(least, time.process_time() - begun)
    return least


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bench_tick")
    parser.add_argument("--groups", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=2000)
    parser.add_argument("--rate", type=int, default=10_000, help="lines a second of the live feed")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    session, scanners = make_session(options.groups, options.seconds)
    snapshot = session.tick(None, DONE)
    print(f"{len(session.index.groups)} groups, {snapshot.recovery.verdict.value}")
    print(f"recomputation {cpu(lambda: session.tick(None, DONE)):.3f} s")
    if options.profile:
        with cProfile.Profile() as profile:
            session.tick(None, DONE)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(45)
    end = BEGIN + 3 * options.seconds + 1
    share = options.rate // len(SERVICES)
    costs = []
    for second in range(end, end + 5):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        pieces = {
            service: "".join(
                f"{stamp}.{n % 1000:03d}Z {'ERROR' if n % 10 == 0 else 'INFO'} {service} "
                f"{WORDS[n % 10]} {NOUNS[n % 7]} by {WORDS[0]} {NOUNS[n % 7]} failed after {n} ms\n"
                for n in range(share)
            ).encode()
            for service in SERVICES
        }
        begun = time.process_time()
        for service, data in pieces.items():
            session.feed(service, scanners[service].feed(data), scanners[service].signatures)
        fed = time.process_time()
        session.tick(second * US, DONE)
        costs.append((fed - begun, time.process_time() - fed))
    feed, tick = (min(cost[n] for cost in costs) for n in (0, 1))
    print(f"live at {options.rate:,} lines/s: {feed:.3f} s to fold, {tick:.3f} s to judge")


if __name__ == "__main__":
    main()
