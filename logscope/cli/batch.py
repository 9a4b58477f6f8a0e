"""`analyze` and `report`: read to the end, judge once, print."""

import argparse
import os
import shutil
import sys
from dataclasses import replace
from datetime import UTC
from typing import Final

from logscope.cli.options import build_request, open_memory, open_or_complain
from logscope.cli.times import parse_zone
from logscope.errors import UsageError
from logscope.model.snapshot import Snapshot
from logscope.report.console import render_console
from logscope.report.files import write_report
from logscope.report.json import render_json
from logscope.report.markdown import SECTIONS, Options, render_markdown
from logscope.report.volumes import find_full_paths
from logscope.runner.batch import run_batch
from logscope.text.redact import Redactor

_REPORT_FORMATS: Final = ("markdown", "html", "json", "brief")


def analyze(options: argparse.Namespace) -> int:
    """One screen of text, or the JSON document."""
    request = build_request(options, siblings=True)
    opened = open_or_complain(request)
    snapshot = run_batch(request, opened)
    if options.json:
        text = render_json(snapshot, Redactor().redact) if options.redact else render_json(snapshot)
    else:
        width = shutil.get_terminal_size((100, 40)).columns if sys.stdout.isatty() else 100
        text = render_console(snapshot, max(60, min(width, 160)), parse_zone(options.display_tz))
    _deliver(text, options.output, snapshot)
    return 3 if options.exit_code and snapshot.incident is not None else 0


def report(options: argparse.Namespace) -> int:
    """The incident report on standard output or in a file."""
    form = next((text for text in reversed(options.formats) if "=" not in text), "markdown")
    if form not in _REPORT_FORMATS:
        raise UsageError(f"--format {form}: choose one of {', '.join(_REPORT_FORMATS)}, or FILE=NAME")
    request = build_request(options, siblings=True)
    opened = open_or_complain(request)
    memory = None if options.no_state else open_memory(opened)
    if memory is not None:
        request = replace(request, notes=(*request.notes, *memory.load().notes))
        if memory.problem is not None:
            print(f"logscope: {memory.problem}", file=sys.stderr)
    snapshot = run_batch(request, opened)
    _deliver(render_report(snapshot, form, options), options.output, snapshot)
    return 0


def render_report(snapshot: Snapshot, form: str, options: argparse.Namespace) -> str:
    """A report in one of the formats, with secrets removed."""
    redactor = Redactor(redact_ips=options.redact_ips)
    if form == "json":
        return render_json(snapshot, redactor.redact)
    zone = parse_zone(options.display_tz)
    chosen = Options(
        zone=zone,
        zone_name="UTC" if zone is UTC else options.display_tz,
        title=options.title,
        sections=choose_sections(options.section, options.no_section),
    )
    if form == "html":
        # The Markdown parser is needed for this form only.
        from logscope.report.html import render_html

        return render_html(snapshot, chosen, redactor.redact)
    if form == "brief":
        chosen = Options(chosen.zone, chosen.zone_name, chosen.title, frozenset(BRIEF_SECTIONS), BRIEF_RAW_LINES)
    text = render_markdown(snapshot, chosen, redactor.redact)
    if redactor.count:
        text += f"\n{redactor.count:,} secrets and personal data were redacted.\n"
    return text


BRIEF_SECTIONS: Final = ("summary", "cause", "trigger", "recovery", "open-questions", "appendix")
"""What a person or an assistant needs who takes over."""
BRIEF_RAW_LINES: Final = 40


def choose_sections(only: list[str], without: list[str]) -> frozenset[str]:
    """Sections of a report from `--section` and `--no-section`.

    Raises:
        UsageError: There is no such section.
    """
    for name in (*only, *without):
        if name not in SECTIONS:
            raise UsageError(f"there is no section {name!r}; choose from {', '.join(SECTIONS)}")
    return frozenset(only or SECTIONS) - frozenset(without)


def _deliver(text: str, output: str | None, snapshot: Snapshot) -> None:
    if output and output != "-":
        inputs = [file.path for file in snapshot.files]
        write_report(os.path.expanduser(output), text, inputs, replace=True, full_paths=find_full_paths(snapshot))
        print(f"Report: {output}", file=sys.stderr)
        return
    sys.stdout.write(text)
