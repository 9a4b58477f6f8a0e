"""Measures how fast `parse` writes the records of each of the 25 formats.

    python tests/bench/bench_parse.py --megabytes 20 [--only NAME]

Prints MB of the log per CPU second, the output thrown away: all of the command but what loading the program costs,
learning the format included. Each is measured three times, and the median is told.
"""

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from formats import FORMATS, make_format

from logscope.cli.main import main as run

_MUST: Final = 12
"""MB per CPU second."""


def measure(path: Path) -> float:
    """CPU seconds of one run."""
    with open("/dev/null", "w") as nowhere, contextlib.redirect_stdout(nowhere):
        start = time.process_time()
        assert run(["parse", str(path)]) == 0, "it can be read"
        return time.process_time() - start


def main() -> int:
    """Generate, measure, print; 1 when a format is slower than it must be."""
    parser = argparse.ArgumentParser(description="Measure parse on each format alone.")
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    speeds: list[float] = []
    with tempfile.TemporaryDirectory(prefix="logscope-bench-") as folder:
        path = Path(folder) / "service.log"
        for name, make in FORMATS.items():
            if options.only not in name:
                continue
            path.write_text(make_format(make, name, options.megabytes), "ascii")
            seconds = statistics.median(measure(path) for _ in range(3))
            speeds.append(path.stat().st_size / 1e6 / seconds)
            print(f"{name:<24} {speeds[-1]:6.1f} MB per CPU second", flush=True)
    if speeds:
        print(f"{'slowest, median':<24} {min(speeds):6.1f}, {statistics.median(speeds):.1f}")
    return 1 if min(speeds, default=_MUST) < _MUST else 0


if __name__ == "__main__":
    sys.exit(main())
