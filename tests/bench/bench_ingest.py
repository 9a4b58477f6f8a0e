# ruff: noqa: E501 -- patterns and samples of formats are single lines
"""Measures `logscope analyze` against lnav, ripgrep and wc on the same files in the same run, and checks its answers.

    python tests/bench/bench_ingest.py --megabytes 200 --rounds 3 [--only-errors]

Interleaved rounds, medians of CPU seconds (user and system, children included), ratios. The yardsticks answer less:
lnav counts per minute and level and groups errors by its own templates; ripgrep finds the same error lines; wc counts
lines. The answers of logscope are compared with a naive reading of every line with a regex written for its format.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from generate_logs import generate

NAIVE = {
    "checkout.log": (rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (\w+) ", {b"ERROR": "error", b"WARN": "warn"}),
    "payment.json.log": (rb'\{"level":(\d+),', {b"50": "error", b"40": "warn"}),
    "gateway-access.log": (rb'\S+ - - \[[^\]]+\] "[^"]*" (\d)\d\d ', {b"5": "error", b"4": "warn"}),
    "inventory.log": (rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - \S+ - (\w+) - ", {b"ERROR": "error", b"WARNING": "warn"}),
    "router.log": (rb"time=\S+ level=(\w+) ", {b"error": "error", b"warn": "warn"}),
    "postgresql.log": (rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC \[\d+\] \S+ (\w+):", {b"ERROR": "error", b"WARNING": "warn"}),
    "redis.log": (rb"\d+:\w \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} (.) ", {b"#": "warn"}),
}  # fmt: skip
"""For each file the head of its records with the level as its group, and what the levels are."""

RIPGREP = {
    "checkout.log": r"^.{24}(ERROR|WARN)",
    "payment.json.log": r'"level":[45]0',
    "gateway-access.log": r'" [45]\d\d ',
    "inventory.log": r" - (ERROR|WARNING) - ",
    "router.log": r" level=(error|warn)",
    "postgresql.log": r" (ERROR|WARNING):  ",
    "redis.log": r"\d # ",
}

LNAV_FORMATS = {
    "bench_logback": (
        r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) (?<level>\w+) +\[(?<thread>[^\]]+)\] (?<logger>\S+) - (?<body>.*)$",
        "2026-03-02 13:30:00,000 INFO  [http-exec-30] c.s.checkout.CartService - Cart expired",
    ),
    "bench_python": (
        r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) - (?<logger>\S+) - (?<level>\w+) - (?<body>.*)$",
        "2026-03-02 13:30:00,000 - inventory.stock - INFO - Quote scheduled",
    ),
    "bench_logfmt": (
        r'^time=(?<timestamp>\S+) level=(?<level>\w+) msg="(?<body>[^"]*)" component=(?<component>\S+) trace=(?<trace>\S+)$',
        'time=2026-03-02T13:30:00.000Z level=info msg="Profile forwarded" component=router trace=ff36a62e3690400',
    ),
    "bench_postgres": (
        r"^(?<timestamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) UTC \[(?<pid>\d+)\] (?<user>\S+) (?<level>\w+):  (?<body>.*)$",
        "2026-03-02 13:30:00.000 UTC [493] shop@shop LOG:  Order forwarded",
    ),
    "bench_redis": (
        r"^(?<pid>\d+):(?<role>\w) (?<timestamp>\d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3}) (?<level>.) (?<body>.*)$",
        "1:M 02 Mar 2026 13:30:00.000 * Quote refreshed",
    ),
}
LNAV_SQL = (
    ";SELECT strftime('%Y-%m-%d %H:%M', log_time) AS minute, log_level, count(*) FROM all_logs GROUP BY minute, log_level",
    ":write-csv-to /dev/null",
    ";SELECT log_msg_format, count(*), min(log_time), max(log_time) FROM all_logs WHERE log_level IN"
    " ('error', 'warning', 'critical', 'fatal') GROUP BY log_msg_format",
    ":write-csv-to /dev/null",
)


class Usage(NamedTuple):
    """What one run took."""

    cpu: float
    """User and system seconds."""
    peak_mib: float
    output: bytes


def run(command: list[str], environment: dict[str, str] | None = None) -> Usage:
    """Run a command to its end, alone in a child of ours so that its peak memory is its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, check=False)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(
                json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]).encode() + b"\n" + done.stdout
            )
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        head, _, output = pipe.read().partition(b"\n")
    os.waitpid(child, 0)
    cpu, peak = json.loads(head)
    return Usage(cpu, peak, output)


def write_lnav_config(folder: Path) -> dict[str, str]:
    """Formats that lnav lacks, and an environment in which it finds them."""
    formats = {
        name: {
            "title": name,
            "regex": {"std": {"pattern": pattern}},
            "level-field": "level",
            "level": {
                "error": "^ERROR$|^error$",
                "warning": "^WARN(?:ING)?$|^warn$|^#$",
                "info": "^INFO$|^info$|^LOG$|^\\*$",
                "debug": "^DEBUG$|^debug$|^-$",
            },
            "sample": [{"line": sample}],
        }
        for name, (pattern, sample) in LNAV_FORMATS.items()
    }
    formats["bench_pino"] = {
        "title": "bench_pino",
        "json": True,
        "timestamp-field": "time",
        "timestamp-divisor": 1000,
        "level-field": "level",
        "level": {"error": 50, "warning": 40, "info": 30, "debug": 20},
        "body-field": "msg",
        "line-format": [{"field": "__timestamp__"}, " ", {"field": "msg"}],
        "file-pattern": r".*\.json\.log",
    }  # fmt: skip
    target = folder / "lnav" / "formats" / "bench"
    target.mkdir(parents=True)
    for name, one in formats.items():
        document = {"$schema": "https://lnav.org/schemas/format-v1.schema.json", name: one}
        (target / f"{name}.json").write_text(json.dumps(document))
    return {**os.environ, "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}


def read_naively(path: Path) -> tuple[int, int, int, int]:
    """Lines, records, errors and warnings."""
    pattern, levels = NAIVE[path.name]
    match = re.compile(pattern).match
    lines = records = errors = warnings = 0
    with path.open("rb") as file:
        for line in file:
            lines += 1
            head = match(line)
            if head is not None:
                records += 1
                level = levels.get(head[1])
                errors += level == "error"
                warnings += level == "warn"
    return lines, records, errors, warnings


def check_answers(document: bytes, paths: list[Path]) -> list[str]:
    """What differs from the naive reading, as sentences."""
    found = {Path(one["path"]).name: one for one in json.loads(document)["files"]}
    wrong = []
    for path in paths:
        expected = read_naively(path)
        one = found[path.name]
        actual = (one["lines"], one["records"], one["errors"], one["warnings"])
        if expected != actual:
            wrong.append(f"{path.name}: lines, records, errors, warnings {actual}, naively {expected}")
    return wrong


def main() -> int:
    """Generate, measure, print; 1 when an answer is wrong."""
    parser = argparse.ArgumentParser(description="Measure logscope against lnav, ripgrep and wc.")
    parser.add_argument("--megabytes", type=float, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only-errors", action="store_true", help="every record is an error")
    parser.add_argument("--logs", type=Path, help="where logs of an earlier run lie, or will be kept for the next")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="logscope-bench-"))
    try:
        logs = options.logs or folder / "logs"
        paths = sorted(logs.glob("*.log")) if logs.exists() else []
        paths = paths or generate(logs, options.megabytes, only_errors=options.only_errors)
        names = [str(path) for path in paths]
        lnav_environment = write_lnav_config(folder)
        lnav = ["lnav", "-n", *(part for command in LNAV_SQL for part in ("-c", command)), *names]
        # As installed: modules are compiled once. The first run, which compiles them, is not counted.
        compiled = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        compiled["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        run([sys.executable, "-m", "logscope", "analyze", "--json", names[-1]], compiled)
        tools: dict[str, Callable[[], list[Usage]]] = {
            "logscope": lambda: [run([sys.executable, "-m", "logscope", "analyze", "--json", *names], compiled)],
            "lnav": lambda: [run(lnav, lnav_environment)],
            "ripgrep": lambda: [run(["rg", "-j1", "-c", RIPGREP[path.name], str(path)]) for path in paths],
            "wc": lambda: [run(["wc", "-l", *names])],
        }
        usages: dict[str, list[list[Usage]]] = {name: [] for name in tools}
        for _ in range(options.rounds):
            for name, tool in tools.items():
                usages[name].append(tool())
        wrong = check_answers(usages["logscope"][0][0].output, paths)
        size = sum(path.stat().st_size for path in paths) / 1e6
        cpu = {name: median(sum(one.cpu for one in round_) for round_ in rounds) for name, rounds in usages.items()}
        print(f"{size:.0f} MB in {len(paths)} files, median of {options.rounds} rounds, CPU seconds")
        for name, rounds in usages.items():
            peak = max(one.peak_mib for round_ in rounds for one in round_)
            ratio = cpu["logscope"] / cpu[name]
            print(
                f"  {name:<9} {cpu[name]:8.2f} s  {size / cpu[name]:8.0f} MB/s  {peak:6.0f} MiB  logscope/{name} {ratio:.2f}"
            )
        print("answers equal the naive reading" if not wrong else "\n".join(["ANSWERS DIFFER", *wrong]))
        return 1 if wrong else 0
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
