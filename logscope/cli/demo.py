"""`logscope demo`: a shipped sample incident in the screen, at once or played as if it happened now."""

import argparse
import sys
from datetime import UTC

from logscope.cli.opening import make_feed
from logscope.cli.options import open_or_complain
from logscope.cli.showing import can_draw, run_screen
from logscope.report.console import render_console
from logscope.runner.batch import run_batch
from logscope.runner.request import Request
from logscope.samples import find_sample, list_samples


def demo(options: argparse.Namespace) -> int:
    """Show a sample."""
    if options.list:
        for name, title in list_samples():
            print(f"{name:<28} {title}")
        return 0
    folder = find_sample(options.name)
    request = Request([str(folder / "logs")])
    if options.replay:
        from logscope.cli.replay import replay

        return replay(folder / "logs", options)
    opened = open_or_complain(request)
    if not can_draw():
        sys.stdout.write(render_console(run_batch(request, opened), 100, UTC))
        return 0
    return run_screen(make_feed(request, opened, options, follow=False), options)
