"""Memory and time stay bounded, whatever the size of a line, a hole, a bomb, or the number of different errors."""

import bz2
import gzip
import json
import lzma
import os
import random
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from logscope.cli.main import main
from logscope.index.counts import Occurrences, SecondCounts
from logscope.index.index import Index
from logscope.index.notes import _MOST_KINDS
from logscope.ingest.batch import Batch, Signature, SignatureKind
from logscope.model.severity import Severity

LINE = b"2026-03-02T14:02:03Z ERROR [cart] order failed\n"
AIMED = 120 * 1024
"""KiB."""


def measure(*paths):
    """For each log what `analyze` says of it in a process of its own, and the peak memory so far in KiB."""
    read, write = os.pipe()
    # Not `ru_maxrss`: that is inherited from whoever started the process.
    code = (
        "import re, sys, os; from logscope.cli.main import main\n"
        "for path in sys.argv[1:]:\n"
        "    assert main(['analyze', '--json', path]) == 0\n"
        "    sys.stdout.flush()\n"
        f"    os.write({write}, re.search(rb'VmHWM:\\s+(\\d+)', open('/proc/self/status', 'rb').read())[1] + b' ')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, paths)],
        capture_output=True, pass_fds=(write,), cwd=Path(__file__).parents[2], timeout=600, check=False,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        peaks = list(map(int, pipe.read().split()))
    assert done.returncode == 0, done.stderr
    files = [json.loads(line)["files"][0] for line in done.stdout.splitlines()]
    return list(zip(files, peaks, strict=True))


def long_line(path, scale):
    with path.open("wb") as file:
        file.write(LINE[:-1])
        for _ in range(200 // scale):
            file.write(b"x" * 2**20)
        file.write(b"\n" + LINE)
    return 2


def hole(path, scale):
    with path.open("wb") as file:
        file.write(LINE)
        file.truncate(2**30 // scale)
        file.seek(0, 2)
        file.write(b"\n" + LINE)
    return 3


def bomb(pack):
    def write(path, scale):
        # Bombs of one byte pack by thousands: members keep the making of them cheap.
        path.write_bytes(pack(LINE) + pack(b"\0" * 10_000_000) * (50 // scale) + pack(b"\n" + LINE))
        return 3

    return write


def zst(data):
    import zstandard

    return zstandard.ZstdCompressor().compress(data)


def strangers(path, scale):
    """No two errors have a word in common."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(4, 9))) for _ in range(3000)]
    count = 1_000_000 // scale
    with path.open("wb") as file:
        for n in range(count):
            text = f"2026-03-02T{n // 36000 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}Z ERROR [cart] "
            file.write(f"{text}{' '.join(chance.choices(words, k=3))} failed\n".encode())
    return count


KINDS = {
    "a line of 200 MB": (long_line, AIMED), "a hole of 1 GiB": (hole, AIMED), "a gz bomb": (bomb(gzip.compress), AIMED),
    "a bz2 bomb": (bomb(bz2.compress), AIMED), "an xz bomb": (bomb(lzma.compress), AIMED),
    "a zst bomb": (bomb(zst), AIMED), "a million different errors": (strangers, 2 * AIMED),
}  # fmt: skip


def test_small_logs_that_ask_for_much_cost_no_memory(tmp_path):
    """A line of 20 MB; stamps decades apart; failures every few hours for a year: memory follows the records.

    Neither a line's bytes are kept, nor is there something for each second of a span. The whole sizes run with
    LOGSCOPE_LARGE=1.
    """
    years, begin = (1971, 1990, 2000, 2010, 2020, 2026), 1_750_000_000
    logs = {name: tmp_path / f"{name}.log" for name in ("line", "decades", "year")}
    counts = [long_line(logs["line"], 10), 180, 2400]
    logs["decades"].write_text(
        "".join(f"{year}-03-02T14:02:{n:02d}Z ERROR [cart] order failed {year}\n" for year in years for n in range(30))
    )
    logs["year"].write_text(
        "".join(f"{begin + n * 13_000} {'ERROR' if n > 200 else 'INFO'} [cart] order {n} failed\n" for n in range(2400))
    )
    told = measure(*logs.values())
    assert [file["lines"] for file, _ in told] == counts
    peaks = {name: peak for name, (_, peak) in zip(logs, told, strict=True)}
    assert max(peaks.values()) < AIMED, peaks


def test_kinds_are_forgotten():
    """However many kinds come, only so many are remembered between two foldings."""
    index = Index()
    for start in range(0, 2 * _MOST_KINDS + 8192, 8192):
        signatures = [Signature(start + n, "", SignatureKind.MESSAGE, f"w{start + n} failed") for n in range(8192)]
        count = np.arange(len(signatures))
        empty = {"service": None, "status": None, "duration_us": None}
        batch = Batch(
            part=count.astype(np.uint16) * 0, offset=count * 50, line=count + 1, length=np.full(8192, 50, np.int32),
            lines=np.ones(8192, np.int32), time=count, severity=np.full(8192, Severity.ERROR, np.uint8), notable=count,
            signature=count.astype(np.int32), texts=[b"x"] * 8192, line_count=8192, byte_count=1, fed_part=0, **empty,
        )  # fmt: skip
        index.fold("x", batch, signatures)
        assert len(index._notes._kinds) < 2 * _MOST_KINDS


@pytest.mark.parametrize("series", [SecondCounts(7), Occurrences()])
def test_seconds_out_of_order_are_folded_before_they_are_many(series):
    """Lines whose seconds change with each take no more room than the seconds that there are."""
    chance = np.random.default_rng(1)
    tracemalloc.start()
    for _ in range(60):
        seconds = chance.integers(0, 5000, 30_000)
        if isinstance(series, SecondCounts):
            series.add(seconds, np.ones((30_000, 7), np.int64))
        else:
            series.add(np.column_stack([seconds, *[np.ones(30_000, np.int64)] * 5]))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 12_000_000
    rows = series.arrays()[1] if isinstance(series, SecondCounts) else series.table()
    assert (len(rows), rows[:, 1].sum()) == (5000, 60 * 30_000)


@pytest.mark.skipif("LOGSCOPE_LARGE" not in os.environ, reason="minutes: LOGSCOPE_LARGE=1 runs it")
@pytest.mark.parametrize("name", KINDS)
def test_memory_is_bounded(tmp_path, name):
    """Under 120 MB, of a million different errors under 240; every line is counted."""
    write, most = KINDS[name]
    lines = write(tmp_path / "x.log", 1)
    ((file, peak),) = measure(tmp_path / "x.log")
    assert (file["lines"], peak < most) == (lines, True), peak


def test_a_bound_of_the_user_holds():
    """`--max-memory` is kept by the system: what does not fit is refused to the program."""
    code = (
        "import re; from logscope.cli.memory import limit_memory; limit_memory('128M'); import numpy\n"
        "print(re.search(r'VmData:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
        "bytearray(2**28)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=60,
        check=False,
    )
    assert (done.returncode, "MemoryError" in done.stderr) == (1, True)
    # Whatever number of cores there is: the vector library sets nothing aside for them.
    assert int(done.stdout) < 64 * 1024


def test_too_little_memory_is_a_sentence(tmp_path, monkeypatch, capsys):
    """Running out of it is exit 1 and one line with what to do."""

    def fail(*_):
        raise MemoryError

    (tmp_path / "x.log").write_bytes(LINE)
    monkeypatch.setattr("logscope.cli.batch.judge_batch", fail)
    code = main(["analyze", str(tmp_path / "x.log")])
    error = capsys.readouterr().err
    assert (code, "--max-memory" in error, error.count("\n")) == (1, True, 1)
