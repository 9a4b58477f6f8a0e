"""Measures the analysis on random incidents.

python -m tests.bench.simulator --seeds 0-199 [--nonsense] [--misses] [--ablation]

Reports how often the cause is first and in the first three, how well the probabilities are calibrated, how often each
confidence word is right, how often verdict and trigger are right, and how often a red herring was first. Seeds from
5000 on draw their sentences from a half that no weight was set on: report those, tune on the others.
"""

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path

from logscope.model.causes import OUTSIDE
from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.bench.simulator.incidents import build

TRAITS = ("infrastructure", "silent", "no_file", "unnamed", "quiet", "herring", "skewed", "large", "released")


def measure(seed, *, meaningless):
    """The truth of a seed and what the analysis says, as (truth, snapshot)."""
    with tempfile.TemporaryDirectory() as name:
        truth = build(seed, Path(name), meaningless=meaningless)
        asked = Request([name])
        return truth, run_batch(asked, open_request(asked))


def is_right(truth, candidate):
    """Whether a candidate is an answer that the truth accepts."""
    return truth.accepts(candidate.service, in_logs=candidate.in_logs, is_named=candidate.service != OUTSIDE)


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


def is_trigger_right(truth, snapshot):
    """The release that set it off is found; where nothing did, none is claimed."""
    found = snapshot.candidates[0].trigger if snapshot.candidates else None
    return (found is None) if truth.release is None else (found is not None and truth.release in found.text)


def report(rows):
    """Print the figures of (truth, snapshot) rows."""
    firsts = [
        (truth, snapshot, bool(snapshot.candidates) and is_right(truth, snapshot.candidates[0]))
        for truth, snapshot in rows
    ]
    print("top-1", share(right for _, _, right in firsts))
    print("top-3", share(any(is_right(truth, one) for one in snapshot.candidates[:3]) for truth, snapshot in rows))
    for trait in TRAITS:
        print(f"top-1 with {trait}", share(right for truth, _, right in firsts if trait in truth.traits))
    tops = [(snapshot.candidates[0], right) for _, snapshot, right in firsts if snapshot.candidates]
    if tops:
        print(f"calibration error {calibration_error([(top.probability, right) for top, right in tops]):.3f}")
    for word in ("high", "medium", "low"):
        print(f"right when {word}", share(right for top, right in tops if top.confidence == word))
    print(
        "herring first", share(s.candidates[:1] and s.candidates[0].service == t.herring for t, s in rows if t.herring)
    )
    print("verdict", share(snapshot.recovery.verdict == truth.verdict for truth, snapshot in rows))
    right = [(truth, snapshot) for truth, snapshot, right in firsts if right]
    for name, has_one in (("found", True), ("rightly none", False)):
        chosen = [(t, s) for t, s in right if (t.release is not None) is has_one]
        print(f"trigger {name}", share(is_trigger_right(t, s) for t, s in chosen))


def ablate(rows):
    """Print how often the cause is first when a kind of evidence counts nothing, for each kind."""
    kinds = sorted({e.kind for _, s in rows for c in s.candidates for e in (*c.evidence, *c.counter_evidence)})
    for left_out in kinds:
        right = []
        for truth, snapshot in rows:
            if snapshot.candidates:
                best = max(snapshot.candidates, key=lambda one: (points_without(one, left_out), -one.rank))
                right.append(is_right(truth, best))
        print(f"top-1 without {left_out}", share(right))


def points_without(candidate, left_out):
    """Points of a candidate without one kind of evidence; its line stays the one that was chosen with it."""
    evidence = (*candidate.evidence, *candidate.counter_evidence)
    return candidate.points - sum(one.points for one in evidence if one.kind == left_out)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench.simulator")
    parser.add_argument("--seeds", default="5000-5199", help="first and last seed")
    parser.add_argument("--nonsense", action="store_true", help="random words for services and messages")
    parser.add_argument("--misses", action="store_true", help="name each incident whose cause is not first")
    parser.add_argument("--ablation", action="store_true", help="leave each kind of evidence out in turn")
    options = parser.parse_args()
    first, last = map(int, options.seeds.split("-"))
    rows = []
    for seed in range(first, last + 1):
        truth, snapshot = measure(seed, meaningless=options.nonsense)
        rows.append((truth, snapshot))
        found = snapshot.candidates[:3]
        if options.misses and not (found and is_right(truth, found[0])):
            shown = "" if truth.is_shown else "(not shown) "
            print(f"seed {seed}: {truth.cause} {shown}{sorted(truth.traits)}, found {[one.service for one in found]}")
    report(rows)
    if options.ablation:
        ablate(rows)


if __name__ == "__main__":
    main()
