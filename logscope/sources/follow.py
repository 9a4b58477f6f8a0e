"""Live reading of one path, each byte exactly once, whatever happens to the file behind it.

The open handle and the bytes before the offset say which file it is. A file that was rotated away is read to its end
before its successor, and watched a while longer for writers that keep it open. Parts that came and went between two
looks are found beside the path. Nothing here sleeps or waits: `poll` looks once.
"""

import errno
import os
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from logscope.errors import SourceError
from logscope.sources.events import Data, Ended, Event, Gone, Lost, Rotated, Truncated, Waiting
from logscope.sources.generations import Mark, Packed, Plain, Stream
from logscope.sources.opening import explain
from logscope.sources.rotated import Between, Known, UnsettledError, find_between, list_known, open_part
from logscope.sources.successors import Successors
from logscope.sources.trail import NOTHING_KEPT, Trail

MOST_BYTES: Final = 8 * 1024 * 1024
"""Bytes that one poll gives at most; a block more where a part is compressed."""
KEPT_S: Final = 5.0
"""How long a rotated file must be silent before it is let go: writers reopen late."""
_BLOCK: Final = 1024 * 1024
_MOST_OLD: Final = 8
_MOST_REMEMBERED: Final = 16
_MOST_UNSETTLED: Final = 20
"""Looks in turn that wait for a rotation to be over: some seconds. What is always rotated is read as it can be."""


class Follower:
    """Reads one path on and on."""

    def __init__(
        self,
        path: str,
        clock: Callable[[], float],
        *,
        start: Mark | None = None,
        read_parts: Iterable[Mark] = (),
        known: Known | None = None,
        hold_open: bool = True,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """Look at nothing yet.

        Args:
            path: What is followed; it need not exist.
            clock: Seconds that only grow; used for how long a rotated file is kept.
            start: How far the file was read before; None to read it from its begin. What is behind the path may have
                been rotated since: it is found again.
            read_parts: Ends of rotated parts that were read before: those are not read again.
            known: What lay beside the path when it was found, as `list_known` tells it; none of it is read, but for the
                rest of the file that `start` marks. None for nothing with `start`, else for what lies there at the
                first look.
            hold_open: Keep the handle between polls. Without it, for hosts with few descriptors, the file is found
                again by its bytes at each poll.
            most_bytes: Bytes that one poll gives at most.
        """
        self.path = path
        """Where the newest file lies: another one from the next date on, where the files' names carry dates."""
        self.has_more = False
        """The last poll stopped at its limit: poll again without waiting."""
        self._clock = clock
        self._most_bytes = most_bytes
        self._hold_open = hold_open
        self._generation = 0
        self._live: Plain | None = None
        self._old: list[Stream] = []
        self._last: Mark | None = start
        """How far the newest generation was read when its handle was let go."""
        self._read: deque[Mark] = deque(read_parts, maxlen=_MOST_REMEMBERED)
        self._known: Known | None = frozenset() if known is None and start is not None else known
        """What lay beside the path when the newest generation began; None before the first."""
        self._is_ended = False
        """The newest generation gives no more bytes: a file that looks like it is another one."""
        self._seen = 0
        """Size of the newest generation at the last look: more than was read where the reading is behind."""
        self._unsettled = 0
        """Looks in turn during which files were renamed all the time."""
        self._told: str | None = None
        self._successors = Successors()
        self._trail = Trail()
        """Of the newest generation."""

    @property
    def generation(self) -> int:
        """The newest generation; the first is 0."""
        return self._generation

    @property
    def trouble(self) -> str:
        """Why nothing new can be read behind the path, as of the last look; empty when all is well."""
        return self._told or ""

    @property
    def mark(self) -> Mark | None:
        """How far the newest generation was read; None before the first."""
        return self._live.mark if self._live else self._last

    @property
    def read_parts(self) -> tuple[Mark, ...]:
        """Ends of the parts that were read to their end."""
        return tuple(self._read)

    @property
    def known(self) -> Known:
        """What lay beside the path when the newest generation began."""
        return self._known or frozenset()

    def mark_at(self, offset: int) -> Mark | None:
        """The mark of an offset up to which the newest generation was read, or of one before it.

        Args:
            offset: At most that of `mark`.

        Returns:
            The mark; None where the bytes before it cannot be looked at.
        """
        newest = self._live or (self._old[-1] if self._holds_newest else None)
        if isinstance(newest, Plain):
            return newest.mark_at(offset)
        mark = self.mark if newest is None else newest.mark
        if mark is None or mark.offset == offset:
            return mark
        try:
            again = Plain(self.path, self._generation, mark)
        except SourceError:
            return None
        try:
            is_same = again.identity == mark.identity and again.is_same()
            return again.mark_at(offset) if is_same else None
        finally:
            again.close()

    def poll(self) -> list[Event]:
        """Look once, and read what is new, at most `most_bytes`."""
        now = self._clock()
        events: list[Event] = []
        try:
            self._look(now, events)
            self._unsettled = 0
        except UnsettledError:
            # What was open is read on; which files came meanwhile is seen once they stay.
            self._unsettled += 1
        except OSError as error:
            self._fail(error, events)
        budget = self._most_bytes
        streams: list[Stream] = [*self._old, *([self._live] if self._live else [])]
        for stream in streams:
            budget = self._drain(stream, budget, now, events)
            if budget <= 0:
                break
        self.has_more = budget <= 0
        if not self.has_more:
            self._let_go(now, events)
        if not self._hold_open:
            self._release()
        return events

    def close(self) -> None:
        """Let go of all handles."""
        for stream in (*self._old, *([self._live] if self._live else [])):
            stream.close()
        self._old = []
        self._live = None

    def _release(self) -> None:
        """Close the live file, and remember how far it was read."""
        if self._live is not None:
            self._last = self._live.mark
            self._live.close()
            self._live = None

    # What is behind the path.

    def _look(self, now: float, events: list[Event]) -> None:
        is_readable = self._check_live(now, events)
        if self._known is not None and (successor := self._successors.find(self.path, self._known)) is not None:
            self._retire(now, events)
            self.path = successor
        try:
            info = os.stat(self.path)
        except (FileNotFoundError, NotADirectoryError):
            was_there = self._live is not None or self._last is not None
            self._tell(Gone() if was_there else Waiting("no such file"), events)
            self._retire(now, events)
            if was_there:
                self._succeed(None, now, events)
            elif self._known is None:
                self._known = list_known(self.path)
            return
        if self._live is not None and self._live.identity == (info.st_dev, info.st_ino):
            if is_readable:
                self._told = None
            self._live.reopen_if_stale(info.st_size)
            self._find_unread_copy(self._live, now, events)
        else:
            self._retire(now, events)
            self._open(now, events)
        self._seen = info.st_size

    def _check_live(self, now: float, events: list[Event]) -> bool:
        """See whether the open file was cut, wherever it lies now; False where it cannot be looked at."""
        if self._live is None:
            return True
        try:
            if not self._live.is_same():
                self._restart(self._live, now, events)
        except OSError as error:
            self._fail(error, events)
            return False
        return True

    def _fail(self, error: OSError, events: list[Event]) -> None:
        """A disk or a network file system does not answer: that is told, and the next look tries again."""
        if error.errno == errno.ESTALE and self._live is not None:
            # The handle was forgotten, not the file: it is found again by its bytes.
            self._release()
        else:
            self._tell(Waiting(explain(error)), events)

    def _retire(self, now: float, events: list[Event]) -> None:
        """The live file is no longer behind the path: it is read on as an old one."""
        if self._live is not None:
            self._find_unread_copy(self._live, now, events)
            self._live.quiet_since = now
            self._old.append(self._live)
            self._last = self._live.mark
            self._live = None

    def _open(self, now: float, events: list[Event]) -> None:
        try:
            fresh = Plain(self.path, self._generation)
        except SourceError as error:
            self._tell(Waiting(error.reason), events)
            return
        try:
            self._take_up(fresh, now, events)
        finally:
            if self._live is not fresh:
                fresh.close()

    def _take_up(self, fresh: Plain, now: float, events: list[Event]) -> None:
        """Make the file that is behind the path now the live one: the one that was read before, or its successor."""
        if self._last is None and not self._old:
            self._begin_first(fresh, now, events)
            self._live = fresh
        elif self._continues(fresh):
            self._live = fresh
            self._check_live(now, events)
            self._find_unread_copy(fresh, now, events)
        else:
            self._succeed(fresh, now, events)
            self._live = fresh
        self._told = None

    @property
    def _holds_newest(self) -> bool:
        """The newest generation was rotated away and is still open."""
        return bool(self._old) and self._old[-1].generation == self._generation

    def _continues(self, fresh: Plain) -> bool:
        """Go on where an earlier reading stopped, if this is still that file."""
        if self._last is None or self._holds_newest or self._is_ended:
            return False
        if self._last.identity not in (None, fresh.identity):
            return False
        fresh.resume(self._last)
        return fresh.is_same()

    def _succeed(self, fresh: Plain | None, now: float, events: list[Event]) -> None:
        """Queue what was written between the last look and the file that is there now, if there is one."""
        previous = self._old[-1].mark if self._holds_newest else self._last
        assert previous is not None, "a file can only follow another one"
        between = self._find_between(previous, fresh)
        is_cut = False
        if not self._holds_newest and not self._is_ended:
            is_cut = fresh is not None and previous.identity == fresh.identity
            if fresh is None and between.rest is None:
                return  # Without a handle nothing can be said before there is another file.
            self._queue_rest(between, previous, now, events, is_cut=is_cut)
        self._queue_later(between, now, events)
        if fresh is not None:
            self._begin(fresh, events, is_cut=is_cut, may_hold=between.rest is None)

    def _begin_first(self, fresh: Plain, now: float, events: list[Event]) -> None:
        """Start on the first file, and on those that came and went while it was waited for."""
        if self._known is None:
            self._known = list_known(self.path)
            return
        between = self._find_between(Mark(0, b""), fresh)
        if between.later:
            self._generation -= 1
            self._queue_later(between, now, events)
            self._begin(fresh, events, is_cut=False)

    def _restart(self, live: Plain, now: float, events: list[Event]) -> None:
        """The live file was cut: read on in the copy, if there is one, then from its begin."""
        between = self._find_between(live.mark, live)
        self._queue_rest(between, live.mark, now, events, is_cut=True)
        self._queue_later(between, now, events)
        # Whoever copied it cut it whole.
        self._begin(live, events, is_cut=True, may_hold=between.rest is None)

    def _find_unread_copy(self, live: Plain, now: float, events: list[Event]) -> None:
        """An empty file that was written to may have been copied and cut before it was looked at."""
        if live.offset > 0 or not live.was_touched():
            return
        between = self._find_between(live.mark, live)
        live.note_touch()
        if between.later:
            self._queue_later(between, now, events)
            self._begin(live, events, is_cut=True)

    def _find_between(self, previous: Mark, live: Plain | None) -> Between:
        held = [*self._old, *([live] if live else [])]
        read = [*self._read, *(stream.mark for stream in self._old if stream.mark != previous)]
        heads = [stream.read_head() for stream in held if isinstance(stream, Plain)]
        identity = live.identity if live else None
        return find_between(
            self.path,
            previous,
            identity,
            self._known or frozenset(),
            read,
            heads,
            is_patient=self._unsettled < _MOST_UNSETTLED,
        )

    def _begin(self, fresh: Plain, events: list[Event], *, is_cut: bool, may_hold: bool = False) -> None:
        """Start on the file that is there now; one that was cut may still hold what was read."""
        self._generation += 1
        kept = self._trail.find_kept(fresh.descriptor) if is_cut and may_hold else NOTHING_KEPT
        fresh.restart(self._generation, kept.offset)
        if kept.offset:
            self._trail.cut(kept, fresh.descriptor)
        else:
            self._trail = Trail()
        self._is_ended = False
        cut = Truncated(self._generation, *kept)
        events.append(cut if is_cut else Rotated(self._generation, self.path))

    def _queue_rest(self, between: Between, mark: Mark, now: float, events: list[Event], *, is_cut: bool) -> None:
        """Read the rest of a generation whose handle is no longer held, or that was cut."""
        if between.rest is not None:
            try:
                rest = open_part(between.rest, self._generation, mark, is_copy=is_cut, path=self.path)
            except SourceError:
                pass  # Renamed or deleted a moment ago: told below.
            else:
                rest.quiet_since = now
                self._old.append(rest)
                return
        self._read.append(mark)
        if not is_cut:
            events.append(Lost(self._generation, "the file was rotated away or deleted before its end was read"))
        elif self._seen > mark.offset:
            missing = f"{self._seen - mark.offset:,} bytes"
            events.append(Lost(self._generation, f"the file was cut before its end was read: at least {missing} of it"))
        events.append(Ended(self._generation))

    def _queue_later(self, between: Between, now: float, events: list[Event]) -> None:
        """Read generations that came and went unseen."""
        self._known = between.known
        if between.dropped:
            reason = f"{between.dropped} rotated parts came and went between two looks; they are not read"
            events.append(Lost(self._generation, reason))
        for found in between.later:
            try:
                part = open_part(found, self._generation + 1, None, is_copy=False, path=self.path)
            except SourceError as error:
                events.append(Lost(self._generation, f"a rotated part cannot be read: {error}"))
                continue
            self._generation += 1
            self._is_ended = False
            part.quiet_since = now
            self._old.append(part)
            events.append(Rotated(self._generation, part.path))

    # Bytes.

    def _drain(self, stream: Stream, budget: int, now: float, events: list[Event]) -> int:
        """Read a generation to its end, or until the budget is used up.

        Returns:
            What is left of the budget.
        """
        while budget > 0:
            is_live = stream is self._live
            try:
                data, failure = stream.read(min(_BLOCK, budget)), "was cut while it was read"
            except OSError as error:
                data, failure = None, f"cannot be read on: {explain(error)}"
                if is_live:
                    self._fail(error, events)
            if data is None and not is_live:
                events.append(Lost(stream.generation, f"a rotated file {failure}"))
                self._finish(stream, events)
            if not data:
                return budget  # A live file that was cut is judged at the next look.
            stream.quiet_since = now
            if is_live:
                self._trail.note(data, stream.offset - len(data))
            events.append(Data(data, stream.generation, stream.offset - len(data)))
            budget -= len(data)
        return budget

    def _let_go(self, now: float, events: list[Event]) -> None:
        """Close old files that are read to their end and silent."""
        has_successor = self._live is not None and self._live.offset > 0
        for number, stream in enumerate(list(self._old)):
            is_newest = number == len(self._old) - 1
            is_needed = is_newest and not has_successor and not stream.is_static and not stream.is_deleted
            is_silent = stream.is_static or now - stream.quiet_since >= KEPT_S
            if (is_silent and not is_needed) or len(self._old) > _MOST_OLD:
                self._finish(stream, events)

    def _finish(self, stream: Stream, events: list[Event]) -> None:
        if isinstance(stream, Packed):
            events.extend(Lost(stream.generation, f"{stream.path}: {detail}") for detail in stream.problems)
        if stream.generation == self._generation and self._live is None:
            self._last = stream.mark
            self._is_ended = True
        self._read.append(stream.mark)
        stream.close()
        self._old.remove(stream)
        events.append(Ended(stream.generation))

    def _tell(self, event: Gone | Waiting, events: list[Event]) -> None:
        """Say once that, and why, there is nothing to read."""
        text = event.reason if isinstance(event, Waiting) else "gone, a new one is waited for"
        if text != self._told:
            self._told = text
            events.append(event)
