"""Hours of a busy live tail in minutes: is every line counted once, and does memory stay flat?

python -m tests.bench.soak [--hours 2] [--rate 10000] [--every 300] [--folder DIR]

Eight services write `rate` lines a second between them, stamped by a clock that is moved by hand; their files are
rotated, each in its own way, every so many seconds, and parts older than three rotations are deleted. The live loop
looks twice a second of that clock and judges once. An incident comes and goes each half hour. Printed for each ten
minutes: lines written and counted, resident memory, CPU seconds of the loop. Exit 1 where a line is missing or doubled,
or memory at the end is a tenth above that after the first quarter.
"""

import argparse
import gzip
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from logscope.runner.live import LiveLoop
from logscope.runner.request import Request, open_request
from tests.sources.live import Log

BEGIN = 1_772_460_000
SERVICES = ("gateway", "checkout", "cart", "stock", "users", "search", "mailer", "billing")
KEPT_PARTS = 3
STAMP = b"@stamp@"
NUMBER = b"@n@"


class Service(Log):
    """A log of one service and how it is rotated."""

    def __init__(self, folder, name, rotate):
        super().__init__(folder)
        self.name = name
        self.count = 0
        self._rotate = rotate
        chance = random.Random(name)
        self._calm = self._block(chance, 0.01)
        self._failing = self._block(chance, 0.2)

    def _block(self, chance, share):
        rows = []
        for n in range(997):
            if chance.random() < share:
                words = chance.choice((
                    "ERROR redis-main:6379 connection timed out after %d ms", "WARN retry %d of order o-%d",
                    "ERROR order o-%d failed: pool is exhausted, %d waiting",
                ))  # fmt: skip
                text = words % ((n,) * words.count("%d"))
            elif self.name == "gateway":
                text = f"INFO GET /api/v1/{chance.choice(SERVICES)}/{n} 200 {n % 90} ms request=r-{n:04d}-@n@"
            else:
                text = f"INFO {chance.choice(('read', 'sent', 'kept', 'took'))} part {n} of r-{n:04d}-@n@"
            rows.append(f"@stamp@.{n:03d}Z {text}\n")
        return [row.encode() for row in rows]

    def write_second(self, second, lines, is_failing):
        """One second's lines."""
        rows = self._failing if is_failing else self._calm
        block = b"".join(rows[n % len(rows)] for n in range(second, second + lines))
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(BEGIN + second)).encode()
        self.write_raw(block.replace(STAMP, stamp).replace(NUMBER, b"%08d" % second))
        self.count += lines

    def turn(self):
        """One rotation; old parts go."""
        self._rotate(self)
        for name in os.listdir(self.folder):
            number = name.split(".")[2:3]
            if number and int(number[0]) > KEPT_PARTS:
                os.unlink(self.folder / name)

    def compress(self, number):
        path = f"{self.path}.{number}"
        with open(path, "rb") as plain, gzip.open(path + ".gz", "wb", compresslevel=1) as packed:
            shutil.copyfileobj(plain, packed)
        os.unlink(path)


def rename_and_pack(log):
    log.rotate()
    log.compress(1)


def rename_twice(log):
    log.rotate()
    log.open()
    log.rotate()


ROTATIONS = (
    Log.rotate, rename_and_pack, Log.copytruncate, Log.rotate_keeping_descriptor, Log.delete, Log.replace, Log.truncate,
    rename_twice,
)  # fmt: skip


def resident_mib():
    """Now, not the most there was."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def soak(folder, hours, rate, every):
    """Run it; whether it held."""
    logs = []
    for name, rotate in zip(SERVICES, ROTATIONS, strict=True):
        (folder / name).mkdir()
        logs.append(Service(folder / name, name, rotate))
    share = rate // len(logs)
    now = 0.0
    for log in logs:
        log.write_second(0, share, False)
    request = Request([f"{log.name}={log.path}" for log in logs])
    said = [None]
    loop = LiveLoop(
        request,
        open_request(request, live=True),
        lambda snapshot: said.__setitem__(0, snapshot),
        clock=lambda: now,
        wall=lambda: BEGIN + now,
    )
    loop.catch_up()
    spent = judged = 0.0
    memory = []
    seconds = round(hours * 3600)
    for second in range(1, seconds + 1):
        is_failing = second % 1800 >= 1500
        for number, log in enumerate(logs):
            log.write_second(second, share, is_failing and number < 3)
        begin = time.process_time()
        for _ in range(2):
            now += 0.5
            loop.look()
            while loop.has_more:
                loop.look()
        polled = time.process_time()
        loop.judge()
        spent, judged = spent + time.process_time() - begin, judged + time.process_time() - polled
        for number, log in enumerate(logs):
            # Never all at once.
            if second % every == number * every // len(logs):
                log.turn()
        if second % min(600, seconds) == 0:
            memory.append(resident_mib())
            counted = sum(file.lines for file in said[0].files)
            written = sum(log.count for log in logs)
            print(
                f"{second / 3600:5.2f} h  {written:>12,} written  {counted - written:+d}  {memory[-1]:6.1f} MiB  "
                f"{spent:7.1f} s CPU ({judged:.1f} judging), {spent / second:.3f} of a core",
                flush=True,
            )
    for _ in range(12):
        now += 1.0
        loop.look()
    loop.judge()
    written, counted = sum(log.count for log in logs), sum(file.lines for file in said[0].files)
    lost = sum(one.tail.lost for one in loop._sources.all)
    loop.close()
    print(f"lines written {written:,}, counted {counted:,}, told as lost {lost}, verdict {said[0].recovery.verdict}")
    is_flat = len(memory) < 4 or memory[-1] <= 1.1 * memory[len(memory) // 4]
    print("memory flat" if is_flat else "MEMORY GROWS", [round(m) for m in memory])
    return written == counted and not lost and is_flat


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--rate", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=300)
    parser.add_argument("--folder")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="logscope-soak-", dir=options.folder))
    try:
        return 0 if soak(folder, options.hours, options.rate, options.every) else 1
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
