"""Logs fed to a Session second by second, as they were written: what the live screen would have said."""

from dataclasses import replace

import numpy as np

from logscope.model.files import Progress
from logscope.model.times import NO_TIME, US
from logscope.runner.batch import BatchReading, start_session
from logscope.runner.cutting import pick
from logscope.runner.intake import Intake
from logscope.runner.request import Request, open_request

DONE = Progress(1, 1, done=True)


class Playback:
    """A folder of logs, played from its first second."""

    def __init__(self, folder):
        request = Request([str(folder)])
        opened = open_request(request)
        self.session = start_session(request, opened)
        self.session.texts.read = BatchReading(self.session, request, opened)._read_text
        self._pieces = {}
        for plan in opened.plans:
            self.session.feed(plan.source.key, *_nothing(plan))
            shift = self.session.clocks.shift_of(plan.source.key)
            self._pieces[plan.source.key] = [
                (piece, _written(piece.batch, shift)) for piece in _read(plan) if len(piece.batch.time)
            ]
        self._fed = dict.fromkeys(self._pieces, 0)

    def play(self, until):
        """Feed what was written up to the end of a second (Unix seconds)."""
        for source, pieces in self._pieces.items():
            while self._fed[source] < len(pieces):
                (batch, signatures), seconds = pieces[self._fed[source]]
                end = int(np.searchsorted(seconds, until, side="right"))
                if end:
                    self._feed(source, _rows(batch, 0, end), signatures)
                if end < len(seconds):
                    rest = _rows(batch, end, len(seconds))
                    pieces[self._fed[source]] = ((rest, signatures), seconds[end:])
                    break
                self._fed[source] += 1

    def _feed(self, source, batch, signatures):
        self.session.examine(source, batch, signatures)
        self.session.feed(source, batch, signatures)

    def look(self, second):
        """What is known at the end of a second, the clock being there."""
        self.play(second)
        return self.session.tick(second * US, DONE)

    def end(self):
        """What is known when everything was read, as in batch."""
        self.play(2**62)
        return self.session.tick(None, DONE)


def _nothing(plan):
    intake = Intake(plan, lambda: 0.0, examine=True)
    return intake.empty(), []


def _read(plan):
    intake = Intake(plan, lambda: 0.0, examine=True)
    count = len(plan.source.parts)
    for part in range(count):
        for block in plan.read_part(part, lambda _: None):
            yield from intake.feed(block, is_content=True)
        yield from intake.flush() if part == count - 1 else intake.end_part()


def _written(batch, shift):
    """For each record the second in which it was written: no earlier than the record before it."""
    known = np.where(batch.time == NO_TIME, 0, batch.time + shift) // US
    return np.maximum.accumulate(known)


def _rows(batch, low, high):
    numbers = np.arange(len(batch.time))
    rows = pick(batch, (numbers >= low) & (numbers < high))
    return replace(rows, line_count=int(batch.lines[low:high].sum()))
