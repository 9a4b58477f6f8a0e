"""The default command: the incident screen, or `analyze` where there is no screen to draw on."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from logscope.cli.bugs import report_bug
from logscope.cli.config import Config
from logscope.cli.folders import config_folder, state_folder
from logscope.cli.options import build_request, find_or_complain, load_own_rules, open_memory
from logscope.cli.saved import Given, kept_folder, list_saved, load_given, read_on
from logscope.cli.times import parse_zone
from logscope.errors import ExportError, UsageError
from logscope.model.times import US
from logscope.report.console import render_console
from logscope.report.files import write_report
from logscope.runner.request import Opened, Request, learn_sources
from logscope.runner.resuming import Resumed, open_resumed
from logscope.sources.nearby import find_recent
from logscope.sources.stream import has_tty, reopen_tty
from logscope.state.incident import SUFFIX, is_saved
from logscope.text.safe_text import safe_text

if TYPE_CHECKING:
    from logscope.ui.feeding import Feed
    from logscope.ui.options import ScreenOptions


_SWITCH_S = 0.001


def screen(options: argparse.Namespace) -> int:
    """Open the screen on the given logs."""
    if not can_draw():
        from logscope.cli.batch import analyze

        options.json = options.redact = options.exit_code = False
        options.output = None
        return analyze(options)
    given = load_given(options)
    if given is not None:
        return show_saved(given, options)
    if not options.paths and sys.stdin.isatty():
        options.paths = pick_logs(options)
        if not options.paths:
            return 0
    request = build_request(options, siblings=True)
    live = not options.no_follow
    found = find_or_complain(request, live=live)
    if any(source.stream is not None for source in found.sources):
        opened = learn_sources(request, found, live=live)
        if not sys.stdin.isatty():
            # The pipe is taken over as a source: the keyboard is the terminal's, before the terminal library looks.
            reopen_tty()
        return run_screen(request, opened, options, follow=live)
    keys = [source.key for source in found.sources]
    return run_screen(
        request,
        Opened([], [], 0),
        options,
        follow=live,
        keys=keys,
        learn=lambda: learn_sources(request, found, live=live),
    )


def pick_logs(options: argparse.Namespace) -> list[str]:
    """Let a person choose from the recently written logs of here and of the usual folders.

    Raises:
        UsageError: There are none to choose from.
    """
    found = find_recent()
    if not found:
        raise UsageError("no logs given, and none found here; name files or directories, or try `logscope demo`")
    no_color = options.no_color or bool(os.environ.get("NO_COLOR"))
    from logscope.ui.picker import PickerApp

    now = round(datetime.now(UTC).timestamp() * US)
    app = PickerApp(found, now, make_screen_options(options, no_color=no_color))
    return app.run(mouse=not options.no_mouse) or []


def open_saved(options: argparse.Namespace) -> int:
    """Open a saved incident; without one, list those that were kept."""
    if not options.paths:
        return list_saved()
    paths = [path for path in options.paths if not is_saved(path)]
    if paths:
        raise UsageError(f"{paths[0]}: a saved incident is a file that ends with {SUFFIX}")
    given = load_given(options)
    assert given is not None, "all paths end as saved incidents do"
    if not can_draw():
        snapshot = read_on(given).snapshot if options.resume else given.snapshot
        sys.stdout.write(render_console(snapshot, 100, parse_zone(options.display_tz)))
        return 0
    return show_saved(given, options)


def show_saved(given: Given, options: argparse.Namespace) -> int:
    """The screen of a saved incident; with `--resume` it follows the logs from there."""
    if options.resume:
        assert given.resumed is not None, "what is read on is alive"
        return run_screen(Request([]), open_resumed(given.resumed), options, follow=True, resumed=given.resumed)
    no_color = options.no_color or bool(os.environ.get("NO_COLOR"))
    from logscope.runner.saved_feed import SavedFeed

    zone = parse_zone(options.display_tz)
    feed = SavedFeed(given.saved, given.path, rules=load_own_rules(), zone=zone, zone_name=options.display_tz)
    return _run(feed, [file.path for file in given.snapshot.files], options, no_color=no_color)


def can_draw() -> bool:
    """There is a keyboard, and the output is a terminal that can move its cursor."""
    has_keys = sys.stdin.isatty() or has_tty()
    return has_keys and sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown", "")


def run_screen(
    request: Request,
    opened: Opened,
    options: argparse.Namespace,
    *,
    follow: bool,
    resumed: Resumed | None = None,
    keys: Sequence[str] = (),
    learn: Callable[[], Opened] | None = None,
) -> int:
    """Run the screen to its end; the terminal is given back whatever happens.

    Args:
        request: What the user asked for.
        opened: Its logs; none where `learn` opens them.
        options: The command line's.
        follow: Go on reading what is written.
        resumed: A saved incident that is read on.
        keys: Of the logs that `learn` opens.
        learn: Finds out how the logs are written, while the screen is there.
    """
    # Read before the terminal library is loaded: it removes the variable.
    no_color = options.no_color or bool(os.environ.get("NO_COLOR"))
    from logscope.runner.feed import LiveFeed

    zone = parse_zone(getattr(options, "display_tz", "UTC"))
    keeps_state = not getattr(options, "no_state", True) and resumed is None
    keys = [*keys, *(plan.source.key for plan in opened.plans)]
    memory = open_memory(keys) if keeps_state else None
    feed = LiveFeed(
        request,
        opened,
        follow=follow,
        zone=zone,
        zone_name=getattr(options, "display_tz", "UTC"),
        memory=memory,
        kept_folder=kept_folder() if memory is not None else None,
        resumed=resumed,
        learn=learn,
    )
    if memory is not None and memory.problem is not None:
        print(f"logscope: {memory.problem}", file=sys.stderr)
    return _run(feed, keys, options, no_color=no_color)


def _run(feed: "Feed", inputs: Sequence[str], options: argparse.Namespace, *, no_color: bool) -> int:
    from logscope.ui.app import LogscopeApp
    from logscope.ui.leaving import SignalExit

    app = LogscopeApp(feed, make_screen_options(options, no_color=no_color))
    # A key waits for the reading thread at most so long; the usual 5 ms add up over the steps of one painting.
    sys.setswitchinterval(_SWITCH_S)
    SignalExit(app).install()
    code = app.run(mouse=not options.no_mouse)
    if app.unwritten is not None:
        offer_report(*app.unwritten, inputs, may_ask=not code)
    for path in app.exported:
        print(f"{'Saved incident' if path.endswith(SUFFIX) else 'Report'}: {os.path.abspath(path)}")
    if app.crash is not None:
        return report_bug(app.crash)
    return code or app.return_code or 0


def offer_report(text: str, reason: str, inputs: Sequence[str], *, may_ask: bool) -> None:
    """Give out a report that could not be written: to another path, or here.

    Args:
        text: The report.
        reason: Why it could not be written.
        inputs: Files that are never written over.
        may_ask: Somebody is there to answer.
    """
    print(f"logscope: {safe_text(reason)}", file=sys.stderr)
    while may_ask:
        try:
            path = input("Write the report to another path, or press Enter to print it here: ").strip()
        except (EOFError, UnicodeDecodeError):
            break
        if not path:
            break
        try:
            print(f"Report: {os.path.abspath(write_report(os.path.expanduser(path), text, inputs, replace=False))}")
        except ExportError as error:
            print(f"logscope: {safe_text(str(error))}", file=sys.stderr)
        else:
            return
    sys.stdout.write(text)


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
