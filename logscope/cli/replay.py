"""`demo --replay`: the sample's lines are written again at a chosen speed, and the screen follows them.

The copies lie in a folder of their own that is removed at the end; the shipped files are only read.
"""

import argparse
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from logscope.cli.opening import make_feed
from logscope.cli.options import open_or_complain
from logscope.cli.screen import can_draw, run_screen
from logscope.errors import UsageError
from logscope.model.times import MINUTE_US, US
from logscope.runner.batch import judge_batch
from logscope.runner.planning import Plan
from logscope.runner.request import Request, open_request
from logscope.sources.reader import read_blocks

_STEP_S: Final = 0.2
_LEAD_US: Final = 2 * MINUTE_US
"""The replay begins with this much of the quiet time before the incident; what is older is there at once."""


def replay(logs: Path, options: argparse.Namespace) -> int:
    """Play a sample.

    Raises:
        UsageError: There is no terminal to play it on, or the speed is none.
    """
    if not can_draw():
        raise UsageError("a replay needs a terminal; `logscope demo` without --replay prints the answer")
    if not 0.1 <= options.speed <= 10_000:
        raise UsageError("--speed takes a factor from 0.1 to 10000")
    request = Request([str(logs)])
    opened = open_or_complain(request)
    snapshot, reading = judge_batch(request, opened)
    start = snapshot.incident.start - _LEAD_US if snapshot.incident else 0
    folder = Path(tempfile.mkdtemp(prefix="logscope-replay-"))
    stop = threading.Event()
    try:
        lines = [(folder / _name(plan), _timed_lines(plan, reading.shift_of(plan.source.key))) for plan in opened.plans]
        pending = []
        for path, timed in lines:
            path.write_bytes(b"".join(text for moment, text in timed if moment < start))
            pending.append((path, [(moment, text) for moment, text in timed if moment >= start]))
        writer = threading.Thread(target=_write, args=(pending, start, options.speed, stop), daemon=True)
        copy = Request([str(folder)])
        # A log whose first line comes later is there, and empty.
        reopened = open_request(copy, live=True)
        writer.start()
        return run_screen(make_feed(copy, reopened, options, follow=True), options)
    finally:
        stop.set()
        shutil.rmtree(folder, ignore_errors=True)


def _name(plan: Plan) -> str:
    return Path(plan.source.key).name


def _timed_lines(plan: Plan, shift_us: int) -> list[tuple[int, bytes]]:
    """Every line with the time of its record by the clock of all logs, in file order."""
    state = plan.layout.new_state()
    timed: list[tuple[int, bytes]] = []
    moment = 0
    for part in plan.source.parts:
        carry = b""
        for block in read_blocks(part.path, lambda _: None):
            pieces = (carry + block).split(b"\n")
            carry = pieces.pop()
            for line in pieces:
                head = plan.layout.parse(line, state)
                if head is not None and head.time is not None:
                    moment = max(moment, head.time + shift_us)
                timed.append((moment, line + b"\n"))
        if carry:
            timed.append((moment, carry + b"\n"))
    return timed


def _write(
    pending: list[tuple[Path, list[tuple[int, bytes]]]], start: int, speed: float, stop: threading.Event
) -> None:
    """Append what is due, a few times a second."""
    begun = time.monotonic()
    at = [0] * len(pending)
    while not stop.wait(_STEP_S):
        due = start + round((time.monotonic() - begun) * speed * US)
        for number, (path, lines) in enumerate(pending):
            first = at[number]
            while at[number] < len(lines) and lines[at[number]][0] <= due:
                at[number] += 1
            if at[number] > first:
                with path.open("ab") as file:
                    file.write(b"".join(text for _, text in lines[first : at[number]]))
        if all(done >= len(lines) for done, (_, lines) in zip(at, pending, strict=True)):
            return
