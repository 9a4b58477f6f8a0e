"""What the screen talks to: a live loop in a thread, lines of files on demand, reports and commands."""

import os
import shlex
import threading
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from logscope.errors import LogscopeError
from logscope.live import LiveLoop
from logscope.model.severity import Severity
from logscope.model.snapshot import LineRef, Note, Snapshot
from logscope.model.times import US
from logscope.planning import Plan
from logscope.report.files import write_report
from logscope.report.handoff import render_handoff
from logscope.report.markdown import Options, render_markdown
from logscope.runner import Opened, Request
from logscope.sources.reader import read_blocks
from logscope.text.redact import Redactor
from logscope.ui.log_pane import LogLine

_MOST_LINE: Final = 4096
"""Characters of a line that the pane gets."""
_KEPT_WINDOWS: Final = 8


class LiveFeed:
    """Feeds the screen from files."""

    def __init__(
        self, request: Request, opened: Opened, *, follow: bool, zone: tzinfo = UTC, zone_name: str = "UTC"
    ) -> None:
        """Prepare; nothing is read before `start`."""
        self._request = request
        self._opened = opened
        self._follow = follow
        self._options = Options(zone=zone, zone_name=zone_name)
        self._loop: LiveLoop | None = None
        self._thread: threading.Thread | None = None
        self._plan_by_path: dict[str, Plan] = {part.path: plan for plan in opened.plans for part in plan.source.parts}

    def start(self, publish: Callable[[Snapshot], None], failed: Callable[[str], None]) -> None:
        """Read and follow in a thread of its own."""
        loop = self._loop = LiveLoop(self._request, self._opened, publish, follow=self._follow)

        def run() -> None:
            try:
                loop.run()
            except Exception as error:  # the thread's last resort: the screen must say so and stay
                where = traceback.extract_tb(error.__traceback__)[-1]
                failed(f"{type(error).__name__} in {os.path.basename(where.filename)}:{where.lineno}")

        self._thread = threading.Thread(target=run, name="logscope-reading", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; wait a moment for its open files."""
        if self._loop is not None:
            self._loop.stop()
        if self._thread is not None:
            self._thread.join(timeout=1.0)

    def stop_reading(self) -> None:
        """Do not read the files to their end."""
        if self._loop is not None:
            self._loop.stop_reading()

    def add_note(self, note: Note) -> None:
        """Remember a note or a fix."""
        if self._loop is not None:
            self._loop.add_note(note)

    def export(self, snapshot: Snapshot) -> str:
        """Write the Markdown report into the current folder, never over another one.

        Raises:
            ExportError: It cannot be written.
        """
        start = snapshot.incident.start if snapshot.incident else snapshot.as_of or 0
        name = f"incident-{datetime.fromtimestamp(start // US, self._options.zone):%Y-%m-%d-%H%M}.md"
        text = render_markdown(snapshot, self._options, Redactor().redact)
        return write_report(name, text, [f.path for f in snapshot.files], replace=False)

    def brief(self, snapshot: Snapshot) -> str:
        """Three lines for the incident channel."""
        return render_handoff(snapshot, Redactor().redact)

    def clean(self, text: str) -> str:
        """A text without secrets."""
        return Redactor().redact(text)

    def lines_around(self, ref: LineRef, before: int, after: int) -> list[LogLine]:
        """Lines around a place, with what the layout says of each."""
        plan = self._plan_of(ref.file)
        first = max(1, ref.line - before)
        lines: list[LogLine] = []
        state = plan.layout.new_state() if plan else None
        for number, raw in enumerate(_read_lines(ref.file, first, before + after + 1), first):
            text = raw.removesuffix(b"\r")
            head = plan.layout.parse(text, state) if plan is not None and state is not None else None
            shift = self._shift_of(plan)
            lines.append(
                LogLine(
                    number=number,
                    text=text[:_MOST_LINE].decode("utf-8", "replace"),
                    severity=head.severity if head else lines[-1].severity if lines else Severity.UNKNOWN,
                    is_head=head is not None,
                    time=head.time + shift if head is not None and head.time is not None else None,
                )
            )
        return lines

    def line_at_time(self, path: str, time: int) -> LineRef | None:
        """The first line of a file at or behind a time, found from the index's minute."""
        plan = self._plan_of(path)
        if plan is None or self._loop is None:
            return None
        place = self._loop.seek(plan.source.key, time)
        if place is None:
            return None
        ref = place
        for line in self.lines_around(ref, 0, 2000):
            if line.time is not None and line.time >= time:
                return LineRef(ref.file, line.number)
        return ref

    def proof(self, row_key: str, ref: LineRef | None, snapshot: Snapshot) -> str:
        """The command that shows the line, or counts the kind, without logscope."""
        del row_key, snapshot
        if ref is None:
            return "nothing to prove here: choose a row with a line"
        reader = "zcat -f" if ref.file.endswith((".gz", ".Z")) else "cat"
        return f"{reader} {shlex.quote(ref.file)} | sed -n {ref.line}p"

    def _plan_of(self, path: str) -> Plan | None:
        plan = self._plan_by_path.get(path)
        if plan is None:
            # A part that rotation made: it is written as the log that it came from.
            plan = next((p for known, p in self._plan_by_path.items() if path.startswith(known)), None)
        return plan

    def _shift_of(self, plan: Plan | None) -> int:
        return self._loop.shift_of(plan.source.key) if plan is not None and self._loop is not None else 0


def _read_lines(path: str, first: int, count: int) -> Sequence[bytes]:
    """Lines of a file by number; empty where it cannot be read any more."""
    kept: list[bytes] = []
    number = 1
    carry = b""
    try:
        for block in read_blocks(path, lambda _: None):
            newlines = block.count(b"\n")
            if number + newlines < first:
                number += newlines
                carry = block[block.rfind(b"\n") + 1 :] if newlines else b""
                continue
            pieces = (carry + block).split(b"\n")
            carry = pieces.pop()[-1_000_000:]
            for piece in pieces:
                if number >= first:
                    kept.append(piece)
                    if len(kept) >= count:
                        return kept
                number += 1
        if carry and number >= first:
            kept.append(carry)
    except LogscopeError:
        return []
    return kept
