"""`logscope demo`: a shipped sample incident in the screen, at once or played as if it happened now."""

import argparse
import shutil
import sys
import textwrap
from datetime import UTC
from typing import Final

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
        _list_all(shutil.get_terminal_size().columns if sys.stdout.isatty() else None)
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


def _list_all(width: int | None) -> None:
    """Name and title of each sample: a line each, or wrapped between words where a terminal is this wide."""
    for name, title in list_samples():
        lines = [title] if width is None else textwrap.wrap(title, max(_NARROWEST, width - _NAMES))
        print(f"{name:<{_NAMES}}" + f"\n{'':{_NAMES}}".join(lines))


_NAMES: Final = 29
"""Columns before the titles."""
_NARROWEST: Final = 20
