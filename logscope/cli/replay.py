"""`demo --replay`: the sample's lines are written again at a chosen speed, and the screen follows them.

The copies lie in a folder of their own that is removed at the end; the shipped files are only read.
The screen is there at once, and the replay begins when what was before it has been read.
"""

import argparse
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from logscope.cli.options import open_or_complain
from logscope.cli.showing import can_draw, run_screen
from logscope.errors import UsageError
from logscope.model.snapshot import Snapshot
from logscope.model.times import MINUTE_US, US
from logscope.runner.batch import judge_batch
from logscope.runner.feed import LiveFeed
from logscope.runner.planning import Plan
from logscope.runner.request import Opened, Request, open_request
from logscope.sources.nearby import NearbyFile
from logscope.sources.reader import read_blocks
from logscope.ui.feeding import Feed
from logscope.ui.opening import Opening

_STEP_S, _LEAST_STEP_S = 0.2, 0.02
_STEP_OF_LOG_S: Final = 2.0
"""Seconds of the logs that are written at once, where steps are long enough: no log may run ahead of the others."""
_LEAD_US: Final = 2 * MINUTE_US
"""The replay begins with this much of the quiet time before the incident; what is older is there at once."""
_OVER: Final = "The replay is over.   0 why   5 how it ended   x writes the report   q quits"


def replay(logs: Path, options: argparse.Namespace) -> int:
    """Play a sample.

    Raises:
        UsageError: There is no terminal to play it on, or the speed is none.
    """
    if not can_draw():
        raise UsageError("a replay needs a terminal; `logscope demo` without --replay prints the answer")
    if not 0.1 <= options.speed <= 10_000:
        raise UsageError("--speed takes a factor from 0.1 to 10000")
    folder = Path(tempfile.mkdtemp(prefix="logscope-replay-"))
    player = Player(options.speed)
    try:
        files = [NearbyFile(str(path), path.stat().st_size, 0) for path in sorted(logs.iterdir())]
        return run_screen(Opening(files, lambda: _open(logs, folder, player)), options)
    finally:
        player.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _open(logs: Path, folder: Path, player: "Player") -> Feed:
    """Copy what was there before the replay begins, and give the rest to the player."""
    request = Request([str(logs)])
    opened = open_or_complain(request)
    snapshot, reading = judge_batch(request, opened)
    start = snapshot.incident.start - _LEAD_US if snapshot.incident else 0
    lines = [(folder / _name(plan), _timed_lines(plan, reading.shift_of(plan.source.key))) for plan in opened.plans]
    for path, timed in lines:
        # A log whose first line comes later is there, and empty.
        path.write_bytes(b"".join(text for moment, text in timed if moment < start))
    player.load([(path, [one for one in timed if one[0] >= start]) for path, timed in lines], start)
    copy = Request([str(folder)])
    return ReplayFeed(copy, open_request(copy, live=True), player)


class Player:
    """Appends the lines of a sample to copies of its logs, as they become due."""

    def __init__(self, speed: float) -> None:
        """Prepare.

        Args:
            speed: Times faster than it was.
        """
        self.speed = speed
        self._pending: list[tuple[Path, list[tuple[int, bytes]]]] = []
        self._start = 0
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.is_over = False
        """All lines are written."""

    def load(self, pending: list[tuple[Path, list[tuple[int, bytes]]]], start: int) -> None:
        """Take the lines with their times, those of each copy in order, and the time that is played first."""
        self._pending, self._start = pending, start

    def begin(self) -> None:
        """Play from now on; once."""
        if self._thread is None and not self._stopped.is_set():
            self._thread = threading.Thread(target=self._write, name="logscope-replay", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write no more: the copies are about to be removed."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout=1.0)

    def _write(self) -> None:
        """Append what is due, a few times a second."""
        begun = time.monotonic()
        at = [0] * len(self._pending)
        step = max(_LEAST_STEP_S, min(_STEP_S, _STEP_OF_LOG_S / self.speed))
        while not self._stopped.wait(step):
            due = self._start + round((time.monotonic() - begun) * self.speed * US)
            for number, (path, lines) in enumerate(self._pending):
                first = at[number]
                while at[number] < len(lines) and lines[at[number]][0] <= due:
                    at[number] += 1
                if at[number] > first:
                    with path.open("ab") as file:
                        file.write(b"".join(text for _, text in lines[first : at[number]]))
            if all(done >= len(lines) for done, (_, lines) in zip(at, self._pending, strict=True)):
                self.is_over = True
                return


class ReplayFeed(LiveFeed):
    """Follows the copies, and says how far the replay is."""

    def __init__(self, request: Request, opened: Opened, player: Player) -> None:
        super().__init__(request, opened, follow=True)
        self._player = player

    def start(self, publish: Callable[[Snapshot], None], failed: Callable[[str], None]) -> None:
        """Read what is there; the replay begins when it is shown: nobody should miss the first error."""

        def play(snapshot: Snapshot) -> None:
            publish(snapshot)
            if snapshot.progress.done:
                self._player.begin()

        super().start(play, failed)

    @property
    def state(self) -> str:
        """That this is no incident of now, and how fast it goes."""
        return "REPLAY OVER" if self._player.is_over else f"REPLAY x{self._player.speed:g}"

    @property
    def remark(self) -> str:
        """The end of the replay, and what to do with it."""
        return _OVER if self._player.is_over else ""


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
