"""A screen, run to its end: on which terminal, with which options, and what is said behind it.

Nothing that reads or judges logs is imported here: a screen may be there before that is loaded.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from logscope.cli.bugs import report_bug
from logscope.cli.config import Config
from logscope.cli.folders import config_folder, state_folder
from logscope.cli.memory import collect_again
from logscope.cli.refusals import tell
from logscope.cli.times import parse_zone
from logscope.sources.stream import has_tty
from logscope.state.suffix import is_saved

if TYPE_CHECKING:
    from logscope.ui.feeding import Feed
    from logscope.ui.opening import Opening
    from logscope.ui.options import ScreenOptions

_SWITCH_S = 0.001


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
