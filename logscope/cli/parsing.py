"""`parse`: every record as one JSON line."""

import argparse
import sys
from collections.abc import Iterable
from typing import Final

from logscope.analysis.clocks.clocks import Clock
from logscope.cli.options import build_request, open_or_complain
from logscope.cli.record_lines import RecordLines
from logscope.cli.refusals import complain
from logscope.ingest.batch import Signature
from logscope.ingest.noting import Noter
from logscope.ingest.signatures.variants import MOST_TEMPLATES, Variants, hash_text
from logscope.model.files import Problem
from logscope.runner.clock_scan import find_given_zone, scan_clocks
from logscope.runner.examining import examine
from logscope.runner.kept_records import KeptRecords, Rows, take_rows
from logscope.runner.planning import Plan
from logscope.sources.discovery import Refusal

_MOST_KEPT: Final = 32 * 1024 * 1024
"""Bytes of a file's records up to which they are kept until all its kinds are known: of some 300 MB of it."""


def parse(options: argparse.Namespace) -> int:
    """Every record as one JSON line; memory does not grow with the file."""
    request = build_request(options, siblings=False)
    opened = open_or_complain(request)
    clocks = scan_clocks(opened.plans)
    for plan in opened.plans:
        clock = clocks.get(plan.source.key, Clock())
        problems = list(plan.problems)
        if plan.stream is None:
            templates, records = _read_templates(plan, problems)
        else:
            templates, records = set(), map(take_rows, examine(plan, problems))
        paths = [part.path for part in plan.source.parts]
        lines = RecordLines(paths, clock.zone_us, find_given_zone(plan, request, clock), Variants(templates))
        for rows in records:
            sys.stdout.write(lines.write(rows))
        complain([Refusal(plan.source.key, problem.detail) for problem in problems])
    return 0


def _read_templates(plan: Plan, problems: list[Problem]) -> tuple[set[str], Iterable[Rows]]:
    """Distinct templates of a file, at most `MOST_TEMPLATES` (of more those with the smallest hashes), and its records.

    Those of a very large file are found once more.
    """
    noter = Noter(plan.layout)
    seen: set[str] = set()
    known: list[Signature] = []
    count = 0
    found: list[Problem] = []
    kept = KeptRecords(plan, _MOST_KEPT)
    for piece in examine(plan, found, noter):
        # The list grows until it is begun anew.
        if piece.signatures is not known:
            known, count = piece.signatures, 0
        seen.update(signature.template for signature in known[count:])
        count = len(known)
        if len(seen) > 2 * MOST_TEMPLATES:
            seen = _smallest(seen)
        kept.add(piece)
    if not kept.is_whole:
        return _smallest(seen), map(take_rows, examine(plan, problems, noter))
    problems += found
    return _smallest(seen), kept.read_again(problems)


def _smallest(templates: set[str]) -> set[str]:
    if len(templates) <= MOST_TEMPLATES:
        return templates
    return set(sorted(templates, key=lambda text: (hash_text(text), text))[:MOST_TEMPLATES])
