"""The long run: `python -m tests.fuzz --minutes 30 [--seed N] [--target NAME] [--atheris]`.

Inputs that break something are written to `fuzz-found/` with the traceback, one file for each place that failed.
"""

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.fuzz import targets
from tests.fuzz.mutate import Mutator
from tests.fuzz.wholes import Wholes

_SLOW_S = 3.0
"""CPU seconds for at most 40 KB: a sign of a pattern that is not linear."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**9)
    parser.add_argument("--target", help="one of those that are counted at the end")
    parser.add_argument("--atheris", action="store_true", help="guided by coverage; needs `pip install atheris`")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="logscope-fuzz-"))
    files, wholes = targets.Files(folder), Wholes(folder)
    mutator = Mutator(options.seed)
    plan = {
        "scan": (targets.scan, mutator.make_log, 8), "texts": (targets.texts, mutator.make_line, 8),
        "analyze": (files.analyze, mutator.make_log, 2), "tell": (files.tell, mutator.make_log, 1),
        "unpack": (files.unpack, mutator.make_log, 4), "rules": (targets.rules, mutator.make_rules, 1),
        "times": (targets.times, mutator.make_line, 4), "settings": (targets.settings, mutator.make_settings, 2),
        "choose": (wholes.choose, mutator.make_log, 2), "reopen": (wholes.reopen, mutator.make_line, 2),
        "grow": (wholes.grow, mutator.make_log, 2),
    }  # fmt: skip
    if options.target not in (None, *plan):
        parser.error(f"no such target; there are {', '.join(plan)}")
    if options.target:
        plan = {options.target: plan[options.target]}
    if options.atheris:
        return _run_atheris(plan[options.target or "scan"][0], options.minutes)
    found: dict[str, int] = {}
    counts = dict.fromkeys(plan, 0)
    end = time.monotonic() + 60 * options.minutes
    print(f"seed {options.seed}", flush=True)
    while time.monotonic() < end:
        for name, (target, make, times) in plan.items():
            for _ in range(times):
                data = make()
                counts[name] += 1
                try:
                    spent = targets.timed(target, data)
                    if spent > _SLOW_S:
                        raise AssertionError(f"slow: {spent:.1f} s for {len(data)} bytes")
                except Exception as error:
                    _keep(found, name, data, error)
    print(counts, "found", found)
    return bool(found)


def _keep(found: dict[str, int], name: str, data: bytes, error: Exception) -> None:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{name}-{type(error).__name__}-{Path(frame.filename).stem}-{frame.lineno}"
    found[where] = found.get(where, 0) + 1
    if found[where] > 3:
        return
    folder = Path("fuzz-found")
    folder.mkdir(exist_ok=True)
    (folder / f"{where}-{found[where]}").write_bytes(data)
    (folder / f"{where}-{found[where]}.txt").write_text("".join(traceback.format_exception(error)))
    print(f"FOUND {where}: {str(error)[:200]!r}", flush=True)


def _run_atheris(target: object, minutes: float) -> int:
    import atheris

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={int(minutes * 60)}", "-max_len=4000"], target)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
