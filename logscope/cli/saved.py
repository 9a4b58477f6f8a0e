"""Saved incidents on the command line: opened in place of logs, kept by `--save` and by every report."""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from logscope.analysis.noting import add_notes
from logscope.cli.folders import state_folder
from logscope.cli.options import split_notes
from logscope.cli.times import parse_when
from logscope.errors import ExportError, UsageError
from logscope.model.snapshot import Note, Snapshot
from logscope.state.incident import SUFFIX, is_saved, keep_incident, list_kept, load_incident, save_incident
from logscope.text.safe_text import safe_text

_NEED_LOGS: Final = (
    ("since", "--since"),
    ("until", "--until"),
    ("tz", "--tz"),
    ("fix_at", "--fix-at"),
)
"""Options that judge anew: what they need is in the logs alone."""


def load_given(options: argparse.Namespace) -> Snapshot | None:
    """The saved incident that a command line names; None where it names logs.

    Raises:
        UsageError: A saved incident is named beside other files, or with options that need the logs.
        SourceError: It cannot be opened.
    """
    paths = list(options.paths)
    if not any(is_saved(path) for path in paths):
        return None
    if len(paths) > 1:
        raise UsageError("a saved incident is opened alone; name either it or the logs")
    for name, option in _NEED_LOGS:
        if getattr(options, name, None):
            raise UsageError(f"{option} needs the logs: a saved incident is shown as it was judged")
    snapshot = load_incident(os.path.expanduser(paths[0]))
    written = split_notes(getattr(options, "notes", []))
    now = snapshot.as_of or 0
    return add_notes(snapshot, [Note(parse_when(when, now, UTC), words) for when, words in written])


def save_given(options: argparse.Namespace, snapshot: Snapshot) -> None:
    """Keep the incident where `--save` says.

    Raises:
        ExportError: It cannot be written.
    """
    if not getattr(options, "save", None):
        return
    path = os.path.expanduser(options.save)
    path = path if is_saved(path) else path + SUFFIX
    written = save_incident(path, snapshot, replace=True)
    print(f"logscope: saved: {safe_text(written)}", file=sys.stderr)


def kept_folder() -> Path | None:
    """Where incidents are kept by themselves; None for a user without a home."""
    folder = state_folder()
    return folder / "saved" if folder is not None else None


def keep_quietly(snapshot: Snapshot) -> None:
    """Keep an incident that was reported. Nobody asked for it: where it cannot be kept, nothing is said."""
    folder = kept_folder()
    if snapshot.incident is None or folder is None:
        return
    try:
        keep_incident(folder, snapshot)
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
