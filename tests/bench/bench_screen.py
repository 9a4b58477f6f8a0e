"""Keys while a large file is read: `python tests/bench/bench_screen.py --lines 10000000`.

Two programs on terminals of their own in one run, keys in turn: one on a small file that is idle, one on a large file
that is being read, and later has been. Measured is the time from a key to the last byte of its painting, 50th and 99th
percentile, their ratio, and the memory of each. What follows behind a pause is no answer to the key, and a key that
moves nothing has none.
"""

import argparse
import tempfile
import time
from pathlib import Path

from tests.ui.terminal import Terminal

KEYS = ("j", "k", "]", "[", " ", "b")
_QUIET_S = 0.03
_ROUNDS = 20


def write_log(path, lines):
    """A log with a storm of errors in its last tenth."""
    with path.open("w") as file:
        for block in range(0, lines, 10_000):
            text = []
            for n in range(block, min(lines, block + 10_000)):
                seconds = n // 50
                stamp = f"2026-03-{2 + seconds // 86_400:02d}T{seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}"
                level = "ERROR" if n > lines * 0.9 and n % 20 == 0 else "INFO"
                words = "no answer from redis:6379" if level == "ERROR" else f"request {n} done in {n % 97} ms"
                text.append(f"{stamp}:{seconds % 60:02d}.{n % 50 * 20:03d}Z {level} [shop] {words}\n")
            file.write("".join(text))


def press(one, key):
    """Seconds from a key to the last byte that follows it without a pause; None where none does."""
    one.read(0.02)
    begun = time.monotonic()
    one.press(key)
    last, size = begun, len(one.raw)
    while time.monotonic() - last < (0.25 if last == begun else _QUIET_S):
        one.read(0.005)
        if len(one.raw) != size:
            last, size = time.monotonic(), len(one.raw)
    return last - begun if last > begun else None


def rss_mb(one):
    """Resident memory."""
    status = Path(f"/proc/{one.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def percentile(times, share):
    """Of sorted times."""
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=10_000_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small.log"), Path(folder, "large.log")
        write_log(small, 20_000)
        write_log(large, lines)
        idle = Terminal([str(small)], size=(120, 40), cold=True)
        idle.wait_for("BROKE", 60)
        idle.settle()
        busy = Terminal([str(large)], size=(120, 40), cold=True)
        busy.wait_for("READING", 60)
        busy.press("3")
        idle.press("3")
        for state in ("while reading", "read"):
            times = {"idle": [], "busy": []}
            for _ in range(_ROUNDS):
                for key in KEYS:
                    for name, one in (("idle", idle), ("busy", busy)):
                        seconds = press(one, key)
                        times[name] += [] if seconds is None else [seconds]
                if state == "while reading" and "READING" not in "\n".join(busy.screen.display):
                    break
            p50 = {name: percentile(values, 0.5) for name, values in times.items()}
            p99 = {name: percentile(values, 0.99) for name, values in times.items()}
            print(
                f"{state:<14} {len(times['busy']):>4} keys   p50 {p50['idle']:.0f} / {p50['busy']:.0f} ms   "
                f"p99 {p99['idle']:.0f} / {p99['busy']:.0f} ms   ratio {p99['busy'] / p99['idle']:.1f}   "
                f"RSS {rss_mb(idle):.0f} / {rss_mb(busy):.0f} MB",
                flush=True,
            )
            if state == "while reading":
                busy.wait_for("LIVE", 600)
                busy.settle()
        for one in (idle, busy):
            one.press("q")
            one.finish()
            one.close()


if __name__ == "__main__":
    main()
