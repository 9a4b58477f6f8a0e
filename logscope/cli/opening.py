"""What the screen shows: logs that are opened, or an incident that was saved."""

import argparse
import sys
from collections.abc import Callable, Sequence

from logscope.cli.options import build_request, load_own_rules, open_memory, recall_formats
from logscope.cli.refusals import complain_of, tell
from logscope.cli.saved import Given, kept_folder, list_saved, load_given, read_on
from logscope.cli.showing import can_draw, run_screen
from logscope.cli.times import parse_zone
from logscope.errors import UsageError
from logscope.report.console import render_console
from logscope.runner.feed import LiveFeed
from logscope.runner.request import Opened, Request, find_sources, learn_in_turn, learn_sources
from logscope.runner.resuming import Resumed, open_resumed
from logscope.runner.saved_feed import SavedFeed
from logscope.sources.stream import reopen_tty
from logscope.state.suffix import SUFFIX, is_saved
from logscope.ui.feeding import Feed


def open_feed(options: argparse.Namespace, tell: Callable[[str], None] = tell) -> Feed:
    """Find what the command line names; nothing is read before the feed is started.

    Args:
        options: The command line's.
        tell: Takes each sentence about what is not read, or not kept.

    Raises:
        UsageError: An option cannot be understood.
        SourceError: There is nothing to read.
    """
    given = load_given(options)
    if given is not None:
        return _feed_of(given, options)
    request = build_request(options, siblings=True)
    live = not options.no_follow
    found = find_sources(request, live=live)
    complain_of(request.paths, found.refusals, is_empty=not found.sources, tell=tell)
    if not options.no_state:
        request = recall_formats(request, found.sources)
    if any(source.stream is not None for source in found.sources):
        opened = learn_sources(request, found, live=live)
        if not sys.stdin.isatty():
            # The pipe is taken over as a source: the keyboard is the terminal's, before the terminal library looks.
            reopen_tty()
        return make_feed(request, opened, options, follow=live, tell=tell)
    return make_feed(
        request,
        Opened([], [], 0),
        options,
        follow=live,
        keys=[source.key for source in found.sources],
        learn=lambda: learn_in_turn(request, found, live=live),
        tell=tell,
    )


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
    return run_screen(_feed_of(given, options), options)


def _feed_of(given: Given, options: argparse.Namespace) -> Feed:
    """A saved incident as it was; with `--resume` its logs are followed from there."""
    if options.resume:
        assert given.resumed is not None, "what is read on is alive"
        return make_feed(Request([]), open_resumed(given.resumed), options, follow=True, resumed=given.resumed)
    zone = parse_zone(options.display_tz)
    return SavedFeed(given.saved, given.path, rules=load_own_rules(), zone=zone, zone_name=options.display_tz)


def make_feed(
    request: Request,
    opened: Opened,
    options: argparse.Namespace,
    *,
    follow: bool,
    resumed: Resumed | None = None,
    keys: Sequence[str] = (),
    learn: Callable[[], Opened] | None = None,
    tell: Callable[[str], None] = tell,
) -> LiveFeed:
    """What reads logs for the screen.

    Args:
        request: What the user asked for.
        opened: Its logs; none where `learn` opens them.
        options: The command line's.
        follow: Go on reading what is written.
        resumed: A saved incident that is read on.
        keys: Of the logs that `learn` opens.
        learn: Finds out how the logs are written, while the screen is there.
        tell: Takes a sentence about what cannot be kept.
    """
    keeps_state = not getattr(options, "no_state", True) and resumed is None
    memory = open_memory([*keys, *(plan.source.key for plan in opened.plans)]) if keeps_state else None
    zone_name = getattr(options, "display_tz", "UTC")
    feed = LiveFeed(
        request,
        opened,
        follow=follow,
        zone=parse_zone(zone_name),
        zone_name=zone_name,
        memory=memory,
        kept_folder=kept_folder() if memory is not None else None,
        resumed=resumed,
        learn=learn,
    )
    if memory is not None and memory.problem is not None:
        tell(memory.problem)
    return feed
