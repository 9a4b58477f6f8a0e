"""`analyze` and `report`: read to the end, judge once, print."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC

from logscope.cli.options import build_request, open_memory, open_or_complain, tell_left_out
from logscope.cli.saved import keep_quietly, load_given, read_on, save_given
from logscope.cli.times import parse_zone
from logscope.errors import UsageError
from logscope.model.snapshot import Snapshot
from logscope.report.console import render_console
from logscope.report.files import write_report
from logscope.report.json import render_json
from logscope.report.rendering import FORMS, render_report
from logscope.report.sections import SECTIONS, Options, find_section
from logscope.report.volumes import find_full_paths
from logscope.runner.batch import judge_batch
from logscope.state.incident import Saved
from logscope.text.redact import Redactor


def analyze(options: argparse.Namespace) -> int:
    """One screen of text, or the JSON document."""
    saved = _load(options) or _read(options)
    snapshot = saved.snapshot
    if options.json:
        text = render_json(snapshot, Redactor().redact) if options.redact else render_json(snapshot)
    else:
        width = shutil.get_terminal_size((100, 40)).columns if sys.stdout.isatty() else 100
        text = render_console(snapshot, max(60, min(width, 160)), parse_zone(options.display_tz))
    _deliver(text, options.output, snapshot, _inputs(snapshot, options))
    save_given(options, saved.keep)
    return 3 if options.exit_code and snapshot.incident is not None else 0


def report(options: argparse.Namespace) -> int:
    """The incident report on standard output or in a file."""
    form = next((text for text in reversed(options.formats) if "=" not in text), "markdown")
    if form not in FORMS:
        raise UsageError(f"--format {form}: choose one of {', '.join(FORMS)}, or FILE=NAME")
    zone = parse_zone(options.display_tz)
    chosen = Options(
        zone=zone,
        zone_name="UTC" if zone is UTC else options.display_tz,
        title=options.title,
        sections=choose_sections(options.section, options.no_section),
    )
    given = _load(options)
    saved = given or _read(options, with_notes=not options.no_state)
    snapshot = saved.snapshot
    text = render_report(snapshot, form, chosen, redact_ips=options.redact_ips, template=options.template)
    _deliver(text, options.output, snapshot, _inputs(snapshot, options))
    # The report is what was asked for: that the incident cannot be kept beside it must not take it away.
    save_given(options, saved.keep)
    if given is None and not options.no_state:
        keep_quietly(saved.keep())
    return 0


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is printed, and how to keep what it was judged from."""

    snapshot: Snapshot
    keep: Callable[[], Saved]


def _load(options: argparse.Namespace) -> _Answer | None:
    """A saved incident, read on where that is asked for; None where logs were named."""
    given = load_given(options)
    if given is None:
        return None
    saved = read_on(given) if options.resume else given.saved
    return _Answer(saved.snapshot, lambda: saved)


def _read(options: argparse.Namespace, *, with_notes: bool = False) -> _Answer:
    """Read and judge the logs that were named."""
    request = build_request(options, siblings=True)
    opened = open_or_complain(request, recall=with_notes)
    tell_left_out(opened)
    # Of a pipe nothing tells that it is the one of which something was noted.
    if with_notes and any(plan.stream is None for plan in opened.plans):
        memory = open_memory([plan.source.key for plan in opened.plans])
        if memory is not None:
            request = replace(request, notes=(*request.notes, *memory.load().notes))
        if memory is not None and memory.problem is not None:
            print(f"logscope: {memory.problem}", file=sys.stderr)
    snapshot, reading = judge_batch(request, opened)
    return _Answer(snapshot, lambda: Saved(snapshot, reading.keep()))


def choose_sections(only: list[str], without: list[str]) -> frozenset[str]:
    """Sections of a report from `--section` and `--no-section`.

    Raises:
        UsageError: There is no such section.
    """
    kept, dropped = (frozenset(map(_find_section, names)) for names in (only or SECTIONS, without))
    return kept - dropped


def _find_section(name: str) -> str:
    found = find_section(name)
    if found is None:
        raise UsageError(f"there is no section {name!r}; choose from {', '.join(SECTIONS)}")
    return found


def _inputs(snapshot: Snapshot, options: argparse.Namespace) -> list[str]:
    """Files that are never written over: the logs, also one on standard input, and all else that was read."""
    beside = (getattr(options, "template", None), options.config, *getattr(options, "baseline", ()))
    read = [path for path in (*options.paths, *beside) if path]
    return [*(file.path for file in snapshot.files), *(os.path.expanduser(path) for path in read), "/dev/stdin"]


def _deliver(text: str, output: str | None, snapshot: Snapshot, inputs: list[str]) -> None:
    if output and output != "-":
        write_report(os.path.expanduser(output), text, inputs, replace=True, full_paths=find_full_paths(snapshot))
        print(f"Report: {output}", file=sys.stderr)
        return
    sys.stdout.write(text)
