"""The default command: the incident screen, or `analyze` where there is no screen to draw on.

Nothing that reads or judges logs is imported here: it is loaded behind the first painting (`cli.opening`).
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from logscope.cli.bugs import report_bug
from logscope.cli.config import Config
from logscope.cli.folders import config_folder, own_rules_folder, state_folder
from logscope.cli.memory import collect_again
from logscope.cli.refusals import complain_of, tell
from logscope.cli.times import parse_zone
from logscope.errors import UsageError
from logscope.model.times import US
from logscope.sources.discovery import discover
from logscope.sources.nearby import NearbyFile, find_recent
from logscope.sources.stream import has_tty
from logscope.state.suffix import is_saved

if TYPE_CHECKING:
    from logscope.ui.feeding import Feed
    from logscope.ui.opening import Opening
    from logscope.ui.options import ScreenOptions


_SWITCH_S = 0.001


def screen(options: argparse.Namespace) -> int:
    """Open the screen on the given logs."""
    if not can_draw():
        from logscope.cli.batch import analyze

        options.json = options.redact = options.exit_code = False
        options.output = None
        return analyze(options)
    if not options.paths and sys.stdin.isatty():
        options.paths = pick_logs(options)
        if not options.paths:
            return 0
    files = find_files(options)
    if files is None:
        from logscope.cli.opening import open_feed

        return run_screen(open_feed(options), options)
    return open_later(files, options)


def find_files(options: argparse.Namespace) -> list[NearbyFile] | None:
    """The files of a plain command line, each looked at and none read; None where more must be known beforehand.

    What is typed wrong is said before a screen is opened, and the keyboard is another one where logs come by a pipe.

    Raises:
        SourceError: There is nothing to read.
    """
    asked = ("since", "until", "formats", "notes", "fix_at", "baseline", "tz", "resume")
    is_plain = not any(getattr(options, name, None) for name in asked) and own_rules_folder() is None
    if not is_plain or not options.paths or any(is_saved(path) for path in options.paths):
        return None
    found = discover(
        options.paths, lambda _: True, siblings=not options.no_rotated, wait_for_missing=not options.no_follow
    )
    if any(source.stream is not None for source in found.sources):
        return None
    if not found.sources:
        complain_of(options.paths, found.refusals, is_empty=True)
    parts = (part for source in found.sources for part in source.parts)
    return [NearbyFile(part.path, part.size, part.mtime_us) for part in parts]


def open_later(files: Sequence[NearbyFile], options: argparse.Namespace) -> int:
    """The screen first, with the names of the files; what reads logs takes as long to load as all that is painted."""
    complaints: list[str] = []

    def open_feed() -> "Feed":
        from logscope.cli.opening import open_feed

        feed = open_feed(options, complaints.append)
        collect_again()
        return feed

    from logscope.ui.opening import Opening

    return run_screen(Opening(files, open_feed), options, complaints)


def pick_logs(options: argparse.Namespace) -> list[str]:
    """Let a person choose from the recently written logs of here and of the usual folders.

    Raises:
        UsageError: There are none to choose from.
    """
    found = find_recent()
    if not found:
        raise UsageError("no logs given, and none found here; name files or directories, or try `logscope demo`")
    # Read before the terminal library is loaded: it removes the variable.
    no_color = options.no_color or bool(os.environ.get("NO_COLOR"))
    from logscope.ui.picker import PickerApp

    now = round(datetime.now(UTC).timestamp() * US)
    app = PickerApp(found, now, make_screen_options(options, no_color=no_color))
    return app.run(mouse=not options.no_mouse) or []


def can_draw() -> bool:
    """There is a keyboard, and the output is a terminal that can move its cursor."""
    has_keys = sys.stdin.isatty() or has_tty()
    return has_keys and sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")


def run_screen(feed: "Feed | Opening", options: argparse.Namespace, complaints: Sequence[str] = ()) -> int:
    """Run the screen to its end; the terminal is given back whatever happens.

    Args:
        feed: Where Snapshots come from, or how to get at it.
        options: The command line's.
        complaints: What was found meanwhile that is told behind the screen.
    """
    # Read before the terminal library is loaded: it removes the variable.
    no_color = options.no_color or bool(os.environ.get("NO_COLOR"))
    from logscope.ui.app import LogscopeApp
    from logscope.ui.leaving import SignalExit
    from logscope.ui.opening import Opening

    if not isinstance(feed, Opening):
        collect_again()
    app = LogscopeApp(feed, make_screen_options(options, no_color=no_color))
    # A key waits for the reading thread at most so long; the usual 5 ms add up over the steps of one painting.
    sys.setswitchinterval(_SWITCH_S)
    SignalExit(app).install()
    code = app.run(mouse=not options.no_mouse)
    for sentence in complaints:
        tell(sentence)
    if app.refusal is not None:
        raise app.refusal
    if app.unwritten is not None:
        from logscope.cli.offering import offer_report

        read = [file.path for file in app.snapshot.files] if app.snapshot is not None else []
        offer_report(*app.unwritten, read, may_ask=not code)
    for path in app.exported:
        print(f"{'Saved incident' if is_saved(path) else 'Report'}: {os.path.abspath(path)}")
    if app.crash is not None:
        return report_bug(app.crash)
    return code or app.return_code or 0


def make_screen_options(options: argparse.Namespace, *, no_color: bool) -> "ScreenOptions":
    """What the screen is told: options, configuration, and what the terminal is."""
    from logscope.ui.options import ScreenOptions

    config: Config = getattr(options, "configured", Config())
    over_ssh = bool(os.environ.get("SSH_CONNECTION"))
    theme = options.theme or os.environ.get("LOGSCOPE_THEME") or ("ansi-dark" if options.slow else "logscope-dark")
    return ScreenOptions(
        theme=theme,
        ascii_only=options.ascii or not _speaks_utf8(),
        no_color=no_color,
        zone=parse_zone(getattr(options, "display_tz", "UTC")),
        updates_per_s=1.0 if options.slow else 2.0 if over_ssh else 4.0,
        bell=options.bell,
        diff=not options.no_diff,
        keymap=config.keys,
        themes=config.themes,
        config_path=options.config or _usual_config(),
        is_first_start=not getattr(options, "no_state", True) and _is_first_start(),
    )


def _usual_config() -> str:
    folder = config_folder()
    return "none: no home folder" if folder is None else str(folder / "config.toml")


@lru_cache(maxsize=1)
def _is_first_start() -> bool:
    """Nothing was ever kept here; from now on it was."""
    folder = state_folder()
    if folder is None:
        return False
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError:
        return False
    return True


def _speaks_utf8() -> bool:
    name = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    return not name or "utf-8" in name.lower() or "utf8" in name.lower()
