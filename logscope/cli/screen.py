"""The default command: the incident screen, or `analyze` where there is no screen to draw on.

Nothing that reads or judges logs is imported here: it is loaded behind the first painting (`cli.opening`).
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from logscope.cli.folders import own_rules_folder
from logscope.cli.memory import collect_again
from logscope.cli.refusals import complain_of
from logscope.cli.showing import can_draw, make_screen_options, run_screen
from logscope.errors import UsageError
from logscope.model.times import US
from logscope.sources.discovery import discover
from logscope.sources.nearby import NearbyFile, find_recent
from logscope.state.suffix import is_saved

if TYPE_CHECKING:
    from logscope.ui.feeding import Feed


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
