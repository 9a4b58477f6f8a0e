"""Saved incidents on the command line: opened in place of logs, kept by `--save` and by every report."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from logscope.analysis.story.noting import add_notes
from logscope.cli.folders import state_folder
from logscope.cli.options import load_own_rules, open_or_complain, split_notes
from logscope.cli.times import parse_when, parse_zone
from logscope.errors import ExportError, UsageError
from logscope.model.snapshot import FIX_APPLIED, Note, Snapshot
from logscope.model.times import Dial
from logscope.runner.live import LiveLoop
from logscope.runner.request import Request
from logscope.runner.resuming import Resumed, judge_again, learn_baseline, open_resumed, resume
from logscope.state.incident import Saved, keep_incident, list_kept, load_incident, save_incident
from logscope.state.narrowing import Range, find_unexamined, narrow_session
from logscope.state.session import keep_session
from logscope.state.suffix import SUFFIX, is_saved
from logscope.text.safe_text import safe_text


@dataclass(frozen=True, slots=True)
class Given:
    """A saved incident that a command line names, with what it says of it."""

    saved: Saved
    path: str
    resumed: Resumed | None
    """Brought back to life: something is judged anew, or read on."""

    @property
    def snapshot(self) -> Snapshot:
        """The answer."""
        return self.saved.snapshot


def load_given(options: argparse.Namespace) -> Given | None:
    """The saved incident that a command line names; None where it names logs.

    Raises:
        UsageError: A saved incident is named beside other files, or narrowed to a span in which it holds nothing.
        SourceError: It cannot be opened, or not judged anew.
    """
    paths = list(options.paths)
    resumes = getattr(options, "resume", False)
    if not any(is_saved(path) for path in paths):
        if resumes:
            raise UsageError(f"--resume reads a saved incident on: name one ({SUFFIX})")
        return None
    if len(paths) > 1:
        raise UsageError("a saved incident is opened alone; name either it or the logs")
    path = os.path.expanduser(paths[0])
    saved = _narrow(load_incident(path), path, options)
    notes, fix = _read_notes(options, saved.snapshot)
    baseline, zone = getattr(options, "baseline", []), getattr(options, "tz", None)
    is_narrowed = bool(options.since or options.until)
    if saved.session is None and not (fix or baseline or zone or resumes):
        # Notes alone change no verdict.
        return Given(Saved(add_notes(saved.snapshot, notes), None, saved.why_not), path, None)
    if not (notes or baseline or zone or resumes or is_narrowed):
        return Given(saved, path, None)
    resumed = resume(saved, path, load_own_rules())
    if zone:
        resumed.session.clocks.set_zone(parse_zone(zone), zone)
    if baseline:
        learn_baseline(resumed.session, open_or_complain(Request(baseline, siblings=False)).plans)
    snapshot = judge_again(saved, resumed, notes)
    assert saved.session is not None, "what is alive was saved whole"
    session = keep_session(resumed.session, saved.session.readings, saved.session.now)
    return Given(Saved(snapshot, session), path, resumed)


def _narrow(saved: Saved, path: str, options: argparse.Namespace) -> Saved:
    """What is left of it between `--since` and `--until`; what is not known of that span is said.

    Raises:
        UsageError: It is to be read on, or nothing is left.
        SourceError: It holds the answer alone.
    """
    if not (options.since or options.until):
        return saved
    if getattr(options, "resume", False):
        raise UsageError("--resume reads on from where the reading stopped: leave --since and --until out")
    resumed = resume(saved, path)
    assert saved.session is not None, "what is alive was saved whole"
    now = saved.snapshot.as_of or 0
    since, until = (parse_when(text, now, UTC) if text else None for text in (options.since, options.until))
    since = max((one for one in (since, saved.snapshot.asked[0]) if one is not None), default=None)
    until = min((one for one in (until, saved.snapshot.asked[1]) if one is not None), default=None)
    span = Range(*(Range().begin if since is None else since, Range().end if until is None else until))
    # Zones are proved, and clocks compared, from what is known of all logs.
    resumed.session.clocks.update()
    shifts = {plan.key: resumed.session.clocks.shift_of(plan.key) for plan in saved.session.plans}
    session = narrow_session(saved.session, span, shifts)
    if not any(len(source.seconds) for source in session.index.sources):
        raise UsageError("no record of the saved incident lies between --since and --until")
    examined = find_unexamined(saved.session, span, shifts)
    if examined is not None:
        begin, end = (
            Dial.around(now, parse_zone(getattr(options, "display_tz", "UTC"))).clock(one) for one in examined
        )
        where = "nowhere" if begin == end else f"from {begin} to {end} alone"
        told = f"what was logged below a warning is known {where}: a cause beyond may be missed"
        print(f"logscope: {safe_text(path)}: {told}", file=sys.stderr)
    return Saved(replace(saved.snapshot, asked=(since, until)), session)


def _read_notes(options: argparse.Namespace, snapshot: Snapshot) -> tuple[list[Note], bool]:
    """What the command line says happened, and whether that is a fix."""
    now, fixed = snapshot.as_of or 0, getattr(options, "fix_at", [])
    written = split_notes(getattr(options, "notes", []))
    notes = [Note(parse_when(when, now, UTC), words) for when, words in written]
    notes += [Note(parse_when(when, now, UTC), FIX_APPLIED, is_fix=True) for when in fixed]
    return notes, bool(fixed)


def read_on(given: Given) -> Saved:
    """Read its logs on to their end, once."""
    assert given.resumed is not None, "what is read on is alive"
    found: list[Saved] = []

    def take(snapshot: Snapshot) -> None:
        found.append(Saved(snapshot, loop.keep_now()))

    loop = LiveLoop(Request([]), open_resumed(given.resumed), take, follow=True, once=True, resumed=given.resumed)
    loop.run()
    return found[-1]


def save_given(options: argparse.Namespace, saved: Callable[[], Saved]) -> None:
    """Keep the incident where `--save` says.

    Raises:
        ExportError: It cannot be written.
    """
    if not getattr(options, "save", None):
        return
    path = os.path.expanduser(options.save)
    path = path if is_saved(path) else path + SUFFIX
    written = save_incident(path, saved(), replace=True)
    print(f"logscope: saved: {safe_text(written)}", file=sys.stderr)


def kept_folder() -> Path | None:
    """Where incidents are kept by themselves; None for a user without a home."""
    folder = state_folder()
    return folder / "saved" if folder is not None else None


def keep_quietly(saved: Saved) -> None:
    """Keep an incident that was reported. Nobody asked for it: where it cannot be kept, nothing is said."""
    folder = kept_folder()
    if saved.snapshot.incident is None or folder is None:
        return
    try:
        keep_incident(folder, saved)
    except ExportError:
        return


def list_saved() -> int:
    """Print what was kept, the newest first."""
    folder = kept_folder()
    kept = list_kept(folder) if folder is not None else []
    if not kept:
        print("no saved incidents; --save FILE keeps one, and every report does")
    for one in kept:
        saved = datetime.fromtimestamp(one.saved_at, UTC)
        print(f"{saved:%Y-%m-%d %H:%M:%S} UTC  {one.size:>9,} bytes  {safe_text(one.path)}")
    return 0
