"""Cost of one judgement, in CPU seconds: many groups of many active seconds, and a busy live feed.

python -m tests.bench.bench_tick [--groups 500] [--seconds 2000] [--rate 10000]

Figures: a recomputation after which every group has a new record, one where nothing came, the first one of a session
that was loaded; then what a live feed costs a second: folding its lines and one tick.
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
from logscope.session.memory import SourcePlan
from logscope.session.session import Session

DONE = Progress(1, 1, done=True)
BEGIN = 1_772_460_000
SERVICES = ("cart", "search", "orders", "billing", "mailer", "stock", "quotes", "users", "media", "gateway")
WORDS = ["reading", "writing", "sorting", "merging", "loading", "saving", "sending", "parsing", "joining", "closing"]
NOUNS = ["parcel", "ticket", "voucher", "basket", "invoice", "picture", "review", "account", "voyage", "letter"]
SHAPES = [
    "{verb} a {noun} failed",
    "{verb} failed, the {noun} was not found here",
    "cannot go on {verb} while the queue of one {noun} is held by somebody else",
    "gave up {verb} behind the third attempt",
    "no answer in time to what was asked when {verb} the {noun}",
]


def text_of(group):
    """What a kind of error says; no two of a service's kinds are one event."""
    return SHAPES[group // 10 % 5].format(verb=WORDS[group % 10], noun=NOUNS[group % 7])


def lines_of(service, groups, seconds, chance, start=BEGIN):
    """A service's lines: each kind of error in so many of its seconds, twice as often in the last third."""
    rows = []
    for group in range(groups):
        text = text_of(group)
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


def feed_lines(session, scanners, second, texts, errors=1):
    """Feed each service's lines of one second; every so many of them is an error."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
    for service, scanner in scanners.items():
        data = "".join(
            f"{stamp}.{n % 1000:03d}Z {'INFO' if n % errors else 'ERROR'} {service} {text} after {n} ms\n"
            for n, text in enumerate(texts)
        )
        session.feed(service, scanner.feed(data.encode()), scanner.signatures)


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
    kinds = sum(1 for group in snapshot.groups if group.count)
    print(f"{len(session.index.groups)} groups, {kinds} kinds, {snapshot.recovery.verdict.value}")
    end = BEGIN + 3 * options.seconds
    costs = []
    for second in range(end + 1, end + 6):
        feed_lines(session, scanners, second, [text_of(group) for group in range(options.groups // len(SERVICES))])
        costs.append(cpu(lambda: session.tick(None, DONE), times=1))
    print(f"every group changed {min(costs):.3f} s")
    print(f"nothing changed {cpu(lambda: session.tick(None, DONE)):.3f} s")
    loaded = [Session.remember(session.recall()) for _ in range(3)]
    print(f"loaded {min(cpu(lambda one=one: one.tick(None, DONE), times=1) for one in loaded):.3f} s")
    if options.profile:
        feed_lines(session, scanners, end + 6, [text_of(group) for group in range(options.groups // len(SERVICES))])
        with cProfile.Profile() as profile:
            session.tick(None, DONE)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(45)
    share = options.rate // len(SERVICES)
    costs = []
    for second in range(end + 10, end + 15):
        texts = [f"{WORDS[n % 10]} {NOUNS[n % 7]} by {WORDS[0]} {NOUNS[n % 7]} failed" for n in range(share)]
        begun = time.process_time()
        feed_lines(session, scanners, second, texts, errors=10)
        fed = time.process_time()
        session.tick(second * US, DONE)
        costs.append((fed - begun, time.process_time() - fed))
    feed, tick = (min(cost[n] for cost in costs) for n in (0, 1))
    print(f"live at {options.rate:,} lines/s: {feed:.3f} s to fold, {tick:.3f} s to judge")


if __name__ == "__main__":
    main()
