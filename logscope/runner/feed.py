"""What the screen talks to: a live loop in a thread, lines of files on demand, reports and commands."""

import os
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import Final

from logscope.errors import SourceError
from logscope.model.kinds import Kind
from logscope.model.snapshot import Note, Snapshot
from logscope.model.times import MINUTE_US, US
from logscope.runner.file_lines import FileLines
from logscope.runner.live import LiveLoop
from logscope.runner.naming_formats import SAVED, Trial, find_again, say_format
from logscope.runner.planning import find_forced
from logscope.runner.request import Opened, Request, open_request
from logscope.runner.resuming import Resumed
from logscope.runner.telling import Telling
from logscope.session.session import Session
from logscope.sources.discovery import NO_LOG
from logscope.sources.nearby import USUAL_FOLDERS, NearbyFile, find_nearby
from logscope.state.incident import Saved, keep_incident, name_incident, save_incident
from logscope.state.notes import Memory, Remembered
from logscope.state.suffix import SUFFIX

_PATIENCE_S: Final = 5.0
"""How long the reading thread is waited for when the incident is saved: a judgement of large logs takes a second."""
_SAME_TIME_US: Final = 60 * MINUTE_US
"""What was noted so shortly before or behind a pipe's lines was noted of them."""
_LATELY_US: Final = 24 * 60 * MINUTE_US
"""Logs that end longer ago are looked at afterwards: what else this host wrote since then says nothing."""
_BEFORE_US: Final = 15 * MINUTE_US
"""What sets an incident off is written so long before it begins."""


class LiveFeed(FileLines, Telling):
    """Feeds the screen from files."""

    def __init__(
        self,
        request: Request,
        opened: Opened,
        *,
        follow: bool,
        zone: tzinfo = UTC,
        zone_name: str = "UTC",
        memory: Memory | None = None,
        kept_folder: Path | None = None,
        resumed: Resumed | None = None,
        learn: Callable[[], Opened] | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Prepare; nothing is read before `start`.

        Args:
            request: What is asked.
            opened: The logs.
            follow: Go on reading what is written.
            zone: Of the times in reports.
            zone_name: Its name.
            memory: Where what people say is kept; None keeps it for this run only.
            kept_folder: Where an incident is kept when its report is written; None keeps none.
            resumed: A saved incident that is read on.
            learn: Finds out in the reading thread how the logs are written, where they are many: the screen is there
                meanwhile. `opened` is then empty.
            wall: Seconds since 1970.
        """
        self._wall = wall
        self._resumed = resumed
        self._memory = memory
        self._kept_folder = kept_folder
        self._said = memory.load() if memory is not None else Remembered()
        self._recalled: tuple[Note, ...] = ()
        """Notes of an earlier run that wait for what a pipe brings: it may be another one."""
        self._request = request
        self._learn = learn
        self._is_stopped = False
        self._is_enough = False
        """Somebody stopped the reading."""
        FileLines.__init__(self, opened)
        Telling.__init__(self, zone, zone_name)
        self._follow = follow
        self._thread: threading.Thread | None = None

    def start(self, publish: Callable[[Snapshot], None], failed: Callable[[str], None]) -> None:
        """Read and follow in a thread of its own."""

        def tell(snapshot: Snapshot) -> None:
            publish(snapshot)
            self._recall(snapshot)

        def run() -> None:
            try:
                self._make_loop(tell).run()
            except Exception:  # the thread's last resort: the screen must say so and stay
                failed(traceback.format_exc())

        self._thread = threading.Thread(target=run, name="logscope-reading", daemon=True)
        self._thread.start()

    def _make_loop(self, publish: Callable[[Snapshot], None]) -> LiveLoop:
        """The loop, once it is known how the logs are written; with all that was said until then."""
        if self._learn is not None:
            self._open(self._learn())
        said = self._said
        plans = self._opened.plans
        is_piped = bool(plans) and all(plan.stream is not None for plan in plans)
        self._recalled, recalled = (said.notes, ()) if is_piped else ((), said.notes)
        request = replace(
            self._request,
            notes=(*self._request.notes, *recalled),
            bindings=(*self._request.bindings, *said.bindings),
        )
        loop = self._loop = LiveLoop(
            request, self._opened, publish, follow=self._follow, stays=True, resumed=self._resumed
        )  # fmt: skip
        # What was said while the loop was made reached nobody.
        notes = [note for note in self._said.notes if note not in said.notes]
        bindings = self._said.bindings[len(said.bindings) :]

        def take(session: Session) -> None:
            for note in notes:
                session.add_note(note)
            for name, service in bindings:
                session.bind(name, service)

        if notes or bindings:
            loop.ask(take)
        if self._is_enough:
            loop.stop_reading()
        if self._is_stopped:
            loop.stop()
        return loop

    def _recall(self, snapshot: Snapshot) -> None:
        """Of a pipe nothing tells which one it was: what was noted earlier counts once lines of that time have come."""
        firsts = [file.first_seen for file in snapshot.files if file.first_seen is not None]
        lasts = [file.last_seen for file in snapshot.files if file.last_seen is not None]
        if self._loop is None or not firsts or not lasts:
            return
        first, last = min(firsts) - _SAME_TIME_US, max(lasts) + _SAME_TIME_US
        due = [note for note in self._recalled if first <= note.time <= last]
        self._recalled = tuple(note for note in self._recalled if note not in due)
        for note in due:
            self._loop.ask(partial(Session.add_note, note=note))

    def stop(self) -> None:
        """End the thread; wait a moment for its open files."""
        self._is_stopped = True
        if self._loop is not None:
            self._loop.stop()
        if self._thread is not None:
            self._thread.join(timeout=1.0)

    @property
    def state(self) -> str:
        """How new lines are seen; empty where nothing is followed."""
        if not self._follow or self._loop is None:
            return ""
        if self._loop.is_over:
            return "ENDED"
        return "POLLING" if self._loop.is_polling else "LIVE"

    @property
    def troubles(self) -> tuple[tuple[str, str], ...]:
        """Paths behind which nothing new can be read now, each with the reason."""
        if self._loop is None:
            return ()
        refused = self._opened.refusals if self._learn is not None else ()
        return (*((one.path, one.reason) for one in refused if one.is_error), *self._loop.troubles)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Text files of a folder that were taken for no logs."""
        known = set(self._keys())
        return tuple(one.path for one in self._opened.refusals if one.reason == NO_LOG and one.path not in known)

    @property
    def remark(self) -> str:
        """Lines say all there is to say."""
        return ""

    def stop_reading(self) -> None:
        """Do not read the files to their end, also where it is yet to be found out how they are written."""
        self._is_enough = True
        if self._loop is not None:
            self._loop.stop_reading()

    def add_note(self, note: Note) -> None:
        """Remember a note or a fix.

        Raises:
            ExportError: It counts, but could not be saved for the next run.
        """
        if self._loop is not None:
            self._loop.ask(lambda session: session.add_note(note))
        self._keep(replace(self._said, notes=(*self._said.notes, note)))

    def remove_note(self, note: Note) -> None:
        """Forget a note or a fix. One that was given with the command is back at the next start.

        Raises:
            ExportError: It is gone now, but that could not be saved for the next run.
        """
        if self._loop is not None:
            self._loop.ask(lambda session: session.remove_note(note))
        self._keep(replace(self._said, notes=tuple(one for one in self._said.notes if one != note)))

    @property
    def muted(self) -> frozenset[Kind]:
        """Kinds that a person called known noise."""
        return self._said.muted

    def mute(self, kind: Kind) -> bool:
        """Call a kind known noise, or no longer; True when it is muted now.

        Raises:
            ExportError: It counts, but could not be saved for the next run.
        """
        muted = self._said.muted ^ {kind}
        self._keep(replace(self._said, muted=muted))
        return kind in muted

    def _keep(self, said: Remembered) -> None:
        self._said = said
        if self._memory is not None:
            self._memory.save(said)

    def bind(self, name: str, service: str) -> None:
        """A name or an address in the logs means a service.

        Raises:
            ExportError: It counts, but could not be saved for the next run.
        """
        if self._loop is not None:
            self._loop.ask(lambda session: session.bind(name, service))
        self._keep(replace(self._said, bindings=(*self._said.bindings, (name, service))))

    def unbind(self, name: str) -> None:
        """Forget what a name or an address was last said to mean; what it meant before counts again.

        Raises:
            ExportError: It counts, but could not be saved for the next run.
        """
        said = list(self._said.bindings)
        at = max((n for n, one in enumerate(said) if one[0] == name), default=None)
        if at is not None:
            del said[at]
        given = [(address, entry.name) for entry in self._request.logs for address in entry.addresses if entry.name]
        before = [service for known, service in (*given, *self._request.bindings, *said) if known == name]
        if self._loop is not None and before:
            self._loop.ask(lambda session: session.bind(name, before[-1]))
        elif self._loop is not None:
            self._loop.ask(lambda session: session.unbind(name))
        self._keep(replace(self._said, bindings=tuple(said)))

    def also_written(self, snapshot: Snapshot, *, everywhere: bool) -> tuple[NearbyFile, ...]:
        """Logs written since shortly before the onset that were not given: by stat only.

        Args:
            snapshot: What is known.
            everywhere: In the usual folders, too, not only beside the given ones.
        """
        if snapshot.incident is None or snapshot.as_of is None:
            return ()
        is_recent = self._wall() * US - snapshot.as_of < _LATELY_US
        if not everywhere and not is_recent:
            return ()
        given = [file.path for file in snapshot.files]
        folders = USUAL_FOLDERS if everywhere and is_recent else ()
        return find_nearby(given, snapshot.incident.start - _BEFORE_US, folders, most=8)

    def look_at(self, span: tuple[int, int] | None) -> None:
        """A span is looked at closely: the next Snapshot has finer lanes of it."""
        if self._loop is not None:
            self._loop.ask(lambda session: session.look_at(span))

    @property
    def named_formats(self) -> Mapping[str, str]:
        """By the key of a log the format that it was said to be written in."""
        plans = list(self._opened.plans)
        named = {plan.source.key: find_forced(plan.source, self._request.formats) for plan in plans}
        return {key: name for key, name in named.items() if name}

    @property
    def is_reading_anew(self) -> bool:
        """What is shown does not yet follow from the format that was named last."""
        return self._loop is not None and self._loop.is_reading_anew

    def try_formats(self, key: str) -> Trial | str:
        """The formats that a log may be said to be in, to be tried on its lines; why it cannot be read anew."""
        plan = next((plan for plan in self._opened.plans if plan.source.key == key), None)
        if self._loop is None or plan is None:
            return "it is not read yet"
        if plan.stream is not None:
            return "what came through a pipe is gone and cannot be read anew; start again with --format"
        if self._resumed is not None:
            return SAVED
        try:
            find_again(plan, self._paths_of(key), siblings=self._request.siblings)
        except SourceError as error:
            return f"it cannot be read anew now: {error.reason}"
        return Trial(self._plan_now(key))

    def read_as(self, key: str, name: str) -> bool:
        """Read a log anew in a format; with an empty name as it is learned. Whether it holds at the next start, too.

        Raises:
            ExportError: It is read so, but that could not be saved for the next run.
        """
        source, real = self._plan_of(key).source, os.path.realpath(key)
        self._request = replace(self._request, formats=say_format(self._request.formats, source, name))
        if self._loop is not None:
            self._loop.read_as(key, name)
        others = tuple(one for one in self._said.formats if one[0] != real)
        self._keep(replace(self._said, formats=(*others, (real, name)) if name else others))
        return self._memory is not None

    def add_log(self, path: str) -> str | None:
        """Read another log as well; why it cannot be read, None when it will be."""
        opened = open_request(replace(self._request, paths=[path]), live=self._follow)
        known = set(self._keys())
        fresh = [plan for plan in opened.plans if plan.source.key not in known]
        if not fresh:
            reason = opened.refusals[0].reason if opened.refusals else "is read already"
            return f"{path}: {reason}"
        if self._loop is not None:
            self._loop.add_plans(fresh)
        return None

    def keep(self, snapshot: Snapshot) -> None:
        """Keep the incident among the saved ones, where such are kept. May take seconds.

        Raises:
            ExportError: It cannot be written.
        """
        if self._kept_folder is not None:
            keep_incident(self._kept_folder, self._whole(snapshot))

    def save(self, snapshot: Snapshot) -> str:
        """Save the whole incident into the current folder, never over another file. May take seconds.

        Raises:
            ExportError: It cannot be written.
        """
        return save_incident(f"{name_incident(snapshot)}{SUFFIX}", self._whole(snapshot), replace=False)

    def _whole(self, snapshot: Snapshot) -> Saved:
        """The answer with all that it was judged from; alone where the reading thread does not give it."""
        is_reading = self._thread is not None and self._thread.is_alive()
        session = self._loop.keep(_PATIENCE_S) if self._loop is not None and is_reading else None
        return Saved(snapshot, session)
