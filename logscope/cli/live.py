"""`follow` and `wait`: counters as they grow, and the verdict when it comes."""

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from logscope.analysis.story.sentences import sentences_in
from logscope.cli.options import build_request, open_or_complain
from logscope.cli.refusals import complain
from logscope.cli.times import parse_duration, parse_zone
from logscope.errors import UsageError
from logscope.index.index import tell_levels
from logscope.model.recovery import Verdict
from logscope.model.snapshot import Snapshot
from logscope.runner.intake import Scanned
from logscope.runner.live import LiveLoop
from logscope.runner.live_source import LiveSource
from logscope.runner.newcomers import Newcomers
from logscope.runner.planning import Plan
from logscope.runner.tailing import STREAM_LOOK_S
from logscope.sources.discovery import Refusal
from logscope.sources.opening import followers_held_open
from logscope.sources.watch import Waker
from logscope.text.safe_text import safe_text

_GATHER_S: Final = 0.2
"""Least time between two looks."""
_PRINT_S: Final = 1.0
"""Most time between a line that is written and the counter that tells of it."""
_HEARTBEAT_S: Final = 30.0
"""Least time between two lines of `wait` that tell the same state with other numbers."""
EXIT_NOT_IN_TIME: Final = 1
EXIT_SECOND_WAVE: Final = 5


@dataclass(slots=True)
class _Counter:
    """One followed source and its sums over all generations."""

    source: LiveSource
    path: str
    """Of its newest file, as it was found."""
    lines: int = 0
    errors: int = 0
    warnings: int = 0
    said: tuple[int, ...] = ()

    def read_existing(self) -> None:
        """Count the parts that do not grow; what is wrong with one is told."""
        parts = self.source.tail.parts
        for found in self.source.read_settled():
            self.count(found)
            complain(Refusal(parts[batch.fed_part], one.detail) for batch, _ in found for one in batch.problems)

    def poll(self) -> bool:
        """Look once; whether there may be more at once."""
        self.count(self.source.poll() or self.source.release(force=False) or ())
        return self.source.has_more

    def close(self) -> None:
        """The end: a last line without newline is a line."""
        self.count(self.source.tail.finish())
        self.source.close()

    def count(self, found: Iterable[Scanned]) -> None:
        """Add what was read."""
        for batch, _ in found:
            is_error, is_warning = tell_levels(batch)
            self.lines += batch.line_count
            self.errors += int(np.count_nonzero(is_error))
            self.warnings += int(np.count_nonzero(is_warning))

    @property
    def is_over(self) -> bool:
        """Nothing comes any more."""
        return self.source.followed is None or self.source.is_over

    def row(self) -> dict[str, object]:
        """The counters as they are printed."""
        return {
            "file": self.path,
            "lines": self.lines,
            "errors": self.errors,
            "warnings": self.warnings,
            "truncations": self.source.tail.truncations,
            "lost": self.source.tail.lost,
        }


def follow(options: argparse.Namespace) -> int:
    """Print counters whenever they changed; a total at the end."""
    if not options.json:
        raise UsageError("follow prints JSON lines: add --json")
    request = build_request(options, siblings=False)
    opened = open_or_complain(request, live=True)
    held = followers_held_open()
    counters = [_start_counter(plan, number < held) for number, plan in enumerate(opened.plans)]
    newcomers = Newcomers(request, opened.plans, time.monotonic)
    stop = threading.Event()
    waker = Waker(counter.path for counter in counters if not counter.source.is_stream)
    for number in (signal.SIGINT, signal.SIGTERM):
        # In a thread: what is waited for here is locked for a moment, and a handler would wait for it for ever.
        signal.signal(number, lambda *_: threading.Thread(target=_end, args=(stop, waker)).start())
    for counter in counters:
        counter.read_existing()
    has_streams = any(counter.source.is_stream for counter in counters)
    interval_s = STREAM_LOOK_S if has_streams else _PRINT_S
    while not stop.is_set():
        busy = [counter.poll() for counter in counters]
        _print_changes(counters)
        if all(counter.is_over for counter in counters):
            break
        for plan in newcomers.look([counter.source.tail for counter in counters]):
            counters.append(_start_counter(plan, len(counters) < held))
            counters[-1].read_existing()
            busy.append(True)
        if not any(busy):
            # Changes within a moment are gathered: each line of output tells of all of them.
            stop.wait(_GATHER_S)
            waker.wait(min(waker.interval_s, interval_s))
    waker.close()
    for counter in counters:
        counter.poll()
        counter.close()
    _print_changes(counters)
    print(json.dumps({**_total(counters), "total": sum(c.lines for c in counters)}), flush=True)
    return 0


def _end(stop: threading.Event, waker: Waker) -> None:
    stop.set()
    waker.wake()


def _start_counter(plan: Plan, hold_open: bool) -> _Counter:
    source = LiveSource.start(plan, time.monotonic, time.time, examine=False, follow=True, hold_open=hold_open)
    return _Counter(source, plan.source.parts[-1].path)


def _print_changes(counters: list[_Counter]) -> None:
    for counter in counters:
        row = counter.row()
        values = tuple(int(str(value)) for name, value in row.items() if name != "file")
        if values != counter.said:
            counter.said = values
            print(json.dumps(row), flush=True)


def _total(counters: list[_Counter]) -> dict[str, object]:
    return {
        "file": None,
        "lines": sum(c.lines for c in counters),
        "errors": sum(c.errors for c in counters),
        "warnings": sum(c.warnings for c in counters),
        "truncations": sum(c.source.tail.truncations for c in counters),
        "lost": sum(c.source.tail.lost for c in counters),
    }


def wait(options: argparse.Namespace) -> int:
    """Block until the verdict: 0 recovered and confirmed, 1 not in time, 5 second wave."""
    timeout_s = parse_duration(options.timeout) / 1_000_000
    zone = parse_zone(options.display_tz)
    request = build_request(options, siblings=True)
    opened = open_or_complain(request, live=True)
    answers: list[int] = []
    done = threading.Event()
    label, text, told = "", "", 0.0

    def look(snapshot: Snapshot) -> None:
        nonlocal label, text, told
        if snapshot.provisional:
            return
        state, now = sentences_in(snapshot, zone)[0], time.monotonic()
        if state.label != label or (state.text != text and now - told >= _HEARTBEAT_S):
            label, text, told = state.label, state.text, now
            print(safe_text(f"{state.label} {state.text}"), file=sys.stderr, flush=True)
        answer = answer_waiting(snapshot)
        if answer is not None:
            answers.append(answer)
            done.set()

    loop = LiveLoop(request, opened, look)
    failures: list[Exception] = []

    def read() -> None:
        try:
            loop.run()
        except Exception as error:  # whatever it is, it must end the waiting: raised again below
            failures.append(error)
        done.set()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    is_ended = done.wait(timeout_s)
    loop.stop()
    thread.join(timeout=2.0)
    if failures:
        raise failures[0]
    if answers:
        return answers[0]
    when = "when the input ended" if is_ended else f"within {options.timeout}"
    print(f"not recovered {when}" + ("" if text else ": not all is read yet"), file=sys.stderr)
    return EXIT_NOT_IN_TIME


def answer_waiting(snapshot: Snapshot) -> int | None:
    """The exit code that ends the waiting; None while nobody can tell, or it goes on."""
    recovery = snapshot.recovery
    others = [one.recovery for one in snapshot.further if not one.is_alone]
    # A second wave that is past is over like any other end; one that goes on is what nobody should wait through.
    if recovery.verdict is Verdict.SECOND_WAVE and recovery.over is False:
        return EXIT_SECOND_WAVE
    if recovery.verdict is Verdict.NO_INCIDENT or (recovery.over and recovery.confirmed):
        return None if any(one.over is False for one in others) else 0
    return None
