"""What the rules cost: a run that judges logs with all rules that ship against one with none, loading included.

python -m tests.bench.bench_rules [--megabytes 200] [--rounds 5] [--folder DIR]

Each run is a process of its own, turn by turn; CPU seconds, medians. The aim: at most a tenth more.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from logscope.knowledge.loader import load_package_rules
from logscope.knowledge.matcher import Matcher
from logscope.knowledge.rule import RuleSet
from logscope.runner.batch import judge_batch
from logscope.runner.request import Request, open_request
from tests.bench.generate_logs import generate

MOST = 0.10


def run_once(folder, has_rules):
    """CPU seconds of one judgement, and of them what is spent in asking rules."""
    asked = 0.0
    match = Matcher.match

    def timed(self, message, component_hint=None):
        nonlocal asked
        begun = time.process_time()
        found = match(self, message, component_hint)
        asked += time.process_time() - begun
        return found

    Matcher.match = timed
    begun = time.process_time()
    rules = load_package_rules() if has_rules else RuleSet((), ())
    loaded = time.process_time() - begun
    request = Request([str(folder)], rules=rules)
    judge_batch(request, open_request(request))
    return time.process_time(), loaded, asked


def measure(folder, has_rules):
    """The same in a process of its own."""
    words = [sys.executable, "-m", "tests.bench.bench_rules", "--one", "all" if has_rules else "none"]
    printed = subprocess.run([*words, "--folder", str(folder)], check=True, capture_output=True, text=True).stdout
    return tuple(float(word) for word in printed.split())


def compare(folder, rounds):
    """Print both, and whether it is within the bound."""
    runs = [(measure(folder, True), measure(folder, False)) for _ in range(rounds)]
    everything = median(one[0][0] for one in runs)
    bare = median(one[1][0] for one in runs)
    more = median(one[0][0] / one[1][0] for one in runs) - 1
    loaded, asked = (median(one[0][n] for one in runs) for n in (1, 2))
    print(f"{len(load_package_rules().rules)} rules: {everything:.2f} s of CPU, {bare:.2f} s with none, {more:+.1%}")
    print(f"of that {loaded * 1000:.0f} ms to load them and {asked * 1000:.0f} ms to ask them")
    return more <= MOST


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="logs to judge; made anew without it")
    parser.add_argument("--one", choices=("all", "none"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(*run_once(options.folder, options.one == "all"))
        return 0
    if options.folder:
        return 0 if compare(options.folder, options.rounds) else 1
    with tempfile.TemporaryDirectory(prefix="logscope-bench-") as folder:
        generate(Path(folder), options.megabytes)
        return 0 if compare(folder, options.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
