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
from logscope.runner.examining import Piece, examine
from logscope.runner.planning import Plan
from logscope.sources.discovery import Refusal

_MOST_KEPT: Final = 16 * 1024 * 1024
"""Bytes of a file up to which its records are kept until all kinds are known: as much again are their places."""


def parse(options: argparse.Namespace) -> int:
    """Every record as one JSON line; memory does not grow with the file."""
    request = build_request(options, siblings=False)
    opened = open_or_complain(request)
    clocks = scan_clocks(opened.plans)
    for plan in opened.plans:
        clock = clocks.get(plan.source.key, Clock())
        problems = list(plan.problems)
        templates: set[str] = set()
        pieces: Iterable[Piece] = ()
        if plan.stream is None:
            templates, pieces = _read_templates(plan, problems)
        else:
            pieces = examine(plan, problems)
        paths = [part.path for part in plan.source.parts]
        lines = RecordLines(paths, clock.zone_us, find_given_zone(plan, request, clock), Variants(templates))
        for seen, batch, signatures in pieces:
            problems += batch.problems
            sys.stdout.write(lines.write(batch, signatures, seen.layout))
        complain([Refusal(plan.source.key, problem.detail) for problem in problems])
    return 0


def _read_templates(plan: Plan, problems: list[Problem]) -> tuple[set[str], Iterable[Piece]]:
    """Distinct templates of a file, at most `MOST_TEMPLATES` (of more those with the smallest hashes), and its pieces.

    A small file's pieces are kept, the others are read once more.
    """
    noter = Noter(plan.layout)
    seen: set[str] = set()
    known: list[Signature] = []
    count = size = 0
    found: list[Problem] = []
    kept: list[Piece] = []
    for piece in examine(plan, found, noter):
        batch, signatures = piece[1:]
        # The list grows until it is begun anew.
        if signatures is not known:
            known, count = signatures, 0
        seen.update(signature.template for signature in signatures[count:])
        count = len(signatures)
        if len(seen) > 2 * MOST_TEMPLATES:
            seen = _smallest(seen)
        size += batch.byte_count
        if size <= _MOST_KEPT:
            kept.append(piece)
        else:
            kept.clear()
    if size > _MOST_KEPT:
        return _smallest(seen), examine(plan, problems, noter)
    problems += found
    return _smallest(seen), kept


def _smallest(templates: set[str]) -> set[str]:
    if len(templates) <= MOST_TEMPLATES:
        return templates
    return set(sorted(templates, key=lambda text: (hash_text(text), text))[:MOST_TEMPLATES])
