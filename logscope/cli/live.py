"""`follow` and `wait`: counters as they grow, and the verdict when it comes."""

import argparse
import json
import signal
import sys
import threading
import time
from dataclasses import dataclass
from typing import Final

from logscope.cli.options import build_request, complain
from logscope.cli.times import parse_duration
from logscope.errors import SourceError, UsageError
from logscope.ingest.batch import Batch
from logscope.ingest.layouts import Sample, learn_layout
from logscope.ingest.scanner import Scanner
from logscope.live import LiveLoop
from logscope.model.severity import Severity
from logscope.model.snapshot import Snapshot, Verdict
from logscope.planning import looks_like_log
from logscope.runner import open_request
from logscope.sources.discovery import discover
from logscope.sources.follow import Data, Follower, Lost, Truncated

_PRINT_S: Final = 1.0
_LOOK_S: Final = 0.25
_QUIET_S: Final = 2.0
EXIT_NOT_IN_TIME: Final = 1
EXIT_SECOND_WAVE: Final = 5


@dataclass(slots=True)
class _Counter:
    """One followed path and its sums over all generations."""

    path: str
    follower: Follower
    scanner: Scanner | None = None
    generation: int = 0
    lines: int = 0
    errors: int = 0
    warnings: int = 0
    truncations: int = 0
    lost: int = 0
    said: tuple[int, ...] = ()
    last_data: float = 0.0

    def feed(self, event: Data) -> None:
        """Count the lines of a piece."""
        if self.scanner is None:
            sample = Sample(self.path.rsplit("/", 1)[-1], event.data[:65_536], b"", b"", len(event.data), None)
            self.scanner = Scanner(learn_layout(sample), self.path)
        while self.generation < event.generation:
            self._count(self.scanner.end_part())
            self.generation += 1
        self._count(self.scanner.feed(event.data))

    def settle(self) -> None:
        """Nothing was written for a while: the last record is whole."""
        if self.scanner is not None:
            self._count(self.scanner.release())

    def finish(self) -> None:
        """The end: a last line without newline is a line."""
        if self.scanner is not None:
            self._count(self.scanner.flush())

    def _count(self, batch: Batch) -> None:
        self.lines += batch.line_count
        self.errors += int((batch.severity >= Severity.ERROR).sum())
        self.warnings += int((batch.severity == Severity.WARN).sum())

    def row(self) -> dict[str, object]:
        """The counters as they are printed."""
        return {
            "file": self.path,
            "lines": self.lines,
            "errors": self.errors,
            "warnings": self.warnings,
            "truncations": self.truncations,
            "lost": self.lost,
        }


def follow(options: argparse.Namespace) -> int:
    """Print counters whenever they changed; a total at the end."""
    if not options.json:
        raise UsageError("follow prints JSON lines: add --json")
    request = build_request(options, siblings=False)
    found = discover(request.paths, looks_like_log, siblings=False, wait_for_missing=True)
    complain([refusal for refusal in found.refusals if refusal.is_error])
    paths = [source.parts[-1].path if source.parts else source.key for source in found.sources]
    if not paths:
        raise SourceError(" ".join(request.paths[:3]), "nothing readable")
    counters = [_Counter(path, Follower(path, time.monotonic)) for path in paths]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    last_print = 0.0
    while not stop.is_set():
        busy = _poll(counters)
        now = time.monotonic()
        if now - last_print >= _PRINT_S:
            _print_changes(counters)
            last_print = now
        if not busy:
            stop.wait(_LOOK_S)
    _poll(counters)
    for counter in counters:
        counter.finish()
        counter.follower.close()
    _print_changes(counters)
    print(json.dumps({**_total(counters), "total": sum(c.lines for c in counters)}), flush=True)
    return 0


def _poll(counters: list[_Counter]) -> bool:
    busy = False
    now = time.monotonic()
    for counter in counters:
        events = counter.follower.poll()
        for event in events:
            match event:
                case Data():
                    counter.feed(event)
                    counter.last_data = now
                    busy = True
                case Truncated():
                    counter.truncations += 1
                case Lost():
                    counter.lost += 1
                case _:
                    pass
        if counter.last_data and now - counter.last_data > _QUIET_S:
            counter.settle()
            counter.last_data = 0.0
        busy |= counter.follower.has_more
    return busy


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
        "truncations": sum(c.truncations for c in counters),
        "lost": sum(c.lost for c in counters),
    }


def wait(options: argparse.Namespace) -> int:
    """Block until the verdict: 0 recovered and confirmed, 1 not in time, 5 second wave."""
    timeout_s = parse_duration(options.timeout) / 1_000_000
    request = build_request(options, siblings=True)
    opened = open_request(request)
    complain([refusal for refusal in opened.refusals if refusal.is_error])
    if opened.is_empty:
        raise SourceError(" ".join(request.paths[:3]), "nothing readable")
    answer: list[int] = []
    done = threading.Event()

    def look(snapshot: Snapshot) -> None:
        recovery = snapshot.recovery
        if snapshot.provisional:
            return
        state = snapshot.sentences[0]
        if state.text != shown[0]:
            shown[0] = state.text
            print(f"{state.label} {state.text}", file=sys.stderr, flush=True)
        is_over = recovery.verdict in (Verdict.RECOVERED, Verdict.HERD) and recovery.confirmed
        if is_over or recovery.verdict is Verdict.NO_INCIDENT:
            answer.append(0)
            done.set()
        elif recovery.verdict is Verdict.SECOND_WAVE and not recovery.over:
            answer.append(EXIT_SECOND_WAVE)
            done.set()

    shown = [""]
    loop = LiveLoop(request, opened, look)
    thread = threading.Thread(target=loop.run, daemon=True)
    thread.start()
    done.wait(timeout_s)
    loop.stop()
    thread.join(timeout=2.0)
    return answer[0] if answer else EXIT_NOT_IN_TIME
