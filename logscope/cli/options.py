"""From parsed options to what the runner is asked."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from logscope.cli.folders import own_rules_folder, state_folder
from logscope.cli.refusals import complain_of
from logscope.cli.times import is_relative, parse_when, parse_zone
from logscope.errors import UsageError
from logscope.index.room import room_of
from logscope.ingest.layouts.forced import list_formats
from logscope.knowledge.loader import check_rules
from logscope.knowledge.rule import RuleSet
from logscope.model.snapshot import FIX_APPLIED, Note
from logscope.model.times import HOUR_US, US
from logscope.runner.newest import find_newest
from logscope.runner.planning import MISSING
from logscope.runner.request import Opened, Request, find_sources, learn_sources
from logscope.sources.discovery import NO_LOG, Source
from logscope.state.notes import Memory
from logscope.text.safe_text import safe_text


def build_request(options: argparse.Namespace, *, siblings: bool) -> Request:
    """What to read and how.

    Raises:
        UsageError: An option cannot be understood.
    """
    paths = list(options.paths)
    if not paths:
        if sys.stdin.isatty():
            raise UsageError("no logs given; name files or directories, or try `logscope demo`")
        paths = ["-"]
    zone = parse_zone(options.tz) if options.tz else None
    request = Request(
        paths=paths,
        tz=zone,
        tz_name=options.tz,
        siblings=siblings and not options.no_rotated,
        formats=_forced_formats(options.formats, is_report=hasattr(options, "section")),
        baseline=tuple(getattr(options, "baseline", [])),
        logs=options.configured.services,
        rules=load_own_rules(),
        room=room_of(options.process_bytes) if options.process_bytes else None,
    )
    fixed, notes = getattr(options, "fix_at", []), split_notes(getattr(options, "notes", []))
    asked = (*fixed, options.since, options.until, *(when for when, _ in notes))
    written = [text for text in asked if text is not None]
    if not written:
        return request
    now = _find_now(request, written)

    def read(text: str) -> int:
        return parse_when(text, now, zone or UTC)

    since, until = (None if text is None else read(text) for text in (options.since, options.until))
    if since is not None and until is not None and since >= until:
        raise UsageError(f"--until {options.until} is not later than --since {options.since}: nothing lies between")
    fixes = (Note(when, FIX_APPLIED, is_fix=True) for when in sorted(map(read, fixed)))
    return replace(
        request,
        since=since,
        until=until,
        notes=(*fixes, *(Note(read(when), words) for when, words in notes)),
    )


def split_notes(texts: list[str]) -> list[tuple[str, str]]:
    """Time and words of each `--note TIME=TEXT`.

    Raises:
        UsageError: One has no words, or no time.
    """
    notes = []
    for text in texts:
        when, separator, words = text.partition("=")
        if not separator or not words:
            raise UsageError(f"--note {text!r}: write TIME=TEXT, for example --note 14:15=investigating")
        notes.append((when, words))
    return notes


def _find_now(request: Request, written: list[str]) -> int:
    """What times without a date are relative to: the clock, or for older logs their newest record."""
    clock = round(datetime.now(UTC).timestamp() * US)
    if not any(is_relative(text) for text in written):
        return clock
    newest = find_newest(request, clock)
    return clock if newest is None or clock - newest < HOUR_US else newest


def load_own_rules() -> RuleSet | None:
    """The shipped rules with those of the user's folder; None where there is none.

    A rule that is wrong is told and left out: it must not stand between a person and the logs.
    """
    folder = own_rules_folder()
    if folder is None:
        return None
    try:
        rules, problems = check_rules(folder)
    except UsageError as error:
        print(f"logscope: {safe_text(str(error))}", file=sys.stderr)
        return None
    for problem in problems:
        print(f"logscope: {safe_text(problem.text)}; this rule is left out", file=sys.stderr)
    return rules


def _forced_formats(texts: list[str], *, is_report: bool) -> dict[str, str]:
    forced = {}
    for text in texts:
        path, separator, name = text.rpartition("=")
        if separator:
            if name not in (known := list_formats()):
                raise UsageError(f"--format {text}: there is no format {name!r}; choose from {', '.join(known)}")
            forced[path] = name
        elif not is_report:
            raise UsageError(f"--format {text}: write FILE=NAME, for example 'x.log=nginx error'")
    return forced


def recall_formats(request: Request, sources: Sequence[Source]) -> Request:
    """With what was said in earlier runs of how these logs are written; what is said now wins."""
    memory = open_memory([source.key for source in sources])
    said = memory.load().formats if memory is not None else ()
    known = list_formats()
    return replace(request, formats={**{path: name for path, name in said if name in known}, **request.formats})


def open_or_complain(request: Request, *, live: bool = False, recall: bool = False) -> Opened:
    """Open the sources; tell on stderr what cannot be read.

    Args:
        request: What the user asked for.
        live: What does not exist yet, or is silent, is waited for.
        recall: What was said in earlier runs of how they are written holds.

    Raises:
        SourceError: Nothing can be read.
    """
    found = find_sources(request, live=live)
    opened = learn_sources(recall_formats(request, found.sources) if recall else request, found, live=live)
    complain_of(request.paths, opened.refusals, is_empty=opened.is_empty)
    if live:
        say_waiting(opened)
    return opened


def say_waiting(opened: Opened) -> None:
    """One line on stderr for each file that does not exist yet."""
    for plan in opened.plans:
        if plan.stream is None and plan.source.parts[-1].identity == MISSING:
            print(f"logscope: {safe_text(plan.source.key)}: no such file yet; waiting for it", file=sys.stderr)


def tell_left_out(opened: Opened) -> None:
    """One line on stderr for the text files of a folder that were taken for no logs."""
    left = [refusal.path for refusal in opened.refusals if refusal.reason == NO_LOG]
    if len(left) == 1:
        print(f"logscope: {safe_text(left[0])}: left out, {NO_LOG}; name the file to read it", file=sys.stderr)
    elif left:
        print(
            f"logscope: {len(left)} files left out, no times and no levels in them, such as {safe_text(left[0])}; "
            "name a file to read it",
            file=sys.stderr,
        )


def open_memory(keys: Sequence[str]) -> Memory | None:
    """What people said about these logs in earlier runs; None where nothing is kept."""
    folder = state_folder()
    return None if folder is None else Memory(folder, keys)
