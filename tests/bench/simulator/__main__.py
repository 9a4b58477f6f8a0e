"""Measures the analysis on random incidents.

python -m tests.bench.simulator --seeds 0-199 [--nonsense] [--misses]

Reports how often the cause is first and in the first three, how well the probabilities are calibrated, how often each
confidence word is right, how often the verdict is right, and how often a red herring was first.
"""

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path

from logscope.runner.batch import Request, open_request, run_batch
from tests.bench.simulator.incidents import build


def measure(seed, *, meaningless):
    """The truth of a seed and what the analysis says, as (truth, snapshot)."""
    with tempfile.TemporaryDirectory() as name:
        truth = build(seed, Path(name), meaningless=meaningless)
        asked = Request([name])
        return truth, run_batch(asked, open_request(asked))


def calibration_error(answers):
    """Expected calibration error over ten equal bins of (probability, right) (Naeini et al. 2015)."""
    bins = defaultdict(list)
    for probability, right in answers:
        bins[min(9, int(probability * 10))].append((probability, right))
    gaps = (abs(sum(p for p, _ in held) - sum(right for _, right in held)) for held in bins.values())
    return sum(gaps) / len(answers)


def share(flags):
    """How many are true, as text with the number of cases."""
    flags = list(flags)
    return f"{sum(flags) / len(flags):.3f} of {len(flags)}" if flags else "none"


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench.simulator")
    parser.add_argument("--seeds", default="0-199", help="first and last seed")
    parser.add_argument("--nonsense", action="store_true", help="random words for services and messages")
    parser.add_argument("--misses", action="store_true", help="name each incident whose cause is not first")
    options = parser.parse_args()
    first, last = map(int, options.seeds.split("-"))
    rows = []
    for seed in range(first, last + 1):
        truth, snapshot = measure(seed, meaningless=options.nonsense)
        found = [candidate.service for candidate in snapshot.candidates]
        rows.append((truth, snapshot, found))
        if options.misses and found[:1] != [truth.cause]:
            print(f"seed {seed}: {truth.cause} {sorted(truth.traits)}, found {found[:3]}")
    print("top-1", share(found[:1] == [truth.cause] for truth, _, found in rows))
    print("top-3", share(truth.cause in found[:3] for truth, _, found in rows))
    for trait in ("infrastructure", "silent", "no_file", "herring", "skewed"):
        print(
            f"top-1 with {trait}",
            share(found[:1] == [truth.cause] for truth, _, found in rows if trait in truth.traits),
        )
    tops = [(snapshot.candidates[0], truth) for truth, snapshot, _ in rows if snapshot.candidates]
    if tops:
        error = calibration_error([(top.probability, top.service == truth.cause) for top, truth in tops])
        print(f"calibration error {error:.3f}")
    for word in ("high", "medium", "low"):
        print(f"right when {word}", share(top.service == truth.cause for top, truth in tops if top.confidence == word))
    print("herring first", share(found[:1] == [truth.herring] for truth, _, found in rows if truth.herring))
    print("verdict", share(snapshot.recovery.verdict == truth.verdict for truth, snapshot, _ in rows))


if __name__ == "__main__":
    main()
