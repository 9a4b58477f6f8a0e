"""Measures how fast each of the 25 formats is read alone, and checks that fast reading equals slow reading.

    python tests/bench/bench_formats.py --megabytes 8 [--only NAME] [--all-errors]

Prints MB per CPU second of the whole pass over one file (scan and index; start-up and analysis are the same for all).
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from formats import FORMATS, make_format

from logscope.index.index import Index
from logscope.ingest.scanner import Scanner
from logscope.runner.planning import Plan, looks_like_log, make_plans
from logscope.sources.discovery import discover
from logscope.sources.reader import BLOCK

_SMALL = 4000
"""Bytes of a piece in which every line is parsed alone."""


def read(plan: Plan, block: int) -> Index:
    """The index of one file, read in pieces of so many bytes."""
    index = Index()
    scanner = Scanner(plan.layout, plan.source.service)
    for data in plan.read_part(0, lambda _: None, block=block):
        index.fold("x", scanner.feed(data), scanner.signatures)
    index.fold("x", scanner.flush(), scanner.signatures)
    index.digest()
    return index


def main() -> int:
    """Generate, measure, print; 1 when an answer is wrong."""
    parser = argparse.ArgumentParser(description="Measure each format alone.")
    parser.add_argument("--megabytes", type=float, default=8)
    parser.add_argument("--only", default="")
    parser.add_argument("--check", action="store_true", help="compare with reading every line alone")
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="logscope-bench-") as folder:
        for name, make in FORMATS.items():
            if options.only not in name:
                continue
            path = Path(folder) / "service.log"
            path.write_text(make_format(make, name, options.megabytes), "ascii")
            plans, _ = make_plans(discover([str(path)], looks_like_log, siblings=False).sources, {})
            taken = []
            for _ in range(2):
                start = time.process_time()
                index = read(plans[0], BLOCK)
                taken.append(time.process_time() - start)
            tally = index.sources["x"].parts[0]
            size = path.stat().st_size
            speed = size / 1e6 / min(taken)
            told = f"{tally.records} records, {tally.errors} errors, {tally.warnings} warnings, {tally.untimed} untimed"
            print(f"{name:<20} {plans[0].layout.name:<26} {speed:6.0f} MB per CPU second  {told}", flush=True)
            if options.check and read(plans[0], _SMALL).digest() != index.digest():
                print(f"{name}: READING EVERY LINE ALONE GIVES ANOTHER INDEX")
                wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
